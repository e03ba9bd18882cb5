"""Is a request judged as the kind of call it is, and shown without its secrets?"""

from urllib.parse import parse_qsl, quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keysteward.rules.calls import ROUTES, is_countable, is_polled, operation_of, redacted_query, route_of
from keysteward.rules.policy import DEFAULT, Policy
from tests.rules.examples import ACCOUNT, a_call

BELOW = f"/restapi/v2.1/accounts/{ACCOUNT}"

ROUTED = [
    (f"{BELOW}/envelopes/1", "envelope-resource"),
    (f"{BELOW}/envelopes/{ACCOUNT}", "envelope-resource"),
    (f"{BELOW}/envelopes/{ACCOUNT}/documents/combined", "envelope-resource"),
    (f"{BELOW}/envelopes/{ACCOUNT}/recipients", "envelope-resource"),
    (f"{BELOW}/envelopes/status-quo", "envelope-resource"),
    (f"{BELOW}/Envelopes/1".upper(), "envelope-resource"),
    ("/restapi/v2/accounts/10000001/envelopes/1", "envelope-resource"),
    (f"{BELOW}/envelopes", "account-resource"),
    (f"{BELOW}/envelopes/", "account-resource"),
    (f"{BELOW}/envelopes/status", "account-resource"),
    (f"{BELOW}/envelopes/status/", "account-resource"),
    (BELOW, "account-resource"),
    (f"{BELOW}/users", "account-resource"),
    (f"{BELOW}/envelopes\n/1", "account-resource"),
    ("/restapi/v2.1/login_information", "login-information"),
    ("/restapi/v2/login_information", "login-information"),
    ("/restapi/v2.1/diagnostics/settings", "diagnostics"),
    ("/restapi/v2.1/diagnostics/request_logs/1", "diagnostics"),
    ("/management/v2/organizations", "admin-api"),
    ("/Management/v2/organizations", "admin-api"),
    ("/restapi/service_information", "other"),
    ("/restapi/v2.1", "other"),
    ("/restapi/v2.1/accounts", "other"),
    ("/restapi/v2.1/accounts/", "other"),
    ("/restapi/v3/accounts/1/envelopes/1", "other"),
    ("/restapi/v2x1/accounts/1/envelopes/1", "other"),
    ("/oauth/userinfo", "other"),
    ("/x/restapi/v2.1/accounts/1", "other"),
    ("", "other"),
    ("\n", "other"),
]


@pytest.mark.parametrize(("path", "route"), ROUTED)
def test_a_path_has_its_route(path: str, route: str) -> None:
    """The first pattern that matches the whole path, in any letter case, says how its calls are judged."""
    assert route_of(path).name == route


@given(st.text(max_size=80))
def test_every_path_has_a_route(path: str) -> None:
    """Whatever path comes, there is a route for it."""
    assert route_of(path) in ROUTES


@given(st.text(max_size=80).map(lambda rest: f"{BELOW}/{rest}"))
def test_everything_below_an_account_counts(path: str) -> None:
    """Whatever lies below an account's path is a countable route."""
    assert route_of(path).countable


def test_only_calls_of_an_account_count() -> None:
    """Logins, diagnostics, the Admin API and the rest do not count, and each says why."""
    uncounted = {route.name: route.why_not for route in ROUTES if not route.countable}

    assert uncounted == {
        "login-information": "logins do not count",
        "diagnostics": "diagnostics do not count",
        "admin-api": "Admin API calls do not count",
        "other": "calls outside an account do not count",
    }


ENVELOPE, LOGIN = route_of(f"{BELOW}/envelopes/1"), route_of("/restapi/v2.1/login_information")
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
    assert not is_polled(route_of(f"{BELOW}/envelopes"), "GET")
    assert not is_polled(route_of(f"{BELOW}/envelopes/status"), "GET")


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
    assert operation_of(method, path) == operation


@given(st.text(), st.uuids())
def test_an_operation_is_short_and_names_no_guid(path: str, guid: object) -> None:
    """Whatever the path, its operation fits its column and holds no GUID segment."""
    operation = operation_of("GET", f"/{guid}/{path}/{guid}")

    assert len(operation) <= 200
    assert str(guid) not in operation.split("/")


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
