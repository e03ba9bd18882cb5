"""Can a program of an account's admin see its limits, and ask whether a call would pass?"""

from keysteward.actions import limits
from keysteward.rules.limits import Wish
from tests.cast import ACME, MALLORY, SAM, START
from tests.polling import until
from tests.web.api.program import House

LIMITS = f"/accounts/{ACME.demo}/limits"
WOULD_PASS = f"/accounts/{ACME.demo}/would-pass"


def test_limits_are_seen(house: House) -> None:
    """What applies, what passed, what is tried and how it did, and how it came to be."""
    demo = house.town.demo
    limits.set_limits(demo, ACME.demo, Wish(hourly=9, candidate_hourly=1), "Olga", "They hammer.")
    for _ in range(2):
        limits.measure(demo, ACME.demo)
    until(lambda: limits.sum_trials(demo))

    assert house.program().get(LIMITS) == {
        "limits": {"hourly": 9, "burst": 200},
        "passed": {"hourly": 2, "burst": 2, "hour_ends_at": "2026-11-20T10:00:00Z"},
        "burst_window_seconds": 30,
        "candidate": {"hourly": 1, "burst": 200},
        "overrides": [
            {
                "number": 1,
                "hourly": 9,
                "burst": None,
                "candidate_hourly": 1,
                "candidate_burst": None,
                "reason": "They hammer.",
                "made_by": "Olga",
                "made_at": f"{START:%Y-%m-%dT%H:%M:%SZ}",
            }
        ],
        "trials": [
            {"candidate": {"hourly": 1, "burst": 200}, "calls": 2, "refused": 1, "last_hour": "2026-11-20T09:00:00Z"}
        ],
    }


def test_a_call_is_tried(house: House) -> None:
    """Without a token, and without counting it: yes, or the refusal that it would get."""
    house.town.consent(house.town.demo, house.made, SAM)
    program, asked = house.program(), {"key": house.made.key, "user": SAM.demo}
    yes = program.ask("POST", WOULD_PASS, json=asked).json()
    limits.set_limits(house.town.demo, ACME.demo, Wish(hourly=1), "Olga", "Little.")
    limits.measure(house.town.demo, ACME.demo)
    no = program.ask("POST", WOULD_PASS, json=asked).json()

    assert (yes["passes"], yes["refusal"], yes["passed"]["hourly"]) == (True, None, 0)
    assert no["passes"] is False
    assert no["refusal"] == {
        "status": 429,
        "error_code": "HOURLY_APIINVOCATION_LIMIT_EXCEEDED",
        "message": "The maximum number of hourly API invocations has been exceeded. The hourly limit is 1.",
        "why": "Call again when the next clock hour begins; the header X-RateLimit-Reset says when.",
    }


def test_who_may_not(house: House) -> None:
    """Members, strangers, and programs without the permission."""
    asked = {"key": house.made.key}

    assert house.program(SAM).refused("GET", LIMITS) == (403, "not-an-admin", "")
    assert house.program(MALLORY).refused("GET", LIMITS) == (404, "no-such-account", "")
    assert house.program(MALLORY).refused("POST", WOULD_PASS, json=asked) == (404, "no-such-account", "")
    assert house.program(permissions=frozenset({"account:app:read"})).refused("POST", WOULD_PASS, json=asked) == (
        403, "token-lacks-permission", "",
    )  # fmt: skip
