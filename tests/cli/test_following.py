"""Is every line of a log read, whatever becomes of its file meanwhile?"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from keysteward.cli.following import Log


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the log is."""
    return tmp_path / "access.log"


@pytest.fixture
def start(path: Path) -> Iterator[Callable[[], Log]]:
    """Opens the log as a program finds it that starts anew."""
    logs: list[Log] = []

    def opened() -> Log:
        logs.append(Log(path, path.with_name("access.log.position")))
        return logs[-1]

    yield opened
    for log in logs:
        log.close()


def write(path: Path, *lines: str, end: str = "\n") -> None:
    """Append lines."""
    with path.open("a") as file:
        file.write("\n".join(lines) + end)


def rest(log: Log, *, keep: bool = True) -> list[str]:
    """All that is new, in the order it is read, acknowledged or not."""
    found: list[str] = []
    while lines := log.read(2, linger_seconds=0).lines:
        found += [line.decode().strip() for line in lines]
        if keep:
            log.keep()
    return found


def test_lines_are_read_once_across_restarts(path: Path, start: Callable[[], Log]) -> None:
    """What was acknowledged is not read again; what was not, is."""
    write(path, "1", "2", "3")
    assert rest(start()) == ["1", "2", "3"]
    write(path, "4", "5")
    assert rest(start(), keep=False) == ["4", "5"]
    assert rest(start()) == ["4", "5"]
    assert rest(start()) == []


def test_a_line_is_read_once_it_is_whole(path: Path, start: Callable[[], Log]) -> None:
    """A line that is being written is left until its end is there."""
    write(path, "1", "hal", end="")
    log = start()
    assert rest(log) == ["1"]
    write(path, "f")
    assert rest(log) == ["half"]


def test_a_log_that_is_not_there_yet_is_waited_for(path: Path, start: Callable[[], Log]) -> None:
    """The gateway may start later."""
    log = start()
    assert rest(log) == []
    write(path, "1")
    assert rest(log) == ["1"]


def test_rotation_loses_nothing(path: Path, start: Callable[[], Log]) -> None:
    """The renamed file is read to its end, then the new one from its beginning."""
    write(path, "1", "2")
    log = start()
    assert rest(log) == ["1", "2"]
    write(path, "3")
    path.rename(path.with_name("access.log.1"))
    write(path, "4")

    assert rest(log) == ["3", "4"]


def test_rotations_while_nobody_reads_lose_nothing(path: Path, start: Callable[[], Log]) -> None:
    """After a restart it goes on in the file that was read last, and in all that were begun since."""
    write(path, "1", "2")
    assert start().read(1).lines == [b"1\n"]
    log = start()
    log.read(1)
    log.keep()
    for number, line in ((2, "3"), (1, "4")):
        renamed = path.rename(path.with_name(f"access.log.{number}"))
        os.utime(renamed, (1_000 - number, 1_000 - number))
        write(path, line)

    assert rest(start()) == ["2", "3", "4"]


def test_late_writers_are_waited_for(path: Path, start: Callable[[], Log]) -> None:
    """A process that has not heard of the rotation yet may still write to the renamed file."""
    write(path, "1")
    log = start()
    rest(log)
    renamed = path.rename(path.with_name("access.log.1"))
    write(path, "3")
    assert log.read(2).lines == []
    write(renamed, "2")
    assert log.read(2).lines == [b"2\n"]

    assert log.read(2, linger_seconds=0).lines == [b"3\n"]


def test_a_log_that_is_cut_begins_anew(path: Path, start: Callable[[], Log]) -> None:
    """Some rotate by copying the file and cutting it to nothing."""
    write(path, "1", "2", "3")
    log = start()
    rest(log)
    path.write_text("")
    write(path, "4")

    assert rest(log) == ["4"]


def test_another_file_in_its_place_is_another_file(path: Path, start: Callable[[], Log]) -> None:
    """It is read from its beginning, though it is longer; and it is said that the first one is gone."""
    write(path, "1", "2")
    rest(start())
    path.write_text("")
    write(path, "5", "6", "7", "8")
    log = start()

    assert rest(log) == ["5", "6", "7", "8"]
    assert log.is_lost


def test_a_position_that_cannot_be_read_is_none(path: Path, start: Callable[[], Log]) -> None:
    """Then the log is read again from its beginning: what was told before is known."""
    write(path, "1")
    path.with_name("access.log.position").write_text("garbage")

    assert rest(start()) == ["1"]
