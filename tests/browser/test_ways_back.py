"""Does a real browser come back to the app in each of the ways that an app can ask for?"""

import re
from html import escape
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, Route

from keysteward.twin import cast
from tests.browser.test_walk import fill_sign_in
from tests.cast import CHALLENGE
from tests.twin.running import Twin

CALLBACK = "http://localhost:3000/ds/callback"
PRIVATE_SCHEME = "com.example.app:/callback"
START = "<!doctype html><title>The app</title>"
STATE = "*^.$DGj*)+}Jk&\"'<b>"


def asking(twin: Twin, window: BrowserContext, **parameters: str) -> str:
    """The address of a request whose scope was never allowed in this window, so that people are asked."""
    page = window.pages[0]
    scope = f"openid asked.{page.viewport_size['width'] if page.viewport_size else 0}.{'.'.join(sorted(parameters))}"
    asked = {
        "client_id": cast.TOOLBOX, "redirect_uri": CALLBACK, "response_type": "code", "scope": scope, "state": STATE,
        "code_challenge": CHALLENGE, "code_challenge_method": "S256",
    } | parameters  # fmt: skip
    return f"{twin.demo.origin}/oauth/auth?{urlencode(asked)}"


@pytest.fixture
def complaints(window: BrowserContext) -> list[str]:
    """What the browser's console says against the pages: a policy that is broken is named there."""
    said: list[str] = []
    page = window.new_page()
    page.on("console", lambda message: said.append(message.text))
    return said


def allow(page: Page, address: str) -> None:
    """Sign in and press Allow."""
    page.goto(address)
    fill_sign_in(page)
    page.get_by_role("button", name="Allow").click()


def test_a_code_in_the_query(twin: Twin, window: BrowserContext, complaints: list[str]) -> None:
    """The state is the same, byte for byte, and the pages' policy lets the browser out to this app."""
    page = window.pages[0]
    page.route("http://localhost:3000/**", lambda route: route.fulfill(body="the app"))
    allow(page, asking(twin, window))
    page.wait_for_url(re.compile(r"^http://localhost:3000/ds/callback\?"))
    told = dict(parse_qsl(urlsplit(page.url).query))

    assert (set(told), told["state"], complaints) == ({"code", "iss", "state"}, STATE, [])


def test_tokens_in_the_fragment(twin: Twin, window: BrowserContext, complaints: list[str]) -> None:
    """What stands behind the hash never reaches a server."""
    page = window.pages[0]
    page.route("http://localhost:3000/**", lambda route: route.fulfill(body="the app"))
    allow(page, asking(twin, window, response_type="id_token token", nonce="n"))
    page.wait_for_url(re.compile(r"^http://localhost:3000/ds/callback#"))
    told = dict(parse_qsl(urlsplit(page.url).fragment))

    assert {"access_token", "id_token", "iss", "state"} <= told.keys()
    assert (told["state"], complaints) == (STATE, [])


def test_a_code_in_a_form(twin: Twin, window: BrowserContext, complaints: list[str]) -> None:
    """`form_post`: the browser posts the code to the app, by itself or at one press, within the page's policy."""
    page, posted = window.pages[0], list[dict[str, str]]()

    def app(route: Route) -> None:
        posted.append(dict(parse_qsl(route.request.post_data or "")))
        route.fulfill(body="the app")

    page.route("http://localhost:3000/**", app)
    allow(page, asking(twin, window, response_mode="form_post"))
    page.wait_for_url(CALLBACK)

    assert [told.keys() for told in posted] == [{"code", "iss", "state"}]
    assert (posted[0]["state"], complaints) == (STATE, [])


def test_a_request_in_a_form_of_another_site(twin: Twin, window: BrowserContext) -> None:
    """The browser keeps our cookie back from the form, and the user who is signed in is known all the same."""
    page = window.new_page()
    page.route("http://localhost:3000/**", lambda route: route.fulfill(body="the app"))
    allow(page, asking(twin, window, nonce="posted"))
    page.wait_for_url(re.compile(r"^http://localhost:3000/ds/callback\?"))
    address, query = asking(twin, window, nonce="posted").split("?")
    fields = "".join(f'<input name="{name}" value="{escape(value)}">' for name, value in parse_qsl(query))
    page.route("https://app.example.com/**", lambda route: route.fulfill(body=START, content_type="text/html"))
    page.goto("https://app.example.com/")
    page.set_content(f'<form method="post" action="{address}">{fields}<button>Sign in</button></form>')
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(re.compile(r"^http://localhost:3000/ds/callback\?"))

    assert {"code", "state"} <= dict(parse_qsl(urlsplit(page.url).query)).keys()


def test_a_code_for_an_app_on_the_device(twin: Twin, window: BrowserContext, complaints: list[str]) -> None:
    """The browser hands a private scheme to the system; here nobody takes it, but nothing stopped it on the way."""
    known = twin.demo.get(f"/keys/{cast.TOOLBOX}/redirect-uris")["redirect_uris"]
    if PRIVATE_SCHEME not in known:
        twin.demo.make(f"/keys/{cast.TOOLBOX}/redirect-uris", {"uri": PRIVATE_SCHEME})
    page = window.pages[0]
    with page.expect_response(lambda each: each.headers.get("location", "").startswith(PRIVATE_SCHEME)) as handed:
        allow(page, asking(twin, window, redirect_uri=PRIVATE_SCHEME))
    back = handed.value.headers["location"]
    page.wait_for_timeout(500)  # whoever complains does so at once

    assert dict(parse_qsl(urlsplit(back).query))["state"] == STATE
    assert [text for text in complaints if "Content Security Policy" in text] == []
