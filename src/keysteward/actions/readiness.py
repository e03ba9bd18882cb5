"""How does a key stand before its review, rule by rule, and what is left to do?

Looking is free and changes nothing: everything is read and judged anew, and none of it is kept.
"""

from dataclasses import replace
from typing import NamedTuple

from keysteward.actions import golive
from keysteward.actions.context import Context
from keysteward.rules import fitness, pace
from keysteward.rules.access import Actor
from keysteward.rules.fitness import Custody, Habits, Remark
from keysteward.rules.golive import rules_of
from keysteward.rules.pace import PACE_SHOWN_FOR, Peak, Sight, Timeline
from keysteward.rules.policy import Policy
from keysteward.rules.readiness import Cell, Plan, RuleState, cells, plan, rule_states
from keysteward.rules.usage import GRANTS_USED
from keysteward.store import audit, keys, legacy, readiness, summing, usage
from keysteward.store.database import Connection

CALLS_LOOKED_AT = 600  # more than a burst of production has, by its limit as it comes


class Outlook(NamedTuple):
    """A key before its review: where it stands, and everything that explains it.

    `durations` are microseconds, by the traces of the calls that are shown; `calls_looked_at` is how many of the newest
    calls the timelines and peaks were made from, and `custody` what production said of a live key.
    """

    ready: golive.Readiness
    cells: tuple[Cell, ...]
    rules: tuple[RuleState, ...]
    plan: Plan
    timelines: tuple[Timeline, ...]
    peaks: tuple[Peak, ...]
    security: tuple[Remark, ...]
    custody: tuple[Remark, ...]
    durations: dict[str, int]
    calls_looked_at: int


def outlook(ctx: Context, actor: Actor, key: str) -> Outlook:
    """Everything that is to be said of a key before its review; as much work for a million calls as for a thousand."""
    ready = golive.readiness(ctx, actor, key)
    evidence, policy, app = ready.evidence, ready.policy, ready.app
    traces = {call.trace for call in ready.newest_calls} | {counted.call.trace for counted in evidence.calls}
    with ctx.database.reading() as tx:
        sights = _sights(tx, ready)
        timelines = pace.timelines(sights, policy)
        return Outlook(
            ready=ready,
            cells=cells(evidence, policy),
            rules=rule_states(evidence, policy, rules_of(policy)),
            plan=plan(evidence, policy, rules_of(policy), timelines),
            timelines=timelines,
            peaks=(_busiest_hour(ctx, tx, ready, sights), _fullest_burst(sights, policy)),
            security=fitness.remarks(_habits(ctx, tx, ready)),
            custody=fitness.about_custody(said) if app.live_at and (said := _custody(tx, app.key)) else (),
            durations=readiness.find_durations(tx, traces),
            calls_looked_at=len(sights),
        )


def _sights(tx: Connection, ready: golive.Readiness) -> list[Sight]:
    """The newest calls up to those that were judged; what came in between is for the next look."""
    newest = ready.newest_calls[0].sequence if ready.newest_calls else 0
    return readiness.list_sights(tx, ready.app.key, newest, CALLS_LOOKED_AT)


def _busiest_hour(ctx: Context, tx: Connection, ready: golive.Readiness, sights: list[Sight]) -> Peak:
    mark = summing.summed_to(tx)
    unsummed = [sight for sight in sights if sight.sequence > mark]
    sums = readiness.list_hour_sums(tx, ready.app.key, ctx.now - PACE_SHOWN_FOR)
    return pace.busiest_hour(sums, unsummed, ready.policy, at_least=len(unsummed) == CALLS_LOOKED_AT)


def _fullest_burst(sights: list[Sight], policy: Policy) -> Peak:
    found = pace.busiest_burst(sights, policy)
    return replace(found, at_least=found.calls == CALLS_LOOKED_AT)


def _habits(ctx: Context, tx: Connection, ready: golive.Readiness) -> Habits:
    key, since = ready.app.key, (ctx.now - fitness.LEGACY_LOOKED_BACK).date().isoformat()
    used = usage.last_hours_of_grants(tx, key, GRANTS_USED)
    settings, counted = keys.load_settings(tx, key), legacy.count_of_key(tx, key, since)
    return Habits(ready.app, settings, used, counted, ready.policy, ctx.now)


def _custody(tx: Connection, key: str) -> Custody | None:
    event = audit.find_newest_event(tx, key, "ReceiptAccepted")
    if event is None:
        return None
    return Custody(int(event.data["admins"]), event.data["service_admin"] == "true", event.at)
