"""Does the twin's clock say what it was told?"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from keysteward.twin.clock import TwinClock

DAY = 86_400.0


def machine_between(before: datetime, clock: TwinClock) -> bool:
    """Whether a clock that was set a day ahead says a moment between two readings of the machine's."""
    return before <= clock() - timedelta(days=1) <= datetime.now(UTC)


def test_a_new_clock_is_the_machines(tmp_path: Path) -> None:
    """Without a file the offset is nothing, and none is written by reading."""
    clock, before = TwinClock(tmp_path / "clock.json"), datetime.now(UTC)

    assert before <= clock() <= datetime.now(UTC)
    assert clock.offset_seconds == 0
    assert list(tmp_path.iterdir()) == []


def test_a_moved_clock_keeps_running(tmp_path: Path) -> None:
    """It is ahead of the machine by the offset, and goes on from there."""
    clock, before = TwinClock(tmp_path / "clock.json"), datetime.now(UTC)
    clock.move(DAY)

    assert machine_between(before, clock)
    assert clock() <= clock()


def test_a_moved_clock_survives(tmp_path: Path) -> None:
    """Another clock on the same file is ahead by the same offset, and the file is its owner's alone."""
    file, before = tmp_path / "clock.json", datetime.now(UTC)
    TwinClock(file).move(DAY)

    assert machine_between(before, TwinClock(file))
    assert oct(file.stat().st_mode) == oct(0o100600)


@pytest.mark.parametrize("offset", [-60 * 365 * DAY, 7_000 * 365 * DAY, 1e300, float("inf")])
def test_a_time_that_no_calendar_has_is_refused(tmp_path: Path, offset: float) -> None:
    """The clock stays between 1971 and 9000, and a refused move changes nothing."""
    clock = TwinClock(tmp_path / "clock.json")
    clock.move(DAY)

    with pytest.raises(OverflowError):
        clock.move(offset)

    assert clock.offset_seconds == TwinClock(tmp_path / "clock.json").offset_seconds == DAY
