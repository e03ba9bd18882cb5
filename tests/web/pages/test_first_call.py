"""Does the guide to the first call know what is done, for whoever reads the key?"""

import pytest

from keysteward.actions import addresses, keys
from keysteward.actions.keys import Draft
from tests.cast import ACME, ADA, CALLBACK, MALLORY, SAM, Made, Town
from tests.web.pages.browsing import Browser, Page, Street


def steps(page: Page) -> list[bool]:
    """Which of them are done."""
    found = [node for node in page.main.all("li") if "check" in node.get("class").split()]
    return ["is-done" in node.get("class").split() for node in found]


def current(page: Page) -> str:
    """The step that comes next."""
    (step,) = (node for node in page.main.all("li") if node.get("aria-current") == "step")
    return step.all("h3")[0].text


def test_a_new_app_is_led_on(ada: Browser, town: Town) -> None:
    """From Home to the guide, which says what comes next, and what it is filled with."""
    app = keys.create(town.demo, town.actor(ADA), ACME.demo, Draft("Newcomer", "team@acme.example"))
    (link,) = (a.get("href") for a in ada.open("/").main.all("a") if a.text == "Make the first call : Newcomer")
    page = ada.open(link)

    assert link == f"/apps/{app.key}/first-call"
    assert steps(page) == [True, True, False, False, False, False]
    assert current(page) == "3. Create a secret key : to do"
    assert page.fact("Integration key").startswith(app.key)
    addresses.add_redirect_uri(town.demo, town.actor(ADA), app.key, CALLBACK)
    assert steps(ada.open(link)) == [True, True, False, True, False, False]
    assert steps(ada.open(f"{link}?way=jwt")) == [True, False, False, True, False, False]


def test_an_app_that_called_is_done(ada: Browser, town: Town, made: Made) -> None:
    """A call that failed is none, and is named with the way to its cause; one that succeeded ends the guide."""
    town.call(made, status=404)
    failed = ada.open(f"/apps/{made.key}/first-call")
    town.call(made)
    done = ada.open(f"/apps/{made.key}/first-call")

    assert "The newest call failed" in failed.main.text
    assert not steps(failed)[-1]
    assert "The first call succeeded" in done.main.text
    assert steps(done)[-1]
    assert "Make the first call" not in ada.open("/").main.text


@pytest.mark.parametrize("query", ["?way=guess&language=cobol", "?language=curl&way=jwt", ""])
def test_whatever_the_address_says(ada: Browser, made: Made, query: str) -> None:
    """An unknown way or language shows the first."""
    page = ada.open(f"/apps/{made.key}/first-call{query}")

    assert page.status == 200
    assert made.key in page.main.text
    assert made.secret not in page.main.text


def test_an_empty_account_says_what_comes(street: Street) -> None:
    """Whoever has no app yet reads the whole way on Home."""
    mallory = street.signed_in(MALLORY)

    assert "From nothing to the first call" in mallory.open("/").main.text


def test_strangers_find_no_guide(street: Street, made: Made) -> None:
    """A key of others is as absent as an unknown one; members learn who may."""
    assert street.signed_in(MALLORY).open(f"/apps/{made.key}/first-call").status == 404
    assert street.signed_in(SAM).open(f"/apps/{made.key}/first-call").status == 403
