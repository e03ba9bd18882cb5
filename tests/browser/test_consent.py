"""Can people decide which apps act for them, for their account and for their organization, in a real browser?"""

import re
from urllib.parse import parse_qsl, urlsplit

from playwright.sync_api import BrowserContext, Page, expect

from keysteward.twin import cast
from tests.browser.fitting import demand_no_sideways
from tests.browser.test_walk import fill_sign_in, sign_in
from tests.twin.running import Place, Twin

APP = "http://localhost:3000/ds/callback"


def asking(place: Place, **parameters: str) -> str:
    """The address that an app sends people to."""
    asked = {"response_type": "code", "client_id": cast.TOOLBOX, "redirect_uri": APP, "state": "s"} | parameters
    return f"{place.origin}/oauth/auth?" + "&".join(f"{name}={value}" for name, value in asked.items())


def test_an_organization_s_admin_allows_an_app(twin: Twin, window: BrowserContext) -> None:
    """Sign-in, a page of its own that fits the window, and the way back to the app, past every security policy."""
    page = window.new_page()
    page.route("http://localhost:3000/**", lambda route: route.fulfill(body="the app"))
    page.goto(asking(twin.demo, scope="openid", admin_consent_scope="signature+impersonation+click.manage+user_read"))
    fill_sign_in(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("for all of Northwind")
    demand_no_sideways(page)
    page.get_by_role("button", name="Allow").click()
    page.wait_for_url(re.compile(r"^http://localhost:3000/ds/callback\?"))
    assert dict(parse_qsl(urlsplit(page.url).query)).keys() == {"code", "iss", "state"}


def test_apps_are_authorized_blocked_and_disconnected(twin: Twin, window: BrowserContext) -> None:
    """Every page fits, every button does what it says after it asked once more, and nothing breaks a policy."""
    page = window.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    sign_in(page, twin.demo)
    authorize(page, twin.demo)
    block_and_unblock(page, twin.demo)
    page.goto(f"{twin.demo.origin}/connected-apps")
    demand_no_sideways(page)
    expect(page.locator("main")).to_contain_text("Apps that you allowed")
    assert complaints == []


def authorize(page: Page, demo: Place) -> None:
    """Choose an app and what it may do, read it once more, confirm, and revoke it again."""
    page.goto(f"{demo.origin}/organizations")
    demand_no_sideways(page)
    page.get_by_role("link", name="Authorize an app").first.click()
    demand_no_sideways(page)
    page.locator(f"label[for=field-key-{cast.READY_TO_GO}]").click()
    page.get_by_role("button", name="Continue").click()
    demand_no_sideways(page)
    page.get_by_role("button", name="Authorize").click()
    expect(page.locator("main")).to_contain_text("App authorized")
    row = page.get_by_role("row").filter(has_text=cast.READY_TO_GO)
    row.locator("summary", has_text="Revoke").click()
    demand_no_sideways(page)
    row.get_by_role("button", name="Revoke").click()
    expect(page.locator("main")).to_contain_text("Authorization revoked")


def block_and_unblock(page: Page, demo: Place) -> None:
    """Block an app that acts in the account, and let it act again."""
    page.goto(f"{demo.origin}/account/apps")
    demand_no_sideways(page)
    row = page.get_by_role("row").filter(has_text=cast.TOOLBOX)
    row.locator("summary", has_text="Block").click()
    row.get_by_role("button", name="Block").click()
    expect(page.locator("main")).to_contain_text("App blocked")
    demand_no_sideways(page)
    row.get_by_role("button", name="Unblock").click()
    expect(page.locator("main")).to_contain_text("App unblocked")
