"""Do programs of an organization's admins see what its custody page shows, settle what is its own, and nobody else?"""

from typing import Any

import pytest

from keysteward.actions import custody
from keysteward.rules.access import READ_CUSTODY
from tests.cast import ACME, ADA, CY, MALLORY, ORGANIZATION, ROBIN, UNKNOWN
from tests.web.api.program import House, refusal_in

CUSTODY = f"/organizations/{ORGANIZATION['production']}/custody"
ACCEPTED = {"until": "2027-03-01T00:00:00Z", "reason": "Eva comes in May."}


@pytest.fixture
def judged(house: House) -> House:
    """The house, whose app is live, after 91 quiet days, with production judged."""
    house.town.go_live(house.made)
    house.town.clock.advance(days=80)
    house.town.clock.advance(days=11)
    for _ in custody.judge_all(house.town.production):
        pass
    return house


def lone(seen: dict[str, Any]) -> dict[str, Any]:
    """That Cy is the only one who can stand in."""
    found: dict[str, Any] = next(each for each in seen["findings"] if each["code"] == "organization-admin-alone")
    return found


def test_findings_are_seen_narrowed_and_paged(judged: House) -> None:
    """Score, counts, accounts and findings as the page has them; what is unknown is refused by its name."""
    cy = judged.program(CY, judged.town.production, frozenset({READ_CUSTODY}))
    seen = cy.get(CUSTODY)
    (unused,) = [each for each in seen["findings"] if each["code"] == "unused-key"]

    assert (seen["total"], seen["page"], seen["pages"]) == (len(seen["findings"]), 1, 1)
    assert sum(seen["open"].values()) == seen["total"]
    assert {"user": CY.production, "name": f"{CY.first_name} {CY.last_name}"} in seen["custodians"]
    assert [(each["name"], each["keys"]) for each in seen["accounts"]] == [("Acme", 1)]
    assert (unused["account"], unused["account_name"]) == (ACME.production, "Acme")
    assert unused["named"] == [{"key": judged.made.key, "name": judged.made.app.name}]
    assert lone(seen)["account"] is None
    assert [each["label"] for each in lone(seen)["mended_at"]] != []
    second = cy.get(f"{CUSTODY}?limit=1&page=2")
    assert second["findings"] == seen["findings"][1:2]
    assert (second["page"], second["pages"]) == (2, seen["total"])
    assert {each["account"] for each in cy.get(f"{CUSTODY}?account={ACME.production}")["findings"]} == {ACME.production}
    assert cy.get(f"{CUSTODY}?owner={CY.production}")["total"] == cy.get(f"{CUSTODY}?status=fixed")["total"] == 0
    assert cy.get(f"{CUSTODY}?owner=nobody")["total"] == seen["total"]
    for field in ("status", "severity", "account", "owner", "page", "limit"):
        assert cy.refused("GET", f"{CUSTODY}?{field}=odd") == (422, "invalid-field", field)


def test_what_is_its_own_is_settled_by_its_admins_alone(judged: House) -> None:
    """An owner, an acceptance and its end; what is an account's is settled there; for all others there is nothing."""
    cy = judged.program(CY, judged.town.production)
    seen = cy.get(CUSTODY)
    finding = f"{CUSTODY}/findings/{lone(seen)['id']}"
    of_account = next(each["id"] for each in seen["findings"] if each["account"])

    assert cy.ask("PUT", f"{finding}/owner", json={"owner": CY.production}).json()["owner"] == CY.production
    assert refusal_in(cy.ask("PUT", f"{finding}/owner", json={"owner": ROBIN.production})) == (
        422,
        "invalid-field",
        "owner",
    )
    assert cy.ask("PUT", f"{finding}/acceptance", json=ACCEPTED).json()["status"] == "accepted"
    assert cy.ask("DELETE", f"{finding}/acceptance").json()["status"] == "open"
    assert cy.ask("DELETE", f"{finding}/acceptance").status_code == 404
    other = cy.ask("PUT", f"{CUSTODY}/findings/{of_account}/acceptance", json=ACCEPTED)
    assert refusal_in(other) == (404, "no-such-object", "")

    for person in (ADA, MALLORY):
        program = judged.program(person, judged.town.production)
        foreign, unknown = (program.refused("GET", f"/organizations/{each}/custody") for each in (
            ORGANIZATION["production"], UNKNOWN,
        ))  # fmt: skip
        assert foreign == unknown == (404, "no-such-organization", "")
        assert refusal_in(program.ask("PUT", f"{finding}/owner", json={"owner": None}))[0] == 404
    reading = judged.program(CY, judged.town.production, frozenset({READ_CUSTODY}))
    assert refusal_in(reading.ask("DELETE", f"{finding}/acceptance"))[:2] == (403, "token-lacks-permission")
