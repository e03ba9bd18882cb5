"""How do accounts get their people, and who is refused?"""

import pytest

from keysteward.actions import accounts
from keysteward.actions.context import Context
from keysteward.rules.accounts import ADMIN, NewUser
from keysteward.rules.refusals import (
    EMAIL_TAKEN,
    INVALID_FIELD,
    LAST_ADMIN,
    NO_SUCH_ACCOUNT,
    NO_SUCH_ORGANIZATION,
    NO_SUCH_USER,
    NOT_A_MEMBER,
)
from tests.cast import (
    ACME,
    ADA,
    BO,
    COUNCIL,
    CY,
    MALLORY,
    ORGANIZATION,
    ROBIN,
    SAM,
    SMALL,
    STRANGE,
    UNKNOWN,
    VERA,
    refused,
)
from tests.racing import at_once


def newcomer(email: str = "new@acme.example", **settings: object) -> NewUser:
    """Somebody who has no user yet."""
    return NewUser(email, "New", "Comer", **settings)  # type: ignore[arg-type]  # as a test says


def test_the_creator_is_the_only_admin(demo: Context) -> None:
    """Opening an account makes its first user, who administers it."""
    standing = accounts.open_account(demo, "Newco", "Developer", newcomer(profile=ADMIN))

    assert (standing.is_admin, standing.account.state) == (True, "open")
    assert accounts.list_members(demo, standing.account.id) == [standing]


def test_accounts_are_numbered(demo: Context) -> None:
    """Each account gets the next short number, and twenty at once get twenty."""

    def deed(number: int) -> int:
        new = newcomer(f"new{number}@acme.example", profile=ADMIN)
        return accounts.open_account(demo, "Newco", "Developer", new).account.number

    numbers, codes = at_once(deed, 20)

    assert (sorted(numbers), codes) == (list(range(10_000_005, 10_000_025)), [])


def test_a_plan_must_be_known(demo: Context) -> None:
    """An account on a plan that nobody ranks is not opened."""
    with refused(INVALID_FIELD, "plan"):
        accounts.open_account(demo, "Newco", "Gold", newcomer(profile=ADMIN))


@pytest.mark.parametrize("email", ["", "new", "new@acme", "New <new@acme.example>"])
def test_an_address_must_be_one(demo: Context, email: str) -> None:
    """Nobody joins with what cannot be written to."""
    with refused(INVALID_FIELD, "email"):
        accounts.add_user(demo, ACME.demo, newcomer(email), ADA.email)


def test_somebody_with_an_address_here_joins_with_it(demo: Context) -> None:
    """The same person in a second account is the same user, whatever the letter case."""
    standing = accounts.add_user(demo, STRANGE.demo, newcomer("ADA@acme.example"), MALLORY.email)

    assert (standing.user.id, standing.user.email) == (ADA.demo, ADA.email)


def test_nobody_joins_twice(demo: Context) -> None:
    """A member is not added again; of fifty at once one joins."""
    with refused(EMAIL_TAKEN):
        accounts.add_user(demo, ACME.demo, newcomer(SAM.email), ADA.email)

    joined, codes = at_once(lambda _: accounts.add_user(demo, ACME.demo, newcomer(), ADA.email), 50)

    assert (len(joined), codes) == (1, ["email-taken"] * 49)


def test_nobody_joins_an_account_that_is_not_there(demo: Context) -> None:
    """An unknown account is refused."""
    with refused(NO_SUCH_ACCOUNT):
        accounts.add_user(demo, UNKNOWN, newcomer(), ADA.email)


# ── leaving ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_membership_ends(demo: Context) -> None:
    """Who left has no standing there any more, and keeps it elsewhere."""
    accounts.close_membership(demo, ACME.demo, ADA.demo, BO.email)

    with refused(NOT_A_MEMBER):
        accounts.find_standing(demo.directory, ADA.demo, ACME.demo)
    assert [each.account.id for each in accounts.list_standings(demo, ADA.demo)] == [SMALL.demo, COUNCIL.demo]


def test_the_last_admin_stays(demo: Context) -> None:
    """No deed leaves an account without an active admin."""
    for person in (ADA, ROBIN):
        accounts.close_membership(demo, ACME.demo, person.demo, BO.email)

    with refused(LAST_ADMIN):
        accounts.close_membership(demo, ACME.demo, BO.demo, BO.email)
    accounts.close_membership(demo, ACME.demo, SAM.demo, BO.email)


def test_admins_who_leave_at_once_do_not_all_leave(demo: Context) -> None:
    """Where all admins are removed at the same moment, one of them stays."""
    people = [ADA, BO, ROBIN]
    _, codes = at_once(lambda number: accounts.close_membership(demo, ACME.demo, people[number].demo, "x"), 3)

    assert codes == ["last-admin"]
    assert sum(standing.is_admin for standing in accounts.list_members(demo, ACME.demo)) == 1


