"""Does each path find the route that it should, and can no route lead our own paths away?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.routing import Mount
from starlette.routing import Route as WebRoute

from keysteward.rules.patterns import parsed
from keysteward.rules.policy import DEFAULT, Policy
from keysteward.rules.routes import (
    account_of,
    answers_pages,
    canonical,
    forwarded,
    is_reserved,
    is_unmistakable,
    route_of,
)
from keysteward.rules.routing import OURS, SHIPPED, Route, is_looser, unreachable
from keysteward.web.routes import ROUTES
from tests.rules.examples import ACCOUNT

BELOW = f"/restapi/v2.1/accounts/{ACCOUNT}"
API = "http://127.0.0.1:9000"
ROUTED = [
    (f"{BELOW}/envelopes/1", "envelope-resource"),
    (f"{BELOW}/envelopes/{ACCOUNT}", "envelope-resource"),
    (f"{BELOW}/envelopes/{ACCOUNT}/documents/combined", "envelope-resource"),
    (f"{BELOW}/envelopes/status-quo", "envelope-resource"),
    (f"{BELOW}/Envelopes/1".upper(), "envelope-resource"),
    ("/restapi/v2/accounts/10000001/envelopes/1", "envelope-resource"),
    (f"{BELOW}/envelopes", "envelopes"),
    (f"{BELOW}/envelopes/", "envelopes"),
    (f"{BELOW}/envelopes/status", "envelope-status"),
    (f"{BELOW}/envelopes/status/", "envelope-status"),
    (BELOW, "account-resource"),
    (f"{BELOW}/users", "account-resource"),
    (f"{BELOW}/envelopes\n/1", "account-resource"),
    ("/restapi/v2.1/login_information", "login-information"),
    ("/restapi/v2/login_information", "login-information"),
    ("/restapi/v2.1/diagnostics/settings", "diagnostics"),
    ("/restapi/v2.1/diagnostics/request_logs/1", "diagnostics"),
    ("/management/v2/organizations", "admin-api"),
    ("/Management/v2/organizations", "admin-api"),
    ("/api/3.0/dsapi.asmx", "soap"),
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
    """The first pattern that takes the whole path, in any letter case, says how its calls are judged."""
    assert route_of(DEFAULT, path).name == route


def test_only_the_sample_s_paths_are_forwarded() -> None:
    """As it comes, envelopes and the SOAP endpoint go to the sample API, and everything else is answered here."""
    assert {route for path, route in ROUTED if forwarded(DEFAULT, path)} == {
        "envelope-status", "envelope-resource", "envelopes", "soap",
    }  # fmt: skip


@given(st.text(max_size=80))
def test_every_path_has_a_route(path: str) -> None:
    """Whatever path comes, there is a route for it, and one without routes of a policy forwards nothing."""
    assert route_of(DEFAULT, path).name
    assert forwarded(Policy(routes=()), path) is None


@given(st.text(max_size=80).map(lambda rest: f"{BELOW}/{rest}"))
def test_everything_below_an_account_counts(path: str) -> None:
    """Whatever lies below an account's path is a countable route, as it comes."""
    assert route_of(DEFAULT, path).countable


def test_what_does_not_count_says_why() -> None:
    """Logins, diagnostics, the Admin API, SOAP and the rest do not count."""
    uncounted = {route: route_of(DEFAULT, path).why_not for path, route in ROUTED}

    assert {name: why for name, why in uncounted.items() if why} == {
        "login-information": "logins do not count",
        "diagnostics": "diagnostics do not count",
        "admin-api": "Admin API calls do not count",
        "soap": "SOAP calls do not count",
        "other": "calls outside an account do not count",
    }


ORDERS = Route("orders", "/orders/v1/accounts/{account}/orders/{order}/**", API, polled=True)
LISTS = Route("lists", "/orders/v1/**", API)


def test_the_first_match_wins() -> None:
    """Order decides between two routes of one path."""
    path = "/orders/v1/accounts/7/orders/A-1"

    assert route_of(Policy(routes=(ORDERS, LISTS)), path) is ORDERS
    assert route_of(Policy(routes=(LISTS, ORDERS)), path) is LISTS


def test_the_account_is_where_the_route_says() -> None:
    """A path names its account at the place of {account}; a route without it names none."""
    path = "/orders/v1/accounts/10000001/orders/A-1/Lines"

    assert (account_of(ORDERS, path), account_of(LISTS, path)) == ("10000001", "")
    assert canonical(ORDERS, path, ACCOUNT) == f"/orders/v1/accounts/{ACCOUNT}/orders/A-1/Lines"
    assert canonical(LISTS, path, ACCOUNT) == path


def test_words_have_one_form_where_case_means_nothing() -> None:
    """Only the words of a pattern are written small: what is a name to the API stays as it came."""
    route = Route("x", "/Shop/{account}/items|things/**", API, any_case=True)

    assert canonical(route, "/SHOP/7/Things/ABC/Items", "g") == "/shop/g/things/ABC/Items"


