"""Does exactly what was asked for go wrong, and what does the review see of it?"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import pytest
import requests

from keysteward.actions import accounts, limits, request_logs
from keysteward.gateway.app import Gateway
from keysteward.gateway.forward import Upstream
from keysteward.rules.calls import Call
from keysteward.rules.clients import JWT_ASSERTION
from keysteward.rules.grants import JWT_BEARER
from keysteward.rules.limits import Wish
from keysteward.twin import control
from keysteward.twin.clock import TwinClock
from keysteward.twin.dns import TwinDns
from keysteward.twin.faults import Arsenal, Asked, Fault, Faults
from keysteward.twin.injecting import around
from keysteward.web.app import Door, Web
from tests.cast import ACME, CALLBACK, SAM, STRANGE, UNKNOWN, Made, Town
from tests.gateway.peer import AUDIENCE, Api, Gate, answering, serving

OURS = f"/restapi/v2.1/accounts/{ACME.demo}/billing_plan"
LOST = (requests.ConnectionError, requests.exceptions.ChunkedEncodingError)


@dataclass
class Faulty(Gate):
    """A gate whose answers may go wrong, and the control that says so."""

    arsenal: Arsenal = field(default_factory=Arsenal)

    def let(self, **fault: Any) -> None:  # noqa: ANN401 — whatever a fault says
        """Let one thing go wrong, and nothing else."""
        assert self.control("PUT", {"faults": [fault]}).status_code == 200

    def control(self, method: str, body: dict[str, Any] | None = None) -> requests.Response:
        """Ask the control."""
        headers = {"Authorization": "Bearer let-me"}
        return requests.request(method, f"{self.address}/_dev/faults", json=body, headers=headers, timeout=30)

    def hits(self) -> list[tuple[int, int]]:
        """How many requests each fault was about, and how many it struck."""
        return [(each["seen"], each["hits"]) for each in self.control("GET").json()["faults"]]

    def newest(self) -> Call:
        """The newest call on record."""
        return self.recorded()[0]

    def get(self, path: str, **headers: str) -> requests.Response:
        """Get a path of the environment with Sam's token, unless headers say otherwise."""
        given = {"Authorization": f"Bearer {self.token}"} | headers
        return requests.get(self.address + path, headers=given, timeout=30)

    def ask_for_token(self) -> requests.Response:
        """Ask for a token for Sam."""
        form = {"grant_type": JWT_BEARER, "assertion": self.town.assertion(self.ctx, self.made, SAM)}
        return requests.post(f"{self.address}/oauth/token", form, timeout=30)


@pytest.fixture
def faulty(town: Town, made: Made, tmp_path: Path) -> Iterator[Faulty]:
    """A gateway in front of an API, and the control of faults, as the twin puts them together."""
    with _faulty(town, made, tmp_path) as opened:
        yield opened


@contextmanager
def _faulty(town: Town, made: Made, folder: Path) -> Iterator[Faulty]:
    api, arsenal = Api(answering(201, b'{"envelopeId":"1"}')), Arsenal()
    clock, dns = TwinClock(folder / "clock.json"), TwinDns(folder / "dns.json")
    governed = control.build(clock, "let-me", arsenal, dns)
    with serving(api) as behind:
        gateway = Gateway(town.demo, Upstream(behind, AUDIENCE))
        doors = (Door(gateway.claims, gateway, "rest"), Door(control.claims, governed))
        with serving(Web(town.demo, doors, around(town.demo, arsenal)), gateway.close) as address:
            opened = Faulty(town, made, api, address, arsenal=arsenal)
            opened.token = opened.sign_in()
            yield opened


# ── what happens, and what is on record ─────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("fault", "said", "recorded"),
    [
        ({"status": 503}, (503, "INJECTED_FAULT"), (503, "INJECTED_FAULT", False, "the API failed, not the app")),
        (
            {"status": 404, "body": {"errorCode": "ENVELOPE_DOES_NOT_EXIST"}},
            (404, "ENVELOPE_DOES_NOT_EXIST"),
            (404, "ENVELOPE_DOES_NOT_EXIST", True, ""),
        ),
        ({"status": 200, "body": {"errorCode": "No"}}, (200, "No"), (200, "", True, "")),
    ],
)
def test_a_status_is_the_apis_own_answer(
    faulty: Faulty, fault: dict[str, Any], said: tuple[int, str], recorded: tuple[int, str, bool, str]
) -> None:
    """The API is not asked; the answer is recorded and judged like one of its, and the call counts in the limits."""
    faulty.let(**fault)

    answer = faulty.call("POST", data=b"four")
    call = faulty.newest()

    assert (answer.status_code, answer.json()["errorCode"]) == said
    assert (call.status, call.error_code, call.countable, call.why_not) == recorded
    assert (call.method, call.route, call.account, call.trace) == (
        "POST", "envelopes", ACME.demo, answer.headers["X-DocuSign-TraceToken"]
    )  # fmt: skip
    assert (answer.headers["X-Keysteward-Fault"], answer.headers["X-RateLimit-Remaining"]) == ("1", "2999")
    assert (faulty.api.asked, faulty.hits()) == ([], [(1, 1)])


