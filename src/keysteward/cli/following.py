"""How is a log read to its end and beyond: across rotations and restarts, each line at least once?

How far it was read stands in a file beside it, which is written once the lines are acknowledged.
"""

import hashlib
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import IO, NamedTuple

import msgspec

LINGER_SECONDS = 5.0  # writers keep a renamed file open until they are told to open the new one
_MOST_LINE_BYTES = 65_536
_PACKED = frozenset({".gz", ".bz2", ".xz", ".zst", ".new"})


class Position(msgspec.Struct, frozen=True):
    """How far a log was read: which file, how many bytes of it, and the digest and length of the last line."""

    inode: int
    offset: int
    last_digest: str = ""
    last_bytes: int = 0


class Lines(NamedTuple):
    """Whole lines of one file, and where the first of them begins."""

    lines: list[bytes]
    file: Path
    offset: int


class Log:
    """A log that is appended to, and from time to time renamed or cut to nothing."""

    def __init__(self, path: Path, position_file: Path) -> None:
        self._path = path
        self._position_file = position_file
        self._kept = _read_position(position_file)
        self._file: IO[bytes] | None = None
        self._name = path
        self._position = self._kept
        self._idle_since: float | None = None
        self.is_lost = False

    def read(self, most: int, linger_seconds: float = LINGER_SECONDS) -> Lines:
        """The next whole lines, at most so many; none where there is nothing new. A renamed file is left only after
        it was silent for some seconds, for late writers.
        """
        file = self._file or self._open(self._begin())
        if file is None or self._position is None:
            return Lines([], self._path, 0)
        self._notice_cut(file)
        offset = self._position.offset
        lines = _whole_lines(file, offset, most)
        if lines:
            self._idle_since = None
            self._advance(lines)
            return Lines(lines, self._name, offset)
        if self._is_behind() and self._lingered(linger_seconds):
            self._open(self._next())
            return self.read(most, linger_seconds)
        return Lines([], self._name, offset)

    def keep(self) -> None:
        """Remember that all that was read is acknowledged."""
        if self._position is None or self._position == self._kept:
            return
        draft = self._position_file.with_name(self._position_file.name + ".new")
        draft.write_bytes(msgspec.json.encode(self._position))
        draft.replace(self._position_file)
        self._kept = self._position

    def behind_bytes(self) -> int:
        """How much of the file that is being read was not read yet."""
        if self._file is None or self._position is None:
            return 0
        return max(0, _size(self._file) - self._position.offset)

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()

    def _begin(self) -> Path | None:
        """The file to begin with: the one that was read last, wherever it is now."""
        if self._position is None:
            return self._path if self._path.exists() else None
        found = next((each for each in self._files() if _is_where(each, self._position)), None)
        if found is None:
            self.is_lost = bool(self._kept)
            self._position = None
            return self._files()[0] if self._files() else None
        return found

    def _next(self) -> Path | None:
        """The file that was begun after the one that is being read."""
        files = self._files()
        inodes = [each.stat().st_ino for each in files]
        inode = self._position.inode if self._position else 0
        at = inodes.index(inode) + 1 if inode in inodes else len(files) - 1
        self._position = None
        return files[min(at, len(files) - 1)] if files else None

    def _files(self) -> list[Path]:
        """The log and what it was renamed to, oldest first; compressed ones are past reading."""
        found: dict[Path, float] = {}
        for each in self._path.parent.glob(self._path.name + "*"):
            if each.suffix not in _PACKED and each != self._position_file:
                with suppress(FileNotFoundError):  # the oldest may go while we look
                    found[each] = each.stat().st_mtime
        renamed = sorted(found.keys() - {self._path}, key=found.__getitem__)
        return [*renamed, *(each for each in found if each == self._path)]

    def _open(self, path: Path | None) -> IO[bytes] | None:
        self.close()
        self._file, self._idle_since = None, None
        if path is None:
            return None
        self._file, self._name = path.open("rb"), path
        if self._position is None:
            self._position = Position(_inode(self._file), 0)
        return self._file

    def _notice_cut(self, file: IO[bytes]) -> None:
        """A file that became shorter was cut to nothing, and begins anew."""
        if self._position and _size(file) < self._position.offset:
            self._position = Position(self._position.inode, 0)

    def _advance(self, lines: list[bytes]) -> None:
        if self._position:
            digest, size = hashlib.sha256(lines[-1]).hexdigest(), len(lines[-1])
            offset = self._position.offset + sum(map(len, lines))
            self._position = Position(self._position.inode, offset, digest, size)

    def _is_behind(self) -> bool:
        """Whether another file has the log's name now."""
        try:
            return self._position is not None and self._path.stat().st_ino != self._position.inode
        except FileNotFoundError:
            return False

    def _lingered(self, seconds: float) -> bool:
        now = time.monotonic()
        self._idle_since = self._idle_since or now
        return now - self._idle_since >= seconds


def _read_position(file: Path) -> Position | None:
    try:
        return msgspec.json.decode(file.read_bytes(), type=Position)
    except (FileNotFoundError, msgspec.MsgspecError):
        return None


def _is_where(path: Path, position: Position) -> bool:
    """Whether a file is the one that was read so far, and not another one that came to its place."""
    with path.open("rb") as file:
        if _inode(file) != position.inode or _size(file) < position.offset:
            return False
        file.seek(position.offset - position.last_bytes)
        last = file.read(position.last_bytes)
    return not position.last_bytes or hashlib.sha256(last).hexdigest() == position.last_digest


def _whole_lines(file: IO[bytes], offset: int, most: int) -> list[bytes]:
    file.seek(offset)
    lines: list[bytes] = []
    while len(lines) < most and (line := file.readline(_MOST_LINE_BYTES)):
        if not line.endswith(b"\n") and len(line) < _MOST_LINE_BYTES:
            break  # the rest is still to be written
        lines.append(line)
    return lines


def _inode(file: IO[bytes]) -> int:
    return os.fstat(file.fileno()).st_ino


def _size(file: IO[bytes]) -> int:
    return file.seek(0, 2)
