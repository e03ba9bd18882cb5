"""Which phase applies at an instant, and which instants lie in a brown-out?"""

from datetime import UTC, datetime, time, timedelta

import pytest

from keysteward.rules.phases import (
    PHASES,
    BrownOut,
    Step,
    Window,
    is_weaker,
    next_step,
    next_window,
    step_at,
    step_of,
    window_at,
)

MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
TICK = timedelta(microseconds=1)
MEASURE, WARN, ALL = Step("measure"), Step("warn", MONDAY), Step("block all", MONDAY + timedelta(days=7))
PLAN = (MEASURE, WARN, ALL)
MONDAYS = (BrownOut(("mon",), (time(9), time(14, 30)), timedelta(minutes=10)),)


@pytest.mark.parametrize(
    ("now", "step", "coming"),
    [
        pytest.param(MONDAY - TICK, MEASURE, WARN, id="the last instant before a date"),
        pytest.param(MONDAY, WARN, ALL, id="the date itself"),
        pytest.param(ALL.since - TICK, WARN, ALL, id="the last instant of the second"),
        pytest.param(ALL.since, ALL, None, id="the end"),
        pytest.param(datetime(1960, 1, 1, tzinfo=UTC), MEASURE, WARN, id="long ago"),
    ],
)
def test_a_phase_applies_from_its_date(now: datetime, step: Step, coming: Step | None) -> None:
    """From the very instant of its date, up to that of the next; the first from ever."""
    assert (step_at(PLAN, now), next_step(PLAN, now)) == (step, coming)


def test_a_plan_may_leave_phases_out() -> None:
    """A phase that is not in the plan has no step."""
    assert [step_of(PLAN, phase) for phase in PHASES] == [MEASURE, WARN, None, None, ALL]


@pytest.mark.parametrize(
    ("now", "begins"),
    [
        pytest.param(MONDAY.replace(hour=9) - TICK, None, id="just before"),
        pytest.param(MONDAY.replace(hour=9), MONDAY.replace(hour=9), id="the first instant"),
        pytest.param(MONDAY.replace(hour=9, minute=10) - TICK, MONDAY.replace(hour=9), id="the last instant"),
        pytest.param(MONDAY.replace(hour=9, minute=10), None, id="the end"),
        pytest.param(MONDAY.replace(hour=14, minute=30), MONDAY.replace(hour=14, minute=30), id="the second hour"),
        pytest.param(MONDAY.replace(hour=9) + timedelta(days=1), None, id="another weekday"),
    ],
)
def test_a_brown_out_has_a_first_instant_and_an_end(now: datetime, begins: datetime | None) -> None:
    """Its first instant is in it, its end is not, and other weekdays have none."""
    window = window_at(MONDAYS, now)

    assert window == (Window(begins, begins + timedelta(minutes=10)) if begins else None)


def test_a_brown_out_may_last_over_midnight() -> None:
    """What began on Sunday at 23:00 for two hours runs on Monday until 01:00."""
    sundays = (BrownOut(("sun",), (time(23),), timedelta(hours=2)),)

    assert window_at(sundays, MONDAY) == Window(MONDAY - timedelta(hours=1), MONDAY + timedelta(hours=1))
    assert window_at(sundays, MONDAY + timedelta(hours=1) - TICK) is not None
    assert window_at(sundays, MONDAY + timedelta(hours=1)) is None


def test_of_two_brown_outs_the_longer_counts() -> None:
    """Where two overlap, calls are refused until the later end."""
    both = (*MONDAYS, BrownOut(("mon",), (time(9),), timedelta(hours=1)))

    assert window_at(both, MONDAY.replace(hour=9)) == Window(MONDAY.replace(hour=9), MONDAY.replace(hour=10))


@pytest.mark.parametrize(
    ("now", "begins"),
    [
        pytest.param(MONDAY, MONDAY.replace(hour=9), id="later today"),
        pytest.param(MONDAY.replace(hour=9), MONDAY.replace(hour=14, minute=30), id="while one runs, the one after it"),
        pytest.param(MONDAY.replace(hour=15), MONDAY.replace(hour=9) + timedelta(days=7), id="in a week"),
    ],
)
def test_the_next_brown_out(now: datetime, begins: datetime) -> None:
    """The one that begins next, a week ahead at most."""
    window = next_window(MONDAYS, now)

    assert window is not None
    assert window.begins == begins


def test_without_windows_there_is_none() -> None:
    """A policy that declares no brown-out has none."""
    assert (window_at((), MONDAY), next_window((), MONDAY)) == (None, None)


@pytest.mark.parametrize(
    ("steps", "than", "weaker"),
    [
        pytest.param(PLAN, PLAN, False, id="the same"),
        pytest.param((Step("block all"),), PLAN, False, id="stricter from ever"),
        pytest.param(PLAN, (Step("block all"),), True, id="opened again"),
        pytest.param((MEASURE, WARN, Step("block all", ALL.since + TICK)), PLAN, True, id="later by a tick"),
        pytest.param((MEASURE, WARN, Step("block all", ALL.since - TICK)), PLAN, False, id="earlier by a tick"),
        pytest.param((MEASURE, Step("block all", ALL.since)), PLAN, True, id="without the warning"),
    ],
)
def test_a_plan_is_weaker_where_it_ever_is(steps: tuple[Step, ...], than: tuple[Step, ...], weaker: bool) -> None:
    """A plan that is at any instant in an earlier phase is weaker."""
    assert is_weaker(steps, than) == weaker
