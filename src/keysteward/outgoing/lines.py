"""How are lines added to a file outside of the database, so that they are there when the power fails?

The file only grows, so it may be one that the operating system lets nobody change. A line that was cut off by a
failure stays, and a new one begins after it.
"""

import os
from collections.abc import Iterable
from pathlib import Path

_TAIL_BYTES = 1_048_576


class Unwritable(Exception):
    """The file cannot be read or written. The message is for whoever named it."""


def last_line(file: Path) -> str:
    """The last whole line; empty where there is none yet."""
    try:
        with file.open("rb") as opened:
            opened.seek(max(0, opened.seek(0, os.SEEK_END) - _TAIL_BYTES))
            whole = opened.read().rpartition(b"\n")[0]
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise _unwritable(error) from None
    return whole.rpartition(b"\n")[2].decode("utf-8", "replace")


def append(file: Path, lines: Iterable[str]) -> None:
    """Add lines; when this returns they are on the disk."""
    try:
        is_new = not file.exists()
        descriptor = os.open(file, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "ab") as opened:  # buffered: unlike a single write it never stops halfway in silence
            opened.write(_start(descriptor) + "".join(f"{line}\n" for line in lines).encode())
            opened.flush()
            os.fsync(descriptor)
        if is_new:
            _keep_name(file.parent)
    except OSError as error:
        raise _unwritable(error) from None


def _keep_name(folder: Path) -> None:
    """Without this a new file may be nameless after the power failed."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _start(descriptor: int) -> bytes:
    """What ends a line that was cut off."""
    size = os.fstat(descriptor).st_size
    return b"\n" if size and os.pread(descriptor, 1, size - 1) != b"\n" else b""


def _unwritable(error: OSError) -> Unwritable:
    return Unwritable(error.strerror or type(error).__name__)