@pytest.mark.parametrize("user", [MALLORY.demo, UNKNOWN, SAM.production, "", SAM.demo.upper()])
def test_a_stranger_cannot_leave(demo: Context, user: str) -> None:
    """Foreign and unknown users are one and the same refusal."""
    with refused(NO_SUCH_USER):
        accounts.close_membership(demo, ACME.demo, user, ADA.email)


def test_nobody_leaves_twice(demo: Context) -> None:
    """A membership that ended cannot end again."""
    accounts.close_membership(demo, ACME.demo, SAM.demo, ADA.email)

    with refused(NO_SUCH_USER):
        accounts.close_membership(demo, ACME.demo, SAM.demo, ADA.email)


# ── standing ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_an_account_is_found_by_guid_and_by_number(demo: Context) -> None:
    """Paths may name an account by its GUID in any letter case or by its short number."""
    number = str(accounts.find_standing(demo.directory, ADA.demo, ACME.demo).account.number)

    for name in (ACME.demo, ACME.demo.upper(), number):
        assert accounts.find_standing(demo.directory, ADA.demo, name).account.id == ACME.demo


@pytest.mark.parametrize(
    "account", [STRANGE.demo, ACME.production, UNKNOWN, "10000099", "", "0", "-1", "9" * 30, "\u0661"]
)
def test_strangers_and_unknown_accounts_are_one_refusal(demo: Context, account: str) -> None:
    """Nobody learns which accounts there are."""
    with refused(NOT_A_MEMBER):
        accounts.find_standing(demo.directory, ADA.demo, account)


def test_an_account_changes_its_plan_and_state(demo: Context) -> None:
    """An operator's change is seen at once, and what was not named stays."""
    accounts.change_account(demo, ACME.demo, "operator", plan="Enhanced")
    accounts.change_account(demo, ACME.demo, "operator", state="suspended")
    account = accounts.find_standing(demo.directory, ADA.demo, ACME.demo).account

    assert (account.plan, account.state, account.name) == ("Enhanced", "suspended", "Acme")


# ── organizations ───────────────────────────────────────────────────────────────────────────────────────────────────
def test_an_organization_is_seen_by_its_admins(demo: Context) -> None:
    """Cy sees accounts, domain and admins; Ada, who only administers an account of it, sees no organization."""
    (view,) = accounts.list_organizations(demo, CY.demo, frozenset())

    assert (view.organization.id, view.admins) == (ORGANIZATION["demo"], [CY.demo])
    assert [account.id for account in view.accounts] == [ACME.demo, COUNCIL.demo]
    assert [(domain.host_name, domain.state) for domain in view.domains] == [("acme.example", "active")]
    assert accounts.list_organizations(demo, ADA.demo, frozenset()) == []


def test_an_application_sees_what_authorized_it(demo: Context) -> None:
    """An application token sees the organizations that authorized it, and unknown ones are passed over."""
    mine = ORGANIZATION["demo"]

    assert [view.organization.id for view in accounts.list_organizations(demo, None, frozenset({mine, UNKNOWN}))] == [
        mine
    ]
    assert accounts.list_organizations(demo, None, frozenset()) == []


@pytest.mark.parametrize("organization", [UNKNOWN, ORGANIZATION["production"], "", "x"])
def test_foreign_and_unknown_organizations_are_one_refusal(demo: Context, organization: str) -> None:
    """Nobody learns which organizations there are."""
    for user in (CY.demo, ADA.demo):
        with refused(NO_SUCH_ORGANIZATION):
            accounts.find_organization(demo, user, frozenset(), organization)
    with refused(NO_SUCH_ORGANIZATION):
        accounts.find_organization(demo, ADA.demo, frozenset(), ORGANIZATION["demo"])


def test_an_organization_is_found_in_any_letter_case(demo: Context) -> None:
    """GUIDs in paths are compared without their case."""
    found = accounts.find_organization(demo, CY.demo, frozenset(), ORGANIZATION["demo"].upper())

    assert found.organization.id == ORGANIZATION["demo"]


def test_what_cannot_name_an_account_is_not_looked_up(demo: Context) -> None:
    """Whoever calls with long account names fills no memory: the event loop knows the answer without asking."""
    with refused(NOT_A_MEMBER):
        accounts.find_standing(demo.without_waiting.directory, ADA.demo, ACME.demo + "0")


def test_members_are_listed_as_they_joined(demo: Context) -> None:
    """Everybody of the account and nobody else, closed memberships included."""
    accounts.close_membership(demo, ACME.demo, VERA.demo, ADA.email)
    members = accounts.list_members(demo, ACME.demo)

    assert sorted(member.user.id for member in members) == sorted(each.demo for each in (ADA, BO, ROBIN, SAM, VERA))
    assert [member.user.id for member in members if not member.is_active] == [VERA.demo]
    assert [member.user.id for member in members if member.user.service] == [ROBIN.demo]
