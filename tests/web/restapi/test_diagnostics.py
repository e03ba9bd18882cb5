"""Can an app turn on, read and clear the request log of the user whom it acts for, as Docusign's SDKs expect?"""

import base64
import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from keysteward.rules.accounts import SENDER
from tests.cast import ACME, ADA, SAM, SMALL, UNKNOWN, Person
from tests.web.restapi.house import TRACE, Client, House, refusal_of

SETTINGS = "/restapi/v2.1/diagnostics/settings"
LOGS = "/restapi/v2.1/diagnostics/request_logs"
USERS = f"/restapi/v2.1/accounts/{ACME.demo}/users"
OFF = {"apiRequestLogging": "false", "apiRequestLogMaxEntries": "50", "apiRequestLogRemainingEntries": "0"}


@pytest.fixture
def sam(fresh: House) -> Iterator[Client]:
    """Sam, whose requests are logged."""
    sam = fresh.caller(SAM)
    assert turn(sam, "true") == OFF | {"apiRequestLogging": "true", "apiRequestLogRemainingEntries": "50"}
    yield sam
    sam.session.close()


def turn(client: Client, state: object) -> dict[str, str]:
    """Turn logging on or off."""
    answer = client.call("PUT", SETTINGS, json={"apiRequestLogging": state})
    assert answer.status_code == 200, answer.text
    found: dict[str, str] = answer.json()
    return found


def by_hand(house: House, person: Person, **settings: object) -> requests.Response:
    """Change the permission profile of senders."""
    path = f"/restapi/v2.1/accounts/{ACME.demo}/permission_profiles/{SENDER.id}"
    return house.caller(person).call("PUT", path, json={"settings": settings})


def listed(client: Client) -> list[dict[str, Any]]:
    """The entries of a caller's own log."""
    found: list[dict[str, Any]] = client.get(LOGS)["apiRequestLogs"]
    return found


def text_of(client: Client, entry: dict[str, Any]) -> str:
    """What one of them says."""
    answer = client.call("GET", f"{LOGS}/{entry['requestLogId']}", headers={"Accept": "text/plain"})
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/plain; charset=utf-8")
    return answer.text


def test_off_until_somebody_turns_it_on(fresh: House) -> None:
    """Settings are lower-case strings; a log that is off has no places left. Both versions answer."""
    sam = fresh.caller(SAM)

    assert [sam.get(f"/restapi/{version}/diagnostics/settings") for version in ("v2", "v2.1")] == [OFF, OFF]
    sam.call("GET", USERS)
    assert listed(sam) == []


@pytest.mark.parametrize(("on", "off"), [("true", "false"), ("TRUE", "False"), (True, False)])
def test_on_and_off(fresh: House, on: object, off: object) -> None:
    """True in any letter case, as text or as JSON's own; what else the SDKs send along is told, not chosen."""
    sam = fresh.caller(SAM)
    full = {"apiRequestLogging": on, "apiRequestLogMaxEntries": "7", "apiRequestLogRemainingEntries": "7"}

    told = sam.call("PUT", SETTINGS, json=full).json()
    assert told == OFF | {"apiRequestLogging": "true", "apiRequestLogRemainingEntries": "50"}
    assert sam.call("PUT", SETTINGS, json={}).json() == told
    assert turn(sam, off) == OFF


def test_what_is_no_switch(fresh: House) -> None:
    """Anything but true and false is refused, and changes nothing."""
    sam = fresh.caller(SAM)

    assert refusal_of(sam.call("PUT", SETTINGS, json={"apiRequestLogging": "maybe"})) == (
        400, "INVALID_REQUEST_PARAMETER",
    )  # fmt: skip
    assert refusal_of(sam.call("PUT", SETTINGS, data=b"nonsense")) == (400, "INVALID_REQUEST_BODY")
    assert sam.get(SETTINGS) == OFF


def test_an_entry(sam: Client) -> None:
    """The request, its answer, the trace token and the times, in the order in which they passed; no token, no key."""
    answer = sam.call("GET", USERS, params={"count": "1"}, headers={"Cookie": "a=secret-of-a-cookie"})

    (entry,) = listed(sam)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z", entry["createdDateTime"])
    assert (entry["status"], entry["description"]) == ("OK", f"GetUsers (GET {USERS})")
    request, answered, facts = text_of(sam, entry).split("\n\n\n")
    assert request.splitlines()[0] == f"GET https://demo.test:8443{USERS}?count=1 HTTP/1.1"
    assert "Authorization: [omitted]" in request.splitlines()
    assert "Cookie: [omitted]" in request.splitlines()
    assert answered.splitlines()[0] == "HTTP/1.1 200 OK"
    assert f"X-DocuSign-TraceToken: {answer.headers[TRACE]}" in answered.splitlines()
    assert '"users": [' in answered
    assert facts.splitlines()[0] == f"TraceToken: {answer.headers[TRACE]}"
    assert [line.partition(":")[0] for line in facts.splitlines()] == ["TraceToken", "Received", "Answered", "Took"]


def test_an_entry_in_base64(sam: Client) -> None:
    """The same text, for whoever asks so."""
    sam.call("GET", USERS)
    (entry,) = listed(sam)

    answer = sam.call("GET", f"{LOGS}/{entry['requestLogId']}", headers={"Content-Transfer-Encoding": "base64"})

    assert base64.b64decode(answer.content, validate=True).decode() == text_of(sam, entry)


