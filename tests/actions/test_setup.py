"""Does the first person come into an empty environment, and only the first?"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from keysteward.actions import setup, signin
from keysteward.actions.context import Context
from keysteward.rules.accounts import ADMIN, NewUser
from keysteward.rules.refusals import ALREADY_SET_UP, INVALID_FIELD, WRONG_SETUP_CODE, Kind
from tests.cast import Town, refused
from tests.racing import at_once

FIRST = NewUser("first@acme.example", "Fay", "First", ADMIN, "correct horse battery")


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Context]:
    """A demo environment that nobody is in."""
    town = Town(tmp_path)
    yield town.demo
    town.close()


def test_the_code_opens_the_first_account_once(empty: Context) -> None:
    """Its admin can sign in, and the page is over."""
    code = setup.make_code(empty)
    assert code is not None
    standing = setup.set_up(empty, f" {code.upper()} ", "Acme", "Developer", FIRST)

    assert (standing.is_admin, standing.account.name, setup.is_needed(empty)) == (True, "Acme", False)
    assert signin.visit(empty, signin.sign_in(empty, FIRST.email, "correct horse battery")).user.email == FIRST.email
    assert setup.make_code(empty) is None
    with refused(ALREADY_SET_UP):
        setup.set_up(empty, code, "Acme", "Developer", FIRST)
    with refused(ALREADY_SET_UP):
        setup.bootstrap(empty, "Acme", "Developer", FIRST)


def test_only_the_newest_code_is_good(empty: Context) -> None:
    """A start of the server makes a new one; a refused attempt leaves it as it is."""
    old, new = setup.make_code(empty), setup.make_code(empty)
    with refused(WRONG_SETUP_CODE, "code"):
        setup.set_up(empty, str(old), "Acme", "Developer", FIRST)

    assert setup.set_up(empty, str(new), "Acme", "Developer", FIRST).is_admin


def test_of_many_at_once_one_is_first(empty: Context) -> None:
    """One account, one admin, whoever else had the code."""
    code = str(setup.make_code(empty))
    won, lost = at_once(lambda n: setup.set_up(empty, code, f"Acme {n}", "Developer", FIRST), 20)

    assert (len(won), set(lost)) == (1, {"already-set-up"})


@pytest.mark.parametrize(
    ("person", "account", "plan", "kind", "field"),
    [
        (replace(FIRST, password="short"), "Acme", "Developer", INVALID_FIELD, "password"),
        (replace(FIRST, password=None), "Acme", "Developer", INVALID_FIELD, "password"),
        (replace(FIRST, email="first"), "Acme", "Developer", INVALID_FIELD, "email"),
        (replace(FIRST, first_name=""), "Acme", "Developer", INVALID_FIELD, "first_name"),
        (FIRST, " ", "Developer", INVALID_FIELD, "account"),
        (FIRST, "Acme", "Platinum", INVALID_FIELD, "plan"),
    ],
)
def test_a_mistake_opens_nothing(
    empty: Context, person: NewUser, account: str, plan: str, kind: Kind, field: str
) -> None:
    """The field is named, and the code is still good."""
    code = str(setup.make_code(empty))
    with refused(kind, field):
        setup.set_up(empty, code, account, plan, person)

    assert setup.set_up(empty, code, "Acme", "Developer", FIRST).is_admin
