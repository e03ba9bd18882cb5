"""How does somebody ask for long work in the console, leave it, find it again, and take along what came of it?"""

from collections.abc import Callable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from keysteward.actions import works
from keysteward.actions.signin import Visitor
from keysteward.actions.works import Begun
from keysteward.rules.audit_log import Question, Scope
from keysteward.rules.refusals import NO_SUCH_ORGANIZATION, NO_SUCH_USER, Refusal
from keysteward.rules.works import WORDS, Work, has_file, is_over, status
from keysteward.web.answers import NO_STORE
from keysteward.web.audit_asked import FILTERS, asked
from keysteward.web.pages.forms import Slip, arrived, done, read_fields
from keysteward.web.pages.visits import account_in_use, for_visitors, form_of
from keysteward.web.reading import context, is_uuid
from keysteward.web.showing import show

_PAGE = "/work"
_ONE = "/work/{id}"
_PLACES = ("organization", "everywhere")


# ── to ask ──────────────────────────────────────────────────────────────────────────────────────────────────────────
@form_of("/audit")
async def export_audit(request: Request, visitor: Visitor) -> Response:
    """`POST /audit/export`: all events that the page would show, gathered while one does something else."""
    typed = await read_fields(request, *FILTERS, *_PLACES)
    question = asked(QueryParams(typed), _scope(visitor, typed))
    return await _asked(lambda: works.ask_audit_export(context(request), visitor.actor, question))


@form_of("/audit")
async def verify_audit(request: Request, visitor: Visitor) -> Response:
    """`POST /audit/verify`: a proof that nobody edited the history, for operators."""
    return await _asked(lambda: works.ask_verification(context(request), visitor.actor))


@form_of("/organizations/{organization}/custody")
async def audit_custody(request: Request, visitor: Visitor) -> Response:
    """`POST /organizations/{organization}/custody/audit`: judge everything anew."""
    organization = str(request.path_params["organization"])
    ctx, actor = context(request), visitor.actor
    return await _asked(lambda: works.ask_custody_audit(ctx, actor, organization))


@form_of("/security")
async def export_own(request: Request, visitor: Visitor) -> Response:
    """`POST /security/personal-data/prepare`: all that is held on oneself."""
    return await _asked(lambda: works.ask_own_export(context(request), visitor.actor))


@form_of("/people")
async def export_person(request: Request, visitor: Visitor) -> Response:
    """`POST /people/{user}/data/prepare`: what is held on somebody, for operators."""
    user = str(request.path_params["user"])
    if not is_uuid(user):
        raise Refusal(NO_SUCH_USER)
    return await _asked(lambda: works.ask_export(context(request), visitor.actor, user.lower()))


async def _asked(ask: Callable[[], Begun]) -> Response:
    return begun(await run_in_threadpool(ask))


def begun(found: Begun) -> Response:
    """Go on to the page of the work, which says whether it was under way before."""
    return done(_ONE.format(id=found.work.id), "work-asked" if found.is_new else "work-under-way")


def _scope(visitor: Visitor, typed: dict[str, str]) -> Scope:
    organization = typed["organization"]
    if organization and not is_uuid(organization):
        raise Refusal(NO_SUCH_ORGANIZATION)
    if organization:
        return Scope(organization=organization.lower())
    return Scope() if typed["everywhere"] else Scope(account_in_use(visitor).account.id)


# ── to find it again ────────────────────────────────────────────────────────────────────────────────────────────────
@for_visitors
async def listed(request: Request, visitor: Visitor) -> Response:
    """`GET /work`: what one asked for, the newest first."""
    ctx = context(request)
    found = await run_in_threadpool(works.list_works, ctx, visitor.actor)
    values = {"works": [_shown(request, each) for each in found]}
    return show(request, "works.html", values, visitor=visitor, notice=arrived(request).notice)


@for_visitors
async def shown(request: Request, visitor: Visitor) -> Response:
    """`GET /work/{id}`: how far it is, or what came of it; read again and again while it is under way."""
    work = await run_in_threadpool(works.view, context(request), visitor.actor, _id(request))
    slip: Slip = arrived(request)
    notice = None if is_over(work) else slip.notice
    return show(request, "work.html", {"work": _shown(request, work)}, visitor=visitor, notice=notice)


@form_of(_ONE)
async def cancel(request: Request, visitor: Visitor) -> Response:
    """`POST /work/{id}/cancel`: nothing is to come of it."""
    work = await run_in_threadpool(works.cancel, context(request), visitor.actor, _id(request))
    return done(_ONE.format(id=work.id), "work-cancelled")


@for_visitors
async def download(request: Request, visitor: Visitor) -> Response:
    """`GET /work/{id}/file`: what came of it, for whoever asked and still may."""
    work, pieces = await run_in_threadpool(works.take, context(request), visitor.actor, _id(request))
    words = WORDS[work.kind]
    headers = {**NO_STORE, "Content-Disposition": f'attachment; filename="{words.file}"'}
    return StreamingResponse(pieces, headers=headers, media_type=words.media_type)


def _id(request: Request) -> str:
    return str(request.path_params["id"])


def _shown(request: Request, work: Work) -> dict[str, Any]:
    now = context(request).now
    words = WORDS[work.kind]
    share = 100 * work.done // work.total if work.total else None
    return {
        "id": work.id,
        "title": words.title,
        "about": _about(work),
        "status": status(work, now),
        "is_over": is_over(work),
        "asked_at": work.asked_at,
        "begun_at": work.begun_at,
        "ended_at": work.ended_at,
        "kept_until": work.kept_until,
        "done": f"{work.done:,}",
        "total": f"{work.total:,}" if work.total else "",
        "share": min(share, 100) if share is not None else None,
        "counted": words.counted,
        "says": list(work.says),
        "has_file": has_file(work, now),
        "file": words.file,
        "size": _size(work.size),
    }


def _about(work: Work) -> str:
    """What it is about beside its kind, in a few words."""
    if work.kind == "audit-export":
        question: Question = works.question_of(work)
        return question.said() or "everything"
    if work.kind == "what-if":
        return f"{len(work.asked['changes']):,} changes at once"
    if work.kind == "person-export":
        return "asked for as an operator" if work.asked.get("by_operator") else "your own data"
    return ""


def _size(size: int) -> str:
    if size < 1024:
        return f"{size} bytes"
    return f"{size / 1024:,.0f} kB" if size < 1024 * 1024 else f"{size / 1024 / 1024:,.1f} MB"
