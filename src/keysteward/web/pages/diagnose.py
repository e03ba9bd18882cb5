"""Why is an app refused? What somebody pastes is read once; it is neither kept, nor logged, nor shown again."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import call_usage, troubleshooting
from keysteward.actions.context import Context
from keysteward.actions.signin import Visitor
from keysteward.rules.call_usage import Asked, Scope, window_of
from keysteward.rules.calls import Call
from keysteward.rules.refusals import INVALID_FIELD, NO_SUCH_KEY, NO_SUCH_OBJECT, Refusal
from keysteward.rules.troubleshooting import clues, library, observed
from keysteward.rules.troubleshooting.articles import Article
from keysteward.rules.troubleshooting.attempted import Attempt
from keysteward.rules.troubleshooting.diagnosis import diagnose
from keysteward.rules.troubleshooting.facts import Facts, values_of
from keysteward.web.pages import counted_calls
from keysteward.web.pages.forms import Slip, read_fields, refused
from keysteward.web.pages.troubleshooting import told
from keysteward.web.pages.visits import for_visitors, form_of, looking_at
from keysteward.web.reading import context, is_uuid
from keysteward.web.showing import show

_FAILED_CALLS, _PERIOD = 10, "7d"
_MOST_NUMBER = 15


class Finding(NamedTuple):
    """What was found: what was looked at, what was seen beyond the error, and the articles that fit."""

    looked_at: str = ""
    seen: Sequence[str] = ()
    articles: Sequence[Article] = ()


@for_visitors
async def shown(request: Request, visitor: Visitor) -> Response:
    """`GET /apps/{key}/diagnose`: the refused requests and failed calls of an app, one of them explained."""
    return await _shown(request, visitor, await run_in_threadpool(_chosen, request, visitor), Slip())


@form_of("/apps/{key}/diagnose")
async def read(request: Request, visitor: Visitor) -> Response:
    """`POST /apps/{key}/diagnose`: an error text explained."""
    typed = await read_fields(request, "text")
    try:
        found = await run_in_threadpool(_about_text, request, visitor, typed["text"])
    except Refusal as refusal:
        return await _shown(request, visitor, Finding(), refused(refusal, {}, "text"))
    return await _shown(request, visitor, found, Slip())


def _about_text(request: Request, visitor: Visitor, unverified_text: str) -> Finding:
    if not unverified_text.strip():
        raise Refusal(INVALID_FIELD, field="text", reason="paste what you were answered.")
    ctx = context(request)
    facts, place = troubleshooting.facts_of(ctx, visitor.actor, _key(request)), troubleshooting.place_of(ctx)
    said = clues.read(unverified_text)
    seen = observed.about_text(said, facts, place)
    return Finding("text", seen, [each.article for each in diagnose(said, ctx.environment)])


def _chosen(request: Request, visitor: Visitor) -> Finding:
    """The refused request or failed call that the address names."""
    query = request.query_params
    if attempt := query.get("attempt", ""):
        return _about_attempt(request, visitor, _number(attempt, "refused request"))
    if call := query.get("call", ""):
        return _about_call(request, visitor, _number(call, "call"))
    return Finding()


def _about_attempt(request: Request, visitor: Visitor, number: int) -> Finding:
    facts, attempt = troubleshooting.load_attempt(context(request), visitor.actor, _key(request), number)
    found = library.article_of_refusal(attempt.code)
    return Finding("attempt", observed.about_attempt(attempt, facts), [found] if found else [])


def _about_call(request: Request, visitor: Visitor, number: int) -> Finding:
    call = call_usage.load_call(context(request), visitor.actor, Scope(key=_key(request)), number).call
    said = clues.read(f'HTTP/1.1 {call.status} {{"errorCode":"{call.error_code}"}}')
    seen = [f"{call.method} {call.url} was answered {call.status} {call.error_code}".strip() + "."]
    return Finding("call", seen, [each.article for each in diagnose(said, context(request).environment)])


async def _shown(request: Request, visitor: Visitor, found: Finding, slip: Slip) -> Response:
    ctx = context(request)
    facts, attempts = await run_in_threadpool(troubleshooting.list_attempts, ctx, visitor.actor, _key(request))
    app = facts.app
    assert app is not None  # noqa: S101 — nobody gets here without a key that they may read
    failed = await run_in_threadpool(_failed_calls, ctx, visitor, app.key)
    visitor = await looking_at(request, visitor, app.account)
    values = values_of(facts, troubleshooting.place_of(ctx, visitor.user.id))
    page = {
        "app": {"key": app.key, "name": app.name},
        "attempts": [_attempt(each) for each in attempts],
        "calls": [counted_calls.call(each) for each in failed],
        **_found(found, facts, values),
        "errors": slip.errors,
    }
    return show(request, "diagnose.html", page, status=slip.status, visitor=visitor, notice=slip.notice)


def _found(found: Finding, facts: Facts, values: Mapping[str, str]) -> dict[str, Any]:
    articles = [told(each, facts, values) for each in found.articles]
    return {"looked_at": found.looked_at, "seen": found.seen, "found": articles}


def _failed_calls(ctx: Context, visitor: Visitor, key: str) -> list[Call]:
    asked = Asked(Scope(key=key), window_of(_PERIOD, ctx.now), ended="failed")
    return call_usage.list_calls(ctx, visitor.actor, asked, None, _FAILED_CALLS).calls


def _attempt(attempt: Attempt) -> dict[str, Any]:
    found = library.article_of_refusal(attempt.code)
    return {
        "number": attempt.number,
        "at": attempt.at,
        "grant": attempt.grant,
        "title": found.title if found else attempt.code,
        "redirect_uri": attempt.redirect_uri,
        "address": attempt.asker.address,
        "agent": attempt.asker.agent,
    }


def _key(request: Request) -> str:
    key = str(request.path_params["key"])
    if not is_uuid(key):
        raise Refusal(NO_SUCH_KEY)
    return key.lower()


def _number(text: str, thing: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= _MOST_NUMBER):
        raise Refusal(NO_SUCH_OBJECT, thing=thing)
    return int(text)
