"""Who is an admin, who may do what, and which words name them?"""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keysteward.rules.access import (
    PERMISSIONS,
    READ_KEYS,
    WRITE_KEYS,
    Actor,
    demand_admin,
    demand_open,
    demand_permission,
    may,
)
from keysteward.rules.accounts import ADMIN, SENDER, VIEWER, Profile, Standing
from keysteward.rules.custody import Summary, summarize
from keysteward.rules.keys import App
from keysteward.rules.refusals import ACCOUNT_NOT_OPEN, NOT_AN_ADMIN, TOKEN_LACKS_PERMISSION
from keysteward.rules.tokens import Claims, is_revoked
from keysteward.rules.words import OTHER, is_email, is_guid, new_guid
from tests.cast import refused
from tests.rules.examples import KEY, NOW, USER, a_standing, a_user, an_app

STANDINGS = [
    (a_standing(), True),
    (a_standing(SENDER), False),
    (a_standing(VIEWER), False),
    (a_standing(Profile(10004, "DS Admin", is_admin=True)), False),
    (a_standing(membership="closed"), False),
    (a_standing(user="closed"), False),
    (a_standing(account="closed"), True),
]


@pytest.mark.parametrize(("standing", "is_admin"), STANDINGS)
def test_an_admin_is_an_active_user_with_the_admin_profile(standing: Standing, is_admin: bool) -> None:
    """No other profile makes an admin, whatever it is called, and nobody who is closed is one."""
    assert standing.is_admin == is_admin


def test_whoever_is_no_admin_is_refused() -> None:
    """A member who is no admin is told so."""
    demand_admin(a_standing())
    with refused(NOT_AN_ADMIN):
        demand_admin(a_standing(SENDER))


@pytest.mark.parametrize("state", ["suspended", "closed"])
def test_an_account_that_is_not_open_is_refused(state: str) -> None:
    """Only an open account may do what demands one."""
    demand_open(a_standing())
    with refused(ACCOUNT_NOT_OPEN):
        demand_open(a_standing(account=state))


def actor(*permissions: str) -> Actor:
    """A program with a personal access token."""
    return Actor(USER, "ada@acme.example", NOW, frozenset(permissions))


@given(st.sets(st.sampled_from(sorted(PERMISSIONS))), st.sampled_from(sorted(PERMISSIONS)))
def test_a_token_may_what_it_was_made_for(permissions: set[str], wanted: str) -> None:
    """A personal access token has exactly its permissions; a console session has all."""
    assert may(actor(*permissions), wanted) == (wanted in permissions)
    assert may(Actor(USER, "ada@acme.example", NOW), wanted)


def test_a_token_without_the_permission_is_refused() -> None:
    """Reading does not include writing."""
    demand_permission(actor(READ_KEYS), READ_KEYS)
    with refused(TOKEN_LACKS_PERMISSION):
        demand_permission(actor(READ_KEYS), WRITE_KEYS)


def test_custody_counts_the_admins_that_can_act() -> None:
    """Closed and lesser members are no admins; a service admin among them is noted."""
    people = [a_standing(), a_standing(SENDER), a_standing(membership="closed"), a_standing(SENDER, service=True)]

    assert summarize(people) == Summary(1, service_admin=False)
    assert summarize([*people, a_standing(ADMIN, service=True)]) == Summary(2, service_admin=True)
    assert summarize([]) == Summary(0, service_admin=False)


def test_a_user_has_a_name() -> None:
    """First and last name, without a stray space where one is missing."""
    assert (a_user().name, a_user(last_name="").name) == ("Ada Admin", "Ada")


CLAIMS = Claims(KEY, USER, frozenset({"signature"}), "jti", "family", 5, NOW, NOW + timedelta(hours=8))
LIVES = [
    (an_app(), False),
    (an_app(stopped_at=NOW), True),
    (an_app(deleted_at=NOW), True),
    (an_app(least_epoch=5), False),
    (an_app(least_epoch=6), True),
]


@pytest.mark.parametrize(("app", "expected"), LIVES)
def test_a_token_dies_with_its_key_or_its_epoch(app: App, expected: bool) -> None:
    """Gone with its key, and revoked by a later epoch."""
    assert is_revoked(CLAIMS, app) == expected


GUIDS = [
    (USER, True),
    (USER.upper(), False),
    (USER + "\n", False),
    (USER[:-1], False),
    (USER.replace("-", ""), False),
    (f"{{{USER}}}", False),
    ("", False),
]
EMAILS = [
    ("ada@acme.example", True),
    ("Ada.Admin+keys@ACME.example", True),
    ("ada@mail.acme.example", True),
    ("ada@acme.xn--p1ai", True),
    ("ada@acme.xn--", False),
    ("ada@acme.example-", False),
    ("ada@acme", False),
    ("ada", False),
    ("@acme.example", False),
    ("ada@", False),
    ("ada@@acme.example", False),
    ("ada admin@acme.example", False),
    ("Ada <ada@acme.example>", False),
    ("ada@-acme.example", False),
    ("ada@acme..example", False),
    ("ada@acme.example\n", False),
    ("ada@acme.example, bo@acme.example", False),
    ("a" * 65 + "@acme.example", False),
    ("adam@" + "a." * 154 + "example", True),
    ("adama@" + "a." * 154 + "example", False),
]


@pytest.mark.parametrize(("text", "expected"), GUIDS)
def test_a_guid_is_lower_case_and_whole(text: str, expected: bool) -> None:
    """A GUID has one form only."""
    assert is_guid(text) == expected


def test_new_guids_are_guids() -> None:
    """What we make has the form that we demand, and no two are the same."""
    made = {new_guid() for _ in range(100)}

    assert len(made) == 100
    assert all(is_guid(guid) for guid in made)


@pytest.mark.parametrize(("text", "expected"), EMAILS)
def test_an_address_can_be_written_to(text: str, expected: bool) -> None:
    """One @, a dotted host name, no display name, no second line."""
    assert is_email(text) == expected


def test_there_are_two_environments() -> None:
    """Each is the other's other."""
    assert OTHER == {"demo": "production", "production": "demo"}
