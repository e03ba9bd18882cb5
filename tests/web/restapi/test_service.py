"""What does the service say of itself, and where do users log in?"""

import pytest

from keysteward.actions import accounts
from keysteward.rules.policy import DEFAULT
from tests.cast import ACME, ADA, COUNCIL, DEMO_ORIGIN, SMALL
from tests.web.restapi.house import Client, House

LOGIN = "/restapi/v2.1/login_information"


@pytest.mark.parametrize("path", ["/restapi", "/restapi/service_information", "/RestApi/Service_Information"])
def test_service_information(nobody: Client, path: str) -> None:
    """Anybody may ask which versions are answered and where."""
    versions = nobody.get(path)["serviceVersions"]

    assert {each["version"]: each["versionUrl"] for each in versions} == {
        "v2": f"{DEMO_ORIGIN}/restapi/v2",
        "v2.1": f"{DEMO_ORIGIN}/restapi/v2.1",
    }


@pytest.mark.parametrize("version", ["v2", "v2.1"])
def test_resources(nobody: Client, version: str) -> None:
    """Anybody may ask what there is below a version."""
    resources = nobody.get(f"/restapi/{version}")["resources"]

    assert {"name": "accounts", "value": f"{DEMO_ORIGIN}/restapi/{version}/accounts"} in resources


@pytest.mark.parametrize("address", ["token", "revoke"])
def test_the_old_token_methods(nobody: Client, address: str) -> None:
    """The SDK methods that cannot work are answered in the words they are known to get."""
    answer = nobody.call("POST", f"/restapi/v2.1/oauth2/{address}", json={})

    assert (answer.status_code, answer.json()) == (
        400,
        {"error": "invalid_token", "error_description": "The presented token is invalid."},
    )


def test_login_information(ada: Client) -> None:
    """Each account of the user comes with the address of its calls; the default account first."""
    logins = ada.get(LOGIN)["loginAccounts"]

    assert [(login["name"], login["isDefault"]) for login in logins] == [
        ("Acme", "true"), ("Acme Small", "false"), ("Acme Council", "false"),
    ]  # fmt: skip
    assert [(login["userId"], login["email"]) for login in logins] == [(ADA.demo, ADA.email)] * 3
    assert [login["baseUrl"] for login in logins] == [
        f"{DEMO_ORIGIN}/restapi/v2.1/accounts/{login['accountId']}" for login in logins
    ]


def test_the_base_url_names_the_version_that_was_asked(ada: Client) -> None:
    """A client of v2 stays with v2, and finds the version once, where the SDK's own test cuts the address."""
    (first, *_) = ada.get("/restapi/v2/login_information")["loginAccounts"]

    assert first["baseUrl"].split("/v2") == [f"{DEMO_ORIGIN}/restapi", f"/accounts/{first['accountId']}"]


def test_the_account_number_of_a_login_works_in_paths(ada: Client) -> None:
    """The short number that a login names is a name of the account."""
    (first, *_) = ada.get(LOGIN, include_account_id_guid="true")["loginAccounts"]

    account = ada.get(first["baseUrl"].removeprefix(DEMO_ORIGIN))

    assert account["accountIdGuid"] == first["accountIdGuid"] == ACME.demo
    assert account["externalAccountId"] == first["accountId"]


def test_what_a_login_says_on_request(ada: Client) -> None:
    """GUIDs, settings and an API password are there when asked for, and the password is none."""
    plain = ada.get(LOGIN)
    asked = ada.get(
        LOGIN, include_account_id_guid="true", embed_account_id_guid="true", login_settings="all", api_password="true"
    )

    first = asked["loginAccounts"][0]
    assert set(first) - set(plain["loginAccounts"][0]) == {
        "accountIdGuid", "loginAccountSettings", "loginUserSettings",
    }  # fmt: skip
    assert first["baseUrl"] == f"{DEMO_ORIGIN}/restapi/v2.1/accounts/{ACME.demo}"
    assert (asked["apiPassword"], "apiPassword" in plain) == ("", False)
    assert [login["accountIdGuid"] for login in asked["loginAccounts"]] == [ACME.demo, SMALL.demo, COUNCIL.demo]


def test_a_closed_account_is_no_login(fresh: House) -> None:
    """Logging in names the accounts that userinfo names: closed ones are gone."""
    ada = fresh.caller(ADA)
    accounts.change_account(fresh.town.demo, SMALL.demo, "operator", state="closed")

    assert [login["name"] for login in ada.get(LOGIN)["loginAccounts"]] == ["Acme", "Acme Council"]


def test_a_login_is_recorded_and_does_not_count(house: House, ada: Client) -> None:
    """Logins are no evidence for Go-Live."""
    (call,) = house.recorded(ada.call("GET", LOGIN, params={"api_password": "true"}))

    assert (call.route, call.countable, call.account) == ("login-information", False, "")


def test_billing_plans(ada: Client) -> None:
    """The plans are those that policy ranks, each found again by its id."""
    plans = ada.get("/restapi/v2.1/billing_plans")["billingPlans"]

    assert tuple(plan["planName"] for plan in plans) == DEFAULT.plans
    one = ada.get(f"/restapi/v2.1/billing_plans/{plans[3]['planId'].upper()}")
    assert one == {"billingPlan": plans[3], "successorPlans": []}
    assert ada.refused("/restapi/v2.1/billing_plans/nonsense") == (404, "RESOURCE_NOT_FOUND")


def test_the_billing_plan_of_an_account(ada: Client) -> None:
    """An account's plan has the id that the list of plans and the account itself name."""
    account = ada.get(f"/restapi/v2.1/accounts/{ACME.demo}")
    plan = ada.get(f"/restapi/v2.1/accounts/{ACME.demo}/billing_plan")["billingPlan"]

    assert (plan["planName"], plan["planId"]) == ("Developer", account["currentPlanId"])
    assert plan["planId"] in {each["planId"] for each in ada.get("/restapi/v2.1/billing_plans")["billingPlans"]}
