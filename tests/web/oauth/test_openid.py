"""What does OpenID Connect promise an app beyond a token, and is it kept over HTTP?"""

from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import jwt
import pytest

from keysteward.crypto.signing import half_hash, public_pem
from tests.cast import ADA, CALLBACK, PASSWORD, SAM
from tests.web.oauth.conftest import Door
from tests.web.oauth.test_authorize import back
from tests.web.pages.browsing import Browser, Page

NONCE = "a-nonce"


def claims_of(door: Door, id_token: str) -> dict[str, object]:
    """What an id token says, checked by another library."""
    public = public_pem(door.ctx.access_key.public)
    said: dict[str, object] = jwt.decode(
        id_token, public, ["RS256"], audience=door.made.key, issuer=door.ctx.issuer, options={"verify_exp": False}
    )  # whose time is the town's
    return said


def sent(page: Page) -> dict[str, str]:
    """The hidden fields of the one form."""
    (form,) = page.root.all("form")
    return {node.get("name"): node.get("value") for node in form.all("input")}


def sign_in(browser: Browser, page: Page) -> Page:
    """Sign in on the way to an app, and go on."""
    (form,) = page.root.all("form")
    return browser.open(
        browser.ask("POST", form.get("action"), [("email", SAM.email), ("password", PASSWORD)]).location
    )


@pytest.fixture(autouse=True)
def consented(door: Door) -> None:
    """Sam allowed all that is asked here."""
    door.town.consent(door.ctx, door.made, SAM, "signature openid")


@pytest.mark.parametrize("response_type", ["id_token token", "token id_token"])
def test_an_implicit_app_gets_both_tokens(door: Door, response_type: str) -> None:
    """In the fragment; the id token names the access token, the nonce and when the user signed in."""
    page = door.browser(SAM).ask(
        "GET", door.asking(response_type=response_type, scope="openid signature", nonce=NONCE, state="s")
    )
    told = back(page)
    said = claims_of(door, told["id_token"])

    assert not urlsplit(page.location).query
    assert (said["sub"], said["nonce"], said["at_hash"]) == (SAM.demo, NONCE, half_hash(told["access_token"]))
    assert said["auth_time"] == int(door.ctx.now.timestamp())


def test_an_id_token_alone_names_no_access_token(door: Door) -> None:
    """`response_type=id_token` gives just that."""
    told = back(door.browser(SAM).ask("GET", door.asking(response_type="id_token", scope="openid", nonce=NONCE)))

    assert told.keys() == {"id_token", "iss"}
    assert "at_hash" not in claims_of(door, told["id_token"])


NAMES: dict[str, object] = {"name": "Sam Sender", "given_name": "Sam", "family_name": "Sender"}
ADDRESS: dict[str, object] = {"email": SAM.email, "email_verified": True}
ABOUT: list[tuple[str, dict[str, object]]] = [
    ("openid", {}),
    ("openid email", ADDRESS),
    ("openid profile", NAMES),
    ("openid email profile", NAMES | ADDRESS),
]


@pytest.mark.parametrize(("scope", "about"), ABOUT, ids=[row[0] for row in ABOUT])
def test_an_id_token_alone_says_what_was_asked(door: Door, scope: str, about: dict[str, object]) -> None:
    """Whoever has no access token cannot ask userinfo (OpenID Connect Core §5.4); with one they can, and do."""
    door.town.consent(door.ctx, door.made, SAM, scope)
    browser = door.browser(SAM)
    alone, beside = (
        back(browser.ask("GET", door.asking(response_type=wanted, scope=scope, nonce=NONCE)))
        for wanted in ("id_token", "id_token token")
    )
    told = {name: value for name, value in claims_of(door, alone["id_token"]).items() if name in NAMES | ADDRESS}

    assert told == about
    assert not claims_of(door, beside["id_token"]).keys() & (NAMES | ADDRESS).keys()
    userinfo = door.ask("GET", "/oauth/userinfo", Authorization=f"Bearer {beside['access_token']}").json()
    assert userinfo.items() >= (NAMES | ADDRESS).items()


TOLD = [
    ({"response_type": "id_token", "scope": "openid"}, "invalid_request"),
    ({"response_type": "id_token token", "scope": "signature", "nonce": NONCE}, "invalid_request"),
    ({"response_type": "code id_token"}, "unsupported_response_type"),
    ({"response_type": "code token"}, "unsupported_response_type"),
    ({"response_type": "id_token  token"}, "unsupported_response_type"),
    ({"response_type": "token", "response_mode": "query"}, "invalid_request"),
    ({"response_mode": "web_message"}, "invalid_request"),
    ({"max_age": "-1"}, "invalid_request"),
    ({"max_age": "soon"}, "invalid_request"),
    ({"request": "a.b.c"}, "request_not_supported"),
    ({"request_uri": "https://app.example.com/request"}, "request_uri_not_supported"),
    ({"id_token_hint": "a.b.c"}, "invalid_request"),
]


