"""What does an organization's admin see when an app asks for all of its users, and what becomes of the answer?"""

from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import pytest

from keysteward.actions import accounts, organization_consents
from keysteward.rules.words import new_guid
from tests.cast import ADA, CALLBACK, CY, MALLORY, ORGANIZATION, PASSWORD, SAM, STRANGE, Made, Person, Town
from tests.peers.changed import changed
from tests.web.oauth.conftest import Door
from tests.web.pages.browsing import Browser, Page

ODD_STATE = "*^.$DGj*)+}Jk ä%20&="
SCOPES = "signature impersonation organization_read"


@pytest.fixture
def made(town: Town) -> Made:
    """An app of somebody outside of the organization."""
    return town.create_app(by=MALLORY, firm=STRANGE, name="Stranger's helper")


def asking(door: Door, **parameters: str) -> str:
    """The address that the app's publisher sends to an organization's admin."""
    return door.asking(**{"scope": "openid", "admin_consent_scope": SCOPES, "state": ODD_STATE} | parameters)


def told(page: Page) -> dict[str, str]:
    """What the app is told."""
    assert page.location.startswith(CALLBACK + "?")
    return dict(parse_qsl(urlsplit(page.location).query, keep_blank_values=True))


def press(browser: Browser, page: Page, decision: str, **typed: str) -> Page:
    """Press a button of the page, with the organization that it names."""
    (form,) = page.root.all("form")
    hidden = {node.get("name"): node.get("value") for node in form.all("input") if node.get("type") == "hidden"}
    return browser.ask("POST", form.get("action"), list((hidden | typed | {"decision": decision}).items()))


def again(browser: Browser, page: Page, person: Person) -> Page:
    """Sign in on the page that asks for it, and go on to where it leads."""
    (form,) = page.root.all("form")
    signed_in = browser.ask("POST", form.get("action"), [("email", person.email), ("password", PASSWORD)])
    return browser.open(signed_in.location)


def authorized(door: Door, organization: str = ORGANIZATION["demo"], person: Person = CY) -> dict[str, frozenset[str]]:
    """What an organization allows now."""
    actor = door.town.actor(person)
    found = organization_consents.list_authorized(door.ctx, actor, organization)
    return {each.key: each.scopes for each in found}


def test_an_admin_allows_an_app_for_everybody(door: Door) -> None:
    """The page says who asks, for whom and for what; the app gets a plain code, and every covered user's tokens."""
    browser = door.browser(CY)
    page = browser.open(asking(door))
    shown = page.main.text
    back = told(press(browser, page, "allow"))

    assert page.heading == "Allow Stranger's helper for all of Acme Group?"
    assert "Published by Strange." in shown
    assert "everybody with an address in acme.example who is a member of an account of Acme Group" in shown
    assert "Act for them while they are away" in shown
    assert "As itself, while nobody is signed in, it will be able to Read your organization" in shown
    assert back == {"code": back["code"], "state": ODD_STATE, "iss": door.ctx.issuer}
    assert authorized(door) == {door.made.key: frozenset(SCOPES.split())}
    status, answer = door.redeem(back["code"])
    assert (status, answer["scope"]) == (200, "openid")
    assert door.assert_for(SAM)[0] == 200
    assert door.assert_for(None, scope="organization_read")[0] == 200


def test_denying_is_said_to_the_app(door: Door) -> None:
    """`access_denied` with the state byte for byte, and nothing is allowed."""
    browser = door.browser(CY)
    denied = press(browser, browser.open(asking(door)), "deny")

    assert (told(denied)["error"], told(denied)["state"]) == ("access_denied", ODD_STATE)
    assert urlencode({"state": ODD_STATE}) in denied.location
    assert authorized(door) == {}


def test_the_page_comes_always(door: Door) -> None:
    """What was allowed before is asked again: it is a decision of its own each time."""
    browser = door.browser(CY)
    press(browser, browser.open(asking(door)), "allow")

    assert browser.open(asking(door)).heading == "Allow Stranger's helper for all of Acme Group?"


def test_a_stale_sign_in_is_renewed_first(door: Door) -> None:
    """After ten minutes the sign-in page comes first; what was open meanwhile counts for nothing."""
    browser = door.browser(CY)
    page = browser.open(asking(door))
    door.town.clock.advance(minutes=10, seconds=1)
    late = press(browser, page, "allow")

    assert (late.status, late.heading) == (200, "Sign in")
    assert authorized(door) == {}
    assert browser.open(asking(door)).heading == "Sign in"
    assert again(browser, late, CY).heading == "Allow Stranger's helper for all of Acme Group?"


