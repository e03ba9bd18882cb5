"""Can programs and people of an organization read it, and change it where that is a person's deed?"""

from keysteward.actions import organizations
from tests.cast import ACME, ADA, BO, COUNCIL, CY, MALLORY, ORGANIZATION, SMALL, STRANGE, UNKNOWN
from tests.web.api.program import House

OURS = ORGANIZATION["demo"]
HERE = f"/organizations/{OURS}"


def test_an_organization_is_read(house: House) -> None:
    """Its accounts, admins and domains, each domain with the records to publish and what DNS said last."""
    program = house.program(CY)
    found = program.get(HERE)
    (domain,) = found["domains"]

    assert program.get("/organizations") == {"organizations": [{"id": OURS, "name": "Acme Group"}]}
    assert [each["id"] for each in found["accounts"]] == [ACME.demo, COUNCIL.demo]
    assert [(each["email"], each["state"]) for each in found["admins"]] == [(CY.email, "active")]
    assert (domain["host_name"], domain["state"]) == ("acme.example", "active")
    assert domain["last_answer"]["outcome"] == "right"
    assert [each["type"] for each in domain["records"]] == ["TXT", "CNAME"]
    assert domain["records"][1]["value"] == "domain-proof.demo.test"


def test_domains_are_claimed_checked_and_given_up(house: House) -> None:
    """A person claims and gives up; a program may have DNS asked. The twin asks nobody."""
    console, program = house.console(CY), house.program(CY)
    made = console.make(f"{HERE}/domains", {"host_name": "Docs.Acme.Example"})
    checked = program.ask("POST", f"{HERE}/domains/{made['id']}/checks", {}).json()

    assert (made["host_name"], made["state"]) == ("docs.acme.example", "pending")
    assert (checked["state"], checked["last_answer"]["outcome"]) == ("pending", "none")
    assert console.refused("POST", f"{HERE}/domains", {"host_name": "docs.acme.example"}) == (
        409, "domain-claimed", "host_name",
    )  # fmt: skip
    assert console.refused("POST", f"{HERE}/domains", {"host_name": "x"}) == (422, "invalid-field", "host_name")
    assert console.ask("DELETE", f"{HERE}/domains/{made['id']}").status_code == 204
    assert console.refused("DELETE", f"{HERE}/domains/{made['id']}") == (404, "no-such-object", "")


def test_another_organizations_domain(house: House) -> None:
    """Nobody claims what another holds, nor a name below it."""
    town = house.town
    theirs = organizations.create(town.demo, town.actor(MALLORY), STRANGE.demo, "Strange Group").id
    refused = house.console(MALLORY).refused(
        "POST", f"/organizations/{theirs}/domains", {"host_name": "x.acme.example"}
    )

    assert refused == (409, "domain-taken", "host_name")


def test_admins(house: House) -> None:
    """Named by address, removed by id; the last one stays, and a program names nobody."""
    console, admins = house.console(CY), f"{HERE}/admins"

    assert console.ask("POST", admins, {"email": BO.email}).status_code == 204
    assert console.refused("POST", admins, {"email": BO.email}) == (409, "already-an-admin", "email")
    assert console.refused("POST", admins, {"email": MALLORY.email}) == (422, "invalid-field", "email")
    assert console.ask("DELETE", f"{admins}/{BO.demo}").status_code == 204
    assert console.refused("DELETE", f"{admins}/{BO.demo}") == (404, "no-such-user", "")
    assert console.refused("DELETE", f"{admins}/{CY.demo}") == (409, "last-organization-admin", "")
    assert house.program(CY).refused("POST", admins, {"email": BO.email}) == (403, "session-needed", "")


def test_an_account_is_linked_and_unlinked_by_two_words(house: House) -> None:
    """One side asks, the other agrees to what it read; what is not asked is not agreed to."""
    cy, ada, of_small = house.console(CY), house.console(ADA), f"/accounts/{SMALL.demo}/organization"
    request = {"account": SMALL.demo, "wish": "link"}
    assert cy.ask("POST", f"{HERE}/account-requests", request).status_code == 204
    assert cy.refused("POST", f"{HERE}/account-requests", request) == (409, "already-asked", "account")
    (asked,) = ada.get(of_small)["requests"]
    agreement = f"{of_small}/requests/{OURS}/agreement"
    assert ada.refused("POST", agreement, {"wish": "unlink"}) == (404, "no-such-object", "")
    assert ada.ask("POST", agreement, {"wish": "link"}).status_code == 204

    assert (asked["organization_name"], asked["wish"], asked["side"]) == ("Acme Group", "link", "organization")
    assert ada.get(of_small)["organization"] == {"id": OURS, "name": "Acme Group"}
    assert cy.refused("POST", f"{HERE}/account-requests", request) == (409, "account-linked", "account")
    assert ada.refused("POST", of_small, {"name": "Own"}) == (409, "account-linked", "account")

    assert ada.ask("POST", f"{of_small}/departure", {}).status_code == 204
    one = f"{HERE}/account-requests/{SMALL.demo}"
    assert cy.ask("DELETE", one).status_code == 204
    assert ada.ask("POST", f"{of_small}/departure", {}).status_code == 204
    assert cy.ask("POST", f"{one}/agreement", {"wish": "unlink"}).status_code == 204
    assert ada.get(of_small) == {"organization": None, "since": None, "requests": []}


def test_an_organization_is_created_by_an_admin(house: House) -> None:
    """The account is its first link and the person its first admin; members and strangers create none."""
    ada = house.console(ADA)
    made = ada.make(f"/accounts/{SMALL.demo}/organization", {"name": "Small Group"})

    assert [each["id"] for each in ada.get(f"/organizations/{made['id']}")["accounts"]] == [SMALL.demo]
    assert ada.refused("POST", f"/accounts/{COUNCIL.demo}/organization", {"name": "X"}) == (403, "not-an-admin", "")
    assert ada.refused("POST", f"/accounts/{STRANGE.demo}/organization", {"name": "X"}) == (404, "no-such-account", "")


def test_who_may_not(house: House) -> None:
    """To members and strangers there is no such organization; a program needs the permission."""
    for person in (ADA, MALLORY):
        for path in (HERE, f"/organizations/{UNKNOWN}", "/organizations/x"):
            assert house.program(person).refused("GET", path) == (404, "no-such-organization", "")
    reading = house.program(CY, permissions=frozenset({"organization:settings:read"}))
    domain = reading.get(HERE)["domains"][0]["id"]
    assert reading.refused("POST", f"{HERE}/domains/{domain}/checks", {}) == (403, "token-lacks-permission", "")


def test_whoever_signed_in_long_ago_changes_nothing(house: House) -> None:
    """Claiming, naming and agreeing take a person who just proved who they are."""
    console = house.console(CY)
    house.town.clock.advance(minutes=11)

    for path, body in (
        ("/domains", {"host_name": "docs.example"}),
        ("/admins", {"email": BO.email}),
        ("/account-requests", {"account": SMALL.demo, "wish": "link"}),
    ):
        assert console.refused("POST", HERE + path, body) == (403, "fresh-sign-in-needed", "")
