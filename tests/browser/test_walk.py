"""Can a person walk from sign-in to a live key, in a real browser, over both origins?"""

import re
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from playwright.sync_api import BrowserContext, Page, expect

from keysteward.twin import cast
from tests.twin.running import Place, Twin

ENVELOPE = {"emailSubject": "Please sign", "status": "created"}


def test_from_sign_in_to_a_live_key(twin: Twin, window: BrowserContext, screenshots: Path) -> None:
    """Ada signs in, creates an app, makes it pass its review, goes live and finds the key in production."""
    page = window.new_page()
    sign_in(page, twin.demo)
    key = create_app(page, twin.demo)
    secret = add_secret_and_redirect_uri(page, twin.demo, key)
    make_calls(page, twin.demo, key, secret, 20)
    start_review(page, twin.demo, key)
    go_live(page, twin, screenshots, key)
    page.goto(f"{twin.demo.origin}/apps/{key}/go-live")
    expect(page.locator("main")).to_contain_text("Live")


def test_nothing_comes_from_elsewhere(twin: Twin, window: BrowserContext) -> None:
    """No page asks any other host for anything, and none breaks its own content security policy."""
    page = window.new_page()
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    sign_in(page, twin.demo)
    for path in ("/", "/apps", f"/apps/{cast.READY_TO_GO}", f"/apps/{cast.READY_TO_GO}/go-live"):
        page.goto(twin.demo.origin + path)
    foreign = [url for url in asked if not url.startswith((twin.demo.origin, "data:"))]
    assert foreign == []
    assert complaints == []


def test_an_app_is_allowed_in_the_browser(twin: Twin, window: BrowserContext) -> None:
    """Sign-in, consent and the way back to the app pass the pages' own content security policy."""
    page = window.new_page()
    page.route("http://localhost:3000/**", lambda route: route.fulfill(body="the app"))
    scope = f"signature+asked.by.{page.viewport_size['width'] if page.viewport_size else 0}"
    page.goto(
        f"{twin.demo.origin}/oauth/auth?response_type=code&scope={scope}&state=s&client_id={cast.TOOLBOX}"
        "&redirect_uri=http://localhost:3000/ds/callback"
    )
    fill_sign_in(page)
    page.get_by_role("button", name="Allow").click()
    page.wait_for_url(re.compile(r"^http://localhost:3000/ds/callback\?"))
    assert returned(page).keys() == {"code", "iss", "state"}


def sign_in(page: Page, place: Place) -> None:
    """Sign in to the console as Ada."""
    page.goto(f"{place.origin}/signin")
    fill_sign_in(page)
    page.wait_for_url(f"{place.origin}/")


def fill_sign_in(page: Page) -> None:
    """Type Ada's address and password."""
    page.get_by_label("Email address").fill(cast.ada("demo").email)
    page.get_by_label("Password").fill(cast.PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def create_app(page: Page, demo: Place) -> str:
    """Add an app and return its integration key."""
    page.goto(f"{demo.origin}/apps")
    page.get_by_role("link", name="Add App and Integration Key").first.click()
    page.get_by_label("App Name").fill("Walked Through")
    page.get_by_label("Contact").fill("ada@northwind.example")
    page.get_by_role("button", name="Create App").click()
    page.wait_for_url(re.compile(r"/apps/[0-9a-f-]{36}"))
    found = re.search(r"[0-9a-f-]{36}", page.url)
    assert found
    return found[0]


def add_secret_and_redirect_uri(page: Page, demo: Place, key: str) -> str:
    """Give the app what it needs for the authorization code grant; return its secret key."""
    page.goto(f"{demo.origin}/apps/{key}/authentication")
    page.get_by_role("button", name="Add Secret Key").click()
    shown = re.search(r"kss_[\w-]{49}", page.content())
    assert shown
    page.goto(f"{demo.origin}/apps/{key}/redirect-uris")
    page.get_by_role("textbox", name="Add a redirect URI").fill("http://localhost:3000/ds/callback")
    page.get_by_role("button", name="Add URI").click()
    expect(page.locator("main")).to_contain_text("http://localhost:3000/ds/callback")
    return shown[0]


def make_calls(page: Page, demo: Place, key: str, secret: str, count: int) -> None:
    """Consent in the browser, then make real calls with the token."""
    page.route("http://localhost:3000/**", lambda route: route.fulfill(body="the app"))
    page.goto(
        f"{demo.origin}/oauth/auth?response_type=code&scope=signature&client_id={key}"
        "&redirect_uri=http://localhost:3000/ds/callback"
    )
    page.get_by_role("button", name="Allow").click()
    page.wait_for_url(re.compile(r"^http://localhost:3000/"))
    form = {"grant_type": "authorization_code", "code": returned(page)["code"]}
    token = demo.session.post(f"{demo.origin}/oauth/token", data=form, auth=(key, secret), timeout=30).json()
    headers = {"Authorization": f"Bearer {token['access_token']}"}
    path = f"/restapi/v2.1/accounts/{cast.TOWNS['demo'].account}/envelopes"
    statuses = [demo.request("POST", path, json=ENVELOPE, headers=headers).status_code for _ in range(count)]
    assert statuses == [201] * count


def returned(page: Page) -> dict[str, str]:
    """What the browser brought back to the app."""
    return dict(parse_qsl(urlsplit(page.url).query))


def start_review(page: Page, demo: Place, key: str) -> None:
    """Press Start Go-Live Review and wait for the verdict."""
    page.goto(f"{demo.origin}/apps/{key}/go-live")
    page.get_by_role("button", name="Start Go-Live Review").first.click()
    page.wait_for_url(re.compile(rf"/apps/{key}/reviews/"))
    expect(page.locator("main")).to_contain_text("Review Passed")


def go_live(page: Page, twin: Twin, screenshots: Path, key: str) -> None:
    """Press Go Live, sign in to production, choose the account and land on After Go-Live."""
    page.get_by_role("button", name="Go Live").first.click()
    page.wait_for_url(re.compile(re.escape(twin.production.origin)))
    fill_sign_in(page)
    expect(page.locator("main")).to_contain_text("The account is not the right type.")
    width = page.viewport_size["width"] if page.viewport_size else 0
    page.screenshot(path=screenshots / f"choose-account-{width}.png", full_page=True)
    page.get_by_role("radio").first.check()
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name="Go Live").click()
    page.wait_for_url(re.compile(rf"/apps/{key}/after-go-live"))
