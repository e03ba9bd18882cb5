"""How does a call pass the gateway that authenticates the old way, and what does the API see of it?"""

from collections.abc import Callable
from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest
import requests

from keysteward.actions import legacy
from keysteward.rules.legacy_forms import HEADER
from keysteward.rules.soap import MOST_BYTES
from tests.cast import ACME, ADA, MALLORY, PASSWORD, SAM, STRANGE, Made, Town
from tests.gateway.peer import Gate
from tests.old_fashioned import api_calls, bring_to, counted, in_json, in_soap, in_xml

SOAP = {"Content-Type": "text/xml; charset=utf-8"}
FAULT = "{http://schemas.xmlsoap.org/soap/envelope/}Fault"


def call(opened: Gate, headers: dict[str, str], **options: object) -> requests.Response:
    """Call without an access token."""
    with requests.Session() as session:
        session.trust_env = False
        account = str(options.pop("account", ACME.demo))
        return session.request("POST", opened.url("", account), headers=headers, timeout=30, **options)  # type: ignore[arg-type]


def refusal_of(answer: requests.Response) -> tuple[int, str]:
    """Status and code of a refusal."""
    return answer.status_code, answer.json()["errorCode"]


def test_it_is_blocked_as_it_comes(opened: Gate) -> None:
    """Every form gets the refusal of before, whatever the password is."""
    for headers in (
        in_json(opened.made),
        in_xml(opened.made),
        {HEADER: "nonsense"},
        in_json(opened.made, password="x"),
    ):
        assert refusal_of(call(opened, headers)) == (401, "PARTNER_AUTHENTICATION_FAILED")

    assert opened.api.asked == []


@pytest.mark.parametrize("form", [in_json, in_xml])
def test_a_call_passes_while_it_is_measured(opened: Gate, form: Callable[[Made], dict[str, str]]) -> None:
    """The API gets the call with the signed word, and neither password nor key nor any header that names a caller."""
    bring_to(opened.ctx, ("measure", ""))
    said = {"X-Forwarded-User": "root", "X-Remote-User": "root", "X_Auth_Request_Email": "a@b.example", "X-Own": "1"}
    answer = call(opened, form(opened.made) | said, data=b"a body")

    (asked,) = opened.api.asked
    assert (answer.status_code, asked.body, asked.header("x-own")) == (200, b"a body", ["1"])
    names = {name for name, _ in asked.headers}
    assert names.isdisjoint({HEADER, "x-forwarded-user", "x-remote-user", "x_auth_request_email", "authorization"})
    assert PASSWORD not in str(asked.headers)
    assert len(asked.header("x-keysteward-call")) == 1
    assert {"Deprecation", "Sunset", "Link"}.isdisjoint(answer.headers)
    assert (counted(opened.ctx), api_calls(opened.ctx)) == ([(SAM.demo, 1, 0)], 0)


def test_it_counts_towards_nothing(opened: Gate) -> None:
    """No API call is recorded, and the account's limits stay as they are."""
    bring_to(opened.ctx, ("measure", ""))
    before = opened.call().headers["X-RateLimit-Remaining"]
    after = call(opened, in_json(opened.made)).headers["X-RateLimit-Remaining"]

    assert (before, api_calls(opened.ctx)) == (after, 1)


def test_callers_are_warned(opened: Gate) -> None:
    """From the phase warn on each answer says since when, until when and where to read on."""
    bring_to(opened.ctx, ("warn", ""), ("block all", "2027-03-31"))
    answer = call(opened, in_json(opened.made))

    assert answer.status_code == 200
    assert answer.headers["Sunset"] == "Wed, 31 Mar 2027 00:00:00 GMT"
    assert answer.headers["Deprecation"] == "@0"
    assert answer.headers["Link"] == (
        f'<{opened.ctx.origin}/help/legacy-authentication>; rel="deprecation"; type="text/html"'
    )


def test_a_brown_out_passes(town: Town, opened: Gate) -> None:
    """Calls are refused in the window, and pass before and after it."""
    windows = [{"days": ["fri"], "at": ["09:40"], "length": "10m"}]
    bring_to(opened.ctx, ("brown-out", ""), legacy_brown_outs=windows)
    statuses = []
    for minutes in (0, 10, 10):  # 9:30, 9:40, 9:50
        town.clock.advance(minutes=minutes)
        statuses.append(call(opened, in_json(opened.made)).status_code)

    assert statuses == [200, 401, 200]


def test_only_members_reach_an_account(opened: Gate) -> None:
    """The user must be a member of the account in the path, as with a token; the call was admitted, and is counted."""
    bring_to(opened.ctx, ("measure", ""))

    refused = (400, "USER_DOES_NOT_BELONG_TO_SPECIFIED_ACCOUNT")
    assert refusal_of(call(opened, in_json(opened.made), account=STRANGE.demo))[1] == refused[1]
    assert call(opened, in_json(opened.made, MALLORY), account=STRANGE.demo).status_code == 200
    assert (len(opened.api.asked), api_calls(opened.ctx)) == (1, 0)


