"""Is every bad call answered with a clear no, and with nothing else?"""

import http.client
import json
from urllib.parse import urlsplit

import pytest
import requests
from structlog.testing import capture_logs

from keysteward.sample.app import CALL_HEADER, MOST_BYTES_OF_A_BODY
from tests.sample.peer import UNKNOWN, Client, an_envelope, refusal_of

EVERY_ADDRESS_OF_AN_ENVELOPE = [
    ("GET", ""),
    ("PUT", ""),
    ("GET", "/documents"),
    ("GET", "/documents/1"),
    ("GET", "/documents/combined"),
    ("GET", "/recipients"),
    ("PUT", "/recipients"),
    ("GET", "/audit_events"),
    ("GET", "/custom_fields"),
    ("POST", "/views/recipient"),
    ("POST", "/views/sender"),
]


@pytest.mark.parametrize("proofs", [None, "", "made up"])
def test_no_call_without_the_gateway(ada: Client, proofs: str | None) -> None:
    """A call without a good proof is refused before anything else is looked at, and does nothing."""
    answer = ada.call("POST", "/envelopes", data=b"{", headers={CALL_HEADER: proofs})

    assert refusal_of(answer) == (401, "AUTHORIZATION_INVALID_TOKEN")
    assert ada.get("/envelopes", from_date="2000-01-01")["totalSetSize"] == "0"


def test_two_proofs_are_none(ada: Client) -> None:
    """Of two proofs neither is believed, even if both are good."""
    proof = str(ada.session.headers[CALL_HEADER])
    connection = http.client.HTTPConnection(ada.upstream.address.removeprefix("http://"), timeout=30)
    connection.putrequest("GET", f"{urlsplit(ada.base).path}/envelopes?from_date=2000-01-01")
    connection.putheader(CALL_HEADER, proof)
    connection.putheader(CALL_HEADER, proof)
    connection.endheaders()

    answer = connection.getresponse()

    said = json.loads(answer.read())
    connection.close()
    assert (answer.status, said["errorCode"]) == (401, "AUTHORIZATION_INVALID_TOKEN")


def test_other_accounts_do_not_exist(ada: Client, mallory: Client) -> None:
    """An account that is not the caller's is refused in the same words, whether or not it exists."""
    ada.create()
    addresses = [f"{ada.upstream.address}/restapi/v2.1/accounts/{account}" for account in (ada.account, UNKNOWN, "1")]

    answers = [mallory.session.get(f"{address}/envelopes?from_date=2000-01-01", timeout=30) for address in addresses]

    assert {refusal_of(answer) for answer in answers} == {(400, "USER_DOES_NOT_BELONG_TO_SPECIFIED_ACCOUNT")}
    assert len({answer.text for answer in answers}) == 1


@pytest.mark.parametrize(("method", "path"), EVERY_ADDRESS_OF_AN_ENVELOPE)
def test_foreign_and_unknown_envelopes_are_one(ada: Client, mallory: Client, method: str, path: str) -> None:
    """Everywhere below an envelope, another account's and one that never was answer with the same bytes."""
    envelope = ada.create()
    wish = {"status": "voided", "voidedReason": "mine now", "returnUrl": "https://example.com"}
    body = {} if path == "/recipients" else wish

    foreign = mallory.call(method, f"/envelopes/{envelope}{path}", json=body)
    unknown = mallory.call(method, f"/envelopes/{UNKNOWN}{path}", json=body)

    assert refusal_of(foreign) == (404, "ENVELOPE_DOES_NOT_EXIST")
    assert foreign.content == unknown.content
    assert ada.get(f"/envelopes/{envelope}")["status"] == "sent"


@pytest.mark.parametrize("envelope", ["1", "status", f"{UNKNOWN}x", "{" + UNKNOWN + "}", "%00", "é"])
def test_what_is_no_guid_is_no_envelope(ada: Client, envelope: str) -> None:
    """An envelope ID that is no GUID is a bad parameter."""
    answer = ada.call("GET", f"/envelopes/{envelope}")

    assert refusal_of(answer) == (400, "INVALID_REQUEST_PARAMETER")


@pytest.mark.parametrize("path", ["/restapi/v2.1/accounts/1/templates", "/restapi", "/", "/x/restapi/v2/accounts/1"])
def test_unknown_addresses_come_before_the_proof(ada: Client, path: str) -> None:
    """An address that does not exist is a 404 in the same vocabulary, with or without a proof."""
    answer = requests.get(ada.upstream.address + path, timeout=30)

    assert refusal_of(answer) == (404, "RESOURCE_NOT_FOUND")


