"""Is a short list narrowed, sorted and paged as it is asked?"""

from typing import Any

from keysteward.rules.listing import Part, Wanted, arranged

ROWS: list[dict[str, Any]] = [
    {"name": "zebra", "state": "on", "at": 3},
    {"name": "Apple", "state": "off", "at": None},
    {"name": "banana", "state": "on", "at": 1},
    {"name": "apple", "state": "on", "at": 2},
]


def names(wanted: Wanted) -> Part[str]:
    """The names on the page that is wanted."""
    part = arranged(
        ROWS,
        wanted,
        lambda row: [str(row["name"])],
        {"state": lambda row, value: row["state"] == value},
        lambda row, name: row[name],
    )
    return Part([str(row["name"]) for row in part.rows], part.total, part.page)


def test_a_list_that_nobody_narrows_keeps_its_order() -> None:
    """All rows stand on the first page."""
    assert names(Wanted()) == Part(["zebra", "Apple", "banana", "apple"], 4, 1)


def test_words_and_filters_hold_together() -> None:
    """Letter case does not matter to words; both have to fit."""
    assert names(Wanted(words="APPLE")).rows == ["Apple", "apple"]
    assert names(Wanted(words="apple", chosen=(("state", "on"),))) == Part(["apple"], 1, 1)


def test_a_list_is_sorted_in_both_directions() -> None:
    """Letter case does not matter, rows that are alike keep their order, and rows without a value come last."""
    assert names(Wanted(sort="name")).rows == ["Apple", "apple", "banana", "zebra"]
    assert names(Wanted(sort="name", is_descending=True)).rows == ["zebra", "banana", "Apple", "apple"]
    assert names(Wanted(sort="at")).rows == ["banana", "apple", "zebra", "Apple"]
    assert names(Wanted(sort="at", is_descending=True)).rows == ["zebra", "apple", "banana", "Apple"]


def test_pages_hold_every_row_once() -> None:
    """Behind the end stands the last page; an empty list has one page."""
    assert names(Wanted(page=1, size=3)) == Part(["zebra", "Apple", "banana"], 4, 1)
    assert names(Wanted(page=2, size=3)) == Part(["apple"], 4, 2)
    assert names(Wanted(page=9_999, size=3)) == Part(["apple"], 4, 2)
    assert names(Wanted(words="nothing like it", page=3)) == Part([], 0, 1)
