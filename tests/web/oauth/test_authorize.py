"""What does a browser see between an app's request and the way back to the app?"""

from urllib.parse import parse_qsl, urlsplit

import pytest

from keysteward.actions import accounts
from tests.cast import ACME, ADA, CALLBACK, CHALLENGE, PASSWORD, SAM, UNKNOWN
from tests.web.oauth.conftest import FORM, Door
from tests.web.pages.browsing import Browser, Page

ODD_STATE = "*^.$DGj*)+}Jk"


def back(page: Page) -> dict[str, str]:
    """What the app is told, in the query or in the fragment."""
    parts = urlsplit(page.location)
    assert page.location.startswith(CALLBACK)
    return dict(parse_qsl(parts.fragment or parts.query))


def allow(browser: Browser, page: Page, decision: str = "allow") -> Page:
    """Press a button of the consent page."""
    (form,) = page.root.all("form")
    return browser.ask("POST", form.get("action"), [("decision", decision)])


def test_signing_in_and_allowing_leads_back_with_a_code(door: Door) -> None:
    """Sign-in, consent, and the way back with code, state byte for byte, and who answers."""
    browser = door.browser()
    page = browser.open(door.asking(state=ODD_STATE))
    (form,) = page.root.all("form")
    signed_in = browser.ask("POST", form.get("action"), [("email", SAM.email), ("password", PASSWORD)])
    page = browser.open(signed_in.location)
    told = back(allow(browser, page))

    assert page.heading == "Allow Lease signer to act for you?"
    assert told == {"code": told["code"], "state": ODD_STATE, "iss": door.ctx.issuer}
    assert door.redeem(told["code"])[0] == 200


def test_who_consented_before_is_not_asked_again(door: Door) -> None:
    """The same or fewer scopes lead straight back; a new one asks."""
    door.town.consent(door.ctx, door.made, SAM, "signature extended")
    browser = door.browser(SAM)

    assert "code" in back(browser.ask("GET", door.asking()))
    assert browser.ask("GET", door.asking(scope="signature other")).status == 200


def test_denying_tells_the_app(door: Door) -> None:
    """`access_denied` with the state, and no code."""
    browser = door.browser(SAM)
    told = back(allow(browser, browser.open(door.asking(state="s")), "deny"))

    assert (told["error"], told["state"]) == ("access_denied", "s")
    assert "code" not in told


def test_implicit_answers_in_the_fragment(door: Door) -> None:
    """The token never stands in the query."""
    door.town.consent(door.ctx, door.made, SAM)
    page = door.browser(SAM).ask("GET", door.asking(response_type="token", state="s"))
    told = back(page)

    assert (told["token_type"], told["expires_in"], told["state"]) == ("bearer", "28800", "s")
    assert not urlsplit(page.location).query


TOLD = [
    ({"response_type": "code id_token"}, "unsupported_response_type"),
    ({"scope": ""}, "invalid_scope"),
    ({"scope": "sig\tnature"}, "invalid_scope"),
    ({"code_challenge": CHALLENGE}, "invalid_request"),
    ({"code_challenge": CHALLENGE, "code_challenge_method": "s256"}, "invalid_request"),
    ({"code_challenge": CHALLENGE, "code_challenge_method": "plain"}, "invalid_request"),
    ({"prompt": "none"}, "login_required"),
    ({"prompt": "none login"}, "invalid_request"),
    ({"prompt": "create"}, "invalid_request"),
]


@pytest.mark.parametrize(("parameters", "error"), TOLD)
def test_the_app_is_told(door: Door, parameters: dict[str, str], error: str) -> None:
    """What is wrong with a request of a known app goes back to the app, with its state."""
    told = back(door.browser().ask("GET", door.asking(state="s", **parameters)))

    assert (told["error"], told["state"]) == (error, "s")


def test_nobody_is_shown_anything_for_prompt_none(door: Door) -> None:
    """Signed in without consent, the app is told so."""
    told = back(door.browser(SAM).ask("GET", door.asking(prompt="none")))

    assert told["error"] == "consent_required"


def test_who_left_is_told_to_the_app_for_prompt_none(door: Door) -> None:
    """A user who is in no open account any more gets no page either."""
    door.town.consent(door.ctx, door.made, SAM, "signature")
    browser = door.browser(SAM)
    accounts.close_membership(door.ctx, ACME.demo, SAM.demo, ADA.email)

    assert back(browser.ask("GET", door.asking(prompt="none")))["error"] == "access_denied"


@pytest.mark.parametrize("prompt", ["login", "login consent", "select_account"])
def test_prompt_login_asks_again(door: Door, prompt: str) -> None:
    """Somebody who is signed in signs in anew, and then goes on."""
    door.town.consent(door.ctx, door.made, SAM)
    browser = door.browser(SAM)
    page = browser.ask("GET", door.asking(prompt=prompt))
    (form,) = page.root.all("form")
    again = browser.ask("POST", form.get("action"), [("email", SAM.email), ("password", PASSWORD)])

    assert page.heading == "Sign in"
    assert not {"login", "select_account"} & set(
        dict(parse_qsl(urlsplit(again.location).query)).get("prompt", "").split()
    )


