"""Which pages of other origins may read what we answer?"""

from collections.abc import Iterator

import pytest

from keysteward.actions import addresses, keys
from tests.cast import ACME, ADA, SAM, Made, Town
from tests.web.oauth.conftest import Door, basic_header
from tests.web.pages.browsing import open_to_browsers

OURS = "https://spa.example.com"
EVIL = "https://evil.example"
ENVELOPES = f"/restapi/v2.1/accounts/{ACME.demo}/envelopes"

REFUSED = {"/oauth/token": 400, "/oauth/revoke": 400, "/oauth/userinfo": 400, ENVELOPES: 403}


@pytest.fixture
def door(town: Town, made: Made) -> Iterator[Door]:
    """The web of demo, and an app that lists an origin of its own."""
    addresses.add_origin(town.demo, town.actor(ADA), made.key, OURS)
    with open_to_browsers(town) as street:
        yield Door(street, made)


def ask_first(door: Door, path: str, origin: str = OURS) -> tuple[int, str | None]:
    """What a browser is told before it calls."""
    answer = door.ask("OPTIONS", path, Origin=origin, **{"Access-Control-Request-Method": "POST"})
    return answer.status_code, answer.headers.get("Access-Control-Allow-Origin")


@pytest.mark.parametrize("path", ["/oauth/token", "/oauth/revoke", "/oauth/userinfo", ENVELOPES])
def test_a_listed_origin_may_call(door: Door, path: str) -> None:
    """Before the call: the origin of a working app passes, another one is refused."""
    assert ask_first(door, path) == (204, OURS)
    assert ask_first(door, path, EVIL) == (REFUSED[path], None)
    keys.stop(door.ctx, door.town.actor(ADA), door.made.key)
    assert ask_first(door, path) == (REFUSED[path], None)


@pytest.mark.parametrize("path", ["/oauth/auth", "/api/v1/me", "/oauth/introspect", "/apps", "/signin"])
def test_nothing_else_is_open(door: Door, path: str) -> None:
    """Pages, our own API and what only servers call answer no other origin."""
    status, allowed = ask_first(door, path)

    assert (status >= 400, allowed) == (True, None)


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/oauth/jwks"])
def test_what_is_published_is_open_to_all(door: Door, path: str) -> None:
    """Everybody's page may read discovery and public keys."""
    assert door.ask("GET", path, Origin=EVIL).headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(("origin", "expected"), [(OURS, OURS), (EVIL, None), (OURS + ":444", None)])
def test_the_token_endpoint_answers_the_app_s_own_pages(door: Door, origin: str, expected: str | None) -> None:
    """A refusal too, or the page could not tell why; of another client's origin nothing is readable."""
    form = {"grant_type": "authorization_code", "code": "x", "client_id": door.made.key}
    answer = door.ask("POST", "/oauth/token", form, Origin=origin)

    assert answer.status_code == 400
    assert answer.headers.get("Access-Control-Allow-Origin") == expected
    assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize(("scope", "expected"), [("signature cors", OURS), ("signature", None)])
def test_the_api_answers_tokens_with_the_scope_cors(door: Door, scope: str, expected: str | None) -> None:
    """Below an account of v2.1, for a listed origin and a token that has the scope."""
    token = door.town.sign_in_with(door.ctx, door.made, SAM, scope).access_token
    answer = door.ask("GET", f"/restapi/v2.1/accounts/{ACME.demo}", Origin=OURS, Authorization=f"Bearer {token}")

    assert answer.status_code == 200
    assert answer.headers.get("Access-Control-Allow-Origin") == expected


def test_userinfo_answers_the_app_s_own_pages(door: Door) -> None:
    """The token says whose page may read."""
    token = door.town.sign_in_with(door.ctx, door.made, SAM, "openid").access_token
    seen = {
        origin: door.ask("GET", "/oauth/userinfo", Origin=origin, Authorization=f"Bearer {token}").headers.get(
            "Access-Control-Allow-Origin"
        )
        for origin in (OURS, EVIL)
    }

    assert seen == {OURS: OURS, EVIL: None}


def test_basic_names_the_app_too(door: Door) -> None:
    """A client that proves itself with Basic is known by it."""
    headers = {"Authorization": basic_header(door.made.key, door.made.secret), "Origin": OURS}
    answer = door.ask("POST", "/oauth/token", {"grant_type": "refresh_token", "refresh_token": "x"}, **headers)

    assert answer.headers["Access-Control-Allow-Origin"] == OURS
