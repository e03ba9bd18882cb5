"""Can a program see what is sealed and plan drills, and does only a person ask, approve and download?"""

from typing import Any

from keysteward.rules.access import READ_CUSTODY
from tests.cast import ACME, ADA, BO, MALLORY, SAM
from tests.recovering import REASON, opened, pair
from tests.web.api.program import House, Program

ACCOUNT = f"/accounts/{ACME.demo}"
RECIPIENTS, SEALED = f"{ACCOUNT}/recovery-recipients", f"{ACCOUNT}/sealed-credentials"
WATCHING = frozenset({READ_CUSTODY})


def sealed_secret(house: House, ada: Program) -> dict[str, Any]:
    """A secret key of Ada's app, sealed."""
    ada.make(RECIPIENTS, {"label": "Oslo", "public_key": pair().public_key})
    made: dict[str, Any] = ada.make(f"/keys/{house.made.key}/secrets", {"seal": True})
    return made


def test_the_whole_way(house: House) -> None:
    """Sealed when it is made, asked, approved and downloaded once by people."""
    ada, bo = house.console(ADA), house.console(BO)
    refused = ada.refused("POST", f"/keys/{house.made.key}/secrets", {"seal": True})
    assert refused == (409, "nothing-seals", "seal")
    new = sealed_secret(house, ada)
    assert new["sealed_to"] == 1
    (sealed,) = house.program(BO, permissions=WATCHING).get(SEALED)["sealed"]
    assert (sealed["id"], sealed["recipients"], sealed["state"]) == (new["id"], ["Oslo"], "in use")
    begun = ada.make(f"{SEALED}/{new['id']}/requests", {"reason": REASON})
    at = f"/credential-requests/{begun['id']}"
    assert (begun["status"], begun["approvers"], begun["you_may"]) == ("waiting", [BO.email], ["cancel"])
    assert bo.make(f"{at}/approvals", {})["status"] == "approved"
    file = ada.make(f"{at}/downloads", {})["file"]

    assert opened(file.encode(), pair()) == new["value"]
    assert ada.refused("POST", f"{at}/downloads", {}) == (409, "release-over", "")
    assert [each["status"] for each in bo.get("/credential-requests")["requests"]] == ["downloaded"]


def test_a_program_gives_nothing_out(house: House) -> None:
    """A token sees, and neither adds recipients nor asks, approves, refuses, cancels or downloads."""
    ada, program = house.console(ADA), house.program(ADA)
    new = sealed_secret(house, ada)
    begun = ada.make(f"{SEALED}/{new['id']}/requests", {"reason": REASON})
    at = f"/credential-requests/{begun['id']}"
    (recipient,) = program.get(RECIPIENTS)["recipients"]
    needed = (403, "session-needed", "")

    assert program.get(at)["reason"] == REASON
    body = {"label": "Mine", "public_key": pair("mine").public_key}
    assert program.refused("POST", RECIPIENTS, body) == needed
    assert program.refused("DELETE", f"{RECIPIENTS}/{recipient['id']}") == needed
    assert program.refused("POST", f"{SEALED}/{new['id']}/requests", {"reason": REASON}) == needed
    for step in ("approvals", "refusals", "cancellations", "downloads"):
        assert program.refused("POST", f"{at}/{step}", {}) == needed
    assert house.program(MALLORY).refused("GET", at) == (404, "no-such-object", "")
    assert house.program(SAM).refused("GET", SEALED) == (403, "not-an-admin", "")
    assert house.console(BO).make(f"{at}/refusals", {"reason": "No."})["ending_reason"] == "No."


def test_an_answer_that_is_asked_again_shows_what_was_sealed(house: House) -> None:
    """With an Idempotency-Key one secret key is made and sealed, however often it is sent."""
    ada = house.console(ADA)
    ada.make(RECIPIENTS, {"label": "Oslo", "public_key": pair().public_key})
    path, body = f"/keys/{house.made.key}/secrets", {"seal": True}
    answers = [ada.make(path, body, **{"Idempotency-Key": "once"}) for _ in range(2)]

    assert answers[0] == answers[1]
    assert len(ada.get(SEALED)["sealed"]) == 1


def test_drills(house: House) -> None:
    """A program plans and cancels, people record."""
    program, ada, bo = house.program(ADA), house.console(ADA), house.console(BO)
    wanted = {"kind": "reach-second-admin", "first": ADA.demo, "second": BO.demo, "due_at": "2026-12-31T00:00:00Z"}
    drill = program.make(f"{ACCOUNT}/drills", wanted | {"every_months": 3})
    at = f"/drills/{drill['id']}"
    assert program.refused("POST", f"{at}/results", {"result": "done"}) == (403, "session-needed", "")
    assert program.refused("POST", f"{ACCOUNT}/drills", wanted | {"second": ADA.demo}) == (
        422, "invalid-field", "second",
    )  # fmt: skip
    ada.make(f"{at}/results", {"result": "done"})
    assert bo.make(f"{at}/results", {"result": "failed", "note": "It rang."})["status"] == "failed"
    again, _ = program.get(f"{ACCOUNT}/drills")["drills"]

    assert (again["status"], again["every_months"], again["people"][1]["email"]) == ("planned", 3, BO.email)
    assert program.make(f"/drills/{again['id']}/cancellations", {})["cancelled_by"] == ADA.email
    assert bo.refused("POST", f"/drills/{again['id']}/results", {"result": "done"}) == (409, "drill-over", "")
