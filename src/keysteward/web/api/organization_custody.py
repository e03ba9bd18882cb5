"""How does a program learn what puts the keys of an organization at risk, over all of its accounts, and settle it?"""

from msgspec.structs import asdict
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import organization_custody as deeds
from keysteward.actions.context import Context
from keysteward.actions.organization_custody import Asked, View
from keysteward.rules.custody.findings import SEVERITIES
from keysteward.rules.custody.lives import Life
from keysteward.rules.custody.mending import Reader, doors
from keysteward.rules.refusals import INVALID_FIELD, Refusal
from keysteward.web.api import custody_shapes as shapes
from keysteward.web.api.asking import actor_of, answered, id_of, organization_of, said
from keysteward.web.api.custody import finding_of
from keysteward.web.api.organizations import ORGANIZATION
from keysteward.web.reading import context, is_uuid, read_json
from keysteward.web.usage_asked import whole_number

CUSTODY = ORGANIZATION + "/custody"
FINDING = CUSTODY + "/findings/{id}"
STATUSES = ("open", "accepted", "fixed")
NOBODY = "nobody"

_PAGE, _MOST_PAGE, _MOST_PAGES, _NAMED = 50, 200, 1_000_000, 3


async def show_organization_custody(request: Request) -> Response:
    """`GET /api/v1/organizations/{organization}/custody`: a page of findings, the score, and the accounts' scores."""
    ctx, actor, organization = context(request), await actor_of(request), organization_of(request)
    asked = _asked(request.query_params)
    found = await run_in_threadpool(deeds.view, ctx, actor, organization, asked)
    return answered(said(_custody(ctx, found, asked)))


async def accept_organization_finding(request: Request) -> Response:
    """`PUT …/custody/findings/{id}/acceptance`: until that day it takes no points."""
    ctx, actor, organization = context(request), await actor_of(request), organization_of(request)
    body, finding = await read_json(request, shapes.Acceptance), id_of(request, "finding")
    life = await run_in_threadpool(deeds.accept, ctx, actor, organization, finding, body.until, body.reason)
    return answered(said(finding_of(life, ctx.now)))


async def reopen_organization_finding(request: Request) -> Response:
    """`DELETE …/custody/findings/{id}/acceptance`."""
    ctx, actor, organization = context(request), await actor_of(request), organization_of(request)
    life = await run_in_threadpool(deeds.reopen, ctx, actor, organization, id_of(request, "finding"))
    return answered(said(finding_of(life, ctx.now)))


async def assign_organization_finding(request: Request) -> Response:
    """`PUT …/custody/findings/{id}/owner`."""
    ctx, actor, organization = context(request), await actor_of(request), organization_of(request)
    body, finding = await read_json(request, shapes.Ownership), id_of(request, "finding")
    owner = body.owner.lower() if body.owner else ""
    life = await run_in_threadpool(deeds.assign, ctx, actor, organization, finding, owner)
    return answered(said(finding_of(life, ctx.now)))


# ── what is asked for ───────────────────────────────────────────────────────────────────────────────────────────────
def _asked(query: QueryParams) -> Asked:
    return Asked(
        status=_one_of(query, "status", STATUSES) or "open",
        severity=_one_of(query, "severity", SEVERITIES),
        account=_guid(query, "account"),
        owner=NOBODY if query.get("owner") == NOBODY else _guid(query, "owner"),
        page=whole_number(query, "page", 1, 1, _MOST_PAGES) or 1,
        most=whole_number(query, "limit", _PAGE, 1, _MOST_PAGE) or _PAGE,
    )


def _one_of(query: QueryParams, name: str, known: tuple[str, ...]) -> str:
    value = query.get(name, "")
    if value and value not in known:
        raise Refusal(INVALID_FIELD, field=name, reason=f"choose among {', '.join(known)}.")
    return value


def _guid(query: QueryParams, name: str) -> str:
    value = query.get(name, "")
    if value and not is_uuid(value):
        raise Refusal(INVALID_FIELD, field=name, reason="give a GUID.")
    return value.lower()


# ── what is said ────────────────────────────────────────────────────────────────────────────────────────────────────
def _custody(ctx: Context, found: View, asked: Asked) -> shapes.OrganizationCustody:
    people = {each.id: each.name for each in (*found.owners.values(), *found.admins)}
    return shapes.OrganizationCustody(
        organization=found.organization.id,
        name=found.organization.name,
        score=found.score,
        open=shapes.OpenFindings(*(found.counts.get(each, 0) for each in SEVERITIES)),
        findings=[_finding(ctx, found, life) for life in found.lives],
        total=found.total,
        page=asked.page,
        pages=max((found.total + asked.most - 1) // asked.most, 1),
        history=[shapes.DayScore(*each) for each in found.history],
        accounts=[shapes.AccountScore(each.id, each.name, each.score, each.keys) for each in found.accounts],
        custodians=[shapes.Custodian(*each) for each in people.items()],
    )


def _finding(ctx: Context, found: View, life: Life) -> shapes.OrganizationFinding:
    names = {each.id: each.name for each in found.accounts}
    reader = Reader(ctx.environment, found.names, found.organization.id)
    return shapes.OrganizationFinding(
        **asdict(finding_of(life, ctx.now)),
        account=life.account or None,
        account_name=names.get(life.account),
        named=[shapes.NamedKey(each, found.names.get(each)) for each in life.keys[:_NAMED]],
        mended_at=[shapes.MendingPage(*door) for door in doors(life, reader)],
    )
