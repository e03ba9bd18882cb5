"""What does a caller learn, and what is on record, when a call does not come to its end?"""

import asyncio
import http.client
import socket
import sqlite3
import threading
from contextlib import closing
from urllib.parse import urlsplit

import pytest
import requests
from starlette.types import Receive, Send

from tests.cast import ACME, MALLORY, STRANGE, UNKNOWN, Made, Town
from tests.gateway.peer import JSON, Answer, Asked, Gate, RawApi, answering, gate, gate_before, leaving, read
from tests.peers.databases import file_of
from tests.polling import until

NEVER_COUNTS = "the gateway could not reach the API"


def verdict(opened: Gate) -> tuple[int, str, bool, str]:
    """What the newest call is on record as: status, code, whether it counts, and why not."""
    call = opened.recorded()[0]
    return call.status, call.error_code, call.countable, call.why_not


def error_of(answer: requests.Response) -> tuple[int, str]:
    """Status and code of a refusal in the API's vocabulary, which never asks a client to come back by itself."""
    assert set(answer.json()) == {"errorCode", "message"}
    assert "Retry-After" not in answer.headers
    return answer.status_code, answer.json()["errorCode"]


# ── who may not call ────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"Authorization": None}, "PARTNER_AUTHENTICATION_FAILED"),
        ({"Authorization": None, "X-DocuSign-Authentication": '{"Username":"a"}'}, "PARTNER_AUTHENTICATION_FAILED"),
        ({"Authorization": "Bearer nonsense"}, "AUTHORIZATION_INVALID_TOKEN"),
        ({"Authorization": "Basic eDp5"}, "PARTNER_AUTHENTICATION_FAILED"),
    ],
)
def test_without_a_good_token_it_is_no_call(opened: Gate, headers: dict[str, str], code: str) -> None:
    """401, the API is not asked, and nothing is on record for any key."""
    assert error_of(opened.call("POST", headers=headers, data=b"{}")) == (401, code)
    assert (opened.api.asked, opened.recorded()) == ([], [])


@pytest.mark.parametrize("account", [STRANGE.demo, ACME.production, UNKNOWN, "999999"])
def test_a_foreign_account_is_a_failed_call(opened: Gate, account: str) -> None:
    """Foreign and unknown accounts get the same answer, the API is not asked, and the failure counts."""
    code = "USER_DOES_NOT_BELONG_TO_SPECIFIED_ACCOUNT"

    assert error_of(opened.call("GET", account=account)) == (400, code)
    assert opened.api.asked == []
    assert verdict(opened) == (400, code, True, "")


def test_a_member_of_that_account_passes(opened: Gate) -> None:
    """The same key carries Mallory to her own account and no other: a key identifies an app, not an account."""
    opened.token = opened.sign_in(MALLORY)

    assert opened.call("GET", account=STRANGE.demo).status_code == 200
    assert opened.call("GET", account=ACME.demo).status_code == 400


def test_a_token_without_the_scope_is_a_failed_call(opened: Gate) -> None:
    """Whoever consented to something else may not call, and the failure counts."""
    opened.town.consent(opened.ctx, opened.made, MALLORY, "openid impersonation")
    assertion = opened.town.assertion(opened.ctx, opened.made, MALLORY, scope="openid")
    form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": assertion}
    opened.token = requests.post(f"{opened.address}/oauth/token", form, timeout=30).json()["access_token"]

    assert error_of(opened.call("GET", account=STRANGE.demo)) == (403, "USER_LACKS_PERMISSIONS")
    assert verdict(opened) == (403, "USER_LACKS_PERMISSIONS", True, "")
    assert opened.api.asked == []


# ── what the API answers ────────────────────────────────────────────────────────────────────────────────────────────
def test_an_error_of_the_api_is_named(opened: Gate) -> None:
    """A 4xx of the API is a failed call with the API's own code."""
    opened.api.answer = answering(404, b'{"errorCode":"ENVELOPE_DOES_NOT_EXIST","message":"No."}')

    assert error_of(opened.call("GET", "/1")) == (404, "ENVELOPE_DOES_NOT_EXIST")
    assert verdict(opened) == (404, "ENVELOPE_DOES_NOT_EXIST", True, "")


