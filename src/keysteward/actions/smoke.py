"""How is it seen, and kept, that a key works in production?"""

from typing import NamedTuple

from keysteward.actions.context import Context
from keysteward.actions.keys import changeable, recorded, seen
from keysteward.rules.access import Actor
from keysteward.rules.keys import App
from keysteward.rules.refusals import PROMOTIONS_ARE_IN_PRODUCTION, Refusal
from keysteward.rules.smoke import SmokeTest, Step, judge, passes
from keysteward.rules.words import new_guid
from keysteward.store import smoke

_KEPT_SHOWN = 5


class Smoke(NamedTuple):
    """What is seen of a key now, and the newest smoke tests that were kept."""

    app: App
    steps: tuple[Step, ...]
    kept: list[SmokeTest]


def look(ctx: Context, actor: Actor, key: str) -> Smoke:
    """Judge the key's traffic as it is now; nothing is changed."""
    _demand_production(ctx)
    with ctx.database.reading() as tx:
        app, _ = seen(ctx, tx, actor, key)
        return Smoke(app, judge(smoke.load_traffic(tx, app.key)), smoke.list_kept(tx, app.key, _KEPT_SHOWN))


def keep(ctx: Context, actor: Actor, key: str) -> SmokeTest:
    """Judge the key's traffic and keep the result, with its date and who asked."""
    _demand_production(ctx)
    with ctx.database.writing() as tx:
        app = changeable(ctx, tx, actor, key)
        steps = judge(smoke.load_traffic(tx, app.key))
        test = SmokeTest(new_guid(), ctx.now, actor.email, steps)
        smoke.save(tx, app.key, test)
        recorded(ctx, tx, "SmokeTestKept", actor, app, verdict="passed" if passes(steps) else "not yet")
    return test


def _demand_production(ctx: Context) -> None:
    if ctx.environment != "production":
        raise Refusal(PROMOTIONS_ARE_IN_PRODUCTION)
