"""What does somebody want to see of a list: which rows, in which order, and which page of them?"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Generic, NamedTuple, TypeVar

Row = TypeVar("Row")

PAGE_SIZE = 50
MOST_PAGES = 10_000
MOST_WORDS = 100
MOST_DOWNLOADED = 10_000
"""A list is downloaded up to so many rows; narrowed, the rest can be had too."""


class Wanted(NamedTuple):
    """What is asked of a list. `chosen` has the filters that apply; without `sort` it stands in its own order."""

    words: str = ""
    chosen: tuple[tuple[str, str], ...] = ()
    sort: str = ""
    is_descending: bool = False
    page: int = 1
    size: int = PAGE_SIZE

    def choice(self, name: str) -> str:
        """The value of a filter, or nothing."""
        return dict(self.chosen).get(name, "")

    @property
    def is_narrowed(self) -> bool:
        """Whether rows may be left out."""
        return bool(self.words or self.chosen)

    def within(self, total: int) -> "Wanted":
        """The same, on the last page where the one that was asked for lies behind the end."""
        return self._replace(page=min(self.page, max(1, -(-total // self.size))))

    @property
    def skipped(self) -> int:
        """How many rows stand before the page."""
        return (self.page - 1) * self.size


class Part(NamedTuple, Generic[Row]):
    """The rows of one page, how many there are on all pages, and the number of this one."""

    rows: list[Row]
    total: int
    page: int = 1


def whole(rows: list[Row]) -> Part[Row]:
    """A list that stands on one page."""
    return Part(rows, len(rows))


def arranged(
    rows: Iterable[Row],
    wanted: Wanted,
    says: Callable[[Row], Iterable[str]],
    fits: Mapping[str, Callable[[Row, str], bool]],
    of: Callable[[Row, str], Any],
) -> Part[Row]:
    """One page of a list that policy keeps short, so that it is read whole.

    `says` are the texts that words are looked for in, `fits` judges a row by a filter, `of` is what a column sorts by.
    Rows that are alike in what they are sorted by keep their order.
    """
    words = wanted.words.casefold()
    found = [
        row
        for row in rows
        if all(fits[name](row, value) for name, value in wanted.chosen)
        and (not words or any(words in each.casefold() for each in says(row)))
    ]
    if wanted.sort:
        there = [row for row in found if of(row, wanted.sort) is not None]
        missing = [row for row in found if of(row, wanted.sort) is None]
        found = [*sorted(there, key=lambda row: _place(of(row, wanted.sort)), reverse=wanted.is_descending), *missing]
    shown = wanted.within(len(found))
    return Part(found[shown.skipped : shown.skipped + shown.size], len(found), shown.page)


def _place(value: Any) -> Any:  # noqa: ANN401 — a column has values of one kind, and each kind has an order
    return value.casefold() if isinstance(value, str) else value
