"""What does the Admin API say of an organization's users?"""

import pytest

from keysteward.actions import accounts
from keysteward.rules.accounts import SENDER, NewUser
from tests.cast import (
    ACME,
    ADA,
    BO,
    COUNCIL,
    CY,
    DEMO_ORIGIN,
    MALLORY,
    ORGANIZATION,
    ROBIN,
    SAM,
    SMALL,
    STRANGE,
    UNKNOWN,
    VERA,
    Person,
)
from tests.web.restapi.house import ADMIN_SCOPES, Client, House, refusal_of

OURS = f"/management/v2/organizations/{ORGANIZATION['demo']}"
OURS_2_1 = OURS.replace("/v2/", "/v2.1/")
USERS = f"{OURS}/users"
IN_ACME = {ADA, BO, ROBIN, SAM, VERA}


def domain_of(client: Client) -> str:
    """The id of the organization's claimed domain."""
    domain: str = client.get(f"{OURS}/reserved_domains")["reserved_domains"][0]["id"]
    return domain


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"account_id": ACME.demo}, IN_ACME),
        ({"account_id": ACME.demo.upper()}, IN_ACME),
        ({"account_id": "10000003"}, {CY, ADA}),
        ({"account_id": ACME.demo, "email": "VERA@acme.example"}, {VERA}),
        ({"account_id": ACME.demo, "email_user_name_like": "Robot"}, {ROBIN}),
        ({"account_id": ACME.demo, "status": "active"}, IN_ACME),
        ({"account_id": ACME.demo, "membership_status": "closed,disabled"}, set()),
        ({"account_id": ACME.demo, "last_modified_since": "2026-11-20"}, IN_ACME),
        ({"account_id": ACME.demo, "last_modified_since": "2026-11-20T10:30:00+01:00"}, IN_ACME),
        ({"account_id": ACME.demo, "last_modified_since": "2026-11-20T09:30:01Z"}, set()),
        ({"account_id": ACME.demo, "last_modified_since": "0001-01-01T00:00:00+14:00"}, IN_ACME),
        ({"account_id": ACME.demo, "last_modified_since": "9999-12-31T23:59:59-14:00"}, set()),
        ({"email": ADA.email}, {ADA}),
        ({"email": CY.email.upper()}, {CY}),
        ({"email": MALLORY.email}, set()),
        ({"email": "nobody@acme.example"}, set()),
    ],
)
def test_users(cy: Client, query: dict[str, object], found: set[Person]) -> None:
    """Users are chosen by account or address and narrowed by filters; who is outside is not there."""
    listed = cy.get(USERS, **query)

    assert {user["email"] for user in listed["users"]} == {person.email for person in found}
    assert listed["paging"]["total_set_size"] == len(found)


def test_users_of_a_domain(cy: Client) -> None:
    """Whoever has an address in a claimed domain and an account here is listed, once."""
    listed = cy.get(USERS, organization_reserved_domain_id=domain_of(cy))

    assert sorted(user["email"] for user in listed["users"]) == sorted(person.email for person in {*IN_ACME, CY})


def test_a_guest_of_another_domain(fresh: House) -> None:
    """A user with a foreign address is a user of the account, and not of the domain."""
    guest = NewUser("gus@guest.example", "Gus", "Guest", SENDER)
    accounts.add_user(fresh.town.demo, ACME.demo, guest, ADA.email)
    cy = fresh.caller(CY, ADMIN_SCOPES)

    by_domain = cy.get(USERS, organization_reserved_domain_id=domain_of(cy))
    by_account = cy.get(USERS, account_id=ACME.demo)

    assert (by_domain["paging"]["total_set_size"], by_account["paging"]["total_set_size"]) == (6, 6)
    assert "gus@guest.example" not in {user["email"] for user in by_domain["users"]}


def test_a_member_is_shown_with_their_membership(cy: Client) -> None:
    """Of one account the membership is shown too, with real booleans."""
    (user,) = cy.get(USERS, account_id=ACME.demo, email=SAM.email)["users"]

    assert (user["id"], user["user_name"], user["user_status"]) == (SAM.demo, "Sam Sender", "active")
    assert (user["membership_status"], user["is_membership_managed_by_scim"]) == ("active", False)
    assert user["created_on"] == user["membership_created_on"] == "2026-11-20T09:30:00.0000000Z"


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ({}, "organization_reserved_domain_id"),
        ({"status": "active"}, "account_id"),
        ({"account_id": " "}, "account_id"),
        ({"account_id": ACME.demo, "status": "asleep"}, "status"),
        ({"account_id": ACME.demo, "membership_status": "asleep"}, "membership_status"),
        ({"account_id": ACME.demo, "take": "0"}, "take"),
        ({"account_id": ACME.demo, "start": "-1"}, "start"),
        ({"account_id": ACME.demo, "start": "3", "end": "2"}, "end"),
        ({"account_id": ACME.demo, "last_modified_since": "yesterday"}, "last_modified_since"),
        ({"account_id": ACME.demo, "last_modified_since": "2026-11-31"}, "last_modified_since"),
    ],
)
def test_bad_questions(cy: Client, query: dict[str, str], name: str) -> None:
    """A list of everybody is not given, and a filter that means nothing is refused and named."""
    answer = cy.call("GET", USERS, params=query)

    assert refusal_of(answer) == (400, "invalid_request")
    assert name in answer.json()["error_description"]


