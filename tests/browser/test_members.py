"""Can people come into an account, be changed and leave it, on a desk and on a phone?"""

import re
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, expect

from keysteward.twin import cast
from tests.browser.fitting import demand_no_sideways
from tests.browser.test_usage import look
from tests.browser.test_walk import sign_in
from tests.twin.running import Twin


def newest_link(twin: Twin) -> str:
    """The address in the newest invitation of the outbox."""
    headers = {"Authorization": f"Bearer {twin.variables()['KEYSTEWARD_DEV_TOKEN']}"}
    mails = twin.demo.request("GET", "/_dev/outbox", headers=headers).json()["mails"]
    found = (re.search(r"https://\S+/join\?link=\S+", mail["text"]) for mail in mails if mail["text"])
    return next(link[0] for link in found if link)


def test_somebody_comes_is_changed_and_goes(twin: Twin, window: BrowserContext, screenshots: Path) -> None:
    """Ada invites Nell, who joins; Ada makes her a developer, closes her, and looks at the permission profiles."""
    assert window.browser
    page, here = window.new_page(), twin.demo.origin
    address = f"nell.{page.viewport_size['width'] if page.viewport_size else 0}@northwind.example"
    sign_in(page, twin.demo)
    look(page, f"{here}/members", screenshots, "members")
    page.get_by_label("Email address").fill(address)
    page.get_by_role("button", name="Send the invitation").click()
    expect(page.get_by_text("Invitation sent").first).to_be_visible()
    demand_no_sideways(page)
    join(window.browser.new_page(ignore_https_errors=True, viewport=page.viewport_size), twin, screenshots)
    page.goto(f"{here}/members")
    page.get_by_role("link", name=re.compile("^Nell Newcomer$")).first.click()
    page.locator("label", has_text=re.compile("^Developer$")).click()
    page.get_by_role("button", name="Change the profile").click()
    expect(page.get_by_text("It applies at once.").first).to_be_visible()
    look(page, page.url, screenshots, "member")
    page.locator("summary", has_text="Close this member").click()
    page.get_by_role("button", name="Close Nell Newcomer").click()
    expect(page.get_by_text("This member is closed").first).to_be_visible()
    look(page, f"{here}/members/profiles", screenshots, "permission-profiles")
    look(page, f"{here}/organizations/{cast.TOWNS['demo'].organization}/leavers", screenshots, "leavers")


def join(page: Page, twin: Twin, screenshots: Path) -> None:
    """Somebody new opens the link of the mail."""
    look(page, newest_link(twin), screenshots, "join")
    page.get_by_label("First name").fill("Nell")
    page.get_by_label("Last name").fill("Newcomer")
    page.get_by_label("Password").fill("correct horse battery staple")
    page.get_by_role("button", name="Join").click()
    expect(page.get_by_text("Welcome, Nell Newcomer").first).to_be_visible()


def test_an_operator_looks_at_accounts(twin: Twin, window: BrowserContext, screenshots: Path) -> None:
    """The list, one account with its deeds, and who left: all of it fits the window."""
    page, here = window.new_page(), twin.demo.origin
    page.goto(f"{here}/signin")
    page.get_by_label("Email address").fill(cast.OPERATOR.email)
    page.get_by_label("Password", exact=True).fill(cast.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    for path, name in (("/accounts", "accounts"), (f"/accounts/{cast.TOWNS['demo'].account}", "account")):
        look(page, here + path, screenshots, f"operated-{name}")
    look(page, f"{here}/accounts/leavers", screenshots, "operated-leavers")
