"""How is a file read? As JSON or TOML, by its name; every mistake of shape is named by its path."""

import difflib
import hashlib
import json
import re
import tomllib
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from msgspec import inspect

from keysteward.rules.words import ENVIRONMENTS
from keysteward.twin.declared import shapes
from keysteward.twin.declared.problems import Mistakes, Problem
from keysteward.twin.declared.shapes_apps import DemoApp, ProductionApp
from keysteward.twin.declared.shapes_custody import Departure, Transfer
from keysteward.twin.declared.shapes_ways_back import Retirement

_FOR_PEOPLE = ("$schema", "note")
SUFFIXES = (".toml", ".json")

_ENTRIES: dict[str, type[msgspec.Struct]] = {
    "policies": shapes.PolicyVersion,
    "gateways": shapes.Gateway,
    "accounts": shapes.Account,
    "users": shapes.User,
    "organizations": shapes.Organization,
    "departures": Departure,
    "consents": shapes.Consent,
    "personal_access_tokens": shapes.PersonalToken,
}
_OF_ONE: dict[str, dict[str, type[msgspec.Struct]]] = {
    "demo": {"apps": DemoApp},
    "production": {"apps": ProductionApp, "transfers": Transfer, "retirements": Retirement},
}
_ERROR = re.compile(r"(?P<text>.*?)(?: - at `\$(?P<path>.*)`)?", re.DOTALL)
_NAMED = re.compile(r"Object (?P<how>contains unknown|missing required) field `(?P<name>.*)`")
_EXPECTED = re.compile(r"Expected `(?P<wanted>[^`]*)`, got `(?P<given>[^`]*)`")
_BOUND = re.compile(r"Expected `int` (?P<how>[<>])= (?P<number>\d+)")
_TOKEN = re.compile(r"\.([^.\[]+)|\[(\d+)\]")
_WORDS = {
    "str": "text", "int": "a whole number", "float": "a number", "bool": "true or false", "array": "a list",
    "object": "a table", "null": "nothing",
}  # fmt: skip


class Declared(NamedTuple):
    """What a file declares. `digest` is of what it says, not of how it is laid out."""

    declaration: shapes.Declaration
    digest: str
    file: str


def read(file: Path) -> Declared:
    """Read a file; raises Mistakes with all that is wrong with its shape."""
    raw = _parsed(file)
    problems = [*_wrong_entries(raw), *_wrong_frame(raw)]
    if problems:
        raise Mistakes(problems)
    said = msgspec.json.encode({name: raw[name] for name in raw if name not in _FOR_PEOPLE}, order="deterministic")
    return Declared(msgspec.convert(raw, shapes.Declaration), hashlib.sha256(said).hexdigest(), file.name)


def _parsed(file: Path) -> dict[str, Any]:
    if file.suffix not in SUFFIXES:
        raise _unread(file, f"give it a name that ends in {' or '.join(SUFFIXES)}.")
    try:
        text = file.read_text(encoding="utf-8")
        return _from_toml(text) if file.suffix == ".toml" else _from_json(text)
    except OSError as error:
        raise _unread(file, f"it cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise _unread(file, "it is not UTF-8 text.") from None
    except json.JSONDecodeError as error:
        raise _unread(file, f"it is not JSON: {error.msg} in line {error.lineno}, column {error.colno}.") from None
    except tomllib.TOMLDecodeError as error:
        raise _unread(file, f"it is not TOML: {error}.") from None
    except RecursionError:
        raise _unread(file, "it is nested too deeply.") from None


def _unread(file: Path, sentence: str) -> Mistakes:
    return Mistakes([Problem(file.name, sentence)])


def _from_json(text: str) -> dict[str, Any]:
    return _table(json.loads(text, object_pairs_hook=_without_doubles))


def _from_toml(text: str) -> dict[str, Any]:
    return _table(_with_text_for_dates(tomllib.loads(text)))


def _table(raw: object) -> dict[str, Any]:
    if not isinstance(raw, dict):
        raise Mistakes([Problem("the file", f"give a table, not {_WORDS.get(type(raw).__name__, 'a list')}.")])
    return raw


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) < len(pairs):
        names = [name for name, _ in pairs]
        doubled = next(name for name in names if names.count(name) > 1)
        raise Mistakes([Problem(doubled, "this field stands twice in one table; keep one of them.")])
    return table


