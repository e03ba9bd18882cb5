"""What was somebody told, and which mails do they want?"""

from typing import Any
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from keysteward.actions import inbox
from keysteward.actions.context import Context
from keysteward.actions.inbox import Received
from keysteward.actions.signin import Visitor
from keysteward.rules.notice_kinds import KINDS, NOTICE_KINDS
from keysteward.rules.notices import may_mute, paragraphs_of
from keysteward.web.pages.forms import arrived, done
from keysteward.web.pages.lists import Column, Filter, Table
from keysteward.web.pages.lists import read as read_listing
from keysteward.web.pages.visits import for_visitors, form_of
from keysteward.web.reading import context, read_form, read_pairs
from keysteward.web.showing import show

_PAGE = "/notices"
_KEPT = ("q", "kind", "key", "unread", "sort", "page")
_NOTICES = Table(
    "notices",
    (
        Column("Time", "at", "moment"),
        Column("Kind", "kind"),
        Column("Subject", "subject", sorts=False),
        Column("Text", "text", sorts=False),
        Column("App", "app", sorts=False),
        Column("Unread", "is_unread", sorts=False),
    ),
    ("subject",),
    "Words",
    (
        Filter("kind", "Kind", {kind: KINDS[kind].name for kind in NOTICE_KINDS}, "Every kind"),
        Filter("key", "Integration key", {}, "Every key"),
        Filter("unread", "State", {"yes": "Unread only"}, "Read and unread"),
    ),
    size=25,
)
_SECURITY = tuple(kind for kind in NOTICE_KINDS if not may_mute(kind))
_OTHERS = tuple(kind for kind in NOTICE_KINDS if may_mute(kind))


@for_visitors
async def listed(request: Request, visitor: Visitor) -> Response:
    """`GET /notices`: unread ones first."""
    ctx = context(request)
    keys = await run_in_threadpool(inbox.list_keys, ctx, visitor.actor)
    listing = read_listing(request, _NOTICES.with_values("key", dict(keys)))
    found, unread = await run_in_threadpool(inbox.list_part, ctx, visitor.actor, listing.wanted)
    rows = [_row(each) for each in found.rows]
    if listing.is_download:
        return listing.download(rows)
    values = await run_in_threadpool(_values, ctx, visitor)
    values |= {"notices": rows, "unread": unread, "listing": listing.shown(found)}
    values["back"] = urlencode(_kept(request.query_params))
    return show(request, "notices.html", values, visitor=visitor, notice=arrived(request).notice)


@form_of(_PAGE)
async def read(request: Request, visitor: Visitor) -> Response:
    """`POST /notices/{id}/read`: mark one as read, and stay where it was."""
    sent = await read_form(request)
    await run_in_threadpool(inbox.mark_read, context(request), visitor.actor, request.path_params["id"])
    return RedirectResponse(_address(QueryParams(sent.get("back", ""))), 303)


@form_of(_PAGE)
async def read_all(request: Request, visitor: Visitor) -> Response:
    """`POST /notices/read`: mark all as read."""
    await run_in_threadpool(inbox.mark_all_read, context(request), visitor.actor)
    return done(_PAGE, "notices-read")


@form_of(_PAGE)
async def choose_mails(request: Request, visitor: Visitor) -> Response:
    """`POST /notices/mails`: of which kinds mails are wanted."""
    wanted = {value for name, value in await read_pairs(request) if name == "mails"}
    muted = [kind for kind in _OTHERS if kind not in wanted]
    await run_in_threadpool(inbox.mute, context(request), visitor.actor, muted)
    return done(_PAGE, "mails-chosen")


def _values(ctx: Context, visitor: Visitor) -> dict[str, Any]:
    muted = inbox.list_muted(ctx, visitor.actor)
    return {
        "choices": [{"kind": kind, "says": KINDS[kind], "is_on": kind not in muted} for kind in _OTHERS],
        "always": [KINDS[kind] for kind in _SECURITY],
    }


def _row(received: Received) -> dict[str, Any]:
    notice = received.notice
    return {
        "id": notice.id,
        "kind": KINDS[notice.kind].name,
        "is_security": KINDS[notice.kind].is_security,
        "at": notice.at,
        "is_unread": received.read_at is None,
        "app": notice.facts.get("app", ""),
        "subject": notice.facts["subject"],
        "paragraphs": paragraphs_of(notice.facts),
        "text": " ".join(paragraphs_of(notice.facts)),
        "page": notice.facts.get("page", ""),
    }


def _address(query: QueryParams) -> str:
    kept = _kept(query)
    return f"{_PAGE}?{urlencode(kept)}" if kept else _PAGE


def _kept(query: QueryParams) -> dict[str, str]:
    return {name: query[name] for name in _KEPT if query.get(name)}