def test_an_error_in_pieces_is_named(opened: Gate) -> None:
    """However the network cuts the API's answer, the code is on record and the caller has it whole."""

    async def answer(asked: Asked, receive: Receive, send: Send) -> None:
        await read(asked, receive)
        await send({"type": "http.response.start", "status": 404, "headers": JSON})
        for part in (b'{"errorCode":"ENVELOPE_', b"DOES_NOT_", b'EXIST","message":"No."}'):
            await asyncio.sleep(0.02)
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    opened.api.answer = answer

    assert error_of(opened.call("GET", "/1")) == (404, "ENVELOPE_DOES_NOT_EXIST")
    assert verdict(opened) == (404, "ENVELOPE_DOES_NOT_EXIST", True, "")


@pytest.mark.parametrize("status", [500, 502, 503, 504, 599])
def test_a_failure_of_the_api_does_not_count(opened: Gate, status: int) -> None:
    """A 5xx of the API passes as it is, and is not held against the app."""
    opened.api.answer = answering(status, b"<h1>Out of order</h1>", [(b"content-type", b"text/html")])

    answer = opened.call("POST")

    assert (answer.status_code, answer.text) == (status, "<h1>Out of order</h1>")
    assert verdict(opened) == (status, "", False, "the API failed, not the app")


@pytest.mark.parametrize("body", [b"[]", b'{"errorCode":7}', b"\xff", b"", b'{"errorCode":"<script>"}', b"{" * 70_000])
def test_an_error_that_names_no_code(opened: Gate, body: bytes) -> None:
    """Whatever the API says, it reaches the caller whole and the call is on record without a code."""
    opened.api.answer = answering(400, body)

    answer = opened.call("POST")

    assert (answer.status_code, answer.content) == (400, body)
    assert verdict(opened) == (400, "", True, "")


# ── when the API does not answer ────────────────────────────────────────────────────────────────────────────────────
def test_nobody_listens(town: Town, made: Made) -> None:
    """502, on record as not countable, with advice."""
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]

    with gate_before(f"http://127.0.0.1:{port}", town, made) as opened:
        assert error_of(opened.call("POST", data=b"{}")) == (502, "SERVICE_UNAVAILABLE")
        assert verdict(opened) == (502, "SERVICE_UNAVAILABLE", False, NEVER_COUNTS)


@pytest.mark.parametrize(
    "said", [b"", b"HTTP/1.1 20", b"SSH-2.0-OpenSSH_9.6\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n"]
)
def test_the_api_breaks_off_before_its_head(town: Town, made: Made, said: bytes) -> None:
    """502 too, and a call that may have acted is not made twice."""
    with RawApi(said) as api, gate_before(api.address, town, made) as opened:
        assert error_of(opened.call("POST", data=b"{}")) == (502, "SERVICE_UNAVAILABLE")
        assert verdict(opened) == (502, "SERVICE_UNAVAILABLE", False, NEVER_COUNTS)
        assert len(api.requests) == 1


@pytest.mark.parametrize(
    ("method", "times"), [("GET", 2), ("HEAD", 2), ("OPTIONS", 1), ("PUT", 1), ("POST", 1), ("PATCH", 1), ("DELETE", 1)]
)
def test_only_a_read_is_asked_once_more(town: Town, made: Made, method: str, times: int) -> None:
    """Where the connection breaks before an answer, what may have acted is not asked again."""
    with RawApi(b"") as api, gate_before(api.address, town, made) as opened:
        assert opened.call(method, "/1").status_code == 502
        assert len(api.requests) == times
        assert verdict(opened) == (502, "SERVICE_UNAVAILABLE", False, NEVER_COUNTS)


def test_the_api_is_too_slow(town: Town, made: Made) -> None:
    """504 when it says nothing for as long as the gateway waits, and the API is told that nobody waits any more."""
    told = threading.Event()
    with gate(town, made, silent_seconds=0.2) as opened:
        opened.api.answer = never(told)

        assert error_of(opened.call("GET", "/1")) == (504, "SERVICE_UNAVAILABLE")

        assert verdict(opened) == (504, "SERVICE_UNAVAILABLE", False, NEVER_COUNTS)
        assert told.wait(10)


def never(told: threading.Event) -> Answer:
    """An API that waits until whoever asked has gone."""

    async def answer(asked: Asked, receive: Receive, send: Send) -> None:
        await leaving(receive)
        told.set()

    return answer


