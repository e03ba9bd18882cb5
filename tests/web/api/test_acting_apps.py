"""Can a program of an account's admin see which apps act there, and block one?"""

from tests.cast import ACME, ADA, MALLORY, SAM, STRANGE, UNKNOWN
from tests.web.api.program import House

ACTING = f"/accounts/{ACME.demo}/acting-apps"


def test_an_app_is_seen_blocked_and_unblocked(house: House) -> None:
    """The list says for how many it acts, and who blocked it since when."""
    foreign = house.town.create_app(by=MALLORY, firm=STRANGE, name="Stranger's helper")
    house.town.consent(house.town.demo, foreign, SAM)
    program, block = house.program(), f"{ACTING}/{foreign.key}/block"
    (listed,) = program.get(ACTING)["acting_apps"]
    assert program.ask("PUT", block).status_code == 204
    (blocked,) = program.get(ACTING)["acting_apps"]

    assert listed == {
        "key": foreign.key,
        "name": "Stranger's helper",
        "publisher": "Strange",
        "users": 1,
        "organization": None,
        "since": "2026-11-20T09:30:00Z",
        "block": None,
    }
    assert blocked["block"] == {"blocked_at": "2026-11-20T09:30:00Z", "blocked_by": ADA.email}
    assert program.refused("PUT", f"{ACTING}/{foreign.key.upper()}/block") == (409, "already-blocked", "")
    assert program.ask("DELETE", block).status_code == 204
    assert program.refused("DELETE", block) == (404, "no-such-object", "")


def test_who_may_not(house: House) -> None:
    """Members, strangers, programs without the permission, and apps that do not act here."""
    block = f"{ACTING}/{house.made.key}/block"
    reading = house.program(permissions=frozenset({"account:app:read"}))

    assert house.program(SAM).refused("GET", ACTING) == (403, "not-an-admin", "")
    assert house.program(MALLORY).refused("GET", ACTING) == (404, "no-such-account", "")
    assert reading.get(ACTING) == {"acting_apps": []}
    assert reading.refused("PUT", block) == (403, "token-lacks-permission", "")
    assert house.program().refused("PUT", block) == (404, "no-such-object", "")
    assert house.program().refused("PUT", f"{ACTING}/{UNKNOWN}/block") == (404, "no-such-object", "")
    assert house.program().refused("PUT", f"{ACTING}/x/block") == (404, "no-such-key", "")
