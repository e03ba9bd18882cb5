"""What does a request log say of its call, whoever wrote it?"""

from datetime import UTC, datetime, timedelta

import pytest

from keysteward.rules.foreign_logs.request_texts import Name, name_of, read
from keysteward.rules.foreign_logs.sightings import LEGACY, PREFLIGHT, Sighting, Unreadable
from tests.rules.foreign_logs.logs import ENVELOPE, ENVELOPES, request_log

OURS = f"""POST https://demo.test:8443{ENVELOPES}?a=1 HTTP/1.1
Host: demo.test:8443
Authorization: [omitted]

{{
  "status": "sent",
  "text": "HTTP/1.1 200 OK"
}}


HTTP/1.1 400 Bad Request
Date: Fri, 20 Nov 2026 08:00:00 GMT
X-DocuSign-TraceToken: 11111111-0000-4000-8000-000000000001

{{
  "errorCode": "INVALID_REQUEST_BODY",
  "message": "No."
}}


TraceToken: 11111111-0000-4000-8000-000000000001
Received: 2026-11-20T09:30:00.123456Z
Answered: 2026-11-20T09:30:00.135456Z
Took: 1,012.5 ms
"""


def read_text(text: str, name: str = "") -> Sighting:
    """The call of a text."""
    return read(text.encode(), "a.zip", (0, 1, name))


def test_our_own_layout() -> None:
    """Method, path, query, status, code, trace, time and duration are those of the call."""
    call = read_text(OURS, "00_BadRequest_CreateEnvelope.txt")

    assert (call.method, call.path, call.query, call.status) == ("POST", ENVELOPES, "a=1", 400)
    assert (call.error_code, call.trace) == ("INVALID_REQUEST_BODY", "11111111-0000-4000-8000-000000000001")
    assert call.at == datetime(2026, 11, 20, 9, 30, 0, 123_456, UTC)
    assert call.took == timedelta(seconds=1, milliseconds=12.5)


def test_docusigns_layout() -> None:
    """A head with TraceToken and Timestamp, the headers, and an answer that begins with its status."""
    call = read_text(request_log(ENVELOPE, "GET", "200 OK"), "04_OK_GetEnvelope.txt")

    assert (call.method, call.path, call.status) == ("GET", ENVELOPE, 200)
    assert call.at == datetime(2026, 11, 20, 9, 0, 0, 250_000, UTC)
    assert len(call.trace) == 36


@pytest.mark.parametrize(
    ("text", "status"),
    [
        (f"GET https://demo.docusign.net{ENVELOPE} HTTP/1.1\n\nHost: x\n\nHTTP/1.1 200 OK\nA: b\n\n{{}}", 200),
        (f"GET {ENVELOPE}\nHost: x\n\n404 Not Found\n\n", 404),
        (f"\ufeffGET https://demo.docusign.net:7801{ENVELOPE}\n\n\n200 OK\n", 200),
        (f"\n\nGET https://demo.docusign.net{ENVELOPE}\n\nHTTP/1.1 204\n", 204),
    ],
)
def test_layouts_that_nobody_documented(text: str, status: int) -> None:
    """Wherever blank lines stand and whatever comes along, request line and status decide."""
    call = read_text(text)

    assert (call.method, call.path, call.status) == ("GET", ENVELOPE, status)


def test_a_body_is_no_answer() -> None:
    """A body that holds what looks like a status is not believed where the name of the file says another."""
    text = f"POST https://x{ENVELOPES}\n\n\nfirst\n\n200 OK\n\n400 Bad Request\n\n{{}}"

    assert read_text(text, "01_BadRequest_CreateEnvelope.txt").status == 400
    assert read_text(text, "01_OK_CreateEnvelope.txt").status == 200


def test_the_name_says_the_status_where_the_text_does_not() -> None:
    """Docusign names files by the phrase of the answer."""
    assert read_text(f"GET https://x{ENVELOPE}\n\nno more", "07_NotFound_GetEnvelope.txt").status == 404


def test_a_caller_who_left() -> None:
    """Where no answer began, the call is one that the caller abandoned, and not the API's doing."""
    facts = "Received: 2026-11-20T09:30:00Z\nNote: The caller left before the answer began.\n"
    text = f"GET https://x{ENVELOPE}\nHost: x\n\n\n{facts}"
    calls = [read_text(text), read_text(text, "01_Noanswer_GetEnvelope.txt")]

    assert [(call.status, call.by_upstream) for call in calls] == [(499, False), (499, False)]


@pytest.mark.parametrize(
    ("head", "why_not"),
    [
        (f'GET https://x{ENVELOPE}\nX-DocuSign-Authentication: {{"Password":"[omitted]"}}', LEGACY),
        (f"OPTIONS https://x{ENVELOPE}\nOrigin: https://y", PREFLIGHT),
    ],
)
def test_what_is_no_api_call(head: str, why_not: str) -> None:
    """Legacy authentication and a browser's preflight are no API calls."""
    assert read_text(f"{head}\n\n200 OK\n").why_not == why_not


@pytest.mark.parametrize("time", ["", "Date: Fri, 20 Nov 2026 09:30:00 GMT"])
def test_the_time_may_be_missing(time: str) -> None:
    """The Date of the answer serves where there is nothing else; without it the time is unknown, and not guessed."""
    call = read_text(f"GET https://x{ENVELOPE}\nHost: x\n\n200 OK\n{time}\n\n{{}}")

    assert call.at == (datetime(2026, 11, 20, 9, 30, tzinfo=UTC) if time else None)


@pytest.mark.parametrize("text", ["", "hello", "GET nowhere\n\n200 OK", "200 OK\n\n{}"])
def test_a_text_without_a_request(text: str) -> None:
    """It is named, with what a request log begins with."""
    with pytest.raises(Unreadable) as caught:
        read_text(text)

    assert (caught.value.where, caught.value.sentence) == ("a.zip", "no line of it says what was requested")
    assert "GET https://" in caught.value.next_step


def test_a_text_without_an_answer() -> None:
    """It is named: whether the call succeeded is what matters."""
    with pytest.raises(Unreadable, match="does not say how the request was answered"):
        read_text(f"GET https://x{ENVELOPE}\nHost: x\n")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("00_OK_GetEnvelope.txt", Name(0, 200, "GetEnvelope")),
        ("folder/06_Created_SendEnvelope.txt", Name(6, 201, "SendEnvelope")),
        ("12_TooManyRequests_GetEnvelope.TXT", Name(12, 429, "GetEnvelope")),
        ("12_Strange_GetEnvelope.txt", Name(12, None, "GetEnvelope")),
        ("readme.txt", None),
    ],
)
def test_names(name: str, said: Name | None) -> None:
    """Number, phrase and operation, in whichever folder."""
    assert name_of(name) == said
