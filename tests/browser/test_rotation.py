"""Can a person rotate a secret key in a real browser, see who still uses the old one, and replace a leaked one?"""

from pathlib import Path

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.fitting import demand_no_sideways
from tests.browser.test_walk import add_secret_and_redirect_uri, create_app, make_calls, sign_in
from tests.twin.running import Place, Twin


def test_a_leaked_secret_is_replaced_by_hand(twin: Twin, window: BrowserContext, screenshots: Path) -> None:
    """Ada adds a secret key with expiry and reason, says that the old one leaked, and reads what became of it."""
    page = window.new_page()
    sign_in(page, twin.demo)
    key = create_app(page, twin.demo)
    add_secret(page, twin.demo, key, "In 90 days", "For the first release.")
    leaked = add_secret_and_redirect_uri(page, twin.demo, key)
    make_calls(page, twin.demo, key, leaked, 1)
    leak(page, twin.demo, key, leaked)
    page.goto(f"{twin.demo.origin}/apps/{key}/authentication#secrets")
    secrets = page.locator("#secrets")
    expect(secrets).to_contain_text("Leaked")
    expect(secrets).to_contain_text("ago by python-requests")
    secrets.get_by_text("Still used by 1 program").first.click()
    expect(secrets).to_contain_text("For the first release.")
    expect(page.locator("main")).to_contain_text("It dies")
    demand_no_sideways(page)
    for label in secrets.get_by_text("Expiry and reason").all():
        label.click()
    width = page.viewport_size["width"] if page.viewport_size else 0
    page.screenshot(path=screenshots / f"rotation-{width}.png", full_page=True)
    demand_no_sideways(page)


def add_secret(page: Page, demo: Place, key: str, expires: str, reason: str) -> None:
    """Add a secret key by the form, with what may be said of it."""
    page.goto(f"{demo.origin}/apps/{key}/authentication")
    section = page.locator("#secrets")
    section.get_by_text("Expiry and reason").click()
    section.get_by_label("Expires").select_option(expires)
    section.get_by_label("Reason").fill(reason)
    section.get_by_role("button", name="Add Secret Key").click()
    expect(page.locator("main")).to_contain_text("kss_")


def leak(page: Page, demo: Place, key: str, secret: str) -> None:
    """Say that a secret key leaked, and give it an hour."""
    page.goto(f"{demo.origin}/apps/{key}/authentication")
    item = page.locator("#secrets li", has_text=f"•••• {secret[-4:]}")
    item.get_by_text("It leaked").click()
    item.get_by_label("The old one dies").select_option("In 1 hour")
    item.get_by_label("What happened").fill("It stood in a public log.")
    item.get_by_role("button", name="Replace it").click()
    expect(page.locator("h1")).to_contain_text("Secret key added")
