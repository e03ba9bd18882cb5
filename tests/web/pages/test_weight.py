"""How much does a browser load for a page that it never saw before?"""

from urllib.parse import urlsplit

import pytest
import requests

from tests.cast import Made, Town
from tests.web.pages.browsing import Browser, Page

MOST_BYTES = 150_000
ENVELOPE = "/envelopes/aaaaaaaa-0000-4000-8000-000000000001"
PATHS = (
    "/", "/apps", "/apps/new", "/apps/{key}", "/apps/{key}/go-live", "/apps/{key}/usage", "/apps/{key}/usage/calls",
    "/apps/{key}/diagnose", "/account/usage", "/account/limits", "/account/apps", "/legacy", "/members", "/custody",
    "/custody/sealed", "/custody/drills", "/account/organization", "/account/webhooks", "/audit", "/request-logs",
    "/notices", "/connected-apps", "/security", "/security/tokens", "/help", "/help/rules", "/help/refusals",
)  # fmt: skip


def fetched(browser: Browser, path: str) -> tuple[int, str]:
    """The bytes of an answer's body as they travel, and how long the browser keeps it.

    Pages travel as they are, static files compressed.
    """
    headers = {
        "Host": browser.ctx.authority,
        "Accept-Encoding": "gzip",
        "Cookie": "; ".join(f"{name}={value}" for name, value in browser.cookies.items()),
    }
    with requests.get(browser._address + path, headers=headers, stream=True, timeout=30) as answer:
        assert answer.status_code == 200, path
        return len(answer.raw.read(decode_content=False)), answer.headers["Cache-Control"]


def loaded(page: Page) -> set[str]:
    """What a page makes a browser load besides itself."""
    sources = [node.get("src") for node in page.root.all("script", "img")]
    sources += [node.get("href") for node in page.root.all("link")]
    return {source for source in sources if urlsplit(source).path.startswith("/")}


def weight(browser: Browser, path: str) -> int:
    """The bytes of a page with all that it loads."""
    return sum(fetched(browser, each)[0] for each in (path, *loaded(browser.open(path))))


def test_every_main_page_is_light(ada: Browser, town: Town, made: Made) -> None:
    """Less than 150 kB as transferred, by an app with a full row of calls, polled resources and logs."""
    town.call(made, 25)
    town.call(made, 12, method="GET", below=ENVELOPE)
    weights = {path: weight(ada, path.format(key=made.key)) for path in PATHS}

    assert {path: bytes_ for path, bytes_ in weights.items() if bytes_ > MOST_BYTES} == {}


@pytest.mark.parametrize("name", ["keysteward.css", "keysteward.js", "htmx.min.js"])
def test_what_every_page_loads_is_kept_by_the_browser(ada: Browser, name: str) -> None:
    """An address with the version of the files never changes what it says; one without is asked for again."""
    (source,) = [each for each in loaded(ada.open("/")) if f"/{name}" in each]

    assert fetched(ada, source)[1] == "public, max-age=31536000, immutable"
    assert fetched(ada, source.partition("?")[0])[1] == "no-cache"
