"""How does a SOAP message pass the gateway, and how is one refused?"""

from xml.etree import ElementTree as ET

import pytest
import requests

from keysteward.actions import keys, limits
from keysteward.rules.limits import Wish
from keysteward.rules.soap import message
from tests.cast import ACME, ADA
from tests.gateway.peer import Gate
from tests.old_fashioned import in_soap

PATH = "/api/3.0/dsapi.asmx"
OLD, NEW = "text/xml; charset=utf-8", "application/soap+xml"
PING = message(OLD, '<RequestStatus xmlns="http://www.docusign.net/API/3.0"/>').text.encode()


def post(opened: Gate, content_type: str = OLD, body: bytes = PING, token: str | None = None) -> requests.Response:
    """Send a message with the gate's token, or another one, or with none where it is empty."""
    token = opened.token if token is None else token
    headers = {"Content-Type": content_type} | ({"Authorization": f"Bearer {token}"} if token else {})
    with requests.Session() as session:
        session.trust_env = False
        return session.post(opened.address + PATH, body, headers=headers, timeout=30)


def fault_of(answer: requests.Response) -> tuple[int, str | None, str | None]:
    """Status, number and code of a fault."""
    root = ET.fromstring(answer.content)  # noqa: S314 — our own text
    return answer.status_code, root.findtext(".//ErrorNumber"), root.findtext(".//ErrorCode")


def test_a_message_passes_with_an_access_token(opened: Gate) -> None:
    """It reaches the API byte for byte with the signed word, and counts towards limits, not towards Go-Live."""
    answer = post(opened)

    (asked,) = opened.api.asked
    assert (answer.status_code, asked.body, len(asked.header("x-keysteward-call"))) == (200, PING, 1)
    assert answer.headers["X-RateLimit-Remaining"] == "2999"
    (call,) = opened.recorded()
    assert (call.route, call.countable, call.why_not) == ("soap", False, "SOAP calls do not count")


@pytest.mark.parametrize("content_type", [OLD, NEW])
def test_a_stopped_key_is_fault_3(opened: Gate, content_type: str) -> None:
    """Docusign's number for a key that is not known, in the caller's version of SOAP."""
    keys.stop(opened.ctx, opened.town.actor(ADA), opened.made.key)
    answer = post(opened, content_type)

    assert fault_of(answer) == (400 if content_type == NEW else 500, "3", "PARTNER_AUTHENTICATION_FAILED")
    assert answer.headers["Content-Type"].startswith(content_type.partition(";")[0])


def test_the_retired_token_is_fault_3(opened: Gate) -> None:
    """A UsernameToken passes nowhere as it comes, and nothing of it reaches the API."""
    answer = post(opened, body=in_soap(opened.made), token="")

    assert (fault_of(answer), opened.api.asked) == ((500, "3", "PARTNER_AUTHENTICATION_FAILED"), [])


@pytest.mark.parametrize("token", ["nonsense", "a.b.c"])
def test_a_bad_access_token_is_a_fault(opened: Gate, token: str) -> None:
    """Without a number, for its key may be fine."""
    assert fault_of(post(opened, token=token)) == (500, None, "AUTHORIZATION_INVALID_TOKEN")


def test_rest_callers_hear_no_faults(opened: Gate) -> None:
    """XML that is put somewhere is a document."""
    answer = opened.call("PUT", "/x/documents/1", headers={"Authorization": "Bearer x", "Content-Type": "text/xml"})

    assert (answer.status_code, answer.json()["errorCode"]) == (401, "AUTHORIZATION_INVALID_TOKEN")


def test_the_hourly_limit_is_fault_207(opened: Gate) -> None:
    """Docusign's number for one call too many, and no word about when to come again that would send SDKs to sleep."""
    limits.set_limits(opened.ctx, ACME.demo, Wish(hourly=1), "Olga Operator", "A small account.")
    passed, refused = post(opened), post(opened)

    assert (passed.status_code, fault_of(refused)) == (200, (500, "207", "HOURLY_APIINVOCATION_LIMIT_EXCEEDED"))
    assert "Retry-After" not in refused.headers
