"""How does a program learn how the API is used by a key, or in an account?"""

from collections.abc import Iterable
from typing import Any

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from keysteward.actions import call_usage as deeds
from keysteward.rules import call_usage as rules
from keysteward.rules.call_usage import Scope, Tally, bars
from keysteward.rules.calls import Call
from keysteward.rules.refusals import NO_SUCH_OBJECT, Refusal
from keysteward.web.answers import NO_STORE
from keysteward.web.api import usage_shapes as as_
from keysteward.web.api.asking import account_of, actor_of, answered, key_of, said
from keysteward.web.reading import context
from keysteward.web.usage_asked import asked, csv_lines, whole_number

_PAGE, _MOST_PAGE, _MOST_NUMBER = 50, 200, 10**15 - 1


async def show_key_usage(request: Request) -> Response:
    """`GET /api/v1/usage/keys/{key}`: everything about the calls of a key."""
    return await _shown(request, Scope(key=key_of(request)))


async def show_account_usage(request: Request) -> Response:
    """`GET /api/v1/usage/accounts/{account}`: everything about the calls in an account."""
    return await _shown(request, Scope(account=account_of(request)))


async def list_key_calls(request: Request) -> Response:
    """`GET /api/v1/usage/keys/{key}/calls`: the calls of a key, page by page."""
    return await _listed(request, Scope(key=key_of(request)))


async def list_account_calls(request: Request) -> Response:
    """`GET /api/v1/usage/accounts/{account}/calls`: the calls in an account, page by page."""
    return await _listed(request, Scope(account=account_of(request)))


async def show_key_call(request: Request) -> Response:
    """`GET /api/v1/usage/keys/{key}/calls/{number}`: one call of a key."""
    return await _one(request, Scope(key=key_of(request)))


async def show_account_call(request: Request) -> Response:
    """`GET /api/v1/usage/accounts/{account}/calls/{number}`: one call in an account."""
    return await _one(request, Scope(account=account_of(request)))


async def download_key_usage(request: Request) -> Response:
    """`GET /api/v1/usage/keys/{key}/hours.csv`: what is counted of a key, by the hour."""
    return await _downloaded(request, Scope(key=key_of(request)))


async def download_account_usage(request: Request) -> Response:
    """`GET /api/v1/usage/accounts/{account}/hours.csv`: what is counted in an account, by the hour."""
    return await _downloaded(request, Scope(account=account_of(request)))


async def _shown(request: Request, scope: Scope) -> Response:
    ctx, actor = context(request), await actor_of(request)
    found = await run_in_threadpool(deeds.show, ctx, actor, asked(request.query_params, scope, ctx.now))
    return answered(said(_usage(found)))


async def _listed(request: Request, scope: Scope) -> Response:
    ctx, actor, query = context(request), await actor_of(request), request.query_params
    before = whole_number(query, "before", None, 1, _MOST_NUMBER)
    most = whole_number(query, "limit", _PAGE, 1, _MOST_PAGE) or _PAGE
    page = await run_in_threadpool(deeds.list_calls, ctx, actor, asked(query, scope, ctx.now), before, most)
    return answered(said(as_.RecordedCalls([as_.RecordedCall(**_fields(call)) for call in page.calls], page.before)))


async def _one(request: Request, scope: Scope) -> Response:
    ctx, actor, number = context(request), await actor_of(request), str(request.path_params["number"])
    if not (number.isascii() and number.isdigit() and len(number) <= len(str(_MOST_NUMBER))):
        raise Refusal(NO_SUCH_OBJECT, thing="call")
    found = await run_in_threadpool(deeds.load_call, ctx, actor, scope, int(number))
    return answered(said(as_.OneCall(**_fields(found.call), ended=_ended(found), curl=found.curl)))


async def _downloaded(request: Request, scope: Scope) -> Response:
    ctx, actor = context(request), await actor_of(request)
    question = asked(request.query_params, scope, ctx.now)
    scope = await run_in_threadpool(deeds.demand_reader, ctx, actor, scope)
    lines = csv_lines(deeds.list_parts(ctx, question._replace(scope=scope)))
    headers = {**NO_STORE, "Content-Disposition": 'attachment; filename="usage.csv"'}
    return StreamingResponse(lines, headers=headers, media_type="text/csv; charset=utf-8; header=present")


def _usage(found: deeds.Usage) -> as_.Usage:
    window, whole, names, busiest = found.asked.window, found.total, found.names, found.busiest
    return as_.Usage(
        key=found.place.app.key if found.place.app else None,
        account=found.place.account.id,
        since=window.since,
        until=window.until,
        calls=whole.calls,
        failed=whole.failed,
        bars=[as_.Bar(bar.since, bar.until, *bar.tally) for bar in bars(found.hours, window)],
        busiest_hour=as_.BusiestHour(busiest.begins_at, busiest.tally.calls) if busiest else None,
        headroom=as_.Headroom(*found.headroom),
        operations=_groups(found.operations, whole, {}),
        failures=[as_.FailedCalls(*each) for each in found.failures],
        users=_groups(found.users, whole, names.users),
        accounts=_groups(found.accounts, whole, names.accounts),
        apps=_groups(found.apps, whole, names.apps),
        sdks=_groups(found.sdks, whole, {}),
        polling=[_polled(each) for each in found.offenders],
        unused_keys=[as_.UnusedKey(each.app.key, each.app.name, each.last_at) for each in found.unused],
        known_since=found.known_since,
        calls_kept_since=found.calls_kept_since,
    )


def _groups(found: Iterable[rules.Group], whole: Tally, titles: dict[str, str]) -> list[as_.CallGroup]:
    return [
        as_.CallGroup(
            group.name, titles.get(group.name, ""), *group.tally, round(group.tally.calls / whole.calls, 4),
            group.last_at,
        )
        for group in found
    ]  # fmt: skip


def _polled(each: rules.Offender) -> as_.PolledResource:
    return as_.PolledResource(each.method, each.url, each.times, each.shortest_pause.total_seconds(), each.last_at)


def _fields(call: Call) -> dict[str, Any]:
    names = msgspec.structs.fields(as_.RecordedCall)
    return {"number": call.sequence} | {each.name: getattr(call, each.name) for each in names if each.name != "number"}


def _ended(found: deeds.Single) -> as_.Ended | None:
    outcome = found.outcome
    if outcome is None:
        return None
    seconds = outcome.duration_microseconds / 1_000_000
    return as_.Ended(seconds, outcome.request_bytes, outcome.answer_bytes, outcome.completed)
