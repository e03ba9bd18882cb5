"""How does somebody look after their own sign-in in the console?"""

import re
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from keysteward.actions import signin
from keysteward.actions.context import Context
from keysteward.rules.refusals import NO_SUCH_OBJECT
from tests.authenticator import Authenticator
from tests.cast import ADA, BO, PASSWORD, UNKNOWN, Town
from tests.factors import add_app, add_passkey, code_of
from tests.web.pages.browsing import Browser, Page, Street

ANOTHER = "another correct horse battery"


def letters_of(page: Page) -> str:
    """The secret that a page shows for an authenticator app."""
    return next(node.text for node in page.main.all("code"))


def options_of(page: Page) -> str:
    """What a page asks the browser for a passkey with."""
    return next(form.get("data-options") for form in page.main.all("form") if form.get("data-passkey"))


def field_error(page: Page, name: str) -> str:
    """The sentence at a field that no label names."""
    node = page.by_id(f"field-{name}-error")
    return node.text if node and "hidden" not in node.attributes else ""


# ── the page ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_page_says_where_somebody_is_signed_in(street: Street, ada: Browser) -> None:
    """Every session with its browser and address, this one marked; the menu leads there."""
    street.signed_in(ADA)
    street.signed_in(BO)
    page = ada.open("/security")

    assert page.heading == "Security"
    assert page.main.text.count("This browser") == 1
    assert page.main.text.count("From 127.0.0.1") == 2
    assert any(link.get("href") == "/security" for link in page.root.all("a"))


def test_one_session_is_ended_from_another(street: Street, ada: Browser) -> None:
    """The other browser is signed out, and a second press is told that it is gone."""
    other = street.signed_in(ADA)
    page = ada.open("/security")
    (action,) = [form.get("action") for form in page.main.all("form") if form.get("action").endswith("/end")]
    done = ada.send(page, action)
    again = ada.send(page, action)

    assert "Session ended" in ada.open(done.location).notice
    assert (again.status, again.notice.startswith("There is no such session")) == (NO_SUCH_OBJECT.status, True)
    assert other.ask("GET", "/apps").location == "/signin?next=%2Fapps&reason=expired"


def test_all_other_sessions_are_ended(street: Street, ada: Browser) -> None:
    """Only this browser is still signed in."""
    others = [street.signed_in(ADA) for _ in range(2)]
    done = ada.send(ada.open("/security"), "/security/sessions/end-others")

    assert "Only this browser is still signed in." in ada.open(done.location).notice
    assert [other.ask("GET", "/").status for other in others] == [303, 303]
    assert ada.open("/security").forms("/security/sessions/end-others") == []


# ── a fresh sign-in ─────────────────────────────────────────────────────────────────────────────────────────────────
DANGEROUS = ["/security/password", "/security/authenticator-app", "/security/passkeys"]


@pytest.mark.parametrize("path", DANGEROUS)
def test_a_dangerous_page_asks_who_it_is_and_goes_on(ada: Browser, town: Town, path: str) -> None:
    """After ten minutes the password is asked for, and then the page is shown; a wrong one is said at its field."""
    town.clock.advance(minutes=11)
    asked = ada.open(path)
    wrong = ada.send(asked, "/security/confirm", password="wrong")
    right = ada.send(wrong, "/security/confirm", password=PASSWORD)

    assert (asked.heading, wrong.status) == ("Confirm that it is you", 401)
    assert "do not match" in wrong.error_at("password")
    assert (right.status, right.location) == (303, path)
    assert ada.ask("GET", path).status == 200


def test_a_dangerous_form_leads_back_to_its_page(ada: Browser, town: Town) -> None:
    """Whoever presses too late confirms, and finds the form again."""
    town.clock.advance(minutes=11)
    late = ada.ask("POST", "/security/sessions/end-others", [])

    assert late.location == "/security/confirm?next=%2Fsecurity%3Fdone%3Dconfirmed"


def test_confirming_leads_to_no_other_site(ada: Browser) -> None:
    """Where to go afterwards is a path of this origin, or home."""
    fields = [("password", PASSWORD), ("next", "https://evil.example/")]

    assert ada.ask("POST", "/security/confirm", fields).location == "/"


def test_a_passkey_confirms_too(ada: Browser, town: Town) -> None:
    """In the place of the password."""
    key = add_passkey(town.demo, town.actor(ADA))
    town.clock.advance(minutes=11)
    onward = ("next", "/security/password")
    asked = ada.open("/security/password")
    wrong = ada.ask("POST", "/security/confirm", [("passkey", "{}"), onward])
    done = ada.ask("POST", "/security/confirm", [("passkey", key.prove(options_of(asked))), onward])

    assert "could not be checked" in field_error(wrong, "passkey")
    assert done.location == "/security/password"
    assert ada.ask("GET", "/security/password").status == 200


