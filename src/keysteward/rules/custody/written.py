"""How is a written inventory read into rows, so that each value knows its file, line and column?"""

import csv
import io
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from keysteward.rules.custody.columns import COLUMNS, Column, RowKind, column_of, facts_of, kind_of
from keysteward.rules.custody.inventory import Fact

GUIDE = "docs/guides/custody.md lists the columns."
_MOST_CELL = 20_000
_LOOKED_AT = 256
_SEPARATOR = re.compile(r"sep=([,;\t])\r?\n", re.IGNORECASE)  # how a spreadsheet is told the separator
_TABLE = re.compile(r"\s*\[\[\s*\"?([\w-]+)\"?\s*\]\]")
_SETTING = re.compile(r"\s*\"?([\w-]+)\"?\s*=")
_PLACE = re.compile(r"\(at line (\d+), column (\d+)\)")


class Misread(Exception):
    """A file cannot be read: where, why, and what to do next."""

    def __init__(self, where: str, sentence: str, next_step: str = GUIDE) -> None:
        super().__init__(f"{where}: {sentence}")
        self.where = where
        self.sentence = sentence
        self.next_step = next_step


class Cell(NamedTuple):
    """A value as text, and where it stands."""

    text: str
    where: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file: an account, a user in an account, a key or an organization."""

    kind: RowKind
    where: str
    cells: dict[str, Cell]

    def text(self, name: str) -> str:
        """A value, trimmed; nothing where the row has none."""
        cell = self.cells.get(name)
        return cell.text.strip() if cell else ""

    def at(self, name: str) -> str:
        """Where a value stands, or the row."""
        return self.cells[name].where if name in self.cells else self.where


@dataclass(slots=True)
class Sheet:
    """What one file holds. `ignored` are headings that mean nothing here."""

    name: str
    rows: list[Row] = field(default_factory=list)
    tells: set[Fact] = field(default_factory=set)
    ignored: list[str] = field(default_factory=list)

    @property
    def says(self) -> str:
        """What the file was taken for."""
        kinds = dict.fromkeys(row.kind for row in self.rows)
        return " and ".join(kinds) or "nothing"


def read(name: str, content: bytes) -> Sheet:
    """The rows of a file: TOML by its name, otherwise CSV."""
    text = text_of(name, content)
    return _from_toml(name, text) if name.lower().endswith(".toml") else _from_csv(name, text)


def text_of(name: str, content: bytes) -> str:
    """A file as text: UTF-8, or UTF-16 as spreadsheets write it."""
    try:
        return content.decode(_encoding(content))
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        column = error.start - content.rfind(b"\n", 0, error.start)
        raise Misread(
            f"{name}, line {line}, column {column}", "this is not UTF-8 text.", "Save the file as CSV UTF-8."
        ) from None


def _encoding(content: bytes) -> str:
    """UTF-16 is what spreadsheets call Unicode text; without a mark at its beginning every other byte of it is zero."""
    if content[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return "utf-16"
    is_wide = len(content) % 2 == 0 and b"\x00" in content[:_LOOKED_AT]
    if is_wide and not any(content[1:_LOOKED_AT:2]):
        return "utf-16-le"
    return "utf-16-be" if is_wide and not any(content[0:_LOOKED_AT:2]) else "utf-8-sig"


# ── CSV ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
def lines_of_csv(name: str, text: str) -> Iterator[tuple[int, list[str]]]:
    """The lines that are not empty, with their numbers; the separator is the one that the first line has most of."""
    said = _SEPARATOR.match(text)
    first = text[said.end() if said else 0 :].lstrip().partition("\n")[0]
    separator = said[1] if said else max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    number = 0
    try:
        for cells in reader:
            start, number = number + 1, reader.line_num
            if any(cell.strip() for cell in cells) and not (said and start == 1):
                yield start, cells
    except csv.Error as error:
        raise Misread(f"{name}, line {reader.line_num}", f"this is not CSV: {error}.") from None


def _from_csv(name: str, text: str) -> Sheet:
    lines = lines_of_csv(name, text)
    number, headings = next(lines, (1, []))
    kind = kind_of(headings)
    if kind is None:
        raise Misread(
            f"{name}, line {number}",
            "the headings tell neither of users, nor of accounts, keys or organizations.",
            f"Users need email, accounts need account, keys need key and account. {GUIDE}",
        )
    columns = _columns(f"{name}, line {number}", kind, headings)
    sheet = Sheet(name, tells=facts_of(kind, [column for column in columns if column]))
    sheet.ignored = [
        heading for heading, column in zip(headings, columns, strict=True) if column is None and heading.strip()
    ]
    sheet.rows = [_row_of_csv(name, line, kind, columns, cells) for line, cells in lines]
    return sheet


def _columns(where: str, kind: RowKind, headings: list[str]) -> list[Column | None]:
    """What each heading means. Where two mean the same, the first counts; of what every row needs there is one."""
    found: list[Column | None] = []
    seen: dict[str, str] = {}
    for number, heading in enumerate(headings, 1):
        column = column_of(kind, heading)
        if column is not None and column.name in seen and column.needed:
            both = f"{seen[column.name]} and {heading}"
            raise Misread(f"{where}, column {number}", f"{both} both mean {column.name}.", "Leave one of them out.")
        is_told = column is not None and column.name in seen and column.name != "status"
        found.append(None if is_told else column)
        if column is not None:
            seen.setdefault(column.name, heading)
    return found


def _row_of_csv(name: str, line: int, kind: RowKind, columns: list[Column | None], cells: list[str]) -> Row:
    if any(cell.strip() for cell in cells[len(columns) :]):
        where = f"{name}, line {line}, column {len(columns) + 1}"
        raise Misread(where, f"the line has {len(cells)} values, and there are {len(columns)} headings.")
    found: dict[str, Cell] = {}
    for number, (column, text) in enumerate(zip(columns, cells, strict=False), 1):
        if column is None or (column.name in found and not text.strip()):
            continue
        where = f"{name}, line {line}, column {number} ({column.name})"
        found[column.name] = _kept(found.get(column.name), Cell(_checked(text, where), where))
    return Row(kind, f"{name}, line {line}", found)


def _kept(before: Cell | None, cell: Cell) -> Cell:
    """Of a user's status and a membership's, the one that says less than active."""
    return before if before is not None and before.text.strip() and cell.text.strip().lower() == "active" else cell


def _checked(text: str, where: str) -> str:
    if len(text) > _MOST_CELL:
        raise Misread(where, f"this is longer than {_MOST_CELL:,} characters.")
    if "\x00" in text:
        raise Misread(where, "this holds a zero byte.")
    return text.removeprefix("'") if text[1:2] in tuple("=+-@") else text


# ── TOML ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def _from_toml(name: str, text: str) -> Sheet:
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = _PLACE.search(str(error))
        where = f"{name}, line {place[1]}, column {place[2]}" if place else name
        raise Misread(where, f"this is not TOML: {_PLACE.sub('', str(error)).strip()}.") from None
    except RecursionError:
        raise Misread(name, "it is nested too deeply.") from None
    places = _places(text)
    sheet = Sheet(name)
    for kind, rows in document.items():
        where = _where(name, places.get((kind, 0, "")))
        if kind not in COLUMNS:
            raise Misread(where, f"there is no table {kind}.", f"There are {', '.join(COLUMNS)}.")
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise Misread(where, f"{kind} is not a list of tables.", f"Begin each one with [[{kind}]].")
        for number, row in enumerate(rows):
            sheet.rows.append(_row_of_toml(name, places, (kind, number), row))
            sheet.tells |= facts_of(kind, [column for each in row if (column := column_of(kind, each))])
    return sheet


def _places(text: str) -> dict[tuple[str, int, str], tuple[int, int]]:
    """Line and column of every table and of every setting in it."""
    found: dict[tuple[str, int, str], tuple[int, int]] = {}
    kind, counts = "", dict[str, int]()
    for line, content in enumerate(text.splitlines(), 1):
        if table := _TABLE.match(content):
            kind = table[1]
            counts[kind] = counts.get(kind, -1) + 1
            found[kind, counts[kind], ""] = (line, table.start(1) + 1)
        elif setting := _SETTING.match(content):
            found.setdefault(
                (kind or setting[1], counts.get(kind, 0), setting[1] if kind else ""), (line, setting.start(1) + 1)
            )
    return found


def _where(name: str, place: tuple[int, int] | None) -> str:
    return f"{name}, line {place[0]}, column {place[1]}" if place else name


def _row_of_toml(
    name: str, places: dict[tuple[str, int, str], tuple[int, int]], at: tuple[RowKind, int], row: dict[str, Any]
) -> Row:
    kind, number = at
    table = _where(name, places.get((kind, number, "")))
    cells: dict[str, Cell] = {}
    for heading, value in row.items():
        where = f"{_where(name, places.get((kind, number, heading)))} ({heading})"
        column = column_of(kind, heading)
        if column is None:
            names = ", ".join(each.name for each in COLUMNS[kind])
            raise Misread(where, f"{kind} have no {heading}.", f"They have {names}.")
        cells[column.name] = Cell(_checked(_as_text(value, where), where), where)
    for column in COLUMNS[kind]:
        if column.needed and column.name not in cells:
            raise Misread(table, f"{column.name} is missing.", column.holds)
    return Row(kind, table, cells)


def _as_text(value: Any, where: str) -> str:  # noqa: ANN401 — TOML holds anything
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ";".join(_as_text(each, where) for each in value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str | int):
        return str(value)
    raise Misread(where, "this is neither text, a date, a number nor a list of these.")
