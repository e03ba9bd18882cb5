"""Does the ASGI middleware let pass what Keysteward lets pass, and tell how it ended?"""

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from keysteward_asgi import Keysteward
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from keysteward.rules.calls import Call
from tests.cast import ACME, SAM, UNKNOWN, Made, Town
from tests.gateway.front import Front, asking
from tests.gateway.peer import Api, answering, serving
from tests.polling import until

ENVELOPES = "/restapi/v2.1/accounts/{account}/envelopes"
seen: list[dict[str, Any]] = []


async def create(request: Request) -> Response:
    """An endpoint of somebody's own, which is told who calls."""
    said = {"body": (await request.body()).decode(), "headers": dict(request.headers)}
    seen.append(said | {"caller": request.scope["keysteward"]})
    return JSONResponse({"made": True}, 201, {"X-Own": "1"})


async def fail(request: Request) -> Response:
    """One that does not find what is asked for."""
    return JSONResponse({"errorCode": "ENVELOPE_DOES_NOT_EXIST"}, 404)


async def break_down(request: Request) -> Response:
    """One with a mistake in it."""
    raise RuntimeError


async def health(request: Request) -> Response:
    """One that everybody may ask."""
    return JSONResponse(dict(request.headers))


ROUTES = [
    Route(ENVELOPES, create, methods=["POST"]),
    Route(ENVELOPES + "/missing", fail),
    Route(ENVELOPES + "/broken", break_down),
    Route("/health", health),
]


@pytest.fixture
def opened(town: Town, made: Made) -> Iterator[Front]:
    """A Starlette app behind the middleware."""
    seen.clear()
    with asking(town, made) as keys:
        app = Keysteward(
            Starlette(routes=ROUTES), url=keys.address, credential=keys.credential,
            covers=lambda path: path.startswith("/restapi/"),
        )  # fmt: skip
        with serving(app, app.close) as address:
            yield Front(town, made, Api(answering()), address, keys.token, asking=keys)


def told(opened: Front, calls: int) -> list[Call]:
    """The calls on record, oldest first, once so many have their outcome."""
    until(lambda: sum(call.outcome_at is not None for call in opened.recorded()) >= calls)
    return opened.recorded()[::-1]


def test_an_app_is_told_who_calls(opened: Front) -> None:
    """It gets the call with what the signed word says, and without the caller's credentials; its answer passes."""
    answer = opened.call("POST", data=b"a body", headers={"X-Keysteward-Call": "forged", "Cookie": "a=b"})

    (asked,) = seen
    headers, caller = asked["headers"], asked["caller"]
    assert (answer.status_code, answer.json(), answer.headers["X-Own"]) == (201, {"made": True}, "1")
    assert (answer.headers["X-RateLimit-Remaining"], asked["body"]) == ("2999", "a body")
    assert {"authorization", "cookie"} & set(headers) == set()
    assert headers["x-keysteward-call"].count(".") == 2
    assert (caller["key"], caller["account"], caller["user"]) == (opened.made.key, ACME.demo, SAM.demo)
    (call,) = told(opened, 1)
    assert (call.status, call.countable, call.trace) == (201, True, answer.headers["X-DocuSign-TraceToken"])


def test_how_calls_end_is_told(opened: Front) -> None:
    """A failure of the caller's counts with its code; one of the app does not."""
    statuses = [opened.call("GET", "/missing").status_code, opened.call("GET", "/broken").status_code]

    assert statuses == [404, 500]
    assert [(call.status, call.error_code, call.countable) for call in told(opened, 2)] == [
        (404, "ENVELOPE_DOES_NOT_EXIST", True), (500, "", False)
    ]  # fmt: skip


def test_what_is_refused_does_not_reach_the_app(opened: Front) -> None:
    """The caller gets Keysteward's own answer."""
    answers = [opened.call("POST", headers={"Authorization": "Bearer garbage"}), opened.call("POST", "", UNKNOWN)]

    assert [(answer.status_code, answer.json()["errorCode"]) for answer in answers] == [
        (401, "AUTHORIZATION_INVALID_TOKEN"), (400, "USER_DOES_NOT_BELONG_TO_SPECIFIED_ACCOUNT")
    ]  # fmt: skip
    assert seen == []


def test_what_is_not_covered_is_not_asked_about(opened: Front) -> None:
    """It passes as it is, but for what could be taken for Keysteward's word."""
    headers = {"X-Keysteward-Call": "forged", "Authorization": "Basic eDp5"}
    with requests.Session() as session:
        session.trust_env = False
        answer = session.get(f"{opened.address}/health", headers=headers, timeout=30).json()

    assert ("x-keysteward-call" in answer, answer["authorization"]) == (False, "Basic eDp5")
    assert opened.recorded() == []


def test_nothing_passes_without_keysteward(town: Town, made: Made) -> None:
    """Where nobody answers, or somebody else, the caller gets 503."""
    app = Keysteward(Starlette(routes=ROUTES), url="http://127.0.0.1:1", credential="ksg_x")
    with serving(answering_as_an_api()) as other, serving(app, app.close) as address:
        wrong = Keysteward(Starlette(routes=ROUTES), url=other, credential="ksg_x")
        with serving(wrong, wrong.close) as beside:
            answers = [Front(town, made, Api(answering()), each).call("POST") for each in (address, beside)]

    assert [(answer.status_code, answer.json()["errorCode"]) for answer in answers] == [
        (503, "SERVICE_UNAVAILABLE")
    ] * 2  # fmt: skip


def answering_as_an_api() -> Api:
    """Something that answers every question with 200, and is not Keysteward."""
    return Api(answering())