def test_an_answer_may_say_anything(faulty: Faulty) -> None:
    """Text as it is, with headers; a status without a body has none; and what breaks the run is in the header."""
    faulty.let(status=418, body="<p>tea</p>", headers={"Content-Type": "text/html", "Retry-After": "7"})
    teapot = faulty.call()
    faulty.let(status=204)
    nothing = faulty.call("DELETE")

    assert (teapot.status_code, teapot.text, teapot.headers["Content-Type"], teapot.headers["Retry-After"]) == (
        418, "<p>tea</p>", "text/html", "7"
    )  # fmt: skip
    assert teapot.headers["X-GoLive-Ready"] == "0/20; rule=errors"
    assert (nothing.status_code, nothing.content) == (204, b"")
    assert [(call.status, call.error_code) for call in faulty.recorded()] == [(204, ""), (418, "")]


@pytest.mark.parametrize(
    ("limit", "code", "header"),
    [
        ("hourly", "HOURLY_APIINVOCATION_LIMIT_EXCEEDED", "X-RateLimit-Remaining"),
        ("burst", "BURST_APIINVOCATION_LIMIT_EXCEEDED", "X-BurstLimit-Remaining"),
    ],
)
def test_a_limit_answers_as_the_real_one(faulty: Faulty, limit: str, code: str, header: str) -> None:
    """It is a failed call, its headers say that nothing is left, and nothing was used up."""
    faulty.let(limit=limit, count=1)

    refused, passed = faulty.call(), faulty.call()
    call = faulty.recorded()[1]

    assert (refused.status_code, refused.json()["errorCode"], refused.headers[header]) == (429, code, "0")
    assert (call.status, call.error_code, call.countable, call.succeeded) == (429, code, True, False)
    assert (passed.status_code, passed.headers["X-RateLimit-Remaining"]) == (201, "2999")
    assert len(faulty.api.asked) == 1


def test_a_real_limit_comes_first(faulty: Faulty) -> None:
    """A call that is one too many is refused as one, whatever was to be injected."""
    limits.set_limits(faulty.ctx, ACME.demo, Wish(burst=1), "Olga", "They hammer.")
    faulty.let(status=503)

    assert [faulty.call().status_code for _ in range(2)] == [503, 429]
    assert faulty.newest().error_code == "BURST_APIINVOCATION_LIMIT_EXCEEDED"


@pytest.mark.parametrize(("drop", "logged"), [("before-head", 0), ("half-way", 201)])
def test_a_dropped_answer_was_one(faulty: Faulty, drop: str, logged: int) -> None:
    """The API has acted and the call is on record as it ended here; only its caller does not know. So the log says."""
    request_logs.turn_on(faulty.ctx, accounts.load_user(faulty.ctx, SAM.demo))
    faulty.let(drop=drop, count=1)

    with pytest.raises(LOST):
        faulty.call("POST")
    again = faulty.call("POST")

    assert (again.status_code, len(faulty.api.asked)) == (201, 2)
    assert [(call.status, call.countable) for call in faulty.recorded()] == [(201, True)] * 2
    assert [entry.status for entry in request_logs.list_entries(faulty.ctx, SAM.demo)] == [logged, 201]


def test_a_late_answer_is_still_the_answer(faulty: Faulty) -> None:
    """Latency alone changes nothing else; before another effect it comes first."""
    faulty.let(latency_seconds=0.01)
    late = faulty.call("POST")
    faulty.let(latency_seconds=0.01, status=500)
    later = faulty.call("POST")

    assert (late.json(), late.headers["X-Keysteward-Fault"]) == ({"envelopeId": "1"}, "1")
    assert (later.status_code, len(faulty.api.asked)) == (500, 1)


