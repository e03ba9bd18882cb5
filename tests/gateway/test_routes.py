"""Can any API stand behind the gateway, as routes of the policy say?"""

import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Self

import pytest
import requests

from keysteward.actions import policy
from keysteward.assembly import call_verifier
from keysteward.rules.policy_text import write
from keysteward.rules.routing import Route
from keysteward.twin import certificates
from tests.cast import ACME, SAM, Made, Town
from tests.gateway.peer import Api, Gate, RawApi, answering, gate_before, serving

ORDERS = "/orders/v1/accounts/{account}/orders/{order}/**"
CALLED = f"/orders/v1/accounts/{ACME.demo}/orders/A-17/Lines"


def put_behind(town: Town, *routes: dict[str, object], second: str = "Otto") -> None:
    """Apply routes: these, and no others."""
    policy.apply(town.demo, {"routes": list(routes)}, author="Olga", reason="A test.", second=second)


@pytest.fixture
def own(town: Town, made: Made) -> Iterator[Gate]:
    """A gateway whose sample nobody asks, and an API of one's own at `own.api`."""
    api = Api(answering())
    with serving(api) as behind, gate_before("http://127.0.0.1:1", town, made) as opened:
        opened.api = api
        orders = {"name": "orders", "path": ORDERS, "upstream": behind, "polled": True}
        put_behind(town, orders, {"name": "reports", "path": "/orders/v1/reports/**", "upstream": f"{behind}/base/"})
        yield opened


def call(opened: Gate, path: str, method: str = "GET", **headers: str) -> requests.Response:
    """Call a path of the environment with Sam's token, unless headers say otherwise."""
    sent = {"Authorization": f"Bearer {opened.token}"} | headers
    return requests.request(method, opened.address + path, headers=sent, timeout=30)


def test_a_route_leads_to_an_api_of_ones_own(own: Gate) -> None:
    """Path, query and body arrive; the path names the account by its GUID; the word is for this route alone."""
    answer = call(own, CALLED.replace(ACME.demo, "10000001") + "?a=1", "PUT")

    (asked,) = own.api.asked
    (word,) = asked.header("x-keysteward-call")
    facts = call_verifier(own.ctx, "orders")(word)
    assert (answer.status_code, asked.method, asked.path, asked.query) == (200, "PUT", CALLED, "a=1")
    assert facts is not None
    assert (facts["account"], facts["user"], facts["key"]) == (ACME.demo, SAM.demo, own.made.key)
    assert call_verifier(own.ctx, "reports")(word) is None


def test_its_calls_are_evidence(own: Gate) -> None:
    """Route, operation and countability are the policy's, and letter case tells resources apart."""
    for path in (CALLED, CALLED, CALLED.replace("A-17", "a-17")):
        call(own, path)
    *_, first = newest = own.recorded()

    assert (first.route, first.operation, first.countable, first.polled, first.account) == (
        "orders", "GET /orders/v1/accounts/{id}/orders/{order}/Lines", True, True, ACME.demo,
    )  # fmt: skip
    assert first.url == CALLED
    assert len({made.url_digest for made in newest}) == 2


def test_where_no_account_is_named_the_default_one_counts(own: Gate) -> None:
    """The user's default account is in the word, in the evidence and in the limits; the base path is kept."""
    answer = call(own, "/orders/v1/reports/2026")

    (asked,) = own.api.asked
    facts = call_verifier(own.ctx, "reports")(asked.header("x-keysteward-call")[0])
    assert (answer.status_code, asked.path) == (200, "/base/orders/v1/reports/2026")
    assert facts is not None
    assert facts["account"] == own.recorded()[0].account == ACME.demo
    assert answer.headers["X-RateLimit-Remaining"] == "2999"


@pytest.mark.parametrize(
    ("path", "headers", "status", "code"),
    [
        (CALLED, {"Authorization": "Bearer nonsense"}, 401, "AUTHORIZATION_INVALID_TOKEN"),
        (CALLED.replace(ACME.demo, "99999999"), {}, 400, "USER_DOES_NOT_BELONG_TO_SPECIFIED_ACCOUNT"),
        (CALLED.replace("orders/A", "orders/%2e%2e/A"), {}, 400, "INVALID_REQUEST_PARAMETER"),
        (CALLED.replace("orders/A", "Orders/A"), {}, 404, None),
        ("/envelopes", {}, 404, None),
    ],
)
def test_refusals_are_said_in_json(
    own: Gate, path: str, headers: dict[str, str], status: int, code: str | None
) -> None:
    """A program gets status, code and sentence wherever a route answers, and elsewhere what we have there."""
    answer = call(own, path, **headers)

    assert (answer.status_code, own.api.asked) == (status, [])
    if code is not None:
        assert set(answer.json()) == {"errorCode", "message"}
        assert answer.json()["errorCode"] == code


