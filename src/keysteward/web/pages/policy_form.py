"""How is each number of the policy shown, typed in a form, and read again?"""

import tomllib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Literal, NamedTuple, get_args, get_origin, get_type_hints

from keysteward.rules.numbers import NUMBERS, Number
from keysteward.rules.phases import BEGINNING, BrownOut, Step
from keysteward.rules.policy import DEFAULT, Policy
from keysteward.rules.policy_groups import FOR_OPERATORS, GROUPS, Group, label_of
from keysteward.rules.policy_text import duration, names, read, written
from keysteward.rules.policy_toml import from_toml, lines_of
from keysteward.rules.proposals import Changed
from keysteward.rules.refusals import INVALID_FIELD, Refusal
from keysteward.rules.routing import Route
from keysteward.rules.words import INTEGRATION_TYPES, IntegrationType, listed, many
from keysteward.web.pages.forms import at_field

Shown = dict[str, Any]
Control = Literal["choice", "line", "lines", "tables"]

_KINDS = get_type_hints(Policy)
_LISTS = {tuple[str, ...]: "One a line, the least first.", tuple[IntegrationType, ...]: "One a line, or none."}
_SWITCH = {True: "true", False: "false"}
_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))


class Typed(NamedTuple):
    """What a form changes, as a document has it, and what cannot be read: a sentence at each field."""

    numbers: dict[str, Any]
    errors: dict[str, str]


# ── shown ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def groups_of(policy: Policy, words: str, *, is_operator: bool) -> list[Shown]:
    """The numbers that fit what is looked for, in their groups; who is no operator does not see all."""
    found = [(group, [name for name in group.names if is_operator or name not in FOR_OPERATORS]) for group in GROUPS]
    kept = [(group, [name for name in fitting if _fits(group, name, words)]) for group, fitting in found]
    return [
        {"id": group.id, "title": group.title, "says": group.says, "numbers": [_row(policy, name) for name in fitting]}
        for group, fitting in kept
        if fitting
    ]


def fields_of(policy: Policy, words: str, typed: Mapping[str, str]) -> list[Shown]:
    """The same as fields of a form, with what was typed already."""
    shown = groups_of(policy, words, is_operator=True)
    for group in shown:
        group["numbers"] = [row | _field(policy, row["name"], typed) for row in group["numbers"]]
    return shown


def texts_of(policy: Policy, numbers: Mapping[str, Any]) -> dict[str, str]:
    """What a document changes, as fields of a form have it."""
    after = read(numbers, policy)
    return {name: _typed(after, name) for name in numbers}


def shown_change(changed: Changed) -> Shown:
    """One number before and after."""
    return {
        "name": changed.name,
        "label": label_of(changed.name),
        "before": said(changed.before),
        "after": said(changed.after),
        "is_looser": changed.is_looser,
    }


def said(value: object) -> list[str]:
    """A value as people read it, in one line or several."""
    if isinstance(value, tuple):
        lines = [_said(each) for each in value]
        return [listed(lines)] if lines and isinstance(value[0], str) else lines or ["None"]
    return [_said(value)]


def _said(value: object) -> str:
    if isinstance(value, Route):
        return f"{value.name}: {value.path} → {value.upstream}"
    if isinstance(value, Step):
        return value.phase if value.since == BEGINNING else f"{value.phase} from {value.since:%-d %B %Y, %H:%M} UTC"
    if isinstance(value, BrownOut):
        at = listed([f"{each:%H:%M}" for each in value.at])
        return f"{listed(list(value.days))} at {at} UTC, for {_span(value.length)}"
    if isinstance(value, timedelta):
        return _span(value)
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _span(value: timedelta) -> str:
    left, parts = int(value.total_seconds()), []
    for unit, seconds in _UNITS:
        count, left = divmod(left, seconds)
        parts += [many(count, unit, unit + "s")] if count else []
    return " ".join(parts) or "none"


def _fits(group: Group, name: str, words: str) -> bool:
    text = f"{name} {label_of(name)} {group.title} {NUMBERS[name].says}".casefold()
    return all(word in text for word in words.casefold().split())