SHOWN = [
    ({"redirect_uri": CALLBACK + "/"}, "The redirect URI is not registered properly with DocuSign."),
    ({"redirect_uri": CALLBACK.upper()}, "The redirect URI is not registered properly with DocuSign."),
    ({"redirect_uri": "https://evil.example/"}, "The redirect URI is not registered properly with DocuSign."),
    ({"client_id": UNKNOWN}, "This integration key is not known in this environment."),
    ({"client_id": ""}, "The parameter client_id is missing."),
    ({"redirect_uri": ""}, "The parameter redirect_uri is missing."),
]


@pytest.mark.parametrize(("parameters", "sentence"), SHOWN)
def test_a_request_that_may_not_go_back_is_shown(door: Door, parameters: dict[str, str], sentence: str) -> None:
    """It is said on our own page, with 400, and nothing redirects."""
    page = door.browser(SAM).ask("GET", door.asking(**parameters))

    assert (page.status, page.location, page.heading) == (400, "", sentence)


def test_a_doubled_address_is_shown(door: Door) -> None:
    """Which of the two was meant cannot be known."""
    page = door.browser(SAM).ask("GET", door.asking() + "&redirect_uri=https://evil.example/")

    assert (page.status, page.location) == (400, "")


def test_unknown_parameters_are_ignored(door: Door) -> None:
    """`approval_prompt`, and whatever else clients send."""
    door.town.consent(door.ctx, door.made, SAM)
    page = door.browser(SAM).ask("GET", door.asking(approval_prompt="auto", display="page"))

    assert "code" in back(page)


def test_a_request_may_come_in_a_form_from_anywhere(door: Door) -> None:
    """OpenID Connect lets an app post its request; the app's page is another site."""
    door.town.consent(door.ctx, door.made, SAM)
    query = urlsplit(door.asking()).query
    headers = {"Content-Type": FORM, "Sec-Fetch-Site": "cross-site"}
    page = door.browser(SAM).ask("POST", "/oauth/auth", query, **headers)

    assert "code" in back(page)


def test_a_form_of_another_site_finds_who_is_signed_in(door: Door) -> None:
    """Browsers keep our cookie back from such a form, and bring it where they are sent on to."""
    door.town.consent(door.ctx, door.made, SAM)
    query = urlsplit(door.asking(prompt="none", state="s")).query
    sent_on = door.ask("POST", "/oauth/auth", query, **{"Content-Type": FORM, "Sec-Fetch-Site": "cross-site"})

    assert (sent_on.status_code, sent_on.headers["Location"]) == (303, f"/oauth/auth?{query}")
    assert "code" in back(door.browser(SAM).ask("GET", sent_on.headers["Location"]))


@pytest.mark.parametrize("path", ["/oauth/consent", "/oauth/signin"])
def test_the_address_of_a_form_begins_again(door: Door, path: str) -> None:
    """Who reloads a page that a form answered with is back at the request."""
    asked = door.asking(state="s")
    page = door.browser(SAM).ask("GET", asked.replace("/oauth/auth", path))

    assert (page.status, page.location) == (303, asked)


@pytest.mark.parametrize("path", ["/oauth/consent", "/oauth/signin"])
@pytest.mark.parametrize("foreign", [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}])
def test_no_other_site_presses_our_buttons(door: Door, path: str, foreign: dict[str, str]) -> None:
    """A consent or sign-in that another site sends is refused."""
    asked = door.asking().replace("/oauth/auth", path)
    page = door.browser(SAM).ask("POST", asked, [("decision", "allow")], **foreign)

    assert (page.status, page.location) == (403, "")


def test_a_foreign_origin_is_refused_where_the_browser_is_old(door: Door) -> None:
    """Without Sec-Fetch-Site the Origin decides, port included; with neither it is no browser."""
    path, form = door.asking().replace("/oauth/auth", "/oauth/consent"), {"decision": "deny"}
    foreign = door.ask("POST", path, form, Origin=door.ctx.origin + "1")
    own = door.ask("POST", path, form, Origin=door.ctx.origin)
    program = door.ask("POST", path, form)

    assert [answer.status_code for answer in (foreign, own, program)] == [403, 200, 200]


def test_the_pages_let_the_browser_back_to_this_app_only(door: Door) -> None:
    """CSP form-action names the app's own origin; nothing frames the page."""
    for browser in (door.browser(), door.browser(ADA)):
        policy = browser.ask("GET", door.asking()).headers["Content-Security-Policy"]

        assert "form-action 'self' https://app.example.com" in policy
        assert "frame-ancestors 'none'" in policy


def test_every_answer_has_its_trace(door: Door) -> None:
    """Pages and errors alike; another host name is misdirected."""
    answers = [door.ask("GET", "/oauth/jwks"), door.ask("GET", "/nothing"), door.ask("GET", "/", Host="evil.example")]

    assert [answer.status_code for answer in answers] == [200, 404, 421]
    assert len({answer.headers["X-DocuSign-TraceToken"] for answer in answers}) == 3
