"""What does the reference page say of the policy? What the numbers say, and nothing else.

`python -m keysteward.cli.policy_reference FOLDER` writes the page.
"""

import sys
from dataclasses import MISSING, fields
from datetime import timedelta
from pathlib import Path
from typing import Literal, get_args, get_origin, get_type_hints

from keysteward.rules.numbers import NUMBERS, Number
from keysteward.rules.phases import PHASES, WEEKDAYS
from keysteward.rules.policy import DEFAULT, Policy
from keysteward.rules.policy_text import names, written
from keysteward.rules.routing import Route

PAGE = "policy.md"


def _fields(*, needed: bool) -> str:
    named = (field for field in fields(Route) if field.init and (field.default is MISSING) == needed)
    return ", ".join(f"`{field.name}`" for field in named)


_HEAD = f"""# Reference: policy

Every number that an operator may set, as `keysteward policy apply` takes it. The [guide](../guides/policy.md) shows how
versions are made. What loosens a number that guards keys needs a second operator: the column *looser* says which way
that is.

Durations are written in days, hours, minutes and seconds: `15m`, `24h`, `1h30m`.

`legacy_phases` is a list of tables with `phase` ({", ".join(f"`{phase}`" for phase in PHASES)}) and `from`, a date or
an instant; the first has no `from`. `legacy_brown_outs` is a list of tables with `days`
({", ".join(f"`{day}`" for day in WEEKDAYS)}), `at` (hours in UTC) and `length` (at most `1d`). What they do:
[Retire legacy authentication](../guides/retiring-legacy-authentication.md).

`routes` is a list of tables with {_fields(needed=True)}, and where you like {_fields(needed=False)}. They are read from
top to bottom, and the first whose `path` takes the whole path of a call applies. What each field says:
[Put your API behind the gateway](../guides/gateway.md#on-a-server).

This page is printed from the numbers themselves.

| number | default | allowed | looser | what it says |
|---|---|---|---|---|
"""


def page() -> str:
    """The whole page."""
    return _HEAD + "".join(_line(name, NUMBERS[name]) for name in names())


def _line(name: str, number: Number) -> str:
    default = _said(getattr(DEFAULT, name))
    return f"| `{name}` | {default} | {_allowed(name, number)} | {number.looser} | {number.says} |\n"


def _said(value: object) -> str:
    if isinstance(value, Route):
        return f"`{value.name}`"
    if isinstance(value, tuple):
        return ", ".join(_said(each) for each in value) or "none"
    found = written(value)
    if isinstance(found, dict):
        return " ".join(f"`{each}`" for each in found.values())
    return f"`{str(found).lower() if isinstance(found, bool) else found}`"


def _allowed(name: str, number: Number) -> str:
    if number.least is not None:
        return f"{_said(number.least)} to {_said(number.most)}"
    kind = get_type_hints(Policy)[name]
    if get_origin(kind) is Literal:
        return ", ".join(f"`{choice}`" for choice in get_args(kind))
    return {bool: "`true`, `false`", str: "one of `plans`", timedelta: "a duration"}.get(kind, "a list")


if __name__ == "__main__":
    (Path(sys.argv[1]) / PAGE).write_text(page())
