"""How does a program follow a review through the hands of a person?"""

from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import approvals as deeds
from keysteward.actions.context import Context
from keysteward.actions.idempotency import Answer
from keysteward.rules.approvals import Note, is_asked
from keysteward.rules.golive import Review, Ruling, status_of_review
from keysteward.rules.keys import App
from keysteward.rules.refusals import NO_SUCH_OBJECT, Refusal
from keysteward.web.api.approval_shapes import (
    NewAnswer,
    NewQuestion,
    NewRuling,
    ReviewCase,
    ReviewChanges,
    ReviewDossier,
    ReviewNote,
    ReviewQueue,
    ReviewRuling,
    ReviewThread,
    RuleChange,
)
from keysteward.web.api.asking import actor_of, answered, id_of, key_of, once, person_of, said
from keysteward.web.api.golive_shapes import JudgedCall, Reason
from keysteward.web.reading import context, read_json


async def list_review_queue(request: Request) -> Response:
    """`GET /api/v1/reviews`: what waits for a person, for operators."""
    ctx, actor = context(request), await actor_of(request)
    found = await run_in_threadpool(deeds.list_queue, ctx, actor)
    return answered(said(ReviewQueue(
        [_case(ctx, each.app, each.account.name, each.review, is_owed=each.is_asked) for each in found.waiting],
        [_case(ctx, each.app, each.account.name, each.review, is_owed=False) for each in found.decided],
    )))  # fmt: skip


async def show_review_case(request: Request) -> Response:
    """`GET /api/v1/reviews/{id}`: one review, with all that was said and judged."""
    ctx, actor = context(request), await actor_of(request)
    found = await run_in_threadpool(deeds.load_case, ctx, actor, id_of(request, "review"))
    owed = found.review.is_pending and is_asked(found.notes)
    why_not = found.why_not
    calls = [
        JudgedCall(each.call.sequence, each.call.method, each.call.url, each.call.status, each.call.at)
        for each in found.evidence.calls
    ]
    return answered(said(ReviewDossier(
        _case(ctx, found.app, found.account.name, found.review, is_owed=owed), [_note(each) for each in found.notes],
        calls, Reason(why_not.kind.code, why_not.sentence, why_not.next_step) if why_not else None,
    )))  # fmt: skip


async def ask_developer(request: Request) -> Response:
    """`POST /api/v1/reviews/{id}/questions`: ask; every admin of the account is told by mail."""
    ctx, actor = context(request), await actor_of(request)
    review, body = id_of(request, "review"), await read_json(request, NewQuestion)

    def perform() -> Answer:
        return said(_note(deeds.ask(ctx, actor, review, body.question)), 201)

    return await once(request, actor, body, perform, partial(deeds.demand_operator_of_reviews, ctx, actor))


async def decide_review(request: Request) -> Response:
    """`POST /api/v1/reviews/{id}/decisions`: approve or decline, once."""
    ctx, actor = context(request), await person_of(request)
    review, body = id_of(request, "review"), await read_json(request, NewRuling)
    found = await run_in_threadpool(deeds.decide, ctx, actor, review, body.choice, body.reason)
    case = await run_in_threadpool(deeds.load_case, ctx, actor, review)
    return answered(said(_case(ctx, case.app, case.account.name, found, is_owed=False), 201))


async def show_thread(request: Request) -> Response:
    """`GET /api/v1/keys/{key}/reviews/{id}/thread`: what was asked, answered and decided."""
    ctx, actor = context(request), await actor_of(request)
    found = await run_in_threadpool(deeds.load_thread, ctx, actor, key_of(request), id_of(request, "review"))
    review = found.review
    return answered(said(ReviewThread(
        review.id, status_of_review(review, ctx.now, ctx.policy), [_note(each) for each in found.notes],
        _ruling(review.ruling), found.may_answer,
    )))  # fmt: skip


async def answer_operator(request: Request) -> Response:
    """`POST /api/v1/keys/{key}/reviews/{id}/answers`: answer what was asked."""
    ctx, actor = context(request), await actor_of(request)
    key, review, body = key_of(request), id_of(request, "review"), await read_json(request, NewAnswer)
    note = await run_in_threadpool(deeds.answer, ctx, actor, key, review, body.answer)
    return answered(said(_note(note), 201))


async def show_changes(request: Request) -> Response:
    """`GET /api/v1/keys/{key}/reviews/{id}/changes`: what changed since the review before."""
    ctx, actor = context(request), await actor_of(request)
    found = await run_in_threadpool(deeds.load_difference, ctx, actor, key_of(request), id_of(request, "review"))
    if found is None:
        raise Refusal(NO_SUCH_OBJECT, thing="earlier review")
    before, after = found.before, found.after
    return answered(said(ReviewChanges(
        after.id, before.id, before.run, after.run, before.policy_version, after.policy_version, found.calls,
        [RuleChange(each.rule, each.before, each.after, each.turn) for each in found.rules],
    )))  # fmt: skip


def _case(ctx: Context, app: App, account_name: str, review: Review, *, is_owed: bool) -> ReviewCase:
    return ReviewCase(
        review=review.id, key=app.key, name=app.name, contact=app.contact, integration_type=app.integration_type,
        account=app.account, account_name=account_name, requester=review.requester_email,
        status=status_of_review(review, ctx.now, ctx.policy), pending_since=review.pending_since,
        expires_at=review.expires_at(ctx.policy), is_asked=is_owed, ruling=_ruling(review.ruling),
    )  # fmt: skip


def _note(note: Note) -> ReviewNote:
    return ReviewNote(note.number, note.kind, note.text, note.by_email, note.at)


def _ruling(ruling: Ruling | None) -> ReviewRuling | None:
    return ReviewRuling(ruling.choice, ruling.reason, ruling.by_email, ruling.at) if ruling else None
