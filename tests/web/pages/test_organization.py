"""Do the pages let people create an organization, link accounts, name admins and claim domains?"""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from keysteward.actions import domains
from keysteward.rules.domains import records_of
from keysteward.rules.refusals import LAST_ORGANIZATION_ADMIN, NO_SUCH_ORGANIZATION
from tests.cast import ADA, CY, MALLORY, ORGANIZATION, SMALL, STRANGE, Town
from tests.peers.names import Names, names
from tests.web.pages.browsing import Browser, Street, open_to_browsers

OURS = ORGANIZATION["demo"]
HERE = f"/organizations/{OURS}"


@pytest.fixture
def server() -> Iterator[Names]:
    """A DNS server."""
    with names() as server:
        yield server


@pytest.fixture
def street(town: Town, server: Names) -> Iterator[Street]:
    """The town, whose demo asks that server."""
    town.demo = replace(town.demo, resolver=server.resolver)
    with open_to_browsers(town) as street:
        yield street


@pytest.fixture
def cy(street: Street) -> Browser:
    """An organization admin."""
    return street.signed_in(CY)


def test_an_organization_is_created_and_claims_a_domain(street: Street, town: Town, server: Names) -> None:
    """Mallory creates one for her account, claims a domain, publishes the record that the page shows, and has it."""
    mallory = street.signed_in(MALLORY)
    page = mallory.open("/account/organization")
    made = mallory.send(page, "/account/organization", name="Strange Group").location
    page, path = mallory.open(made), made.partition("?")[0]
    page = mallory.open(mallory.send(page, f"{path}/domains", host_name="Strange.Example").location)
    claimed = page.main.text
    (domain,) = domains.list_claimed(town.demo, town.actor(MALLORY), path.rpartition("/")[2])
    check = f"{path}/domains/{domain.id}/check"
    before = mallory.open(mallory.send(page, check).location)
    server.publish(records_of(domain, town.demo.proving)[0])
    after = mallory.open(mallory.send(before, check).location)

    assert f"keysteward={domain.token}" in claimed
    assert f"{domain.token}.strange.example" in claimed
    assert before.notice.startswith("DNS does not show the proof yet")
    assert "TXT at strange.example: nothing" in before.main.text
    assert after.notice.startswith("DNS shows the proof")
    assert "Active" in after.main.text


def test_what_is_wrong_stands_at_its_field(cy: Browser) -> None:
    """A name that is none, a domain claimed before, a stranger's address, and an account that is not there."""
    page = cy.open(HERE)

    assert "such as acme.example" in cy.send(page, f"{HERE}/domains", host_name="localhost").error_at("host_name")
    assert "claims this domain" in cy.send(page, f"{HERE}/domains", host_name="acme.example").error_at("host_name")
    assert "verified address" in cy.send(page, f"{HERE}/admins", email=MALLORY.email).error_at("email")
    assert "GUID" in cy.send(page, f"{HERE}/links", account="12345").error_at("account")


def test_domains_are_narrowed_and_taken_along(cy: Browser) -> None:
    """By their state and name, in an order of one's own, and as a file."""
    active, pending = (
        cy.open(f"{HERE}?domains-state={state}&domains-sort=-host_name") for state in ("active", "pending")
    )
    file = cy.ask("GET", f"{HERE}?csv=domains").root.text

    assert ("acme.example" in active.main.text, "Nothing fits" in active.main.text) == (True, False)
    assert "Nothing fits" in pending.main.text
    assert "acme.example,active," in file


def test_an_account_joins_and_leaves(cy: Browser, street: Street, town: Town) -> None:
    """Cy asks, an admin of the account agrees on the account's page, and asks to leave again, to which Cy agrees."""
    cy.send(cy.open(HERE), f"{HERE}/links", account=SMALL.demo)
    ada = street.signed_in(ADA)
    ada.send(ada.open("/"), "/account", account=SMALL.demo)
    page = ada.open("/account/organization")
    asked = page.main.text
    joined = ada.open(ada.send(page, f"/account/organization/requests/{OURS}/agree").location)
    left = ada.open(ada.send(joined, "/account/organization/leave").location)
    cy.send(cy.open(HERE), f"{HERE}/links/{SMALL.demo}/agree")

    assert "Acme Group asks" in asked
    assert joined.notice.startswith("Agreed")
    assert left.notice.startswith("Asked")
    assert SMALL.demo not in cy.open(HERE).main.text


def test_a_request_is_declined(cy: Browser, street: Street) -> None:
    """The account stays where it is."""
    cy.send(cy.open(HERE), f"{HERE}/links", account=STRANGE.demo)
    mallory = street.signed_in(MALLORY)
    page = mallory.open("/account/organization")
    after = mallory.open(mallory.send(page, f"/account/organization/requests/{OURS}/end").location)

    assert "Create an organization" in after.main.text
    assert "asked to join" not in cy.open(HERE).main.text


def test_admins_come_and_go_but_for_the_last(cy: Browser, street: Street) -> None:
    """Cy names Ada, who removes Cy and is the last one then."""
    cy.send(cy.open(HERE), f"{HERE}/admins", email=ADA.email)
    ada = street.signed_in(ADA)
    ada.send(ada.open(HERE), f"{HERE}/admins/{CY.demo}/remove")
    page = ada.open(HERE)

    assert "the last one" in page.main.text
    assert cy.ask("GET", HERE).status == NO_SUCH_ORGANIZATION.status
    assert ada.ask("POST", f"{HERE}/admins/{ADA.demo}/remove", []).status == LAST_ORGANIZATION_ADMIN.status
