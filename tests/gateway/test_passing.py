"""What reaches the API behind the gateway, and what comes back?"""

import gzip
import hashlib
import http.client
import threading
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urlsplit

import pytest
from starlette.types import Receive, Send

from keysteward.actions import accounts
from keysteward.assembly import call_verifier
from keysteward.rules.policy import DEFAULT
from tests.cast import ACME, SAM
from tests.gateway.peer import AUDIENCE, JSON, Asked, Gate, answering, read, wait_for

MOST_BYTES = 35_651_584
MEGABYTE = bytes(range(256)) * 4_096


def test_the_limit_is_34_mebibytes() -> None:
    """A body may have 35,651,584 bytes."""
    assert DEFAULT.body_bytes == MOST_BYTES == 34 * 1_024 * 1_024


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_a_call_arrives_as_it_was_sent(opened: Gate, method: str) -> None:
    """Method, path, query byte for byte, body and the caller's own headers reach the API."""
    headers = {"Accept": "text/plain", "X-DocuSign-SDK": "Python", "User-Agent": "A program/1.0"}
    query = "from_date=2026-01-01T00:00:00.000Z&envelope_ids=a&envelope_ids=b,c&empty=&plus=a+b%20c"

    answer = opened.call(method, f"/1234/Documents/%C3%A4?{query}", data=b"a body", headers=headers)

    (asked,) = opened.api.asked
    assert answer.status_code == 200
    assert (asked.method, asked.body, asked.query) == (method, b"a body", query)
    assert asked.path == f"/restapi/v2.1/accounts/{ACME.demo}/envelopes/1234/Documents/%C3%A4"
    assert {name: asked.header(name.lower()) for name in headers} == {name: [value] for name, value in headers.items()}


def test_nothing_is_added_to_an_empty_call(opened: Gate) -> None:
    """A GET without a body arrives without one, and with no header that the gateway's own client would add."""
    parts = urlsplit(opened.url(""))
    with closing(http.client.HTTPConnection(parts.netloc)) as caller:
        caller.putrequest("GET", parts.path, skip_accept_encoding=True)
        caller.putheader("Authorization", f"Bearer {opened.token}")
        caller.endheaders()
        assert caller.getresponse().status == 200

    (asked,) = opened.api.asked
    assert (asked.body, {name for name, _ in asked.headers}) == (b"", {"host", "x-keysteward-call"})


def test_an_answer_comes_back_as_it_was_sent(opened: Gate) -> None:
    """Status, headers, even several of one name, and body reach the caller."""
    headers = [*JSON, (b"x-own", b"1"), (b"link", b"a"), (b"link", b"b"), (b"etag", b'"7"')]
    opened.api.answer = answering(418, b'{"errorCode":"TEAPOT","message":"short and stout"}', headers)

    answer = opened.call("POST", data=b"tea")

    assert (answer.status_code, answer.json()["errorCode"]) == (418, "TEAPOT")
    assert answer.raw.headers.getlist("link") == ["a", "b"]
    assert (answer.headers["x-own"], answer.headers["etag"]) == ("1", '"7"')


