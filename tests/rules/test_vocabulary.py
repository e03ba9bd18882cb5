"""Which words of ours could be taken for a person's name?"""

import ast
from pathlib import Path

import pytest

from keysteward import rules
from keysteward.rules.vocabulary import VOCABULARY, is_our_word


def test_every_list_of_two_words_is_in_the_vocabulary() -> None:
    """A list that code reads, and in which a word has a space like a full name, is named there."""
    sources = [path.read_text() for folder in rules.__path__ for path in Path(folder).rglob("*.py")]
    lists = [node for each in sources for node in ast.walk(ast.parse(each)) if _is_list_of_words(node)]
    found = [each.value for node in lists for each in ast.walk(node) if isinstance(each, ast.Constant)]
    words = {word.casefold() for word in found if isinstance(word, str) and " " in word}

    assert len(words) > 30
    assert words - VOCABULARY == set(), "name their lists in rules/vocabulary.py"


def _is_list_of_words(node: ast.AST) -> bool:
    return isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id == "Literal"


@pytest.mark.parametrize("name", ["Public integration", "SECRET  key", "identity provider", "Called off"])
def test_a_name_that_is_our_word(name: str) -> None:
    """Whatever its letter case and spaces."""
    assert is_our_word(name)


@pytest.mark.parametrize("name", ["Bo Leaver", "Public Integration Smith", "integration"])
def test_a_name_that_is_none(name: str) -> None:
    """Also where it holds one."""
    assert not is_our_word(name)
