"""Does a person find in the audit log what was done, and take it along, on a desk and on a phone?"""

from pathlib import Path

from playwright.sync_api import BrowserContext, expect

from tests.browser.fitting import demand_no_sideways
from tests.browser.test_usage import look
from tests.browser.test_walk import create_app, sign_in
from tests.twin.running import Twin


def test_the_audit_log_is_searched_and_taken_along(twin: Twin, window: BrowserContext, screenshots: Path) -> None:
    """Ada narrows it by kind, opens an event, downloads the table, and then everything that is held on her."""
    page = window.new_page()
    sign_in(page, twin.demo)
    key = create_app(page, twin.demo)
    look(page, f"{twin.demo.origin}/audit", screenshots, "audit")
    page.get_by_label("What was done").select_option("Key created")
    page.get_by_label("Integration key").fill(key)
    page.locator("main").get_by_role("button", name="Search").click()
    expect(page.locator("td .title")).to_have_text(["Key created"])
    page.locator("td summary").click()
    expect(page.locator("td .facts")).to_contain_text(key)
    demand_no_sideways(page)
    width = page.viewport_size["width"] if page.viewport_size else 0
    page.screenshot(path=screenshots / f"audit-found-{width}.png", full_page=True)
    with page.expect_download() as downloading:
        page.get_by_role("link", name="Download CSV").click()
    assert "KeyCreated" in Path(downloading.value.path()).read_text()
    page.goto(f"{twin.demo.origin}/security")
    with page.expect_download() as downloading:
        page.get_by_role("link", name="Download your data").click()
    assert '"tables":{' in Path(downloading.value.path()).read_text()
