"""Which browser looks at the console, and at which twin?"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from tests.setup.install import find_chromium
from tests.twin.running import Twin, running

AT_LENGTH = {
    "after_go_live", "audit", "custody", "directory", "members", "notices", "organization", "readiness", "replacements",
    "request_logs", "reviews", "rotation", "rules", "sealed", "stand_ins", "transfers", "usage", "webhooks",
}  # fmt: skip
SIZES = {"desktop": (1280, 900), "phone": (375, 812)}
_PATIENCE_MILLISECONDS = 30_000  # a page's first opening, and a password's hash, compete with tests beside it

expect.set_options(timeout=_PATIENCE_MILLISECONDS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long run walks through everything on both sizes, the usual one through the ways that most people go."""
    for item in (each for each in items if each.path.parent == Path(__file__).parent):
        is_for_length = item.path.stem.removeprefix("test_") in AT_LENGTH
        if is_for_length or "phone]" in item.name:
            item.add_marker(pytest.mark.long)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A real Chromium."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twin]:
    """A twin of its own for each file."""
    with running(tmp_path_factory.mktemp("browser") / "twin") as twin:
        yield twin


@pytest.fixture(params=SIZES)
def window(request: pytest.FixtureRequest, browser: Browser) -> Iterator[BrowserContext]:
    """A fresh window, on a desktop and on a phone."""
    width, height = SIZES[request.param]
    context = browser.new_context(ignore_https_errors=True, viewport={"width": width, "height": height})
    context.set_default_timeout(_PATIENCE_MILLISECONDS)
    yield context
    context.close()


@pytest.fixture(scope="session")
def screenshots() -> Path:
    """Where pictures of the walk are kept, for people to look at."""
    folder = Path(__file__).parents[1] / "screenshots"
    folder.mkdir(exist_ok=True)
    return folder
