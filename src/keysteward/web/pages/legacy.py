"""Who still authenticates the old way with an account's keys, and what is to be done about it?"""

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions.context import Context
from keysteward.actions.legacy_cockpit import SHOWN_DAYS, Calling, KeyUse, Tally, cockpit
from keysteward.actions.signin import Visitor
from keysteward.rules.keys import GRANT_NAMES
from keysteward.rules.legacy import REPLACED, brown_out_shown, plan
from keysteward.rules.phases import PHASES, step_of
from keysteward.web.pages.bar_chart import Counts, bar_chart
from keysteward.web.pages.lists import Column, Filter, Table, read
from keysteward.web.pages.visits import account_in_use, for_visitors
from keysteward.web.reading import context
from keysteward.web.sessions import visitor_or_none
from keysteward.web.showing import show

_MEANS = {
    "measure": ("Measure", "Calls pass and are counted."),
    "warn": ("Warn", "Calls pass; each answer says when that ends."),
    "brown-out": ("Brown-out", "Calls are refused for a while at announced hours, and pass otherwise."),
    "block new": ("Block new", "Only keys that called this way before still pass."),
    "block all": ("Block all", "Every call is refused, but those of keys with a waiver."),
}
_KEYS = Table(
    "legacy-keys",
    (
        Column("App", "name", is_shown=False),
        Column("Integration key", "key", sorts=False, is_shown=False),
        Column("Calls that passed", "passed", "number", is_shown=False),
        Column("Calls that were refused", "refused", "number", is_shown=False),
        Column("Users", "users", sorts=False, is_shown=False),
        Column("Move to", "grant", sorts=False, is_shown=False),
        Column("Waiver until", "waiver_until", "moment", is_shown=False),
    ),
    ("name", "key", "users"),
    "Name, key or user",
    (
        Filter("grant", "Move to", {name: name for name in sorted({*GRANT_NAMES.values()})}, "Every way"),
        Filter("has_waiver", "Waiver", {"yes": "With a waiver", "no": "Without"}, "With or without"),
    ),
)


@for_visitors
async def shown(request: Request, visitor: Visitor) -> Response:
    """`GET /legacy`: the legacy cockpit of the account in use."""
    ctx, account = context(request), account_in_use(visitor).account.id
    found = await run_in_threadpool(cockpit, ctx, visitor.actor, account)
    used = [use for use in found if use.calling or use.waiver]
    listing = read(request, _KEYS)
    part = listing.arranged([_key(use) for use in used])
    if listing.is_download:
        return listing.download(part.rows)
    values = {
        "plan": _plan(ctx),
        "phases": _phases(ctx),
        "brown_out": brown_out_shown(ctx.policy, ctx.now),
        "keys": part.rows,
        "listing": listing.shown(part),
        "quiet": [{"name": use.app.name, "key": use.app.key} for use in found if use not in used],
        "days": SHOWN_DAYS,
    }
    return show(request, "legacy.html", values, visitor=visitor)


async def advice(request: Request) -> Response:
    """`GET /help/legacy-authentication`: what to move to, whoever asks."""
    ctx = context(request)
    rules = [{"grant": GRANT_NAMES[each.grant], "why": each.why, "source": each.source} for each in REPLACED]
    values = {"rules": rules, "plan": _plan(ctx), "phases": _phases(ctx)}
    return show(request, "legacy_advice.html", values, visitor=await visitor_or_none(request))


def _plan(ctx: Context) -> dict[str, Any]:
    phase, since, coming = plan(ctx.policy, ctx.now)
    name, means = _MEANS[phase]
    return {"name": name, "means": means, "next": _MEANS[coming][0] if coming else "", "next_at": since}


def _phases(ctx: Context) -> list[dict[str, Any]]:
    """The phases of this environment, in order; a phase that its plan leaves out is not shown."""
    phase = plan(ctx.policy, ctx.now)[0]
    steps = ((each, step_of(ctx.policy.legacy_phases, each)) for each in PHASES)
    return [
        {
            "name": _MEANS[each][0],
            "means": _MEANS[each][1],
            "since": step.since if step != ctx.policy.legacy_phases[0] else None,
            "state": "now" if each == phase else "done" if PHASES.index(each) < PHASES.index(phase) else "coming",
        }
        for each, step in steps
        if step is not None
    ]


def _key(use: KeyUse) -> dict[str, Any]:
    return {
        "name": use.app.name,
        "key": use.app.key,
        "passed": use.passed,
        "refused": use.refused,
        "chart": _chart(use.days),
        "calling": [_calling(each) for each in use.calling],
        "grant": GRANT_NAMES[use.replacement.grant],
        "steps": use.steps,
        "waiver": use.waiver,
        "waiver_until": use.waiver.until if use.waiver else None,
        "has_waiver": use.waiver is not None,
        "users": [who for each in use.calling if (who := each.person.email)],
    }


def _calling(each: Calling) -> dict[str, Any]:
    nobody = "" if each.person.id else "Password not checked"
    return {
        "who": each.person.email or nobody or "A user of another account",
        "id": each.person.id,
        "passed": each.passed,
        "refused": each.refused,
        "last_at": each.last_at,
        "from": each.address,
        "sdk": each.sdk or "not said",
        "grant": GRANT_NAMES[each.replacement.grant] if each.person.id else "",
        "why": each.replacement.why if each.person.id else "",
    }


def _chart(days: tuple[Tally, ...]) -> dict[str, Any]:
    """Day by day: what passed below, what was refused above it."""
    bars = [Counts(day.day, day.passed, day.refused) for day in days]
    return bar_chart(bars, (days[0].day, days[-1].day), "None in these days")
