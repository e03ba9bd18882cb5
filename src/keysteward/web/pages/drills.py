"""How are drills planned, and their results recorded?"""

from collections.abc import Callable
from datetime import UTC, datetime, time
from functools import partial
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import drills
from keysteward.actions.drills import Choices, Plan, Seen
from keysteward.actions.signin import Visitor
from keysteward.rules.drills import ABOUT, RESULTS, Drill, DrillKind, Result, Status
from keysteward.rules.refusals import INVALID_FIELD, NO_SUCH_OBJECT, Refusal
from keysteward.web.pages.forms import Slip, arrived, done, read_fields, refused
from keysteward.web.pages.lists import Column, Filter, Table, read
from keysteward.web.pages.visits import account_in_use, for_visitors, form_of
from keysteward.web.reading import context, is_uuid
from keysteward.web.showing import show

DRILLS = "/custody/drills"
_PAGE = DRILLS + "/{id}"
_FIELDS = ("kind", "key", "service_admin", "first", "second", "due_at", "every_months")
_REPEATS = ((0, "Once"), (3, "Every 3 months"), (6, "Every 6 months"), (12, "Every year"))
_TONES: dict[Status, tuple[str, str]] = {
    "planned": ("is-info", "clock"),
    "overdue": ("is-warn", "clock"),
    "done": ("is-ok", "check"),
    "failed": ("is-bad", "cross"),
    "cancelled": ("", "cross"),
}

_DRILLS = Table(
    "drills",
    (
        Column("Drill", "title"),
        Column("About", "about", is_shown=False),
        Column("People", "names", sorts=False),
        Column("Due", "due_at", "moment"),
        Column("Where it stands", "status"),
    ),
    ("title", "about", "names"),
    "Drill, key or person",
    (Filter("is_over", "Which", {"no": "To be held", "yes": "Held and cancelled"}, "All of them"),),
)


@for_visitors
async def listed(request: Request, visitor: Visitor) -> Response:
    """`GET /custody/drills`: the drills of the account in use, and the form that plans one."""
    return await _listed(request, visitor, arrived(request))


@form_of(DRILLS)
async def plan(request: Request, visitor: Visitor) -> Response:
    """`POST /custody/drills/plan`: name two people and a day."""
    typed = await read_fields(request, *_FIELDS)
    account = account_in_use(visitor).account.id
    try:
        planned: Drill = await run_in_threadpool(_plan, request, visitor, account, typed)
    except Refusal as refusal:
        return await _listed(request, visitor, refused(refusal, typed, *typed, "subject"))
    return done(f"{DRILLS}/{planned.id}", "drill-planned")


@for_visitors
async def shown(request: Request, visitor: Visitor) -> Response:
    """`GET /custody/drills/{id}`: what to do, and how it went."""
    return await _shown(request, visitor, arrived(request))


@form_of(_PAGE)
async def record(request: Request, visitor: Visitor) -> Response:
    """`POST /custody/drills/{id}/record`: how it went."""
    typed = await read_fields(request, "result", "note")
    deed = partial(_record, request, visitor, typed)
    return await _do(request, visitor, deed, "drill-recorded", typed)


@form_of(_PAGE)
async def cancel(request: Request, visitor: Visitor) -> Response:
    """`POST /custody/drills/{id}/cancel`: it will not be held."""
    deed = partial(drills.cancel, context(request), visitor.actor)
    return await _do(request, visitor, deed, "drill-cancelled", {})


async def _do(
    request: Request, visitor: Visitor, deed: Callable[[str], object], what: str, typed: dict[str, str]
) -> Response:
    drill = _drill_of(request)
    try:
        await run_in_threadpool(deed, drill)
    except Refusal as refusal:
        if refusal.kind is NO_SUCH_OBJECT:
            raise
        return await _shown(request, visitor, refused(refusal, typed, *typed))
    return done(f"{DRILLS}/{drill}", what)


# ── what was typed ──────────────────────────────────────────────────────────────────────────────────────────────────
def _plan(request: Request, visitor: Visitor, account: str, typed: dict[str, str]) -> Drill:
    kind = _kind(typed["kind"])
    named = {"key": typed["key"], "service admin": typed["service_admin"], "": ""}
    wanted = Plan(
        kind, named[ABOUT[kind].subject], typed["first"], typed["second"], _day(typed["due_at"]),
        _months(typed["every_months"]),
    )  # fmt: skip
    return drills.plan(context(request), visitor.actor, account, wanted)


