"""What does a program find?"""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import search as deeds
from keysteward.rules.search import Hit
from keysteward.web.api.asking import actor_of, answered, only_query, said
from keysteward.web.api.openapi import Parameter
from keysteward.web.api.search_shapes import FoundThing, FoundThings, MatchedBy
from keysteward.web.found import page_of
from keysteward.web.reading import context

SEARCH = "/api/v1/search"
SOUGHT = Parameter("q", "What to look for: 2 to 100 characters of a name, an address, a GUID or a trace token.",
                   r"[\s\S]*\S[\s\S]*\S[\s\S]*")  # fmt: skip


async def find_things(request: Request) -> Response:
    """`GET /api/v1/search`: keys, people, accounts, organizations and calls that you may see."""
    ctx, actor = context(request), await actor_of(request)
    found = await run_in_threadpool(deeds.find, ctx, actor, only_query(request, "q"))
    things = [_thing(hit, ctx.origin) for hit in found.hits]
    return answered(said(FoundThings(things, sorted(found.more), found.is_whole)))


def _thing(hit: Hit, origin: str) -> FoundThing:
    matched = MatchedBy(hit.match.field, hit.match.value)
    return FoundThing(
        hit.kind, hit.id, hit.title, hit.says, hit.state or None, matched,
        hit.account or None, hit.account_name or None, hit.key or None, origin + page_of(hit),
    )  # fmt: skip
