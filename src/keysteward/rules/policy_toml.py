"""How is a policy said as TOML? As the file that `keysteward policy apply` takes."""

import json
import tomllib
from collections.abc import Mapping
from typing import Any

from keysteward.rules.policy_text import written


def as_toml(document: Mapping[str, Any]) -> str:
    """A document with a line for each number; tables of a list have a line each."""
    return "\n".join(f"{name} = {_outer(value)}" for name, value in document.items())


def toml_of(value: object) -> str:
    """One value of a policy, as a document has it, in one line."""
    return _toml(written(value))


def lines_of(value: object) -> str:
    """Likewise, where tables of a list have a line each."""
    return _outer(written(value))


def from_toml(text: str) -> Any:  # noqa: ANN401 — whatever a document holds
    """One value as somebody wrote it; raises ValueError."""
    return tomllib.loads(f"value = {text.strip()}")["value"]


def _outer(value: Any) -> str:  # noqa: ANN401 — whatever a document holds
    if isinstance(value, list) and any(isinstance(each, dict) for each in value):
        return "[\n" + "".join(f"  {_toml(each)},\n" for each in value) + "]"
    return _toml(value)


def _toml(value: Any) -> str:  # noqa: ANN401 — likewise
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{name} = {_toml(each)}" for name, each in value.items()) + " }"
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    return json.dumps(value, ensure_ascii=False)
