"""Is every way to say no complete, and said once?"""

import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

import keysteward
from keysteward.rules import refusals
from keysteward.rules.refusals import (
    ACCOUNT_NOT_OPEN,
    ALL,
    FOREIGN_TOKEN,
    INVALID_FIELD,
    KEY_DELETED,
    NO_SUCH_KEY,
    WRONG_CREDENTIALS,
    Kind,
    Refusal,
    demand,
)

SOURCES = sorted(Path(keysteward.__file__).parent.rglob("*.py"))


def slots(kind: Kind) -> set[str]:
    """The names in braces that a kind wants filled."""
    return {name for text in (kind.sentence, kind.next_step) for _, name, _, _ in Formatter().parse(text) if name}


def raised(source: Path) -> Iterator[tuple[Kind, set[str]]]:
    """Every `Refusal(KIND, name=…)` of a source file, with the names that it fills."""
    for node in ast.walk(ast.parse(source.read_text())):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Refusal"):
            continue
        kind = node.args[0]
        known = getattr(refusals, kind.id, None) if isinstance(kind, ast.Name) else None
        if isinstance(known, Kind):
            yield known, {keyword.arg for keyword in node.keywords if keyword.arg}


def test_codes_are_unique() -> None:
    """No two refusals share a code."""
    codes = [kind.code for kind in ALL]

    assert sorted(set(codes)) == sorted(codes)


def test_a_sentence_is_whole() -> None:
    """A sentence ends with a period or with a reason that brings its own; only a text of the wire has neither."""
    assert [kind.code for kind in ALL if not kind.sentence.endswith((".", "}"))] == [FOREIGN_TOKEN.code]


def test_a_refusal_says_what_to_do_next() -> None:
    """Every refusal has a next step that is a whole sentence."""
    ends = (".", "-----", "Bearer token.")

    assert [k.code for k in ALL if not (k.next_step[:1].isupper() and k.next_step.endswith(ends))] == []


def test_slots_are_plain_names() -> None:
    """What is filled into a sentence is named simply, so nothing of an object can be reached through it."""
    assert [(kind.code, name) for kind in ALL for name in slots(kind) if not name.isidentifier()] == []


def test_a_status_is_an_error() -> None:
    """A refusal is never a success, and only our own failures are 5xx."""
    assert [kind.code for kind in ALL if not 400 <= kind.status < 600] == []


def test_no_description_needs_filling() -> None:
    """What OAuth clients read is fixed text: it holds no value that somebody sent."""
    assert [kind.code for kind in ALL if "{" in (kind.description or "")] == []


def test_whoever_refuses_fills_the_sentence() -> None:
    """Every place that raises a refusal gives all values that its sentences want."""
    every = [(source, kind, given) for source in SOURCES for kind, given in raised(source)]
    gaps = [(source.name, kind.code, sorted(slots(kind) - given)) for source, kind, given in every]

    assert len(every) > len(ALL)
    assert [(source, code, names) for source, code, names in gaps if names] == []


def test_a_sentence_is_filled() -> None:
    """The values of a refusal stand in its sentence and in its next step."""
    refusal = Refusal(INVALID_FIELD, field="name", reason="fill it in.")

    assert refusal.sentence == "name: fill it in."
    assert Refusal(KEY_DELETED, days=15).next_step == "Restore it first; that is possible for 15 days."


def test_a_value_that_is_missing_leaves_a_gap_and_no_error() -> None:
    """A refusal can always be said, whatever was forgotten."""
    assert Refusal(ACCOUNT_NOT_OPEN).sentence == "This account is ."


def test_a_value_cannot_smuggle_a_slot() -> None:
    """Braces in a value are shown as they are."""
    assert Refusal(INVALID_FIELD, field="{reason}", reason="{field}").sentence == "{reason}: {field}"


def test_the_field_is_the_one_that_is_named_or_the_kind_s_own() -> None:
    """A refusal knows which input is wrong."""
    assert Refusal(INVALID_FIELD, field="name", reason="").field == "name"
    assert Refusal(WRONG_CREDENTIALS).field == "password"
    assert Refusal(NO_SUCH_KEY).field == ""


def even(number: int) -> Kind | None:
    """Refuse odd numbers."""
    return NO_SUCH_KEY if number % 2 else None


def small(number: int) -> Kind | None:
    """Refuse great numbers."""
    return KEY_DELETED if number > 9 else None


def test_the_first_check_that_finds_something_is_the_answer() -> None:
    """Checks are asked in their order, the first refusal stops, and its log detail names the check."""
    with pytest.raises(Refusal) as caught:
        demand((small, even), 11, days=15)

    assert (caught.value.kind, caught.value.detail, caught.value.values) == (KEY_DELETED, "small", {"days": 15})


def test_what_passes_every_check_passes() -> None:
    """Nothing is raised where no check finds anything."""
    demand((small, even), 8)


def test_no_checks_at_all_are_a_mistake() -> None:
    """An empty tuple of checks proves nothing, so it raises."""
    with pytest.raises(ValueError, match="empty list of checks"):
        demand((), 1)
