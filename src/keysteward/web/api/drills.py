"""How does a program plan drills, and a person record how one went?"""

from typing import Literal

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import drills as deeds
from keysteward.actions.context import Context
from keysteward.actions.drills import Plan, Seen
from keysteward.rules.access import Actor
from keysteward.rules.accounts import User
from keysteward.rules.drills import Drill
from keysteward.web.api import sealed_shapes as as_
from keysteward.web.api.asking import account_of, actor_of, answered, id_of, person_of, said
from keysteward.web.api.shapes import Nothing
from keysteward.web.reading import context, read_json

OF_ACCOUNT, DRILL = "/api/v1/accounts/{account}/drills", "/api/v1/drills/{id}"
_May = Literal["cancel", "record"]


async def list_drills(request: Request) -> Response:
    """`GET /api/v1/accounts/{account}/drills`: the drills of an account."""
    ctx, actor = context(request), await actor_of(request)
    found = await run_in_threadpool(deeds.list_drills, ctx, actor, account_of(request))
    return answered(said(as_.Drills([_drill(each) for each in found])))


async def plan_drill(request: Request) -> Response:
    """`POST /api/v1/accounts/{account}/drills`: name two people and a day."""
    ctx, actor = context(request), await actor_of(request)
    body = await read_json(request, as_.NewDrill)
    wanted = Plan(
        body.kind, (body.subject or "").lower(), body.first.lower(), body.second.lower(), body.due_at,
        int(body.every_months),
    )  # fmt: skip
    planned = await run_in_threadpool(deeds.plan, ctx, actor, account_of(request), wanted)
    return answered(said(await _seen(ctx, actor, planned.id), 201))


async def show_drill(request: Request) -> Response:
    """`GET /api/v1/drills/{id}`: what to do, and how it went."""
    ctx, actor = context(request), await actor_of(request)
    return answered(said(await _seen(ctx, actor, id_of(request, "drill"))))


async def record_drill(request: Request) -> Response:
    """`POST /api/v1/drills/{id}/results`: how it went, by one of the two."""
    ctx, actor, drill = context(request), await person_of(request), id_of(request, "drill")
    body = await read_json(request, as_.NewDrillResult)
    await run_in_threadpool(deeds.record, ctx, actor, drill, body.result, body.note)
    return answered(said(await _seen(ctx, actor, drill), 201))


async def cancel_drill(request: Request) -> Response:
    """`POST /api/v1/drills/{id}/cancellations`: it will not be held."""
    ctx, actor, drill = context(request), await actor_of(request), id_of(request, "drill")
    await read_json(request, Nothing)
    await run_in_threadpool(deeds.cancel, ctx, actor, drill)
    return answered(said(await _seen(ctx, actor, drill), 201))


async def _seen(ctx: Context, actor: Actor, drill: str) -> as_.PlannedDrill:
    return _drill(await run_in_threadpool(deeds.load, ctx, actor, drill))


def _drill(seen: Seen) -> as_.PlannedDrill:
    drill = seen.drill
    may: tuple[tuple[bool, _May], ...] = ((seen.may_cancel, "cancel"), (seen.may_record, "record"))
    return as_.PlannedDrill(
        id=drill.id,
        account=drill.account,
        kind=drill.kind,
        title=drill.about.title,
        sentence=drill.about.sentence,
        subject=drill.subject or None,
        status=seen.status,
        due_at=drill.due_at,
        every_months=drill.every_months,
        planned_at=drill.planned_at,
        planned_by=drill.planned_by,
        people=[_person(drill, each) for each in seen.people],
        ended_at=drill.ended_at,
        cancelled_by=drill.ended_by or None,
        you_may=[step for is_open, step in may if is_open],
    )


def _person(drill: Drill, user: User) -> as_.DrillPerson:
    outcome = drill.outcome_of(user.id)
    if outcome is None:
        return as_.DrillPerson(user.id, user.email, None, "", None)
    return as_.DrillPerson(user.id, user.email, outcome.result, outcome.note, outcome.at)
