"""How does a program read an inbox?"""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import inbox
from keysteward.actions.inbox import Received
from keysteward.web.api.asking import actor_of, answered, id_of, said
from keysteward.web.api.notice_shapes import Inbox, InboxNotice, ReadNotices
from keysteward.web.api.shapes import Nothing
from keysteward.web.notices_asked import asked
from keysteward.web.reading import context, read_json
from keysteward.web.usage_asked import whole_number

NOTICES = "/api/v1/notices"
_PAGE, _MOST_PAGE, _MOST_PAGES = 50, 200, 10_000
_ASIDE = frozenset({"subject", "what", "next", "page"})


async def list_notices(request: Request) -> Response:
    """`GET /api/v1/notices`: your inbox, page by page."""
    ctx, actor, query = context(request), await actor_of(request), request.query_params
    number = whole_number(query, "page", 1, 1, _MOST_PAGES) or 1
    most = whole_number(query, "limit", _PAGE, 1, _MOST_PAGE) or _PAGE
    found = await run_in_threadpool(inbox.list_notices, ctx, actor, asked(query), number, most)
    return answered(said(Inbox([_notice(each) for each in found.received], found.unread, found.has_more)))


async def read_notice(request: Request) -> Response:
    """`POST /api/v1/notices/{id}/read`: mark one as read."""
    actor, notice = await actor_of(request), id_of(request, "notice")
    await read_json(request, Nothing)
    return answered(said(_notice(await run_in_threadpool(inbox.mark_read, context(request), actor, notice))))


async def read_all_notices(request: Request) -> Response:
    """`POST /api/v1/notices/read`: mark all as read."""
    actor = await actor_of(request)
    await read_json(request, Nothing)
    return answered(said(ReadNotices(await run_in_threadpool(inbox.mark_all_read, context(request), actor))))


def _notice(received: Received) -> InboxNotice:
    notice, facts = received.notice, received.notice.facts
    return InboxNotice(
        notice.id, notice.kind, notice.at, notice.account or None, notice.organization or None, notice.key or None,
        facts["subject"], facts["what"], facts.get("next") or None, facts.get("page") or None,
        {name: value for name, value in facts.items() if name not in _ASIDE}, received.read_at,
    )  # fmt: skip
