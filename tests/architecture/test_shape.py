"""Does every file keep the shape that lets a newcomer read it in one sitting?"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NAMES_THAT_SAY_NOTHING = {"base", "common", "core", "helper", "helpers", "interfaces", "manager", "util", "utils"}
LISTS = {"tables.py", "routes.py", "refusals.py"}  # read by looking up, not from top to bottom
MOST_LINES_OF_A_FILE = 400
MOST_LINES_OF_A_FUNCTION = 50


def python_files() -> list[Path]:
    """Find our own Python files, as paths from the root."""
    files = [*ROOT.glob("src/**/*.py"), *ROOT.glob("tests/**/*.py")]
    return sorted(file.relative_to(ROOT) for file in files if "node_modules" not in file.parts)


def functions(file: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Find every function of a file, methods and inner ones too."""
    for node in ast.walk(ast.parse((ROOT / file).read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


every_file = pytest.mark.parametrize("file", python_files(), ids=str)


@every_file
def test_a_name_says_what_is_inside(file: Path) -> None:
    """No folder and no module has a name under which anything could be put."""
    assert NAMES_THAT_SAY_NOTHING.isdisjoint(file.with_suffix("").parts)


@every_file
def test_a_module_says_which_question_it_answers(file: Path) -> None:
    """Every module begins with a docstring."""
    assert ast.get_docstring(ast.parse((ROOT / file).read_text()))


@every_file
def test_a_file_fits_in_one_sitting(file: Path) -> None:
    """No file has more than 400 lines, but the lists."""
    lines = len((ROOT / file).read_text().splitlines())

    assert lines <= MOST_LINES_OF_A_FILE or file.name in LISTS, f"{lines} lines"


@every_file
def test_a_function_fits_on_one_screen(file: Path) -> None:
    """No function has more than 50 lines."""
    lengths = {function.name: (function.end_lineno or 0) - function.lineno + 1 for function in functions(file)}

    assert {name: lines for name, lines in lengths.items() if lines > MOST_LINES_OF_A_FUNCTION} == {}


@every_file
def test_a_test_states_its_guarantee(file: Path) -> None:
    """Every test has a docstring."""
    tests = [function for function in functions(file) if function.name.startswith("test_")]

    assert [test.name for test in tests if not ast.get_docstring(test)] == []
