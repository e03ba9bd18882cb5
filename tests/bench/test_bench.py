"""Does every line of the bench still measure what it says?"""

import io
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from bench.__main__ import SECTIONS
from bench.lines import Goal, Line, at_least, below, middle
from bench.table import show, write

ROOT = Path(__file__).parents[2]
DEAR = {  # they start servers or fill databases
    "console", "custody", "forwarding", "history", "starting", "tokens", "verdicts",
}  # fmt: skip
SOME = [
    Line("a thing", "7 µs", "0.1 of another", Goal("< 8 µs", "met")),
    Line("a thing that is missing", "not measured; first run apt-get"),
]


@pytest.mark.parametrize(
    "section", [pytest.param(name, marks=pytest.mark.long if name in DEAR else ()) for name in SECTIONS]
)
def test_a_section_measures(section: str, tmp_path: Path) -> None:
    """At a tiny size every section comes to its end and says something on every line; how fast does not matter here."""
    document = tmp_path / "performance.md"
    document.write_text("<!-- bench -->\n<!-- end of bench -->\n")
    command = [sys.executable, "-m", "bench", "--tiny", "--only", section, "--write", str(document)]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    lines = [row.split(" | ") for row in document.read_text().splitlines() if row.startswith("| ")][2:]

    assert (said.returncode, said.stderr) == (0, "")
    assert lines
    assert [line[0] for line in lines if not line[1] or ("not measured" in line[1] and "nginx" not in line[1])] == []


def test_every_line_is_shown() -> None:
    """The table holds every part of every line."""
    console = Console(width=200, file=io.StringIO(), record=True)
    show(console, SOME)
    shown = console.export_text()

    assert [part for line in SOME for part in (line.name, line.measured, line.ratio) if part not in shown] == []
    assert "< 8 µs" in shown


def test_a_document_is_written_again_and_again(tmp_path: Path) -> None:
    """The table takes the place of the one that stood there, and nothing around it changes."""
    document = tmp_path / "performance.md"
    document.write_text("Before\n<!-- bench -->\nold\n<!-- end of bench -->\nAfter\n")
    write(document, SOME[1:])
    write(document, SOME[:1])
    text = document.read_text()

    assert "| a thing | 7 µs | 0.1 of another | < 8 µs | met |\n" in text
    assert "old" not in text
    assert "missing" not in text
    assert text.startswith("Before\n<!-- bench -->\n")
    assert text.endswith("<!-- end of bench -->\nAfter\n")


def test_a_document_without_a_place_is_left_alone(tmp_path: Path) -> None:
    """Where there is no place for a table, none is written."""
    document = tmp_path / "performance.md"
    document.write_text("Nothing\n")

    with pytest.raises(ValueError, match="has no place for the table"):
        write(document, SOME)
    assert document.read_text() == "Nothing\n"


def test_a_goal_is_judged() -> None:
    """A goal is met at its limit, missed below its floor, and between the two it says so."""
    assert [at_least(value, 0.5, 0.44).outcome for value in (0.5, 0.44, 0.43)] == ["met", "above the floor", "not met"]
    assert [below(value, 40, "µs").outcome for value in (39.9, 40.0)] == ["met", "not met"]


def test_the_middle_of_some_values() -> None:
    """The median, or the value below which another share lies; one value is its own."""
    values = [3.0, 1.0, 2.0]

    assert (middle(values), middle(values, 0.99), middle([7.0])) == (2.0, 3.0, 7.0)
