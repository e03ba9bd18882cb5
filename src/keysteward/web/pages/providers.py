"""How does an organization set up its identity provider?"""

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import identity_providers
from keysteward.actions.context import Context
from keysteward.actions.identity_providers import Draft, View
from keysteward.actions.providers import redirect_uri
from keysteward.actions.signin import Visitor
from keysteward.rules.refusals import Refusal
from keysteward.rules.signin import demand_fresh
from keysteward.web.pages.conflicts import Field, came_back, is_late, tell
from keysteward.web.pages.forms import Slip, arrived, done, read_fields
from keysteward.web.pages.visits import for_visitors, form_of
from keysteward.web.reading import context, run_outside
from keysteward.web.showing import show

_PAGE = "/organizations/{organization}/identity-provider"
_FIELDS = ("name", "issuer", "client_id", "client_secret")


@for_visitors
async def shown(request: Request, visitor: Visitor) -> Response:
    """`GET /organizations/{organization}/identity-provider`."""
    return await _shown(request, visitor, arrived(request))


@for_visitors
async def configure(request: Request, visitor: Visitor) -> Response:
    """`POST /organizations/{organization}/identity-provider`: ask the provider, then keep it."""
    ctx, sent = context(request), await read_fields(request, *_FIELDS, "version")
    demand_fresh(visitor.actor, ctx.now, ctx.policy)
    name, issuer, client_id, client_secret = (sent[field] for field in _FIELDS)
    draft = Draft(name, issuer, client_id, client_secret, seen=sent.pop("version"))
    try:
        await run_outside(identity_providers.configure, ctx, visitor.actor, _organization(request), draft)
    except Refusal as refusal:
        if is_late(refusal):
            await _tell_late(request, visitor, refusal, sent)
        elif refusal.field not in _FIELDS:
            raise
        return await _shown(request, visitor, came_back(refusal, {**sent, "client_secret": ""}, *_FIELDS))
    return done(_PAGE.format(**request.path_params), "provider-saved")


async def _tell_late(request: Request, visitor: Visitor, refusal: Refusal, sent: dict[str, str]) -> None:
    view = await run_in_threadpool(identity_providers.view, context(request), visitor.actor, _organization(request))
    labels = {"name": "Name", "issuer": "Issuer", "client_id": "Client ID"}
    fields = [Field(label, getattr(view.provider, name, ""), sent[name]) for name, label in labels.items()]
    tell(request, refusal, _PAGE.format(**request.path_params), fields)


@form_of(_PAGE)
async def remove(request: Request, visitor: Visitor) -> Response:
    """`POST /organizations/{organization}/identity-provider/remove`."""
    await run_in_threadpool(identity_providers.remove, context(request), visitor.actor, _organization(request))
    return done(_PAGE.format(**request.path_params), "provider-removed")


@form_of(_PAGE)
async def unlink(request: Request, visitor: Visitor) -> Response:
    """`POST /organizations/{organization}/identity-provider/links/{user}/remove`."""
    organization, user = _organization(request), request.path_params["user"]
    await run_in_threadpool(identity_providers.unlink, context(request), visitor.actor, organization, user)
    return done(_PAGE.format(**request.path_params), "link-removed")


def _organization(request: Request) -> str:
    return str(request.path_params["organization"])


async def _shown(request: Request, visitor: Visitor, slip: Slip) -> Response:
    ctx, organization = context(request), _organization(request)
    view = await run_in_threadpool(identity_providers.view, ctx, visitor.actor, organization)
    values = _values(ctx, view, slip)
    return show(request, "identity_provider.html", values, status=slip.status, visitor=visitor, notice=slip.notice)


def _values(ctx: Context, view: View, slip: Slip) -> dict[str, Any]:
    provider = view.provider
    typed = {name: getattr(provider, name) if provider else "" for name in _FIELDS[:3]}
    return {
        "organization": view.organization,
        "provider": provider,
        "values": typed | {name: str(slip.values[name]) for name in typed if name in slip.values},
        "errors": slip.errors,
        "domains": view.domains,
        "redirect_uri": redirect_uri(ctx, view.organization.id),
        "linked": [
            {"user": user.id, "name": user.name, "email": user.email, "subject": link.subject, "at": link.linked_at}
            for link, user in view.linked
        ],
    }
