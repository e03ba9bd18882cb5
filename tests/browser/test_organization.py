"""Can a person see an organization, claim a domain and ask an account to join, on a desk and on a phone?"""

from pathlib import Path

from playwright.sync_api import BrowserContext, expect

from keysteward.twin import cast
from tests.browser.fitting import demand_no_sideways
from tests.browser.test_usage import look
from tests.browser.test_walk import sign_in
from tests.twin.running import Twin


def test_an_organization_is_looked_at_and_changed(twin: Twin, window: BrowserContext, screenshots: Path) -> None:
    """Ada sees what her organization is, claims a domain whose record she can copy, and gives it up again."""
    page, here = window.new_page(), f"{twin.demo.origin}/organizations/{cast.TOWNS['demo'].organization}"
    sign_in(page, twin.demo)
    look(page, here, screenshots, "organization")
    page.get_by_label("Domain", exact=True).fill("contracts.northwind.example")
    page.get_by_role("button", name="Claim the domain").click()
    expect(page.get_by_text("Domain claimed").first).to_be_visible()
    page.get_by_role("button", name="Check now contracts.northwind.example").click()
    expect(page.get_by_text("DNS does not show the proof yet").first).to_be_visible()
    expect(page.get_by_text("contracts.northwind.example", exact=True).first).to_be_visible()
    demand_no_sideways(page)
    look(page, here, screenshots, "organization-claimed")
    page.locator("summary", has_text="Give up contracts.northwind.example").click()
    page.get_by_role("button", name="Give up contracts.northwind.example").click()
    expect(page.get_by_text("Domain given up").first).to_be_visible()
    look(page, f"{twin.demo.origin}/account/organization", screenshots, "account-organization")
