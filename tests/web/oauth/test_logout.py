"""Does an app sign its user out, only its own way back, and only when that is meant?"""

from typing import Any
from urllib.parse import urlencode

import pytest

from tests.cast import ADA, CALLBACK, SAM, UNKNOWN
from tests.web.oauth.conftest import Door
from tests.web.oauth.test_authorize import back
from tests.web.pages.browsing import Browser

STATE = "a b&c"
EVIL = "https://evil.example/"


def hint_for(door: Door, browser: Browser) -> str:
    """An id token of whoever is signed in."""
    code = back(browser.ask("GET", door.asking(scope="openid")))["code"]
    return str(door.redeem(code)[1]["id_token"])


@pytest.fixture
def browser(door: Door) -> Browser:
    """Sam's browser, signed in; Sam allowed the app."""
    door.town.consent(door.ctx, door.made, SAM, "openid")
    return door.browser(SAM)


def leaving(**parameters: str) -> str:
    """The address that signs out."""
    return "/oauth/logout?" + urlencode(parameters)


def is_signed_in(browser: Browser) -> bool:
    """Whether the console still knows the browser."""
    return browser.ask("GET", "/").status == 200


def test_with_a_hint_it_happens_at_once(door: Door, browser: Browser) -> None:
    """The session ends, and the browser goes where the app registered, with its state."""
    page = browser.ask(
        "GET", leaving(id_token_hint=hint_for(door, browser), post_logout_redirect_uri=CALLBACK, state=STATE)
    )

    assert (page.status, page.location) == (303, f"{CALLBACK}?state=a+b%26c")
    assert not is_signed_in(browser)


def test_without_a_hint_the_user_is_asked(door: Door, browser: Browser) -> None:
    """A link on another site signs nobody out by itself."""
    page = browser.ask("GET", leaving(client_id=door.made.key, post_logout_redirect_uri=CALLBACK))
    assert (page.heading, is_signed_in(browser)) == ("Sign out?", True)

    (form,) = page.root.all("form")
    left = browser.ask("POST", form.get("action"), [])
    assert (left.location, is_signed_in(browser)) == (CALLBACK, False)


def test_somebody_else_s_hint_asks_too(door: Door, browser: Browser) -> None:
    """An id token of another user ends nothing by itself."""
    hint = hint_for(door, browser)
    door.town.consent(door.ctx, door.made, ADA, "openid")
    other = door.browser(ADA)

    assert other.ask("GET", leaving(id_token_hint=hint)).heading == "Sign out?"
    assert is_signed_in(other)


def test_a_form_leads_to_the_same(door: Door, browser: Browser) -> None:
    """POST is answered with a GET, so that the browser brings its cookie along."""
    page = browser.ask("POST", "/oauth/logout", [("client_id", door.made.key), ("state", STATE)], Origin=EVIL[:-1])

    assert (page.status, page.location) == (303, leaving(client_id=door.made.key, state=STATE))


def test_docusign_s_form(door: Door, browser: Browser) -> None:
    """`/logout` names the app and one of its redirect URIs, and asks nobody."""
    query = f"client_id={door.made.key}&redirect_uri={CALLBACK}&response_type=code&scope=signature"
    page = browser.ask("GET", f"/logout?{query}&response_mode=logout_redirect")

    assert (page.status, page.location, is_signed_in(browser)) == (303, CALLBACK, False)


WRONG: list[dict[str, Any]] = [
    {"post_logout_redirect_uri": CALLBACK},
    {"client_id": True, "post_logout_redirect_uri": EVIL},
    {"client_id": True, "post_logout_redirect_uri": CALLBACK + "/"},
    {"client_id": UNKNOWN, "post_logout_redirect_uri": CALLBACK},
    {"id_token_hint": "a.b.c"},
]


@pytest.mark.parametrize("parameters", WRONG)
@pytest.mark.parametrize("path", ["/oauth/logout", "/logout"])
def test_nobody_is_sent_anywhere_else(door: Door, browser: Browser, parameters: dict[str, Any], path: str) -> None:
    """An address that no known app registered is refused on our own page, and the session stays."""
    given = {name: door.made.key if value is True else value for name, value in parameters.items()}
    page = browser.ask("GET", leaving(**given).replace("/oauth/logout", path))

    assert (page.status, page.location) == (400, "")
    assert is_signed_in(browser)
