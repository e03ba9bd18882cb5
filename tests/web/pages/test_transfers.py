"""Can people give a key to another account by the console, without a script?"""

from datetime import timedelta

import pytest

from tests.cast import ADA, CY, MALLORY, ORGANIZATION, SAM, SMALL, STRANGE, UNKNOWN, Made, Town
from tests.web.pages.browsing import Browser, Page, Street

STAND_IN = f"/organizations/{ORGANIZATION['production']}/stand-in"


@pytest.fixture
def live(town: Town, made: Made) -> Made:
    """Ada's app, live in production and configured there."""
    return town.go_live(made)


def offered(ada: Browser, live: Made, destination: str = STRANGE.production) -> str:
    """Offer the key; say where the transfer stands."""
    at = f"/apps/{live.key}/transfer"
    return ada.send(ada.open(at), f"{at}s", destination=destination).location.partition("?")[0]


def sentence(page: Page) -> str:
    """What is to be typed."""
    (quote,) = page.main.all("blockquote")
    return quote.text


def test_from_one_account_to_the_other(street: Street, live: Made) -> None:
    """Offered, accepted, confirmed twice: then the key is the other's, and both download one record."""
    ada, mallory = street.signed_in(ADA, "production"), street.signed_in(MALLORY, "production")
    at = offered(ada, live)
    before = mallory.open(at)
    assert (before.heading, "Acme" in before.main.text, "Shown once you accept" in before.main.text) == (
        "Transfer of Lease signer", False, True,
    )  # fmt: skip
    mallory.send(before, f"{at}/accept")
    page = mallory.open(at)
    wrong = mallory.send(page, f"{at}/confirm", statement="I take it.")
    assert wrong.error_at("statement").startswith("Type this sentence: Strange takes Lease signer")
    mallory.send(page, f"{at}/confirm", statement=sentence(page))
    page = ada.open(at)
    ada.send(page, f"{at}/confirm", statement=sentence(page))

    assert "The key moved to Strange" in ada.open(at).main.text
    assert mallory.open(f"/apps/{live.key}").heading == "Lease signer"
    assert [each.open(f"{at}/record").status for each in (ada, mallory)] == [200, 200]


@pytest.mark.parametrize("destination", ["nonsense", UNKNOWN, ""], ids=["no-guid", "unknown", "empty"])
def test_a_wrong_destination_is_said_at_its_field(street: Street, live: Made, destination: str) -> None:
    """With what was typed still there."""
    ada, at = street.signed_in(ADA, "production"), f"/apps/{live.key}/transfer"
    page = ada.send(ada.open(at), f"{at}s", destination=destination)

    assert (page.status, page.value("destination")) == (422, destination)
    assert page.error_at("destination").startswith("Give the GUID of the production account")


def test_a_destination_of_the_wrong_type_is_told_to_its_own_admins(street: Street, live: Made) -> None:
    """They cannot accept, and read why."""
    ada = street.signed_in(ADA, "production")
    at = offered(ada, live, SMALL.production)

    page = ada.open(at)
    assert page.forms(f"{at}/accept") == []
    assert "It does not go on The account is not the right type." in page.main.text


def test_a_confirmation_asks_who_it_is(street: Street, town: Town, live: Made) -> None:
    """Whoever signed in a while ago is led to prove it, and comes back."""
    ada = street.signed_in(ADA, "production")
    at = offered(ada, live)
    page = ada.open(at)
    town.clock.now += timedelta(minutes=11)

    assert ada.send(page, f"{at}/confirm", statement=sentence(page)).location.startswith("/security/confirm?next=")


def test_either_side_stops_it_with_a_reason(street: Street, live: Made) -> None:
    """Both read it; a second transfer may start at once."""
    ada, mallory = street.signed_in(ADA, "production"), street.signed_in(MALLORY, "production")
    at = offered(ada, live)
    mallory.send(mallory.open(at), f"{at}/stop", reason="We expect no key.")

    assert "We expect no key." in ada.open(at).main.text
    assert MALLORY.email not in ada.open(at).main.text
    assert offered(ada, live) != at


def test_an_organization_stands_in_and_is_vetoed(street: Street, live: Made) -> None:
    """Cy starts it on the organization's page; Ada, who is there after all, stops it."""
    cy, ada = street.signed_in(CY, "production"), street.signed_in(ADA, "production")
    form = cy.open(STAND_IN)
    wrong = cy.send(form, f"{STAND_IN}s", key=UNKNOWN, destination=STRANGE.production)
    assert wrong.error_at("key") == "No account of this organization manages a key with this GUID in production."
    at = cy.send(form, f"{STAND_IN}s", key=live.key, destination=STRANGE.production).location.partition("?")[0]
    assert "The organization stands in for the source" in ada.open(at).main.text
    ada.send(ada.open(at), f"{at}/stop", reason="I am here.")

    assert "This transfer is over: vetoed" in cy.open(at).main.text


def test_others_see_nothing(street: Street, live: Made) -> None:
    """Neither the transfer nor the list of it."""
    at = offered(street.signed_in(ADA, "production"), live)
    sam = street.signed_in(SAM, "production")

    assert (sam.open(at).status, "No transfer yet" in sam.open("/transfers").main.text) == (404, True)
