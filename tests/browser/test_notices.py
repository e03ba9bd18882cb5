"""Can a person read what they were told, on a desk and on a phone?"""

from pathlib import Path

from playwright.sync_api import BrowserContext, expect

from tests.browser.test_usage import look
from tests.browser.test_walk import sign_in
from tests.twin.running import Twin

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def test_a_new_device_is_told_and_read(twin: Twin, window: BrowserContext, screenshots: Path) -> None:
    """Ada signs in from a second device, sees the count in the header, reads the notice and turns mails off."""
    assert window.browser
    sign_in(window.new_page(), twin.demo)
    size = window.pages[0].viewport_size
    page = window.browser.new_page(ignore_https_errors=True, viewport=size, user_agent=FIREFOX)
    sign_in(page, twin.demo)
    page.get_by_role("link", name="Notices").click()
    look(page, page.url, screenshots, "notices")
    row = page.get_by_role("listitem").filter(has_text="You signed in from a new device").first
    expect(row).to_contain_text("with Firefox on Linux")
    row.get_by_role("button", name="Mark as read").click()
    expect(page.get_by_role("heading", name="Inbox")).to_be_visible()
    page.get_by_label("Critical finding").uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("It applies to notices from now on.")).to_be_visible()
    expect(page.get_by_label("Critical finding")).not_to_be_checked()
    page.close()
