"""Can a person read what they were told, on a desk and on a phone?"""

from pathlib import Path

from playwright.sync_api import BrowserContext, expect

from tests.browser.test_usage import look
from tests.browser.test_walk import sign_in
from tests.twin.running import Twin

SECOND_DEVICES = {  # another for each size: the twin knows the first from then on
    1280: ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
    375: ("Mozilla/5.0 (iPhone) Safari/605", "Safari on iPhone"),
}


def test_a_new_device_is_told_and_read(twin: Twin, window: BrowserContext, screenshots: Path) -> None:
    """Ada signs in from a second device, sees the count in the header, reads the notice and turns mails off."""
    assert window.browser
    sign_in(window.new_page(), twin.demo)
    size = window.pages[0].viewport_size
    agent, in_words = SECOND_DEVICES[size["width"] if size else 0]
    page = window.browser.new_page(ignore_https_errors=True, viewport=size, user_agent=agent)
    sign_in(page, twin.demo)
    page.get_by_role("banner").get_by_role("link", name="Notices").click()
    page.wait_for_url("**/notices")
    look(page, page.url, screenshots, "notices")
    row = page.get_by_role("listitem").filter(has_text="You signed in from a new device").first
    expect(row).to_contain_text(f"with {in_words}")
    row.get_by_role("button", name="Mark as read").click()
    expect(row.get_by_role("button", name="Mark as read")).to_have_count(0)
    page.get_by_label("Critical finding").uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("It applies to notices from now on.", exact=True)).to_be_visible()
    expect(page.get_by_label("Critical finding")).not_to_be_checked()
    page.close()
