"""What does the eSignature API say of an account's users?"""

import pytest

from keysteward.actions import accounts
from tests.cast import ACME, ADA, BO, MALLORY, ROBIN, SAM, UNKNOWN, VERA, Person
from tests.web.restapi.house import Client, House, refusal_of

USERS = f"/restapi/v2.1/accounts/{ACME.demo}/users"
EVERYBODY = {ADA, BO, ROBIN, SAM, VERA}


def test_a_user(ada: Client) -> None:
    """One user comes with everything known, groups and settings among it."""
    user = ada.get(f"{USERS}/{SAM.demo}")

    assert (user["userId"], user["userName"], user["email"]) == (SAM.demo, "Sam Sender", SAM.email)
    assert (user["permissionProfileName"], user["isAdmin"], user["userStatus"]) == ("DS Sender", "false", "Active")
    assert [group["groupName"] for group in user["groupList"]] == ["Everyone"]
    assert user["userSettings"] == {
        "canManageAccount": "false", "canSendEnvelope": "true", "canSendAPIRequests": "true",
    }  # fmt: skip


def test_the_case_of_a_guid_is_kept(ada: Client) -> None:
    """A GUID may be asked for in any letter case and comes back as it is stored."""
    assert ada.get(f"{USERS}/{ADA.demo.upper()}")["userId"] == ADA.demo


@pytest.mark.parametrize("user", [MALLORY.demo, UNKNOWN, "nonsense", "%00"])
def test_foreign_and_unknown_users_look_alike(ada: Client, user: str) -> None:
    """A user of another account and one that never was are the same to us."""
    answer = ada.call("GET", f"{USERS}/{user}")

    assert refusal_of(answer) == (404, "USER_NOT_FOUND")
    assert answer.json()["message"] == "There is no such user here."


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, EVERYBODY),
        ({"email": "SAM@acme.example"}, {SAM}),
        ({"email": "sam@acme"}, set()),
        ({"email_substring": "ER"}, {VERA}),
        ({"email_substring": "@acme.example"}, EVERYBODY),
        ({"user_name_substring": "ro"}, {ROBIN}),
        ({"user_name_substring": "m s"}, {SAM}),
        ({"status": "Active"}, EVERYBODY),
        ({"status": "closed"}, set()),
        ({"status": "ActivationSent, Active"}, EVERYBODY),
        ({"status": "Active", "email": "vera@acme.example"}, {VERA}),
        ({"group_id": "100000011"}, {ADA, BO, ROBIN}),
        ({"email": ""}, EVERYBODY),
        ({"a_filter_of_tomorrow": "x"}, EVERYBODY),
    ],
)
def test_filters(ada: Client, query: dict[str, object], found: set[Person]) -> None:
    """Filters narrow the list together, in any letter case; empty and unknown ones are as if they were not sent."""
    listed = ada.get(USERS, **query)

    assert {user["email"] for user in listed["users"]} == {person.email for person in found}
    assert listed["totalSetSize"] == str(len(found))


def test_additional_info(ada: Client) -> None:
    """The list says more of each user when asked for."""
    (brief,) = ada.get(USERS, email=ADA.email)["users"]
    (full,) = ada.get(USERS, email=ADA.email, additional_info="true")["users"]

    assert full == ada.get(f"{USERS}/{ADA.demo}")
    assert set(full) - set(brief) == {"groupList", "userSettings", "customSettings", "connectConfigurations"}


def test_pages(ada: Client) -> None:
    """Following nextUri and previousUri leads through the whole list and back."""
    listed = ada.get(USERS)
    first = ada.get(USERS, count=2, email_substring="acme")
    base = USERS.removesuffix("/users")
    second = ada.get(base + first["nextUri"])
    third = ada.get(base + second["nextUri"])

    assert [first["users"], second["users"], third["users"]] == [
        listed["users"][:2], listed["users"][2:4], listed["users"][4:],
    ]  # fmt: skip
    assert (second["resultSetSize"], second["startPosition"], second["endPosition"]) == ("2", "2", "3")
    assert (first["previousUri"], third["nextUri"]) == ("", "")
    assert ada.get(base + third["previousUri"]) == second


def test_a_page_behind_the_end(ada: Client) -> None:
    """There is nothing behind the end, and that is no error."""
    listed = ada.get(USERS, start_position=99)

    assert (listed["users"], listed["resultSetSize"], listed["totalSetSize"]) == ([], "0", "5")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("count", "0"), ("count", "-1"), ("count", "many"), ("count", "1e3"), ("count", "٣"), ("count", "9" * 30),
        ("start_position", "-1"), ("start_position", "1.5"), ("status", "Asleep"), ("status", "Active,Asleep"),
    ],
)  # fmt: skip
def test_bad_filters(ada: Client, name: str, value: str) -> None:
    """A filter that means nothing is refused, and named."""
    answer = ada.call("GET", USERS, params={name: value})

    assert refusal_of(answer) == (400, "INVALID_REQUEST_PARAMETER")
    assert name in answer.json()["message"]


def test_a_parameter_that_came_twice(ada: Client) -> None:
    """Repeated names are legal here; the last one counts."""
    listed = ada.call("GET", f"{USERS}?email={ADA.email}&email={SAM.email}").json()

    assert [user["email"] for user in listed["users"]] == [SAM.email]


def test_a_user_who_left(fresh: House) -> None:
    """Who left is still known, as closed, without groups and without rights."""
    ada = fresh.caller(ADA)
    accounts.close_membership(fresh.town.demo, ACME.demo, BO.demo, ADA.email)

    user = ada.get(f"{USERS}/{BO.demo}")

    assert (user["userStatus"], user["isAdmin"], user["groupList"]) == ("Closed", "false", [])
    assert set(user["userSettings"].values()) == {"false"}
    assert [each["userId"] for each in ada.get(USERS, status="Closed")["users"]] == [BO.demo]
    assert ada.get(USERS, status="Active")["totalSetSize"] == "4"
