"""Can somebody replace a key from the first form to bringing the old one back, on a desk and on a phone?"""

from pathlib import Path

from docusign_esign.client.configuration import Configuration
from playwright.sync_api import BrowserContext, Page, expect

from keysteward.twin import cast
from tests.browser.test_usage import look
from tests.browser.test_walk import sign_in
from tests.journeys.story import Story
from tests.twin.running import Twin

OLD = cast.TOOLBOX


def test_a_key_is_replaced_and_comes_back(twin: Twin, window: BrowserContext, screenshots: Path) -> None:
    """Named in demo, live in production, cut over, retired, brought back; every page of the way fits its window."""
    Configuration().ssl_ca_cert = str(twin.demo.ca_file)
    page, demo, origin = window.new_page(), twin.demo.origin, twin.production.origin
    sign_in(page, twin.production)
    look(page, f"{origin}/apps/{OLD}/replacement", screenshots, "replacement-guide")
    look(page, f"{origin}/members/recovery-contacts", screenshots, "recovery-contacts")
    sign_in(page, twin.demo)
    look(page, f"{demo}/apps/new?predecessor={OLD}", screenshots, "replacement-new")
    new = create(page)
    story = Story(twin)
    story.key = new
    story.go_live()
    story.consent("production")
    story.impersonate("production").create(3)

    at = f"{origin}/replacements/{new}"
    look(page, f"{origin}/replacements", screenshots, "replacements")
    look(page, f"{origin}/replacements/{OLD}", screenshots, "replacement-proof")
    look(page, at, screenshots, "replacement")
    if page.get_by_label("I know what still uses it").count():
        page.get_by_label("I know what still uses it").check()
    page.get_by_role("button", name="Retire the old key").click()
    expect(page.locator("main")).to_contain_text("is retired")
    look(page, at, screenshots, "replacement-retired")
    page.get_by_role("button", name="Bring the key back").click()
    expect(page.locator("main")).to_contain_text("brought back")


def create(page: Page) -> str:
    """Fill in the form that is open, and say which key came of it."""
    page.get_by_label("App Name").fill("New toolbox")
    page.get_by_label("Contact").fill("team@northwind.example")
    page.get_by_label("Why").fill("Nobody is left.")
    page.get_by_role("button", name="Create App").click()
    expect(page.locator("main")).to_contain_text("This key replaces another")
    return page.url.partition("?")[0].rpartition("/")[2]
