"""How does a program learn which keys are at risk, and what if somebody leaves?"""

from datetime import datetime

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import custody, foresight
from keysteward.rules.custody.lives import Life, status
from keysteward.rules.custody.ways import Way
from keysteward.rules.custody.what_if import Change, Consequence
from keysteward.web.api import custody_shapes as shapes
from keysteward.web.api.asking import account_of, actor_of, answered, id_of, said
from keysteward.web.reading import context, read_json

CUSTODY = "/api/v1/accounts/{account}/custody"
FINDING = CUSTODY + "/findings/{id}"


async def show_custody(request: Request) -> Response:
    """`GET /api/v1/accounts/{account}/custody`: the findings, the keys with their ways back, and the score."""
    ctx, actor, account = context(request), await actor_of(request), account_of(request)
    found = await run_in_threadpool(custody.view, ctx, actor, account)
    score = next(iter(found.scores.accounts.values()), found.scores.whole)
    keys = [
        shapes.KeyCustody(
            each.key.key,
            each.key.name,
            found.scores.keys[each.key.key],
            [person.email for person in each.managers],
            [_way(way) for way in each.ways],
        )
        for each in found.outlooks
    ]
    findings = [finding_of(life, ctx.now) for life in found.lives]
    return answered(
        said(shapes.AccountCustody(score, findings, keys, [shapes.DayScore(*each) for each in found.history]))
    )


async def accept_finding(request: Request) -> Response:
    """`PUT …/custody/findings/{id}/acceptance`: until that day it takes no points."""
    ctx, actor = context(request), await actor_of(request)
    body, finding = await read_json(request, shapes.Acceptance), id_of(request, "finding")
    life = await run_in_threadpool(custody.accept, ctx, actor, account_of(request), finding, body.until, body.reason)
    return answered(said(finding_of(life, ctx.now)))


async def reopen_finding(request: Request) -> Response:
    """`DELETE …/custody/findings/{id}/acceptance`."""
    ctx, actor, finding = context(request), await actor_of(request), id_of(request, "finding")
    life = await run_in_threadpool(custody.reopen, ctx, actor, account_of(request), finding)
    return answered(said(finding_of(life, ctx.now)))


async def assign_finding(request: Request) -> Response:
    """`PUT …/custody/findings/{id}/owner`."""
    ctx, actor = context(request), await actor_of(request)
    body, finding = await read_json(request, shapes.Ownership), id_of(request, "finding")
    owner = body.owner.lower() if body.owner else ""
    life = await run_in_threadpool(custody.assign, ctx, actor, account_of(request), finding, owner)
    return answered(said(finding_of(life, ctx.now)))


async def what_if(request: Request) -> Response:
    """`POST …/custody/what-if`: what would become of the account's keys; nothing is changed."""
    ctx, actor = context(request), await actor_of(request)
    body = await read_json(request, shapes.WhatIf)
    changes = [Change(each.event, each.subject) for each in body.changes]
    found = await run_in_threadpool(foresight.what_if, ctx, actor, account_of(request), changes)
    unknown = [shapes.Happening(*change) for change in found.unknown]
    return answered(said(shapes.Foreseen([_consequence(each) for each in found.consequences], unknown)))


def finding_of(life: Life, now: datetime) -> shapes.CustodyFinding:
    """A finding as programs see it."""
    rule = life.rule
    return shapes.CustodyFinding(
        life.id, life.code, life.severity, status(life, now), life.sentence, list(life.keys),
        rule.who if rule else "", rule.step if rule else "", rule.source if rule else "", life.found_at, life.fixed_at,
        life.owner or None, life.accepted_until, life.accepted_why or None, life.accepted_by or None,
    )  # fmt: skip


def _way(way: Way) -> shapes.WayBack:
    return shapes.WayBack(way.name, way.is_open, list(way.why_not), way.next_step, way.page)


def _consequence(each: Consequence) -> shapes.Consequence:
    because = [shapes.Happening(*change) for change in each.because]
    ways = [_way(way) for way in each.ways]
    return shapes.Consequence(each.key.key, each.key.name, each.effect, each.sentence, because, ways)
