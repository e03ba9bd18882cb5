"""What puts the keys of an organization at risk, over all of its accounts, and how is it settled?"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import custody_maps, organization_custody, works
from keysteward.actions.organization_custody import View
from keysteward.actions.signin import Visitor
from keysteward.rules.custody.findings import SEVERITIES
from keysteward.rules.custody.lives import Life
from keysteward.rules.custody.mending import Reader
from keysteward.rules.refusals import INVALID_FIELD, MALFORMED, NO_SUCH_OBJECT, Refusal
from keysteward.web.pages import findings
from keysteward.web.pages.custody_map import Paths, custody_map
from keysteward.web.pages.forms import Slip, arrived, done, read_fields, refused
from keysteward.web.pages.visits import for_visitors, form_of
from keysteward.web.pages.works import begun
from keysteward.web.reading import context
from keysteward.web.showing import show
from keysteward.web.uploads import read_upload

_PAGE = "/organizations/{organization}/custody"
_STATUSES = ("open", "accepted", "fixed")
_FILTERS = ("status", "severity", "account", "owner")
_MOST_PAGES, _MOST = 1_000_000, 50


@for_visitors
async def shown(request: Request, visitor: Visitor) -> Response:
    """`GET /organizations/{organization}/custody`: a page of findings, narrowed as somebody asks for."""
    return await _shown(request, visitor, arrived(request))


@form_of(_PAGE)
async def accept(request: Request, visitor: Visitor) -> Response:
    """`POST /organizations/{organization}/custody/findings/{id}/accept`."""
    typed = await read_fields(request, "until", "reason")

    def deed(organization: str, finding: str) -> Life:
        until = findings.end_of_day(typed["until"])
        return organization_custody.accept(
            context(request), visitor.actor, organization, finding, until, typed["reason"]
        )

    return await _do(request, visitor, deed, "finding-accepted")


@form_of(_PAGE)
async def what_if(request: Request, visitor: Visitor) -> Response:
    """`POST /organizations/{organization}/custody/what-if`: it may be thousands of accounts, so it is long work."""
    ctx, organization = context(request), str(request.path_params["organization"])
    typed: dict[str, str] = {}
    try:
        typed = await read_upload(request)
        ask = partial(works.ask_what_if_of_organization, ctx, visitor.actor, organization, findings.changes(typed))
        return begun(await run_in_threadpool(ask))
    except Refusal as refusal:
        if refusal.kind not in {INVALID_FIELD, MALFORMED}:
            raise
        return await _shown(request, visitor, refused(refusal, {"leavers": typed.get("leavers", "")}, "leavers"))


@form_of(_PAGE)
async def reopen(request: Request, visitor: Visitor) -> Response:
    """`POST /organizations/{organization}/custody/findings/{id}/reopen`."""

    def deed(organization: str, finding: str) -> Life:
        return organization_custody.reopen(context(request), visitor.actor, organization, finding)

    return await _do(request, visitor, deed, "finding-reopened")


@form_of(_PAGE)
async def assign(request: Request, visitor: Visitor) -> Response:
    """`POST /organizations/{organization}/custody/findings/{id}/assign`."""
    typed = await read_fields(request, "owner")

    def deed(organization: str, finding: str) -> Life:
        return organization_custody.assign(context(request), visitor.actor, organization, finding, typed["owner"])

    return await _do(request, visitor, deed, "finding-assigned")


async def _do(request: Request, visitor: Visitor, deed: Callable[[str, str], Life], what: str) -> Response:
    organization, finding = str(request.path_params["organization"]), str(request.path_params["id"]).lower()
    try:
        await run_in_threadpool(deed, organization, finding)
    except Refusal as refusal:
        if refusal.kind is NO_SUCH_OBJECT:
            return done(_PAGE.format(organization=organization), "changed-meanwhile")
        if refusal.kind is not INVALID_FIELD:
            raise
        return await _shown(request, visitor, refused(refusal, {}))
    return done(_PAGE.format(organization=organization), what)


# ── what is asked for ───────────────────────────────────────────────────────────────────────────────────────────────
def _asked(unverified: Mapping[str, str]) -> organization_custody.Asked:
    """What narrows the page; whatever is not known narrows nothing."""
    status, severity = unverified.get("status", ""), unverified.get("severity", "")
    return organization_custody.Asked(
        status=status if status in _STATUSES else "open",
        severity=severity if severity in SEVERITIES else "",
        account=unverified.get("account", "").lower(),
        owner=unverified.get("owner", "").lower(),
        page=_page(unverified.get("page", "")),
        most=_MOST,
    )


def _page(unverified_page: str) -> int:
    is_number = unverified_page.isascii() and unverified_page.isdigit() and len(unverified_page) < len(str(_MOST_PAGES))
    return max(int(unverified_page), 1) if is_number else 1


# ── what is shown ───────────────────────────────────────────────────────────────────────────────────────────────────
async def _shown(request: Request, visitor: Visitor, slip: Slip) -> Response:
    ctx, asked = context(request), _asked(request.query_params)
    organization = str(request.path_params["organization"])
    found = await run_in_threadpool(organization_custody.view, ctx, visitor.actor, organization, asked)
    on_map = await run_in_threadpool(custody_maps.of_organization, ctx, visitor.actor, organization)
    names = {each.id: each.name for each in (*found.owners.values(), *found.admins)}
    accounts = {each.id: each.name for each in found.accounts}
    reader = Reader(ctx.environment, found.names, found.organization.id)
    values = {
        "organization": found.organization,
        "score": found.score,
        "chart": findings.chart(found.history, ctx.now),
        "map": custody_map(on_map, _paths(found.organization.id)) if on_map.places else None,
        "counts": [{"severity": each, "count": found.counts.get(each, 0)} for each in SEVERITIES],
        "findings": [
            findings.shown(life, names, reader, ctx.now) | {"account_name": accounts.get(life.account, life.account)}
            for life in found.lives
        ],
        "total": found.total,
        "accounts": [each._asdict() for each in found.accounts],
        "owners": [{"id": id_, "name": name} for id_, name in names.items()],
        "admins": [{"id": each.id, "name": each.name} for each in found.admins],
        "asked": asked._asdict(),
        "is_narrowed": asked._replace(page=1) != organization_custody.Asked(most=_MOST),
        "pages": _pages(found, asked),
        "latest": f"{ctx.now:%Y-%m-%d}",
        "typed": slip.values.get("leavers", ""),
        "errors": slip.errors,
    }
    return show(request, "organization_custody.html", values, status=slip.status, visitor=visitor, notice=slip.notice)


def _paths(organization: str) -> Paths:
    """An admin of the organization need be no member of its accounts: everything leads to a page of its own."""
    findings_of_account = f"{_PAGE.format(organization=organization)}?account={{account}}#findings-title"
    history = f"/audit?organization={organization}&user={{user}}"
    return Paths(findings_of_account, findings_of_account, history)


def _pages(found: View, asked: organization_custody.Asked) -> dict[str, Any]:
    """Where the pages before and behind this one are."""
    last = max((found.total + asked.most - 1) // asked.most, 1)
    chosen = {name: value for name, value in asked._asdict().items() if name in _FILTERS and value}
    home = _PAGE.format(organization=found.organization.id)
    return {
        "here": asked.page,
        "last": last,
        "before": f"{home}?{urlencode(chosen | {'page': asked.page - 1})}" if asked.page > 1 else "",
        "behind": f"{home}?{urlencode(chosen | {'page': asked.page + 1})}" if asked.page < last else "",
    }