# ── the password ────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_password_is_changed(street: Street, ada: Browser) -> None:
    """One that is too short is said at its field; then the new one is good and other browsers are out."""
    other = street.signed_in(ADA)
    page = ada.open("/security/password")
    short = ada.send(page, "/security/password", password="short")
    done = ada.send(short, "/security/password", password=ANOTHER)

    assert (short.status, short.error_at("password")) == (422, "Choose 12 to 200 characters.")
    assert "Password changed" in ada.open(done.location).notice
    assert other.ask("GET", "/").status == 303
    assert street.browser().sign_in(ADA, ANOTHER).status == 303


# ── an authenticator app ────────────────────────────────────────────────────────────────────────────────────────────
def test_an_app_is_added_and_asked_for(street: Street, ada: Browser, town: Town) -> None:
    """The code proves the app, recovery codes are shown once, and the next sign-in takes two steps."""
    page = ada.open("/security/authenticator-app")
    letters = letters_of(page)
    wrong = ada.send(page, "/security/authenticator-app", code="000000")
    made = ada.send(wrong, "/security/authenticator-app", code=code_of(letters, town.clock.seconds()))
    town.clock.advance(seconds=30)
    browser = street.browser()
    first = browser.sign_in(ADA)
    second = browser.open(first.location)

    assert (wrong.error_at("code")[:21], letters_of(wrong)) == ("That code is not good", letters)
    assert (made.status, made.heading) == (201, "Recovery codes")
    assert len(re.findall(r"\b[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}\b", made.main.text)) == 10
    assert (first.location, second.heading) == ("/signin/second?next=%2F", "Second step")
    assert browser.ask("GET", "/").status == 303
    done = browser.send(second, "/signin/second", code=code_of(letters, town.clock.seconds()))
    assert (done.location, browser.open("/").status) == ("/", 200)


def test_the_second_step_says_what_was_wrong(street: Street, town: Town) -> None:
    """At its field; after five tries one begins again, and goes on to where one wanted to go."""
    add_app(town.demo, town.actor(ADA))
    browser = street.browser()
    page = browser.open("/apps")
    page = browser.open(browser.send(page, "/signin", email=ADA.email, password=PASSWORD).location)
    for _ in range(4):
        page = browser.send(page, "/signin/second", code="000000")
        assert (page.status, page.error_at("code")[:21]) == (401, "That code is not good")
    over = browser.send(page, "/signin/second", code="000000")
    again = browser.open(over.location)

    assert "That sign-in is over" in again.main.text
    assert again.forms("/signin")[0].all("input")[0].get("value") == "/apps"


def test_a_second_step_without_a_first_begins_again(street: Street, ada: Browser) -> None:
    """Opened or sent by whoever has no first step, signed in or not."""
    for browser in (street.browser(), ada):
        for page in (browser.ask("GET", "/signin/second?next=/apps"), browser.ask("POST", "/signin/second", [])):
            assert parse_qs(urlsplit(page.location).query)["reason"] == ["over"]


def test_the_app_is_removed(ada: Browser, town: Town) -> None:
    """And then it is not there to be removed."""
    add_app(town.demo, town.actor(ADA))
    page = ada.open("/security")
    done = ada.send(page, "/security/authenticator-app/remove")
    again = ada.send(page, "/security/authenticator-app/remove")

    assert "Authenticator app removed" in ada.open(done.location).notice
    assert (again.status, "There is no such authenticator app" in again.notice) == (404, True)


def test_a_late_setup_begins_again(ada: Browser, town: Town) -> None:
    """A draft that is too old, or made up, is refused above the page."""
    ada.open("/security/authenticator-app")
    stale = ada.ask("POST", "/security/authenticator-app", [("draft", "made up"), ("code", "000000")])

    assert (stale.status, "took too long" in stale.notice) == (409, True)


# ── recovery codes ──────────────────────────────────────────────────────────────────────────────────────────────────
def test_new_recovery_codes_are_shown_once(ada: Browser, town: Town) -> None:
    """A reload makes no second set."""
    _, old = add_app(town.demo, town.actor(ADA))
    page = ada.open("/security")
    made = ada.send(page, "/security/recovery-codes")
    again = ada.send(page, "/security/recovery-codes")

    assert "10 of 10 left" in page.main.text
    assert (made.status, again.status) == (201, 409)
    assert old[0] not in made.main.text


# ── passkeys ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_passkey_is_added_used_and_removed(street: Street, ada: Browser, town: Town) -> None:
    """The browser's answer makes it, the next sign-in asks for it, and then it goes."""
    page, key = ada.open("/security/passkeys"), Authenticator(town.demo.origin)
    nameless = ada.send(page, "/security/passkeys", name=" ", passkey=key.register(options_of(page)))
    made = ada.send(nameless, "/security/passkeys", name="Blue key", passkey=key.register(options_of(nameless)))
    browser = street.browser()
    second = browser.open(browser.sign_in(ADA).location)
    wrong = browser.ask("POST", "/signin/second", [("passkey", "{}"), ("next", "/apps")])
    proof = key.prove(options_of(second))
    done = browser.ask("POST", "/signin/second", [("passkey", proof), ("next", "/apps")])

    assert (nameless.status, bool(nameless.error_at("name"))) == (422, True)
    assert (made.status, made.heading) == (201, "Recovery codes")
    assert "could not be checked" in field_error(wrong, "passkey")
    assert (done.location, browser.ask("GET", "/apps").status) == ("/apps", 200)
    page = ada.open("/security")
    (remove,) = [form.get("action") for form in page.main.all("form") if "/passkeys/" in form.get("action")]
    assert "Passkey removed" in ada.open(ada.send(page, remove).location).notice
    assert "Blue key" not in ada.open("/security").main.text


