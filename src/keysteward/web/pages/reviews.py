"""How do operators settle the reviews that need a person?"""

from collections.abc import Callable
from functools import partial
from typing import Any, get_args

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import approvals, lists
from keysteward.actions.approvals import Case, Waiting
from keysteward.actions.context import Context
from keysteward.actions.signin import Visitor
from keysteward.rules.golive import Choice, status_of_review
from keysteward.rules.keys import GRANT_NAMES, INTEGRATION_TYPES, App
from keysteward.rules.refusals import INVALID_FIELD, NO_SUCH_OBJECT, Refusal
from keysteward.web.pages import evidence, threads
from keysteward.web.pages.forms import Slip, arrived, done, read_fields, refused
from keysteward.web.pages.lists import Column, Filter, Table, read
from keysteward.web.pages.visits import for_visitors, form_of
from keysteward.web.pages.words import code_of
from keysteward.web.reading import context, is_uuid
from keysteward.web.showing import show

_SEARCHED = ("name",)
_HINT = "App, key, account or requester"
_DECISIONS = {"decided": "Decided", "approved": "Approved", "declined": "Declined"}
_CHOICES = (
    Filter("state", "State", _DECISIONS, "Pending approval"),
    Filter("type", "Integration type", {each: each for each in INTEGRATION_TYPES}, "Every type"),
)
_FIRST = (
    Column("App", "name"),
    Column("Integration key", "key", sorts=False, is_shown=False),
    Column("Account", "account", is_shown=False),
    Column("Integration type", "type"),
    Column("Requester", "requester", sorts=False, is_shown=False),
)
_WAITING = Table(
    "reviews",
    (
        *_FIRST,
        Column("Waits since", "since", "moment"),
        Column("Expires", "expires_at", "moment", sorts=False, is_shown=False),
        Column("Where it stands", "says", sorts=False),
    ),
    _SEARCHED, _HINT, _CHOICES, actions=True,
)  # fmt: skip
_DECIDED = Table(
    "reviews",
    (
        *_FIRST,
        Column("Decision", "choice", sorts=False),
        Column("By", "by"),
        Column("When", "decided_at", "moment"),
    ),
    _SEARCHED, _HINT, _CHOICES,
)  # fmt: skip

Deed = Callable[[Context, str], object]


@for_visitors
async def queue(request: Request, visitor: Visitor) -> Response:
    """`GET /reviews`: what waits for a person, or was decided."""
    ctx, listing = context(request), read(request, _WAITING)
    is_decided = bool(listing.wanted.choice("state"))
    listing = read(request, _DECIDED) if is_decided else listing
    found = await run_in_threadpool(lists.list_reviews, ctx, visitor.actor, listing.wanted)
    rows = [_row(ctx, each) for each in found.rows]
    if listing.is_download:
        return listing.download(rows)
    values = {
        "reviews": rows,
        "listing": listing.shown(found),
        "is_decided": is_decided,
        "types": ctx.policy.types_for_a_person,
    }
    return show(request, "reviews.html", values, visitor=visitor, notice=arrived(request).notice)


@for_visitors
async def case(request: Request, visitor: Visitor) -> Response:
    """`GET /reviews/{id}`: one review, with all that was said about it."""
    return await _case(request, visitor, arrived(request))


@form_of("/reviews/{id}")
async def ask(request: Request, visitor: Visitor) -> Response:
    """`POST /reviews/{id}/questions`: ask its developer."""
    typed = await read_fields(request, "question")
    return await _do(request, visitor, partial(_ask, visitor, typed["question"]), "asked", typed)


@form_of("/reviews/{id}")
async def decide(request: Request, visitor: Visitor) -> Response:
    """`POST /reviews/{id}/decision`: approve or decline."""
    typed = await read_fields(request, "choice", "reason")
    return await _do(request, visitor, partial(_decide, visitor, typed), "decided", typed)


def _ask(visitor: Visitor, question: str, ctx: Context, review: str) -> object:
    return approvals.ask(ctx, visitor.actor, review, question)


def _decide(visitor: Visitor, typed: dict[str, str], ctx: Context, review: str) -> object:
    for choice in get_args(Choice):
        if choice == typed["choice"]:
            return approvals.decide(ctx, visitor.actor, review, choice, typed["reason"])
    raise Refusal(INVALID_FIELD, field="reason", reason="press Approve or Decline.")


async def _do(request: Request, visitor: Visitor, deed: Deed, what: str, typed: dict[str, str]) -> Response:
    try:
        await run_in_threadpool(deed, context(request), _review_of(request))
    except Refusal as refusal:
        return await _case(request, visitor, refused(refusal, typed, *typed))
    return done(f"/reviews/{_review_of(request)}", what)


async def _case(request: Request, visitor: Visitor, slip: Slip) -> Response:
    ctx = context(request)
    found = await run_in_threadpool(approvals.load_case, ctx, visitor.actor, _review_of(request))
    values = _values(ctx, found) | {"values": slip.values, "errors": slip.errors}
    return show(request, "review_case.html", values, status=slip.status, visitor=visitor, notice=slip.notice)


def _review_of(request: Request) -> str:
    review = str(request.path_params["id"])
    if not is_uuid(review):
        raise Refusal(NO_SUCH_OBJECT, thing="review")
    return review.lower()


def _values(ctx: Context, found: Case) -> dict[str, Any]:
    review, why_not = found.review, found.why_not
    return {
        "app": _app(found.app),
        "account": found.account,
        "review": {
            "id": review.id,
            "code": code_of(status_of_review(review, ctx.now, ctx.policy)),
            "requester": review.requester_email,
            "started_at": review.started_at,
            "pending_since": review.pending_since,
            "expires_at": review.expires_at(ctx.policy),
            "run": review.run,
            "policy_version": review.policy_version,
            "digest": review.evidence_digest,
        },
        "lines": threads.lines(review, found.notes),
        "calls": [evidence.call(each.call, ok=True) for each in found.evidence.calls],
        "why_not": {"sentence": why_not.sentence, "next": why_not.next_step} if why_not else None,
    }


def _app(app: App) -> dict[str, Any]:
    return {
        "name": app.name,
        "key": app.key,
        "contact": app.contact,
        "type": app.integration_type,
        "grants": [words for grant, words in GRANT_NAMES.items() if grant in app.grants],
        "privacy_url": app.privacy_url,
        "terms_url": app.terms_url,
        "created_at": app.created_at,
    }


def _row(ctx: Context, each: Waiting) -> dict[str, Any]:
    review, ruling = each.review, each.review.ruling
    return {
        "id": review.id,
        "name": each.app.name,
        "key": each.app.key,
        "account": each.account.name,
        "type": each.app.integration_type,
        "requester": review.requester_email,
        "since": review.pending_since,
        "expires_at": review.expires_at(ctx.policy),
        "is_asked": each.is_asked,
        "says": "Developer asked" if each.is_asked else "Your turn",
        "choice": ruling.choice if ruling else "",
        "by": ruling.by_email if ruling else "",
        "decided_at": ruling.at if ruling else None,
    }
