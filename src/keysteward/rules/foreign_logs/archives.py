"""What does a ZIP of request logs hold?

It is read in memory and never unpacked to a disk, so its names lead nowhere. What it says of its sizes is not believed.
"""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator

from keysteward.rules.foreign_logs import request_texts
from keysteward.rules.foreign_logs.sightings import Sighting, Unreadable

SIGNS = (b"PK\x03\x04", b"PK\x05\x06")
MOST_BYTES = 256 * 2**20
MOST_ENTRIES = 1_000
MOST_ENTRY_BYTES = 32 * 2**20
MOST_UNPACKED_BYTES = 512 * 2**20
_NESTED = re.compile(r"\.(?:zip|gz|tgz|7z|rar|bz2|xz|zst|tar|jar)\Z", re.IGNORECASE)
_PACKED = (*SIGNS, b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"BZh", b"\xfd7zXZ")
_PLAIN = re.compile(r"[A-Za-z0-9_.-]{1,120}")
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_AGAIN = "Download it again: *Download logs*, or the Diagnostics API with `Accept: application/zip`."
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    struct.error,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OSError,
)


def read(content: bytes, file: str, number: int) -> Iterator[Sighting | Unreadable]:
    """The calls of a ZIP, in the order of its names, and what is wrong with other entries. Raises Unreadable."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except _BROKEN:
        raise Unreadable(file, "the ZIP is cut short or damaged", _AGAIN) from None
    with archive:
        entries = [entry for entry in archive.infolist() if not _is_litter(entry)]
        if len(entries) > MOST_ENTRIES:
            raise Unreadable(file, f"it holds more than {MOST_ENTRIES:,} entries", "A request log has 50.")
        left = MOST_UNPACKED_BYTES
        for place, entry in enumerate(sorted(entries, key=_order), start=1):
            name = shown(entry.filename, place)
            where = f"{file}: {name}"
            try:
                text = _content(archive, entry, where, min(left, MOST_ENTRY_BYTES))
                left -= len(text)
                yield request_texts.read(text, where, (number, place, name))
            except Unreadable as unreadable:
                yield unreadable


def shown(unverified_name: str, place: int) -> str:
    """The name of an entry as it may be shown; its number where that is no plain name."""
    name = re.split(r"[/\\]", unverified_name)[-1]
    return name if _PLAIN.fullmatch(name) else f"entry {place}"


def _is_litter(entry: zipfile.ZipInfo) -> bool:
    """What some programs add of their own, and folders."""
    return (
        entry.is_dir() or entry.filename.startswith("__MACOSX/") or entry.filename.endswith((".DS_Store", "Thumbs.db"))
    )


def _order(entry: zipfile.ZipInfo) -> tuple[int, str]:
    name = request_texts.name_of(entry.filename)
    return (name.number if name else MOST_ENTRIES * 1_000, entry.filename)


def _content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, where: str, most: int) -> bytes:
    if entry.flag_bits & 1:
        raise Unreadable(where, "it is encrypted", "Unpack it with its password, and name the text files.")
    if entry.compress_type not in _METHODS:
        raise Unreadable(where, "it is packed in an unusual way", "Unpack it, and name the text files.")
    try:
        with archive.open(entry) as opened:
            text = opened.read(most + 1)
    except _BROKEN:
        raise Unreadable(where, "it is cut short or damaged", _AGAIN) from None
    if len(text) > most:
        raise Unreadable(where, "it unpacks to more than a request log ever is", "Name the ZIP that was downloaded.")
    if _NESTED.search(entry.filename) or text.startswith(_PACKED):
        raise Unreadable(where, "it is an archive within the archive", "Unpack it first, and name what was in it.")
    if text.lstrip().startswith(b"{"):
        raise Unreadable(where, "it is no request log, but JSON", "Unpack it, and name the file itself.")
    return text
