"""Do the pages bring back whoever lost a password, a factor or an address, and tell strangers nothing?"""

import pytest

from keysteward.actions import recovery
from keysteward.rules.refusals import INVALID_FIELD, LINK_NOT_GOOD, NOT_YOUR_LINK, TOO_MANY_LINKS
from tests.cast import ADA, CY, PASSWORD, SAM, Town
from tests.mails import letters_to, link_to
from tests.web.pages.browsing import Browser, Street

NEW = "another correct horse battery"


@pytest.mark.parametrize("address", [SAM.email, "nobody@acme.example", "no address"])
def test_everybody_is_told_the_same(street: Street, address: str) -> None:
    """Whether an address is known, the page does not say."""
    browser = street.browser()
    form = browser.open("/signin")
    assert "/password/forgot" in {link.get("href") for link in form.main.all("a")}
    told = browser.send(browser.open("/password/forgot"), "/password/forgot", email=address)

    assert (told.status, told.heading) == (200, "Look into your mailbox")
    assert f"If {address} is the address of a user here" in told.main.text


def test_a_network_that_asks_too_often_is_told(street: Street, town: Town) -> None:
    """Nothing is written down for it, known address or not."""
    for _ in range(100):
        recovery.demand_patience(town.demo, "127.0.0.1")
    browser = street.browser()
    told = browser.send(browser.open("/password/forgot"), "/password/forgot", email=SAM.email)

    assert (told.status, letters_to(town.demo, SAM.email)) == (TOO_MANY_LINKS.status, [])


def test_the_link_leads_to_a_new_password(street: Street, town: Town) -> None:
    """The page of the mail takes a new password once, signs nobody in, and the sign-in takes it."""
    browser = street.browser()
    browser.send(browser.open("/password/forgot"), "/password/forgot", email=SAM.email)
    path = f"/password/new?link={link_to(town.demo, SAM.email)}"
    form = browser.open(path)
    weak = browser.send(form, "/password/new", password="short")
    changed = browser.send(weak, "/password/new", password=NEW)

    assert (form.heading, weak.status) == ("Choose a new password", INVALID_FIELD.status)
    assert weak.error_at("password") == "Choose 12 to 200 characters."
    assert (changed.heading, browser.cookies) == ("Your password was changed", {})
    assert browser.open(path).status == LINK_NOT_GOOD.status
    assert browser.sign_in(SAM, NEW).status == 303
    assert street.browser().sign_in(SAM, PASSWORD).status == 401


def test_a_link_is_told_to_no_other_site(street: Street, town: Town) -> None:
    """The page of a link is not kept and sends no address of its own along."""
    browser = street.browser()
    browser.send(browser.open("/password/forgot"), "/password/forgot", email=SAM.email)
    page = browser.open(f"/password/new?link={link_to(town.demo, SAM.email)}")

    assert (page.headers["Cache-Control"], page.headers["Referrer-Policy"]) == ("no-store", "same-origin")


def test_another_address(ada: Browser, town: Town) -> None:
    """Asked for under Security, proved by a link, and used from then on."""
    form = ada.open("/security/address")
    wrong = ada.send(form, "/security/address", email="nonsense")
    sent = ada.send(form, "/security/address", email="ada@elsewhere.example")
    confirm = ada.open(f"/security/address/confirm?link={link_to(town.demo, 'ada@elsewhere.example')}")
    done = ada.send(confirm, "/security/address/confirm")

    assert wrong.error_at("email") == "Give an address such as ada@example.com."
    assert "Look into the mailbox of ada@elsewhere.example" in sent.main.text
    assert (confirm.fact("Address until now"), confirm.fact("New address")) == (ADA.email, "ada@elsewhere.example")
    assert (done.status, done.location) == (303, "/security?done=address-changed")
    assert "ada@elsewhere.example" in ada.open("/security/address").main.text


def test_another_address_needs_a_fresh_sign_in(ada: Browser, town: Town) -> None:
    """Who signed in long ago confirms that it is them, and comes back."""
    town.clock.advance(minutes=11)

    assert ada.ask("GET", "/security/address").location == "/security/confirm?next=%2Fsecurity%2Faddress"


def test_a_link_for_somebody_else(street: Street, ada: Browser, town: Town) -> None:
    """Cy cannot be made to confirm Ada's new address; who is not signed in signs in first."""
    ada.send(ada.open("/security/address"), "/security/address", email=CY.email)
    path = f"/security/address/confirm?link={link_to(town.demo, CY.email)}"

    assert street.signed_in(CY).open(path).status == NOT_YOUR_LINK.status
    assert street.browser().ask("GET", path).location.startswith("/signin?next=%2Fsecurity%2Faddress%2Fconfirm")
