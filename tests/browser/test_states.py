"""Do the console's forms survive a double click, the back button, two tabs, and a session that ends?"""

import re
from collections.abc import Iterator
from contextlib import suppress

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, ViewportSize, expect

from keysteward.twin import cast
from tests.browser.conftest import SIZES
from tests.browser.test_walk import fill_sign_in, sign_in
from tests.twin.running import Place, Twin

SECRET = re.compile(r"kss_[\w-]{49}")


@pytest.fixture(params=[True, pytest.param(False, marks=pytest.mark.long)], ids=["scripts", "plain"])
def either(request: pytest.FixtureRequest, browser: Browser) -> Iterator[BrowserContext]:
    """A window that runs scripts, and one that runs none."""
    yield from opened(browser, "desktop", scripts=request.param)


@pytest.fixture(params=SIZES)
def plain(request: pytest.FixtureRequest, browser: Browser) -> Iterator[BrowserContext]:
    """A window that runs no script."""
    yield from opened(browser, request.param, scripts=False)


def opened(browser: Browser, size: str, *, scripts: bool) -> Iterator[BrowserContext]:
    """A window, until it is not needed any more."""
    width, height = SIZES[size]
    viewport: ViewportSize = {"width": width, "height": height}
    context = browser.new_context(ignore_https_errors=True, java_script_enabled=scripts, viewport=viewport)
    yield context
    context.close()


def named(demo: Place, name: str) -> int:
    """How many apps of Ada's account have a name."""
    found = demo.get(f"/accounts/{cast.TOWNS['demo'].account}/keys")
    return sum(each["name"] == name for each in found["keys"])


def fill_in_an_app(page: Page, demo: Place, name: str) -> None:
    """Fill in the form that makes an app."""
    page.goto(f"{demo.origin}/apps/new")
    page.get_by_label("App Name").fill(name)
    page.get_by_label("Contact").fill("ada@northwind.example")


def test_a_double_click_creates_once(twin: Twin, either: BrowserContext, request: pytest.FixtureRequest) -> None:
    """With JavaScript and without it: one app is there, and its page is shown."""
    page, name = either.new_page(), f"Clicked twice in {request.node.name}"
    sign_in(page, twin.demo)
    fill_in_an_app(page, twin.demo, name)
    page.get_by_role("button", name="Create App").dblclick()
    page.wait_for_url(re.compile(r"/apps/[0-9a-f-]{36}"))

    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    assert named(twin.demo, name) == 1


def test_the_back_button_shows_no_secret(twin: Twin, window: BrowserContext) -> None:
    """A secret key is shown once: whoever goes back finds nothing of it, nor makes another one."""
    page, at = window.new_page(), f"{twin.demo.origin}/apps/{cast.THIRTEEN_CALLS}/authentication"
    sign_in(page, twin.demo)
    page.goto(at)
    page.get_by_role("button", name="Add Secret Key").click()
    shown = SECRET.search(page.content())
    assert shown
    page.get_by_role("link", name="I have stored it").click()
    page.wait_for_url(re.compile(r"/apps/"))
    with suppress(Error):  # the browser has nothing to show, and asks before it sends anything again
        page.go_back()
    with suppress(Error):
        page.wait_for_load_state()

    expect(page.locator("html")).not_to_contain_text(shown[0])
    page.goto(at)
    assert page.content().count(shown[0][-4:]) >= 1


def test_two_tabs_with_one_form(twin: Twin, window: BrowserContext, request: pytest.FixtureRequest) -> None:
    """The second one sees what the first one did, and chooses; nothing is overwritten silently."""
    first, second = window.new_page(), window.new_page()
    sign_in(first, twin.demo)
    at = f"{twin.demo.origin}/apps/{cast.FRESH_START}"
    for tab in (first, second):
        tab.goto(at)
    name = f"First of {request.node.name}"[:100]
    first.get_by_label("App Name").fill(name)
    first.locator("#general").get_by_role("button", name="Save").click()
    expect(first.locator("main")).to_contain_text("Saved")
    second.get_by_label("App Name").fill("Second")
    second.locator("#general").get_by_role("button", name="Save").click()

    expect(second.locator("main")).to_contain_text("Somebody changed this meanwhile")
    expect(second.locator("main")).to_contain_text(name)
    expect(second.get_by_label("App Name")).to_have_value("Second")
    second.locator("#general").get_by_role("button", name="Save").click()
    expect(second.locator("main")).to_contain_text("Saved")


def test_what_was_typed_comes_back(twin: Twin, either: BrowserContext, request: pytest.FixtureRequest) -> None:
    """A session ends while somebody types: after signing in the form stands filled in, and nothing was sent."""
    page, name = either.new_page(), f"Typed in {request.node.name}"
    sign_in(page, twin.demo)
    fill_in_an_app(page, twin.demo, name)
    either.clear_cookies()
    page.get_by_role("button", name="Create App").click()
    expect(page.locator("main")).to_contain_text("What you had filled in waits for you")
    fill_sign_in(page)

    expect(page.locator("main")).to_contain_text("Your form is as you left it")
    expect(page.get_by_label("App Name")).to_have_value(name)
    assert named(twin.demo, name) == 0
    page.get_by_role("button", name="Create App").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


@pytest.mark.long
def test_the_main_forms_need_no_script(twin: Twin, plain: BrowserContext, request: pytest.FixtureRequest) -> None:
    """Create an app, add a secret key, start a review, and come to the form that offers a key to another account."""
    page, demo = plain.new_page(), twin.demo
    sign_in(page, demo)
    fill_in_an_app(page, demo, f"Plain {request.node.name}")
    page.get_by_role("button", name="Create App").click()
    page.wait_for_url(re.compile(r"/apps/[0-9a-f-]{36}"))
    page.goto(page.url.partition("?")[0] + "/authentication")
    page.get_by_role("button", name="Add Secret Key").click()
    assert SECRET.search(page.content())
    if "desktop" in request.node.name:
        page.goto(f"{demo.origin}/apps/{cast.THIRTEEN_CALLS}/go-live")
        page.get_by_role("button", name="Start Go-Live Review").first.click()
        page.wait_for_url(re.compile(rf"/apps/{cast.THIRTEEN_CALLS}/reviews/"))
    plain.clear_cookies()
    page.goto(f"{twin.production.origin}/apps/{cast.TOOLBOX}/transfer")
    page.get_by_label("Email address").fill(cast.ada("production").email)
    page.get_by_label("Password").fill(cast.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Account ID of the destination").fill("d0000000-0000-4000-8000-0000000000ff")
    page.get_by_role("button", name="Offer the key").click()
    expect(page.get_by_label("Account ID of the destination")).to_have_value("d0000000-0000-4000-8000-0000000000ff")
