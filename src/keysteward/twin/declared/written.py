"""How is a declaration written? As JSON, or as TOML: tables of text, numbers, yes and no, and lists of these."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from msgspec import structs

from keysteward.twin.declared.shapes import Declaration

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def written(declaration: Declaration, file: Path) -> str:
    """The text of a file that declares this, in the form that its name asks for."""
    values = _said(declaration)
    if file.suffix == ".toml":
        return "\n".join(_toml(values, ())).strip() + "\n"
    return msgspec.json.format(msgspec.json.encode(values), indent=2).decode() + "\n"


def _said(value: Any) -> Any:  # noqa: ANN401 — whatever a declaration holds
    """What a declaration says beyond what goes without saying."""
    if isinstance(value, list | tuple):
        return [_said(each) for each in value]
    if isinstance(value, dict):
        return {name: _said(each) for name, each in value.items()}
    if not isinstance(value, msgspec.Struct):
        return value
    fields = ((field, getattr(value, field.name)) for field in structs.fields(value))
    return {field.encode_name: _said(each) for field, each in fields if not _goes_without_saying(field, each)}


def _goes_without_saying(field: structs.FieldInfo, value: object) -> bool:
    made = field.default_factory
    return bool(value == (field.default if made is msgspec.NODEFAULT else made()))


def _toml(table: dict[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    """The lines of a table: what it says itself, and then the tables in it."""
    for name, value in table.items():
        if not _is_tabular(value):
            yield f"{_key(name)} = {_value(value)}"
    for name, value in table.items():
        inner = (*path, name)
        if isinstance(value, dict):
            yield from ("", f"[{_path(inner)}]", *_toml(value, inner))
        elif _is_tabular(value):
            for each in value:
                yield from ("", f"[[{_path(inner)}]]", *_toml(each, inner))


def _is_tabular(value: object) -> bool:
    """A table, or a list of nothing but tables; others stand in one line."""
    if isinstance(value, list):
        return bool(value) and all(isinstance(each, dict) for each in value)
    return isinstance(value, dict)


def _value(value: object) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_key(name)} = {_value(each)}' for name, each in value.items())}}}"
    return _text(value) if isinstance(value, str) else msgspec.json.encode(value).decode()


def _text(value: str) -> str:
    """A basic string of TOML is one of JSON, but for the delete character."""
    return msgspec.json.encode(value).decode().replace("\x7f", "\\u007f")


def _path(path: tuple[str, ...]) -> str:
    return ".".join(map(_key, path))


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _text(name)
