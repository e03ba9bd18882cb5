"""Does a person see what puts keys at risk, and learn what if somebody leaves, on a desk and on a phone?"""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, expect
from typer.testing import CliRunner

from keysteward.cli.app import app
from keysteward.twin import cast
from tests.browser.conftest import SIZES
from tests.browser.fitting import demand_no_sideways
from tests.browser.test_usage import look
from tests.browser.test_walk import sign_in
from tests.cli.test_custody import EXPORT, INVENTORY
from tests.twin.running import Twin


def test_findings_are_read_and_a_list_is_asked_about(
    twin: Twin, window: BrowserContext, screenshots: Path, tmp_path: Path
) -> None:
    """Ada reads the findings, and asks by keyboard about somebody; then she uploads the list that HR made."""
    page = window.new_page()
    sign_in(page, twin.demo)
    look(page, f"{twin.demo.origin}/custody", screenshots, "custody")
    page.get_by_label("Who leaves").focus()
    page.keyboard.type("nobody@harbor.example")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#answer")).to_contain_text("None of these keys rests on: nobody@harbor.example.")
    (tmp_path / "leavers.csv").write_text("email\nsomebody@harbor.example\n")
    page.get_by_label("Who leaves").fill("")
    page.get_by_label("Or a list, as CSV").set_input_files(tmp_path / "leavers.csv")
    page.get_by_role("button", name="Ask").click()
    expect(page.locator("#answer")).to_contain_text("None of these keys rests on: somebody@harbor.example.")
    demand_no_sideways(page)


def test_an_organization_reads_what_is_at_risk(twin: Twin, window: BrowserContext, screenshots: Path) -> None:
    """Ada opens the custody of her organization from its page, narrows it by keyboard, and sees all of it again."""
    page, here = window.new_page(), f"{twin.production.origin}/organizations/{cast.TOWNS['production'].organization}"
    sign_in(page, twin.production)
    page.goto(here)
    page.locator("main").get_by_role("link", name="Custody", exact=True).click()
    expect(page.locator("h1")).to_have_text("Custody")
    look(page, f"{here}/custody", screenshots, "organization-custody")
    page.get_by_label("How it stands").focus()
    page.keyboard.type("Mended")
    page.get_by_role("button", name="Show").press("Enter")
    expect(page.get_by_role("link", name="All that is open")).to_be_visible()
    demand_no_sideways(page)
    page.get_by_role("link", name="All that is open").click()
    expect(page).to_have_url(f"{here}/custody")


@pytest.mark.parametrize("size", SIZES)
def test_the_report_is_a_page_of_its_own(browser: Browser, tmp_path: Path, screenshots: Path, size: str) -> None:
    """It fits the window without a request to anywhere."""
    (tmp_path / "inventory.toml").write_text(INVENTORY)
    (tmp_path / "users.csv").write_text(EXPORT)
    files = [str(tmp_path / name) for name in ("inventory.toml", "users.csv")]
    report = tmp_path / "report.html"
    CliRunner().invoke(app, ["custody", "audit", *files, "--html", str(report), "--leaves", "ada@fjord.example"])
    width, height = SIZES[size]
    page = browser.new_page(viewport={"width": width, "height": height})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(report.as_uri())

    expect(page.locator("h1")).to_have_text("Custody of integration keys")
    demand_no_sideways(page)
    page.screenshot(path=screenshots / f"custody-report-{size}.png", full_page=True)
    assert asked == [report.as_uri()]
    page.close()
