"""Do nginx and HAProxy, configured as we ship them, carry what may pass and nothing else, and say how it ended?"""

import asyncio
import http.client
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from starlette.types import Receive, Scope, Send
from typer.testing import CliRunner

from keysteward.actions import policy
from keysteward.actions.golive import readiness
from keysteward.cli.app import app
from keysteward.rules.calls import Call
from tests.cast import ACME, ADA, UNKNOWN, Made, Town
from tests.gateway.front import Front, front
from tests.gateway.peer import JSON, Asked, answering, leaving, read
from tests.peers.proxies import PROXIES
from tests.polling import until
from tests.rules.foreign_logs.logs import judged

LIMITS = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "X-BurstLimit-Remaining")


@pytest.fixture(params=PROXIES, ids=lambda proxy: str(proxy.__name__))
def opened(request: pytest.FixtureRequest, town: Town, made: Made, tmp_path: Path) -> Iterator[Front]:
    """A proxy of each kind before an API."""
    with front(request.param, town, made, tmp_path) as opened:
        yield opened


def told(opened: Front, calls: int) -> list[Call]:
    """The calls on record, oldest first, once the proxy has logged how so many ended."""
    until(lambda: opened.log.exists() and opened.log.read_text().count("decision") >= calls)
    assert opened.deliver()["refused"] == []
    return opened.recorded()[::-1]


def test_what_may_pass_passes(opened: Front) -> None:
    """The API gets the call with the signed word, the caller the API's answer with trace and limits; both are told."""
    opened.api.answer = answering(201, b'{"envelopeId":"1"}', [*JSON, (b"x-own", b"1"), (b"set-cookie", b"a=b")])
    answer = opened.call("POST", "/1?count=2", data=b"a body", headers={"Cookie": "a=b", "X-Own": "yes"})

    (asked,) = opened.api.asked
    assert (answer.status_code, answer.json(), answer.headers["x-own"]) == (201, {"envelopeId": "1"}, "1")
    assert (asked.method, asked.query, asked.header("x-own")) == ("POST", "count=2", ["yes"])
    assert len(asked.header("x-keysteward-call")) == 1
    assert asked.header("authorization") + asked.header("cookie") == []
    assert {name: answer.headers[name] for name in LIMITS}["X-RateLimit-Remaining"] == "2999"
    (call,) = told(opened, 1)
    assert (call.status, call.countable, call.trace) == (201, True, answer.headers["X-DocuSign-TraceToken"])
    assert "set-cookie" not in answer.headers


def test_how_calls_end_is_told(opened: Front) -> None:
    """Successes, refusals of the API and its failures are judged as those that the gateway forwards."""
    for status in (200, 404, 500):
        opened.api.answer = answering(status, b'{"errorCode":"NO"}')
        assert opened.call("POST").status_code == status

    assert [(call.status, call.countable) for call in told(opened, 3)] == [(200, True), (404, True), (500, False)]
    assert opened.deliver() == {"taken": 0, "repeated": 3, "refused": []}


def test_the_log_alone_is_judged_as_the_server_judges(opened: Front) -> None:
    """Its lines say which calls they were and when, so the verdict needs no server; what the log lacks is said."""
    for _ in range(20):
        opened.call("POST", "/1/documents?name=a%22b")
    opened.call("GET", f"/{UNKNOWN}?include=recipients")
    opened.call("GET", f"/{UNKNOWN}?include=recipients")
    calls = told(opened, 22)

    found = judged(("keysteward.log", opened.log.read_bytes()))
    online = readiness(opened.ctx, opened.town.actor(ADA), opened.made.key)
    assert [(each.rule, each.url) for each in found.findings] == [(each.rule, each.url) for each in online.findings]
    assert [each.call.trace for each in found.evidence.calls] == [each.trace for each in calls[:1:-1]]
    assert [silence.code for silence in found.silences if silence.matters] == ["keys", "refused"]


