"""Which calls does a file tell of, whatever kind it is?"""

from collections.abc import Iterable, Iterator

from keysteward.rules.foreign_logs import access_lines, archives, hars, own_lines, request_texts
from keysteward.rules.foreign_logs.lines import Line, lines_of
from keysteward.rules.foreign_logs.sightings import File, Sighting, Unreadable

_MOST_BYTES = {
    "request logs": archives.MOST_BYTES,
    "request log": archives.MOST_ENTRY_BYTES,
    "HAR": hars.MOST_BYTES,
}
SKIP = "Say --skip-unreadable to judge without it; the verdict is provisional then."


def sightings(file: File, chunks: Iterable[bytes], *, skips: bool) -> Iterator[Sighting]:
    """The calls of a file, given its bytes, unpacked; the file is told what was met. Raises Unreadable.

    What cannot be read within it ends the reading, unless that `skips`.
    """
    for found in _found(file, chunks):
        if isinstance(found, Sighting):
            file.calls += 1
            yield found
        elif not skips:
            raise Unreadable(found.where, found.sentence, f"{found.next_step} {SKIP}")
        else:
            file.unread += 1


def _found(file: File, chunks: Iterable[bytes]) -> Iterator[Sighting | Unreadable]:
    if file.kind == "request logs":
        return archives.read(_whole(file, chunks), file.name, file.number)
    if file.kind == "request log":
        return iter([request_texts.read(_whole(file, chunks), file.name, (file.number, 1, file.name))])
    if file.kind == "HAR":
        return hars.read(_whole(file, chunks), file.name, file.number)
    return _of_lines(file, lines_of(chunks))


def _whole(file: File, chunks: Iterable[bytes]) -> bytes:
    found, most = bytearray(), _MOST_BYTES[file.kind]
    for chunk in chunks:
        found += chunk
        if len(found) > most:
            raise Unreadable(
                file.name, f"it is larger than {most // 2**20} MiB, the most that is read of this kind", "Record less."
            )
    return bytes(found)


def _of_lines(file: File, lines: Iterable[Line]) -> Iterator[Sighting | Unreadable]:
    for line in lines:
        if not line.text.strip():
            continue
        try:
            found = _of_line(file, line)
        except Unreadable as unreadable:
            if line.is_last:
                file.is_cut = True
            else:
                yield unreadable
        else:
            if found is not None:
                yield found


def _of_line(file: File, line: Line) -> Sighting | None:
    """The call of a line; None where it tells of none."""
    fields = access_lines.fields_of(line, file.name)
    place = (file.number, line.number)
    if file.kind == "calls":
        return own_lines.read(fields, f"{file.name}, line {line.number}", place)
    try:
        found = access_lines.read(fields, place)
    except access_lines.NoCall as none:
        file.others += 1
        file.endings += none.says_ending
        return None
    file.is_checked |= "decision" in fields
    return found
