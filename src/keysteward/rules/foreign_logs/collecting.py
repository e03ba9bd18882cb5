"""Which calls of many does a verdict rest on, however long the logs are?

The logs are read twice. The first time the newest calls of each key are kept, the second time the previous read of each
polled one is looked for. Neither needs more memory for a million lines than for twenty.
"""

import hashlib
import heapq
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

from keysteward.rules.calls import exact_url, is_countable, is_polled, operation_of
from keysteward.rules.foreign_logs.sightings import Sighting, Unreadable
from keysteward.rules.policy import Policy
from keysteward.rules.routes import route_of

UNVERIFIED = "answered 401: its token did not verify, so it is no call of any key"
AFTER_THE_START = "made after the instant that the review would start at"
OF_ANOTHER_KEY = "made with another key"
OF_NOBODY = "says no key, and the logs hold calls of several"
UNCOUNTED_SHOWN = 50
MOST_KEYS = 1_000

_LONG_AGO = datetime.min.replace(tzinfo=UTC)

Order = tuple[datetime, int, int, int]
Identity = tuple[object, ...]


class Standing(NamedTuple):
    """How a sighting counts by the policy."""

    countable: bool
    polled: bool
    why_not: str


def standing_of(sighting: Sighting, policy: Policy) -> Standing:
    """Whether a call counts and polls: as it was recorded where the log is ours, else by the routes of the policy."""
    if (call := sighting.recorded) is not None:
        return Standing(call.countable, call.polled, call.why_not)
    if sighting.why_not:
        return Standing(countable=False, polled=False, why_not=sighting.why_not)
    if sighting.status == 401:
        return Standing(countable=False, polled=False, why_not=UNVERIFIED)
    route = route_of(policy, sighting.path)
    operation = operation_of(sighting.method, sighting.path, route) if policy.packs else ""
    countable, why_not = is_countable(
        route, sighting.status, policy, by_upstream=sighting.by_upstream, operation=operation
    )
    return Standing(countable, is_polled(route, sighting.method, policy, operation), why_not)


def digest_of(sighting: Sighting, policy: Policy) -> str:
    """What makes two reads the same, as the evidence has it."""
    if sighting.recorded is not None:
        return sighting.recorded.url_digest
    any_case = route_of(policy, sighting.path).any_case
    return hashlib.sha256(exact_url(sighting.path, sighting.query or "", any_case=any_case).encode()).hexdigest()


def identity_of(sighting: Sighting) -> Identity | None:
    """What proves that two sightings are of one call; None where nothing could.

    A trace token names one call. Without it the same method, address, status and microsecond in two files is one; to
    the second alone it might be two.
    """
    if sighting.trace:
        return (sighting.trace,)
    if sighting.recorded is not None and sighting.sequence:
        return (sighting.key, sighting.sequence)
    if sighting.at is None or not sighting.at.microsecond:
        return None
    return (sighting.method, sighting.path, sighting.query, sighting.at, sighting.status)


class Newest:
    """The newest so many of all sightings that are offered; the same call in two files once."""

    def __init__(self, most: int) -> None:
        self._most = most
        self.heap: list[tuple[Order, Sighting]] = []
        self._known: dict[Identity, Sighting] = {}
        self.duplicates = 0

    def offer(self, order: Order, sighting: Sighting) -> None:
        """Keep a sighting if it is among the newest so far."""
        if len(self.heap) >= self._most and order < self.heap[0][0]:
            return
        identity = identity_of(sighting)
        if identity is not None:
            if is_same(self._known.get(identity), sighting):
                self.duplicates += 1
                return
            self._known[identity] = sighting
        heapq.heappush(self.heap, (order, sighting))
        if len(self.heap) > self._most:
            _, gone = heapq.heappop(self.heap)
            self._known.pop(identity_of(gone) or (), None)

    def merged(self, other: "Newest") -> "Newest":
        """The newest of both."""
        both = Newest(self._most)
        both.duplicates = self.duplicates + other.duplicates
        for order, sighting in sorted(self.heap + other.heap, key=_preferred):
            both.offer(order, sighting)
        return both

    def listed(self) -> list[Sighting]:
        """The newest, newest first."""
        return [sighting for _, sighting in sorted(self.heap, key=lambda each: each[0], reverse=True)]


