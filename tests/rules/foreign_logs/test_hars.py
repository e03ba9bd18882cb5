"""Is a HAR read as browsers and Postman write it?"""

import base64
import json
from collections.abc import Mapping

import pytest

from keysteward.rules.foreign_logs.hars import read
from keysteward.rules.foreign_logs.sightings import LEGACY, NO_ADDRESS, PREFLIGHT, Sighting, Unreadable
from tests.rules.foreign_logs.logs import ENVELOPE, ENVELOPES, START, har, har_entry

KEY = "1e90a5e0-0000-4000-8000-000000000001"


def one(entry: Mapping[str, object]) -> Sighting:
    """The call of the only entry."""
    (found,) = read(har([entry]), "a.har", 0)
    assert isinstance(found, Sighting)
    return found


def token(claims: Mapping[str, object]) -> str:
    """An access token that nobody signed."""
    parts = [
        base64.urlsafe_b64encode(json.dumps(each).encode()).decode().rstrip("=") for each in ({"alg": "x"}, claims)
    ]
    return ".".join((*parts, "sig"))


def test_an_entry() -> None:
    """Method, path, query, status, start and duration are those of the call."""
    call = one(har_entry(START, "GET", f"https://api.test{ENVELOPE}?a=1#top", 200))

    assert (call.method, call.path, call.query, call.status, call.at) == ("GET", ENVELOPE, "a=1", 200, START)
    assert call.took
    assert call.took.total_seconds() == 0.0125


def test_the_key_of_a_token() -> None:
    """A token that is a JSON Web Token says whose call it is; any other says nothing."""

    def header(value: str) -> list[dict[str, str]]:
        return [{"name": "authorization", "value": value}]

    said = [f"Bearer {token({'client_id': KEY.upper()})}", "Bearer opaque", "Bearer a.b.c", "Basic x", "Bearer a.!!.c"]
    assert [one(har_entry(START, headers=header(each))).key for each in said] == [KEY, "", "", "", ""]


@pytest.mark.parametrize("encoding", ["", "base64"])
def test_the_code_of_an_error(encoding: str) -> None:
    """The API's errorCode is read from the body, in base64 too; of a success no body is looked at."""
    body = json.dumps({"errorCode": "ENVELOPE_DOES_NOT_EXIST"})
    text = base64.b64encode(body.encode()).decode() if encoding else body
    content = {"text": text, "encoding": encoding}

    assert one(har_entry(START, status=404, content=content)).error_code == "ENVELOPE_DOES_NOT_EXIST"
    assert one(har_entry(START, status=200, content=content)).error_code == ""


@pytest.mark.parametrize(
    ("entry", "why_not"),
    [
        (har_entry(START, "OPTIONS"), PREFLIGHT),
        (har_entry(START, headers=[{"name": "X-DocuSign-Authentication", "value": "{}"}]), LEGACY),
        (har_entry(START, url="data:text/plain,hello"), NO_ADDRESS),
        (har_entry(START, url="wss://api.test/restapi"), NO_ADDRESS),
        (har_entry(START, url="http://[broken"), NO_ADDRESS),
    ],
)
def test_what_is_no_api_call(entry: dict[str, object], why_not: str) -> None:
    """Preflights, legacy authentication, and what is no HTTP."""
    assert one(entry).why_not == why_not


def test_a_request_without_an_answer() -> None:
    """Browsers note 0 where the network failed or the page went away."""
    assert (one(har_entry(START, status=0)).status, one(har_entry(START, status=-1)).status) == (499, 499)


@pytest.mark.parametrize(
    "content", [b"", b"{}", b'{"log":{}}', b'{"log":{"entries":[', b'{"log":{"entries":{}}}', b"\xff"]
)
def test_no_whole_har(content: bytes) -> None:
    """Cut short, or something else: it is refused as a whole."""
    with pytest.raises(Unreadable, match="no whole HAR"):
        list(read(content, "a.har", 0))


def test_a_broken_entry_is_named() -> None:
    """One entry that lacks what HAR asks for is named by its place; the others are read."""
    found = list(read(har([har_entry(START, url=ENVELOPES), {"request": 1}, har_entry(START)]), "a.har", 0))

    assert [type(each) for each in found] == [Sighting, Unreadable, Sighting]
    assert [each.where for each in found if isinstance(each, Unreadable)] == ["a.har, entry 2"]