def test_a_route_asks_for_its_scopes(own: Gate) -> None:
    """A token without one of them is a failed call that reaches nobody."""
    routes = write(own.ctx.policy)["routes"]
    put_behind(own.town, {**routes[0], "scopes": ["signature", "orders"]})
    answer = call(own, CALLED)

    assert (answer.status_code, answer.json()["errorCode"]) == (403, "USER_LACKS_PERMISSIONS")
    assert (own.api.asked, own.recorded()[0].status) == ([], 403)
    put_behind(own.town, {**routes[0], "scopes": []})
    assert call(own, CALLED).status_code == 200


def test_pages_of_an_app_may_call_it(own: Gate) -> None:
    """A browser's call from another site with a token is no forgery: there is no session to abuse."""
    answer = call(own, CALLED, "POST", **{"Origin": "https://app.example", "Sec-Fetch-Site": "cross-site"})

    assert (answer.status_code, len(own.api.asked)) == (200, 1)


def test_a_header_names_the_operation(own: Gate) -> None:
    """Where all calls have one address, a header says what they do."""
    routes = write(own.ctx.policy)["routes"]
    put_behind(own.town, {**routes[1], "name": "soap", "operation_header": "SOAPAction", "countable": False})
    call(own, "/orders/v1/reports/x", "POST", SOAPAction='"urn:orders#List"')
    newest = own.recorded()[0]

    assert (newest.operation, newest.countable, newest.why_not) == (
        "POST urn:orders#List", False, "calls of this route do not count",
    )  # fmt: skip


# ── timeouts, trust, change ─────────────────────────────────────────────────────────────────────────────────────────
def test_each_route_has_its_own_patience(town: Town, made: Made) -> None:
    """An API that is silent for longer than its route allows is given up: 504, not held against the app."""
    until = threading.Event()
    with RawApi(b"", until) as api, gate_before("http://127.0.0.1:1", town, made) as opened:
        put_behind(town, {"name": "orders", "path": ORDERS, "upstream": api.address, "silence": "1s"})
        answer = call(opened, CALLED)
        until.set()

    newest = opened.recorded()[0]
    assert (answer.status_code, answer.json()["errorCode"]) == (504, "SERVICE_UNAVAILABLE")
    assert (newest.status, newest.countable) == (504, False)


def test_an_authority_of_ones_own_is_trusted(town: Town, made: Made, tmp_path: Path) -> None:
    """An API speaks TLS with a certificate of the named authority; without that name it is 502, and not asked."""
    api, pem = Api(answering()), certificates.ensure(tmp_path, "demo", ())
    codes = list[int]()
    with serving(api, certificate=pem) as behind:
        for trusted in (certificates.ca_file(tmp_path), None):
            with gate_before("http://127.0.0.1:1", town, made, ca_file=trusted) as opened:
                put_behind(town, {"name": f"orders-{len(codes)}", "path": ORDERS, "upstream": behind})
                codes.append(call(opened, CALLED).status_code)

    assert (codes, len(api.asked)) == ([200, 502], 1)


def test_another_policy_leads_elsewhere(town: Town, made: Made) -> None:
    """The next call goes where the new version says, and connections to what was left are closed."""
    with _Listening() as old, gate_before("http://127.0.0.1:1", town, made) as opened:
        orders: dict[str, object] = {"name": "orders", "path": ORDERS, "upstream": old.address}
        put_behind(town, orders)
        before = call(opened, CALLED)
        api = Api(answering(201))
        with serving(api) as behind:
            put_behind(town, {**orders, "upstream": behind})
            after = call(opened, CALLED)
            assert old.was_left.wait(10)

    assert (before.status_code, after.status_code, len(api.asked)) == (200, 201, 1)


def test_without_routes_nothing_is_forwarded(own: Gate) -> None:
    """An empty list is a gateway that leads nowhere: 404, as at any address that there is not."""
    put_behind(own.town)

    assert call(own, CALLED).status_code == 404
    assert own.call("GET").status_code == 404


def test_routes_survive_the_database(own: Gate) -> None:
    """What was applied is what the next start reads."""
    newest = policy.load(own.ctx, 0).policy

    assert newest.routes == own.ctx.policy.routes
    assert newest.routes[0] == Route("orders", ORDERS, newest.routes[0].upstream, polled=True)


class _Listening:
    """An API that keeps its connection open, and notices when it is left."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve)
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.was_left = threading.Event()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join(20)
        self._listener.close()

    def _serve(self) -> None:
        connection, _ = self._listener.accept()
        with closing(connection):
            connection.settimeout(20)
            connection.recv(65_536)
            connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")
            if not connection.recv(1):
                self.was_left.set()
