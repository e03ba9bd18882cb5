"""Does a real browser make a passkey, sign in with it, and show what its owner has to see?"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from keysteward.twin import cast
from tests.browser.fitting import demand_no_sideways
from tests.browser.test_walk import fill_sign_in, sign_in
from tests.factors import code_of
from tests.twin.running import Twin

KEY = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


@pytest.fixture
def page(window: BrowserContext, twin: Twin) -> Iterator[Page]:
    """A page of a browser that holds a security key, of which nothing may complain."""
    page = window.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    devtools = window.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})
    yield page
    assert [line for line in complaints if "Content Security Policy" in line] == []


def picture(page: Page, screenshots: Path, name: str) -> None:
    """Keep a picture, of a page that does not scroll sideways."""
    width = page.viewport_size["width"] if page.viewport_size else 0
    page.screenshot(path=screenshots / f"{name}-{width}.png", full_page=True)
    demand_no_sideways(page)


def remove(page: Page, what: str) -> None:
    """Open the question below an entry, and answer yes."""
    entry = page.locator("li", has_text=what).first
    entry.locator("summary").click()
    entry.locator("button[type=submit]").click()


def test_a_passkey_from_first_to_last(twin: Twin, page: Page, window: BrowserContext, screenshots: Path) -> None:
    """Ada adds one, signs in with it, confirms with it what is dangerous, and removes it."""
    demo = twin.demo
    sign_in(page, demo)
    page.goto(f"{demo.origin}/security/passkeys")
    picture(page, screenshots, "passkey")
    page.get_by_label("Name").fill("Blue laptop")
    page.get_by_role("button", name="Add passkey").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    picture(page, screenshots, "recovery-codes")
    page.get_by_role("link", name="I have stored them").click()
    expect(page.locator("#second-factor")).to_contain_text("Blue laptop")
    picture(page, screenshots, "security")

    window.clear_cookies()
    page.goto(f"{demo.origin}/security")
    fill_sign_in(page)
    expect(page.get_by_role("heading", name="Second step")).to_be_visible()
    picture(page, screenshots, "second-step")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(f"{demo.origin}/security")

    page.goto(f"{demo.origin}/security/confirm?next=/security/password")
    picture(page, screenshots, "confirm")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", name="Change password")).to_be_visible()
    picture(page, screenshots, "password")
    page.goto(f"{demo.origin}/security")
    remove(page, "Blue laptop")
    expect(page.locator("main")).to_contain_text("Passkey removed")


def test_a_refusal_of_the_device_is_said(twin: Twin, page: Page, window: BrowserContext) -> None:
    """Where the device has a passkey already, the page says so and nothing is sent."""
    demo = twin.demo
    sign_in(page, demo)
    page.goto(f"{demo.origin}/security/passkeys")
    page.get_by_label("Name").fill("First")
    page.get_by_role("button", name="Add passkey").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    page.goto(f"{demo.origin}/security/passkeys")
    page.get_by_label("Name").fill("Second")
    page.get_by_role("button", name="Add passkey").click()
    expect(page.locator("[data-failed]")).to_contain_text("This device has a passkey for you already.")
    page.goto(f"{demo.origin}/security")
    remove(page, "First")
    expect(page.locator("main")).to_contain_text("Passkey removed")


def test_an_app_is_scanned_and_typed(twin: Twin, page: Page, window: BrowserContext, screenshots: Path) -> None:
    """The letters beside the picture are those of the code; an app on the way to an API asks for it too."""
    demo = twin.demo
    sign_in(page, demo)
    page.goto(f"{demo.origin}/security/authenticator-app")
    picture(page, screenshots, "authenticator-app")
    letters = page.locator(".scan code").inner_text()
    page.get_by_label("Code", exact=True).fill(code_of(letters, machine_seconds(page) - 30))
    page.get_by_role("button", name="Add authenticator app").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()

    window.clear_cookies()
    page.route("http://localhost:3000/**", lambda route: route.fulfill(body="the app"))
    page.goto(
        f"{demo.origin}/oauth/auth?response_type=code&scope=signature&client_id={cast.TOOLBOX}"
        "&redirect_uri=http://localhost:3000/ds/callback"
    )
    fill_sign_in(page)
    page.get_by_label("Code").fill(code_of(letters, machine_seconds(page)))
    picture(page, screenshots, "second-step-app")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("the app").first).to_be_visible()
    page.goto(f"{demo.origin}/security")
    remove(page, "Authenticator app")
    expect(page.locator("main")).to_contain_text("Authenticator app removed")


def test_a_token_is_made_and_shown(twin: Twin, page: Page, screenshots: Path) -> None:
    """On pages that fit their window."""
    sign_in(page, twin.demo)
    page.goto(f"{twin.demo.origin}/security/tokens")
    page.get_by_role("textbox", name="Name").fill("Build server")
    page.get_by_label("See the account's integration").check()
    picture(page, screenshots, "tokens")
    page.get_by_role("button", name="Create token").click()
    expect(page.locator("main")).to_contain_text("kst_")
    picture(page, screenshots, "token-created")


def machine_seconds(page: Page) -> float:
    """What time it is for a phone."""
    return float(page.evaluate("Date.now() / 1000"))
