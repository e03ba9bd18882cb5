"""Does the page of a directory lead an organization admin from a token to what its provider asked?"""

import pytest

from keysteward.actions import scim_tokens
from keysteward.rules.provisioning.tokens import Heard
from tests.cast import ACME, ADA, CY, ORGANIZATION, Town
from tests.web.pages.browsing import Browser, Street

HERE = f"/organizations/{ORGANIZATION['demo']}/scim"


@pytest.fixture
def cy(street: Street) -> Browser:
    """An organization admin."""
    return street.signed_in(CY)


def test_a_token_is_made_shown_once_and_revoked(town: Town, cy: Browser) -> None:
    """Its value stands on one page and no other; sent again, the form makes no second one."""
    empty = cy.open(HERE)
    made = cy.send(empty, f"{HERE}/tokens", name="Entra ID")
    (value,) = [node.text for node in made.main.all("code") if node.text.startswith("ksi_")]

    assert (made.status, made.headers["Cache-Control"]) == (201, "no-store")
    assert made.fact("Base URL") == f"{town.demo.origin}/scim/v2"
    token = scim_tokens.recognize(town.demo, value)
    assert cy.send(empty, f"{HERE}/tokens", name="Once more").status == 409
    listed = cy.open(HERE)
    assert ("Entra ID" in listed.main.text, value in listed.main.text) == (True, False)
    assert "Two may live" in listed.main.text
    gone = cy.send(listed, f"{HERE}/tokens/{token.id}/revoke")
    assert gone.location == f"{HERE}?done=scim-token-revoked#tokens"
    assert scim_tokens.view(town.demo, town.actor(CY), ORGANIZATION["demo"]).tokens == []


def test_a_home_is_chosen_and_requests_are_listed(town: Town, cy: Browser) -> None:
    """DS Admin is not among the choices; a refused request leads to what it means."""
    page = cy.open(HERE)
    choices = [node.get("value") for node in page.main.all("option")]
    wanted = f"{ACME.demo} 10003"
    assert (wanted in choices, any(each.endswith(" 10001") for each in choices)) == (True, False)
    assert cy.send(page, f"{HERE}/home", home=wanted).location == f"{HERE}?done=scim-home-chosen#home"
    wrong = cy.send(page, f"{HERE}/home", home=f"{ACME.demo} 10001")
    assert (wrong.status, "never begin as admins" in wrong.main.text) == (422, True)
    assert cy.send(page, f"{HERE}/home", home="").status == 422
    scim_tokens.note(
        town.demo, Heard(ORGANIZATION["demo"], "x", town.clock.now, "POST /Users", "", 400, "outside-claimed-domains")
    )
    shown = cy.open(HERE).by_id("requests")
    assert shown is not None
    assert ("POST /Users" in shown.text, "revoked since" in shown.text) == (True, True)
    assert "/help/refusals/outside-claimed-domains" in [node.get("href") for node in shown.all("a")]


def test_a_name_is_needed(cy: Browser) -> None:
    """What is wrong stands at the field."""
    assert cy.send(cy.open(HERE), f"{HERE}/tokens", name=" ").status == 422


def test_others_find_nothing(street: Street) -> None:
    """An admin of an account is none of the organization."""
    assert street.signed_in(ADA).open(HERE).status == 404