def test_methods_that_an_address_does_not_answer(ada: Client) -> None:
    """A method that an address does not answer is refused, and the answer says which it does."""
    answer = ada.call("DELETE", f"/envelopes/{ada.create()}")

    assert refusal_of(answer) == (405, "INVALID_REQUEST_METHOD")
    assert {method.strip() for method in answer.headers["allow"].split(",")} == {"GET", "HEAD", "PUT"}


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"{", id="cut off"),
        pytest.param(b'{"emailSubject": "a"} and more', id="more than JSON"),
        pytest.param(b"\xff\xfe", id="no UTF-8"),
        pytest.param(b'{"emailSubject": "\xff"}', id="no UTF-8 inside"),
        pytest.param(b'{"emailSubject": "\\ud800 alone"}', id="half a character"),
        pytest.param(b"null", id="nothing"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b'"sent"', id="a text"),
        pytest.param(b"[" * 100_000, id="endless lists"),
        pytest.param(b'{"recipients":' * 5_000 + b"{}" + b"}" * 5_000, id="endless objects"),
        pytest.param(b'{"recipients": [' + b"{}," * 250_000 + b"{}]}", id="more values than anybody needs"),
        pytest.param(b'{"emailSubject": 1e999}', id="beyond every number"),
        pytest.param(b'{"emailSubject": {"a": 1}}', id="an object for a text"),
        pytest.param(b'{"documents": [null]}', id="nothing for a document"),
        pytest.param(b'{"recipients": []}', id="a list for an object"),
        pytest.param(b'{"customFields": {"textCustomFields": {}}}', id="an object for a list"),
        pytest.param(b"<envelope/>", id="XML"),
    ],
)
def test_bodies_that_cannot_be_read(ada: Client, body: bytes) -> None:
    """A body of the wrong shape is refused, quotes nothing of it, and leaves nothing behind."""
    answer = ada.call("POST", "/envelopes", data=body, headers={"Content-Type": "application/json"})

    assert refusal_of(answer) == (400, "INVALID_REQUEST_BODY")
    assert "Traceback" not in answer.text
    assert ada.get("/envelopes", from_date="2000-01-01")["totalSetSize"] == "0"


def test_a_refusal_names_the_place_and_not_the_value(ada: Client) -> None:
    """Who sent a wrong type learns where, and reads nothing back."""
    answer = ada.call("POST", "/envelopes", json={"documents": [{"name": ["top secret"]}]})

    assert "$.documents[0].name" in answer.json()["message"]
    assert "top secret" not in answer.text


def test_the_largest_body_and_one_byte_more(ada: Client) -> None:
    """A body of exactly 35,651,584 bytes is read; one more byte is refused, and the connection goes on."""
    definition = json.dumps({"emailSubject": "Large"}).encode()

    fits = ada.call("POST", "/envelopes", data=definition.ljust(MOST_BYTES_OF_A_BODY))
    too_large = ada.call("POST", "/envelopes", data=definition.ljust(MOST_BYTES_OF_A_BODY + 1))
    chunked = ada.call("POST", "/envelopes", data=iter([definition.ljust(MOST_BYTES_OF_A_BODY), b" "]))

    assert fits.status_code == 201
    assert refusal_of(too_large) == refusal_of(chunked) == (413, "REQUEST_BODY_TOO_LARGE")
    assert ada.get("/envelopes", from_date="2000-01-01")["totalSetSize"] == "1"


def test_the_unexpected_is_a_blank_answer_with_a_reference(ada: Client) -> None:
    """An unexpected exception is a 500 with a reference that the log has; neither quotes it, and the server lives."""
    with capture_logs() as logged:
        answer = ada.call("GET", "/envelopes?from_date=2000-01-01", headers={CALL_HEADER: "breaks the reader"})

    assert refusal_of(answer) == (500, "UNSPECIFIED_ERROR")
    assert [entry["error"] for entry in logged] == ["RuntimeError"]
    assert logged[0]["reference"] in answer.json()["message"]
    assert "ada@example.com" not in answer.text + str(logged)
    assert ada.get("/envelopes", from_date="2000-01-01")["totalSetSize"] == "0"


def test_numbers_and_booleans_are_taken_as_texts(ada: Client) -> None:
    """Clients that write numbers where Docusign has strings are understood."""
    envelope = ada.create(emailSubject=2026, documents=an_envelope()["documents"] + [{"documentBase64": "eA=="}])

    assert ada.get(f"/envelopes/{envelope}")["emailSubject"] == "2026"


def test_repeated_keys_are_legal(ada: Client) -> None:
    """A parameter that stands twice is no error; where one value is wanted the last one counts."""
    envelope = ada.create()

    listed = ada.get("/envelopes", from_date=["never", "2000-01-01"], count=["1", "5"])

    assert [each["envelopeId"] for each in listed["envelopes"]] == [envelope]
