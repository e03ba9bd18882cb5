"""Is what a real browser recorded judged, and does a person see the verdict on a page of its own?"""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from starlette.types import Receive, Scope, Send
from typer.testing import CliRunner

from keysteward.cli.app import app
from tests.browser.conftest import SIZES
from tests.gateway.peer import serving
from tests.rules.foreign_logs.logs import ENVELOPE, ENVELOPES

_CALLS = f"""async () => {{
    const headers = {{Authorization: "Bearer not-for-the-report"}};
    for (let number = 0; number < 21; number += 1)
        await fetch("{ENVELOPES}", {{method: "POST", headers, body: "{{}}"}});
    await fetch("{ENVELOPE}?include=recipients", {{headers}});
    await fetch("{ENVELOPE}?include=recipients", {{headers}});
    await fetch("/missing.js");
}}"""


async def api(scope: Scope, receive: Receive, send: Send) -> None:
    """A page, and an API that takes everything."""
    found = 404 if scope["path"].startswith("/missing") else 201 if scope["method"] == "POST" else 200
    await send({"type": "http.response.start", "status": found, "headers": [(b"content-type", b"text/html")]})
    await send({"type": "http.response.body", "body": b"<!doctype html><title>App</title>"})


@pytest.fixture(scope="module")
def recording(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A HAR that Chromium wrote while a page called an API."""
    file = tmp_path_factory.mktemp("har") / "calls.har"
    with serving(api) as address:
        context = browser.new_context(record_har_path=file)
        page = context.new_page()
        page.goto(address)
        page.evaluate(_CALLS)
        context.close()
    return file


def test_a_recording_of_chromium_is_judged(recording: Path) -> None:
    """The calls of the page count, the page itself does not, and a read that came too soon is found."""
    result = CliRunner().invoke(app, ["review", "--json", str(recording)])

    said = json.loads(result.stdout)
    assert (result.exit_code, said["verdict"], said["run"]) == (1, "failed", 0)
    assert [finding["rule"] for finding in said["findings"]] == ["calls-in-a-row", "no-polling"]
    assert said["findings"][1]["url"] == f"{ENVELOPE}?include=…"
    assert said["not_counted"][0]["why"] == "calls outside an account do not count"
    assert said["calls"][0]["seconds"] >= 0
    assert "not-for-the-report" not in result.stdout


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_report_is_a_page_of_its_own(
    recording: Path, browser: Browser, screenshots: Path, tmp_path: Path, size: str, scheme: str
) -> None:
    """It asks for nothing elsewhere, runs nothing, and fits a desktop and a phone, by day and by night."""
    CliRunner().invoke(app, ["review", str(recording), "--html", str(tmp_path / "report.html")])
    width, height = SIZES[size]
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)  # type: ignore[arg-type]
    page, asked, complaints = context.new_page(), list[str](), list[str]()
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))

    page.goto((tmp_path / "report.html").as_uri())
    page.screenshot(path=screenshots / f"review-file-{size}-{scheme}.png", full_page=True)

    assert (len(asked), complaints) == (1, [])
    assert page.locator("h1").inner_text() == "A review would fail"
    assert page.locator("ol.cells li").count() == 20
    assert page.locator("ol.cells li.broken").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.get_by_text("The same resource was read again after less than a second").count() <= 1
    context.close()
