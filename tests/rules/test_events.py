"""What of an event is about somebody?"""

from typing import Any, get_args

import pytest

from keysteward.rules.events import ERASED, PLAIN, Entry, Erasure, Event, Name, fields_about, personal_fields, shown
from keysteward.rules.events import without as without_fields
from tests.rules.examples import ACCOUNT, KEY, NOW

ADA = Erasure("ada@acme.example", ("Ada Admin",))


def an_event(**facts: Any) -> Event:  # noqa: ANN401 — as Event has them
    """Something that Ada did with her key."""
    said: dict[str, Any] = {
        "name": "KeySettingsChanged", "at": NOW, "actor": "ada@acme.example", "key": KEY, "account": ACCOUNT, "data": {}
    }  # fmt: skip
    return Event(**(said | facts))


def test_what_is_not_declared_plain_is_personal() -> None:
    """A field that nobody thought of is chained as a salted hash, and so can be erased."""
    event = an_event(data={"verdict": "passed", "shoe_size": "38", "contact": "team@acme.example"})

    assert personal_fields(event) == {
        "actor": "ada@acme.example", "data.shoe_size": "38", "data.contact": "team@acme.example"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "about"),
    [
        pytest.param({}, {"actor"}, id="who did it"),
        pytest.param({"actor": "Ada@ACME.example"}, {"actor"}, id="in other letters"),
        pytest.param({"actor": "bo@acme.example"}, set(), id="somebody else"),
        pytest.param({"actor": "system"}, set(), id="nobody"),
        pytest.param({"actor": "bo@acme.example", "data": {"contact": "ADA@acme.example"}}, {"data.contact"},
                     id="named by another"),
        pytest.param({"actor": "bo@acme.example", "data": {"reason": "Ask ada admin, please."}}, {"data.reason"},
                     id="named in a sentence"),
        pytest.param({"actor": "bo@acme.example", "data": {"reason": "Write to ada@acme.example."}}, {"data.reason"},
                     id="addressed in a sentence"),
        pytest.param({"actor": "bo@acme.example", "data": {"contact": "nada@acme.example"}}, set(),
                     id="a longer name"),
        pytest.param({"actor": "bo@acme.example", "data": {"contact": "x.ada@acme.example"}}, set(),
                     id="a longer address"),
        pytest.param({"actor": "bo@acme.example", "data": {"contact": "ada@acme.example.org"}}, set(),
                     id="a longer host"),
        pytest.param({"data": {"name": "Leases", "contact": "team@acme.example"}}, {"actor"}, id="their app stays"),
        pytest.param({"key": "", "account": "", "data": {"name": "Blue laptop", "token": "id"}},
                     {"actor", "data.name"}, id="their own affair goes"),
        pytest.param({"actor": "bo@acme.example", "data": {"uri": "https://ada@acme.example/"}}, set(),
                     id="a plain field cannot be erased"),
    ],
)  # fmt: skip
def test_only_what_is_about_them_goes(facts: dict[str, Any], about: set[str]) -> None:
    """Their address and names wherever they stand, and what concerns nobody else; never a part of a longer word."""
    assert fields_about(an_event(**facts), ADA) == about


def test_nobody_is_erased_by_an_empty_name() -> None:
    """A name that is empty is in no text."""
    event = an_event(actor="bo@acme.example", data={"name": "Leases"})

    assert fields_about(event, Erasure("ada@acme.example", ("",))) == set()


def test_what_was_erased_says_so() -> None:
    """People read a word in its place, and plain fields stay."""
    event = an_event(data={"contact": "ada@acme.example", "grants": "jwt"})
    entry = Entry(1, event, {"actor": "a", "data.contact": "b"}, {})
    left = without_fields(entry, {"actor": "x", "data.contact": "y"})

    assert (left.event.actor, left.event.data, left.salts) == ("", {"grants": "jwt"}, {})
    assert left.erased == {"actor": "x", "data.contact": "y"}
    assert (shown(left).actor, shown(left).data) == (ERASED, {"grants": "jwt", "contact": ERASED})
    assert shown(entry) == event


def test_names_are_said_once() -> None:
    """No event has two entries in the list, and no plain field is called what an erasure is shown as."""
    names = get_args(Name)

    assert len(names) == len(set(names))
    assert ERASED not in PLAIN
