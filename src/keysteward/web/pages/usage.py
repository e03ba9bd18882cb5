"""How is the API used by a key, or in the account in use?

Everything that narrows the view stands in the address, so that a view can be kept, sent and downloaded.
"""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from keysteward.actions import call_usage as deeds
from keysteward.actions.signin import Visitor
from keysteward.rules.call_usage import Scope
from keysteward.rules.refusals import NO_SUCH_KEY, NO_SUCH_OBJECT, Refusal
from keysteward.web.answers import NO_STORE
from keysteward.web.pages import counted_calls
from keysteward.web.pages.counted_calls import Shown
from keysteward.web.pages.visits import account_in_use, for_visitors, looking_at
from keysteward.web.reading import context, is_uuid
from keysteward.web.showing import show
from keysteward.web.usage_asked import asked, csv_lines, whole_number

_PAGE, _MOST_NUMBER = 50, 10**15 - 1


@for_visitors
async def of_key(request: Request, visitor: Visitor) -> Response:
    """`GET /apps/{key}/usage`: the calls of a key, counted."""
    return await _shown(request, visitor, _key(request))


@for_visitors
async def in_account(request: Request, visitor: Visitor) -> Response:
    """`GET /account/usage`: the calls in the account in use, counted."""
    return await _shown(request, visitor, _account(visitor))


@for_visitors
async def calls_of_key(request: Request, visitor: Visitor) -> Response:
    """`GET /apps/{key}/usage/calls`: the calls of a key, one by one."""
    return await _listed(request, visitor, _key(request))


@for_visitors
async def calls_in_account(request: Request, visitor: Visitor) -> Response:
    """`GET /account/usage/calls`: the calls in the account in use, one by one."""
    return await _listed(request, visitor, _account(visitor))


@for_visitors
async def call_of_key(request: Request, visitor: Visitor) -> Response:
    """`GET /apps/{key}/usage/calls/{number}`: one call of a key, and how to make it again."""
    return await _one(request, visitor, _key(request))


@for_visitors
async def call_in_account(request: Request, visitor: Visitor) -> Response:
    """`GET /account/usage/calls/{number}`: one call in the account in use, and how to make it again."""
    return await _one(request, visitor, _account(visitor))


@for_visitors
async def download_of_key(request: Request, visitor: Visitor) -> Response:
    """`GET /apps/{key}/usage/hours.csv`: what is counted of a key."""
    return await _downloaded(request, visitor, _key(request))


@for_visitors
async def download_in_account(request: Request, visitor: Visitor) -> Response:
    """`GET /account/usage/hours.csv`: what is counted in the account in use."""
    return await _downloaded(request, visitor, _account(visitor))


def _key(request: Request) -> Scope:
    key = request.path_params["key"]
    if not is_uuid(key):
        raise Refusal(NO_SUCH_KEY)
    return Scope(key=key.lower())


def _account(visitor: Visitor) -> Scope:
    return Scope(account=account_in_use(visitor).account.id)


async def _shown(request: Request, visitor: Visitor, scope: Scope) -> Response:
    ctx, query = context(request), request.query_params
    found = await run_in_threadpool(deeds.show, ctx, visitor.actor, asked(query, scope, ctx.now))
    visitor = await looking_at(request, visitor, found.place.account.id)
    return show(request, "usage.html", counted_calls.usage(found, query), visitor=visitor)


async def _listed(request: Request, visitor: Visitor, scope: Scope) -> Response:
    ctx, query = context(request), request.query_params
    question = asked(query, scope, ctx.now)
    before = whole_number(query, "before", None, 1, _MOST_NUMBER)
    found = await run_in_threadpool(deeds.list_calls, ctx, visitor.actor, question, before, _PAGE)
    visitor = await looking_at(request, visitor, found.place.account.id)
    return show(request, "usage_calls.html", counted_calls.calls(found, query), visitor=visitor)


async def _one(request: Request, visitor: Visitor, scope: Scope) -> Response:
    ctx, number = context(request), str(request.path_params["number"])
    if not (number.isascii() and number.isdigit() and len(number) <= len(str(_MOST_NUMBER))):
        raise Refusal(NO_SUCH_OBJECT, thing="call")
    found = await run_in_threadpool(deeds.load_call, ctx, visitor.actor, scope, int(number))
    visitor = await looking_at(request, visitor, found.place.account.id)
    return show(request, "usage_call.html", _single(found), visitor=visitor)


async def _downloaded(request: Request, visitor: Visitor, scope: Scope) -> Response:
    ctx = context(request)
    question = asked(request.query_params, scope, ctx.now)
    scope = await run_in_threadpool(deeds.demand_reader, ctx, visitor.actor, scope)
    lines = csv_lines(deeds.list_parts(ctx, question._replace(scope=scope)))
    headers = {**NO_STORE, "Content-Disposition": 'attachment; filename="usage.csv"'}
    return StreamingResponse(lines, headers=headers, media_type="text/csv; charset=utf-8; header=present")


def _single(found: deeds.Single) -> Shown:
    outcome = found.outcome
    return {
        **counted_calls.place(found.place),
        "call": counted_calls.call(found.call),
        "user": counted_calls.titled(found.call.user, found.names.users),
        "account": counted_calls.titled(found.call.account, found.names.accounts),
        "key": counted_calls.titled(found.call.key, found.names.apps),
        "ended": None
        if outcome is None
        else {
            "milliseconds": f"{outcome.duration_microseconds / 1_000:,.1f} ms",
            "sent": f"{outcome.request_bytes:,} bytes",
            "received": f"{outcome.answer_bytes:,} bytes",
            "completed": outcome.completed,
        },
        "curl": found.curl,
    }
