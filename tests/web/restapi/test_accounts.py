"""What does the eSignature API say of an account?"""

from typing import Any

import pytest

from keysteward.actions import accounts
from tests.cast import ACME, ADA
from tests.web.restapi.house import Client, House

ACCOUNT = f"/restapi/v2.1/accounts/{ACME.demo}"


def kinds_of(value: Any) -> set[type]:  # noqa: ANN401 — whatever JSON says
    """Which kinds of values JSON holds, at any depth."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return {type(value)}.union(*(kinds_of(each) for each in inner))


def test_an_account(ada: Client) -> None:
    """An account says its GUID as it is stored, its name, plan and age."""
    account = ada.get(ACCOUNT)

    assert (account["accountIdGuid"], account["accountName"], account["planName"]) == (ACME.demo, "Acme", "Developer")
    assert account["createdDate"] == "2026-11-20T09:30:00.0000000Z"
    assert (account["suspensionStatus"], account["envelopeSendingBlocked"]) == ("", "false")
    assert account["seatsInUse"] == "5"


def test_settings(ada: Client) -> None:
    """Settings come with the account when asked for, and at an address of their own."""
    asked = ada.get(ACCOUNT, include_account_settings="TRUE")

    assert asked["accountSettings"] == ada.get(f"{ACCOUNT}/settings")
    assert "accountSettings" not in ada.get(ACCOUNT)


def test_a_suspended_account(fresh: House) -> None:
    """A suspended account still says what it is, and that it is suspended."""
    ada = fresh.caller(ADA)
    accounts.change_account(fresh.town.demo, ACME.demo, "operator", state="suspended")

    account = ada.get(ACCOUNT)

    assert (account["suspensionStatus"], account["envelopeSendingBlocked"]) == ("suspended", "true")


def test_permission_profiles(ada: Client) -> None:
    """The profiles come with the number of their active members, alone as in the list."""
    profiles = ada.get(f"{ACCOUNT}/permission_profiles")["permissionProfiles"]

    assert [(each["permissionProfileName"], each["userCount"]) for each in profiles] == [
        ("DS Admin", "3"), ("DS Sender", "1"), ("DS Viewer", "1"), ("Developer", "0"),
    ]  # fmt: skip
    assert ada.get(f"{ACCOUNT}/permission_profiles/{profiles[1]['permissionProfileId']}") == profiles[1]


@pytest.mark.parametrize("profile", ["10009", "nonsense", "DS Admin"])
def test_an_unknown_permission_profile(ada: Client, profile: str) -> None:
    """What is no profile of the account is not found."""
    assert ada.refused(f"{ACCOUNT}/permission_profiles/{profile}") == (404, "RESOURCE_NOT_FOUND")


def test_groups(ada: Client) -> None:
    """Every account has its admins and everyone as groups."""
    listed = ada.get(f"{ACCOUNT}/groups", include_usercount="true")

    assert [(group["groupName"], group["groupType"], group["usersCount"]) for group in listed["groups"]] == [
        ("Administrators", "adminGroup", "3"), ("Everyone", "everyoneGroup", "5"),
    ]  # fmt: skip
    assert [group["groupName"] for group in ada.get(f"{ACCOUNT}/groups", search_text="admin")["groups"]] == [
        "Administrators"
    ]


@pytest.mark.parametrize(
    "below",
    ["", "?include_account_settings=true", "/users", "/users?additional_info=true", "/permission_profiles", "/groups",
     "/billing_plan", "/settings"],
)  # fmt: skip
def test_everything_is_text(ada: Client, below: str) -> None:
    """The eSignature API has no numbers, no booleans and no null: SDKs turn them into words of their language."""
    assert kinds_of(ada.get(ACCOUNT + below)) <= {dict, list, str}
