"""Which files does `keysteward review` read, and how are they read twice?"""

import hashlib
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO, NamedTuple

from keysteward.rules.foreign_logs.lines import GZIP, unpacked
from keysteward.rules.foreign_logs.reading import sightings
from keysteward.rules.foreign_logs.recognizing import HEAD_BYTES, kind_of
from keysteward.rules.foreign_logs.sightings import File, Kind, Sighting, Unreadable

STDIN = "-"
MOST_FILES = 1_000
_AT_ONCE = 2**20
_MOST_STDIN_BYTES = 8 * 2**30
_ORDER: tuple[Kind, ...] = ("calls", "HAR", "request logs", "request log", "access log")

Told = Callable[[int], None]


class Source(NamedTuple):
    """An opened file: what it is, and its bytes, which can be read again."""

    file: File
    opened: IO[bytes]
    is_packed: bool
    size: int


def open_all(names: list[str], stack: ExitStack) -> tuple[list[Source], list[str]]:
    """Open the files, those that say most first; the second list names those that were there before.

    Of the same call in two files the first one counts, so the order matters. Raises Unreadable.
    """
    if len(names) > MOST_FILES:
        raise Unreadable("the files", f"they are more than {MOST_FILES:,}", "Name fewer.")
    opened = [(name, _open(name, stack)) for name in names]
    once, again = _once(opened)
    found = [_source(name, file) for name, file in once]
    found.sort(key=lambda source: _ORDER.index(source.file.kind))
    for number, source in enumerate(found):
        source.file.number = number
    return found, again


def read(source: Source, told: Told, *, skips: bool) -> Iterator[Sighting]:
    """The calls of a file. Raises Unreadable."""
    file = source.file
    chunks = _chunks(source.opened, told)
    return sightings(file, unpacked(chunks, file.name) if source.is_packed else chunks, skips=skips)


def _open(name: str, stack: ExitStack) -> IO[bytes]:
    if name == STDIN:
        return _spooled(stack)
    try:
        if not Path(name).is_file():
            raise Unreadable(name, "there is no such file", "Check its name.")
        return stack.enter_context(Path(name).open("rb"))
    except OSError as error:
        raise Unreadable(name, error.strerror or "it cannot be opened", "Check that you may read it.") from None


def _spooled(stack: ExitStack) -> IO[bytes]:
    """Standard input in a file without a name, for it is read twice."""
    spool = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 — the stack closes it
    left = _MOST_STDIN_BYTES
    while chunk := sys.stdin.buffer.read(_AT_ONCE):
        left -= len(chunk)
        if left < 0:
            raise Unreadable(_shown(STDIN), "it does not end", "Write it to a file, and name that.")
        spool.write(chunk)
    return spool


def _source(name: str, opened: IO[bytes]) -> Source:
    shown = _shown(name)
    size = opened.seek(0, 2)
    head = _head(opened)
    is_packed = head.startswith(GZIP)
    if is_packed:
        head = _head_of_packed(opened, shown)
        if head.startswith(GZIP):
            raise Unreadable(shown, "it is packed twice", "Unpack it first.")
    return Source(File(0, shown, kind_of(head, shown, is_all=len(head) < HEAD_BYTES)), opened, is_packed, size)


def _head(opened: IO[bytes]) -> bytes:
    opened.seek(0)
    return opened.read(HEAD_BYTES)


def _head_of_packed(opened: IO[bytes], shown: str) -> bytes:
    found = b""
    for chunk in unpacked(_chunks(opened, lambda _: None), shown):
        found += chunk
        if len(found) >= HEAD_BYTES:
            break
    return found[:HEAD_BYTES]


def _chunks(opened: IO[bytes], told: Told) -> Iterator[bytes]:
    opened.seek(0)
    while chunk := opened.read(_AT_ONCE):
        told(len(chunk))
        yield chunk


def _once(opened: list[tuple[str, IO[bytes]]]) -> tuple[list[tuple[str, IO[bytes]]], list[str]]:
    """The files without those that are, byte for byte, another one."""
    if len(opened) == 1:
        return opened, []
    kept: dict[str, tuple[str, IO[bytes]]] = {}
    again = []
    for name, file in opened:
        digest = hashlib.sha256()
        for chunk in _chunks(file, lambda _: None):
            digest.update(chunk)
        if kept.setdefault(digest.hexdigest(), (name, file))[1] is not file:
            again.append(_shown(name))
    return list(kept.values()), again


def _shown(name: str) -> str:
    """The name of a file as it may be shown."""
    if name == STDIN:
        return "standard input"
    return "".join(each if each.isprintable() else "�" for each in Path(name).name)