HALF = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{",
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n",
)


def is_whole(opened: Gate, trace: str) -> bool:
    """Whether an answered call came to its end, once that is noted."""
    ended = until(lambda: opened.outcome(trace))
    return ended is not None and ended[2]


@pytest.mark.parametrize("said", HALF, ids=["length", "chunked"])
def test_half_an_answer_never_looks_whole(town: Town, made: Made, said: bytes) -> None:
    """The API breaks off in the middle: the caller's connection is cut, and the record says how it ended."""
    with RawApi(said) as api, gate_before(api.address, town, made) as opened:
        with pytest.raises(requests.RequestException) as broken:
            opened.call("GET")

        assert not isinstance(broken.value, requests.Timeout)
        (call,) = opened.recorded()
        assert (call.status, call.countable) == (200, True)
        assert is_whole(opened, call.trace) is False


@pytest.mark.parametrize("said", HALF, ids=["length", "chunked"])
def test_an_answer_that_stops_is_cut(town: Town, made: Made, said: bytes) -> None:
    """The API falls silent in the middle: the caller is not kept waiting for ever, nor told that it was all."""
    over = threading.Event()
    with RawApi(said, over) as api:
        with gate_before(api.address, town, made, silent_seconds=0.2) as opened:
            with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
                opened.call("GET")
            trace = opened.recorded()[0].trace
            assert until(lambda: opened.outcome(trace)) in {(0, 0, False), (0, 1, False)}
        over.set()


def test_a_whole_answer_is_noted_as_whole(opened: Gate) -> None:
    """Sizes of both bodies, and that it came to its end."""
    opened.api.answer = answering(201, b"12345")

    trace = opened.call("POST", data=b"123").headers["X-DocuSign-TraceToken"]

    assert until(lambda: opened.outcome(trace)) == (3, 5, True)


# ── when the caller leaves ──────────────────────────────────────────────────────────────────────────────────────────
def ask_and_leave(opened: Gate, when: threading.Event) -> None:
    """Call, and hang up once something has happened at the API."""
    parts = urlsplit(opened.url(""))
    with closing(http.client.HTTPConnection(parts.netloc)) as caller:
        caller.request("GET", parts.path, headers={"Authorization": f"Bearer {opened.token}"})
        assert when.wait(10)


def test_a_caller_who_leaves_before_the_head(opened: Gate) -> None:
    """The API is told, and the call is on record as abandoned, which does not count."""
    asked, told = threading.Event(), threading.Event()

    async def answer(_: Asked, receive: Receive, send: Send) -> None:
        asked.set()
        await leaving(receive)
        told.set()

    opened.api.answer = answer
    ask_and_leave(opened, asked)

    assert told.wait(10)
    until(opened.recorded)
    assert verdict(opened) == (499, "", False, "the caller left before the answer")


def test_a_caller_who_leaves_in_the_middle(opened: Gate) -> None:
    """The API is told while it is still talking; the call counts with the status it had, and was not whole."""
    begun, told = threading.Event(), threading.Event()

    async def answer(_: Asked, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": JSON})
        await send({"type": "http.response.body", "body": b"{", "more_body": True})
        begun.set()
        await leaving(receive)
        told.set()

    opened.api.answer = answer
    ask_and_leave(opened, begun)

    assert told.wait(10)
    (call,) = until(opened.recorded)
    assert (call.status, call.countable) == (200, True)
    assert is_whole(opened, call.trace) is False


# ── when the call cannot be recorded ────────────────────────────────────────────────────────────────────────────────
def test_a_call_that_cannot_be_recorded_is_not_answered(opened: Gate) -> None:
    """503 instead of the API's answer, for what is not in the evidence was not answered."""
    with closing(sqlite3.connect(file_of(opened.ctx))) as database:
        database.execute("ALTER TABLE calls RENAME TO lost")

    assert error_of(opened.call("POST", data=b"{}")) == (503, "SERVICE_UNAVAILABLE")

    with closing(sqlite3.connect(file_of(opened.ctx))) as database:
        database.execute("ALTER TABLE lost RENAME TO calls")
    assert opened.recorded() == []
    assert opened.call("POST", data=b"{}").status_code == 200
