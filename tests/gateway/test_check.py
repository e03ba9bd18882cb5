"""Is a proxy told the truth about a call, and nobody else anything?"""

import http.client
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urlsplit

import jwt
import pytest

from keysteward.actions import gateways, keys, policy
from keysteward.gateway.check import CHECK, REFUSAL
from keysteward.rules.decisions import NO_OUTCOME
from tests.cast import ACME, ADA, SMALL, UNKNOWN, Made, Town
from tests.checked import OLGA
from tests.gateway.front import Asking, asking

ENVELOPES = f"/restapi/v2.1/accounts/{ACME.demo}/envelopes"
LIMITS = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-BurstLimit-Remaining")
FORWARDED, OWN_PATH = CHECK + "/forwarded", CHECK + "/path"


@pytest.fixture
def asked(town: Town, made: Made) -> Iterator[Asking]:
    """Keysteward, as a proxy asks it."""
    with asking(town, made) as opened:
        yield opened


def test_a_call_may_pass(asked: Asking) -> None:
    """The answer says what to send along: the signed word, the decision, what is left of the limits, and the trace."""
    answer = asked.ask("POST", f"{ENVELOPES}?count=1")

    (call,) = asked.recorded()
    word = jwt.decode(answer.headers["X-Keysteward-Call"], options={"verify_signature": False})
    assert (answer.status_code, answer.content) == (200, b"")
    assert (word["aud"], word["account"], word["key"]) == ("sample", ACME.demo, asked.made.key)
    assert answer.headers["X-Keysteward-Decision"] == answer.headers["X-DocuSign-TraceToken"] == call.trace
    assert [answer.headers[name] for name in LIMITS] == ["3000", "2999", "199"]
    assert answer.headers["X-GoLive-Ready"] == "0/20; rule=calls-in-a-row"  # until its outcome has come
    assert (call.method, call.url, call.status, call.countable) == ("POST", f"{ENVELOPES}?count=…", NO_OUTCOME, False)
    assert asked.edge
    assert call.gateway == asked.edge.gateway.id


@pytest.mark.parametrize(
    ("target", "token", "status", "code"),
    [
        pytest.param(ENVELOPES, "garbage", 401, "AUTHORIZATION_INVALID_TOKEN", id="a bad token"),
        pytest.param(
            ENVELOPES.replace(ACME.demo, UNKNOWN), None, 400, "USER_DOES_NOT_BELONG_TO_SPECIFIED_ACCOUNT", id="nobody"
        ),
        pytest.param(
            ENVELOPES.replace(ACME.demo, SMALL.demo), None, 400, "USER_DOES_NOT_BELONG_TO_SPECIFIED_ACCOUNT", id="other"
        ),
        pytest.param(ENVELOPES + "/%2e%2e/1", None, 400, "INVALID_REQUEST_PARAMETER", id="a path of two meanings"),
        pytest.param("/elsewhere", None, 404, "RESOURCE_NOT_FOUND", id="a path that no API answers"),
        pytest.param("/oauth/token", None, 404, "RESOURCE_NOT_FOUND", id="a path of our own"),
    ],
)  # fmt: skip
def test_a_call_is_refused_in_its_own_words(
    asked: Asking, target: str, token: str | None, status: int, code: str
) -> None:
    """Status, code and shape are those that the gateway itself would answer with."""
    answer = asked.ask("GET", target, token=token)

    assert (answer.status_code, answer.json()["errorCode"]) == (status, code)
    assert "X-Keysteward-Call" not in answer.headers


def test_a_refusal_after_the_token_verified_is_a_failed_call(asked: Asking) -> None:
    """It is on record at once, with its status and code, and needs no outcome; a bad token is nobody's call."""
    asked.ask(token="garbage")
    answer = asked.ask("GET", ENVELOPES.replace(ACME.demo, UNKNOWN))

    (call,) = asked.recorded()
    assert (call.status, call.error_code, call.countable) == (400, answer.json()["errorCode"], True)
    assert (call.trace, call.outcome_at) == (answer.headers["X-Keysteward-Decision"], call.at)


def test_one_call_too_many_is_refused(asked: Asking) -> None:
    """Limits are those of the gateway: a refused call says when to come back, and failed."""
    policy.apply(asked.ctx, {"burst_calls_demo": 3}, author=OLGA, reason="Few calls are enough here.")
    answers = [asked.ask() for _ in range(4)]

    assert {answer.status_code for answer in answers[:-1]} == {200}
    assert (answers[-1].status_code, answers[-1].json()["errorCode"]) == (429, "BURST_APIINVOCATION_LIMIT_EXCEEDED")
    assert asked.recorded()[0].error_code == "BURST_APIINVOCATION_LIMIT_EXCEEDED"