def test_a_second_passkey_brings_no_codes(ada: Browser, town: Town) -> None:
    """They came with the first factor."""
    add_app(town.demo, town.actor(ADA))
    page, key = ada.open("/security/passkeys"), Authenticator(town.demo.origin)
    done = ada.send(page, "/security/passkeys", name="Blue key", passkey=key.register(options_of(page)))

    assert "Passkey added" in ada.open(done.location).notice


def test_passkeys_need_no_inline_script(ada: Browser) -> None:
    """The policy of the page stays as strict as everywhere, and the script is a file of ours."""
    page = ada.open("/security/passkeys")

    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert all(node.get("src").startswith("/static/") for node in page.root.all("script"))


# ── personal access tokens ──────────────────────────────────────────────────────────────────────────────────────────
def test_a_token_is_made_shown_once_and_revoked(ada: Browser, town: Town) -> None:
    """With its permissions and days; a reload makes no second one."""
    page = ada.open("/security/tokens")
    typed: dict[str, str | list[str]] = {"name": "Build server", "days": "7", "permissions": ["account:key:read"]}
    made = ada.send(page, "/security/tokens", **typed)
    again = ada.send(page, "/security/tokens", **typed)
    value = re.search(r"kst_[\w-]{49}", made.main.text)
    assert value
    actor = signin.recognize(town.demo, value[0])

    assert (made.status, made.heading, again.status) == (201, "Token created", 409)
    assert (actor.user, actor.permissions) == (ADA.demo, frozenset({"account:key:read"}))
    listed = ada.open("/security/tokens")
    assert listed.main.text.count("Build server") > 0
    (revoke,) = [form.get("action") for form in listed.main.all("form") if form.get("action").endswith("/revoke")]
    assert "Token revoked" in ada.open(ada.send(listed, revoke).location).notice
    assert ada.send(listed, revoke).status == 404


@pytest.mark.parametrize(("typed", "field"), [
    ({"name": " "}, "name"),
    ({"days": "0"}, "days"),
    ({"days": "91"}, "days"),
    ({"days": "many"}, "days"),
    ({"permissions": []}, "permissions"),
    ({"permissions": ["account:key:steal"]}, "permissions"),
])  # fmt: skip
def test_a_wrong_field_is_said(ada: Browser, typed: dict[str, str | list[str]], field: str) -> None:
    """At the field, and what was typed stays."""
    right: dict[str, str | list[str]] = {"name": "CI", "days": "7", "permissions": ["account:key:read"]}
    page = ada.send(ada.open("/security/tokens"), "/security/tokens", **(right | typed))

    assert (page.status, bool(field_error(page, field))) == (422, True)
    assert page.value("days") == (right | typed)["days"]


def test_a_token_needs_a_fresh_sign_in(ada: Browser, town: Town) -> None:
    """The list does not."""
    town.clock.advance(minutes=11)
    page = ada.open("/security/tokens")

    assert page.heading == "Personal access tokens"
    assert ada.send(page, "/security/tokens", name="CI").location.startswith("/security/confirm?next=")


# ── where policy wants a second factor ──────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def strict(town: Town) -> Context:
    """Demo, where admins need a second factor."""
    town.demo.in_force.policy = replace(town.demo.policy, second_factor="admins")
    return town.demo


def test_an_admin_without_a_second_factor_adds_one_first(strict: Context, ada: Browser, town: Town) -> None:
    """Every page leads to Security until then; the API says what is missing; afterwards all is open."""
    closed = ("/", "/apps", "/security/tokens")
    assert [ada.ask("GET", path).location for path in closed] == ["/security"] * 3
    assert [ada.ask("POST", path, []).location for path in closed[1:]] == ["/security"] * 2
    assert [ada.ask("GET", path).status for path in ("/signin", "/oauth/logout", "/help/refusals")] == [303, 200, 200]
    page = ada.open("/")
    assert "Add a second factor to go on" in page.main.text
    asked = ada.ask("GET", "/api/v1/me")
    assert asked.status == 403
    add_app(strict, town.actor(ADA))
    assert ada.ask("GET", "/apps").status == 200


@pytest.mark.parametrize("path", ["/security/sessions/x/end", f"/security/passkeys/{UNKNOWN}/remove",
                                  f"/security/tokens/{UNKNOWN}/revoke"])  # fmt: skip
def test_what_is_not_there_is_said_kindly(ada: Browser, path: str) -> None:
    """With the page around it."""
    page = ada.ask("POST", path, [])

    assert (page.status, page.notice.startswith("There is no such")) == (404, True)
    assert ada.ask("GET", path).location == ("/security/tokens" if "tokens" in path else "/security")
