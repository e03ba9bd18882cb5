"""How is an API used, when calls are counted by the hour and shown by key, user and operation?"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import reduce
from typing import Literal, NamedTuple

from keysteward.rules.refusals import INVALID_FIELD, Refusal

Ended = Literal["all", "succeeded", "failed"]
Dimension = Literal["operation", "user", "account", "key", "sdk"]

HOUR = timedelta(hours=1)
PERIODS: dict[str, timedelta] = {
    "24h": timedelta(hours=24), "7d": timedelta(days=7), "30d": timedelta(days=30), "90d": timedelta(days=90),
}  # fmt: skip
DEFAULT_PERIOD = "7d"
LONGEST = timedelta(days=366)
UNUSED_AFTER = timedelta(days=30)

_WIDTHS = tuple(timedelta(hours=hours) for hours in (1, 3, 6, 12, 24, 48, 168))
_MOST_BARS = 60
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Scope(NamedTuple):
    """Whose calls: one key's, in whichever account, or one account's, of whichever key; never both."""

    key: str = ""
    account: str = ""


class Window(NamedTuple):
    """A span of whole hours, `until` not in it, and how much of it one bar shows."""

    since: datetime
    until: datetime
    width: timedelta


class Asked(NamedTuple):
    """Which calls: a scope, a window, and what they are narrowed to. Empty text narrows nothing; `status` is exact."""

    scope: Scope
    window: Window
    user: str = ""
    operation: str = ""
    ended: Ended = "all"
    status: int = 0


class Tally(NamedTuple):
    """Calls, and how many of them were answered with an error."""

    calls: int = 0
    failed: int = 0

    def plus(self, other: "Tally") -> "Tally":
        """Both together."""
        return Tally(self.calls + other.calls, self.failed + other.failed)


class Hour(NamedTuple):
    """The calls of one clock hour."""

    begins_at: datetime
    tally: Tally


class Bar(NamedTuple):
    """The calls of a part of the window."""

    since: datetime
    until: datetime
    tally: Tally


class Group(NamedTuple):
    """Calls that have something in common, and when the last of them came."""

    name: str
    tally: Tally
    last_at: datetime


class Failure(NamedTuple):
    """Calls of one operation that were answered with one error."""

    operation: str
    status: int
    error_code: str
    calls: int
    last_at: datetime


class Offender(NamedTuple):
    """A resource that was read again too soon: how often, the shortest pause between two reads, the last time."""

    method: str
    url: str
    times: int
    shortest_pause: timedelta
    last_at: datetime


class Part(NamedTuple):
    """One row of the finest counts that are kept: what a download holds."""

    hour: datetime
    key: str
    account: str
    user: str
    operation: str
    status: int
    error_code: str
    sdk: str
    calls: int


def window_of(period: str, now: datetime) -> Window:
    """The newest hours, the present one included; bars begin where their width divides the time since 1970."""
    if period not in PERIODS:
        raise Refusal(INVALID_FIELD, field="period", reason=f"choose one of {', '.join(PERIODS)}.")
    until = _floor(now, HOUR) + HOUR
    return between(until - PERIODS[period], until)


def between(since: datetime, until: datetime) -> Window:
    """The whole hours that hold everything between two moments, at most a year of them."""
    if not timedelta(0) < until - since <= LONGEST:
        raise Refusal(INVALID_FIELD, field="until", reason="choose a time after `since`, at most 366 days later.")
    begins_at, ends_at = _floor(since, HOUR), _ceiling(until, HOUR)
    return Window(begins_at, ends_at, _width(ends_at - begins_at))


def bars(hours: Iterable[Hour], window: Window) -> tuple[Bar, ...]:
    """The whole window in bars, oldest first, empty ones included."""
    begins_at, found = _floor(window.since, window.width), []
    while begins_at < window.until:
        found.append(Bar(max(begins_at, window.since), min(begins_at + window.width, window.until), Tally()))
        begins_at += window.width
    for hour in hours:
        position = (hour.begins_at - _floor(window.since, window.width)) // window.width
        found[position] = found[position]._replace(tally=found[position].tally.plus(hour.tally))
    return tuple(found)


def total(hours: Iterable[Hour]) -> Tally:
    """All of them together."""
    return reduce(Tally.plus, (hour.tally for hour in hours), Tally())


def busiest(hours: Iterable[Hour]) -> Hour | None:
    """The hour with the most calls, the latest of several."""
    return max(hours, key=lambda hour: (hour.tally.calls, hour.begins_at), default=None)


def status_asked(text: str) -> tuple[Ended, int]:
    """What a filter for the status says: nothing, `succeeded`, `failed`, or one number."""
    if not text:
        return "all", 0
    if text in {"succeeded", "failed"}:
        return ("succeeded", 0) if text == "succeeded" else ("failed", 0)
    if len(text) == 3 and text.isascii() and text.isdigit() and text >= "100":
        return "all", int(text)
    raise Refusal(INVALID_FIELD, field="status", reason="choose `succeeded`, `failed` or a status such as 404.")


def is_unused(last_at: datetime | None, now: datetime) -> bool:
    """A key that nobody called with for 30 days."""
    return last_at is None or now - last_at >= UNUSED_AFTER


def row_of(part: Part) -> Sequence[str]:
    """A line of the download."""
    named = (part.key, part.account, part.user, part.operation, str(part.status), part.error_code, part.sdk)
    return [part.hour.strftime("%Y-%m-%dT%H:%M:%SZ"), *named, str(part.calls)]


def _width(span: timedelta) -> timedelta:
    return next((width for width in _WIDTHS if span / width <= _MOST_BARS), _WIDTHS[-1])


def _floor(instant: datetime, width: timedelta) -> datetime:
    return instant - (instant - _EPOCH) % width


def _ceiling(instant: datetime, width: timedelta) -> datetime:
    return _floor(instant - timedelta(microseconds=1), width) + width
