"""Can a program see who still authenticates the old way?"""

from datetime import timedelta

from keysteward.actions import legacy
from keysteward.rules.access import READ_KEYS
from tests.cast import ACME, ADA, MALLORY, SAM
from tests.old_fashioned import HERE, admitted, bring_to
from tests.web.api.program import House

PATH = f"/accounts/{ACME.demo}/legacy"


def test_everything_about_a_key_is_told(house: House) -> None:
    """The phase and the next, the calls by day, who called with what, the grant, the steps and the waiver."""
    demo = house.town.demo
    windows = [{"days": ["fri"], "at": ["10:00"], "length": "10m"}]
    bring_to(demo, ("brown-out", ""), ("block all", "2027-03-31"), legacy_brown_outs=windows)
    admitted(demo, house.made)
    legacy.waive(demo, house.made.key, "Olga", ADA.email, "The till is replaced in May.", demo.now + timedelta(days=1))
    told = house.program(permissions=frozenset({READ_KEYS})).get(PATH)
    (key,) = told.pop("keys")

    assert told == {
        "phase": "brown-out",
        "next_phase": "block all",
        "next_phase_at": "2027-03-31T00:00:00Z",
        "brown_out": {"begins_at": "2026-11-20T10:00:00Z", "ends_at": "2026-11-20T10:10:00Z"},
    }
    assert (key["key"], key["name"], key["passed"], key["refused"]) == (house.made.key, "Lease signer", 1, 0)
    assert (len(key["days"]), key["days"][-1]) == (30, {"day": "2026-11-20", "passed": 1, "refused": 0})
    (caller,) = key["callers"]
    assert (caller["user"], caller["email"], caller["address"]) == (SAM.demo, SAM.email, HERE.address)
    assert (caller["sdk"], caller["last_at"]) == ("Java 4.4", "2026-11-20T09:30:00Z")
    assert caller["replacement"] == key["replacement"]
    assert key["replacement"]["grant"] == "confidential_code"
    assert key["steps"][-1].startswith("Send the token as Authorization: Bearer")
    assert (key["waiver"]["owner"], key["waiver"]["until"]) == (ADA.email, "2026-11-21T09:30:00Z")


def test_others_see_nothing(house: House) -> None:
    """Members who are no admins, strangers, and tokens that may not read keys."""
    assert house.program(SAM).refused("GET", PATH) == (403, "not-an-admin", "")
    assert house.program(MALLORY).refused("GET", PATH) == (404, "no-such-account", "")
    assert house.program(permissions=frozenset({"account:review:start"})).refused("GET", PATH) == (
        403, "token-lacks-permission", "",
    )  # fmt: skip
    assert house.stranger().refused("GET", PATH) == (401, "not-signed-in", "")
