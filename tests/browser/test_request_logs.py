"""Can somebody log what an app does for them, read it and clear it, in a real browser?"""

import time
from pathlib import Path

import jwt
from playwright.sync_api import BrowserContext, Page, expect

from keysteward.twin import cast
from tests.browser.fitting import demand_no_sideways
from tests.browser.test_walk import sign_in
from tests.twin.running import Place, Twin

ENVELOPES = f"/restapi/v2.1/accounts/{cast.TOWNS['demo'].account}/envelopes"
DRAFT = {"emailSubject": "Lease <b>2027</b>", "status": "created", "signer": {"accessCode": "1234", "note": "x" * 300}}


def test_requests_are_logged_read_and_cleared(twin: Twin, window: BrowserContext, screenshots: Path) -> None:
    """Every page fits the window, every button does what it says, and nothing breaks a policy."""
    page, width = window.new_page(), window.pages[0].viewport_size
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    sign_in(page, twin.demo)
    page.goto(f"{twin.demo.origin}/request-logs")
    demand_no_sideways(page)
    page.get_by_role("button", name="Enable logging").click()
    expect(page.locator("main")).to_contain_text("50 of 50 left")
    call(twin.demo)
    read(page, twin.demo, screenshots, width["width"] if width else 0)
    page.get_by_role("button", name="Disable logging").click()
    expect(page.locator("main")).to_contain_text("Logging is off")
    page.locator("summary", has_text="Clear logs").click()
    demand_no_sideways(page)
    page.get_by_role("button", name="Clear the log").click()
    expect(page.locator("main")).to_contain_text("Nothing is logged yet")
    assert complaints == []


def call(demo: Place) -> None:
    """Make two calls for Ada: one that succeeds, and one that does not."""
    variables, now = demo.variables, int(time.time())
    claims = {"iss": variables["DS_INTEGRATION_KEY"], "sub": variables["DS_USER_ID"], "aud": demo.host, "iat": now}
    private_key = Path(variables["DS_PRIVATE_KEY_FILE"]).read_text()
    said = jwt.encode(claims | {"exp": now + 600, "scope": "signature"}, private_key, "RS256")
    form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": said}
    token = demo.request("POST", "/oauth/token", data=form).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    assert demo.request("POST", ENVELOPES, json=DRAFT, headers=headers).status_code == 201
    assert demo.request("GET", f"{ENVELOPES}/{cast.TOOLBOX}", headers=headers).status_code == 404


def read(page: Page, demo: Place, screenshots: Path, width: int) -> None:
    """Find both in the list, and open the first: request and answer, side by side or one below the other."""
    page.goto(f"{demo.origin}/request-logs")
    demand_no_sideways(page)
    page.screenshot(path=screenshots / f"request-logs-{width}.png", full_page=True)
    expect(page.locator("main")).to_contain_text("404 Not Found")
    page.get_by_role("link", name="CreateEnvelope").click()
    demand_no_sideways(page)
    page.screenshot(path=screenshots / f"request-log-{width}.png", full_page=True)
    expect(page.get_by_role("group", name="Body of the request")).to_contain_text("Lease <b>2027</b>")
    expect(page.get_by_role("group", name="Body of the request")).to_contain_text('"accessCode": "[omitted]"')
    request, answer = (page.get_by_role("region", name=side).bounding_box() for side in ("Request", "Answer"))
    assert request
    assert answer
    is_beside = abs(request["y"] - answer["y"]) < 2
    assert is_beside == (width > 1_000)
    page.locator("main").get_by_role("link", name="Request logs").click()
