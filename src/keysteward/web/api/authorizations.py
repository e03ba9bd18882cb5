"""Which apps does an organization authorize, and how does a program of its admin end that?

No program authorizes an app: that takes a person who just signed in.
"""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import organization_consents as deeds
from keysteward.actions.context import Context
from keysteward.actions.organization_consents import AuthorizedApp
from keysteward.rules.access import Actor
from keysteward.web.api.asking import actor_of, answered, key_of, nothing_more, organization_of, person_of, said
from keysteward.web.api.organization_shapes import Authorization, Authorizations, NewAuthorization
from keysteward.web.reading import context, read_json

AUTHORIZED = "/api/v1/organizations/{organization}/authorizations"


async def list_authorizations(request: Request) -> Response:
    """`GET /api/v1/organizations/{organization}/authorizations`: newest first."""
    ctx, actor, organization = context(request), await actor_of(request), organization_of(request)
    found = await run_in_threadpool(deeds.list_authorized, ctx, actor, organization)
    return answered(said(Authorizations([_authorization(each) for each in found])))


async def authorize_app(request: Request) -> Response:
    """`PUT /api/v1/organizations/{organization}/authorizations/{key}`: for its users and for itself."""
    ctx, actor, organization = context(request), await person_of(request), organization_of(request)
    key, body = key_of(request), await read_json(request, NewAuthorization)
    authorized = await run_in_threadpool(_authorize, ctx, actor, organization, key, frozenset(body.scopes))
    return answered(said(_authorization(authorized)))


async def end_authorization(request: Request) -> Response:
    """`DELETE /api/v1/organizations/{organization}/authorizations/{key}`: tokens that rest on it die at once."""
    ctx, actor, organization = context(request), await actor_of(request), organization_of(request)
    await run_in_threadpool(deeds.withdraw_authorization, ctx, actor, organization, key_of(request))
    return nothing_more()


def _authorize(ctx: Context, actor: Actor, organization: str, key: str, scopes: frozenset[str]) -> AuthorizedApp:
    deeds.authorize_application(ctx, actor, organization, key, scopes)
    return next(each for each in deeds.list_authorized(ctx, actor, organization) if each.key == key)


def _authorization(found: AuthorizedApp) -> Authorization:
    scopes = sorted(found.scopes)
    return Authorization(found.key, found.app_name, found.publisher, scopes, found.given_at, found.given_by)