def is_same(known: Sighting | None, sighting: Sighting) -> bool:
    """Whether two sightings of one identity are one call: by a trace token always, else in two files."""
    return known is not None and (bool(sighting.trace) or known.file != sighting.file)


@dataclass
class Pile:
    """What was seen of one key; of calls that say no key, under the empty one."""

    countable: Newest
    uncounted: Newest
    reasons: Counter[str] = field(default_factory=Counter)
    calls: int = 0

    def merged(self, other: "Pile") -> "Pile":
        """What was seen of both."""
        return Pile(
            self.countable.merged(other.countable),
            self.uncounted.merged(other.uncounted),
            self.reasons + other.reasons,
            self.calls + other.calls,
        )


class Collector:
    """Sees every call once, and keeps of each key what its verdict rests on.

    Calls stand in the order of their sequence numbers where all logs are our own (`by_sequence`), else of their times.
    """

    def __init__(self, policy: Policy, starts_at: datetime | None, *, by_sequence: bool) -> None:
        self._policy = policy
        self._starts_at = starts_at
        self._by_sequence = by_sequence
        self.piles: dict[str, Pile] = {}

    def see(self, sighting: Sighting) -> None:
        """Take note of a call."""
        pile = self.piles.get(sighting.key)
        if pile is None:
            pile = self._begin(sighting.key)
        pile.calls += 1
        standing = standing_of(sighting, self._policy)
        why_not = standing.why_not if not standing.countable else ""
        if self._starts_at and sighting.at and sighting.at > self._starts_at:
            why_not = AFTER_THE_START
        if why_not or not standing.countable:
            pile.reasons[why_not] += 1
            pile.uncounted.offer(self.order_of(sighting), sighting)
        else:
            pile.countable.offer(self.order_of(sighting), sighting)

    def order_of(self, sighting: Sighting) -> Order:
        """Where a call stands among the others."""
        at = _LONG_AGO if self._by_sequence or sighting.at is None else sighting.at
        return (at, sighting.sequence, sighting.file, sighting.entry)

    def _begin(self, key: str) -> Pile:
        if len(self.piles) >= MOST_KEYS:
            raise Unreadable(
                "the files", f"they hold calls of more than {MOST_KEYS:,} keys", "Name logs of fewer keys at a time."
            )
        self.piles[key] = Pile(Newest(self._policy.calls_looked_at), Newest(UNCOUNTED_SHOWN))
        return self.piles[key]


class Previous:
    """Looks, in a second reading, for the read of the same resource before each polled call."""

    def __init__(self, newest: Sequence[Sighting], collector: Collector, policy: Policy, keys: Iterable[str]) -> None:
        self._collector = collector
        self._policy = policy
        self._keys = frozenset(keys)
        self._wanted: dict[str, list[int]] = {}
        self._newest = newest
        self._found: dict[int, tuple[Order, datetime | None]] = {}
        for place, sighting in enumerate(newest):
            if standing_of(sighting, policy).polled:
                self._wanted.setdefault(digest_of(sighting, policy), []).append(place)

    @property
    def is_needed(self) -> bool:
        """Whether there is anything to look for."""
        return bool(self._wanted)

    def see(self, sighting: Sighting) -> None:
        """Take note of a call that may be such a read."""
        if sighting.key not in self._keys or sighting.method not in {"GET", "HEAD"}:
            return
        standing = standing_of(sighting, self._policy)
        if not standing.polled or not standing.countable:
            return
        order = self._collector.order_of(sighting)
        for place in self._wanted.get(digest_of(sighting, self._policy), ()):
            later, found = self._newest[place], self._found.get(place)
            is_before = order < self._collector.order_of(later) and not _is_one_call(sighting, later)
            if is_before and (found is None or found[0] < order):
                self._found[place] = (order, sighting.at)

    def at(self, place: int) -> datetime | None:
        """When the call at a place was made before; None where it was not, or nothing says when."""
        found = self._found.get(place)
        return found[1] if found else None


def _is_one_call(first: Sighting, second: Sighting) -> bool:
    identity = identity_of(first)
    return identity is not None and identity == identity_of(second) and is_same(first, second)


def _preferred(each: tuple[Order, Sighting]) -> tuple[bool, Order]:
    """What says a key comes first, for of two sightings of one call the first is kept."""
    return (not each[1].key, each[0])
