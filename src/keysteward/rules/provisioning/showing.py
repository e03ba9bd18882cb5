"""Which attributes of a user does an answer show (RFC 7644 §3.9)?"""

from collections.abc import Iterable, Mapping
from typing import Any

from keysteward.rules.provisioning.documents import CORE
from keysteward.rules.refusals import INVALID_PARAMETER, Refusal

_ALWAYS = frozenset({"schemas", "id"})
_MOST_NAMES = 50


def read_names(unverified_list: str) -> frozenset[str]:
    """The attributes that a parameter names, separated by commas, in lower case."""
    named = [each.strip().lower().removeprefix(f"{CORE}:".lower()) for each in unverified_list.split(",")]
    if len(named) > _MOST_NAMES:
        raise Refusal(INVALID_PARAMETER, name="attributes", reason=f"name at most {_MOST_NAMES}.")
    return frozenset(each for each in named if each)


def shown(resource: Mapping[str, Any], only: Iterable[str], without: Iterable[str]) -> dict[str, Any]:
    """A resource as it was asked for: only some attributes, or all without some. Its id and schemas always show."""
    wanted, unwanted = frozenset(only), frozenset(without)
    found: dict[str, Any] = {}
    for name, value in resource.items():
        if name in _ALWAYS:
            found[name] = value
            continue
        kept = _part(name.lower(), value, wanted, unwanted)
        if kept is not None:
            found[name] = kept
    return found


def _part(name: str, value: object, wanted: frozenset[str], unwanted: frozenset[str]) -> Any:  # noqa: ANN401 — JSON
    """What shows of one attribute: whole, some parts of it, or None."""
    if wanted and name not in wanted:
        parts = frozenset(each.partition(".")[2] for each in wanted if each.startswith(f"{name}."))
        return _parts(value, parts, keep=True) if parts else None
    if not wanted and name in unwanted:
        return None
    parts = frozenset(each.partition(".")[2] for each in unwanted if each.startswith(f"{name}."))
    return _parts(value, parts, keep=False) if parts and not wanted else value


def _parts(value: object, parts: frozenset[str], *, keep: bool) -> Any:  # noqa: ANN401 — JSON
    if isinstance(value, list):
        return [_parts(each, parts, keep=keep) for each in value]
    if not isinstance(value, Mapping):
        return value
    return {name: each for name, each in value.items() if (name.lower() in parts) is keep}
