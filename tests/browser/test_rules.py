"""Can a person read the rules and take a review's proof along, on a desk and on a phone?"""

from pathlib import Path

from playwright.sync_api import BrowserContext, expect
from typer.testing import CliRunner

from keysteward.cli.app import app
from keysteward.twin import cast
from tests.browser.test_usage import look
from tests.browser.test_walk import sign_in
from tests.twin.running import Twin

SAMPLE = Path(__file__).parents[2] / "docs" / "guides" / "orders-pack.toml"


def install_sample(twin: Twin) -> None:
    """Bring the pack of the guide into force, beside the running twin."""
    said = CliRunner().invoke(app, [*packs(twin, "install"), str(SAMPLE), "--author", "Olga", "--reason", "Our API."])
    listed = CliRunner().invoke(app, packs(twin, "list"))

    assert "is in force already" in said.output or said.exit_code == 0, said.output
    assert "\n* orders, version 1" in listed.output


def packs(twin: Twin, command: str) -> list[str]:
    """A command about the packs of the twin's demo."""
    return ["packs", command, "--environment", "demo", "--data", str(twin.folder)]


def test_rules_are_read_and_a_proof_is_taken_along(
    twin: Twin, window: BrowserContext, screenshots: Path, tmp_path: Path
) -> None:
    """An operator installs a pack while the twin runs; Ada reads it, downloads a bundle, and it verifies."""
    install_sample(twin)
    page = window.new_page()
    sign_in(page, twin.demo)
    page.goto(f"{twin.demo.origin}/help/rules")
    expect(page.locator("main")).to_contain_text("orders/creates-orders")
    page.get_by_text("5 examples that test it").click()
    look(page, f"{twin.demo.origin}/help/rules", screenshots, "rules")
    review = twin.demo.get(f"/keys/{cast.TOOLBOX}/reviews")["reviews"][0]["id"]
    look(page, f"{twin.demo.origin}/apps/{cast.TOOLBOX}/reviews/{review}", screenshots, "review-bundle")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the review bundle").click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    keys = f"{twin.demo.origin}/.well-known/keysteward-papers"
    verified = CliRunner().invoke(app, ["review", "verify", str(file), "--keys", keys, "--ca-file", twin.demo.ca_file])

    assert (file.name, verified.exit_code) == (f"review-{review}.json", 0), verified.output
