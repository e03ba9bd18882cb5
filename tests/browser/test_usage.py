"""Can a person read how the API is used, on a desk and on a phone?"""

from pathlib import Path

from playwright.sync_api import BrowserContext, Page, expect

from keysteward.twin import cast
from tests.browser.fitting import demand_no_sideways
from tests.browser.test_walk import add_secret_and_redirect_uri, create_app, make_calls, sign_in
from tests.twin.running import Twin


def test_usage_is_read_narrowed_and_followed_to_a_call(twin: Twin, window: BrowserContext, screenshots: Path) -> None:
    """Ada looks at her account, narrows an app's usage to what failed, and opens a call with its curl line."""
    page = window.new_page()
    sign_in(page, twin.demo)
    key = create_app(page, twin.demo)
    make_calls(page, twin.demo, key, add_secret_and_redirect_uri(page, twin.demo, key), 4)
    look(page, f"{twin.demo.origin}/account/usage?period=30d", screenshots, "usage-account")
    expect(page.get_by_role("img", name="Calls of")).to_be_visible()
    page.goto(f"{twin.demo.origin}/apps/{key}/usage")
    page.get_by_label("Time", exact=True).select_option("24 hours")
    page.get_by_label("Status", exact=True).select_option("Succeeded")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("main")).to_contain_text("of 3,000 this hour")
    assert "period=24h" in page.url
    page.get_by_role("link", name="Single calls").click()
    look(page, page.url, screenshots, "usage-calls")
    page.locator("td a").first.click()
    expect(page.locator("main")).to_contain_text("curl --globoff")
    look(page, page.url, screenshots, "usage-call")
    look(page, f"{twin.demo.origin}/apps/{cast.TOOLBOX}/usage?period=90d", screenshots, "usage-app")


def look(page: Page, address: str, screenshots: Path, name: str) -> None:
    """Open a page, see that it fits the window, and keep a picture."""
    page.goto(address)
    demand_no_sideways(page)
    width = page.viewport_size["width"] if page.viewport_size else 0
    page.screenshot(path=screenshots / f"{name}-{width}.png", full_page=True)
