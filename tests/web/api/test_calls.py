"""Is every good line of a gateway's log kept, and each other one named?"""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from keysteward.actions import gateways
from keysteward.rules.words import new_guid
from tests.cast import Made, Town
from tests.checked import OLGA, decide, edge
from tests.gateway.front import NDJSON, Asking, asking

NOWHERE = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def asked(town: Town, made: Made) -> Iterator[Asking]:
    """Keysteward, as a gateway tells it how calls ended."""
    with asking(town, made) as opened:
        yield opened


def line(decision: str, status: int = 201, **further: object) -> bytes:
    """A line of a log."""
    return json.dumps({"decision": decision, "status": status, **further}).encode()


def decided(asked: Asking, times: int = 1) -> list[str]:
    """Decisions of the gateway."""
    assert asked.edge
    return decide(asked.town, asked.made, asked.edge.gateway, times)


def test_good_lines_are_kept_and_bad_ones_named(asked: Asking) -> None:
    """Whatever stands between them: garbage, lines of other shapes, forged ones, too long ones, empty ones."""
    first, second, third = decided(asked, 3)
    lines = [
        line(first),
        b"no JSON",
        b'{"decision":',
        b"[]",
        b"",
        line("nobody"),
        line(new_guid()),
        line(second, 999),
        line(second, 404, error_code="NO"),
        line(second, 201),
        line(NOWHERE, user="x" * 5_000),
        b"\xff\xfe",
        line(third.upper(), 201, path="/ignored", seconds=0.25),
        line(third),
    ]
    answer = asked.tell(b"\n".join(lines))

    told = answer.json()
    assert (answer.status_code, told["taken"], told["repeated"]) == (200, 3, 1)
    assert [(each["line"], each["code"]) for each in told["refused"]] == [
        (2, "bad-line"), (3, "bad-line"), (4, "bad-line"), (6, "bad-line"), (7, "no-such-decision"), (8, "bad-line"),
        (10, "outcome-known"), (11, "bad-line"), (12, "bad-line"),
    ]  # fmt: skip
    assert all(each["sentence"] for each in told["refused"])
    assert [(call.status, call.error_code) for call in asked.recorded()] == [(201, ""), (404, "NO"), (201, "")]


def test_the_same_log_again_changes_nothing(asked: Asking) -> None:
    """Whoever is not sure that a log arrived sends it again."""
    log = b"\n".join(line(decision) for decision in decided(asked, 5))

    assert [asked.tell(log).json() for _ in range(2)] == [
        {"taken": 5, "repeated": 0, "refused": []}, {"taken": 0, "repeated": 5, "refused": []}
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("said", "recorded"),
    [
        ({"status": -1, "milliseconds": -1, "termination": "CD"}, (499, False)),
        ({"status": 400, "termination": "CH", "answered_by": "proxy"}, (499, False)),
        ({"status": 400, "termination": "CD"}, (400, True)),
        ({"status": 400, "termination": "PR", "answered_by": "proxy"}, (400, True)),
    ],
    ids=["nothing was answered", "the proxy answered nobody", "the api had answered", "the proxy refused"],
)
def test_a_caller_who_left_is_no_failure_of_the_app(
    asked: Asking, said: dict[str, Any], recorded: tuple[int, bool]
) -> None:
    """HAProxy says -1 of such a call, or a status that nobody heard; it does not count. What the API answered does."""
    (decision,) = decided(asked)
    asked.tell(line(decision, **said))

    (call,) = asked.recorded()
    assert (call.status, call.countable) == recorded


def test_another_gateway_s_log_is_not_taken(asked: Asking) -> None:
    """Its lines name decisions that this gateway never got."""
    other = edge(asked.ctx, "other")
    (decision,) = decided(asked)
    told = asked.tell(line(decision), Authorization=f"Bearer {other.credential}").json()

    assert (told["taken"], [each["code"] for each in told["refused"]]) == (0, ["no-such-decision"])
    assert asked.recorded()[0].countable is False


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer ksg_x", "Basic eDp5"])
def test_only_gateways_bring_logs(asked: Asking, authorization: str) -> None:
    """Nobody else is told whether a decision is there."""
    (decision,) = decided(asked)
    answer = asked.tell(line(decision), Authorization=authorization)

    assert (answer.status_code, answer.json()["code"]) == (401, "not-a-gateway")
    assert asked.recorded()[0].countable is False


def test_tokens_of_apps_and_dead_credentials_are_none(asked: Asking) -> None:
    """An access token is refused, and so is the credential of a gateway that was removed."""
    (decision,) = decided(asked)
    gateways.remove(asked.ctx, "edge", OLGA)

    answers = [asked.tell(line(decision)), asked.tell(line(decision), Authorization=f"Bearer {asked.token}")]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(401, "not-a-gateway")] * 2


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        pytest.param(b"x\n" * 1_001, NDJSON, 400, "malformed", id="too many lines"),
        pytest.param(b"x" * 1_048_577, NDJSON, 413, "too-large", id="too many bytes"),
        pytest.param(b"{}", "application/json", 415, "unsupported-media-type", id="another type"),
    ],
)
def test_a_log_has_its_bounds(asked: Asking, body: bytes, kind: str, status: int, code: str) -> None:
    """At most 1,000 lines and a mebibyte at a time; what is too much is refused whole."""
    answer = asked.tell(body, **{"Content-Type": kind})

    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_an_empty_log_says_nothing(asked: Asking) -> None:
    """And is no mistake."""
    assert asked.tell(b"\n\n").json() == {"taken": 0, "repeated": 0, "refused": []}
