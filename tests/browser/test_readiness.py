"""Can a person see by eye and by keyboard how a key stands, on a desk and on a phone?"""

import re
from pathlib import Path

from playwright.sync_api import BrowserContext, expect

from tests.browser.test_usage import look
from tests.browser.test_walk import add_secret_and_redirect_uri, create_app, make_calls, sign_in
from tests.twin.running import Twin


def test_a_key_explains_itself(twin: Twin, window: BrowserContext, screenshots: Path) -> None:
    """The page fits with no call and with thirteen; a cell leads to its call, and what is folded opens, by keyboard."""
    page = window.new_page()
    sign_in(page, twin.demo)
    key = create_app(page, twin.demo)
    there = f"{twin.demo.origin}/apps/{key}/go-live"
    look(page, there, screenshots, "go-live-0")
    make_calls(page, twin.demo, key, add_secret_and_redirect_uri(page, twin.demo, key), 13)
    look(page, there, screenshots, "go-live-13")
    expect(page.locator(".streak li.is-empty")).to_have_count(7)
    expect(page.get_by_role("heading", name="The shortest way to pass")).to_be_visible()
    page.locator(".streak a").first.focus()
    page.keyboard.press("Tab")
    expect(page.locator(".streak a").nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(rf"/apps/{key}/usage/calls/\d+$"))
    page.goto(there)
    page.locator("summary", has_text="The calls behind it").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("table", name="The calls that count, newest first")).to_be_visible()
    page.get_by_role("link", name="20 or more calls in a row succeeded").click()
    expect(page).to_have_url(re.compile(r"/help/findings/calls-in-a-row"))
