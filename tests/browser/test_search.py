"""Does the search open from anywhere, search while somebody types, and lead back, with keys alone?"""

import re

from playwright.sync_api import BrowserContext, Page, expect

from keysteward.twin.cast import TOOLBOX
from tests.browser.fitting import demand_no_sideways
from tests.browser.test_walk import sign_in
from tests.twin.running import Twin


def opened(page: Page) -> bool:
    """Whether the dialog stands in front of the page."""
    return bool(page.evaluate("document.getElementById('search-dialog').open"))


def chosen(page: Page) -> str:
    """Where the option leads that the field points to."""
    return str(
        page.evaluate("document.getElementById(document.activeElement.getAttribute('aria-activedescendant')).href")
    )


def test_with_keys_alone(twin: Twin, window: BrowserContext) -> None:
    """Ctrl-K or a slash open it, arrows choose, Enter opens what is chosen; Escape leads back to where one was."""
    page = window.new_page()
    sign_in(page, twin.demo)
    page.goto(f"{twin.demo.origin}/apps")
    page.locator("main a").first.focus()
    before = page.evaluate("document.activeElement.href")
    page.keyboard.press("Control+k")
    expect(page.locator("#search-q")).to_be_focused()
    page.keyboard.press("Escape")
    assert not opened(page)
    assert page.evaluate("document.activeElement.href") == before

    page.keyboard.press("/")
    page.keyboard.type("toolb")
    options = page.locator("#search-list [role=option]")
    expect(options).to_have_count(1)
    expect(page.locator("#search-q")).to_have_attribute("aria-expanded", "true")
    expect(page.locator("#search-dialog [role=status]")).to_have_text("1 result")
    assert chosen(page).endswith(f"/apps/{TOOLBOX}")
    demand_no_sideways(page)
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{twin.demo.origin}/apps/{TOOLBOX}")


def test_arrows_go_around(twin: Twin, window: BrowserContext) -> None:
    """Down from the last leads to the first; what is found is always that of the text that stands there."""
    page = window.new_page()
    sign_in(page, twin.demo)
    page.keyboard.press("Control+k")
    page.keyboard.type("custody")
    options = page.locator("#search-list [role=option]")
    expect(options.first).to_be_visible()
    first = chosen(page)
    for _ in range(options.count()):
        page.keyboard.press("ArrowDown")
    assert chosen(page) == first
    page.locator("#search-q").fill("zebra")
    expect(page.locator(".found-none")).to_contain_text("Nothing found for zebra")
    expect(page.locator("#search-q")).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/search\?q=zebra$"))
    expect(page.get_by_role("heading", name="Nothing found for zebra")).to_be_visible()


def test_a_session_that_ended_meanwhile(twin: Twin, window: BrowserContext) -> None:
    """That is said, and Enter leads to signing in and on to what was looked for."""
    page = window.new_page()
    sign_in(page, twin.demo)
    page.keyboard.press("Control+k")
    window.clear_cookies()
    page.keyboard.type("toolbox")
    expect(page.locator(".found-none")).to_contain_text("Your session has ended")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/signin"))
