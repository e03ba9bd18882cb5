"""What may a provider ask of an app beyond the built-in rules?

A pack is data: how calls of some operations are read, rules over the evidence, and examples that test both. It has a
name and a version, and a version never changes. Nothing in it is executed: a check in Python is only named, with the
distribution that an operator installed.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from functools import lru_cache
from typing import Annotated, Any

from msgspec import Meta, Struct
from msgspec.structs import replace

MOST_CALLS = 1_000
MOST_PACKS = 20
MOST_TOLD = 100

_BRACES = re.compile(r"\{[^{}]*\}")
_DURATION = r"^(?:\d{1,4}d)?(?:\d{1,5}h)?(?:\d{1,6}m)?(?:\d{1,8}s)?$"
_PARTS = re.compile(r"(\d+)([dhms])")
_SECONDS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}

Slug = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]{0,49}$", description="Small letters, digits and hyphens.")]
Text = Annotated[str, Meta(min_length=1, max_length=500)]
Operation = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=200,
        pattern=r"^\S.*$",
        description="An operation as the usage pages name it, such as `POST /orders`; `*` stands for anything.",
    ),
]
Operations = Annotated[tuple[Operation, ...], Meta(min_length=1, max_length=50)]
Statuses = Annotated[str, Meta(pattern=r"^[1-5]\d\d(?:-[1-5]\d\d)?$", description="A status or a range: `200-299`.")]
Span = Annotated[str, Meta(pattern=_DURATION, min_length=2, description="A duration such as `15m` or `1h30m`.")]
Calls = Annotated[int, Meta(ge=1, le=MOST_CALLS)]
Version = Annotated[int, Meta(ge=1, le=1_000_000)]

Facts = Mapping[str, Any]
"""A call as a bundle shows it: all that a check in Python is told."""

Broken = tuple[str, str, int | None]
"""What a check in Python found: a sentence, a next step, and the sequence number of the call, if there is one."""

Check = Callable[[Sequence[Facts]], Sequence[Broken]]


class _Said(Struct, frozen=True, cache_hash=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """A part of a pack: what it does not know is refused."""


class Reading(_Said, frozen=True, kw_only=True):
    """How calls of some operations are read: what succeeds, what counts, and which reads poll."""

    operations: Operations
    source: Text
    success: Annotated[tuple[Statuses, ...], Meta(min_length=1, max_length=50)] | None = None
    countable: bool | None = None
    polled: bool | None = None


class _Rule(_Said, tag_field="kind", frozen=True, kw_only=True):
    """One requirement. `calls` is how many of the newest calls it looks at: else as many as the policy needs."""

    code: Slug
    asks: Text
    source: Text
    next_step: Annotated[str, Meta(max_length=500)] = ""


class Required(_Rule, tag="required", frozen=True, kw_only=True):
    """At least so many calls of these operations are among the newest."""

    operations: Operations
    at_least: Calls = 1
    calls: Calls | None = None


class Forbidden(_Rule, tag="forbidden", frozen=True, kw_only=True):
    """No call of these operations is among the newest."""

    operations: Operations
    calls: Calls | None = None


class Share(_Rule, tag="share", frozen=True, kw_only=True):
    """At most so many percent of the newest calls are of these operations."""

    operations: Operations
    most_percent: Annotated[int, Meta(ge=0, le=99)]
    calls: Calls | None = None


class CallsNeeded(_Rule, tag="calls-needed", frozen=True, kw_only=True):
    """So many calls in a row succeeded within the rules."""

    calls: Calls


class Window(_Rule, tag="window", frozen=True, kw_only=True):
    """The newest calls were made within this time."""

    within: Span
    calls: Calls | None = None


class Gap(_Rule, tag="gap", frozen=True, kw_only=True):
    """The same resource of these operations is not read again sooner; only reads that are polled are looked at."""

    operations: Operations
    gap: Span
    calls: Calls | None = None


class Asked(_Rule, tag="check", frozen=True, kw_only=True):
    """A check in Python that the operator installed, asked by its name in the entry points `keysteward.rules`."""

    check: Slug
    distribution: Annotated[
        str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$", description="The name of a Python distribution.")
    ]
    distribution_version: Annotated[str, Meta(pattern=r"^[0-9A-Za-z.!+_-]{1,60}$", description="Its version, exactly.")]
    calls: Calls | None = None


AnyRule = Required | Forbidden | Share | CallsNeeded | Window | Gap | Asked


class ExampleCall(_Said, frozen=True, kw_only=True):
    """A call of an example, or several alike. `resource` names what a polled read reads."""

    operation: Operation
    status: Annotated[int, Meta(ge=100, le=599)] = 200
    times: Calls = 1
    after: Span = "1s"
    resource: Annotated[str, Meta(max_length=100)] = ""
    polled: bool = False
    countable: bool = True


class Example(_Said, frozen=True, kw_only=True):
    """Calls, oldest first, and the codes of what a review finds in them: with the policy as it comes, and this pack."""

    says: Text
    calls: Annotated[tuple[ExampleCall, ...], Meta(max_length=100)]
    finds: Annotated[tuple[str, ...], Meta(max_length=100)] = ()


class Pack(_Said, frozen=True, kw_only=True):
    """Rules of a provider's own API. With `routes` it applies to keys whose evidence has a call of one of them."""

    name: Slug
    version: Version
    author: Text
    says: Text
    routes: Annotated[tuple[Slug, ...], Meta(max_length=100)] = ()
    readings: Annotated[tuple[Reading, ...], Meta(max_length=50)] = ()
    rules: Annotated[tuple[AnyRule, ...], Meta(max_length=50)] = ()
    examples: Annotated[tuple[Example, ...], Meta(min_length=1, max_length=50)]

    @property
    def headline(self) -> str:
        """Its name and version."""
        return f"{self.name} {self.version}"