@pytest.mark.parametrize(("method", "status"), [("HEAD", 200), ("GET", 204), ("GET", 304)])
def test_an_answer_without_a_body(opened: Gate, method: str, status: int) -> None:
    """HEAD, 204 and 304 come back at once and leave the connection good."""

    async def answer(asked: Asked, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    opened.api.answer = answer

    assert [opened.call(method).status_code for _ in range(3)] == [status] * 3
    assert [call.status for call in opened.recorded()] == [status] * 3


def test_a_redirect_is_the_callers_to_follow(opened: Gate) -> None:
    """The gateway passes it on and follows nothing."""
    opened.api.answer = answering(302, b"", [(b"location", b"https://elsewhere.example/")])

    answer = opened.call("GET", allow_redirects=False)

    assert (answer.status_code, answer.headers["location"]) == (302, "https://elsewhere.example/")
    assert len(opened.api.asked) == 1


def test_compressed_answers_stay_compressed(opened: Gate) -> None:
    """What the API encoded for the caller is not decoded on the way."""
    packed = gzip.compress(b"a lease")
    opened.api.answer = answering(200, packed, [(b"content-encoding", b"gzip"), (b"content-type", b"text/plain")])

    answer = opened.call("GET")

    assert (answer.content, answer.headers["content-length"]) == (b"a lease", str(len(packed)))


def test_the_path_names_the_account_by_its_guid(opened: Gate) -> None:
    """A caller may write capitals or the account's number: the API sees one form."""
    number = accounts.find_standing(opened.ctx.directory, SAM.demo, ACME.demo).account.number
    for account in (ACME.demo.upper(), str(number)):
        opened.call("GET", "/1", account)

    assert [asked.path for asked in opened.api.asked] == [f"/restapi/v2.1/accounts/{ACME.demo}/envelopes/1"] * 2


def test_what_is_between_two_hops_stays_there(opened: Gate) -> None:
    """Hop-by-hop headers, those that `Connection` names, credentials and cookies do not reach the API."""
    opened.call(
        "POST",
        data=b"{}",
        headers={
            "Connection": "keep-alive, X-Private", "X-Private": "1", "Keep-Alive": "timeout=5", "TE": "trailers",
            "Trailer": "X", "Upgrade": "websocket", "Proxy-Authorization": "Basic eA==", "Proxy-Connection": "close",
            "Cookie": "__Host-ks-demo=ksw_secret", "X-Shown": "1",
        },
    )  # fmt: skip

    (asked,) = opened.api.asked
    names = {name for name, _ in asked.headers}
    hidden = {"x-private", "keep-alive", "te", "trailer", "upgrade", "proxy-authorization", "proxy-connection",
              "cookie", "authorization"}  # fmt: skip
    assert (names & hidden, "x-shown" in names) == (set(), True)
    assert opened.token not in str(asked.headers)


@pytest.mark.parametrize("name", ["X-Keysteward-Call", "x-keysteward-user", "X_Keysteward_Call"])
def test_a_caller_cannot_say_who_they_are(opened: Gate, name: str) -> None:
    """Identity headers of the caller's own are dropped, in whatever spelling the API might read them."""
    opened.call("GET", headers={name: "forged"})

    (asked,) = opened.api.asked
    assert "forged" not in [value for _, value in asked.headers]
    assert len(asked.header("x-keysteward-call")) == 1


def test_the_api_learns_who_calls(opened: Gate) -> None:
    """The signed word names environment, key, account and user, for this API and for a minute."""
    opened.call("GET")

    (word,) = opened.api.asked[0].header("x-keysteward-call")
    facts = call_verifier(opened.ctx, AUDIENCE)(word)
    assert facts == {
        "environment": "demo", "key": opened.made.key, "account": ACME.demo, "user": SAM.demo,
        "user_name": "Sam Sender", "email": SAM.email,
    }  # fmt: skip
    assert call_verifier(opened.ctx, "another-api")(word) is None
    opened.town.clock.advance(seconds=61)
    assert call_verifier(opened.ctx, AUDIENCE)(word) is None


def test_an_api_cannot_speak_for_the_gateway(opened: Gate) -> None:
    """Trace and rate limits are the gateway's own, once each; hop-by-hop headers and cookies for its host end here."""
    forged = [
        (name, b"forged")
        for name in (
            b"x-docusign-tracetoken", b"x-ratelimit-remaining", b"server", b"keep-alive", b"proxy-authenticate",
            b"set-cookie", b"strict-transport-security",
        )
    ]  # fmt: skip
    opened.api.answer = answering(200, b"{}", [*JSON, *forged])

    answer = opened.call("GET")

    assert "forged" not in answer.headers.values()
    assert answer.headers["x-docusign-tracetoken"] == opened.recorded()[0].trace
    assert answer.raw.headers.getlist("x-ratelimit-remaining") == ["2999"]


def test_a_body_streams_to_the_api(opened: Gate) -> None:
    """The API has the first part before the caller has sent the second."""
    got_first = threading.Event()

    async def answer(asked: Asked, receive: Receive, send: Send) -> None:
        asked.body += (await receive())["body"]
        got_first.set()
        await answering(201, b"{}")(asked, receive, send)

    def parts() -> Iterator[bytes]:
        yield b"first"
        assert got_first.wait(10)
        yield b"second"

    opened.api.answer = answer

    assert opened.call("POST", data=parts()).status_code == 201
    assert opened.api.asked[0].body == b"firstsecond"


def test_an_answer_streams_to_the_caller(opened: Gate) -> None:
    """The caller has the first part before the API has sent the second."""
    got_first = threading.Event()

    async def answer(asked: Asked, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": JSON})
        await send({"type": "http.response.body", "body": b"first", "more_body": True})
        await wait_for(got_first)
        await send({"type": "http.response.body", "body": b"second"})

    opened.api.answer = answer

    with opened.call("GET", stream=True) as streamed:
        parts = streamed.iter_content(5)
        assert next(parts) == b"first"
        got_first.set()
        assert b"".join(parts) == b"second"


def test_the_call_is_on_record_before_its_answer(opened: Gate) -> None:
    """The caller has the head only; the evidence has the call already."""
    got_head = threading.Event()

    async def answer(asked: Asked, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": JSON})
        await send({"type": "http.response.body", "body": b"{", "more_body": True})
        await wait_for(got_head)
        await send({"type": "http.response.body", "body": b"}"})

    opened.api.answer = answer

    with opened.call("GET", "/1", stream=True) as streamed:
        (call,) = opened.recorded()
        got_head.set()
        assert streamed.json() == {}
    assert (call.status, call.countable, call.polled, call.user) == (200, True, True, SAM.demo)


def test_large_bodies_arrive_whole_both_ways(opened: Gate) -> None:
    """20 MB there and back are the same bytes, and their sizes are noted."""
    whole = MEGABYTE * 20

    async def echo(asked: Asked, receive: Receive, send: Send) -> None:
        await read(asked, receive)
        await answering(200, asked.body)(Asked("", "", "", []), _ended, send)

    opened.api.answer = echo
    answer = opened.call("POST", data=whole)

    assert digest(answer.content) == digest(opened.api.asked[0].body) == digest(whole)


async def _ended() -> dict[str, object]:
    return {"type": "http.request", "body": b"", "more_body": False}


def digest(body: bytes) -> str:
    """A body too long to print."""
    return hashlib.sha256(body).hexdigest()


def in_parts(size: int) -> Iterator[bytes]:
    """A body whose length is not told beforehand."""
    for start in range(0, size, len(MEGABYTE)):
        yield MEGABYTE[: size - start]


def test_the_largest_body_passes(opened: Gate) -> None:
    """Exactly the limit reaches the API whole, with its length told or not."""
    sizes = [len(opened.api.asked[-1].body) for body in (bytes(MOST_BYTES), in_parts(MOST_BYTES))
             if opened.call("POST", data=body).status_code == 200]  # fmt: skip

    assert sizes == [MOST_BYTES, MOST_BYTES]


@pytest.mark.parametrize("told", [True, False])
def test_a_body_that_is_too_large_is_refused(opened: Gate, told: bool) -> None:
    """One byte more is 413 in the API's vocabulary, and a failed call of the key."""
    body = bytes(MOST_BYTES + 1) if told else in_parts(MOST_BYTES + 1)

    answer = opened.call("POST", data=body)

    assert (answer.status_code, answer.json()["errorCode"]) == (413, "REQUEST_BODY_TOO_LARGE")
    (call,) = opened.recorded()
    assert (call.status, call.error_code, call.countable) == (413, "REQUEST_BODY_TOO_LARGE", True)


def test_every_answer_says_where_the_key_stands(opened: Gate) -> None:
    """The call that is answered is counted; the API cannot say otherwise."""
    opened.api.answer = answering(200, b"{}", [(b"x-golive-ready", b"20/20")])
    answers = [opened.call(method, path) for method, path in (("POST", ""), ("GET", "/1"), ("GET", "/1"))]
    refused = opened.call("GET", "", account="00000000-0000-4000-8000-000000000000")

    assert [answer.headers["X-GoLive-Ready"] for answer in (*answers, refused)] == [
        "1/20; rule=calls-in-a-row", "2/20; rule=calls-in-a-row", "0/20; rule=polling", "0/20; rule=errors",
    ]  # fmt: skip


def test_no_api_is_asked_to_echo_its_signed_word(opened: Gate) -> None:
    """The caller hears which methods there are; the API hears nothing, and it is on record as the caller's failure."""
    answer = opened.call("TRACE")

    assert (answer.status_code, answer.json()["errorCode"], opened.api.asked) == (405, "INVALID_REQUEST_METHOD", [])
    assert answer.headers["Allow"] == "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"
    assert (opened.recorded()[0].status, opened.recorded()[0].countable) == (405, True)
