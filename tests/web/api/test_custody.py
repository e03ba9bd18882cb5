"""Can a program of an account's admin see what is at risk, settle it, and ask what if?"""

from keysteward.actions import custody
from keysteward.store.custody import Unit
from tests.cast import ACME, ADA, BO, ROBIN
from tests.web.api.program import House

CUSTODY = f"/accounts/{ACME.demo}/custody"


def test_custody_is_seen_and_settled(house: House) -> None:
    """Score, findings, keys with their ways back; a finding gets an owner, is accepted, and is opened again."""
    house.town.clock.advance(days=80)
    house.town.clock.advance(days=11)
    custody.judge(house.town.demo, Unit("account", ACME.demo))
    program = house.program()
    seen = program.get(CUSTODY)
    finding = next(each for each in seen["findings"] if each["code"] == "unused-key")
    path = f"{CUSTODY}/findings/{finding['id']}"

    assert (seen["score"], seen["history"]) == (92, [{"day": "2027-02-19", "score": 92}])
    assert [(way["way"], way["open"]) for way in seen["keys"][0]["ways"]] == [
        ("transfer", False),
        ("stand-in", False),
        ("replacement", True),
    ]
    assert program.ask("PUT", f"{path}/owner", json={"owner": BO.demo}).json()["owner"] == BO.demo
    said = {"until": "2027-03-01T00:00:00Z", "reason": "For the fair."}
    accepted = program.ask("PUT", f"{path}/acceptance", json=said).json()
    assert (accepted["status"], accepted["accepted_reason"]) == ("accepted", "For the fair.")
    assert program.ask("DELETE", f"{path}/acceptance").json()["status"] == "open"
    assert program.ask("DELETE", f"{path}/acceptance").status_code == 404


def test_what_if(house: House) -> None:
    """What would become of the account's keys, and what nobody knows here."""
    changes = [{"event": "leaves", "subject": each.email} for each in (ADA, BO, ROBIN)]
    changes.append({"event": "lapses", "subject": "nowhere.example"})
    found = house.program().ask("POST", f"{CUSTODY}/what-if", json={"changes": changes}).json()

    assert [(each["key"], each["effect"]) for each in found["consequences"]] == [(house.made.key, "unmanageable")]
    assert found["unknown"] == [{"event": "lapses", "subject": "nowhere.example"}]
