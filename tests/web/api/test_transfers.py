"""Can a program follow a key to another account, and does only a person sign?"""

from typing import Any

import pytest

from keysteward.actions import promotion
from keysteward.crypto.signing import public_keys_of
from keysteward.crypto.transfer_papers import read_record
from tests.cast import ADA, CY, MALLORY, ORGANIZATION, SAM, STRANGE, Person
from tests.web.api.program import House, Program

TO_STRANGE = {"destination": STRANGE.production}


@pytest.fixture
def promoted(house: House) -> House:
    """The house, after Ada's app went live and was configured."""
    house.town.go_live(house.made)
    return house


def person(house: House, who: Person) -> Program:
    """Somebody in the console of production."""
    return house.console(who, house.town.production)


def program(house: House, who: Person) -> Program:
    """Their program."""
    return house.program(who, house.town.production)


def confirm(who: Program, transfer: str, side: str) -> Any:  # noqa: ANN401 — whatever JSON says
    """Type the sentence that the transfer shows."""
    (sentence,) = [each["statement"] for each in who.get(transfer)["to_type"] if each["side"] == side]
    return who.make(f"{transfer}/confirmations", {"side": side, "statement": sentence})


def test_the_whole_way(promoted: House) -> None:
    """Started and accepted by programs, confirmed by people, recorded for both sides."""
    key, ada, mallory = f"/keys/{promoted.made.key}", program(promoted, ADA), program(promoted, MALLORY)
    preview = ada.get(f"{key}/transfer-preview")
    assert (preview["contents"]["secrets"], preview["old_credentials_days"], preview["pending"]) == (1, 30, None)
    begun = ada.make(f"{key}/transfers", TO_STRANGE)
    transfer = f"/transfers/{begun['id']}"
    offered = mallory.get(transfer)
    assert (offered["name"], offered["source"], offered["started_by"], offered["contents"]) == (
        "Lease signer", None, None, None,
    )  # fmt: skip
    assert (offered["you_are"], offered["you_may"]) == (["destination"], ["accept", "cancel"])
    assert mallory.make(f"{transfer}/acceptances", {})["source"]["name"] == "Acme"
    assert confirm(person(promoted, ADA), transfer, "source") == {"moved": False}
    assert ada.refused("GET", f"{transfer}/record") == (409, "transfer-not-ready", "")
    assert confirm(person(promoted, MALLORY), transfer, "destination") == {"moved": True}

    assert mallory.get(key)["account"] == STRANGE.production
    assert ada.refused("GET", key) == (404, "no-such-key", "")
    papers = [each.get(f"{transfer}/record")["paper"] for each in (ada, mallory)]
    published = public_keys_of({"keys": promotion.paper_keys(promoted.town.production)})
    assert [read_record(paper, published).transfer for paper in papers] == [begun["id"]] * 2
    assert [each["status"] for each in ada.get("/transfers")["transfers"]] == ["moved"]


def test_a_program_signs_nothing(promoted: House) -> None:
    """A token neither confirms nor approves nor vetoes, whatever it may do."""
    ada = program(promoted, ADA)
    transfer = f"/transfers/{ada.make(f'/keys/{promoted.made.key}/transfers', TO_STRANGE)['id']}"
    word = {"side": "source", "statement": "x"}

    assert ada.refused("POST", f"{transfer}/confirmations", word) == (403, "session-needed", "")
    assert ada.refused("POST", f"{transfer}/approvals", {}) == (403, "session-needed", "")
    assert ada.refused("POST", f"{transfer}/vetoes", {}) == (403, "session-needed", "")
    assert person(promoted, ADA).refused("POST", f"{transfer}/confirmations", word) == (
        422, "invalid-field", "statement",
    )  # fmt: skip
    assert program(promoted, SAM).refused("GET", transfer) == (404, "no-such-object", "")
    assert ada.make(f"{transfer}/cancellations", {"reason": "No."})["ending"]["reason"] == "No."


def test_an_organization_stands_in(promoted: House) -> None:
    """Started by its admin, stopped by a veto of the source's."""
    path = f"/organizations/{ORGANIZATION['production']}/stand-ins"
    body = {"key": promoted.made.key, **TO_STRANGE}
    begun = program(promoted, CY).make(path, body)
    assert (begun["hand"], begun["you_may"], begun["needs_approval"]) == ("stand-in", ["cancel"], False)
    assert program(promoted, MALLORY).refused("POST", path, body)[1] == "no-such-organization"
    ada = person(promoted, ADA)
    assert ada.get(f"/transfers/{begun['id']}")["you_may"] == ["veto"]

    assert ada.make(f"/transfers/{begun['id']}/vetoes", {"reason": "Here."})["status"] == "vetoed"


def test_demo_transfers_nothing(house: House) -> None:
    """In demo nothing is listed, and nothing starts."""
    key = f"/keys/{house.made.key}"
    demo = house.program()
    assert demo.get("/transfers") == {"transfers": []}
    assert demo.refused("GET", f"{key}/transfer-preview") == (409, "transfers-are-in-production", "")
    assert demo.refused("POST", f"{key}/transfers", TO_STRANGE) == (409, "transfers-are-in-production", "")
