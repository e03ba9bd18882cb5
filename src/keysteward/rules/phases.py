"""Where does the retirement of legacy authentication stand at an instant?

An environment goes through PHASES in their order, at dates that its policy sets; brown-outs refuse for a while within
the phase that is named after them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Literal, get_args

Phase = Literal["measure", "warn", "brown-out", "block new", "block all"]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

PHASES: tuple[Phase, ...] = get_args(Phase)
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
LONGEST_WINDOW = timedelta(days=1)

_DAY = timedelta(days=1)
_DAYS_AHEAD = 8


@dataclass(frozen=True, slots=True)
class Step:
    """A phase, and the instant from which it applies."""

    phase: Phase
    since: datetime = BEGINNING


@dataclass(frozen=True, slots=True)
class BrownOut:
    """Windows in which legacy calls are refused: on these weekdays, from each of these hours (UTC), for so long."""

    days: tuple[Weekday, ...]
    at: tuple[time, ...]
    length: timedelta


@dataclass(frozen=True, slots=True)
class Window:
    """One brown-out: from its first instant up to, not including, its end."""

    begins: datetime
    ends: datetime


def step_at(steps: Sequence[Step], now: datetime) -> Step:
    """The step that applies at an instant; the first applies from the beginning."""
    begun = [step for step in steps if step.since <= now]
    return begun[-1] if begun else steps[0]


def next_step(steps: Sequence[Step], now: datetime) -> Step | None:
    """The step that comes next, if one does."""
    return next((step for step in steps[1:] if step.since > now), None)


def step_of(steps: Sequence[Step], phase: Phase) -> Step | None:
    """The step into a phase, if the plan has one."""
    return next((step for step in steps if step.phase == phase), None)


def window_at(brown_outs: Sequence[BrownOut], now: datetime) -> Window | None:
    """The brown-out that runs at an instant: its first instant is within it, its end is not."""
    running = (window for window in _windows(brown_outs, now - _DAY, 2) if window.begins <= now < window.ends)
    return max(running, key=lambda window: window.ends, default=None)


def next_window(brown_outs: Sequence[BrownOut], now: datetime) -> Window | None:
    """The brown-out that begins next."""
    coming = (window for window in _windows(brown_outs, now, _DAYS_AHEAD) if window.begins > now)
    return min(coming, key=lambda window: window.begins, default=None)


def is_weaker(steps: Sequence[Step], than: Sequence[Step]) -> bool:
    """Whether a plan is, at any instant, in an earlier phase than another plan is."""
    instants = {BEGINNING, *(step.since for step in (*steps, *than))}
    return any(_rank(step_at(steps, at)) < _rank(step_at(than, at)) for at in instants)


def _rank(step: Step) -> int:
    return PHASES.index(step.phase)


def _windows(brown_outs: Sequence[BrownOut], first: datetime, days: int) -> Iterator[Window]:
    """The windows that begin on the days from that of an instant on."""
    midnight = datetime.combine(first.date(), time(), UTC)
    for day in (midnight + number * _DAY for number in range(days)):
        for brown_out in brown_outs:
            if WEEKDAYS[day.weekday()] in brown_out.days:
                yield from (_window(day, at, brown_out.length) for at in brown_out.at)


def _window(day: datetime, at: time, length: timedelta) -> Window:
    begins = datetime.combine(day.date(), at, UTC)
    return Window(begins, begins + length)
