"""How are the lines shown, on a terminal and in a document?"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.lines import Line
from bench.machine import description

_HEADINGS = ("what", "measured", "in ratio", "goal", "")
_PLACE = re.compile(r"(?<=<!-- bench -->\n).*(?=<!-- end of bench -->)", re.DOTALL)


def show(console: Console, lines: Sequence[Line]) -> None:
    """Print the table."""
    table = Table(*_HEADINGS, title=description())
    for line in lines:
        table.add_row(*_cells(line))
    console.print(table)


def write(document: Path, lines: Sequence[Line]) -> None:
    """Put the table into a document, with machine and date, in the place of the one that stands there."""
    rows = [_HEADINGS, tuple("---" for _ in _HEADINGS), *map(_cells, lines)]
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    said = f"\n{datetime.now(UTC):%Y-%m-%d}, {description()}.\n\n{table}\n\n"
    text = document.read_text()
    if not _PLACE.search(text):
        raise ValueError(f"{document} has no place for the table: <!-- bench --> … <!-- end of bench -->")
    document.write_text(_PLACE.sub(lambda _: said, text))


def _cells(line: Line) -> tuple[str, ...]:
    goal = ("", "") if line.goal is None else (line.goal.text, line.goal.outcome)
    return (line.name, line.measured, line.ratio, *goal)
