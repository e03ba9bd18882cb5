"""What was done with one key, by whom and when? A part of the audit log, on the page of the app."""

from typing import Any
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import audit_log, keys
from keysteward.actions.audit_log import Page
from keysteward.actions.signin import Visitor
from keysteward.rules.audit_log import KINDS, Question, Scope
from keysteward.rules.events import Entry, shown
from keysteward.rules.keys import App
from keysteward.rules.refusals import INVALID_FIELD, Refusal
from keysteward.web.audit_asked import asked
from keysteward.web.pages.app import frame
from keysteward.web.pages.forms import at_field
from keysteward.web.pages.visits import for_visitors, looking_at
from keysteward.web.pages.words import history, title_of
from keysteward.web.reading import context
from keysteward.web.showing import show
from keysteward.web.usage_asked import whole_number

_PAGE, _MOST_NUMBER = 50, 10**15 - 1
_FILTERS = ("since", "until", "actor", "kind")


@for_visitors
async def listed(request: Request, visitor: Visitor) -> Response:
    """`GET /apps/{key}/history`: the newest events of a key, or those that are looked for."""
    ctx, query = context(request), request.query_params
    view = await run_in_threadpool(keys.view, ctx, visitor.actor, request.path_params["key"])
    visitor = await looking_at(request, visitor, view.app.account)
    question, before, errors = _asked(query, view.app)
    page = await run_in_threadpool(audit_log.read, ctx, visitor.actor, question, before, _PAGE)
    framed = await run_in_threadpool(frame, ctx, visitor, view)
    values = _values(query, view.app, page) | {
        "app": framed,
        "section": "history",
        "restore_days": ctx.policy.restore_days,
        "values": {},
        "errors": errors,
        "is_newest": before is None,
    }
    return show(request, "app_history.html", values, status=400 if errors else 200, visitor=visitor)


def _asked(query: QueryParams, app: App) -> tuple[Question, int | None, dict[str, str]]:
    """What the address asks for; where it cannot be asked, all of it, and what is wrong with which field."""
    whole = Question(Scope(app.account), key=app.key)
    try:
        said = asked(QueryParams({name: query.get(name, "") for name in _FILTERS}), whole.scope)
        return said._replace(key=app.key), whole_number(query, "before", None, 1, _MOST_NUMBER), {}
    except Refusal as refusal:
        if refusal.kind is not INVALID_FIELD:
            raise
        return whole, None, {refusal.field: at_field(refusal)}


def _values(query: QueryParams, app: App, page: Page) -> dict[str, Any]:
    home, filters = f"/apps/{app.key}/history", {name: query.get(name, "") for name in _FILTERS}
    said = {name: value for name, value in filters.items() if value}
    everywhere = {"key": app.key, **said}
    return {
        "filters": filters,
        "kinds": [(kind, title_of(kind)) for kind in sorted(KINDS)],
        "events": [_event(each) for each in page.entries],
        "is_narrowed": bool(said),
        "links": {
            "audit": f"/audit?{urlencode(everywhere)}",
            "csv": f"/audit/events.csv?{urlencode(everywhere)}",
            "newest": _link(home, said),
            "older": _link(home, said | {"before": str(page.before)}) if page.before is not None else "",
            "all": home,
        },
    }


def _event(entry: Entry) -> dict[str, object]:
    event = shown(entry)
    return history(event) | {"number": entry.sequence, "trace": event.data.get("trace", "")}


def _link(path: str, said: dict[str, str]) -> str:
    return f"{path}?{urlencode(said)}" if said else path
