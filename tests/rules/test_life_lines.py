"""Does a life line say what a key lived through, and what is to come?"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from keysteward.rules.events import Event
from keysteward.rules.golive import Review
from keysteward.rules.keys import App, Secret, Settings
from keysteward.rules.life_lines import Facts, life_line
from keysteward.rules.policy import DEFAULT
from keysteward.rules.replacements import Retirement
from keysteward.rules.transfers import Act

DAY = timedelta(days=1)
START = datetime(2026, 3, 1, 9, tzinfo=UTC)
NOW = START + 40 * DAY
KEY = "7d1c9e9e-1f0a-4b52-9a55-3a0d6f8f0c11"
APP = App(
    KEY, "acme", "Lease signer", "team@acme.example", "Private custom integration", frozenset({"jwt"}), False, "", "",
    "ada@acme.example", START, "ada@acme.example",
)  # fmt: skip
REVIEW = Review("r1", KEY, START + 10 * DAY, "ada", "ada@acme.example", 20, 1, START + 10 * DAY, "passed", 20)


def told(facts: Facts, now: datetime = NOW) -> tuple[list[str], list[str]]:
    """What was, and what is to come."""
    line = life_line(facts, now, DEFAULT)
    return [moment.what for moment in line.past], [moment.what for moment in line.ahead]


def test_a_key_in_demo_from_its_creation_to_its_review() -> None:
    """Its moments stand in the order of time; a pass that nobody used expires ahead."""
    secret = Secret("s", "abcd", START + 2 * DAY, "ada", START + 60 * DAY)
    failed = replace(REVIEW, id="r0", started_at=START + 5 * DAY, settled_at=START + 5 * DAY, verdict="failed")
    facts = Facts(APP, Settings(secrets=(secret,)), START + 3 * DAY, (failed, REVIEW))

    assert told(facts) == (
        ["Created", "Secret key …abcd made", "First call", "Review failed", "Review passed"],
        ["Secret key …abcd ends", "Review expires"],
    )


def test_what_ended_is_past() -> None:
    """A credential that ended says so, a pass that expired is no news, and one that was used never expires."""
    secret = Secret("s", "abcd", START + 2 * DAY, "ada", START + 60 * DAY)
    facts = Facts(APP, Settings(secrets=(secret,)), None, (REVIEW,))
    live = replace(facts, app=replace(APP, live_at=START + 20 * DAY))

    assert told(facts, START + 200 * DAY)[0][-1] == "Secret key …abcd ended"
    assert told(facts, START + 200 * DAY)[1] == []
    assert told(live) == (
        ["Created", "Secret key …abcd made", "Review passed", "Live in production"],
        ["Secret key …abcd ends"],
    )


def test_a_key_in_production_moves_and_retires() -> None:
    """It came by promotion; what happened again and again is told every time; the last day to undo lies ahead."""
    names = ("KeyStopped", "KeyStarted", "KeyMoved", "KeyRetired", "KeySettingsChanged")
    events = tuple(Event(name, START + day * DAY, "ada", KEY, "acme") for day, name in enumerate(names, 5))  # type: ignore[arg-type]
    retirement = Retirement(
        "t", KEY, "next", "admin", Act("ada", "ada@acme.example", START), "Replaced.", retired_at=NOW - DAY
    )
    facts = Facts(replace(APP, promoted_at=START + DAY), Settings(), None, (), events, retirement)

    assert told(facts) == (
        ["Came into production", "Stopped", "Started again", "Moved to this account", "Retired"],
        ["Last day to bring it back"],
    )


def test_a_deleted_key_can_be_restored_for_a_while() -> None:
    """The last day to do so lies ahead, and then behind."""
    facts = Facts(replace(APP, deleted_at=NOW - DAY), Settings())

    assert told(facts)[1] == ["Last day to restore it"]
    assert told(facts, NOW + 30 * DAY)[0][-1] == "Last day to restore it"
