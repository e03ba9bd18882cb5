"""How is a policy written down, and read again?

A document names fields of `Policy`: durations as `15m`, `24h` or `1h30m`, dates as `2027-01-31` or an instant with its
zone, tables for phases, brown-outs and routes. What it does not name stays as it was.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints
from urllib.parse import urlsplit

from keysteward.rules.numbers import NUMBERS, Number
from keysteward.rules.patterns import BadPattern
from keysteward.rules.phases import BEGINNING, LONGEST_WINDOW, PHASES, WEEKDAYS, BrownOut, Step
from keysteward.rules.policy import DEFAULT, Policy
from keysteward.rules.refusals import INVALID_FIELD, Refusal
from keysteward.rules.routes import is_reserved
from keysteward.rules.routing import MOST_ROUTES, OURS, SAMPLE, Route, unreachable
from keysteward.rules.tokens import read_scopes
from keysteward.rules.words import INTEGRATION_TYPES, IntegrationType

Document = Mapping[str, object]
Choice = TypeVar("Choice", bound=str | int)

_UNITS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
_DURATION = re.compile(r"(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,9})s)?")
_HOUR = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_TYPES = get_type_hints(Policy)
_NOT_SET = ("version", "packs", "checks")
_MOST_PLANS = 50
_NAME = re.compile(r"[a-z][a-z0-9-]{0,49}")
_HEADER_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,49}")
_UPSTREAM = re.compile(r"https?://(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?(?:/[A-Za-z0-9._~/-]*)?")
_MOST_PORTS = 65_535
_LONGEST_WAIT = timedelta(hours=1)
_ROUTE = {field.name: field.default for field in fields(Route) if field.init}


class _Wrong(Exception):
    """Why a value cannot be used, and what is allowed, in the middle of a sentence."""


def names() -> list[str]:
    """The fields that a document may name, in their order."""
    return [field.name for field in fields(Policy) if field.name not in _NOT_SET]


def read(document: Document, onto: Policy) -> Policy:
    """The policy after a document was applied; refuses the first field that cannot be used."""
    for name in document:
        if name not in names():
            raise Refusal(
                INVALID_FIELD, field=str(name), reason="there is no such number; see `keysteward policy show`."
            )
    changed = replace(onto, **{name: _read_field(name, value) for name, value in document.items()})
    for name in ("least_plan", "sign_up_plan") if changed.sign_up == "open" else ("least_plan",):
        if getattr(changed, name) not in changed.plans:
            raise Refusal(INVALID_FIELD, field=name, reason=f"choose among {', '.join(changed.plans)}.")
    return changed


def write(policy: Policy) -> dict[str, Any]:
    """Every number of a policy as a document has it."""
    return {name: written(getattr(policy, name)) for name in names()}


def recall(document: Document, version: int) -> Policy:
    """A policy as it was kept: what another release named is left out, what this one added has its default."""
    known = {name: value for name, value in document.items() if name in names()}
    return replace(DEFAULT, version=version, **{name: _convert(_TYPES[name], value) for name, value in known.items()})


def written(value: object) -> Any:  # noqa: ANN401 — whatever JSON and TOML hold
    """One value as a document has it."""
    if isinstance(value, timedelta):
        return duration(value)
    if isinstance(value, Step):
        since = {} if value.since == BEGINNING else {"from": value.since.isoformat().replace("+00:00", "Z")}
        return {"phase": value.phase} | since
    if isinstance(value, Route):
        said = {name: getattr(value, name) for name in _ROUTE}
        return {name: written(each) for name, each in said.items() if each != _ROUTE[name]}
    if isinstance(value, BrownOut):
        at = [each.strftime("%H:%M") for each in value.at]
        return {"days": list(value.days), "at": at, "length": duration(value.length)}
    return [written(each) for each in value] if isinstance(value, tuple) else value


def duration(value: timedelta) -> str:
    """A duration as people write it: `15m`, `90d`, `1h30m`."""
    left, parts = int(value.total_seconds()), []
    for unit, seconds in _UNITS.items():
        count, left = divmod(left, seconds)
        parts.append(f"{count}{unit}" if count else "")
    return "".join(parts) or "0s"


# ── one field ───────────────────────────────────────────────────────────────────────────────────────────────────────
def _read_field(name: str, value: object) -> Any:  # noqa: ANN401 — as the field has it
    try:
        found = _convert(_TYPES[name], value)
        _demand_within(NUMBERS[name], found)
        if name == "routes":
            _demand_routable(found)
    except _Wrong as wrong:
        raise Refusal(INVALID_FIELD, field=name, reason=f"{wrong}.") from None
    return found


def _demand_within(number: Number, value: Any) -> None:  # noqa: ANN401 — ordered like its limits
    if number.least is None or number.least <= value <= number.most:
        return
    raise _Wrong(f"choose {written(number.least)} to {written(number.most)}")


def _convert(kind: Any, value: object) -> Any:  # noqa: ANN401 — types and their values
    if get_origin(kind) is Literal:
        return _one_of(get_args(kind), value)
    return _READERS[kind](value)


def _one_of(choices: tuple[Choice, ...], value: object) -> Choice:
    for choice in choices:
        if choice == value:
            return choice
    raise _Wrong(f"choose among {', '.join(map(str, choices))}")


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise _Wrong("say a whole number, such as 20")
    return value


def _switch(value: object) -> bool:
    if not isinstance(value, bool):
        raise _Wrong("say true or false")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str) or not 1 <= len(value) <= 100 or not value.isprintable():
        raise _Wrong("say text of 1 to 100 characters")
    return value


def _span(value: object) -> timedelta:
    found = _DURATION.fullmatch(value) if isinstance(value, str) and value else None
    if found is None:
        raise _Wrong("say a duration in days, hours, minutes and seconds, such as 15m, 24h or 1h30m")
    return timedelta(
        seconds=sum(int(part or 0) * size for part, size in zip(found.groups(), _UNITS.values(), strict=True))
    )


def _plans(value: object) -> tuple[str, ...]:
    found = tuple(_text(each) for each in _list(value, "plan names, the least first"))
    if not 1 <= len(found) <= _MOST_PLANS or len(set(found)) != len(found):
        raise _Wrong(f"say 1 to {_MOST_PLANS} plan names, each once")
    return found


def _integration_types(value: object) -> tuple[IntegrationType, ...]:
    return tuple(_one_of(INTEGRATION_TYPES, each) for each in _list(value, "integration types"))


def _steps(value: object) -> tuple[Step, ...]:
    found = tuple(_step(each) for each in _list(value, "tables with phase and from"))
    ranks = [PHASES.index(step.phase) for step in found]
    if not found or ranks != sorted(set(ranks)):
        raise _Wrong(f"say one or more phases, in the order {', '.join(PHASES)}, each once")
    if found[0].since != BEGINNING:
        raise _Wrong("the first phase applies until the next begins, so leave out its date")
    if any(later.since <= earlier.since for earlier, later in pairwise(found)):
        raise _Wrong("every further phase begins later than the one before it")
    return found


def _step(value: object) -> Step:
    table = _table(value, {"phase"}, {"from"})
    phase = _one_of(PHASES, table["phase"])
    return Step(phase, _instant(table["from"]) if "from" in table else BEGINNING)


def _brown_outs(value: object) -> tuple[BrownOut, ...]:
    return tuple(_brown_out(each) for each in _list(value, "tables with days, at and length"))


def _brown_out(value: object) -> BrownOut:
    table = _table(value, {"days", "at", "length"}, set())
    days = tuple(_one_of(WEEKDAYS, each) for each in _list(table["days"], "weekdays such as tue"))
    at = tuple(_hour(each) for each in _list(table["at"], "hours such as 14:00"))
    length = _span(table["length"])
    if not days or not at or not timedelta(0) < length <= LONGEST_WINDOW:
        raise _Wrong("a brown-out has at least one day, at least one hour, and a length of at most 1d")
    return BrownOut(days, at, length)


def _routes(value: object) -> tuple[Route, ...]:
    return tuple(
        _route(each, place) for place, each in enumerate(_list(value, "tables with name, path and upstream"), 1)
    )


def _route(value: object, place: int) -> Route:
    needed = {"name", "path", "upstream"}
    if not isinstance(value, dict) or not needed <= value.keys() <= _ROUTE.keys():
        others = ", ".join(name for name in _ROUTE if name not in needed)
        raise _Wrong(f"route {place}: say name, path and upstream, and where you like {others}")
    try:
        return Route(**{name: _ROUTE_READERS[name](each) for name, each in value.items()})
    except (_Wrong, BadPattern) as wrong:
        raise _Wrong(f"route {place} ({value['name']}): {wrong}") from None


def _demand_routable(routes: tuple[Route, ...]) -> None:
    """Refuse routes that lead nowhere, or take what Keysteward answers itself."""
    names = [route.name for route in routes]
    if len(routes) > MOST_ROUTES or len(set(names)) != len(names):
        raise _Wrong(f"say at most {MOST_ROUTES} routes, each with a name of its own")
    for route in routes:
        if route.is_forwarded and is_reserved(route.pattern):
            raise _Wrong(f"route {route.name}: Keysteward answers some of {route.path} itself; say another path")
    if found := unreachable(routes):
        later, earlier = found
        raise _Wrong(f"route {later.name}: {earlier.name} before it takes all its paths; put {later.name} first")


def _slug(value: object) -> str:
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise _Wrong("a name is 1 to 50 small letters, digits and hyphens, such as orders")
    return value


def _path(value: object) -> str:
    if not isinstance(value, str):
        raise _Wrong("a path is text, such as /orders/v1/accounts/{account}/**")
    return value


def _upstream(value: object) -> str:
    if isinstance(value, str) and value in {SAMPLE, OURS}:
        return value
    if not isinstance(value, str) or not _UPSTREAM.fullmatch(value) or {".", ".."} & set(value.split("/")):
        raise _Wrong(
            f"an upstream is an address such as https://orders.internal:8080, or {SAMPLE}, or {OURS} for what is "
            "answered here"
        )
    parts = urlsplit(value)
    if parts.netloc.rpartition(":")[2].isdigit() and not 0 < int(parts.netloc.rpartition(":")[2]) <= _MOST_PORTS:
        raise _Wrong(f"{value} has no port that there is")
    return value.rstrip("/")


def _scopes(value: object) -> tuple[str, ...]:
    found = tuple(_text(each) for each in _list(value, "scopes, such as signature"))
    if found and read_scopes(" ".join(found)) != found:
        raise _Wrong("say scopes such as signature, each once")
    return found


def _header_name(value: object) -> str:
    if not isinstance(value, str) or not _HEADER_NAME.fullmatch(value):
        raise _Wrong("operation_header is the name of a header, such as SOAPAction")
    return value


def _wait(value: object) -> timedelta:
    found = _span(value)
    if not timedelta(0) < found <= _LONGEST_WAIT:
        raise _Wrong(f"choose 1s to {duration(_LONGEST_WAIT)}")
    return found


def _hour(value: object) -> time:
    if isinstance(value, time):
        return value.replace(second=0, microsecond=0, tzinfo=None)
    if not isinstance(value, str) or not _HOUR.fullmatch(value):
        raise _Wrong("say hours of the day in UTC as 09:00")
    return time.fromisoformat(value)


def _instant(value: object) -> datetime:
    """TOML has dates and instants of its own; JSON writes them as text."""
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        found = None
    if isinstance(found, datetime):
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    if isinstance(found, date):
        return datetime.combine(found, time(), UTC)
    raise _Wrong("say dates as 2027-01-31, or as 2027-01-31T14:00:00Z")


def _list(value: object, of: str) -> list[object]:
    if not isinstance(value, list):
        raise _Wrong(f"say a list of {of}")
    return value


def _table(value: object, needed: set[str], others: set[str]) -> dict[str, object]:
    if not isinstance(value, dict) or not needed <= value.keys() <= needed | others:
        raise _Wrong(
            f"each table has {' and '.join(sorted(needed))}" + (f", and may have {others.pop()}" if others else "")
        )
    return value


_READERS: dict[Any, Callable[[object], Any]] = {
    int: _whole,
    bool: _switch,
    str: _text,
    timedelta: _span,
    tuple[str, ...]: _plans,
    tuple[IntegrationType, ...]: _integration_types,
    tuple[Step, ...]: _steps,
    tuple[BrownOut, ...]: _brown_outs,
    tuple[Route, ...]: _routes,
}
_ROUTE_READERS: dict[str, Callable[[object], Any]] = {
    "name": _slug,
    "path": _path,
    "upstream": _upstream,
    "scopes": _scopes,
    "countable": _switch,
    "polled": _switch,
    "any_case": _switch,
    "audience": _text,
    "operation_header": _header_name,
    "connect": _wait,
    "silence": _wait,
    "why_not": _text,
}
