"""Can a program follow a cut-over and retire the old key, and does only a person approve?"""

import pytest

from keysteward.actions import people
from keysteward.rules.accounts import DEVELOPER
from tests.cast import ACME, ADA, CY, MALLORY, SAM, UNKNOWN, VERA, Made
from tests.replacing import WHY, replace_key
from tests.transferring import add_second
from tests.web.api.program import House, Program

BOX = "recovery@acme.example"


@pytest.fixture
def old(house: House) -> Made:
    """Ada's app, live."""
    return house.town.go_live(house.made)


@pytest.fixture
def new(house: House, old: Made) -> Made:
    """Mallory's, in its place."""
    return replace_key(house.town, old)


def test_a_key_shows_what_it_replaces_and_what_replaces_it(house: House, old: Made, new: Made) -> None:
    """What a key says itself, to all who see it; the other key's name, and what others say, to whom they concern."""
    ctx = house.town.production
    ada, mallory = house.program(ADA, ctx), house.program(MALLORY, ctx)
    said = {"key": new.key, "predecessor": old.key, "remark": WHY}
    (theirs,) = ada.get(f"/keys/{old.key}")["replaced_by"]
    own = mallory.get(f"/keys/{new.key}")

    assert theirs.items() >= (said | {"name": "New signer", "predecessor_name": old.app.name}).items()
    assert own["replaces"].items() >= (said | {"name": "New signer", "predecessor_name": None}).items()
    assert (own["replaced_by"], ada.get(f"/keys/{old.key}")["replaces"]) == ([], None)
    assert ada.refused("GET", f"/keys/{new.key}") == mallory.refused("GET", f"/keys/{old.key}")
    people.change_profile(ctx, house.town.actor(ADA, ctx), ACME.production, VERA.production, DEVELOPER.id)
    assert house.program(VERA, ctx).get(f"/keys/{old.key}")["replaced_by"] == []


def test_the_whole_way(house: House, old: Made, new: Made) -> None:
    """Previewed, proved, seen, retired, brought back."""
    ctx = house.town.production
    ada, mallory = house.program(ADA, ctx), house.program(MALLORY, ctx)
    at = f"/replacements/{new.key}"
    preview = ada.get(f"/keys/{old.key}/replacement-preview")
    assert (preview["secrets"], [each["key"] for each in preview["successors"]]) == (1, [new.key])
    (listed,) = mallory.get("/replacements")["replacements"]
    assert (listed["name"], listed["predecessor"], listed["predecessor_name"], listed["remark"]) == (
        "New signer", old.key, None, WHY,
    )  # fmt: skip
    assert mallory.refused("GET", at) == (404, "no-such-object", "")
    assert mallory.refused("POST", f"{at}/proofs", {"secret": "x"}) == (403, "proof-not-good", "secret")
    assert mallory.make(f"{at}/proofs", {"secret": old.secret}) == {"proven": True}

    house.town.call(old, 2, ctx=ctx)
    seen = mallory.get(at)
    assert (seen["sees"], seen["users"], seen["percent_moved"], seen["is_safe"]) == ("usage", [], 0, False)
    assert (seen["days"][-1]["old"], seen["retire_as"], len(seen["days"])) == (2, [], 30)
    assert mallory.refused("POST", f"{at}/retirements", {})[:2] == (403, "not-yours-to-retire")
    assert ada.refused("POST", f"{at}/retirements", {}) == (409, "not-safe-to-retire", "despite_use")
    retired = ada.make(f"{at}/retirements", {"despite_use": True, "reason": "Moved."})["retirement"]
    assert (retired["status"], retired["asked_by"], retired["reason"]) == ("retired", ADA.email, "Moved.")
    assert ada.get(f"{at}/record") == mallory.get(f"{at}/record")
    assert ada.make(f"{at}/reversals", {})["retirement"]["status"] == "brought back"


def test_only_a_person_approves(house: House, new: Made) -> None:
    """A program of the second admin does not."""
    ctx = house.town.production
    add_second(house.town)
    at = f"/replacements/{new.key}"
    asked = house.program(CY, ctx).make(f"{at}/retirements", {"hand": "stand-in"})
    assert (asked["sees"], asked["days"], asked["retirement"]["status"]) == ("signal", [], "to be approved")
    assert house.program(SAM, ctx).refused("POST", f"{at}/approvals", {})[:2] == (403, "session-needed")
    approved = house.console(SAM, ctx).make(f"{at}/approvals", {})
    assert (approved["retirement"]["status"], approved["retirement"]["approved_by"]) == ("waiting", SAM.email)


def test_a_new_key_names_the_old_one(house: House) -> None:
    """In demo, where it is created; what is no GUID is refused by its shape."""
    ada = house.program(ADA)
    body = {"name": "New signer", "contact": "team@acme.example", "predecessor": UNKNOWN, "remark": "Nobody is left."}
    made = ada.make(f"/accounts/{ACME.demo}/keys", body)
    (listed,) = ada.get("/replacements")["replacements"]
    assert (listed["key"], listed["predecessor"], listed["status"]) == (made["key"], UNKNOWN, None)
    assert ada.refused("POST", f"/accounts/{ACME.demo}/keys", body | {"predecessor": "x"})[0] == 400
    assert ada.refused("GET", f"/replacements/{made['key']}")[:2] == (409, "replacements-are-in-production")


def contacts(who: Program) -> list[str]:
    """The recovery contacts of Acme."""
    return [each["email"] for each in who.get(f"/accounts/{ACME.production}/recovery-contacts")["contacts"]]


def test_recovery_contacts(house: House) -> None:
    """Named, listed and removed by a program of an admin."""
    ada, at = house.program(ADA, house.town.production), f"/accounts/{ACME.production}/recovery-contacts"
    assert ada.make(at, {"email": BOX})["state"] == "asked"
    assert contacts(ada) == [BOX]
    assert ada.refused("POST", at, {"email": BOX}) == (409, "contact-known", "email")
    assert ada.ask("DELETE", f"{at}?email={BOX}").status_code == 204
    assert contacts(ada) == []
