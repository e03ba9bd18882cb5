"""Do the documents still say what is there?"""

import ast
import re
from functools import cache
from pathlib import Path

from tests.browser.pages import BEST, PAGES

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "keysteward"
README = (ROOT / "README.md").read_text()
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("changelog.d/*.md")])

MOST_BYTES_OF_A_PICTURE = 150_000

MODULE = re.compile(r"`([\w/]+\.py)`")
SYMBOL = re.compile(
    r"`([\w/]+\.py)`,?(?: the \w+)? `(\w+)`"
)  # `module.py` `symbol`, or `module.py`, the tuple `SYMBOL`
FOLDER = re.compile(r"`((?:bench|docs|src|tests|changelog\.d)/[\w./-]*)`")
TARGET = re.compile(r"(?:`|^ *\$? *)make ([a-z-]+)", re.MULTILINE)
LINK = re.compile(r"\]\((?!\w+:|#)([^)#]+)")


def by_name(document: Path) -> str:
    """Name a document by its path from the root."""
    return str(document.relative_to(ROOT))


def names_defined_in(module: Path) -> set[str]:
    """Find the functions, classes and values that a module makes at its top level."""
    body = ast.parse(module.read_text()).body
    made = {node.name for node in body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)}
    targets = [node.targets for node in body if isinstance(node, ast.Assign)]
    targets += [[node.target] for node in body if isinstance(node, ast.AnnAssign)]
    return made | {target.id for group in targets for target in group if isinstance(target, ast.Name)}


@cache
def make_targets() -> set[str]:
    """Find what make can do, as its own list says it."""
    return set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))


def test_a_newcomer_is_led_somewhere() -> None:
    """README has the table of where to look, and it names modules and symbols."""
    _, _, table = README.partition("Where a newcomer looks")

    assert MODULE.search(table)
    assert SYMBOL.search(table)


def test_a_module_named_in_the_readme_exists() -> None:
    """Every `path.py` of the README is a module of the package, or a file of the repository."""
    named = set(MODULE.findall(README))

    assert {path for path in named if not ((PACKAGE / path).is_file() or (ROOT / path).is_file())} == set()


def test_a_symbol_named_in_the_readme_is_defined() -> None:
    """Every `symbol` that the README puts behind its module is made there."""
    named = set(SYMBOL.findall(README))

    assert {(path, symbol) for path, symbol in named if symbol not in names_defined_in(PACKAGE / path)} == set()


def test_set_up_takes_two_commands() -> None:
    """README shows at least two commands of make: one starts Keysteward, one tests it."""
    assert {"dev", "test"} <= set(TARGET.findall(README))


def test_continuous_integration_runs_the_test_command_of_the_readme() -> None:
    """What README tells a person to run is what the machine runs."""
    assert "make test" in (ROOT / ".ci" / "run").read_text().splitlines()


def test_a_command_in_a_document_exists() -> None:
    """Every `make …` of a document is something that make can do."""
    named = [(by_name(document), target) for document in DOCUMENTS for target in TARGET.findall(document.read_text())]

    assert [(document, target) for document, target in named if target not in make_targets()] == []


def test_a_folder_named_in_a_document_exists() -> None:
    """Every `folder/` or file of the repository that a document names is there."""
    named = [(by_name(document), path) for document in DOCUMENTS for path in FOLDER.findall(document.read_text())]

    assert [(document, path) for document, path in named if not (ROOT / path).exists()] == []


def test_a_link_leads_to_a_file() -> None:
    """Every relative link of a document leads to a file."""
    links = [(document, link) for document in DOCUMENTS for link in LINK.findall(document.read_text())]

    assert [(by_name(document), link) for document, link in links if not (document.parent / link).exists()] == []


def test_the_best_pictures_are_shown() -> None:
    """Each is of a page that is looked at, is small enough to load, and stands in a document with its words."""
    shown = {
        name for document in DOCUMENTS for name in re.findall(r"!\[.+\]\(.*images/([\w-]+)\.png", document.read_text())
    }
    sizes = {name: (ROOT / "docs" / "images" / f"{name}.png").stat().st_size for name in BEST}

    assert shown == set(BEST)
    assert set(BEST.values()) <= {page.file for page in PAGES}
    assert {name: size for name, size in sizes.items() if size > MOST_BYTES_OF_A_PICTURE} == {}