def _record(request: Request, visitor: Visitor, typed: dict[str, str], drill: str) -> None:
    drills.record(context(request), visitor.actor, drill, _result(typed["result"]), typed["note"])


def _kind(unverified: str) -> DrillKind:
    for kind in ABOUT:
        if kind == unverified:
            return kind
    raise Refusal(INVALID_FIELD, field="kind", reason="choose what is to be tried.")


def _result(unverified: str) -> Result:
    for result in RESULTS:
        if result == unverified:
            return result
    raise Refusal(INVALID_FIELD, field="result", reason="say whether it worked.")


def _day(unverified: str) -> datetime:
    """The end of a day, so that the day itself is still in time."""
    try:
        return datetime.combine(datetime.fromisoformat(unverified).date(), time.max, UTC).replace(microsecond=0)
    except ValueError:
        raise Refusal(INVALID_FIELD, field="due_at", reason="choose a day, such as 2026-12-31.") from None


def _months(unverified: str) -> int:
    if not unverified.isascii() or not unverified.isdigit() or len(unverified) > 3:
        raise Refusal(INVALID_FIELD, field="every_months", reason="choose how often it is held.")
    return int(unverified)


def _drill_of(request: Request) -> str:
    drill = str(request.path_params["id"])
    if not is_uuid(drill):
        raise Refusal(NO_SUCH_OBJECT, thing="drill")
    return drill.lower()


# ── what is shown ───────────────────────────────────────────────────────────────────────────────────────────────────
async def _listed(request: Request, visitor: Visitor, slip: Slip) -> Response:
    ctx, account = context(request), account_in_use(visitor).account
    listing = read(request, _DRILLS, DRILLS)
    found = await run_in_threadpool(drills.list_drills, ctx, visitor.actor, account.id)
    choices = await run_in_threadpool(drills.choices, ctx, visitor.actor, account.id)
    rows = [_row(each) for each in found]
    part = listing.arranged([*reversed([each for each in rows if not each["is_over"]]), *_over(rows)])
    if listing.is_download:
        return listing.download(part.rows)
    values = {
        "drills": part.rows,
        "listing": listing.shown(part),
        "kinds": [{"kind": kind, "title": about.title, "says": about.sentence} for kind, about in ABOUT.items()],
        "repeats": _REPEATS,
        "earliest": f"{ctx.now:%Y-%m-%d}",
        "values": slip.values,
        "errors": slip.errors,
        **_chosen(choices),
    }
    return show(request, "drills.html", values, status=slip.status, visitor=visitor, notice=slip.notice)


def _over(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [each for each in rows if each["is_over"]]


def _chosen(choices: Choices) -> dict[str, Any]:
    return {
        "members": [(each.id, f"{each.name} ({each.email})") for each in choices.members],
        "apps": [(each.key, each.name) for each in choices.keys],
        "service_admins": [(each.id, each.name) for each in choices.service_admins],
    }


async def _shown(request: Request, visitor: Visitor, slip: Slip) -> Response:
    seen = await run_in_threadpool(drills.load, context(request), visitor.actor, _drill_of(request))
    values = {"drill": _row(seen), "values": slip.values, "errors": slip.errors}
    return show(request, "drill.html", values, status=slip.status, visitor=visitor, notice=slip.notice)


def _row(seen: Seen) -> dict[str, Any]:
    drill = seen.drill
    tone, symbol = _TONES[seen.status]
    return {
        "id": drill.id,
        "title": drill.about.title,
        "says": drill.about.sentence,
        "about": seen.about,
        "key": drill.subject if drill.about.subject == "key" else "",
        "account": seen.account.name,
        "due_at": drill.due_at,
        "repeats": dict(_REPEATS).get(drill.every_months, f"Every {drill.every_months} months"),
        "planned_by": drill.planned_by,
        "status": seen.status.capitalize(),
        "tone": tone,
        "symbol": symbol,
        "is_over": drill.ended_at is not None,
        "names": [each.name for each in seen.people],
        "people": [_person(seen, each.id, each.name, each.email) for each in seen.people],
        "ended_by": drill.ended_by,
        "may_record": seen.may_record,
        "may_cancel": seen.may_cancel,
    }


def _person(seen: Seen, user: str, name: str, email: str) -> dict[str, Any]:
    outcome = seen.drill.outcome_of(user)
    return {
        "name": name,
        "email": email,
        "result": outcome.result.capitalize() if outcome else "",
        "note": outcome.note if outcome else "",
        "at": outcome.at if outcome else None,
    }