def code_of(pack: Pack, rule: AnyRule) -> str:
    """How findings and pages name a rule of a pack."""
    return f"{pack.name}/{rule.code}"


def check_of(rule: Asked) -> str:
    """How an installed check is looked up: by name, distribution and version."""
    return f"{rule.check} of {rule.distribution} {rule.distribution_version}"


def checks_named(packs: Sequence[Pack]) -> list[str]:
    """The checks in Python that packs name."""
    return [check_of(rule) for pack in packs for rule in pack.rules if isinstance(rule, Asked)]


@lru_cache(maxsize=256)
def quick(pack: Pack) -> Pack:
    """A pack with the rules that are asked at every call: no check in Python, and none that looks at many calls."""
    return replace(pack, rules=tuple(rule for rule in pack.rules if not isinstance(rule, Asked) and _is_quick(rule)))


def calls_of(packs: Iterable[Pack], needed: int) -> int:
    """How many of the newest calls are looked at, where the built-in rules look at `needed`; at most 1,000."""
    return max([needed, *(rule.calls or 0 for pack in packs for rule in pack.rules)])


# ── how calls are read ──────────────────────────────────────────────────────────────────────────────────────────────
@lru_cache(maxsize=4_096)  # asked for every call of a key at every call
def succeeds(packs: tuple[Pack, ...], operation: str, status: int) -> bool:
    """Whether an answer is a success: as the first reading says that speaks of it, else below 400."""
    for reading in _readings(packs):
        if reading.success is not None and names(reading.operations, operation):
            return any(_is_within(status, statuses) for statuses in reading.success)
    return 0 < status < 400


def is_countable(packs: Sequence[Pack], operation: str, *, otherwise: bool) -> bool:
    """Whether calls of an operation count: as the first reading says that speaks of it, else as its route says."""
    return _first([(each.operations, each.countable) for each in _readings(packs)], operation, otherwise)


def is_polled(packs: Sequence[Pack], operation: str, *, otherwise: bool) -> bool:
    """Whether reads of an operation poll; likewise."""
    return _first([(each.operations, each.polled) for each in _readings(packs)], operation, otherwise)


@lru_cache(maxsize=16_384)
def names(operations: tuple[str, ...], operation: str) -> bool:
    """Whether an operation is one of these. Letter case and the names in braces mean nothing."""
    return any(_is_like(pattern, operation) for pattern in operations)


def span(text: str) -> timedelta:
    """A duration as a pack has it."""
    return timedelta(seconds=sum(int(count) * _SECONDS[unit] for count, unit in _PARTS.findall(text)))


def _readings(packs: Sequence[Pack]) -> list[Reading]:
    return [reading for pack in packs for reading in pack.readings]


def _first(said: Sequence[tuple[Operations, bool | None]], operation: str, otherwise: bool) -> bool:  # noqa: FBT001
    speaking = (value for operations, value in said if value is not None and names(operations, operation))
    return next(speaking, otherwise)


def _is_quick(rule: AnyRule) -> bool:
    return (rule.calls or 0) <= MOST_TOLD


def _is_within(status: int, statuses: str) -> bool:
    least, _, most = statuses.partition("-")
    return int(least) <= status <= int(most or least)


def _is_like(pattern: str, operation: str) -> bool:
    """In time that grows with the letters, whatever stands in either."""
    first, *others = _BRACES.sub("{}", pattern.casefold()).split("*")
    rest = _BRACES.sub("{}", operation.casefold())
    if not others:
        return first == rest
    if not rest.startswith(first):
        return False
    at = len(first)
    for part in others[:-1]:
        found = rest.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return len(rest) - at >= len(others[-1]) and rest.endswith(others[-1])
