"""What does the console find: keys, people, accounts and calls, its own pages, and articles of the help?"""

from collections.abc import Iterable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from keysteward.actions import search as deeds
from keysteward.actions.signin import Visitor
from keysteward.rules.refusals import INVALID_FIELD, NO_ROUTE, NO_SUCH_ACCOUNT, Refusal
from keysteward.rules.search import MOST, Field, Found, Hit, HitKind
from keysteward.rules.troubleshooting.library import titled
from keysteward.web.found import is_in_an_account, page_of
from keysteward.web.pages.forms import at_field
from keysteward.web.pages.visits import for_visitors, looking_at
from keysteward.web.reading import context, is_uuid
from keysteward.web.showing import navigation_of, show

Shown = dict[str, Any]

_TITLES: dict[HitKind, tuple[str, str]] = {
    "key": ("Apps and Keys", "key"),
    "user": ("People", "person"),
    "account": ("Accounts", "building"),
    "organization": ("Organizations", "building"),
    "call": ("Calls", "list"),
    "events": ("Audit log", "document"),
}
_FIELDS: dict[Field, str] = {
    "name": "name",
    "contact": "contact",
    "email": "e-mail address",
    "key": "integration key",
    "id": "id",
    "number": "account number",
    "trace": "trace token",
}
_ALSO = {
    "/apps": "integration keys secrets keypairs redirect uris cors go-live",
    "/account/usage": "calls statistics",
    "/account/apps": "consent blocked",
    "/legacy": "authentication retire",
    "/members": "people invitations permission profiles",
    "/custody": "findings risks what if",
    "/transfers": "move keys",
    "/security": "sessions passkeys second factor personal access tokens password",
    "/notices": "mails inbox",
    "/audit": "events history",
    "/help": "advice troubleshooting rules refusals",
}


@for_visitors
async def shown(request: Request, visitor: Visitor) -> Response:
    """`GET /search`: everything that is found, on a page of its own."""
    return show(request, "search.html", await _values(request, visitor), visitor=visitor)


@for_visitors
async def listed(request: Request, visitor: Visitor) -> Response:
    """`GET /search/found`: the same as a list, for the dialog that searches while somebody types."""
    return show(request, "search_found.html", await _values(request, visitor), visitor=visitor)


@for_visitors
async def opened(request: Request, visitor: Visitor) -> Response:
    """`GET /search/in/{account}/…`: a page of one of the visitor's accounts, which becomes the account in use."""
    account, place = str(request.path_params["account"]).lower(), str(request.path_params["place"])
    if not is_in_an_account(place):
        raise Refusal(NO_ROUTE)
    if not is_uuid(account) or all(each.account.id != account for each in visitor.standings):
        raise Refusal(NO_SUCH_ACCOUNT)
    await looking_at(request, visitor, account)
    return RedirectResponse(f"/{place}", 303)


async def _values(request: Request, visitor: Visitor) -> Shown:
    text = " ".join(request.query_params.get("q", "").replace("\x00", " ").split())
    nothing: Shown = {"asked": text[:MOST], "error": "", "groups": [], "count": 0, "is_whole": True}
    if not text:
        return nothing
    ctx = context(request)
    try:
        found = await run_in_threadpool(deeds.find, ctx, visitor.actor, text)
    except Refusal as refusal:
        if refusal.kind is not INVALID_FIELD:
            raise
        return nothing | {"error": at_field(refusal)}
    groups = [*_groups(found, visitor), *_places(request, visitor, text), *_articles(text)]
    count = sum(len(group["items"]) for group in groups)
    return nothing | {"groups": groups, "count": count, "is_whole": found.is_whole}


def _groups(found: Found, visitor: Visitor) -> Iterable[Shown]:
    for kind, (title, symbol) in _TITLES.items():
        items = [_item(hit, visitor) for hit in found.hits if hit.kind == kind]
        if items:
            yield {"title": title, "symbol": symbol, "items": items, "more": kind in found.more}


def _item(hit: Hit, visitor: Visitor) -> Shown:
    here = visitor.standing.account.id if visitor.standing else ""
    is_elsewhere = hit.kind in {"key", "user", "call"} and hit.account not in {"", here}
    said = hit.match.value
    return {
        "title": hit.title,
        "says": hit.says,
        "href": page_of(hit),
        "state": hit.state.capitalize(),
        "where": hit.account_name if is_elsewhere else "",
        "why": f"Found by {_FIELDS[hit.match.field]}" + ("" if said in {hit.title, hit.says} else f": {said}"),
    }


def _places(request: Request, visitor: Visitor, text: str) -> Iterable[Shown]:
    words = text.casefold().split()
    groups = navigation_of(request, visitor)
    found = [
        {
            "title": item.name,
            "says": group.name,
            "href": item.href,
            "state": "",
            "where": "",
            "why": "Page of the console",
        }
        for group in groups
        for item in group.items
        if all(word in f"{item.name} {_ALSO.get(item.href, '')}".casefold() for word in words)
    ]
    if found:
        yield {"title": "Pages", "symbol": "arrow", "items": found[: deeds.MOST], "more": len(found) > deeds.MOST}


def _articles(text: str) -> Iterable[Shown]:
    found = titled(text)
    items = [
        {"title": each.title, "says": "", "href": f"/help/articles/{each.code}", "state": "", "where": "",
         "why": "Article of the help"}
        for each in found[: deeds.MOST]
    ]  # fmt: skip
    if items:
        yield {"title": "Help", "symbol": "info", "items": items, "more": len(found) > deeds.MOST}