# ── whom it strikes ─────────────────────────────────────────────────────────────────────────────────────────────────
def test_what_would_not_pass_is_refused_as_ever(faulty: Faulty) -> None:
    """A bad token, a foreign account, an unknown address and a page of ours are none of a fault's business."""
    faulty.let(status=503)
    unknown = faulty.get("/restapi/v2.1/nothing")
    answers = [faulty.call(headers={"Authorization": "Bearer garbage"}), faulty.call(account=STRANGE.demo)]

    assert [answer.status_code for answer in answers] == [401, 400]
    assert (unknown.status_code, faulty.get("/api/v1/me").status_code, faulty.get("/livez").status_code) == (
        404, 401, 200
    )  # fmt: skip
    assert faulty.get("/oauth/userinfo").status_code == 200
    assert faulty.hits() == [(0, 0)]


def test_what_we_answer_ourselves_is_struck_too(faulty: Faulty) -> None:
    """Accounts' own resources, and calls of an organization, in the words of their doors and pages allowed to read."""
    faulty.let(key=faulty.made.key.upper(), user=SAM.demo, environment="demo", method="get", status=500)
    answer, about_us = faulty.get(OURS), faulty.get("/management/v2/organizations")
    first, second = faulty.recorded()[::-1]

    assert (answer.status_code, answer.json()["errorCode"]) == (500, "INJECTED_FAULT")
    assert (about_us.status_code, about_us.json()["error"]) == (500, "temporarily_unavailable")
    assert (first.route, first.countable, second.route, second.error_code) == (
        "account-resource", False, "admin-api", "temporarily_unavailable"
    )  # fmt: skip


def test_the_token_endpoint_is_struck_where_it_is_named(faulty: Faulty) -> None:
    """By its name or its path, by key and user as the request claims them; a token that was lost was issued."""
    passes = faulty.ask_for_token()
    faulty.let(route="token", key=faulty.made.key, user=SAM.demo, status=503)
    refused = faulty.ask_for_token()
    faulty.let(route="token", key=UNKNOWN, status=503)
    other = faulty.ask_for_token()
    faulty.let(route="/oauth/**", drop="half-way")
    with pytest.raises(LOST):
        faulty.ask_for_token()
    faulty.let(route="token", limit="hourly")
    limited = faulty.ask_for_token()

    assert (passes.status_code, other.status_code) == (200, 200)
    assert (refused.status_code, refused.json()["error"]) == (503, "temporarily_unavailable")
    assert (limited.status_code, limited.json()["error"]) == (400, "temporarily_unavailable")
    assert faulty.recorded() == []


def test_clients_are_told_apart_however_they_say_who_they_are(faulty: Faulty) -> None:
    """In the header, in the form, or by an assertion; nonsense is nobody, and is told so by the endpoint itself."""
    faulty.let(route="token", key=faulty.made.key, status=503)
    code = {"grant_type": "authorization_code", "code": "x", "redirect_uri": CALLBACK}
    assertion = faulty.town.assertion(faulty.ctx, faulty.made, None, sub=faulty.made.key)
    signed = {
        "client_assertion": assertion,
        "client_assertion_type": JWT_ASSERTION,
    }
    url = f"{faulty.address}/oauth/token"
    answers = [
        requests.post(url, code, auth=(faulty.made.key, "wrong"), timeout=30),
        requests.post(url, code | {"client_id": faulty.made.key}, timeout=30),
        requests.post(url, code | signed, timeout=30),
        requests.post(url, code | {"client_assertion": "a.b.c"}, timeout=30),
        requests.post(url, {"assertion": "a.%%.c", "grant_type": JWT_BEARER}, timeout=30),
        requests.post(url, b"\xff", timeout=30),
    ]

    assert [answer.status_code for answer in answers] == [503, 503, 503, 400, 400, 400]


def test_userinfo_is_struck_for_whom_its_token_speaks(faulty: Faulty) -> None:
    """A token that is none is refused as ever."""
    faulty.let(route="userinfo", user=SAM.demo, status=502)
    struck, refused = faulty.get("/oauth/userinfo"), faulty.get("/oauth/userinfo", Authorization="Bearer x")

    assert (struck.status_code, refused.status_code, faulty.hits()) == (502, 401, [(1, 1)])


def asked(number: int = 0, **said: str) -> Asked:
    """A call of Sam's."""
    return Asked("demo", said.get("method", "POST"), f"/orders/v1/{number}", said.get("route", "orders"), "k", "u")


def test_the_same_seed_gives_the_same_hits() -> None:
    """A share of the requests, again and again the same ones; what a fault is not about moves no dice."""
    first, second, other = (Arsenal() for _ in range(3))
    for arsenal, seed in ((first, 7), (second, 7), (other, 8)):
        arsenal.put([Fault(route="orders", probability=0.3, seed=seed, status=500)])
    struck: list[list[bool]] = [[], [], []]
    for number in range(200):
        second.strike(asked(number, route="other"))
        for hits, arsenal in zip(struck, (first, second, other), strict=True):
            hits.append(arsenal.strike(asked(number)) is not None)

    assert struck[0] == struck[1] != struck[2]
    assert 40 <= sum(struck[0]) <= 80


