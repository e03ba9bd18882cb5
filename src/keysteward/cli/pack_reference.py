"""What does the reference say of rule packs? What their values say, and nothing else.

`python -m keysteward.cli.pack_reference FOLDER` writes the page and the JSON Schema.
"""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from keysteward.rules.packs import (
    Asked,
    CallsNeeded,
    Example,
    ExampleCall,
    Forbidden,
    Gap,
    Pack,
    Reading,
    Required,
    Share,
    Window,
)

PAGE, SCHEMA = "rule-packs.md", "rule-packs.schema.json"

_KINDS: tuple[type[msgspec.Struct], ...] = (Required, Forbidden, Share, CallsNeeded, Window, Gap, Asked)
_PARTS: dict[str, type[msgspec.Struct]] = {
    "A pack": Pack,
    "`[[readings]]`": Reading,
    "`[[examples]]`": Example,
    "A call of an example": ExampleCall,
}

_HEAD = """# Reference: rule packs

What a rule pack may say, in TOML or JSON; the [guide](../guides/rule-packs.md) shows one. The
[JSON Schema](rule-packs.schema.json) says the same for editors. What a pack does not know is refused.
"""


def page() -> str:
    """The page."""
    parts = [_section(title, shape, _described(shape)) for title, shape in _PARTS.items()]
    kinds = [_section(f"`[[rules]]`, kind `{_tag(kind)}`", kind, _described(kind)) for kind in _KINDS]
    return "\n".join([_HEAD, *parts, *kinds])


def schema() -> bytes:
    """The JSON Schema."""
    return msgspec.json.format(msgspec.json.encode(msgspec.json.schema(Pack)), indent=2) + b"\n"


def _section(title: str, shape: type[msgspec.Struct], lines: Iterable[str]) -> str:
    says = " ".join((shape.__doc__ or "").split())
    return "\n".join([f"## {title}", "", says, "", "| field | what it may be | else |", "|---|---|---|", *lines, ""])


def _tag(kind: type[msgspec.Struct]) -> str:
    return str(kind.__struct_config__.tag)


def _described(shape: type[msgspec.Struct]) -> list[str]:
    described = msgspec.json.schema(shape)["$defs"][shape.__name__]
    needed = described.get("required", [])
    fields = {name: each for name, each in described["properties"].items() if name != "kind"}
    return [f"| `{name}` | {_allowed(each)} | {_else(name, each, needed)} |" for name, each in fields.items()]


def _else(name: str, allowed: dict[str, Any], needed: list[str]) -> str:
    default = allowed.get("default")
    if name in needed:
        return "needed"
    return f"`{str(default).lower()}`" if default not in (None, "", [], ()) else "nothing"


def _allowed(said: dict[str, Any]) -> str:
    if "anyOf" in said:
        options = [each for each in said["anyOf"] if each.get("type") != "null"]
        return " or ".join(dict.fromkeys(_allowed(each) for each in options))
    if said.get("type") == "array":
        return f"a list of at most {said['maxItems']}: {_allowed(said['items'])}"
    if "$ref" in said:
        return "a table, below"
    words = {"string": "text", "integer": "a whole number", "boolean": "`true` or `false`"}[said["type"]]
    return said.get("description", "").rstrip(".") or words + _bounds(said)


def _bounds(said: dict[str, Any]) -> str:
    if "minimum" in said:
        return f", {said['minimum']} to {said['maximum']}"
    return f" of at most {said['maxLength']} characters" if "maxLength" in said else ""


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    (folder / PAGE).write_text(page())
    (folder / SCHEMA).write_bytes(schema())