def test_all_of_them_as_files(sam: Client) -> None:
    """A ZIP of text files, numbered, with the phrase of the answer and what was done."""
    sam.call("GET", USERS)
    sam.call("GET", f"{USERS}/{UNKNOWN}")
    sam.call("GET", f"{USERS}/{SAM.demo}")

    answer = sam.call("GET", LOGS, headers={"Accept": "application/zip"})

    assert answer.headers["Content-Type"] == "application/zip"
    files = zipfile.ZipFile(io.BytesIO(answer.content))
    assert files.namelist() == ["00_OK_GetUsers.txt", "01_NotFound_GetUser.txt", "02_OK_GetUser.txt"]
    assert [files.read(name).decode() for name in files.namelist()] == [text_of(sam, entry) for entry in listed(sam)]


def test_fifty_and_then_off(sam: Client) -> None:
    """The log takes fifty and turns itself off; it is full until it is cleared, and then takes fifty more."""
    for _ in range(52):
        sam.call("GET", USERS)

    assert len(listed(sam)) == 50
    assert sam.get(SETTINGS) == OFF
    full = sam.call("PUT", SETTINGS, json={"apiRequestLogging": "true"})
    assert refusal_of(full) == (409, "INVALID_REQUEST_PARAMETER")
    assert "full" in full.json()["message"]
    assert (sam.call("DELETE", LOGS, json={}).json(), listed(sam)) == ({}, [])
    assert turn(sam, "true")["apiRequestLogRemainingEntries"] == "50"


def test_cleared_while_it_is_on(sam: Client) -> None:
    """All places are free again, and logging goes on."""
    sam.call("GET", USERS)
    sam.call("DELETE", LOGS, json={})
    sam.call("GET", USERS)

    assert (len(listed(sam)), sam.get(SETTINGS)["apiRequestLogRemainingEntries"]) == (1, "49")


def test_what_is_not_logged(sam: Client) -> None:
    """Neither diagnostics nor logging in, whatever the letter case."""
    for path in (SETTINGS, LOGS, "/restapi/v2/LOGIN_information", "/restapi/v2.1/login_information"):
        sam.call("GET", path)

    assert listed(sam) == []


def test_a_log_is_its_user_s_alone(fresh: House, sam: Client) -> None:
    """What an app does for Sam lands in Sam's log, and another user's token of the same app never reads it."""
    sam.call("GET", USERS)
    (entry,) = listed(sam)
    ada = fresh.caller(ADA)

    assert listed(ada) == []
    assert ada.refused(f"{LOGS}/{entry['requestLogId']}") == (404, "RESOURCE_NOT_FOUND")
    assert ada.refused(f"{LOGS}/{UNKNOWN}") == (404, "RESOURCE_NOT_FOUND")
    assert ada.call("DELETE", LOGS, json={}).status_code == 200
    assert len(listed(sam)) == 1


def test_a_refused_call_is_logged(sam: Client) -> None:
    """Also what was refused once the token verified, with what its caller read."""
    sam.call("GET", f"/restapi/v2.1/accounts/{SMALL.demo}/users")

    (entry,) = listed(sam)
    assert entry["status"] == "Bad Request"
    assert "USER_DOES_NOT_BELONG_TO_SPECIFIED_ACCOUNT" in text_of(sam, entry)


def test_an_account_may_forbid_it(fresh: House, sam: Client) -> None:
    """Then nothing more is logged, the log reads off, and nobody with that permission profile turns it on."""
    by_hand(fresh, ADA, enableApiRequestLogging="false")
    sam.call("GET", USERS)

    assert (listed(sam), sam.get(SETTINGS)) == ([], OFF)
    answer = sam.call("PUT", SETTINGS, json={"apiRequestLogging": "true"})
    assert refusal_of(answer) == (403, "USER_LACKS_PERMISSIONS")
    assert answer.json()["message"] == "Your permission profile does not allow request logging."
    by_hand(fresh, ADA, enableApiRequestLogging="true")
    assert sam.get(SETTINGS)["apiRequestLogging"] == "true"


def test_a_permission_profile_is_changed_by_admins(fresh: House) -> None:
    """What was read may be sent back; only the switch of request logging changes, and only an admin turns it."""
    profile = fresh.caller(ADA).get(f"/restapi/v2.1/accounts/{ACME.demo}/permission_profiles/{SENDER.id}")

    assert profile["settings"]["enableApiRequestLogging"] == "true"
    assert by_hand(fresh, SAM, **profile["settings"]).json() == profile
    assert refusal_of(by_hand(fresh, SAM, enableApiRequestLogging="false")) == (403, "USER_LACKS_PERMISSIONS")
    assert refusal_of(by_hand(fresh, ADA, allowApiAccess="false")) == (400, "INVALID_REQUEST_PARAMETER")
    assert refusal_of(by_hand(fresh, ADA, enableApiRequestLogging="perhaps")) == (400, "INVALID_REQUEST_PARAMETER")
    changed = by_hand(fresh, ADA, enableApiRequestLogging=False).json()
    assert changed["settings"] == profile["settings"] | {"enableApiRequestLogging": "false"}


def test_limits_are_told(sam: Client) -> None:
    """Diagnostics answer with what is left, like every call."""
    headers = sam.call("GET", SETTINGS).headers

    assert (headers["X-RateLimit-Limit"], "X-BurstLimit-Remaining" in headers) == ("3000", True)