@pytest.mark.parametrize("person", [ADA, SAM])
def test_whoever_administers_no_organization_is_sent_back(door: Door, person: Person) -> None:
    """An account's admin is no organization's admin; the app learns that it was denied."""
    page = door.browser(person).ask("GET", asking(door))

    assert (told(page)["error"], told(page)["state"]) == ("access_denied", ODD_STATE)


def test_nobody_speaks_for_a_foreign_organization(door: Door) -> None:
    """A forged organization in the form is refused, and nothing is allowed."""
    theirs = _second(door, MALLORY)
    browser = door.browser(CY)
    page = press(browser, browser.open(asking(door)), "allow", organization=theirs)

    assert page.status == 422
    assert authorized(door, theirs, MALLORY) == {}


def test_who_administers_several_chooses(door: Door) -> None:
    """Each stands there with whom it covers; without a choice nothing is allowed."""
    theirs = _second(door, CY)
    browser = door.browser(CY)
    page = browser.open(asking(door))
    nothing = press(browser, page, "allow")
    back = press(browser, page, "allow", organization=theirs)

    assert page.heading == "Allow Stranger's helper for an organization?"
    assert [node.get("value") for node in page.main.all("input")] == [ORGANIZATION["demo"], theirs]
    assert nothing.status == 422
    assert "code" in told(back)
    assert (authorized(door), len(authorized(door, theirs))) == ({}, 1)


def _second(door: Door, person: Person) -> str:
    guid, founder = new_guid(), accounts.load_user(door.ctx, person.demo)
    accounts.create_organization(door.ctx, "Second Group", founder, [STRANGE.demo], "strange.example", guid)
    return guid


def test_an_organization_without_a_domain_is_told_so(door: Door) -> None:
    """The page says that nobody is covered yet."""
    changed(door.ctx, "UPDATE domains SET state = 'pending'")

    assert "nobody yet, for Acme Group has no active claimed domain" in door.browser(CY).open(asking(door)).main.text


NOT_ASKED_WELL = [
    {"scope": "signature"},
    {"scope": "openid signature"},
    {"response_type": "token"},
    {"response_type": "id_token", "nonce": "n"},
    {"admin_consent_scope": "sig\tnature"},
    {"admin_consent_scope": "  "},
]


@pytest.mark.parametrize("parameters", NOT_ASKED_WELL)
def test_it_is_asked_beside_a_plain_sign_in_only(door: Door, parameters: dict[str, str]) -> None:
    """A code for `openid`, and scopes that are some; anything else is said to the app as a bad scope."""
    page = door.browser(CY).ask("GET", asking(door, **parameters))
    parts = urlsplit(page.location)
    back = dict(parse_qsl(parts.query or parts.fragment))

    assert (back["error"], back["state"]) == ("invalid_scope", ODD_STATE)


def test_nothing_is_shown_for_prompt_none(door: Door) -> None:
    """Signed in or not, the app is told that somebody must be asked."""
    errors = [told(browser.ask("GET", asking(door, prompt="none")))["error"] for browser in _two(door)]

    assert errors == ["consent_required", "login_required"]


def _two(door: Door) -> list[Browser]:
    return [door.browser(CY), door.browser()]


def test_doubled_it_is_refused(door: Door) -> None:
    """Sent twice, nobody is asked, and the app is told."""
    page = door.browser(CY).ask("GET", asking(door) + "&admin_consent_scope=openid")

    assert told(page)["error"] == "invalid_request"


def test_another_site_cannot_allow(door: Door) -> None:
    """A form of another site is refused."""
    path = asking(door).replace("/oauth/auth", "/oauth/consent")
    form = f"decision=allow&organization={quote(ORGANIZATION['demo'])}"
    browser = door.browser(CY)

    assert browser.ask("POST", path, form, **{"Sec-Fetch-Site": "cross-site"}).status == 403
    assert authorized(door) == {}


def test_a_covered_user_is_led_straight_back(door: Door) -> None:
    """Whoever the organization covers sees no consent page; who is not covered, or asked for more, sees it."""
    browser = door.browser(CY)
    press(browser, browser.open(asking(door)), "allow")
    sam = door.browser(SAM)

    assert "code" in told(sam.ask("GET", door.asking()))
    assert sam.open(door.asking(scope="signature own.scope")).heading == "Allow Stranger's helper to act for you?"
    assert sam.open(door.asking(scope="organization_read")).heading == "Allow Stranger's helper to act for you?"
    assert door.browser(MALLORY).open(door.asking()).heading == "Allow Stranger's helper to act for you?"
