"""Which answers go wrong on purpose, and when? The faults that somebody asked for under `/_dev/faults`.

They are one list for both environments, read from top to bottom, and live as long as the process: a restart has none.
"""

import re
from collections.abc import Callable, Sequence
from random import Random
from typing import Annotated, Any, Literal, NamedTuple

import msgspec
from msgspec import UNSET, Meta

from keysteward.rules.limits import Excess
from keysteward.rules.patterns import BadPattern, parsed
from keysteward.rules.refusals import INVALID_FIELD, Refusal
from keysteward.rules.words import Environment

MOST_FAULTS = 100

_MOST_SECONDS = 60
_HEADER_NAME = re.compile(r"[A-Za-z0-9-]{1,100}")
_HEADER_VALUE = re.compile(r"[ -~]{0,1000}")
_OF_THE_WIRE = frozenset({"connection", "content-length", "transfer-encoding"})
_EFFECTS = ("status", "drop", "limit")

Name = Annotated[str, Meta(min_length=1, max_length=300)]


class Fault(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Which requests it strikes, how often, and what becomes of their answers. What is left out does not matter.

    Without a `route` it strikes API calls; the OAuth endpoints only where `route` names them.
    """

    environment: Environment | None = None
    key: Name | None = None
    user: Name | None = None
    route: Name | None = None
    method: Name | None = None
    probability: Annotated[float, Meta(gt=0, le=1)] = 1
    seed: int = 0
    count: Annotated[int, Meta(ge=1)] | None = None
    latency_seconds: Annotated[float, Meta(ge=0, le=_MOST_SECONDS)] = 0
    status: Annotated[int, Meta(ge=200, le=599)] | None = None
    body: Any = UNSET
    headers: dict[str, str] = {}
    drop: Literal["before-head", "half-way"] | None = None
    limit: Excess | None = None


class Faults(msgspec.Struct, forbid_unknown_fields=True):
    """A list of faults, as it is put or added."""

    faults: Annotated[list[Fault], Meta(max_length=MOST_FAULTS)]


class Listed(msgspec.Struct):
    """A fault with what it did so far: how many requests it was about, and how many it struck."""

    number: int
    fault: Fault
    seen: int
    hits: int


class Asked(NamedTuple):
    """A request as faults tell it apart. `route` has all names of its route; key and user are empty if nobody knows."""

    environment: Environment
    method: str
    path: str
    route: str
    key: str = ""
    user: str = ""
    is_call: bool = True


class Struck(NamedTuple):
    """A fault that strikes, and its number in the list."""

    number: int
    fault: Fault


class Arsenal:
    """The faults of a twin, and how often each struck. Asked and changed on the event loop only."""

    def __init__(self) -> None:
        self._armed: list[_Armed] = []

    @property
    def is_empty(self) -> bool:
        """Whether nothing goes wrong."""
        return not self._armed

    def put(self, faults: Sequence[Fault]) -> None:
        """Let these faults strike, and no others; refuses where one of them could not."""
        self._armed = _armed(faults)

    def add(self, faults: Sequence[Fault]) -> None:
        """Let these faults strike too, where none before them does."""
        if len(self._armed) + len(faults) > MOST_FAULTS:
            raise Refusal(INVALID_FIELD, field="faults", reason=f"there may be {MOST_FAULTS} at most.")
        self._armed += _armed(faults)

    def strike(self, asked: Asked) -> Struck | None:
        """The first fault whose turn it is."""
        for number, armed in enumerate(self._armed, 1):
            if armed.strikes(asked):
                return Struck(number, armed.fault)
        return None

    def listed(self) -> list[Listed]:
        """All faults, in their order."""
        return [Listed(number, each.fault, each.seen, each.hits) for number, each in enumerate(self._armed, 1)]


class _Armed:
    """A fault with its dice: the same seed and the same requests give the same hits."""

    def __init__(self, fault: Fault, takes: Callable[[str, str], bool]) -> None:
        self.fault = fault
        self.seen = 0
        self.hits = 0
        self._takes = takes
        self._dice = Random(fault.seed)  # noqa: S311 — nothing is guarded by it, and it must come out the same again

    def strikes(self, asked: Asked) -> bool:
        """Whether this request is hit. One that is not of its kind moves no dice."""
        fault = self.fault
        if (fault.count is not None and self.hits >= fault.count) or not self._is_about(asked):
            return False
        self.seen += 1
        is_hit = self._dice.random() < fault.probability
        self.hits += is_hit
        return is_hit

    def _is_about(self, asked: Asked) -> bool:
        fault = self.fault
        wanted = ((fault.environment, asked.environment), (fault.key, asked.key), (fault.user, asked.user))
        if any(want is not None and want.lower() != found for want, found in wanted):
            return False
        if fault.method is not None and fault.method.upper() != asked.method:
            return False
        return asked.is_call if fault.route is None else self._takes(asked.route, asked.path)


def _armed(faults: Sequence[Fault]) -> list[_Armed]:
    return [_Armed(fault, _checked(f"faults[{number}]", fault)) for number, fault in enumerate(faults)]


def _checked(path: str, fault: Fault) -> Callable[[str, str], bool]:
    """Which routes and paths a fault is about; refuses one that could not be injected as it is said."""
    chosen = [name for name in _EFFECTS if getattr(fault, name) is not None]
    if len(chosen) > 1:
        raise Refusal(INVALID_FIELD, field=f"{path}.{chosen[1]}", reason=f"give it or {chosen[0]}, not both.")
    if not chosen and not fault.latency_seconds:
        raise Refusal(INVALID_FIELD, field=path, reason="say what happens: status, drop, limit or latency_seconds.")
    if fault.status is None and (fault.body is not UNSET or fault.headers):
        raise Refusal(INVALID_FIELD, field=f"{path}.status", reason="give the status of that answer too.")
    _check_headers(f"{path}.headers", fault.headers)
    return _taking(f"{path}.route", fault.route)


def _check_headers(path: str, headers: dict[str, str]) -> None:
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(value):
            raise Refusal(INVALID_FIELD, field=path, reason=f"{name} is no header with a value in visible ASCII.")
        if name.lower() in _OF_THE_WIRE:
            raise Refusal(INVALID_FIELD, field=path, reason=f"{name} is the connection's own; leave it out.")


def _taking(path: str, route: str | None) -> Callable[[str, str], bool]:
    """A name means that route, and a pattern such as /orders/** its paths, in any letter case."""
    if route is None or not route.startswith("/"):
        return lambda name, _: name == route
    try:
        expression = parsed(route).compiled(any_case=True)
    except BadPattern as error:
        raise Refusal(INVALID_FIELD, field=path, reason=f"{error}.") from None
    return lambda _, path: expression.fullmatch(path) is not None
