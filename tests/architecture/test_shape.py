"""Does every file keep the shape that lets a newcomer read it in one sitting?"""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

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


@cache
def parsed(file: Path) -> ast.Module:
    """Read a file as its tree."""
    return ast.parse((ROOT / file).read_text())


def functions(file: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Find every function of a file, methods and inner ones too."""
    for node in ast.walk(parsed(file)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def lines_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count the lines of a function."""
    return (function.end_lineno or 0) - function.lineno + 1


def test_a_name_says_what_is_inside() -> None:
    """No folder and no module has a name under which anything could be put."""
    assert [str(file) for file in python_files() if NAMES_THAT_SAY_NOTHING & {*file.with_suffix("").parts}] == []


def test_a_module_says_which_question_it_answers() -> None:
    """Every module begins with a docstring."""
    assert [str(file) for file in python_files() if not ast.get_docstring(parsed(file))] == []


def test_a_file_fits_in_one_sitting() -> None:
    """No file has more than 400 lines, but the lists."""
    read_through = [file for file in python_files() if file.name not in LISTS and not file.is_relative_to(STEPS)]
    lengths = {str(file): len((ROOT / file).read_text().splitlines()) for file in read_through}

    assert {file: lines for file, lines in lengths.items() if lines > MOST_LINES_OF_A_FILE} == {}


def test_a_function_fits_on_one_screen() -> None:
    """No function has more than 50 lines."""
    files = [file for file in python_files() if not file.is_relative_to(STEPS)]
    lengths = [(str(file), each.name, lines_of(each)) for file in files for each in functions(file)]

    assert [each for each in lengths if each[-1] > MOST_LINES_OF_A_FUNCTION] == []


def test_the_house_stays_small() -> None:
    """Half of the product's functions have at most 7 lines, nine of ten at most 22; nine of ten files at most 300."""
    files = [file for file in python_files() if file.parts[0] == "src" and not file.is_relative_to(STEPS)]
    of_functions = sorted(lines_of(function) for file in files for function in functions(file))
    of_files = sorted(len((ROOT / file).read_text().splitlines()) for file in files)

    assert of_functions[len(of_functions) // 2] <= HALF_OF_ALL_FUNCTIONS
    assert of_functions[len(of_functions) * 9 // 10] <= NINE_OF_TEN_FUNCTIONS
    assert of_files[len(of_files) * 9 // 10] <= NINE_OF_TEN_FILES


def test_a_test_states_its_guarantee() -> None:
    """Every test has a docstring."""
    tests = [(file, each) for file in python_files() for each in functions(file) if each.name.startswith("test_")]

    assert [f"{file} {test.name}" for file, test in tests if not ast.get_docstring(test)] == []
