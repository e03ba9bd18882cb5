"""Who takes whom away, what allows what, and which state follows which?"""

from dataclasses import replace

import pytest

from keysteward.rules.access import PERMISSIONS, READ_KEYS, READ_MEMBERS
from keysteward.rules.accounts import (
    ADMIN,
    DEVELOPER,
    SEND,
    SENDER,
    VIEWER,
    Account,
    Domain,
    Membership,
    Profile,
    Standing,
    User,
)
from keysteward.rules.people import (
    GRANTABLE,
    allows,
    belongs_to,
    checked_permissions,
    demand_another_admin,
    demand_no_live_keys,
    demand_reader,
    next_state,
)
from keysteward.rules.policy import DEFAULT
from keysteward.rules.refusals import (
    ACCOUNT_HAS_LIVE_KEYS,
    ACCOUNT_STATE,
    INVALID_FIELD,
    LAST_ADMIN,
    NOT_AN_ADMIN,
    Refusal,
)
from tests.cast import START, refused
from tests.rules.examples import an_app

ACCOUNT = Account("a", 1, "Acme", "Developer", "open", START)
ADA = User("u", "ada@acme.example", "Ada", "Admin", "active", START)


def standing(profile: Profile, **user: object) -> Standing:
    """Ada with a permission profile."""
    return Standing(ACCOUNT, replace(ADA, **user), Membership("a", "u", profile, "active", START))  # type: ignore[arg-type]  # as a test says


def test_only_the_last_active_admin_stays() -> None:
    """One of two may go, the only one may not; whoever is no admin, or closed, may always go."""
    demand_another_admin(standing(ADMIN), 2)
    demand_another_admin(standing(SENDER), 1)
    demand_another_admin(standing(ADMIN, state="closed"), 1)
    with refused(LAST_ADMIN):
        demand_another_admin(standing(ADMIN), 1)


@pytest.mark.parametrize(
    ("profile", "sends", "reads_keys", "reads_members"),
    [(ADMIN, True, True, True), (SENDER, True, False, False), (VIEWER, False, False, False),
     (DEVELOPER, False, True, False),
     (Profile(20_001, "Watcher", is_admin=False, permissions=frozenset({READ_MEMBERS})), False, False, True)],
    ids=lambda value: value.name if isinstance(value, Profile) else str(value),
)  # fmt: skip
def test_what_a_profile_allows(profile: Profile, *, sends: bool, reads_keys: bool, reads_members: bool) -> None:
    """An admin all, the others what stands in their profile, and a closed user nothing."""
    asked = (SEND, READ_KEYS, READ_MEMBERS)

    assert tuple(allows(standing(profile), each) for each in asked) == (sends, reads_keys, reads_members)
    assert not any(allows(standing(profile, state="closed"), each) for each in asked)


def test_policy_may_have_no_developers() -> None:
    """Then admins alone see keys, whatever a profile says."""
    demand_reader(standing(DEVELOPER), READ_KEYS, DEFAULT)
    with refused(NOT_AN_ADMIN):
        demand_reader(standing(DEVELOPER), READ_KEYS, replace(DEFAULT, developers="refused"))
    demand_reader(standing(ADMIN), READ_KEYS, replace(DEFAULT, developers="refused"))


def test_no_profile_of_an_account_manages_anything() -> None:
    """Whatever it may allow is seeing and sending; what PERMISSIONS calls writing is not among it."""
    assert {each for each in GRANTABLE if each in PERMISSIONS} == {each for each in GRANTABLE if each.endswith(":read")}
    assert DEVELOPER.permissions < GRANTABLE.keys()
    with refused(INVALID_FIELD, "permissions"):
        checked_permissions(["account:key:write"])


@pytest.mark.parametrize(
    ("email", "is_verified", "state", "belongs"),
    [("ada@acme.example", True, "active", True), ("ada@ACME.example", True, "active", True),
     ("ada@acme.example", False, "active", False), ("ada@acme.example", True, "lapsed", False),
     ("ada@sub.acme.example", True, "active", False), ("ada@other.example", True, "active", False)],
)  # fmt: skip
def test_whom_an_organization_speaks_for(email: str, state: str, *, is_verified: bool, belongs: bool) -> None:
    """Whoever has a verified address in exactly a domain that is proved now."""
    domain = Domain("d", "o", "acme.example", "t", state, START)  # type: ignore[arg-type]  # a table of states

    assert belongs_to(replace(ADA, email=email, email_verified=is_verified), [domain]) is belongs


@pytest.mark.parametrize("state", ["open", "suspended", "closed"])
def test_states_that_follow(state: str) -> None:
    """Each deed leads to its state from where it may, and nowhere else."""
    account, found = replace(ACCOUNT, state=state), {}  # type: ignore[arg-type]  # a table of states
    for deed in ("suspend", "close", "reopen"):
        try:
            found[deed] = next_state(account, deed)
        except Refusal as refusal:
            assert refusal.kind is ACCOUNT_STATE  # noqa: PT017 — one deed of several
    ways = {
        "open": {"suspend": "suspended", "close": "closed"}, "suspended": {"close": "closed", "reopen": "open"},
        "closed": {"reopen": "open"},
    }  # fmt: skip

    assert found == ways[state]


def test_live_keys_are_named() -> None:
    """The refusal to close says which keys have to go elsewhere first."""
    app = an_app()
    with pytest.raises(Refusal) as caught:
        demand_no_live_keys([app])

    assert caught.value.kind is ACCOUNT_HAS_LIVE_KEYS
    assert f"{app.name} ({app.key})" in caught.value.sentence
