"""How far is a key on its way to production, what did its reviews find, and how does it go on from here?"""

from typing import Any
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from keysteward.actions import approvals, golive, promotion, readiness
from keysteward.actions.context import Context
from keysteward.actions.golive import Readiness
from keysteward.actions.readiness import Outlook
from keysteward.actions.signin import Visitor
from keysteward.rules.golive import Review
from keysteward.rules.policy import Policy
from keysteward.rules.refusals import Refusal
from keysteward.rules.words import many
from keysteward.web.pages import evidence, outlook, threads
from keysteward.web.pages.forms import Slip, arrived, done, read_fields, refused
from keysteward.web.pages.visits import for_visitors, form_of, looking_at
from keysteward.web.pages.words import code_of, pill, review_code
from keysteward.web.reading import context
from keysteward.web.showing import show

_PAST = {
    "Declined": ("An operator declined the last review.", "Read the reason"),
    "Review Failed": ("The last review failed.", "See its findings"),
    "Review Expired": ("The last review passed, and its pass expired.", "See its results"),
}
_ASKED = ("An operator asks something before the decision.", "Read the question")
_STEPS = {"Under Review": 3, "Pending approval": 3, "Review Passed": 4, "Live": 5}
_CALLS, _REVIEW = 2, 3


@for_visitors
async def progress(request: Request, visitor: Visitor) -> Response:
    """`GET /apps/{key}/go-live`: n of 20, what counts and what comes next."""
    return await _progress(request, visitor, arrived(request))


@form_of("/apps/{key}/go-live")
async def start_review(request: Request, visitor: Visitor) -> Response:
    """`POST /apps/{key}/reviews`: Start Go-Live Review."""
    key = request.path_params["key"]
    try:
        review = await run_in_threadpool(golive.start_review, context(request), visitor.actor, key)
    except Refusal as refusal:
        return await _progress(request, visitor, refused(refusal, {}))
    return RedirectResponse(f"/apps/{review.key}/reviews/{review.id}", 303)


@form_of("/apps/{key}/reviews/{id}")
async def answer(request: Request, visitor: Visitor) -> Response:
    """`POST /apps/{key}/reviews/{id}/answers`: answer what an operator asked."""
    key, review_id = request.path_params["key"], request.path_params["id"]
    typed = await read_fields(request, "answer")
    try:
        await run_in_threadpool(approvals.answer, context(request), visitor.actor, key, review_id, typed["answer"])
    except Refusal as refusal:
        return await _review(request, visitor, refused(refusal, typed, "answer"))
    return done(f"/apps/{key.lower()}/reviews/{review_id.lower()}", "answered")


@for_visitors
async def review(request: Request, visitor: Visitor) -> Response:
    """`GET /apps/{key}/reviews/{id}`: Review Results."""
    return await _review(request, visitor, arrived(request))


@form_of("/apps/{key}/reviews/{id}")
async def go_live(request: Request, visitor: Visitor) -> Response:
    """`POST /apps/{key}/reviews/{id}/go-live`: on to production with a handle."""
    ctx, key = context(request), request.path_params["key"]
    typed = await read_fields(request, "account")
    try:
        handle = await run_in_threadpool(promotion.present, ctx, visitor.actor, key, typed["account"].strip() or None)
    except Refusal as refusal:
        return await _review(request, visitor, refused(refusal, typed, "account"))
    return RedirectResponse(f"{ctx.counterpart.origin}/go-live?{urlencode({'handle': handle})}", 303)


async def _progress(request: Request, visitor: Visitor, slip: Slip) -> Response:
    ctx, key = context(request), request.path_params["key"]
    found = await run_in_threadpool(readiness.outlook, ctx, visitor.actor, key)
    ready = found.ready
    is_asked = ready.status == "Pending approval" and await run_in_threadpool(_is_asked, ctx, visitor, ready)
    visitor = await looking_at(request, visitor, ready.app.account)
    return show(
        request,
        "app_go_live.html",
        _progress_values(ctx, found)
        | {"onward": _onward(ready, is_asked=is_asked), "past": _past(ready, is_asked=is_asked)},
        status=slip.status,
        visitor=visitor,
        notice=slip.notice,
    )


async def _review(request: Request, visitor: Visitor, slip: Slip) -> Response:
    ctx, key, review_id = context(request), request.path_params["key"], request.path_params["id"]
    _, found = await run_in_threadpool(golive.load_review, ctx, visitor.actor, key, review_id)
    judged_by = await run_in_threadpool(golive.judged_by, ctx, found)
    ready = await run_in_threadpool(golive.readiness, ctx, visitor.actor, key)
    thread = await run_in_threadpool(approvals.load_thread, ctx, visitor.actor, key, review_id)
    difference = await run_in_threadpool(approvals.load_difference, ctx, visitor.actor, key, review_id)
    visitor = await looking_at(request, visitor, ready.app.account)
    told = {"thread": threads.thread(thread), "difference": threads.difference(difference)}
    values = _review_values(ctx, ready, found, judged_by) | told | {"values": slip.values, "errors": slip.errors}
    return show(
        request,
        "review.html",
        values,
        status=slip.status,
        visitor=visitor,
        notice=slip.notice,
        form_targets=(ctx.counterpart.origin,),
    )