def test_refusals_keep_status_code_and_shape(opened: Front) -> None:
    """What Keysteward refuses reaches the caller as it was said, and the API hears nothing of it."""
    policy.apply(opened.ctx, {"burst_calls_demo": 3}, author="Olga", reason="Few calls are enough here.")
    answers = [
        opened.call("GET", headers={"Authorization": "Bearer garbage"}),
        opened.call("POST", "/1", UNKNOWN, data=b"a body"),
        opened.call("GET", "/%2e%2e/1"),
    ]
    burst = [opened.call("GET") for _ in range(4)][-1]

    assert [(answer.status_code, answer.json()["errorCode"]) for answer in (*answers, burst)] == [
        (401, "AUTHORIZATION_INVALID_TOKEN"),
        (400, "USER_DOES_NOT_BELONG_TO_SPECIFIED_ACCOUNT"),
        (400, "INVALID_REQUEST_PARAMETER"),
        (429, "BURST_APIINVOCATION_LIMIT_EXCEEDED"),
    ]
    assert burst.headers["X-BurstLimit-Remaining"] == "0"
    assert burst.headers["Content-Type"] == "application/json"
    assert len(opened.api.asked) == 3


def test_a_soap_client_gets_a_fault(opened: Front) -> None:
    """In the words that it understands."""
    url = f"{opened.address}/api/3.0/dsapi.asmx"
    with requests.Session() as session:
        session.trust_env = False
        answer = session.post(url, data=b"<x/>", headers={"Content-Type": "text/xml"}, timeout=30)

    assert answer.headers["Content-Type"].startswith("text/xml")
    assert b"Fault" in answer.content
    assert opened.api.asked == []


def test_a_caller_cannot_speak_for_the_proxy(opened: Front) -> None:
    """Whatever headers it sends, it is judged by what it asks, and the API gets no identity but the signed word."""
    forged = {
        "X-Keysteward-Call": "forged", "X-Keysteward-Decision": UNKNOWN, "X-Keysteward-Refusal": "e30=",
        "X-Keysteward-Gateway": "ksg_x", "X-Keysteward-Refusals": "none", "X-Original-URI": "/",
        "X-Original-Method": "GET",
        "X-Forwarded-Uri": "/", "X-Forwarded-User": ADA.email, "X-Auth-Request-Email": ADA.email,
        "X-HTTP-Method-Override": "DELETE", "Connection": "keep-alive, X-Keysteward-Call",
    }  # fmt: skip
    assert opened.call("POST", headers=forged).status_code == 200
    assert opened.call("POST", headers=forged | {"Authorization": "Bearer garbage"}).status_code == 401

    (asked,) = opened.api.asked
    (word,) = asked.header("x-keysteward-call")
    assert word.count(".") == 2
    assert asked.header("x-forwarded-user") + asked.header("x-auth-request-email") == []
    assert asked.header("x-http-method-override") == []
    assert [(call.method, call.status) for call in told(opened, 1)] == [("POST", 200)]


def test_underscores_are_hyphens_to_some_servers(opened: Front) -> None:
    """A name that the API might read as the signed word's, or as who calls, reaches it in no spelling."""
    names = ("x_keysteward_call", "x_forwarded_user", "remote_user", "x_ssl_client_s_dn")
    assert opened.call("POST", headers=dict.fromkeys(names, ADA.email)).status_code == 200

    (asked,) = opened.api.asked
    assert [name for name, value in asked.headers if value == ADA.email] == []


def test_no_address_is_too_long_for_the_log(opened: Front) -> None:
    """A failure with a long address is brought like any other: nobody makes one unknown by what they ask for."""
    opened.api.answer = answering(404, b'{"errorCode":"NO"}')
    assert opened.call("GET", f"/1?note={'x' * 6_000}").status_code == 404
    until(lambda: opened.log.exists() and opened.log.read_text().endswith("}\n"))
    credential = opened.log.with_name("of-the-gateway")
    assert opened.asking
    credential.write_text(opened.asking.credential)
    arguments = ["ingest", str(opened.log), "--to", opened.asking.address, "--credential-file", str(credential)]

    assert CliRunner().invoke(app, arguments).exit_code == 0
    assert [(call.status, call.countable) for call in opened.recorded()] == [(404, True)]


