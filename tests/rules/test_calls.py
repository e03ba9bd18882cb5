"""Is a request judged as the kind of call it is, and shown without its secrets?"""

from urllib.parse import parse_qsl, quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keysteward.rules.calls import is_countable, is_polled, operation_of, redacted_query, said_operation
from keysteward.rules.policy import DEFAULT, Policy
from keysteward.rules.routes import route_of
from keysteward.rules.routing import Route
from tests.rules.examples import ACCOUNT, a_call

BELOW = f"/restapi/v2.1/accounts/{ACCOUNT}"

ENVELOPE = route_of(DEFAULT, f"{BELOW}/envelopes/1")
LOGIN = route_of(DEFAULT, "/restapi/v2.1/login_information")
COUNTED = [
    (200, True, DEFAULT, True),
    (302, True, DEFAULT, True),
    (400, True, DEFAULT, True),
    (401, False, DEFAULT, True),
    (404, True, DEFAULT, True),
    (429, False, DEFAULT, True),
    (500, True, DEFAULT, False),
    (502, True, DEFAULT, False),
    (503, True, DEFAULT, False),
    (500, True, Policy(upstream_errors_count=True), True),
    (502, True, Policy(upstream_errors_count=True), True),
    (502, False, DEFAULT, False),
    (503, False, DEFAULT, False),
    (504, False, DEFAULT, False),
    (502, False, Policy(upstream_errors_count=True), False),
    (504, False, Policy(upstream_errors_count=True), False),
]


@pytest.mark.parametrize(("status", "by_upstream", "policy", "counts"), COUNTED)
def test_failures_that_are_not_the_app_s_do_not_count(
    status: int, by_upstream: bool, policy: Policy, counts: bool
) -> None:
    """Errors of the app count; the upstream's 5xx only where policy says so, the gateway's own 502 to 504 never."""
    verdict, why_not = is_countable(ENVELOPE, status, policy, by_upstream=by_upstream)

    assert (verdict, bool(why_not)) == (counts, not counts)


def test_a_route_that_does_not_count_says_so_first() -> None:
    """A call outside an account says that, whatever its status."""
    assert is_countable(LOGIN, 502, DEFAULT, by_upstream=False) == (False, "logins do not count")


@pytest.mark.parametrize(("method", "polls"), [("GET", True), ("PUT", False), ("POST", False), ("HEAD", True)])
def test_only_reads_poll(method: str, polls: bool) -> None:
    """Reading an envelope again and again polls, with HEAD too; repeated PUT and POST are fine."""
    assert is_polled(ENVELOPE, method) == polls


def test_lists_are_not_polled() -> None:
    """Listing envelopes, the way that the rules recommend, never polls."""
    assert not is_polled(route_of(DEFAULT, f"{BELOW}/envelopes"), "GET")
    assert not is_polled(route_of(DEFAULT, f"{BELOW}/envelopes/status"), "GET")


@pytest.mark.parametrize(("status", "succeeded"), [(200, True), (201, True), (302, True), (399, True), (400, False)])
def test_a_call_succeeds_below_400(status: int, succeeded: bool) -> None:
    """Success is a status below 400."""
    assert a_call(status=status).succeeded == succeeded


OPERATIONS = [
    ("GET", f"{BELOW}/envelopes/{ACCOUNT}/views/2", "GET /restapi/v2.1/accounts/{id}/envelopes/{id}/views/{id}"),
    ("GET", "/restapi/v2.1/accounts/10000001/users", "GET /restapi/v2.1/accounts/{id}/users"),
    ("PUT", f"{BELOW.upper()}/ENVELOPES/{ACCOUNT.upper()}", "PUT /restapi/v2.1/accounts/{id}/envelopes/{id}"),
    ("GET", "//restapi///v2.1/", "GET /restapi/v2.1"),
    ("GET", "", "GET /"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS)
def test_an_operation_is_the_path_without_ids(method: str, path: str, operation: str) -> None:
    """GUIDs and numbers are left out, so that the same operation has the same name for everybody."""
    assert operation_of(method, path, route_of(DEFAULT, path)) == operation


@given(st.text(), st.uuids())
def test_an_operation_is_short_and_names_no_guid(path: str, guid: object) -> None:
    """Whatever the path, its operation fits its column and holds no GUID segment."""
    path = f"/{guid}/{path}/{guid}"
    operation = operation_of("GET", path, route_of(DEFAULT, path))

    assert len(operation) <= 200
    assert str(guid) not in operation.split("/")


def test_a_route_names_what_its_paths_hold() -> None:
    """Ids of any shape are left out where the route names their place, and letter case stays where it matters."""
    route = Route("orders", "/Orders/accounts/{account}/{order}/**", "http://api")
    operation = operation_of("GET", "/Orders/accounts/ACME/A-17/Lines/3", route)

    assert operation == "GET /Orders/accounts/{id}/{order}/Lines/{id}"


@pytest.mark.parametrize(
    ("said", "operation"),
    [
        ('"http://www.docusign.net/API/3.0/RequestStatus"', "POST http://www.docusign.net/API/3.0/RequestStatus"),
        ("RequestStatus", "POST RequestStatus"),
        ("", ""),
        ('""', ""),
        ("a b", ""),
        ("<b>", ""),
        ("x" * 151, ""),
    ],
)
def test_a_header_may_name_the_operation(said: str, operation: str) -> None:
    """What a SOAP client says it does is its operation, where that is a name; else the path is."""
    assert said_operation("POST", said) == operation


MARK = "s3cr3t-v4lue"
SECRETIVE = ["token", "access_token", "client_secret", "api_password", "Password", "code", "code_verifier", "assertion",
             "api_key", "integratorKey", "signature", "X-Signature", "id%5Ftoken"]  # fmt: skip
harmless_names = st.sampled_from(["from_date", "count", "status", "envelope_ids", "q", ""])
harmless = st.tuples(harmless_names, st.text(max_size=10))
secretive = st.tuples(st.sampled_from(SECRETIVE), st.text(max_size=10).map(lambda rest: MARK + rest))


@given(st.lists(st.one_of(harmless, secretive), max_size=8))
def test_no_value_survives(pairs: list[tuple[str, str]]) -> None:
    """Whatever stands behind a name is gone from what is kept."""
    query = "&".join(f"{name}={quote(value)}" for name, value in pairs)

    assert MARK not in redacted_query(query)


@given(st.lists(harmless, max_size=8))
def test_the_names_stay_readable(pairs: list[tuple[str, str]]) -> None:
    """Every parameter keeps its name and its place."""
    kept = parse_qsl(redacted_query(urlencode(pairs)), keep_blank_values=True)

    assert kept == [(name, "…") for name, _ in pairs]


@given(st.text(max_size=60))
def test_any_query_can_be_shown(query: str) -> None:
    """Whatever text comes as a query, it is shown on one line of plain characters."""
    assert redacted_query(query).replace("…", "").isascii()
    assert redacted_query(query).isprintable()


def test_a_redacted_value_leaves_its_place() -> None:
    """That something was sent stays visible."""
    assert redacted_query("count=2&token=abc&envelope_ids=a,b") == "count=…&token=…&envelope_ids=…"
