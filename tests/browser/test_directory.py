"""Can a person introduce their identity provider to their organization, on a desk and on a phone?"""

from pathlib import Path

from playwright.sync_api import BrowserContext, expect

from keysteward.twin import cast
from tests.browser.fitting import demand_no_sideways
from tests.browser.test_usage import look
from tests.browser.test_walk import sign_in
from tests.directory import Speaker
from tests.twin.running import Twin


def test_a_directory_is_set_up(twin: Twin, window: BrowserContext, screenshots: Path) -> None:
    """Ada chooses where new users belong, makes a token, sees what the provider asked with it, and revokes it."""
    page, here = window.new_page(), f"{twin.demo.origin}/organizations/{cast.TOWNS['demo'].organization}/scim"
    sign_in(page, twin.demo)
    look(page, here, screenshots, "directory")
    page.get_by_label("Account and permission profile").select_option(index=1)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Users who are created from now on belong there.").first).to_be_visible()
    page.get_by_label("Name", exact=True).fill("Entra ID")
    page.get_by_role("button", name="Make a token").click()
    expect(page.get_by_role("heading", name="SCIM token made")).to_be_visible()
    value = page.locator(".is-secret code").inner_text().strip()
    demand_no_sideways(page)
    entra = Speaker(twin.demo.origin, value, twin.demo.ca_file)
    entra.names(filter='userName eq "nobody@northwind.example"')
    entra.ask("POST", "/Users", {"userName": "nell@elsewhere.example"})
    look(page, here, screenshots, "directory-used")
    expect(page.get_by_role("link", name="outside-claimed-domains").first).to_be_visible()
    demand_no_sideways(page)
    page.locator("summary", has_text="Revoke Entra ID").click()
    page.get_by_role("button", name="Revoke this token").click()
    expect(page.get_by_text("SCIM token revoked").first).to_be_visible()
    expect(page.get_by_text("No token is live").first).to_be_visible()
