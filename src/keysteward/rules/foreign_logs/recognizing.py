"""What is a file, by how it begins?"""

from typing import Any

import msgspec

from keysteward.rules.foreign_logs import archives, own_lines, request_texts
from keysteward.rules.foreign_logs.sightings import Kind, Unreadable

HEAD_BYTES = 65_536
_WIDE = (b"\xff\xfe", b"\xfe\xff")
_NEXT_STEP = (
    "Name a ZIP of request logs, one of them as text, a HAR, a JSON access log, or calls of Keysteward as lines."
)


def kind_of(head: bytes, file: str, *, is_all: bool) -> Kind:
    """What a file is, by its first bytes, unpacked. `is_all` says that there are no more. Raises Unreadable."""
    if head.startswith(archives.SIGNS):
        return "request logs"
    if not head.strip():
        raise Unreadable(file, "it is empty", _NEXT_STEP)
    if request_texts.looks_like_one(head):
        return "request log"
    if head.startswith(_WIDE):
        raise Unreadable(file, "it is UTF-16", "Save it as UTF-8.")
    if b"\0" in head:
        raise Unreadable(file, "it is neither text nor a ZIP", _NEXT_STEP)
    return _kind_of_json(head.removeprefix(b"\xef\xbb\xbf").lstrip(), file, is_all=is_all)


def _kind_of_json(head: bytes, file: str, *, is_all: bool) -> Kind:
    first, has_more, _ = head.partition(b"\n")
    fields = _object(first)
    if fields is not None:
        return "HAR" if "log" in fields and len(fields) == 1 else "calls" if own_lines.is_one(fields) else "access log"
    if head.startswith(b"{") and b'"log"' in head and (b'"entries"' in head or b'"creator"' in head):
        return "HAR"
    if b"{" in first and (has_more or is_all):
        return "access log"
    if b"{" in first and not has_more:
        raise Unreadable(file, f"its first line is longer than {HEAD_BYTES // 1024} KiB", _NEXT_STEP)
    raise Unreadable(file, "it is none of the logs that are known", _NEXT_STEP)


def _object(line: bytes) -> dict[str, Any] | None:
    try:
        found = msgspec.json.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
