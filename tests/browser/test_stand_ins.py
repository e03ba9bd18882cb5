"""Can an organization admin stand in for a lost admin in a real browser, be vetoed, be approved, and move the key?"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from keysteward.actions import organizations
from keysteward.twin import cast
from tests.browser.test_transfers import become, confirm, press, type_into
from tests.browser.test_usage import look
from tests.journeys.people import ADA, CY, TAILSPIN, TESS, settle
from tests.journeys.stage import Stage
from tests.peers.databases import Files
from tests.polling import until
from tests.twin.running import Twin

TOWN = cast.TOWNS["production"]


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twin]:
    """A twin in which Cy administers Northwind's organization too, and Tess has an account of her own."""
    folder = tmp_path_factory.mktemp("stand-ins") / "twin"
    stage = Stage(folder, Files(folder))
    with stage.running():
        pass
    settle(stage)
    with stage.opened("production") as ctx:
        organizations.add_admin(ctx, TOWN.organization, CY.users["production"], "the tests")
    with stage.running() as twin:
        yield twin


def test_the_organization_stands_in(twin: Twin, window: BrowserContext, screenshots: Path) -> None:
    """Ada vetoes the first time; the second time she approves, both sides sign, and the key moves after 72 hours."""
    page, origin = window.new_page(), twin.production.origin
    at = stand_in(page, origin)
    look(page, at, screenshots, "stand-in-begun")
    become(page, origin, ADA.email)
    page.goto(at)
    page.locator("#veto summary").click()
    veto = page.get_by_role("dialog")
    veto.get_by_label("Reason").fill("I am here still.")
    veto.get_by_role("button", name="Veto").click()
    expect(page.locator("main")).to_contain_text("This transfer is over: vetoed")

    at = stand_in(page, origin)
    become(page, origin, ADA.email)
    page.goto(at)
    press(page, "Approve")
    expect(page.get_by_role("status").first).to_contain_text("Approved")
    become(page, origin, TESS.email)
    page.goto(at)
    press(page, "Accept")
    confirm(page)
    become(page, origin, CY.email)
    page.goto(at)
    confirm(page)
    look(page, at, screenshots, "stand-in-waits")
    expect(page.locator("main")).not_to_contain_text("The key moved")

    twin.advance(hours=73)
    become(page, origin, CY.email)
    until(lambda: has_moved(page, at), 20)
    look(page, at, screenshots, "stand-in-moved")
    home(twin, page)


def stand_in(page: Page, origin: str) -> str:
    """Cy acts for Northwind's lost admin; say where the transfer is looked at."""
    become(page, origin, CY.email)
    page.goto(f"{origin}/organizations/{TOWN.organization}/stand-in")
    type_into(page, "Integration key", cast.TOOLBOX)
    type_into(page, "Account ID of the destination", TAILSPIN["production"])
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("The organization stands in")
    return page.url.partition("?")[0]


def has_moved(page: Page, at: str) -> bool:
    """Look again at the transfer."""
    page.goto(at)
    return "The key moved to Tailspin Toys" in page.locator("main").inner_text()


def home(twin: Twin, page: Page) -> None:
    """Let the key go home and the clock too, so that a phone may walk the same way."""
    origin = twin.production.origin
    become(page, origin, TESS.email)
    page.goto(f"{origin}/apps/{cast.TOOLBOX}/transfer")
    type_into(page, "Account ID of the destination", TOWN.account)
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("The key is offered")
    at = page.url.partition("?")[0]
    confirm(page)
    become(page, origin, ADA.email)
    page.goto(at)
    press(page, "Accept")
    confirm(page)
    twin.advance(hours=-73)
