"""How soon is the same read again, and how near do the calls of a key come to the limits of production?"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from keysteward.rules.limits import LATE
from keysteward.rules.packs import Gap, names, span
from keysteward.rules.policy import Policy
from keysteward.rules.refusals import BURST_LIMIT, HOURLY_LIMIT

Nearness = Literal["good", "look", "bad"]

PACE_SHOWN_FOR = timedelta(days=7)
REFUSED_BY_LIMIT = frozenset({HOURLY_LIMIT.error_code, BURST_LIMIT.error_code})
_HOUR = timedelta(hours=1)
_NEAR = 0.8


class Sight(NamedTuple):
    """What is looked at of many calls, where the whole call is looked at of few."""

    sequence: int
    at: datetime
    account: str
    method: str
    url: str
    url_digest: str
    operation: str
    status: int
    error_code: str
    countable: bool
    polled: bool

    @property
    def passed(self) -> bool:
        """A call that a limit refused counts towards no limit."""
        return self.error_code not in REFUSED_BY_LIMIT


class Read(NamedTuple):
    """One read of a polled resource, and how long after the one before it. None where that one is not known."""

    sequence: int
    at: datetime
    after: timedelta | None
    too_soon: bool


@dataclass(frozen=True, slots=True)
class Timeline:
    """The reads of one polled resource, oldest first, and from when on it may be read again."""

    method: str
    url: str
    reads: tuple[Read, ...]
    free_from: datetime

    @property
    def violations(self) -> int:
        """How many of its reads came too soon."""
        return sum(read.too_soon for read in self.reads)


class HourSum(NamedTuple):
    """The calls of a key in one clock hour, in one account."""

    hour: datetime
    account: str
    calls: int


@dataclass(frozen=True, slots=True)
class Peak:
    """The most calls of a key in a window of one account, beside the limit there; None where there was no call.

    `at_least` says that there were more calls than were looked at.
    """

    name: Literal["hourly", "burst"]
    calls: int
    limit: int
    since: datetime | None
    window: timedelta
    at_least: bool = False

    @property
    def verdict(self) -> Nearness:
        """Beyond the limit calls are refused; near it somebody should look, for all apps of an account share it."""
        if self.calls > self.limit:
            return "bad"
        return "look" if self.calls > self.limit * _NEAR else "good"


def timelines(sights: Iterable[Sight], policy: Policy) -> tuple[Timeline, ...]:
    """The polled resources among some calls: those read too soon first, then the latest read; calls in any order."""
    reads: defaultdict[str, list[Sight]] = defaultdict(list)
    for sight in sorted(sights):
        if sight.polled and sight.countable:
            reads[sight.url_digest].append(sight)
    found = [_timeline(same, gap_of(same[-1].operation, policy)) for same in reads.values()]
    return tuple(sorted(found, key=lambda each: (each.violations == 0, -each.reads[-1].sequence)))


def gap_of(operation: str, policy: Policy) -> timedelta:
    """How long a resource must not be read again: what the policy says, or a pack of it where that is longer."""
    asked = [rule for pack in policy.packs for rule in pack.rules if isinstance(rule, Gap)]
    return max([policy.polling_gap, *(span(rule.gap) for rule in asked if names(rule.operations, operation))])


def resting(found: Iterable[Timeline], now: datetime) -> tuple[Timeline, ...]:
    """The resources that may not be read again yet, the next to be free first."""
    return tuple(sorted((each for each in found if each.free_from > now), key=lambda each: each.free_from))


def busiest_burst(sights: Iterable[Sight], policy: Policy) -> Peak:
    """The fullest burst window among some calls: one opens with the first call after the last one closed."""
    most, since, opened = 0, None, dict[str, tuple[datetime, int]]()
    for sight in sorted(sights):
        if not sight.passed:
            continue
        begins, count = opened.get(sight.account, (sight.at, 0))
        if not begins - LATE <= sight.at < begins + policy.burst_window:
            begins, count = sight.at, 0
        opened[sight.account] = begins, count + 1
        if count + 1 > most:
            most, since = count + 1, begins
    return Peak("burst", most, policy.burst_calls_production, since, policy.burst_window)


def busiest_hour(sums: Iterable[HourSum], unsummed: Sequence[Sight], policy: Policy, *, at_least: bool) -> Peak:
    """The fullest clock hour in one account: what was summed, and the calls that were not yet."""
    hours: defaultdict[tuple[datetime, str], int] = defaultdict(int)
    for each in sums:
        hours[each.hour, each.account] += each.calls
    for sight in unsummed:
        if sight.passed:
            hours[_hour_of(sight.at), sight.account] += 1
    since, most = max(((hour, calls) for (hour, _), calls in hours.items()), key=lambda each: (each[1], each[0]),
                      default=(None, 0))  # fmt: skip
    return Peak("hourly", most, policy.hourly_calls, since, _HOUR, at_least)


def _timeline(same: list[Sight], gap: timedelta) -> Timeline:
    before: datetime | None = None
    reads = list[Read]()
    for sight in same:
        after = None if before is None else sight.at - before
        reads.append(Read(sight.sequence, sight.at, after, after is not None and abs(after) < gap))
        before = sight.at
    return Timeline(same[-1].method, same[-1].url, tuple(reads), same[-1].at + gap)


def _hour_of(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)