def test_the_first_fault_whose_turn_it_is_strikes() -> None:
    """A spent fault lets those below have their turn, and an added one stands below."""
    arsenal = Arsenal()
    arsenal.put([Fault(count=1, status=500), Fault(route="/Orders/v1/**", method="post", status=501)])
    arsenal.add([Fault(latency_seconds=1)])
    struck = [arsenal.strike(each) for each in (asked(), asked(), asked(method="GET"))]

    assert [each.number if each else None for each in struck] == [1, 2, 3]
    assert [(each.seen, each.hits) for each in arsenal.listed()] == [(1, 1), (1, 1), (1, 1)]


# ── the control ─────────────────────────────────────────────────────────────────────────────────────────────────────
def test_faults_are_put_added_listed_and_cleared(faulty: Faulty) -> None:
    """The list shows what was said and what it did; cleared, nothing goes wrong any more."""
    put = faulty.control("PUT", {"faults": [{"status": 500, "body": {"a": 1}, "key": faulty.made.key}]})
    added = faulty.control("POST", {"faults": [{"drop": "half-way", "route": "token"}]})
    statuses = [faulty.call().status_code]
    cleared = faulty.control("DELETE")
    statuses.append(faulty.call().status_code)

    first = {"key": faulty.made.key, "status": 500, "body": {"a": 1}}
    assert put.json() == {"faults": [{"number": 1, "fault": first, "seen": 0, "hits": 0}]}
    assert added.json()["faults"][1]["fault"] == {"route": "token", "drop": "half-way"}
    assert (statuses, cleared.status_code, faulty.hits()) == ([500, 201], 204, [])


WRONG: tuple[tuple[dict[str, Any], int, str, str | None], ...] = (
    ({}, 422, "invalid-field", "faults[0]"),
    ({"status": 500, "drop": "half-way"}, 422, "invalid-field", "faults[0].drop"),
    ({"drop": "half-way", "limit": "burst"}, 422, "invalid-field", "faults[0].limit"),
    ({"body": "x", "latency_seconds": 1}, 422, "invalid-field", "faults[0].status"),
    ({"status": 500, "route": "/*/x"}, 422, "invalid-field", "faults[0].route"),
    ({"status": 500, "headers": {"Content-Length": "1"}}, 422, "invalid-field", "faults[0].headers"),
    ({"status": 500, "headers": {"X-A": "a\r\nb"}}, 422, "invalid-field", "faults[0].headers"),
    ({"status": 500, "probability": 0}, 400, "malformed", None),
    ({"status": 500, "count": 0}, 400, "malformed", None),
    ({"status": 600}, 400, "malformed", None),
    ({"status": 500, "latency_seconds": 61}, 400, "malformed", None),
    ({"status": 500, "environment": "staging"}, 400, "malformed", None),
    ({"statuss": 500}, 400, "malformed", None),
)


def test_what_is_no_fault_is_refused(faulty: Faulty) -> None:
    """The field is named, and the faults that were there stay."""
    faulty.let(status=500)
    for fault, *expected in WRONG:
        for method in ("PUT", "POST"):
            answer = faulty.control(method, {"faults": [fault]})
            said = answer.json()
            assert [answer.status_code, said["code"], said.get("field")] == expected, fault

    assert faulty.hits() == [(0, 0)]


def test_the_guide_says_what_there_is() -> None:
    """Its example is taken as it stands there, and its tables name every field."""
    text = (Path(__file__).parents[2] / "docs" / "guides" / "faults.md").read_text()
    example = re.search(r"-d '(\{.*?\n\})'", text, re.DOTALL)
    assert example
    arsenal = Arsenal()
    arsenal.put(msgspec.json.decode(example[1], type=Faults).faults)
    told = {name for line in text.splitlines() if line.startswith("| `") for name in re.findall(r"`(\w+)`", line)}

    assert arsenal.listed()[0].fault.route == "token"
    assert set(Fault.__struct_fields__) - told == {"latency_seconds"}
    assert "`latency_seconds`" in text


def test_there_are_not_too_many(faulty: Faulty) -> None:
    """A hundred are enough."""
    full = faulty.control("PUT", {"faults": [{"status": 500}] * 100})
    more = faulty.control("POST", {"faults": [{"status": 500}]})

    assert (full.status_code, more.status_code, more.json()["field"]) == (200, 422, "faults")