@pytest.mark.parametrize(
    ("headers", "refusal"),
    [
        ({"Password": "wrong"}, (401, "USER_AUTHENTICATION_FAILED")),
        ({"IntegratorKey": "7d1c9e9e-1f0a-4b52-9a55-3a0d6f8f0c11"}, (401, "PARTNER_AUTHENTICATION_FAILED")),
    ],
    ids=["password", "key"],
)
def test_what_is_wrong_is_said_as_the_api_says_it(
    opened: Gate, headers: dict[str, str], refusal: tuple[int, str]
) -> None:
    """A wrong password and an unknown key have the codes that clients know."""
    bring_to(opened.ctx, ("measure", ""))
    login = {"Username": SAM.email, "Password": PASSWORD, "IntegratorKey": opened.made.key} | headers
    answer = call(opened, {HEADER: str(login).replace("'", '"')})

    assert refusal_of(answer) == refusal
    assert opened.api.asked == []


@pytest.mark.parametrize(
    "header",
    [
        '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><DocuSignCredentials>&e;</DocuSignCredentials>',
        '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><DocuSignCredentials>&b;</DocuSignCredentials>',
        "{" * 4_000,
        "x" * 5_000,
    ],
    ids=["an entity from a file", "a bomb", "nested", "long"],
)
def test_traps_are_not_walked_into(opened: Gate, header: str) -> None:
    """Entities, depth and length are refused."""
    bring_to(opened.ctx, ("measure", ""))

    assert refusal_of(call(opened, {HEADER: header})) == (400, "INVALID_REQUEST_PARAMETER")


def test_a_token_comes_first(opened: Gate) -> None:
    """With an access token the old header says nothing, is not checked, and is not passed on."""
    answer = opened.call(headers=in_json(opened.made, password="wrong"))

    (asked,) = opened.api.asked
    assert (answer.status_code, asked.header(HEADER), len(opened.recorded())) == (200, [], 1)


def test_a_waiver_opens_the_gate(town: Town, opened: Gate) -> None:
    """When all are blocked, a key with a waiver passes, and is told when that ends."""
    until = opened.ctx.now + timedelta(days=30)
    legacy.waive(opened.ctx, opened.made.key, "Olga", ADA.email, "The till is replaced in May.", until)
    answer = call(opened, in_json(opened.made))

    assert (answer.status_code, answer.headers["Sunset"]) == (200, "Sun, 20 Dec 2026 09:30:00 GMT")
    town.clock.now = until
    assert refusal_of(call(opened, in_json(opened.made))) == (401, "PARTNER_AUTHENTICATION_FAILED")


# ── SOAP ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def fault_of(answer: requests.Response) -> tuple[int, str, str, str]:
    """Status, fault code, number and sentence of a SOAP 1.1 fault."""
    assert answer.headers["Content-Type"] == "text/xml; charset=utf-8"
    fault = next(ET.fromstring(answer.content).iter(FAULT))  # noqa: S314 — our own answer
    return (
        answer.status_code,
        fault.findtext("faultcode", ""),
        fault.findtext("detail/ErrorNumber", ""),
        fault.findtext("faultstring", ""),
    )


def test_a_soap_call_is_blocked_with_a_fault(opened: Gate) -> None:
    """Number 3, in the words that SOAP clients know, whatever the message is: nobody reads it."""
    sentence = "The specified integration key was not found or is disabled"
    for message in (in_soap(opened.made), b"", b"<"):
        assert fault_of(call(opened, SOAP, data=message)) == (500, "soap:Client", "3", sentence)


def test_a_soap_1_2_call_gets_its_own_fault(opened: Gate) -> None:
    """Whoever speaks SOAP 1.2 is answered in it."""
    answer = call(opened, {"Content-Type": "application/soap+xml"}, data=in_soap(opened.made))

    assert (answer.status_code, answer.headers["Content-Type"]) == (400, "application/soap+xml; charset=utf-8")
    assert b"http://www.w3.org/2003/05/soap-envelope" in answer.content
    assert b"<ErrorNumber>3</ErrorNumber>" in answer.content


def test_a_soap_call_passes_without_its_password(opened: Gate) -> None:
    """The API gets the message without its Security header, whole and with its new length."""
    bring_to(opened.ctx, ("warn", ""))
    message = in_soap(opened.made, body="<Send>" + "ä" * 100_000 + "</Send>")
    answer = call(opened, SOAP, data=message)

    (asked,) = opened.api.asked
    assert (answer.status_code, answer.headers["Deprecation"]) == (200, "@0")
    assert PASSWORD.encode() not in asked.body
    assert asked.body == message[: message.index(b"<w:Security>")] + message.partition(b"</w:Security>")[2]
    assert asked.header("content-length") == [str(len(asked.body))]
    assert (counted(opened.ctx), api_calls(opened.ctx)) == ([(SAM.demo, 1, 0)], 0)


@pytest.mark.parametrize(
    ("message", "number"),
    [
        pytest.param(b"<Envelope><Body/></Envelope>", "3", id="no token"),
        pytest.param(b"<!DOCTYPE x><Envelope/>", "", id="a document type"),
        pytest.param(b"<Envelope>", "", id="cut off"),
        pytest.param(b" " * (MOST_BYTES + 1), "", id="too large"),
    ],
)
def test_a_bad_soap_message_is_a_fault(opened: Gate, message: bytes, number: str) -> None:
    """What cannot be read is a fault too, and reaches nobody."""
    bring_to(opened.ctx, ("measure", ""))

    assert fault_of(call(opened, SOAP, data=message))[:3] == (500, "soap:Client", number)
    assert opened.api.asked == []
