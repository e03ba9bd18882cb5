"""Are lines added to a file so that none is lost, and none becomes part of another?"""

from pathlib import Path

import pytest

from keysteward.outgoing.lines import Unwritable, append, last_line


def test_lines_are_added_behind_those_that_are_there(tmp_path: Path) -> None:
    """The last whole one is known again; the file is private."""
    file = tmp_path / "lines.txt"
    assert last_line(file) == ""
    append(file, ["one", "two"])
    append(file, ["three"])

    assert (file.read_text(), last_line(file)) == ("one\ntwo\nthree\n", "three")
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_line_that_was_cut_off_stays_alone(tmp_path: Path) -> None:
    """It is not the last one, and the next begins on a line of its own."""
    file = tmp_path / "lines.txt"
    file.write_bytes(b"one\ntw\xc3")
    assert last_line(file) == "one"
    append(file, ["two"])

    assert file.read_bytes() == b"one\ntw\xc3\ntwo\n"
    assert last_line(file) == "two"


def test_only_the_end_of_a_long_file_is_read(tmp_path: Path) -> None:
    """However long the copy grew."""
    file = tmp_path / "lines.txt"
    file.write_text("x" * 2_000_000 + "\nlast\n")

    assert last_line(file) == "last"


@pytest.mark.parametrize("place", ["missing/lines.txt", "."])
def test_what_cannot_be_written_says_why(tmp_path: Path, place: str) -> None:
    """A folder that is not there, a folder in the place of the file."""
    with pytest.raises(Unwritable, match=r"No such file or directory|Is a directory"):
        append(tmp_path / place, ["one"])


def test_what_cannot_be_read_says_why(tmp_path: Path) -> None:
    """A folder is no file."""
    with pytest.raises(Unwritable, match="Is a directory"):
        last_line(tmp_path)
