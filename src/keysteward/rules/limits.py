"""How much may an account call, and what do the headers say?

Hours are clock hours. A burst window opens with the first call that passes after the last one closed. A call that a
limit refuses counts in neither, so an app that goes on calling uses up nothing. `store/limits.lua` says the same rule
to Valkey, and a test holds both against one model.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Literal, NamedTuple

from keysteward.rules.policy import Policy
from keysteward.rules.refusals import BURST_LIMIT, HOURLY_LIMIT, INVALID_FIELD, LIMITS_STAY, Refusal
from keysteward.rules.words import Environment

Excess = Literal["hourly", "burst"]

MOST_CALLS = 1_000_000_000
LATE = timedelta(seconds=5)
"""A call that comes so little before its window was slower than others; if it comes earlier, the clock was set back."""

LONGEST_WINDOW = timedelta(hours=1)
"""No window is longer, so counts that lie further back say nothing about now."""


class Limits(NamedTuple):
    """Calls of an account in a clock hour, and in a burst window."""

    hourly: int
    burst: int


class Window(NamedTuple):
    """The calls of an account that passed in a clock hour and in a burst window."""

    hour: datetime
    hourly: int
    burst_from: datetime
    burst: int


@dataclass(frozen=True, slots=True)
class Override:
    """An account's own limits, and who set them why. A number that is None is the policy's.

    Overrides are numbered and stay; the newest applies.
    """

    account: str
    number: int
    hourly: int | None
    burst: int | None
    candidate_hourly: int | None
    candidate_burst: int | None
    reason: str
    made_by: str
    made_at: datetime


class Wish(NamedTuple):
    """What an operator says of an account's limits: a number, 0 for the policy's, None to leave it as it is."""

    hourly: int | None = None
    burst: int | None = None
    candidate_hourly: int | None = None
    candidate_burst: int | None = None


class Measure(NamedTuple):
    """What the calls of an account are held against. A candidate is counted and shown, and refuses nothing."""

    limits: Limits
    candidate: Limits | None
    burst_window: timedelta


class Question(NamedTuple):
    """May an account make a call now? One that does not count only looks."""

    account: str
    now: datetime
    measure: Measure
    counts: bool = True


class Count(NamedTuple):
    """What was found: the windows after the call, the limit that it would exceed, and the candidate's likewise."""

    window: Window
    excess: Excess | None
    candidate_excess: Excess | None = None


class Counters(NamedTuple):
    """What is kept of an account: the calls that passed, and those that would have under the candidate."""

    window: Window | None = None
    candidate: Window | None = None


@lru_cache(maxsize=1024)
def measure(policy: Policy, environment: Environment, override: Override | None = None) -> Measure:
    """The limits that apply to an account, and the candidate that is tried on it, if there is one."""
    burst = policy.burst_calls_demo if environment == "demo" else policy.burst_calls_production
    limits = Limits(policy.hourly_calls, burst)
    tried = Limits(policy.candidate_hourly_calls, policy.candidate_burst_calls)
    if override is not None:
        limits = Limits(override.hourly or limits.hourly, override.burst or limits.burst)
        tried = Limits(override.candidate_hourly or tried.hourly, override.candidate_burst or tried.burst)
    candidate = Limits(tried.hourly or limits.hourly, tried.burst or limits.burst) if any(tried) else None
    return Measure(limits, candidate, policy.burst_window)


def granted(before: Override | None, wish: Wish) -> Wish:
    """The numbers of an account's next override; None where the policy's applies."""
    kept = Wish(*(getattr(before, name) for name in Wish._fields)) if before else Wish()
    for name, number in wish._asdict().items():
        if number is not None and not 0 <= number <= MOST_CALLS:
            raise Refusal(INVALID_FIELD, field=name, reason=f"choose 1 to {MOST_CALLS}, or 0 for the policy's.")
    numbers = Wish(*(old if new is None else new or None for old, new in zip(kept, wish, strict=True)))
    if numbers == kept:
        raise Refusal(LIMITS_STAY)
    return numbers


def count(counters: Counters, question: Question) -> tuple[Counters, Count]:
    """Let a call pass where no limit stands against it, and count it; a question that does not count only looks."""
    measured = question.measure
    window, excess = _one_more(counters.window, question, measured.limits)
    candidate, candidate_excess = counters.candidate, None
    if measured.candidate is not None:
        candidate, candidate_excess = _one_more(counters.candidate, question, measured.candidate)
    found = Count(window, excess, candidate_excess)
    return (Counters(window, candidate), found) if question.counts else (counters, found)


def headers(window: Window, limits: Limits) -> dict[str, str]:
    """The rate-limit headers of an answer; Reset is the epoch second at which the hour ends.

    Source: Docusign, API rules and limits.
    """
    return {
        "X-RateLimit-Limit": str(limits.hourly),
        "X-RateLimit-Remaining": str(max(0, limits.hourly - window.hourly)),
        "X-RateLimit-Reset": _reset(window.hour),
        "X-BurstLimit-Limit": str(limits.burst),
        "X-BurstLimit-Remaining": str(max(0, limits.burst - window.burst)),
    }


def refusal(excess: Excess, measured: Measure, policy: Policy) -> Refusal:
    """What is said to a call that would exceed a limit, with the status that the policy chose."""
    kind, limit = (HOURLY_LIMIT, measured.limits.hourly) if excess == "hourly" else (BURST_LIMIT, measured.limits.burst)
    seconds = int(measured.burst_window.total_seconds())
    return Refusal(replace(kind, status=policy.limit_status), limit=limit, seconds=seconds)


def rolled(window: Window | None, now: datetime, burst_window: timedelta) -> Window:
    """The windows as they stand at a moment: what has closed is empty again."""
    if window is None:
        return Window(_hour_of(now), 0, now, 0)
    hour, hourly, burst_from, burst = window
    is_same_hour = hour - LATE <= now < hour + LONGEST_WINDOW
    is_same_burst = burst and burst_from - LATE <= now < burst_from + burst_window
    if is_same_hour and is_same_burst:
        return window
    return Window(
        hour if is_same_hour else _hour_of(now),
        hourly if is_same_hour else 0,
        burst_from if is_same_burst else now,
        burst if is_same_burst else 0,
    )


def _hour_of(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0)


@lru_cache(maxsize=8)
def _reset(hour: datetime) -> str:
    return str(int((hour + LONGEST_WINDOW).timestamp()))


def _one_more(window: Window | None, question: Question, limits: Limits) -> tuple[Window, Excess | None]:
    current = rolled(window, question.now, question.measure.burst_window)
    hour, hourly, burst_from, burst = current
    if hourly >= limits.hourly:
        return current, "hourly"
    if burst >= limits.burst:
        return current, "burst"
    return (Window(hour, hourly + 1, burst_from, burst + 1) if question.counts else current), None
