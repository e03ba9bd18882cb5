"""What does `keysteward audit` do with files: the copy of the checkpoints, and a history that is taken along?"""

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO, NoReturn

import typer
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from keysteward.actions import audit_export
from keysteward.actions.audit_export import Damaged
from keysteward.cli.options import complaints, stop
from keysteward.store.database import Database

_BROKEN, _MISUSED = 1, 2


class CopiedLines:
    """The lines of some copies, as often as they are asked for. One that was cut off stands whole on the next line."""

    def __init__(self, files: list[Path]) -> None:
        self._files = files

    def __iter__(self) -> Iterator[str]:
        """Each line, without its end."""
        for file in self._files:
            yield from self._lines(file)

    def _lines(self, file: Path) -> Iterator[str]:
        try:
            with file.open(encoding="utf-8", errors="replace") as opened:
                lines = (line.strip() for line in opened)
                whole = _with_end(line for line in lines if line)
                yield from (line for line, after in pairwise(whole) if not after.startswith(line) or after == line)
        except OSError:
            stop_verifying(f"{file} cannot be read.", "Check its name and permissions.")


def progress() -> Progress:
    """A bar with the rate and the time that is left."""
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Rate(), TimeElapsedColumn(),
        TextColumn("left:"), TimeRemainingColumn(), console=complaints, transient=True,
    )  # fmt: skip


class _Rate(ProgressColumn):
    """How many events a second."""

    def render(self, task: Task) -> Text:
        """The rate of the last seconds."""
        return Text(f"{task.speed:,.0f}/s" if task.speed else "", style="progress.data.speed")


def write_new(file: Path, begin: Callable[[], Iterable[bytes]]) -> None:
    """Write a new file, which only its owner reads; whatever fails on the way leaves none."""
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        _stop_writing(f"{file} cannot be written: {error.strerror}.", "Name a new file in a folder that is there.")
    try:
        with os.fdopen(descriptor, "wb") as opened:
            for piece in begin():
                opened.write(piece)
            opened.flush()
            os.fsync(opened.fileno())
    except BaseException:
        file.unlink()
        raise


@contextmanager
def unpacked(file: Path) -> Iterator[Database]:
    """A history that was taken along, as a database that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="keysteward-audit-") as folder, _opened(file) as lines:
        database = _unpack(file, lines, Path(folder) / "history.db")
        try:
            yield database
        finally:
            database.close()


def _unpack(file: Path, lines: Iterable[bytes], place: Path) -> Database:
    try:
        return audit_export.unpack(lines, place)
    except Damaged as error:
        sentence = f"{file} {error}."
        stop(sentence, "Take the history along anew, and compare.", done="Broken.", status=_BROKEN)


@contextmanager
def _opened(file: Path) -> Iterator[BinaryIO]:
    try:
        opened = file.open("rb")
    except OSError:
        stop_verifying(f"{file} cannot be read.", "Check its name and permissions.")
    with opened:
        yield opened


def stop_verifying(sentence: str, next_step: str) -> NoReturn:
    """End without a verdict."""
    stop(sentence, next_step, done="Not verified.", status=_MISUSED)


def _stop_writing(sentence: str, next_step: str) -> NoReturn:
    stop(sentence, next_step, done="Nothing was written.", status=_MISUSED)


def _with_end(lines: Iterable[str]) -> Iterator[str]:
    yield from lines
    yield "\n"


def say_written(file: Path) -> None:
    """What was done, and what to do with it."""
    typer.echo(f"The whole history is in {escape(str(file))}. Verify it with: keysteward audit verify --file {file}")
