"""How is each deed played that sets the policy, or retires legacy authentication?"""

from contextlib import suppress
from datetime import timedelta

from keysteward.actions import legacy, policy
from keysteward.rules.refusals import Refusal
from tests.cast import ADA
from tests.old_fashioned import admitted, bring_to
from tests.plays.stage import Play, Scene, Stage, Told

OLGA = "Olga"


def apply(on: Stage) -> Scene:
    """An operator changes a number."""
    told = Told("PolicyApplied", OLGA, "", "")
    change = {"calls_needed": 30}
    return Scene(on.demo, lambda: policy.apply(on.demo, change, author=OLGA, reason="More proof."), told)


def waive(on: Stage) -> Scene:
    """A key may go on for a while."""
    told = on.of_key("LegacyWaived", OLGA)
    until = on.demo.now + timedelta(days=1)
    return Scene(on.demo, lambda: legacy.waive(on.demo, on.made.key, OLGA, ADA.email, "Until tomorrow.", until), told)


def revoke_waiver(on: Stage) -> Scene:
    """It may no longer."""
    waive(on).deed()
    told = on.of_key("LegacyWaiverRevoked", OLGA)
    return Scene(on.demo, lambda: legacy.revoke_waiver(on.demo, on.made.key, OLGA), told)


def call(on: Stage) -> Scene:
    """Sam calls the old way."""
    bring_to(on.demo, ("measure", ""))
    return Scene(on.demo, lambda: admitted(on.demo, on.made), None)


def call_too_late(on: Stage) -> Scene:
    """Sam calls once more when all are blocked."""
    bring_to(on.demo, ("measure", ""), ("block all", "2026-11-21"))
    admitted(on.demo, on.made)
    on.town.clock.advance(days=1)

    def late() -> None:
        with suppress(Refusal):
            admitted(on.demo, on.made)

    return Scene(on.demo, late, None)


DEEDS: tuple[tuple[str, Play], ...] = (
    ("policy.apply", apply),
    ("legacy.waive", waive),
    ("legacy.revoke_waiver", revoke_waiver),
)

SILENT: tuple[tuple[str, str, Play], ...] = (
    ("legacy._prove", "calls are counted, and are no deeds of a key's managers", call),
    ("legacy._refuse", "calls are counted, and are no deeds of a key's managers", call_too_late),
)
