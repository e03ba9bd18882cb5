"""Which accounts, admins and domains does an organization have, and how do programs of its admins read and check them?

Whoever changes who belongs to it is a person who just signed in.
"""

from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import account_links, domains, organization_consents, organizations
from keysteward.actions.context import Context
from keysteward.actions.organizations import Asked, View
from keysteward.rules.access import Actor
from keysteward.rules.accounts import Domain
from keysteward.rules.domains import records_of
from keysteward.rules.organizations import Side
from keysteward.web.api import organization_shapes as as_
from keysteward.web.api.asking import (
    account_of,
    actor_of,
    answered,
    id_of,
    nothing_more,
    organization_of,
    person_of,
    said,
)
from keysteward.web.api.shapes import Nothing
from keysteward.web.reading import context, read_json, run_outside

ORGANIZATIONS = "/api/v1/organizations"
ORGANIZATION = "/api/v1/organizations/{organization}"
OF_ACCOUNT = "/api/v1/accounts/{account}/organization"

_OURS: Side = "organization"
_THEIRS: Side = "account"


# ── an organization, for its admins ─────────────────────────────────────────────────────────────────────────────────
async def list_organizations(request: Request) -> Response:
    """`GET /api/v1/organizations`: those that the asker administers."""
    found = await run_in_threadpool(organization_consents.list_administered, context(request), await actor_of(request))
    return answered(said(as_.Organizations([as_.NamedOrganization(each.id, each.name) for each in found])))


async def show_organization(request: Request) -> Response:
    """`GET /api/v1/organizations/{organization}`."""
    ctx, actor, organization = context(request), await actor_of(request), organization_of(request)
    view = await run_in_threadpool(organizations.view, ctx, actor, organization)
    return answered(said(_organization(ctx, view)))


async def name_admin(request: Request) -> Response:
    """`POST /api/v1/organizations/{organization}/admins`."""
    actor, body = await person_of(request), await read_json(request, as_.NewOrganizationAdmin)
    await _do(request, organizations.name_admin, actor, organization_of(request), body.email)
    return nothing_more()


async def remove_admin(request: Request) -> Response:
    """`DELETE /api/v1/organizations/{organization}/admins/{id}`."""
    actor = await person_of(request)
    await _do(request, organizations.remove_admin, actor, organization_of(request), id_of(request, "admin"))
    return nothing_more()


async def claim_domain(request: Request) -> Response:
    """`POST /api/v1/organizations/{organization}/domains`: pending until DNS shows one of the records."""
    ctx, actor, body = context(request), await person_of(request), await read_json(request, as_.NewDomain)
    made = await run_in_threadpool(domains.claim, ctx, actor, organization_of(request), body.host_name)
    return answered(said(_domain(ctx, made), 201))


async def check_domain(request: Request) -> Response:
    """`POST /api/v1/organizations/{organization}/domains/{id}/checks`: ask DNS now."""
    ctx, actor = context(request), await actor_of(request)
    await read_json(request, Nothing)
    found = await run_outside(domains.check, ctx, actor, organization_of(request), id_of(request, "domain"))
    return answered(said(_domain(ctx, found)))


async def give_up_domain(request: Request) -> Response:
    """`DELETE /api/v1/organizations/{organization}/domains/{id}`."""
    await _do(request, domains.give_up, await person_of(request), organization_of(request), id_of(request, "domain"))
    return nothing_more()


async def ask_account(request: Request) -> Response:
    """`POST /api/v1/organizations/{organization}/account-requests`: ask an account to join, or to leave."""
    actor, body = await person_of(request), await read_json(request, as_.NewAccountRequest)
    organization = organization_of(request)
    if body.wish == "link":
        await _do(request, account_links.ask_to_link, actor, organization, body.account)
    else:
        await _do(request, account_links.ask_to_unlink, actor, organization, body.account, _OURS)
    return nothing_more()


