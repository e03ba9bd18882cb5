"""Do the pages about security name tests that exist?"""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "security" / "asvs-v10.md"
NAMED = re.compile(r"`(test_\w+\.py)::(test_\w+)`")
REQUIREMENT = re.compile(r"^\| (10\.\d+\.\d+) \|", re.MULTILINE)
HOW_MANY = {"10.1": 2, "10.2": 3, "10.3": 5, "10.4": 16, "10.5": 5, "10.6": 2, "10.7": 3}


def named_in(file: str) -> set[str]:
    """The names of the tests in every file of that name."""
    trees = [ast.parse(path.read_text()) for path in ROOT.glob(f"tests/**/{file}")]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    return {node.name for node in nodes if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize(("file", "test"), sorted(set(NAMED.findall(PAGE.read_text()))))
def test_a_named_test_exists(file: str, test: str) -> None:
    """What is said to hold a requirement is a test of that file."""
    assert test in named_in(file)


def test_every_requirement_of_the_chapter_is_there() -> None:
    """All 36 of version 5.0, each once, each with a test."""
    wanted = [f"{section}.{number}" for section, last in HOW_MANY.items() for number in range(1, last + 1)]
    rows = [line for line in PAGE.read_text().splitlines() if REQUIREMENT.match(line)]

    assert REQUIREMENT.findall(PAGE.read_text()) == wanted
    assert [row for row in rows if not NAMED.search(row)] == []