def test_a_key_that_stops_stops_at_once(asked: Asking) -> None:
    """What was allowed a moment ago is refused once the key is stopped."""
    assert asked.ask().status_code == 200
    keys.stop(asked.ctx, asked.town.actor(ADA), asked.made.key)

    assert asked.ask().status_code == 401


# ── who asks ────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("credential", ["", "ksg_nothing", "ksg_" + "x" * 49])
def test_only_a_gateway_is_answered(asked: Asking, credential: str) -> None:
    """Whoever shows no ingest credential learns nothing of any call."""
    answer = asked.ask(X_Keysteward_Gateway=credential)

    assert (answer.status_code, answer.json()["errorCode"]) == (401, "PARTNER_AUTHENTICATION_FAILED")
    assert asked.recorded() == []


def test_a_removed_gateway_is_answered_no_more(asked: Asking) -> None:
    """At once."""
    assert asked.ask().status_code == 200
    gateways.remove(asked.ctx, "edge", OLGA)

    assert asked.ask().status_code == 401


def test_a_user_s_token_is_no_credential(asked: Asking) -> None:
    """Nor is any other secret of the house."""
    assert asked.ask(X_Keysteward_Gateway=asked.token).status_code == 401


# ── which call is asked about ───────────────────────────────────────────────────────────────────────────────────────
def test_caddy_and_envoy_say_it_in_their_own_ways(asked: Asking) -> None:
    """Each way has its own path, so that headers of a caller cannot speak for the proxy."""
    other = ENVELOPES + "/1"
    forwarded = asked.ask("GET", other, at=FORWARDED, X_Forwarded_Method="PUT", X_Forwarded_Uri=ENVELOPES)
    own = asked.ask("DELETE", other, at=f"{OWN_PATH}{ENVELOPES}?count=2", X_Forwarded_Uri=other)

    assert (forwarded.status_code, own.status_code) == (200, 200)
    calls = asked.recorded()
    assert [(call.method, call.url) for call in calls] == [("GET", f"{ENVELOPES}?count=…"), ("PUT", ENVELOPES)]


@pytest.mark.parametrize(
    ("headers", "at"),
    [
        pytest.param({"X_Original_URI": "http://api.example.com/restapi"}, CHECK, id="absolute"),
        pytest.param({"X_Original_URI": ""}, CHECK, id="empty"),
        pytest.param({"X_Original_Method": "GET /"}, CHECK, id="no method"),
        pytest.param({}, FORWARDED, id="nothing is forwarded"),
    ],
)
def test_a_question_must_be_clear(asked: Asking, headers: dict[str, str], at: str) -> None:
    """Whoever asks about no call is told how to, and nothing is recorded."""
    answer = asked.ask(at=at, **headers)

    assert (answer.status_code, answer.json()["errorCode"]) == (400, "INVALID_REQUEST_PARAMETER")
    assert asked.recorded() == []


def test_an_address_that_is_said_twice_is_not_clear(asked: Asking) -> None:
    """Two readers could take different ones."""
    with closing(http.client.HTTPConnection(urlsplit(asked.address).netloc)) as proxy:
        proxy.putrequest("GET", CHECK)
        for name, value in (("X-Keysteward-Gateway", asked.credential), ("X-Original-Method", "GET"),
                            ("X-Original-URI", ENVELOPES), ("X-Original-URI", ENVELOPES + "/1")):  # fmt: skip
            proxy.putheader(name, value)
        proxy.endheaders()

        assert proxy.getresponse().status == 400


# ── nginx ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_nginx_fetches_the_refusal_that_a_403_stands_for(asked: Asking) -> None:
    """Status, code, trace and limits come back as they were, and the call is on record once."""
    told = asked.ask("GET", ENVELOPES.replace(ACME.demo, UNKNOWN), X_Keysteward_Refusals="403")
    telling = {"X-Keysteward-Gateway": asked.credential, "X-Keysteward-Refusal": told.headers["X-Keysteward-Refusal"]}
    answer = asked.send("GET", REFUSAL, telling)

    assert (told.status_code, told.content) == (403, b"")
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "USER_DOES_NOT_BELONG_TO_SPECIFIED_ACCOUNT")
    for name in ("X-DocuSign-TraceToken", *LIMITS):
        assert answer.headers[name] == told.headers[name]
    assert len(asked.recorded()) == 1


@pytest.mark.parametrize("telling", ["", "garbage", "e30=", "bnVsbA=="])
def test_no_refusal_is_made_up(asked: Asking, telling: str) -> None:
    """What we did not say is not said again."""
    answer = asked.send("GET", REFUSAL, {"X-Keysteward-Gateway": asked.credential, "X-Keysteward-Refusal": telling})

    assert (answer.status_code, answer.json()["errorCode"]) == (400, "INVALID_REQUEST_PARAMETER")


def test_refusals_are_fetched_by_gateways_alone(asked: Asking) -> None:
    """Nobody else has us say things."""
    assert asked.send("GET", REFUSAL, {}).status_code == 401
