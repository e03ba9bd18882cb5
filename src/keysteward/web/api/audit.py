"""How do programs search the audit log, and take it along?"""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from keysteward.actions import audit_log as deeds
from keysteward.rules.audit_csv import csv_parts
from keysteward.rules.audit_log import Scope
from keysteward.rules.events import Entry, shown
from keysteward.rules.refusals import NO_SUCH_ORGANIZATION, Refusal
from keysteward.web.answers import NO_STORE
from keysteward.web.api.asking import actor_of, answered, said
from keysteward.web.api.audit_shapes import AuditEvent, AuditEvents
from keysteward.web.audit_asked import asked
from keysteward.web.reading import context, is_uuid
from keysteward.web.usage_asked import whole_number

_PAGE, _MOST_PAGE, _MOST_NUMBER = 50, 200, 10**15 - 1


async def search_audit_log(request: Request) -> Response:
    """`GET /api/v1/audit/events`: a page of events, newest first."""
    ctx, actor, query = context(request), await actor_of(request), request.query_params
    question, before = asked(query, _scope(request)), whole_number(query, "before", None, 1, _MOST_NUMBER)
    most = whole_number(query, "limit", _PAGE, 1, _MOST_PAGE) or _PAGE
    page = await run_in_threadpool(deeds.read, ctx, actor, question, before, most)
    return answered(said(AuditEvents([_event(each) for each in page.entries], page.before)))


async def download_audit_log(request: Request) -> Response:
    """`GET /api/v1/audit/events.csv`: every event that fits."""
    ctx, actor = context(request), await actor_of(request)
    question = asked(request.query_params, _scope(request))
    question = await run_in_threadpool(deeds.start_download, ctx, actor, question)
    headers = {**NO_STORE, "Content-Disposition": 'attachment; filename="audit.csv"'}
    lines = csv_parts(deeds.list_parts(ctx, question))
    return StreamingResponse(lines, headers=headers, media_type="text/csv; charset=utf-8; header=present")


def _scope(request: Request) -> Scope:
    """Whose events the query names: without account and organization, those of the whole environment."""
    account, organization = (request.query_params.get(name, "") for name in ("account", "organization"))
    if organization and not is_uuid(organization):
        raise Refusal(NO_SUCH_ORGANIZATION)
    return Scope(account, organization.lower())


def _event(entry: Entry) -> AuditEvent:
    event = shown(entry)
    return AuditEvent(entry.sequence, event.at, event.name, event.actor, event.key, event.account, event.data)