# ── what is ours ────────────────────────────────────────────────────────────────────────────────────────────────────
def _paths(routes: list[object]) -> list[str]:
    found = [each.path for each in routes if isinstance(each, WebRoute | Mount)]
    return [path.replace("{version}", "v2.1") for path in found if path != "/"]


@pytest.mark.parametrize("path", sorted(set(_paths(list(ROUTES)))))
def test_no_route_takes_what_we_answer(path: str) -> None:
    """Every path of web/routes.py is reserved, so that no policy leads it elsewhere."""
    plain = "/".join("*" if part.startswith("{") and "v2" not in part else part for part in path.split("/"))

    assert is_reserved(parsed(plain.replace("{version:v2(?:\\.1)?}", "v2.1"))), path


def test_the_routes_that_come_along_take_nothing_of_ours() -> None:
    """They pass their own check: nothing reserved, each reachable."""
    assert not any(is_reserved(route.pattern) for route in SHIPPED if route.is_forwarded)
    assert unreachable(SHIPPED) is None
    assert unreachable((LISTS, ORDERS)) == (ORDERS, LISTS)


# ── other readers ───────────────────────────────────────────────────────────────────────────────────────────────────
ADMIN = Route("admin", "/shop/admin/**", API, scopes=("admin",))
SHOP = Route("shop", "/shop/**", API)
READINGS = [
    ("/shop/items/1", True),
    ("/shop/Items//1;v=2", True),
    ("/shop/ADMIN/1", False),
    ("/shop//admin/1", False),
    ("/shop/admin;x=1/1", False),
    ("/shop//ADMIN;/1", False),
    ("/shop/x/admin", True),
]


@pytest.mark.parametrize(("path", "is_good"), READINGS)
def test_no_spelling_slips_past_a_stricter_route(path: str, is_good: bool) -> None:
    """What an API might read as a path of another route is not forwarded: case, doubled slashes, parameters."""
    policy = Policy(routes=(ADMIN, SHOP))

    assert route_of(policy, path) is SHOP
    assert is_unmistakable(policy, path, SHOP) == is_good


def test_pages_may_call_ones_own_api() -> None:
    """Pages of other origins may call accounts of the eSignature API 2.1 and every API behind the gateway."""
    policy = Policy(routes=(*SHIPPED, SHOP))
    answered = {path: answers_pages(policy, path) for path in (
        BELOW, f"{BELOW}/envelopes/1", "/restapi/v2/accounts/1/envelopes", "/shop/1", "/api/3.0/dsapi.asmx", "/other",
        "/restapi/v2.1/login_information",
    )}  # fmt: skip

    assert [path for path, is_open in answered.items() if is_open] == [BELOW, f"{BELOW}/envelopes/1", "/shop/1"]


# ── what is looser ──────────────────────────────────────────────────────────────────────────────────────────────────
def made(**changes: object) -> Route:
    """The route of orders, but for these."""
    facts: dict[str, object] = {"name": "orders", "path": ORDERS.path, "upstream": API, "polled": True}
    return Route(**facts | changes)  # type: ignore[arg-type]


LOOSER = [
    ((ORDERS,), (made(polled=False),), True),
    ((ORDERS,), (made(scopes=()),), True),
    ((ORDERS,), (made(path="/orders/v1/**"),), True),
    ((made(countable=False),), (ORDERS,), True),
    ((ORDERS, LISTS), (LISTS,), True),
    ((ORDERS, LISTS), (LISTS, ORDERS), True),
    ((ORDERS,), (LISTS, ORDERS), True),
    ((ORDERS,), (made(name="other-name", polled=False),), True),
    ((ORDERS,), (made(scopes=("signature", "orders")),), False),
    ((ORDERS,), (made(countable=False),), False),
    ((ORDERS,), (made(upstream="http://elsewhere"),), False),
    ((ORDERS,), (), False),
    ((), (ORDERS,), False),
    (SHIPPED, (*SHIPPED, ORDERS, LISTS), False),
    (SHIPPED, (ORDERS, LISTS), False),
    (SHIPPED, SHIPPED[1:], False),
    (SHIPPED, SHIPPED[:1] + SHIPPED[2:], True),
]


@pytest.mark.parametrize(("before", "after", "looser"), LOOSER)
def test_what_loosens(before: tuple[Route, ...], after: tuple[Route, ...], looser: bool) -> None:
    """A path that needs fewer scopes, is not polled any more, begins to count or names no account: by whatever way."""
    assert is_looser(before, after) == looser


def test_what_is_answered_here_is_not_forwarded() -> None:
    """A route may judge what Keysteward answers itself."""
    policy = Policy(routes=(Route("users", "/restapi/v2.1/accounts/{account}/users/**", OURS, countable=False),))
    path = f"{BELOW}/users"

    assert (forwarded(policy, path), route_of(policy, path).countable) == (None, False)
