"""Does the frame of every page do what it promises in a real browser, with JavaScript and without?"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect

from keysteward.twin import cast
from tests.browser.conftest import SIZES
from tests.browser.fitting import demand_no_sideways
from tests.browser.test_walk import add_secret_and_redirect_uri, create_app, make_calls, sign_in
from tests.twin.running import Twin

PHONE = ViewportSize(width=SIZES["phone"][0], height=SIZES["phone"][1])
DESKTOP = ViewportSize(width=SIZES["desktop"][0], height=SIZES["desktop"][1])


@pytest.fixture
def plain(browser: Browser) -> Iterator[BrowserContext]:
    """A phone without JavaScript."""
    context = browser.new_context(ignore_https_errors=True, viewport=PHONE, java_script_enabled=False)
    yield context
    context.close()


@pytest.fixture
def desk(browser: Browser) -> Iterator[BrowserContext]:
    """A desktop."""
    context = browser.new_context(ignore_https_errors=True, viewport=DESKTOP)
    yield context
    context.close()


@pytest.fixture
def another(browser: Browser) -> Iterator[BrowserContext]:
    """A desktop beside it, which shares nothing with it."""
    context = browser.new_context(ignore_https_errors=True, viewport=DESKTOP)
    yield context
    context.close()


def opened(context: BrowserContext, twin: Twin, path: str) -> Page:
    """A page of demo, opened by Ada."""
    page = context.new_page()
    sign_in(page, twin.demo)
    page.goto(twin.demo.origin + path)
    return page


def test_where_one_is_stands_in_sight(twin: Twin, desk: BrowserContext) -> None:
    """On a low window the list of places is scrolled to the one that is open."""
    page = desk.new_page()
    page.set_viewport_size({"width": DESKTOP["width"], "height": 500})
    sign_in(page, twin.demo)
    for path, name in (("/help", "Help"), ("/", "Home")):
        page.goto(twin.demo.origin + path)
        expect(page.get_by_role("navigation", name="Main").get_by_role("link", name=name)).to_be_in_viewport(ratio=1)


def test_the_drawer_opens_by_keyboard_and_without_javascript(twin: Twin, plain: BrowserContext) -> None:
    """On a phone the button opens it, Escape closes it, and a place in it leads on."""
    page = opened(plain, twin, "/apps")
    drawer = page.get_by_role("navigation", name="Main")
    menu = page.get_by_role("button", name="Menu")
    expect(drawer).to_be_hidden()
    menu.focus()
    page.keyboard.press("Enter")
    expect(drawer).to_be_visible()
    expect(drawer.get_by_role("link", name="Apps and Keys")).to_have_attribute("aria-current", "page")
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    menu.click()
    drawer.get_by_role("link", name="Custody", exact=True).click()
    page.wait_for_url("**/custody")


def test_a_panel_that_asks_once_more_is_a_dialog(twin: Twin, desk: BrowserContext) -> None:
    """It takes the focus, Escape gives it back, and nothing was done."""
    page = opened(desk, twin, f"/apps/{cast.FRESH_START}")
    button = page.locator("summary", has_text="Stop").first
    button.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    demand_no_sideways(page)
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(button).to_be_focused()


def test_what_was_done_floats_and_leaves(twin: Twin, desk: BrowserContext) -> None:
    """It can be closed, and does not come back when the page is loaded again."""
    page = opened(desk, twin, "/notices")
    page.get_by_role("button", name="Save").click()
    toast = page.locator(".notice.is-floating")
    expect(toast).to_be_visible()
    toast.get_by_role("button", name="Close").click()
    expect(toast).to_have_count(0)
    page.reload()
    expect(page.locator("[data-toast]")).to_have_count(0)


def test_calls_arrive_while_somebody_looks(twin: Twin, desk: BrowserContext, another: BrowserContext) -> None:
    """The cells fill by themselves, the focus stays where it is, and nothing complains."""
    worker = another.new_page()
    sign_in(worker, twin.demo)
    key = create_app(worker, twin.demo)
    secret = add_secret_and_redirect_uri(worker, twin.demo, key)
    page = desk.new_page()
    sign_in(page, twin.demo)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(f"{twin.demo.origin}/apps/{key}/go-live")
    rule = page.get_by_role("link", name="20 or more calls in a row").first
    rule.focus()
    make_calls(worker, twin.demo, key, secret, 3)
    page.bring_to_front()
    expect(page.locator(".tally")).to_contain_text("3of 20 calls in a row")
    expect(rule).to_be_focused()
    expect(page.locator("#progress .copy, #progress time[title]").first).to_be_attached()
    assert complaints == []


def test_a_theme_stays(twin: Twin, desk: BrowserContext) -> None:
    """Pressed in the menu it holds on the next page, and the ground under the words is dark."""
    page = opened(desk, twin, "/")
    light = ground(page)
    page.locator("summary", has_text="Signed in as").click()
    page.get_by_role("button", name="Dark").click()
    page.wait_for_load_state()
    page.goto(f"{twin.demo.origin}/members")
    assert ground(page) != light
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def ground(page: Page) -> str:
    """The colour that a page stands on."""
    return str(page.evaluate("getComputedStyle(document.documentElement).backgroundColor"))
