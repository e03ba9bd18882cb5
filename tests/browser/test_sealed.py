"""Can two people take a sealed credential out of the console, on a desk and on a phone?"""

from pathlib import Path

from playwright.sync_api import BrowserContext, expect

from keysteward.twin import cast
from tests.browser.test_transfers import become
from tests.browser.test_usage import look
from tests.browser.test_walk import create_app, sign_in
from tests.recovering import opened, pair
from tests.twin.running import Twin


def test_a_sealed_secret_comes_back(twin: Twin, window: BrowserContext, screenshots: Path) -> None:
    """Ada seals and asks, a second admin approves, Ada downloads; every page of the way fits its window."""
    page, origin = window.new_page(), twin.demo.origin
    whose = pair(str(page.viewport_size))
    sign_in(page, twin.demo)
    key = create_app(page, twin.demo)
    page.goto(f"{origin}/custody/sealed")
    page.get_by_label("Label").fill("Safe in the Oslo office")
    page.get_by_label("Public key", exact=True).fill(whose.public_key)
    page.get_by_role("button", name="Add recipient").click()
    expect(page.get_by_role("status").first).to_contain_text("Recipient added")
    page.goto(f"{origin}/apps/{key}/authentication")
    page.get_by_role("button", name="Add Secret Key").click()
    expect(page.locator("main")).to_contain_text("Sealed to")
    value = page.locator(".is-secret code").first.inner_text()
    look(page, f"{origin}/custody/sealed", screenshots, "sealed")
    page.locator("summary", has_text="Ask for it").first.click()
    page.get_by_label("Reason").first.fill("The vault burned down.")
    page.get_by_role("button", name="Ask for the").first.click()
    expect(page.get_by_role("status").first).to_contain_text("Asked")
    at = page.url.partition("?")[0]

    become(page, origin, cast.others("demo")[0].email)
    look(page, at, screenshots, "release-waiting")
    page.get_by_role("button", name="Approve").click()
    become(page, origin, cast.ada("demo").email)
    look(page, at, screenshots, "release-approved")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Download").click()
    assert opened(saved.value.path().read_bytes(), whose) == value
    look(page, f"{origin}/custody/drills", screenshots, "drills")