def _row(policy: Policy, name: str) -> Shown:
    number, value, default = NUMBERS[name], getattr(policy, name), getattr(DEFAULT, name)
    return {
        "name": name,
        "label": label_of(name),
        "says": number.says,
        "value": said(value),
        "default": said(default),
        "is_default": value == default,
        "looser": number.looser,
        "limits": _limits(number),
    }


def _limits(number: Number) -> str:
    return "" if number.least is None else f"{said(number.least)[0]} to {said(number.most)[0]}"


# ── typed ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def read_typed(policy: Policy, sent: Mapping[str, str]) -> Typed:
    """What a form changes in a policy; a field that was not sent, or says what applies, changes nothing."""
    numbers: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for name in names():
        text = "\n".join(sent[name].split("\r\n")).strip() if name in sent else ""
        if name not in sent or text == _typed(policy, name).strip():
            continue
        try:
            numbers[name] = _checked(policy, name, _read(name, text))
        except Refusal as refusal:
            errors[name] = at_field(refusal)
    return Typed(numbers, errors)


def read_file(text: str) -> dict[str, Any]:
    """What a TOML file changes."""
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise Refusal(INVALID_FIELD, field="document", reason=f"it cannot be read as TOML: {error}.") from None


def _checked(policy: Policy, name: str, value: object) -> Any:  # noqa: ANN401 — whatever a document holds
    """A value in the words of a document. Which plans there are is seen once all of it is read."""
    try:
        return written(getattr(read({name: value}, policy), name))
    except Refusal as refusal:
        if refusal.field == name and name != "least_plan":
            raise
        return value


def _field(policy: Policy, name: str, typed: Mapping[str, str]) -> Shown:
    control, options, hint = _control(policy, name)
    text = typed.get(name, _typed(policy, name))
    return {"control": control, "options": options, "hint": hint, "typed": text, "rows": text.count("\n") + 2}


def _control(policy: Policy, name: str) -> tuple[Control, list[tuple[str, str]], str]:
    kind = _KINDS[name]
    if get_origin(kind) is Literal:
        return "choice", [(str(each), str(each)) for each in get_args(kind)], ""
    if kind is bool:
        return "choice", [(word, said(value)[0]) for value, word in _SWITCH.items()], ""
    if kind is str:
        return "choice", [(plan, plan) for plan in policy.plans], ""
    if kind in _LISTS:
        types = f" There are {listed(list(INTEGRATION_TYPES))}." if kind == tuple[IntegrationType, ...] else ""
        return "lines", [], _LISTS[kind] + types
    if kind in {int, timedelta}:
        return "line", [], f"{_limits(NUMBERS[name])}{', written as 15m, 24h or 1h30m' if kind is timedelta else ''}."
    return "tables", [], "TOML, as the reference of the policy says it."


def _typed(policy: Policy, name: str) -> str:
    """A value as the field of a form has it."""
    value = getattr(policy, name)
    if isinstance(value, bool):
        return _SWITCH[value]
    if isinstance(value, timedelta):
        return duration(value)
    if _KINDS[name] in _LISTS:
        return "\n".join(value)
    return lines_of(value) if isinstance(value, tuple) else str(value)


def _read(name: str, text: str) -> Any:  # noqa: ANN401 — whatever a document holds
    kind = _KINDS[name]
    if kind is int or (get_origin(kind) is Literal and isinstance(get_args(kind)[0], int)):
        return _whole(name, text)
    if kind is bool:
        return {"true": True, "false": False}.get(text, text)
    if kind in _LISTS:
        return [line.strip() for line in text.split("\n") if line.strip()]
    if kind in {str, timedelta} or get_origin(kind) is Literal:
        return text
    try:
        return from_toml(text)
    except (ValueError, KeyError, RecursionError) as error:
        raise Refusal(INVALID_FIELD, field=name, reason=f"it cannot be read as TOML: {error}.") from None


def _whole(name: str, text: str) -> int:
    digits = text.replace(",", "").replace("_", "").replace(" ", "")
    if not digits.isascii() or not digits.isdigit() or len(digits) > 15:
        raise Refusal(INVALID_FIELD, field=name, reason="say a whole number, such as 20.")
    return int(digits)