def test_of_a_caller_who_leaves_nothing_is_made_up(opened: Front) -> None:
    """Either nobody was answered, and the call does not count, or it is told what the API answered all the same."""
    asked = threading.Event()

    async def answer(each: Asked, receive: Receive, send: Send) -> None:
        asked.set()
        with suppress(TimeoutError):
            await asyncio.wait_for(leaving(receive), 1)
        await send({"type": "http.response.start", "status": 404, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})

    opened.api.answer = answer
    address = urlsplit(opened.url("/1"))
    head = f"GET {address.path} HTTP/1.1\r\nHost: api.example.com\r\nAuthorization: Bearer {opened.token}\r\n\r\n"
    with closing(socket.create_connection((address.hostname or "", address.port or 0), 10)) as caller:
        caller.sendall(head.encode())
        assert asked.wait(10)

    (call,) = told(opened, 1)
    assert (call.status, call.countable) in {(499, False), (404, True)}


def test_a_big_body_streams_through(opened: Front) -> None:
    """Keysteward is asked with the head alone; the body goes to the API whole."""
    body = bytes(range(256)) * 16_384

    async def answer(asked: Asked, receive: Receive, send: Send) -> None:
        await read(asked, receive)
        size = str(len(asked.body)).encode()
        await send(
            {"type": "http.response.start", "status": 200, "headers": [(b"content-length", str(len(size)).encode())]}
        )
        await send({"type": "http.response.body", "body": size})

    opened.api.answer = answer

    assert opened.call("PUT", "/1", data=body).text == str(len(body))


def test_an_api_that_is_down_is_not_held_against_the_app(opened: Front) -> None:
    """The caller gets 502 or 503 as JSON; the call is on record, and does not count."""

    async def cut(scope: Scope, receive: Receive, send: Send) -> None:
        raise RuntimeError

    opened.api.answer = cut  # type: ignore[assignment]
    answer = opened.call("POST")

    assert answer.status_code in {500, 502, 503}
    (call,) = told(opened, 1)
    assert (call.status, call.countable) == (answer.status_code, False)


def test_nothing_passes_without_keysteward(opened: Front) -> None:
    """While it does not answer, no call is made: 503."""
    assert opened.asking
    opened.town.demo.recorder.close()
    answer = opened.call("POST")

    assert (answer.status_code, answer.json()["errorCode"]) == (503, "SERVICE_UNAVAILABLE")
    assert opened.api.asked == []


@pytest.mark.parametrize("target", ["http://elsewhere.example/restapi/v2.1/x", "//restapi", "/restapi/../api", "*"])
def test_odd_targets_reach_nothing(opened: Front, target: str) -> None:
    """A target that another reader could take differently is refused, by the proxy or by Keysteward."""
    address = ("127.0.0.1", urlsplit(opened.address).port or 0)
    head = f"GET {target} HTTP/1.1\r\nHost: api.example.com\r\nAuthorization: Bearer {opened.token}\r\n"
    with closing(socket.create_connection(address, 10)) as caller:
        caller.sendall(f"{head}Connection: close\r\n\r\n".encode())
        with closing(http.client.HTTPResponse(caller)) as answer:
            answer.begin()
            assert answer.status in {301, 400, 404}
    assert opened.api.asked == []


def test_an_account_by_its_number_is_the_same_account(opened: Front) -> None:
    """What is recorded names the account by its GUID, however the caller wrote it."""
    assert opened.call("GET", "/1", ACME.demo.upper()).status_code == 200
    assert ACME.demo in told(opened, 1)[0].url
