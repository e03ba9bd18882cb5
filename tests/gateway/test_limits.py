"""What does an app meet at the gateway when its account has called enough?"""

from keysteward.actions import limits
from keysteward.actions.context import Context
from keysteward.rules.limits import Wish
from tests.cast import ACME
from tests.gateway.peer import Gate

HOURLY = {
    "errorCode": "HOURLY_APIINVOCATION_LIMIT_EXCEEDED",
    "message": "The maximum number of hourly API invocations has been exceeded. The hourly limit is 2.",
}
SOAP = {"Content-Type": "text/xml; charset=utf-8"}


def restrict(ctx: Context, **numbers: int) -> None:
    """Give Acme few calls."""
    limits.set_limits(ctx, ACME.demo, Wish(**numbers), "Olga", "They hammer.")


def test_a_call_too_many_is_refused_and_counts_as_failed(opened: Gate) -> None:
    """It does not reach the API; its caller learns which limit it was, and the evidence has a failed call."""
    restrict(opened.ctx, hourly=2)
    passed = [opened.call() for _ in range(2)]
    refused = opened.call()
    newest = opened.recorded()[0]

    assert [answer.status_code for answer in passed] == [200, 200]
    assert (refused.status_code, refused.json()) == (429, HOURLY)
    assert len(opened.api.asked) == 2
    assert (newest.status, newest.error_code, newest.countable, newest.account, newest.succeeded) == (
        429, HOURLY["errorCode"], True, ACME.demo, False,
    )  # fmt: skip
    assert newest.trace == refused.headers["X-DocuSign-TraceToken"]


def test_every_answer_says_what_is_left(opened: Gate) -> None:
    """Also that of a refused call, and of one that did not count; and none says when to try again."""
    restrict(opened.ctx, hourly=2, burst=1)
    answers = [opened.call(), opened.call(), opened.call(account="nobody")]

    told = [(answer.headers["X-RateLimit-Remaining"], answer.headers["X-BurstLimit-Remaining"]) for answer in answers]
    assert [answer.status_code for answer in answers] == [200, 429, 400]
    assert told == [("1", "0")] * 3
    assert answers[1].json()["errorCode"] == "BURST_APIINVOCATION_LIMIT_EXCEEDED"
    assert not any("Retry-After" in answer.headers for answer in answers)


def test_the_next_hour_is_open(opened: Gate) -> None:
    """By the environment's clock, in which time may travel."""
    restrict(opened.ctx, hourly=1)
    said = [opened.call().status_code for _ in range(2)]
    opened.town.clock.advance(minutes=30)
    opened.token = opened.sign_in()

    assert (said, opened.call().status_code) == ([200, 429], 200)
