"""What are the lines of a log that may be packed, cut, or hostile?

Nothing here holds more than one chunk and one line at a time.
"""

import zlib
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from keysteward.rules.foreign_logs.sightings import Unreadable

GZIP = b"\x1f\x8b"
MOST_LINE_BYTES = 1_048_576
MOST_UNPACKED_BYTES = 8 * 2**30
_AT_ONCE = 2**20
_WITH_HEADER = 31  # zlib's sign for gzip


class Line(NamedTuple):
    """A line without its end. `is_whole` is False where it was too long; `is_last` where the log ends within it."""

    number: int
    text: bytes
    is_whole: bool = True
    is_last: bool = False


def unpacked(chunks: Iterable[bytes], file: str) -> Iterator[bytes]:
    """What gzip packed, in chunks; several packed parts behind one another are one text."""
    reader, total, left = zlib.decompressobj(_WITH_HEADER), 0, b""
    for chunk in chunks:
        left += chunk
        while left:
            text, reader, left = _unpack(reader, left, file)
            total += len(text)
            if total > MOST_UNPACKED_BYTES:
                limit = f"{MOST_UNPACKED_BYTES // 2**30} GiB"
                raise Unreadable(file, f"it unpacks to more than {limit}", "Cut out the days that you want judged.")
            yield text
    if not reader.eof and total:
        raise Unreadable(file, "it is packed and cut short", "Copy it again, or unpack it as far as it goes.")


def _unpack(reader: "zlib._Decompress", packed: bytes, file: str) -> tuple[bytes, "zlib._Decompress", bytes]:
    """The next text, the reader that goes on, and what it has not read yet."""
    try:
        text = reader.decompress(packed, _AT_ONCE)
    except zlib.error:
        raise Unreadable(file, "it is packed and damaged", "Copy it again, or unpack it by hand.") from None
    if not reader.eof:
        return text, reader, reader.unconsumed_tail
    rest = reader.unused_data.lstrip(b"\0")
    return text, zlib.decompressobj(_WITH_HEADER) if rest else reader, rest


def lines_of(chunks: Iterable[bytes]) -> Iterator[Line]:
    """Each line with its number; a line that is too long is cut, and said to be."""
    number, begun, is_skipping = 1, b"", False
    for chunk in chunks:
        *whole, begun = (begun + chunk).split(b"\n")
        for text in whole:
            yield Line(number, text[:MOST_LINE_BYTES], not is_skipping and len(text) <= MOST_LINE_BYTES)
            number, is_skipping = number + 1, False
        if len(begun) > MOST_LINE_BYTES:
            begun, is_skipping = begun[:1], True
    if begun.strip():
        yield Line(number, begun, not is_skipping, is_last=True)