def _progress_values(ctx: Context, found: Outlook) -> dict[str, Any]:
    ready, app, is_enough = found.ready, found.ready.app, found.ready.run >= found.ready.policy.calls_needed
    return {
        "app": {"name": app.name, "key": app.key, "status": pill(ctx, app, ready.status, ready.run)},
        "step": _STEPS.get(ready.status, _REVIEW if is_enough else _CALLS),
        "cells": outlook.cells(found),
        "count": ready.run,
        "needed": ready.policy.calls_needed,
        "sentence": _outlook(ready),
        "steps": outlook.steps(found.plan, ready.policy) if ready.why_not_start is None else [],
        "states": outlook.states(found),
        "polling": outlook.polling(found),
        "peaks": outlook.peaks(found.peaks),
        "security": outlook.remarks(found.security, app.key),
        "custody": outlook.remarks(found.custody, app.key),
        "uncounted": evidence.uncounted(ready.newest_calls, found.durations),
        "may_start": _may_start(ready),
        "is_ready": not ready.findings,
        "why_not": "" if app.deleted_at is None else "This key is deleted: restore it first.",
        "reviews": [_row(ctx, ready, each) for each in ready.reviews],
        "policy_version": ready.policy.version,
    }


def _is_asked(ctx: Context, visitor: Visitor, ready: Readiness) -> bool:
    return approvals.load_thread(ctx, visitor.actor, ready.app.key, ready.reviews[0].id).may_answer


def _onward(ready: Readiness, *, is_asked: bool) -> dict[str, str] | None:
    """What leads on from here, on the results page of the newest review."""
    if is_asked:
        return {"id": ready.reviews[0].id, "at": "thread", "label": "Answer the operator", "symbol": "right"}
    if ready.status == "Review Passed":
        return {"id": ready.reviews[0].id, "at": "go-live", "label": "Go Live", "symbol": "launch"}
    return None


def _past(ready: Readiness, *, is_asked: bool) -> dict[str, str] | None:
    """What became of the newest review, where somebody should read it."""
    told = _ASKED if is_asked else _PAST.get(ready.status)
    if told is None:
        return None
    sentence, label = told
    return {"id": ready.reviews[0].id, "sentence": sentence, "label": label}


def _review_values(ctx: Context, ready: Readiness, found: Review, judged_by: Policy) -> dict[str, Any]:
    app, policy, is_newest = ready.app, ready.policy, found.id == ready.reviews[0].id
    return {
        "app": {"name": app.name, "key": app.key},
        "review": {
            "id": found.id,
            "status": _status(ctx, ready, found),
            "started_at": found.started_at,
            "ended_at": found.settled_at,
            "expires_at": found.expires_at(policy),
            "requester": found.requester_email,
            "count": found.run,
            "needed": judged_by.calls_needed,
            "digest": found.evidence_digest,
            "policy_version": found.policy_version,
            "packs": found.packs,
            "findings": evidence.findings(found, judged_by),
            "rules": evidence.verdicts(found, judged_by),
            "live_account": app.live_account,
        },
        "may_go_live": is_newest and ready.status == "Review Passed" and app.deleted_at is None,
        "may_start": is_newest and _may_start(ready) and ready.run >= ready.policy.calls_needed,
        "least_plan": policy.least_plan,
    }


def _row(ctx: Context, ready: Readiness, each: Review) -> dict[str, Any]:
    return {
        "id": each.id,
        "status": _status(ctx, ready, each),
        "started_at": each.started_at,
        "requester": each.requester_email,
        "findings": len(evidence.findings(each, ready.policy)),
    }


def _status(ctx: Context, ready: Readiness, found: Review) -> dict[str, object]:
    code = review_code(ready.app, found, ready.reviews[0], ctx.now, ready.policy)
    return {"code": code, "calls": found.run, "needed": ready.policy.calls_needed}


def _may_start(ready: Readiness) -> bool:
    return bool(ready.evidence.calls) and ready.why_not_start is None and ready.app.deleted_at is None


def _outlook(ready: Readiness) -> str:
    """How the key stands, in a sentence."""
    more = ready.policy.calls_needed - ready.run
    told = {
        "under_review": "The review runs; its result appears here in a moment.",
        "pending_approval": "The automated checks passed. An operator looks at the app before it may go live.",
        "review_passed": "The review has passed. Press Go Live on its results page.",
        "live": f"The key is live in {ready.app.live_account}." if ready.app.live_account else "The key is live.",
    }
    if (code := code_of(ready.status)) in told:
        return told[code]
    if more > 0:
        return f"{many(more, 'more call', 'more calls')} in a row and a review can pass."
    if ready.findings:
        return f"A review would not pass now: {ready.findings[0].sentence}"
    if ready.status == "Declined":
        return "The calls are there: mend what the operator named, then start the review again."
    return "Everything is ready: start the review whenever you like."
