"""Can people follow a cut-over in the console, prove, retire and bring back, and name recovery contacts?"""

import pytest

from keysteward.actions import leavers
from keysteward.actions.leavers import Operating
from tests.cast import ADA, BO, CY, MALLORY, ROBIN, SAM, UNKNOWN, VERA, Made, Town
from tests.mails import link_to
from tests.replacing import name_operator, replace_key
from tests.transferring import add_second
from tests.web.pages.browsing import Browser, Street

BOX = "recovery@acme.example"


@pytest.fixture
def old(town: Town, made: Made) -> Made:
    """Ada's app, live."""
    return town.go_live(made)


@pytest.fixture
def new(town: Town, old: Made) -> Made:
    """Mallory's, in its place."""
    return replace_key(town, old)


def test_a_new_key_names_the_old_one(street: Street, ada: Browser) -> None:
    """From its form, which the guide of the old key opens filled; what is no key is said at the field."""
    page = ada.open(f"/apps/new?predecessor={UNKNOWN}")
    assert page.value("predecessor") == UNKNOWN
    typed = {"name": "New signer", "contact": "team@acme.example", "integration_type": "Private custom integration"}
    wrong = ada.send(page, "/apps", **typed, predecessor="the old one")
    assert wrong.error_at("predecessor").startswith("Give the integration key of the old app")
    made = ada.send(page, "/apps", **typed, predecessor=UNKNOWN, remark="Nobody is left.")
    shown = ada.open(made.location)
    assert ("This key replaces another" in shown.main.text, UNKNOWN in shown.main.text) == (True, True)
    assert "New signer" in street.signed_in(ADA).open("/replacements").main.text


def test_the_guide_says_what_is_made_anew(street: Street, old: Made, new: Made) -> None:
    """And leads to demo, and to what replaces it already."""
    page = street.signed_in(ADA, "production").open(f"/apps/{old.key}/replacement")

    assert page.heading == "Replace Lease signer"
    links = {link.get("href") for link in page.main.all("a")}
    assert {f"/replacements/{new.key}", "/replacements"} <= links
    assert any(href.endswith(f"/apps/new?predecessor={old.key}") for href in links)
    assert street.signed_in(MALLORY, "production").open(f"/apps/{old.key}/replacement").status == 404


def test_proved_retired_and_brought_back(street: Street, old: Made, new: Made) -> None:
    """Mallory proves and looks; Ada retires what is still used, knowingly, and Bo brings it back."""
    at = f"/replacements/{new.key}"
    mallory, ada, bo = (street.signed_in(who, "production") for who in (MALLORY, ADA, BO))
    page = mallory.open(f"/replacements?key={new.key.upper()}")
    assert page.heading == "Prove a credential of the old key"
    assert "This proves no live credential" in mallory.send(page, f"{at}/prove", secret="kss_x").error_at("secret")
    mallory.send(page, f"{at}/prove", secret=old.secret)
    seen = mallory.open(at)
    assert (seen.heading, seen.forms(f"{at}/retire")) == ("New signer replaces Lease signer", [])

    street.town.call(old, ctx=street.town.production)
    page = ada.open(at)
    assert "Not safe to retire yet" in page.main.text
    refused = ada.send(page, f"{at}/retire", reason="Moved.")
    assert refused.error_at("despite_use").startswith("It is not safe to retire this key yet: It was called with")
    ada.send(refused, f"{at}/retire", reason="Moved.", despite_use="on")
    assert "This key is retired" in ada.open(f"/apps/{old.key}").main.text
    assert [f"{at}/record" in {link.get("href") for link in who.open(path).main.all("a")} for who, path in (
        (ada, at), (mallory, "/replacements"),
    )] == [True, True]  # fmt: skip
    assert mallory.open(f"{at}/record").status == 200
    page = bo.open(at)
    assert "Lease signer is retired" in page.main.text
    bo.send(page, f"{at}/bring-back", back_reason="The billing job needs it.")
    assert "brought back" in ada.open(at).main.text


def test_an_organization_and_an_operator(street: Street, new: Made) -> None:
    """Each sees the signal and their own hand; the second admin approves; an operator cannot yet."""
    add_second(street.town)
    name_operator(street.town)
    at = f"/replacements/{new.key}"
    cy, sam, vera = (street.signed_in(who, "production") for who in (CY, SAM, VERA))
    page = cy.open(at)
    assert "Who still uses the old key" not in page.main.text
    cy.send(page, f"{at}/retire", reason="Nobody is left.")
    assert cy.open(at).forms(f"{at}/approve") == []
    sam.send(sam.open(at), f"{at}/approve")
    assert "The organization wants to retire" in vera.open(at).main.text
    assert vera.open(at).forms(f"{at}/retire") == []


def test_what_is_not_there(street: Street) -> None:
    """Every key is asked for a proof alike; what is no key is not found."""
    ada = street.signed_in(ADA, "production")
    assert ada.open(f"/replacements/{UNKNOWN}").heading == "Prove a credential of the old key"
    assert ada.open("/replacements/nonsense").status == 404
    assert "No replacement yet" in ada.open("/replacements").main.text


def test_recovery_contacts(street: Street, town: Town) -> None:
    """Named and removed by admins; the links of the mails are opened by whoever reads them, signed in or not."""
    ada, nobody = street.signed_in(ADA, "production"), street.browser("production")
    page = ada.open("/members/recovery-contacts")
    assert ada.send(page, "/members/recovery-contacts/add", email="x").error_at("email").startswith("Give an address")
    ada.send(page, "/members/recovery-contacts/add", email=BOX)
    link = link_to(town.production, BOX)
    agree = nobody.open(f"/recovery-contacts/confirm?link={link}")
    assert "You are a recovery contact" in nobody.send(agree, "/recovery-contacts/confirm").main.text
    assert "Confirmed" in ada.open("/members/recovery-contacts").main.text
    assert nobody.open(f"/recovery-contacts/confirm?link={link}").status == 410

    town.clock.advance(seconds=1)
    for each in (ADA, BO, ROBIN):
        leavers.report(town.production, Operating("the tests"), each.production, "Left.")
    help_ = nobody.open(f"/recovery-contacts/ask?link={link_to(town.production, BOX)}")
    assert "Nobody is an admin" in help_.main.text
    assert "Those who can help were written to" in nobody.send(help_, "/recovery-contacts/ask").main.text


def test_a_contact_is_removed(street: Street) -> None:
    """And is on record no more; a member who is no admin sees who is."""
    ada = street.signed_in(ADA, "production")
    page = ada.open("/members/recovery-contacts")
    ada.send(page, "/members/recovery-contacts/add", email=BOX)
    page = ada.open("/members/recovery-contacts")
    ada.send(page, "/members/recovery-contacts/remove", email=BOX)
    assert BOX not in ada.open("/members/recovery-contacts").main.text