@pytest.mark.parametrize("account", [STRANGE.demo, SMALL.demo, UNKNOWN, "nonsense"])
def test_accounts_outside(cy: Client, account: str) -> None:
    """The users of a foreign and of an unknown account are refused alike."""
    assert cy.refused(USERS, account_id=account) == (404, "not_found")


def test_an_unknown_domain(cy: Client) -> None:
    """A domain that the organization has not claimed chooses nobody."""
    assert cy.refused(USERS, organization_reserved_domain_id=UNKNOWN) == (404, "not_found")


def test_pages(cy: Client) -> None:
    """Following next leads through the whole list; `end` is the last position unless `take` says how many."""
    everybody = cy.get(USERS, account_id=ACME.demo)["users"]
    first = cy.get(USERS, account_id=ACME.demo, take=2, end=0)
    second = cy.get(first["paging"]["next"].removeprefix(DEMO_ORIGIN))

    assert first["users"] + second["users"] == everybody[:4]
    assert {**second["paging"], "next": "", "previous": ""} == {
        "result_set_size": 2, "result_set_start_position": 2, "result_set_end_position": 3, "total_set_size": 5,
        "next": "", "previous": "",
    }  # fmt: skip
    assert "previous" not in first["paging"]
    assert cy.get(second["paging"]["previous"].removeprefix(DEMO_ORIGIN))["users"] == everybody[:2]
    assert cy.get(USERS, account_id=ACME.demo, start=1, end=3)["users"] == everybody[1:4]


@pytest.mark.parametrize("path", [f"{USERS}/profile", f"{OURS_2_1}/users/dsprofile"])
def test_a_profile_by_address(cy: Client, path: str) -> None:
    """A profile shows the memberships in the organization, not those elsewhere."""
    (user,) = cy.get(path, email=ADA.email.upper())["users"]

    assert (user["id"], user["is_organization_admin"], user["default_account_id"]) == (ADA.demo, False, ACME.demo)
    shown = [(each["account_id"], each["permission_profile"]["name"], each["is_admin"]) for each in user["memberships"]]
    assert shown == [(ACME.demo, "DS Admin", True), (COUNCIL.demo, "DS Sender", False)]
    assert [group["type"] for group in user["memberships"][0]["groups"]] == ["admin_group", "everyone_group"]


def test_a_profile_by_id(cy: Client) -> None:
    """The same profile is found by the user's id, in any letter case."""
    by_id = cy.get(f"{OURS_2_1}/users/{CY.demo.upper()}/dsprofile")

    assert by_id == cy.get(f"{USERS}/profile", email=CY.email)
    assert by_id["users"][0]["is_organization_admin"] is True


def test_a_default_account_elsewhere(fresh: House) -> None:
    """Which account outside the organization somebody prefers is not shown."""
    guest = NewUser(MALLORY.email, "", "", SENDER)
    accounts.add_user(fresh.town.demo, ACME.demo, guest, ADA.email)

    (user,) = fresh.caller(CY, ADMIN_SCOPES).get(f"{USERS}/profile", email=MALLORY.email)["users"]

    assert [each["account_id"] for each in user["memberships"]] == [ACME.demo]
    assert "default_account_id" not in user


@pytest.mark.parametrize("email", [MALLORY.email, "nobody@acme.example"])
def test_profiles_of_strangers(cy: Client, email: str) -> None:
    """A user outside and one that never was are refused alike."""
    answer = cy.call("GET", f"{USERS}/profile", params={"email": email})

    assert refusal_of(answer) == (404, "invalid_request")
    assert answer.json()["error_description"] == "There is no such user here."


@pytest.mark.parametrize("user", [MALLORY.demo, UNKNOWN, "nonsense"])
def test_profiles_of_strangers_by_id(cy: Client, user: str) -> None:
    """Likewise by id."""
    assert cy.refused(f"{OURS_2_1}/users/{user}/dsprofile") == (404, "invalid_request")


def test_a_profile_of_nobody(cy: Client) -> None:
    """The address is needed."""
    answer = cy.call("GET", f"{USERS}/profile")

    assert refusal_of(answer) == (400, "invalid_request")
    assert "email" in answer.json()["error_description"]


def test_who_left(fresh: House) -> None:
    """A closed membership is seen as closed, and may have been closed since any day."""
    cy = fresh.caller(CY, ADMIN_SCOPES)
    accounts.close_membership(fresh.town.demo, ACME.demo, BO.demo, ADA.email)

    (closed,) = cy.get(USERS, account_id=ACME.demo, membership_status="closed", last_modified_since="2026-12-01")[
        "users"
    ]
    (profile,) = cy.get(f"{USERS}/profile", email=BO.email)["users"]

    assert (closed["id"], closed["membership_status"]) == (BO.demo, "closed")
    assert [(each["status"], each["is_admin"], each["groups"]) for each in profile["memberships"]] == [
        ("closed", False, []),
    ]  # fmt: skip
