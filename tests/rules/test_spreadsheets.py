"""Does a download say what was recorded, and nothing that a spreadsheet would run?"""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keysteward.rules.spreadsheets import line, lines

CELLS = st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=20), min_size=1, max_size=6)
DANGEROUS = tuple("=+-@\t\r\n|%\uff1d\uff0b\uff0d\uff20")


@given(CELLS)
def test_a_reader_gets_the_cells_back(cells: list[str]) -> None:
    """Each as it was, or behind an apostrophe, and then never as a formula."""
    (found,) = (
        csv.reader(io.StringIO(line(cells), newline=""), strict=True) if any(cells) or len(cells) > 1 else [cells]
    )

    assert [read.removeprefix("'") if read != cell else read for read, cell in zip(found, cells, strict=True)] == cells
    assert not any(read.lstrip(" \xa0").startswith(DANGEROUS) for read in found)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "\r=1", "|calc", "%0", "\uff1d1"])
def test_a_formula_is_text(text: str) -> None:
    """An apostrophe stands before it."""
    assert next(csv.reader(io.StringIO(line([text]), newline=""))) == [f"'{text}"]


def test_a_table_begins_with_its_heads() -> None:
    """And every line ends as RFC 4180 says."""
    assert list(lines(["a", "b"], [["1", 'say "x", y']])) == ["a,b\r\n", '1,"say ""x"", y"\r\n']
