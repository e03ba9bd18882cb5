"""Can two people take a key from one account to the other by keyboard alone, on a desk and on a phone?"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from keysteward.twin import cast
from tests.browser.test_usage import look
from tests.browser.test_walk import sign_in
from tests.journeys.people import TAILSPIN, TESS, settle
from tests.journeys.stage import Stage
from tests.peers.databases import Files
from tests.twin.running import Twin

KEY = cast.TOOLBOX
TO = TAILSPIN["production"]


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twin]:
    """A twin with Tess's account beside Ada's."""
    folder = tmp_path_factory.mktemp("transfers") / "twin"
    stage = Stage(folder, Files(folder))
    with stage.running():
        pass
    settle(stage)
    with stage.running() as twin:
        yield twin


def test_a_key_changes_its_account(twin: Twin, window: BrowserContext, screenshots: Path) -> None:
    """Ada offers and confirms, Tess accepts and confirms, without a mouse; every page of the way fits its window."""
    page, origin = window.new_page(), twin.production.origin
    sign_in(page, twin.production)
    look(page, f"{origin}/organizations/{cast.TOWNS['production'].organization}/stand-in", screenshots, "stand-in")
    look(page, f"{origin}/apps/{KEY}/transfer", screenshots, "transfer-new")
    type_into(page, "Account ID of the destination", TO)
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("The key is offered")
    at = page.url.partition("?")[0]

    become(page, origin, TESS.email)
    look(page, f"{origin}/transfers", screenshots, "transfers")
    look(page, at, screenshots, "transfer-offered")
    expect(page.locator("main")).not_to_contain_text("Northwind")
    press(page, "Accept")
    expect(page.locator("main")).to_contain_text("Accepted")
    confirm(page)
    look(page, at, screenshots, "transfer-half")

    become(page, origin, cast.ada("production").email)
    page.goto(at)
    confirm(page)
    expect(page.locator("main")).to_contain_text("The key moved to Tailspin Toys")
    look(page, at, screenshots, "transfer-moved")

    become(page, origin, TESS.email)
    give_back(page, origin)
    become(page, origin, cast.ada("production").email)
    page.goto(f"{origin}/transfers")
    press(page, "Your turn", "link")
    page.wait_for_url(re.compile(r"/transfers/[0-9a-f-]{36}$"))
    press(page, "Accept")
    confirm(page)


def give_back(page: Page, origin: str) -> None:
    """Let the key go home, so that a phone may walk the same way."""
    page.goto(f"{origin}/apps/{KEY}/transfer")
    type_into(page, "Account ID of the destination", cast.TOWNS["production"].account)
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("The key is offered")
    confirm(page)


def confirm(page: Page) -> None:
    """Type the sentence that stands there, and press Confirm."""
    sentence = page.locator("blockquote").first.inner_text()
    type_into(page, "Your confirmation", sentence)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("Confirmed")


def type_into(page: Page, label: str, text: str) -> None:
    """Reach a field by the Tab key, and type."""
    field = page.get_by_label(label, exact=True)
    page.locator("body").focus()
    for _ in range(60):
        if field.evaluate("each => each === document.activeElement"):
            page.keyboard.type(text)
            return
        page.keyboard.press("Tab")
    pytest.fail(f"{label} is not reached by keyboard")


def press(page: Page, name: str, role: Literal["button", "link"] = "button") -> None:
    """Reach a button, or the first link that is called so, by the Tab key, and press it."""
    button = page.get_by_role(role, name=name, exact=role == "button").first
    for _ in range(60):
        if button.evaluate("each => each === document.activeElement"):
            page.keyboard.press("Enter")
            return
        page.keyboard.press("Tab")
    pytest.fail(f"{name} is not reached by keyboard")


def become(page: Page, origin: str, email: str) -> None:
    """Sign out, and in as somebody else."""
    page.context.clear_cookies()
    page.goto(f"{origin}/signin")
    page.get_by_label("Email address").fill(email)
    page.get_by_label("Password").fill(cast.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{origin}/")