async def let_account_go(request: Request) -> Response:
    """`POST /api/v1/organizations/{organization}/account-requests/{account}/agreement`."""
    actor, body = await person_of(request), await read_json(request, as_.Agreement)
    asked = (organization_of(request), account_of(request).lower(), body.wish)
    await _do(request, account_links.agree, actor, asked, _OURS)
    return nothing_more()


async def end_account_request(request: Request) -> Response:
    """`DELETE /api/v1/organizations/{organization}/account-requests/{account}`: withdraw or decline."""
    actor, account = await person_of(request), account_of(request).lower()
    await _do(request, account_links.end_request, actor, organization_of(request), account, _OURS)
    return nothing_more()


# ── the organization of an account, for its admins ──────────────────────────────────────────────────────────────────
async def show_account_organization(request: Request) -> Response:
    """`GET /api/v1/accounts/{account}/organization`."""
    ctx, actor = context(request), await person_of(request)
    view = await run_in_threadpool(account_links.view, ctx, actor, account_of(request))
    named = as_.NamedOrganization(view.organization.id, view.organization.name) if view.organization else None
    since = view.link.linked_at if view.link else None
    return answered(said(as_.AccountOrganization(named, since, [_asked(each) for each in view.asked])))


async def create_organization(request: Request) -> Response:
    """`POST /api/v1/accounts/{account}/organization`: this account is its first link."""
    ctx, actor, body = context(request), await person_of(request), await read_json(request, as_.NewOrganization)
    made = await run_in_threadpool(organizations.create, ctx, actor, account_of(request), body.name)
    return answered(said(as_.NamedOrganization(made.id, made.name), 201))


async def ask_to_leave(request: Request) -> Response:
    """`POST /api/v1/accounts/{account}/organization/departure`: ask the organization to let the account go."""
    actor, _ = await person_of(request), await read_json(request, Nothing)
    await _do(request, account_links.ask_to_leave, actor, account_of(request))
    return nothing_more()


async def agree_with_organization(request: Request) -> Response:
    """`POST /api/v1/accounts/{account}/organization/requests/{id}/agreement`: `id` is the organization's."""
    actor, body = await person_of(request), await read_json(request, as_.Agreement)
    asked = (id_of(request, "request"), account_of(request), body.wish)
    await _do(request, account_links.agree, actor, asked, _THEIRS)
    return nothing_more()


async def decline_organization(request: Request) -> Response:
    """`DELETE /api/v1/accounts/{account}/organization/requests/{id}`: decline or withdraw."""
    actor, organization = await person_of(request), id_of(request, "request")
    await _do(request, account_links.end_request, actor, organization, account_of(request), _THEIRS)
    return nothing_more()


async def _do(request: Request, deed: Callable[..., object], actor: Actor, *about: object) -> None:
    await run_in_threadpool(deed, context(request), actor, *about)


def _organization(ctx: Context, view: View) -> as_.Organization:
    return as_.Organization(
        view.organization.id,
        view.organization.name,
        view.organization.created_at,
        [
            as_.LinkedAccount(each.account.id, each.account.name, each.account.state, each.since)
            for each in view.accounts
        ],
        [as_.OrganizationAdmin(user.id, user.name, user.email, user.state, since) for user, since in view.admins],
        [_domain(ctx, each) for each in view.domains],
        [_asked(each) for each in view.asked],
    )


def _domain(ctx: Context, domain: Domain) -> as_.ClaimedDomain:
    records = [as_.DnsRecord(*record) for record in records_of(domain, ctx.proving)]
    last = as_.LastAnswer(domain.outcome, domain.said, domain.checked_at) if domain.checked_at else None
    return as_.ClaimedDomain(
        domain.id, domain.host_name, domain.state, domain.created_at, domain.confirmed_at, last, records
    )


def _asked(asked: Asked) -> as_.AccountRequest:
    request = asked.request
    return as_.AccountRequest(
        request.organization, asked.organization.name, request.account, request.wish, request.side, asked.asked_by,
        request.asked_at,
    )  # fmt: skip
