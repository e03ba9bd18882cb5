"""Do our own slice of the API and login_information know callers of the old kind?"""

import pytest

from keysteward.rules.legacy_forms import HEADER
from tests.cast import ACME, SAM
from tests.old_fashioned import api_calls, bring_to, counted, in_json, in_soap, in_xml
from tests.web.restapi.house import Client, House, refusal_of

LOGIN = "/restapi/v2.1/login_information"
USERS = f"/restapi/v2.1/accounts/{ACME.demo}/users"


@pytest.fixture
def nobody(fresh: House) -> Client:
    """Somebody without a token."""
    return Client(fresh.address)


def test_login_information_answers(fresh: House, nobody: Client) -> None:
    """The call of old with which every client began: who am I, and where are my accounts? It is no API call."""
    bring_to(fresh.town.demo, ("warn", ""), ("block all", "2027-03-31"))
    for header in (in_json(fresh.made), in_xml(fresh.made)):
        answer = nobody.call("GET", LOGIN, headers=header)
        assert answer.json()["loginAccounts"][0]["userId"] == SAM.demo
        assert answer.headers["Sunset"] == "Wed, 31 Mar 2027 00:00:00 GMT"

    assert (counted(fresh.town.demo), api_calls(fresh.town.demo)) == ([(SAM.demo, 2, 0)], 0)


def test_below_an_account_too(fresh: House, nobody: Client) -> None:
    """A member reads what members read; limits are shown and not counted."""
    bring_to(fresh.town.demo, ("measure", ""))
    answers = [nobody.call("GET", USERS, headers=in_json(fresh.made)) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert {answer.headers["X-RateLimit-Remaining"] for answer in answers} == {"3000"}


@pytest.mark.parametrize("path", [LOGIN, USERS])
def test_it_is_blocked_as_it_comes(fresh: House, nobody: Client, path: str) -> None:
    """In every form; SOAP is answered with a fault."""
    soap = nobody.call("GET", path, data=in_soap(fresh.made), headers={"Content-Type": "text/xml"})

    assert refusal_of(nobody.call("GET", path, headers=in_json(fresh.made))) == (401, "PARTNER_AUTHENTICATION_FAILED")
    assert (soap.status_code, b"<ErrorNumber>3</ErrorNumber>" in soap.content) == (500, True)


def test_a_wrong_password_has_its_own_code(fresh: House, nobody: Client) -> None:
    """As clients know it."""
    bring_to(fresh.town.demo, ("measure", ""))
    answer = nobody.call("GET", LOGIN, headers=in_json(fresh.made, password="wrong"))

    assert refusal_of(answer) == (401, "USER_AUTHENTICATION_FAILED")


def test_a_soap_token_is_known_here_too(fresh: House, nobody: Client) -> None:
    """A SOAP message at a path of the API."""
    bring_to(fresh.town.demo, ("measure", ""))
    answer = nobody.call("GET", LOGIN, data=in_soap(fresh.made), headers={"Content-Type": "text/xml"})

    assert answer.status_code == 200
    assert counted(fresh.town.demo) == [(SAM.demo, 1, 0)]


def test_the_admin_api_never_took_it(fresh: House, nobody: Client) -> None:
    """Not in any phase, and the password is not looked at."""
    bring_to(fresh.town.demo, ("measure", ""))
    answer = nobody.call("GET", "/management/v2/organizations", headers=in_json(fresh.made))

    assert answer.status_code == 401
    assert counted(fresh.town.demo) == []


def test_what_cannot_be_read_is_refused(fresh: House, nobody: Client) -> None:
    """Neither JSON nor XML."""
    bring_to(fresh.town.demo, ("measure", ""))

    answer = nobody.call("GET", LOGIN, headers={HEADER: "Basic"})
    assert refusal_of(answer) == (400, "INVALID_REQUEST_PARAMETER")