@pytest.mark.parametrize(("parameters", "error"), TOLD)
def test_the_app_is_told_what_is_not_possible(door: Door, parameters: dict[str, str], error: str) -> None:
    """With its state, and never a token."""
    told = back(door.browser(SAM).ask("GET", door.asking(state="s", **parameters)))

    assert (told["error"], told["state"]) == (error, "s")
    assert "access_token" not in told


def test_a_code_may_travel_in_the_fragment(door: Door) -> None:
    """`response_mode=fragment` keeps it out of the app's server logs."""
    page = door.browser(SAM).ask("GET", door.asking(response_mode="fragment"))

    assert not urlsplit(page.location).query
    assert dict(parse_qsl(urlsplit(page.location).fragment)).keys() == {"code", "iss"}


def test_an_answer_may_be_posted(door: Door) -> None:
    """`response_mode=form_post`: a form to the registered address and nowhere else, with state byte for byte."""
    state = "*^.$<\"'>&Dj+ %"
    page = door.browser(SAM).ask("GET", door.asking(response_mode="form_post", state=state))
    (form,) = page.root.all("form")
    policy = page.headers["Content-Security-Policy"]

    assert (form.get("action"), form.get("method")) == (CALLBACK, "post")
    fields = sent(page)
    assert fields == {"code": fields["code"], "state": state, "iss": door.ctx.issuer}
    assert door.redeem(fields["code"])[0] == 200
    assert policy.split("form-action ")[1] == "'self' https://app.example.com"
    assert "unsafe-inline" not in policy


def test_a_refusal_is_posted_too(door: Door) -> None:
    """The app that wants forms gets its refusals as forms."""
    page = door.browser().ask("GET", door.asking(response_mode="form_post", prompt="none"))

    assert sent(page)["error"] == "login_required"


@pytest.mark.parametrize("max_age", ["0", "60"])
def test_an_old_sign_in_is_asked_for_again(door: Door, max_age: str) -> None:
    """Older than max_age, the user signs in anew and then goes on; auth_time tells of the new sign-in."""
    browser = door.browser(SAM)
    door.town.clock.advance(seconds=61)
    page = browser.ask("GET", door.asking(max_age=max_age, scope="openid", nonce=NONCE))
    told = back(sign_in(browser, page))
    _, answer = door.redeem(told["code"])

    assert page.heading == "Sign in"
    assert claims_of(door, answer["id_token"])["auth_time"] == int(door.ctx.now.timestamp())


def test_a_fresh_sign_in_will_do(door: Door) -> None:
    """As old as max_age is not too old."""
    browser = door.browser(SAM)
    door.town.clock.advance(seconds=60)

    assert "code" in back(browser.ask("GET", door.asking(max_age="60")))


def test_prompt_none_with_an_old_sign_in(door: Door) -> None:
    """Nothing may be shown, so the app is told."""
    browser = door.browser(SAM)
    door.town.clock.now += timedelta(seconds=61)

    assert back(browser.ask("GET", door.asking(max_age="60", prompt="none")))["error"] == "login_required"


def test_a_hint_names_the_user(door: Door) -> None:
    """The expected user goes on; somebody else signs in first; another app's hint is refused."""
    code = back(door.browser(SAM).ask("GET", door.asking(scope="openid")))["code"]
    hint = door.redeem(code)[1]["id_token"]

    assert "code" in back(door.browser(SAM).ask("GET", door.asking(id_token_hint=hint, prompt="none")))
    other = door.browser(ADA)
    assert back(other.ask("GET", door.asking(id_token_hint=hint, prompt="none")))["error"] == "login_required"
    assert other.ask("GET", door.asking(id_token_hint=hint)).heading == "Sign in"
    stranger = door.town.create_app(name="Another app")
    told = back(other.ask("GET", door.asking(client_id=stranger.key, id_token_hint=hint)))
    assert (told["error"], told["error_description"]) == (
        "invalid_request",
        "The id_token_hint is not an id token of this issuer.",
    )


def test_only_the_expected_user_consents(door: Door) -> None:
    """Who became somebody else before they pressed Allow signs in first, as who opened the page had to."""
    hint = door.redeem(back(door.browser(SAM).ask("GET", door.asking(scope="openid")))["code"])[1]["id_token"]
    query = urlsplit(door.asking(scope="openid profile", id_token_hint=hint)).query
    answer = door.browser(ADA).ask("POST", f"/oauth/consent?{query}", [("decision", "allow")])

    assert (answer.status, answer.heading) == (200, "Sign in")