def _with_text_for_dates(value: Any) -> Any:  # noqa: ANN401 — whatever TOML holds
    if isinstance(value, dict):
        return {name: _with_text_for_dates(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_with_text_for_dates(each) for each in value]
    return value.isoformat() if isinstance(value, datetime | date | time) else value


def _wrong_entries(raw: dict[str, Any]) -> list[Problem]:
    """The first mistake of every entry, so that all entries are seen at once."""
    return [
        problem
        for environment in ENVIRONMENTS
        for section, kind in (_ENTRIES | _OF_ONE[environment]).items()
        for number, entry in enumerate(_list_in(raw, environment, section))
        for problem in _wrong(entry, kind, f"{environment}.{section}[{number}]")
    ]


def _wrong_frame(raw: dict[str, Any]) -> list[Problem]:
    """The first mistake of what stands around the entries."""
    frame = dict(raw)
    for environment in ENVIRONMENTS:
        if isinstance(table := raw.get(environment), dict):
            sections = _ENTRIES | _OF_ONE[environment]
            frame[environment] = {
                name: [] if name in sections and isinstance(value, list) else value for name, value in table.items()
            }
    return _wrong(frame, shapes.Declaration, "")


def _list_in(raw: dict[str, Any], environment: str, section: str) -> list[Any]:
    table = raw.get(environment)
    found = table.get(section) if isinstance(table, dict) else None
    return found if isinstance(found, list) else []


def _wrong(raw: object, kind: type[msgspec.Struct], prefix: str) -> list[Problem]:
    try:
        msgspec.convert(raw, kind)
    except msgspec.ValidationError as error:
        return [_problem(str(error), kind, prefix)]
    return []


def _problem(error: str, kind: type[msgspec.Struct], prefix: str) -> Problem:
    found = _ERROR.fullmatch(error)
    text, inner = (found["text"], found["path"] or "") if found else (error, "")
    path = f"{prefix}{inner}".removeprefix(".")
    if named := _NAMED.fullmatch(text):
        sentence = "say it." if named["how"] == "missing required" else _unknown_field(kind, inner, named["name"])
        return Problem(f"{path}.{named['name']}".removeprefix("."), sentence)
    if text.startswith("Invalid enum value"):
        return Problem(path, f"choose among {', '.join(_choices(_type_at(kind, inner)))}.")
    if expected := _EXPECTED.fullmatch(text):
        wanted = " or ".join(_spoken(word) for word in expected["wanted"].split(" | ") if word != "null")
        return Problem(path, f"give {wanted}, not {_spoken(expected['given'])}.")
    if bound := _BOUND.fullmatch(text):
        return Problem(path, f"give {bound['number']} or {'more' if bound['how'] == '>' else 'less'}.")
    return Problem(path, f"{text[0].lower()}{text[1:]}.".replace("`", ""))


def _spoken(word: str) -> str:
    return _WORDS.get(word, word)


def _unknown_field(kind: type[msgspec.Struct], inner: str, name: str) -> str:
    fields = [field.encode_name for each in _type_at(kind, inner) for field in getattr(each, "fields", ())]
    near = difflib.get_close_matches(name, fields, 1, cutoff=0.7)
    return f"there is no such field; did you mean {near[0]}?" if near else "there is no such field; remove it."


def _choices(types: list[inspect.Type]) -> list[str]:
    return [str(value) for each in types if isinstance(each, inspect.LiteralType) for value in each.values]


def _type_at(kind: type[msgspec.Struct], inner: str) -> list[inspect.Type]:
    """What may stand at a path below a struct: every alternative."""
    types = _alternatives(inspect.type_info(kind))
    for name, _ in _TOKEN.findall(inner):
        types = [found for each in types for found in _step(each, name)]
    return types


def _step(where: inspect.Type, name: str) -> list[inspect.Type]:
    if isinstance(where, inspect.StructType):
        return [found for field in where.fields if field.encode_name == name for found in _alternatives(field.type)]
    return _alternatives(where.item_type) if isinstance(where, inspect.ListType) and not name else []


def _alternatives(info: inspect.Type) -> list[inspect.Type]:
    if isinstance(info, inspect.Metadata):
        return _alternatives(info.type)
    if isinstance(info, inspect.UnionType):
        return [found for each in info.types for found in _alternatives(each)]
    return [info]
