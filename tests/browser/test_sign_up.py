"""Does a stranger open a demo account in a real browser, from the sign-in page to the first app?"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from keysteward.twin.cast import PASSWORD
from tests.browser.fitting import demand_no_sideways
from tests.polling import until
from tests.twin.running import ANY_PORTS, Twin, running

NINA = "nina@fjord.example"
SEED = """
[[demo.policies]]
reason = "Developers come by themselves."
author = "Olive"
approved_by = "Omar"
numbers.sign_up = "open"
"""


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twin]:
    """A twin that nobody is in, whose demo lets people come by themselves."""
    folder = tmp_path_factory.mktemp("sign-up")
    seed = folder / "twin.toml"
    seed.write_text(SEED)
    with running(folder / "twin", *ANY_PORTS, "--seed", str(seed)) as twin:
        yield twin


def newest_link(twin: Twin) -> str:
    """Where the newest mail leads."""
    mails = until(lambda: twin.control("GET", "/outbox").json()["mails"])
    found = (re.search(r"https://\S+/sign-up/open\?link=\S+", mail["text"] or "") for mail in mails)
    return next(link[0] for link in found if link)


def test_a_stranger_comes_to_a_first_app(twin: Twin, window: BrowserContext, screenshots: Path) -> None:
    """Asked for, proved by the link, signed in; the account is theirs, and Home leads to the first app."""
    page, main = window.new_page(), window.pages[0].get_by_role("main")
    width = page.viewport_size["width"] if page.viewport_size else 0
    page.goto(f"{twin.demo.origin}/signin")
    page.get_by_role("link", name="Open a demo account").click()
    page.get_by_label("Email address").fill(NINA.replace("@", f"{width}@"))
    page.get_by_label("Name of the account").fill("Fjord Parcels")
    page.screenshot(path=screenshots / f"sign-up-{width}.png", full_page=True)
    demand_no_sideways(page)
    page.get_by_role("button", name="Send the link").click()
    expect(main).to_contain_text("Look into your mailbox")

    page.goto(newest_link(twin))
    page.get_by_label("First name").fill("Nina")
    page.get_by_label("Password").fill(PASSWORD)
    page.screenshot(path=screenshots / f"sign-up-open-{width}.png", full_page=True)
    demand_no_sideways(page)
    page.get_by_role("button", name="Open the account").click()
    expect(main).to_contain_text("you are its only admin")
    page.get_by_role("link", name="Sign in").click()
    page.get_by_label("Email address").fill(NINA.replace("@", f"{width}@"))
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("banner")).to_contain_text("Fjord Parcels")
    page.screenshot(path=screenshots / f"sign-up-home-{width}.png", full_page=True)
    main.get_by_role("link", name=re.compile("Create|Add")).first.click()
    expect(page.get_by_label("App name")).to_be_visible()
