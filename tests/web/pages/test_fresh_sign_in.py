"""How does the console lead somebody through a fresh sign-in, and back to what they were doing?"""

from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from keysteward.actions import keys
from tests.cast import ACME, ADA, PASSWORD, SAM, Made, Town
from tests.web.pages.browsing import Browser, Page


def confirm(browser: Browser, asked: Page) -> Page:
    """Prove who one is where the console asks for it, and go on."""
    form = browser.open(asked.location)
    assert (asked.status, form.heading) == (303, "Confirm that it is you")
    return browser.open(browser.send(form, "/security/confirm", password=PASSWORD).location)


def test_a_key_is_deleted_after_a_fresh_sign_in(ada: Browser, town: Town, made: Made) -> None:
    """Nothing is done before; the page says so, and the same button does it then."""
    town.clock.advance(minutes=11)
    at = f"/apps/{made.key}"
    page = confirm(ada, ada.send(ada.open(at), f"{at}/delete"))
    before = keys.view(town.demo, town.actor(ADA), made.key).app.deleted_at
    deleted = ada.send(page, f"{at}/delete")

    assert page.notice == "It is you Nothing was done yet: press the button once more."
    assert (page.heading, before, deleted.location) == ("Lease signer", None, "/apps?done=deleted")


@pytest.mark.parametrize(
    ("deed", "page"),
    [("stop", ""), ("revoke-tokens", ""), ("secrets", "/authentication"), ("keypairs", "/authentication")],
)
def test_dangerous_forms_of_an_app_ask(ada: Browser, town: Town, made: Made, deed: str, page: str) -> None:
    """Whoever signed in long ago is asked, and comes back to the page of the form."""
    town.clock.advance(minutes=11)
    at = f"/apps/{made.key}"
    asked = ada.send(ada.open(at + page), f"{at}/{deed}")

    assert asked.location == "/security/confirm?" + urlencode({"next": f"{at}{page}?done=confirmed"})


def test_an_app_is_blocked_after_a_fresh_sign_in(ada: Browser, town: Town, made: Made) -> None:
    """Likewise on the page of the apps that act in an account."""
    town.consent(town.demo, made, SAM)
    town.clock.advance(minutes=11)
    form = f"/account/apps/{made.key}/block"
    page = confirm(ada, ada.send(ada.open("/account/apps"), form))

    assert ada.send(page, form).location == "/account/apps?done=app-blocked"


def test_going_live_asks_on_both_sides(ada: Browser, ada_in_production: Browser, town: Town, made: Made) -> None:
    """In demo before the handle is made; in production before the accounts are shown, and when the choice took long."""
    review = town.pass_review(made)
    town.clock.advance(minutes=11)
    at = f"/apps/{made.key}/reviews/{review.id}"
    pressed = ada.send(confirm(ada, ada.send(ada.open(at), f"{at}/go-live")), f"{at}/go-live")
    target = urlsplit(pressed.location)
    (handle,) = parse_qs(target.query)["handle"]
    choice = confirm(ada_in_production, ada_in_production.ask("GET", f"{target.path}?{target.query}"))
    town.clock.advance(minutes=11)
    late = ada_in_production.send(choice, "/go-live", account=ACME.production, terms="on")
    again = confirm(ada_in_production, late)
    arrived = ada_in_production.send(again, "/go-live", account=ACME.production, terms="on")

    assert late.location.startswith(f"/security/confirm?next=%2Fgo-live%3Fhandle%3D{handle}%26kept%3D")
    assert again.checked("terms") == {"on"}
    assert (choice.heading, again.heading) == ("Select Go-Live account",) * 2
    assert arrived.location == f"/apps/{made.key}/after-go-live?done=promoted"
