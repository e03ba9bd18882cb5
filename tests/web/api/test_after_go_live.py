"""Can a program finish in production what begins with a promotion?"""

import pytest

from keysteward.actions import keys, receipts
from tests.cast import ACME, ADA, CALLBACK, MALLORY, SAM, rsa_keypair
from tests.tickets import mix_up_tickets
from tests.web.api.program import House, Program

GRANT = {"kind": "grant", "value": "jwt"}
URI = {"kind": "redirect_uri", "value": CALLBACK}


@pytest.fixture
def promoted(house: House) -> House:
    """The house, after Ada's app went live."""
    town = house.town
    town.pass_review(house.made)
    town.promote(town.present(house.made))
    return house


def in_production(house: House) -> Program:
    """Ada's program in production."""
    return house.program(ctx=house.town.production)


def test_lines_are_taken_over_once(promoted: House) -> None:
    """Both sides are listed with what speaks against a line; the same lines may be sent again."""
    ada, path = in_production(promoted), f"/keys/{promoted.made.key}"
    before = {(line["kind"], line["demo"]): line for line in ada.get(f"{path}/after-go-live")["lines"]}
    assert before["grant", "implicit"]["danger"].startswith("An older grant")
    assert (before["redirect_uri", CALLBACK]["production"], before["redirect_uri", CALLBACK]["danger"]) == ("", "")
    answers = [ada.ask("POST", f"{path}/settings-sheet", {"lines": [GRANT, URI, GRANT]}) for _ in range(2)]
    taken = [{**each, "refusal": None, "reason": ""} for each in (GRANT, URI)]

    assert [(answer.status_code, answer.json()) for answer in answers] == [(200, {"lines": taken})] * 2
    assert ada.get(f"{path}/after-go-live")["missing"] == ["secrets", "keypairs"][1:]
    assert ada.get(path)["version"] == 2


def test_what_demo_did_not_have_is_refused(promoted: House) -> None:
    """The sheet is what crossed with the ticket, and nothing else is taken from there."""
    ada, path = in_production(promoted), f"/keys/{promoted.made.key}/settings-sheet"
    foreign = {"lines": [GRANT, {"kind": "redirect_uri", "value": "https://elsewhere.example/cb"}]}

    assert ada.refused("POST", path, foreign) == (422, "invalid-field", "lines")
    assert ada.refused("POST", path, {"lines": []}) == (400, "malformed", "")
    view = keys.view(promoted.town.production, promoted.town.actor(ADA, promoted.town.production), promoted.made.key)
    assert (view.app.grants, view.settings.redirect_uris) == (frozenset(), ())


def test_a_public_key_that_demo_knew_is_refused(promoted: House) -> None:
    """With a refusal of its own; another one is taken."""
    ada, path = in_production(promoted), f"/keys/{promoted.made.key}/keypairs"

    assert ada.refused("POST", path, {"public_key": rsa_keypair()[1]}) == (409, "keypair-of-demo", "")
    assert ada.make(path, {"public_key": rsa_keypair("production")[1]})["private_key"] is None


def test_a_smoke_test_is_read_and_kept(promoted: House) -> None:
    """What is seen now, and what was kept with its date and hand."""
    ada, path = in_production(promoted), f"/keys/{promoted.made.key}/smoke-tests"
    kept = ada.make(path, {})
    found = ada.get(path)

    assert (kept["verdict"], kept["kept_by"], kept["key"]) == ("not yet", ADA.email, promoted.made.key)
    assert (found["verdict"], [step["code"] for step in found["steps"]]) == ("not yet", ["token", "userinfo", "call"])
    assert found["kept"] == [kept]


def test_a_receipt_that_was_refused_is_told_of_and_sent_again(promoted: House) -> None:
    """Who asks learns what demo said; once it is sent again it waits like any other."""
    town, path = promoted.town, f"/keys/{promoted.made.key}"
    ada, other = in_production(promoted), town.create_app(name="Other").key
    assert ada.get(f"{path}/after-go-live")["told"]["acknowledged_at"] is None
    mix_up_tickets(town.demo, promoted.made.key, other)
    receipts.deliver_receipts(town.production)
    told = ada.get(f"{path}/after-go-live")["told"]
    assert (told["refused_at"] is not None, bool(told["refusal"])) == (True, True)
    mix_up_tickets(town.demo, other, promoted.made.key)
    assert [ada.ask("POST", f"{path}/receipt", {}).status_code for _ in range(2)] == [204, 204]
    receipts.deliver_receipts(town.production)

    assert ada.get(f"{path}/after-go-live")["told"]["acknowledged_at"] is not None


def test_each_is_for_those_who_manage_the_key_in_production(promoted: House) -> None:
    """Strangers learn nothing, members are told, and demo has none of it."""
    production, path = promoted.town.production, f"/keys/{promoted.made.key}"
    asks = [("settings-sheet", {"lines": [GRANT]}), ("receipt", {}), ("smoke-tests", {})]
    for name, body in asks:
        sam, mallory = promoted.program(SAM, production), promoted.program(MALLORY, production)
        assert sam.refused("POST", f"{path}/{name}", body) == (403, "not-an-admin", "")
        assert mallory.refused("POST", f"{path}/{name}", body) == (404, "no-such-key", "")
        refused = promoted.program().refused("POST", f"{path}/{name}", body)
        assert refused == (409, "promotions-are-in-production", "")
    assert ACME.production == in_production(promoted).get(path)["account"]
