"""What does it mean, and how is it mended? The pages of the help, with the values of the reader's own key."""

from collections.abc import Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import keys, troubleshooting
from keysteward.actions.signin import Visitor
from keysteward.rules.golive import rules_of
from keysteward.rules.refusals import NO_ROUTE, Kind, Refusal
from keysteward.rules.troubleshooting import library
from keysteward.rules.troubleshooting.articles import Article, Cause, filled, parts
from keysteward.rules.troubleshooting.diagnosis import Weighed, weigh
from keysteward.rules.troubleshooting.facts import Facts, values_of
from keysteward.web.reading import context, is_uuid
from keysteward.web.sessions import visitor_or_none
from keysteward.web.showing import show

_MOST_WORDS = 100
Shown = dict[str, Any]


async def index(request: Request) -> Response:
    """`GET /help`: every article, or those that hold the words that were asked for."""
    words = request.query_params.get("q", "")[:_MOST_WORDS]
    shelves = library.search(words)
    ctx = context(request)
    here = values_of(Facts(ctx.environment, now=ctx.now), troubleshooting.place_of(ctx))
    values = {
        "words": words,
        "shelves": [
            {"title": each.title, "articles": [_listed(one, here) for one in each.articles]} for each in shelves
        ],
        "count": sum(len(each.articles) for each in shelves),
    }
    return show(request, "help.html", values, visitor=await visitor_or_none(request))


async def article(request: Request) -> Response:
    """`GET /help/articles/{code}`: one article."""
    found = library.article_named(request.path_params["code"])
    if found is None:
        raise Refusal(NO_ROUTE)
    return await _shown(request, found, [library.KINDS[code] for code in found.explains])


async def refusal(request: Request) -> Response:
    """`GET /help/refusals/{code}`: what a refusal means; the `type` of every problem leads here."""
    code = request.path_params["code"]
    found = library.article_of_refusal(code)
    if found is None:
        raise Refusal(NO_ROUTE)
    return await _shown(request, found, [library.KINDS[code]])


async def finding(request: Request) -> Response:
    """`GET /help/findings/{code}`: what a rule of the review found, built in or of a pack in force."""
    code = request.path_params["code"]
    rule = next((each for each in rules_of(context(request).policy) if each.code == code), None)
    if rule is None:
        raise Refusal(NO_ROUTE)
    asks = {"code": rule.code, "asks": rule.asks, "source": rule.source}
    return await _shown(request, library.article_of_rule(code), [], rule=asks)


def causes(weighed: list[Weighed], values: Mapping[str, str]) -> list[Shown]:
    """Causes as the templates take them."""
    return [_cause(each.cause, values) | {"bearing": each.bearing} for each in weighed]


def told(found: Article, facts: Facts, values: Mapping[str, str]) -> Shown:
    """An article as the templates take it, for one key or nobody's."""
    return {
        "code": found.code,
        "title": found.title,
        "means": parts(found.means, values),
        "causes": causes(weigh(found.causes, facts), values),
    }


def _cause(cause: Cause, values: Mapping[str, str]) -> Shown:
    return {"how": parts(cause.how, values), "fix": parts(cause.fix, values), "shows": filled(cause.shows, values)}


def _listed(found: Article, values: Mapping[str, str]) -> Shown:
    return {"code": found.code, "title": found.title, "means": parts(found.means, values)}


async def _shown(request: Request, found: Article, kinds: list[Kind], rule: Shown | None = None) -> Response:
    visitor = await visitor_or_none(request)
    facts = await run_in_threadpool(_facts, request, visitor)
    ctx = context(request)
    user = visitor.user.id if visitor else ""
    values = values_of(facts, troubleshooting.place_of(ctx, user))
    shown = {
        "article": told(found, facts, values),
        "refusals": [_refusal(kind) for kind in kinds],
        "rule": rule,
        "app": {"key": facts.app.key, "name": facts.app.name} if facts.app else None,
        "is_foreign": bool(request.query_params.get("key")) and facts.app is None,
        "apps": await run_in_threadpool(_readable, request, visitor),
    }
    return show(request, "help_article.html", shown, visitor=visitor)


def _facts(request: Request, visitor: Visitor | None) -> Facts:
    """What is known of the key that the reader names, if they may read it; nobody learns whether there is another."""
    ctx, key = context(request), request.query_params.get("key", "").lower()
    nothing = Facts(ctx.environment, now=ctx.now)
    if visitor is None or not is_uuid(key):
        return nothing
    try:
        return troubleshooting.facts_of(ctx, visitor.actor, key)
    except Refusal:
        return nothing


def _readable(request: Request, visitor: Visitor | None) -> list[Shown]:
    """The keys of the account in use, for its admins, to choose from."""
    if visitor is None or visitor.standing is None or not visitor.standing.is_admin:
        return []
    found = keys.list_apps(context(request), visitor.actor, visitor.standing.account.id)
    return [{"key": app.key, "name": app.name} for app in found if app.deleted_at is None]


def _refusal(kind: Kind) -> Shown:
    """How a refusal is said in each vocabulary, where it is said there."""
    return {
        "code": kind.code,
        "status": kind.status,
        "sentence": parts(kind.sentence, {}),
        "error": kind.error,
        "description": kind.description or "",
        "error_code": kind.error_code,
    }
