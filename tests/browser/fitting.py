"""Does a page fit its window?"""

from playwright.sync_api import Page


def demand_no_sideways(page: Page) -> None:
    """See that the page is there and does not scroll sideways."""
    page.wait_for_load_state()
    widths = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert widths[0] <= widths[1], page.url
