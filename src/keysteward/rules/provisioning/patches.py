"""What does a SCIM PATCH (RFC 7644 §3.5.2) make of a user?

Operations are applied one after the other to a document. Providers have dialects: an `op` in capitals, "False" as text,
paths as the names of a value without a path. What is not kept is passed over, as it is everywhere.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from keysteward.rules.provisioning.documents import CORE, NAMES, PARTS, TEXTS, Document, read_attribute, read_part
from keysteward.rules.provisioning.filters import Both, Comparison, Filter, Values, read_filter
from keysteward.rules.refusals import (
    MALFORMED,
    SCIM_ATTRIBUTE_STAYS,
    SCIM_NO_TARGET,
    SCIM_PATH_NOT_GOOD,
    Refusal,
)

Deed = Literal["add", "replace", "remove"]

MOST_OPERATIONS = 100
_DEEDS: tuple[Deed, ...] = ("add", "replace", "remove")
_FIXED = frozenset({"id", "meta", "schemas", "groups"})
_STAYING = frozenset({"userName", "name", "emails", "active", "name.givenName"})
_PATH = re.compile(
    r"(?P<attribute>[A-Za-z$][\w$-]*)(?:\[(?P<filter>.*)\])?(?:\.(?P<part>[A-Za-z$][\w$-]*))?", re.DOTALL
)
_EXTENSION = re.compile(r"urn:[\w.:-]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Operation:
    """One step of a PATCH. `path` is empty where the value names what it changes."""

    deed: Deed
    path: str
    value: Any = None


class Target(NamedTuple):
    """What a path names: an attribute, the values that fit a filter, and a part of it; `part` may be empty."""

    attribute: str
    values: Values | None
    part: str

    @property
    def name(self) -> str:
        """The attribute with its part."""
        return f"{self.attribute}.{self.part}" if self.part else self.attribute


class Change(NamedTuple):
    """What a request asks of a user. `leaves` says that it reports them gone, whatever else it asks."""

    operations: tuple[Operation, ...]
    leaves: bool


def read_operations(unverified: Iterable[Mapping[str, Any]]) -> tuple[Operation, ...]:
    """The operations of a PATCH as a client sent them, values without paths taken apart."""
    found: list[Operation] = []
    for each in unverified:
        folded = {name.lower(): value for name, value in each.items()}
        deed = next((known for known in _DEEDS if known == str(folded.get("op", "")).lower()), None)
        path, value = folded.get("path"), folded.get("value")
        if deed is None or not isinstance(path, str | None):
            raise Refusal(MALFORMED, reason="each operation says op (add, replace or remove) and mostly path.")
        found += [Operation(deed, path, value)] if path else _taken_apart(deed, value)
    if not 0 < len(found) <= MOST_OPERATIONS:
        raise Refusal(MALFORMED, reason=f"send 1 to {MOST_OPERATIONS} operations.")
    return tuple(found)


def patching(operations: tuple[Operation, ...]) -> Change:
    """What a PATCH asks."""
    said = [each.value for each in operations if each.deed != "remove" and _is_active(each.path)]
    return Change(operations, bool(said) and str(said[-1]).lower() == "false")


def replacing(document: Document) -> Change:
    """What a PUT asks: optional texts that it leaves out go; all that a user must have stays as it was."""
    told = tuple(Operation("replace", attribute, value) for attribute, value in document.items())
    gone = [each for each in ("externalId", "displayName") if each not in document]
    gone += ["name.familyName"] if "name" in document else []
    return Change((*(Operation("remove", each) for each in gone), *told), document.get("active") is False)


def changed(document: Document, operations: Iterable[Operation]) -> Document:
    """A document after all operations; refuses the first that cannot be applied, and then none counts."""
    found: dict[str, Any] = dict(document)
    for each in operations:
        target = read_path(each.path)
        if target is not None:
            _apply(found, each, target)
    return found


def moves_along(before: Document, after: Document, operations: Iterable[Operation]) -> bool:
    """Whether somebody whose name is their address gets both anew: a new name, and not a word about addresses."""
    is_one = any(before["userName"].casefold() == each["value"].casefold() for each in before["emails"])
    targets = (read_path(each.path) for each in operations)
    is_silent = not any(target and target.attribute == "emails" for target in targets)
    return bool(is_one and is_silent and after["userName"] != before["userName"])


def read_path(unverified_path: str) -> Target | None:
    """What a path names; None where it is an attribute that is not kept."""
    path = unverified_path.strip()
    if path.lower().startswith("urn:") and not path.lower().startswith(f"{CORE}:".lower()):
        if not _EXTENSION.fullmatch(path):
            raise _bad_path(path, "it is no name of an attribute")
        return None
    match = _PATH.fullmatch(path[len(CORE) + 1 :] if path.lower().startswith("urn:") else path)
    if match is None:
        raise _bad_path(path, "it is no name of an attribute")
    if match["attribute"].lower() in _FIXED:
        raise Refusal(SCIM_ATTRIBUTE_STAYS, attribute=match["attribute"])
    attribute = NAMES.get(match["attribute"].lower())
    return None if attribute is None else _target(path, attribute, match)


def _target(path: str, attribute: str, match: re.Match[str]) -> Target | None:
    values, part = None, ""
    if match["filter"] is not None:
        found = read_filter(f"{attribute}[{match['filter']}]") if attribute == "emails" else None
        if not isinstance(found, Values):
            raise _bad_path(path, f"{attribute} has no values that could be told apart")
        values = found
    if match["part"] is not None:
        if attribute not in PARTS:
            raise _bad_path(path, f"{attribute} has no parts")
        part = PARTS[attribute].get(match["part"].lower(), "")
        if not part:
            return None
    return Target(attribute, values, part)


def _taken_apart(deed: Deed, value: object) -> list[Operation]:
    """A value without a path names attributes, or paths, itself (RFC 7644 §3.5.2.1)."""
    if deed == "remove":
        raise Refusal(SCIM_NO_TARGET, path="")
    if not isinstance(value, Mapping):
        raise Refusal(MALFORMED, reason="an operation without a path has an object as its value.")
    found: list[Operation] = []
    for name, each in value.items():
        if name.lower() == CORE.lower():
            found += _taken_apart(deed, each)
        elif name.lower() not in _FIXED and name:
            found.append(Operation(deed, name, each))
    return found


# ── applying ────────────────────────────────────────────────────────────────────────────────────────────────────────
def _apply(document: dict[str, Any], operation: Operation, target: Target) -> None:
    if operation.deed == "remove" or operation.value is None:
        _remove(document, target)
    elif target.attribute == "emails":
        _set_emails(document, operation, target)
    elif target.part:
        part = read_part(target.attribute, target.part, operation.value)
        document[target.attribute] = {**document.get(target.attribute, {}), target.part: part}
    elif target.attribute in TEXTS or target.attribute == "active":
        document[target.attribute] = read_attribute(target.attribute, operation.value)
    else:
        said = read_attribute(target.attribute, operation.value)
        document[target.attribute] = {**document.get(target.attribute, {}), **said}


def _remove(document: dict[str, Any], target: Target) -> None:
    if target.attribute == "emails":
        _remove_emails(document, target)
        return
    if target.name in _STAYING:
        raise Refusal(SCIM_ATTRIBUTE_STAYS, attribute=target.name)
    if not target.part:
        document.pop(target.attribute, None)
        return
    held = document.get(target.attribute, {})
    document[target.attribute] = {part: value for part, value in held.items() if part != target.part}


def _remove_emails(document: dict[str, Any], target: Target) -> None:
    """An address is needed: all but the last may go, and of one all but its value."""
    held = list(document.get("emails", []))
    places = _places(held, target)
    if target.part:
        emails = [_without(each, target.part) if at in places else each for at, each in enumerate(held)]
    else:
        emails = [each for at, each in enumerate(held) if at not in places]
    if not any(each.get("value") for each in emails):
        raise Refusal(SCIM_ATTRIBUTE_STAYS, attribute="emails")
    document["emails"] = emails


def _set_emails(document: dict[str, Any], operation: Operation, target: Target) -> None:
    held = list(document.get("emails", []))
    if target.values is None and not target.part:
        said = read_attribute("emails", operation.value)
        document["emails"] = [*held, *said] if operation.deed == "add" else said
        return
    if target.part:
        said = {target.part: read_part("emails", target.part, operation.value)}
    else:
        listed = read_attribute("emails", operation.value)
        said = {name: value for each in listed for name, value in each.items()}
    if operation.deed == "add" and target.values and not target.values.matching({"emails": held}):
        document["emails"] = [*held, {**_described(target.values.inner), **said}]
        return
    places = _places(held, target)
    document["emails"] = [{**each, **said} if at in places else each for at, each in enumerate(held)]


def _places(held: list[dict[str, Any]], target: Target) -> list[int]:
    """Which addresses a path means: all, or those that fit its filter, of which there must be one."""
    if target.values is None:
        return list(range(len(held)))
    found = target.values.matching({"emails": held})
    if not found:
        raise Refusal(SCIM_NO_TARGET, path=target.name)
    return found


def _described(filtered: Filter) -> dict[str, Any]:
    """What a new value must have so that the filter of its path fits it."""
    if isinstance(filtered, Both):
        return _described(filtered.left) | _described(filtered.right)
    if isinstance(filtered, Comparison) and filtered.operator == "eq" and filtered.value is not None:
        return {filtered.path.removeprefix("emails.").replace("emails", "value"): filtered.value}
    return {}


def _without(value: Mapping[str, Any], part: str) -> dict[str, Any]:
    return {name: each for name, each in value.items() if name != part}


def _is_active(path: str) -> bool:
    return path.strip().lower().removeprefix(f"{CORE}:".lower()) == "active"


def _bad_path(path: str, reason: str) -> Refusal:
    return Refusal(SCIM_PATH_NOT_GOOD, path=path[:100], reason=reason)
