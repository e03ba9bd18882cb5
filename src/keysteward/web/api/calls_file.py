"""How does a program take the calls of a key along, to have them judged where nothing runs?"""

from collections.abc import Iterator

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from keysteward.actions import call_usage as deeds
from keysteward.actions.context import Context
from keysteward.rules.access import Actor
from keysteward.rules.call_usage import Asked, Scope
from keysteward.rules.foreign_logs.own_lines import line_of
from keysteward.web.answers import NO_STORE
from keysteward.web.api.asking import actor_of, key_of
from keysteward.web.api.calls import NDJSON
from keysteward.web.reading import context
from keysteward.web.usage_asked import asked

WINDOW = ("period", "since", "until")
_AT_ONCE = 500


async def download_calls(request: Request) -> Response:
    """`GET /api/v1/usage/keys/{key}/calls.ndjson`: every recorded call of a key in a window, newest first.

    It is narrowed by time alone: a file without the failed calls would pass any review.
    """
    ctx, actor, query = context(request), await actor_of(request), request.query_params
    window = QueryParams({name: query[name] for name in WINDOW if name in query})
    question = asked(window, Scope(key=key_of(request)), ctx.now)
    scope = await run_in_threadpool(deeds.demand_reader, ctx, actor, question.scope)
    headers = {**NO_STORE, "Content-Disposition": 'attachment; filename="calls.ndjson"'}
    return StreamingResponse(_lines(ctx, actor, question._replace(scope=scope)), headers=headers, media_type=NDJSON)


def _lines(ctx: Context, actor: Actor, question: Asked) -> Iterator[bytes]:
    """The calls, some hundred at a time, so that no more need be in memory."""
    page = deeds.list_calls(ctx, actor, question, None, _AT_ONCE)
    yield b"".join(map(line_of, page.calls))
    while page.before is not None:
        page = deeds.list_calls(ctx, actor, question, page.before, _AT_ONCE)
        yield b"".join(map(line_of, page.calls))
