"""Does the way to an app lead over the second step, too?"""

from dataclasses import replace

from tests.authenticator import Authenticator
from tests.cast import ADA, PASSWORD
from tests.factors import add_app, add_passkey, code_of
from tests.web.oauth.conftest import Door
from tests.web.oauth.test_authorize import allow, back
from tests.web.pages.browsing import Browser, Page
from tests.web.pages.test_security import options_of


def first(door: Door, **parameters: str) -> tuple[Browser, Page]:
    """A browser that said Ada's password on the way to an app, and where it is led."""
    browser = door.browser()
    page = browser.open(door.asking(state="s", **parameters))
    (form,) = page.root.all("form")
    return browser, browser.ask("POST", form.get("action"), [("email", ADA.email), ("password", PASSWORD)])


def action_of(page: Page) -> str:
    """Where the forms of a page post."""
    return page.root.all("form")[0].get("action")


def test_a_code_stands_between_password_and_app(door: Door) -> None:
    """No code of the app is issued before; the page names the app and may lead to it."""
    letters, _ = add_app(door.ctx, door.town.actor(ADA))
    door.town.clock.advance(seconds=30)
    browser, led = first(door)
    second = browser.open(led.location)
    assert (second.heading, "Lease signer" in second.main.text) == ("Second step", True)
    assert "form-action 'self' https://app.example.com" in second.headers["Content-Security-Policy"]
    assert browser.open(door.asking()).heading == "Sign in"

    wrong = browser.ask("POST", action_of(second), [("code", "000000")])
    done = browser.ask("POST", action_of(wrong), [("code", code_of(letters, door.town.clock.seconds()))])
    told = back(allow(browser, browser.open(done.location)))

    assert wrong.error_at("code").startswith("That code is not good")
    assert (told["state"], door.redeem(told["code"])[0]) == ("s", 200)


def test_a_passkey_will_do(door: Door) -> None:
    """In the place of a code."""
    key: Authenticator = add_passkey(door.ctx, door.town.actor(ADA))
    browser, led = first(door)
    second = browser.open(led.location)
    done = browser.ask("POST", action_of(second), [("passkey", key.prove(options_of(second)))])

    assert "code" in back(allow(browser, browser.open(done.location)))


def test_who_signs_in_anew_is_not_asked_in_a_circle(door: Door) -> None:
    """`prompt=login` is satisfied by both steps together."""
    _, codes = add_app(door.ctx, door.town.actor(ADA))
    browser, led = first(door, prompt="login")
    second = browser.open(led.location)
    done = browser.ask("POST", action_of(second), [("code", codes[0])])

    assert browser.open(done.location).heading == "Allow Lease signer to act for you?"


def test_a_second_step_that_is_over_begins_again(door: Door) -> None:
    """With the same request, however it is opened or sent."""
    browser = door.browser()
    path = door.asking(state="s").replace("/oauth/auth?", "/oauth/signin/second?")
    for method in ("GET", "POST"):
        led = browser.ask(method, path, [])
        assert led.location == door.asking(state="s")


def test_an_admin_who_lacks_a_factor_is_not_shown_anything_for_prompt_none(door: Door) -> None:
    """The app is told, as of anybody whose sign-in will not do."""
    door.ctx.in_force.policy = replace(door.ctx.policy, second_factor="admins")
    told = back(door.browser(ADA).ask("GET", door.asking(prompt="none")))

    assert told["error"] == "login_required"
