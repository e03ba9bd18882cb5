"""What was done in the account in use, in an organization, or in the whole environment?

Everything that narrows the view stands in the address, so that a view can be kept, sent and downloaded.
"""

from typing import Any
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from keysteward.actions import audit_log as deeds
from keysteward.actions.signin import Visitor
from keysteward.rules.audit_csv import csv_parts
from keysteward.rules.audit_log import KINDS, Question, Scope
from keysteward.rules.events import Entry, shown
from keysteward.rules.refusals import INVALID_FIELD, NO_SUCH_ORGANIZATION, Refusal
from keysteward.web.answers import NO_STORE
from keysteward.web.audit_asked import FILTERS, asked
from keysteward.web.pages.forms import at_field
from keysteward.web.pages.visits import account_in_use, for_visitors
from keysteward.web.pages.words import hand, title_of
from keysteward.web.reading import context, is_uuid
from keysteward.web.showing import show
from keysteward.web.usage_asked import whole_number

_PAGE, _MOST_NUMBER = 50, 10**15 - 1
_PLACES = ("organization", "everywhere")
_APART = frozenset({"user", "trace"})


@for_visitors
async def listed(request: Request, visitor: Visitor) -> Response:
    """`GET /audit`: the newest events, or those that are looked for."""
    ctx, query, scope = context(request), request.query_params, _scope(request, visitor)
    errors: dict[str, str] = {}
    try:
        question, before = asked(query, scope), whole_number(query, "before", None, 1, _MOST_NUMBER)
    except Refusal as refusal:
        if refusal.kind is not INVALID_FIELD:
            raise
        question, before, errors = Question(scope), None, {refusal.field: at_field(refusal)}
    page = await run_in_threadpool(deeds.read, ctx, visitor.actor, question, before, _PAGE)
    values = _values(visitor, query, page) | {"errors": errors, "is_newest": before is None}
    return show(request, "audit.html", values, status=400 if errors else 200, visitor=visitor)


@for_visitors
async def download(request: Request, visitor: Visitor) -> Response:
    """`GET /audit/events.csv`: everything that the page would show, page after page."""
    ctx, question = context(request), asked(request.query_params, _scope(request, visitor))
    question = await run_in_threadpool(deeds.start_download, ctx, visitor.actor, question)
    headers = {**NO_STORE, "Content-Disposition": 'attachment; filename="audit.csv"'}
    lines = csv_parts(deeds.list_parts(ctx, question))
    return StreamingResponse(lines, headers=headers, media_type="text/csv; charset=utf-8; header=present")


def _scope(request: Request, visitor: Visitor) -> Scope:
    organization = request.query_params.get("organization", "")
    if organization and not is_uuid(organization):
        raise Refusal(NO_SUCH_ORGANIZATION)
    if organization:
        return Scope(organization=organization.lower())
    return Scope() if request.query_params.get("everywhere") else Scope(account_in_use(visitor).account.id)


def _values(visitor: Visitor, query: QueryParams, page: deeds.Page) -> dict[str, Any]:
    place = {name: query[name] for name in _PLACES if query.get(name)}
    filters = {name: query.get(name, "") for name in FILTERS}
    said = place | {name: value for name, value in filters.items() if value}
    older = said | {"before": str(page.before)}
    return {
        "place": place,
        "places": _places(visitor, page.question.scope),
        "filters": filters,
        "kinds": [(kind, title_of(kind)) for kind in sorted(KINDS)],
        "events": [_event(each) for each in page.entries],
        "is_narrowed": any(filters.values()),
        "links": {
            "csv": _link("/audit/events.csv", said),
            "newest": _link("/audit", said),
            "older": _link("/audit", older) if page.before is not None else "",
            "all": _link("/audit", place),
        },
    }


def _places(visitor: Visitor, scope: Scope) -> list[tuple[str, str, bool]]:
    """Where somebody may look: words, address, and whether they look there now."""
    standing, found = visitor.standing, []
    if standing is not None and (standing.is_admin or visitor.is_operator or scope.account):
        found.append((standing.account.name, "/audit", bool(scope.account)))
    of = "/audit?organization={}".format
    found += [(f"Organization {each.name}", of(each.id), scope.organization == each.id) for each in visitor.administers]
    return [*found, ("Whole environment", "/audit?everywhere=yes", not any(scope))] if visitor.is_operator else found


def _event(entry: Entry) -> dict[str, object]:
    event = shown(entry)
    details = [(name.replace("_", " "), value) for name, value in event.data.items() if name not in _APART]
    return {
        "number": entry.sequence,
        "at": event.at,
        "what": title_of(event.name),
        "kind": event.name,
        "who": hand(event.actor),
        "key": event.key,
        "account": event.account,
        "user": event.data.get("user", ""),
        "trace": event.data.get("trace", ""),
        "details": details,
    }


def _link(path: str, said: dict[str, str]) -> str:
    return f"{path}?{urlencode(said)}" if said else path
