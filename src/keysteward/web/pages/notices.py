"""What was somebody told, and which mails do they want?"""

from typing import Any
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from keysteward.actions import inbox
from keysteward.actions.context import Context
from keysteward.actions.inbox import Page, Received, Wanted
from keysteward.actions.signin import Visitor
from keysteward.rules.notice_kinds import KINDS, NOTICE_KINDS
from keysteward.rules.notices import may_mute, paragraphs_of
from keysteward.web.notices_asked import asked
from keysteward.web.pages.forms import arrived, done
from keysteward.web.pages.visits import for_visitors, form_of
from keysteward.web.reading import context, read_form, read_pairs
from keysteward.web.showing import show
from keysteward.web.usage_asked import whole_number

_PAGE = "/notices"
_SHOWN = 25
_MOST_PAGES = 10_000
_SECURITY = tuple(kind for kind in NOTICE_KINDS if not may_mute(kind))
_OTHERS = tuple(kind for kind in NOTICE_KINDS if may_mute(kind))


@for_visitors
async def listed(request: Request, visitor: Visitor) -> Response:
    """`GET /notices`: unread ones first."""
    query = request.query_params
    wanted, number = asked(query), whole_number(query, "page", 1, 1, _MOST_PAGES) or 1
    values = await run_in_threadpool(_values, context(request), visitor, wanted, number)
    values["back"] = urlencode(_kept(query))
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


def _values(ctx: Context, visitor: Visitor, wanted: Wanted, number: int) -> dict[str, Any]:
    page = inbox.list_notices(ctx, visitor.actor, wanted, number, _SHOWN)
    muted = inbox.list_muted(ctx, visitor.actor)
    return {
        "notices": [_row(each) for each in page.received],
        "unread": page.unread,
        "links": _links(wanted, number, page),
        "filters": {"kind": wanted.kind, "key": wanted.key, "unread": wanted.unread},
        "is_narrowed": wanted != Wanted(),
        "kinds": [(kind, KINDS[kind].name) for kind in NOTICE_KINDS],
        "keys": inbox.list_keys(ctx, visitor.actor),
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
        "page": notice.facts.get("page", ""),
    }


def _links(wanted: Wanted, number: int, page: Page) -> dict[str, str]:
    said = {"kind": wanted.kind, "key": wanted.key, "unread": "yes" if wanted.unread else ""}
    return {
        "newer": _address(QueryParams(said | {"page": str(number - 1)})) if number > 1 else "",
        "older": _address(QueryParams(said | {"page": str(number + 1)})) if page.has_more else "",
        "all": _PAGE,
    }


def _address(query: QueryParams) -> str:
    kept = _kept(query)
    return f"{_PAGE}?{urlencode(kept)}" if kept else _PAGE


def _kept(query: QueryParams) -> dict[str, str]:
    return {name: query[name] for name in ("kind", "key", "unread", "page") if query.get(name)}
