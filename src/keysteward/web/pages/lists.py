"""How is a list shown: narrowed, sorted and page by page, with its state in the address, and as CSV?

A page names its columns and filters once, in a `Table`. The address says what is wanted; unknown values are named and
narrow nothing. With `csv=NAME` the same address downloads the rows of all its pages.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import urlencode

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import StreamingResponse

from keysteward.rules.listing import MOST_DOWNLOADED, PAGE_SIZE, Part, Wanted
from keysteward.rules.listing import arranged as rows_arranged
from keysteward.rules.spreadsheets import lines
from keysteward.web.answers import NO_STORE
from keysteward.web.lists_asked import Asked, asked

Row = Mapping[str, Any]

_DOWNLOAD = "csv"
_PASSING = frozenset({_DOWNLOAD, "done"})
_MOST_KEPT, _MOST_LETTERS = 20, 200
_WAYS = {
    "text": ("A to Z", "Z to A"),
    "moment": ("oldest first", "newest first"),
    "number": ("least first", "most first"),
    "severity": ("gravest first", "mildest first"),
}


class Column(NamedTuple):
    """A column: its head, and what a row has for it, which is also what the address sorts by.

    `kind` is text, moment, number or severity. Columns that are not shown stand in the download only.
    """

    label: str
    name: str
    kind: str = "text"
    sorts: bool = True
    is_shown: bool = True


class Filter(NamedTuple):
    """A filter: its known values in words, and what applies where none is chosen.

    A row is judged by what it has under the filter's name.
    """

    name: str
    label: str
    values: Mapping[str, str]
    nothing: str


@dataclass(frozen=True, slots=True)
class Table:
    """A list as its page names it. `searched` are the columns that words are looked for in, `hint` says which."""

    name: str
    columns: tuple[Column, ...]
    searched: tuple[str, ...] = ()
    hint: str = ""
    choices: tuple[Filter, ...] = ()
    actions: bool = False
    prefix: str = ""
    size: int = PAGE_SIZE

    def with_values(self, name: str, values: Mapping[str, str]) -> "Table":
        """The same, where the values of a filter are known only once the page is asked for."""
        choices = tuple(each._replace(values=values) if each.name == name else each for each in self.choices)
        return replace(self, choices=choices)


@dataclass(frozen=True, slots=True)
class Listing:
    """A list as an address asks for it."""

    table: Table
    asked: Asked
    path: str
    query: QueryParams

    @property
    def is_download(self) -> bool:
        """Whether its rows are asked for as a file."""
        return self.query.get(_DOWNLOAD) == self.table.name

    @property
    def wanted(self) -> Wanted:
        """What is wanted: a page, or for a file all of them."""
        wanted = self.asked.wanted
        return wanted._replace(page=1, size=MOST_DOWNLOADED) if self.is_download else self._page

    def arranged(self, rows: Iterable[Row]) -> Part[Row]:
        """A page of a list that policy keeps short."""
        fits = {each.name: partial(_fits, each.name) for each in self.table.choices}
        return rows_arranged(rows, self.wanted, self._texts, fits, _order)

    def download(self, rows: Iterable[Row]) -> StreamingResponse:
        """The rows as CSV."""
        columns = self.table.columns
        cells = ([_cell(row[each.name]) for each in columns] for row in rows)
        headers = {**NO_STORE, "Content-Disposition": f'attachment; filename="{self.table.name}.csv"'}
        written = lines([each.label for each in columns], cells)
        return StreamingResponse(written, headers=headers, media_type="text/csv; charset=utf-8; header=present")

    def shown(self, part: Part[Any]) -> dict[str, Any]:
        """What list_parts.html takes."""
        wanted, table = self._page._replace(page=part.page), self.table
        first = (part.page - 1) * wanted.size + 1
        last = min(part.total, part.page * wanted.size)
        return {
            "name": table.name,
            "path": self.path,
            "prefix": table.prefix,
            "hint": table.hint if table.searched else "",
            "words": wanted.words,
            "choices": [each._asdict() | {"chosen": wanted.choice(each.name)} for each in table.choices],
            "sorts": [(value, words) for each in table.columns if each.sorts for value, words in _ways(each)],
            "sort": _sort(wanted),
            "is_ordered_here": not any(each.sorts and each.is_shown for each in table.columns),
            "kept": self._kept(),
            "heads": [self._head(each) for each in table.columns if each.is_shown],
            "actions": table.actions,
            "ignored": self.asked.ignored,
            "is_narrowed": wanted.is_narrowed,
            "total": part.total,
            "first": first,
            "last": last,
            "previous": self._link(wanted._replace(page=part.page - 1)) if part.page > 1 else "",
            "next": self._link(wanted._replace(page=part.page + 1)) if last < part.total else "",
            "everything": self._link(Wanted(sort=wanted.sort, is_descending=wanted.is_descending)),
            "csv": self._link(wanted._replace(page=1), {_DOWNLOAD: table.name}),
            "most_downloaded": MOST_DOWNLOADED,
        }

    @property
    def _page(self) -> Wanted:
        return self.asked.wanted._replace(size=self.table.size)

    def _texts(self, row: Row) -> list[str]:
        return [_cell(row[name]) for name in self.table.searched]

    def _head(self, column: Column) -> dict[str, str]:
        if not column.sorts:
            return {"label": column.label, "href": "", "sorted": ""}
        wanted = self.asked.wanted
        is_sorted = wanted.sort == column.name
        turned = wanted._replace(sort=column.name, is_descending=is_sorted and not wanted.is_descending, page=1)
        how = ("descending" if wanted.is_descending else "ascending") if is_sorted else ""
        return {"label": column.label, "href": self._link(turned), "sorted": how}

    def _link(self, wanted: Wanted, more: Mapping[str, str] | None = None) -> str:
        own = {"q": wanted.words, **dict(wanted.chosen), "sort": _sort(wanted)}
        own["page"] = str(wanted.page) if wanted.page > 1 else ""
        said = [(self.table.prefix + name, value) for name, value in own.items() if value]
        pairs = [*self._kept(), *said, *(more or {}).items()]
        return f"{self.path}?{urlencode(pairs)}" if pairs else self.path

    def _kept(self) -> list[tuple[str, str]]:
        """What the address says of other things than this list."""
        own = {self.table.prefix + name for name in ("q", "sort", "page", *(each.name for each in self.table.choices))}
        pairs = [pair for pair in self.query.multi_items() if pair[0] not in own | _PASSING and pair[1]]
        return [(name, value) for name, value in pairs if len(name + value) <= _MOST_LETTERS][:_MOST_KEPT]


def read(request: Request, table: Table, path: str = "") -> Listing:
    """What the request's address asks of a list; `path` is given where a form was sent to another one."""
    filters = {each.name: frozenset(each.values) for each in table.choices}
    sorts = frozenset(each.name for each in table.columns if each.sorts)
    query = request.query_params
    return Listing(table, asked(query, sorts, filters, table.prefix), path or request.url.path, query)


def _fits(name: str, row: Row, value: str) -> bool:
    has = row[name]
    return value in has if isinstance(has, (list, tuple, set, frozenset)) else _said(has) == value


def _order(row: Row, name: str) -> object:
    """What a row is sorted by: its place where it has one beside its words."""
    return row.get(f"{name}_order", row[name])


def _said(value: object) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def _sort(wanted: Wanted) -> str:
    return ("-" if wanted.is_descending else "") + wanted.sort if wanted.sort else ""


def _ways(column: Column) -> tuple[tuple[str, str], tuple[str, str]]:
    up, down = _WAYS[column.kind]
    return (column.name, f"{column.label}, {up}"), (f"-{column.name}", f"{column.label}, {down}")


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value))
    return _said(value)
