"""Does every file keep the shape that lets a newcomer read it in one sitting?"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NAMES_THAT_SAY_NOTHING = {"base", "common", "core", "helper", "helpers", "interfaces", "manager", "util", "utils"}
LISTS = {"tables.py", "routes.py", "refusals.py"}  # read by looking up, not from top to bottom
STEPS = Path("src/keysteward/store/migrations/versions")  # each as long as what it changes
MOST_LINES_OF_A_FILE = 400
MOST_LINES_OF_A_FUNCTION = 50
HALF_OF_ALL_FUNCTIONS, NINE_OF_TEN_FUNCTIONS, NINE_OF_TEN_FILES = 7, 22, 300


def python_files() -> list[Path]:
    """Find our own Python files, as paths from the root."""
    files = [*ROOT.glob("src/**/*.py"), *ROOT.glob("tests/**/*.py"), *ROOT.glob("bench/**/*.py")]
    return sorted(file.relative_to(ROOT) for file in files if "node_modules" not in file.parts)


def functions(file: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Find every function of a file, methods and inner ones too."""
    for node in ast.walk(ast.parse((ROOT / file).read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def lines_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count the lines of a function."""
    return (function.end_lineno or 0) - function.lineno + 1


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

    assert lines <= MOST_LINES_OF_A_FILE or file.name in LISTS or file.is_relative_to(STEPS), f"{lines} lines"


@every_file
def test_a_function_fits_on_one_screen(file: Path) -> None:
    """No function has more than 50 lines."""
    lengths = {function.name: lines_of(function) for function in functions(file)}
    longest = {name: lines for name, lines in lengths.items() if lines > MOST_LINES_OF_A_FUNCTION}

    assert longest == {} or file.is_relative_to(STEPS)


def test_the_house_stays_small() -> None:
    """Half of the product's functions have at most 7 lines, nine of ten at most 22; nine of ten files at most 300."""
    files = [file for file in python_files() if file.parts[0] == "src" and not file.is_relative_to(STEPS)]
    of_functions = sorted(lines_of(function) for file in files for function in functions(file))
    of_files = sorted(len((ROOT / file).read_text().splitlines()) for file in files)

    assert of_functions[len(of_functions) // 2] <= HALF_OF_ALL_FUNCTIONS
    assert of_functions[len(of_functions) * 9 // 10] <= NINE_OF_TEN_FUNCTIONS
    assert of_files[len(of_files) * 9 // 10] <= NINE_OF_TEN_FILES


@every_file
def test_a_test_states_its_guarantee(file: Path) -> None:
    """Every test has a docstring."""
    tests = [function for function in functions(file) if function.name.startswith("test_")]

    assert [test.name for test in tests if not ast.get_docstring(test)] == []
