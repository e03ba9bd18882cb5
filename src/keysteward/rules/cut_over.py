"""How far has a new key taken the place of an old one, and is it safe to retire that yet?"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple

from keysteward.rules.policy import Policy
from keysteward.rules.words import many

SHOWN_DAYS = 30
MOVED_WITHIN = timedelta(days=7)
_DAY = timedelta(days=1)


class Quiet(NamedTuple):
    """How quiet a key is: its last call, since when it is there, and its refresh tokens that are alive."""

    last_at: datetime | None
    since: datetime
    refresh_tokens: int = 0
    refresh_until: datetime | None = None


class Day(NamedTuple):
    """The calls of one day (UTC), with both keys."""

    day: date
    old: int
    new: int


def days_of(old: Mapping[date, int], new: Mapping[date, int], now: datetime) -> tuple[Day, ...]:
    """The calls of each day with both keys, oldest first, days without any included."""
    last = now.date()
    shown = (last - _DAY * back for back in range(SHOWN_DAYS - 1, -1, -1))
    return tuple(Day(day, old.get(day, 0), new.get(day, 0)) for day in shown)


def percent_moved(days: tuple[Day, ...], now: datetime) -> int | None:
    """How much of the calls of the last seven days came with the new key; None where nobody called."""
    since = (now - MOVED_WITHIN).date()
    late = [day for day in days if day.day > since]
    old, new = sum(day.old for day in late), sum(day.new for day in late)
    return 100 * new // (old + new) if old + new else None


def is_quiet_for(quiet: Quiet, span: timedelta, now: datetime) -> bool:
    """Whether nobody called with a key for so long; one that was never called counts from its first day."""
    return now - (quiet.last_at or quiet.since) >= span


def why_not_safe(quiet: Quiet, now: datetime, policy: Policy) -> tuple[str, ...]:
    """Why it is not safe yet to retire a key; nothing where it is."""
    found, span = [], policy.quiet_before_retiring
    if quiet.last_at is not None and not is_quiet_for(quiet, span, now):
        found.append(
            f"It was called with on {_day(quiet.last_at)}; it is safe after {span.days} days without a call, which is "
            f"on {_day(quiet.last_at + span)} if nobody calls until then."
        )
    if quiet.refresh_tokens and quiet.refresh_until is not None:
        alive = many(quiet.refresh_tokens, "of its refresh tokens is", "of its refresh tokens are")
        found.append(f"{alive} alive, the last until {_day(quiet.refresh_until)}: somebody may still come with it.")
    return tuple(found)


def _day(at: datetime) -> str:
    return f"{at:%-d %B %Y}"
