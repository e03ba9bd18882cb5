"""Which apps does an organization authorize, and how does its admin add and end one?"""

from collections.abc import Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from keysteward.actions import organization_consents
from keysteward.actions.context import Context
from keysteward.actions.signin import Visitor
from keysteward.rules.accounts import Organization
from keysteward.rules.consent import checked_scopes, for_users, sentence_for_users
from keysteward.rules.refusals import INVALID_FIELD, NO_SUCH_ORGANIZATION, Refusal
from keysteward.rules.signin import demand_fresh
from keysteward.rules.tokens import SENTENCES, sentence_of
from keysteward.web.pages.forms import Slip, arrived, done, refused
from keysteward.web.pages.lists import Column, Table, read
from keysteward.web.pages.visits import for_visitors, form_of
from keysteward.web.reading import context, read_pairs
from keysteward.web.showing import show

_PAGE = "/organizations/{organization}/apps"
_USUAL = frozenset({"signature", "impersonation"})


@for_visitors
async def chosen(request: Request, visitor: Visitor) -> Response:
    """`GET /organizations`: on to the first that the visitor administers."""
    found = await run_in_threadpool(organization_consents.list_administered, context(request), visitor.actor)
    if not found:
        raise Refusal(NO_SUCH_ORGANIZATION)
    return RedirectResponse(_PAGE.format(organization=found[0].id), 303)


_APPS = Table(
    "authorized-apps",
    (
        Column("App", "name"),
        Column("Publisher", "publisher", is_shown=False),
        Column("Integration key", "key", sorts=False, is_shown=False),
        Column("Scopes", "scope_names", sorts=False, is_shown=False),
        Column("Since", "since", "moment"),
    ),
    ("name", "publisher", "key", "scope_names"),
    "Name, publisher, key or scope",
    actions=True,
)


@for_visitors
async def listed(request: Request, visitor: Visitor) -> Response:
    """`GET /organizations/{organization}/apps`: what is authorized."""
    listing = read(request, _APPS)
    values = await run_in_threadpool(_listed, context(request), visitor, request.path_params["organization"])
    part = listing.arranged(values["apps"])
    if listing.is_download:
        return listing.download(part.rows)
    values |= {"apps": part.rows, "listing": listing.shown(part)}
    return show(request, "authorized_apps.html", values, visitor=visitor, notice=arrived(request).notice)


@for_visitors
async def new(request: Request, visitor: Visitor) -> Response:
    """`GET /organizations/{organization}/apps/new`: choose an app and scopes, after a fresh sign-in."""
    ctx = context(request)
    demand_fresh(visitor.actor, ctx.now, ctx.policy)
    return await _form(request, visitor, Slip({"key": "", "scopes": _USUAL, "more": ""}))


@form_of(_PAGE + "/new")
async def review(request: Request, visitor: Visitor) -> Response:
    """`POST /organizations/{organization}/apps/new`: read it once more before it counts."""
    pairs = await read_pairs(request)
    typed = {
        "key": next((value for name, value in pairs if name == "key"), ""),
        "scopes": frozenset(value for name, value in pairs if name == "scopes"),
        "more": " ".join(value for name, value in pairs if name == "more"),
    }
    try:
        values = await run_in_threadpool(_reviewed, context(request), visitor, request.path_params, typed)
    except Refusal as refusal:
        return await _form(request, visitor, refused(refusal, typed, *typed))
    return show(request, "authorize_app_review.html", values, visitor=visitor)


@form_of(_PAGE + "/new")
async def authorize(request: Request, visitor: Visitor) -> Response:
    """`POST /organizations/{organization}/apps`: it counts from now on."""
    ctx, pairs, organization = context(request), dict(await read_pairs(request)), request.path_params["organization"]
    await run_in_threadpool(_administered, ctx, visitor, organization)
    key, scopes = pairs.get("key", ""), checked_scopes(pairs.get("scopes", ""), "scopes")
    deed = organization_consents.authorize_application
    await run_in_threadpool(deed, ctx, visitor.actor, organization, key, scopes)
    return done(_PAGE.format(organization=organization), "authorized")


@form_of(_PAGE)
async def revoke(request: Request, visitor: Visitor) -> Response:
    """`POST /organizations/{organization}/apps/{key}/revoke`."""
    organization, key = request.path_params["organization"], request.path_params["key"].lower()
    deed = organization_consents.withdraw_authorization
    await run_in_threadpool(deed, context(request), visitor.actor, organization, key)
    return done(_PAGE.format(organization=organization), "authorization-revoked")


async def _form(request: Request, visitor: Visitor, slip: Slip) -> Response:
    values = await run_in_threadpool(_choices, context(request), visitor, request.path_params["organization"])
    values |= {"values": slip.values, "errors": slip.errors}
    return show(request, "authorize_app.html", values, status=slip.status, visitor=visitor, notice=slip.notice)


def _listed(ctx: Context, visitor: Visitor, name: str) -> dict[str, Any]:
    administered, organization = _administered(ctx, visitor, name)
    found = organization_consents.list_authorized(ctx, visitor.actor, name)
    return {
        "organizations": administered,
        "organization": organization,
        "domains": organization_consents.list_active_domains(ctx, name),
        "apps": [
            {
                "key": each.key,
                "name": each.app_name,
                "publisher": each.publisher,
                "since": each.given_at,
                "scope_names": sorted(each.scopes),
                **_divided(each.scopes),
            }
            for each in found
        ],
    }


def _choices(ctx: Context, visitor: Visitor, name: str) -> dict[str, Any]:
    _, organization = _administered(ctx, visitor, name)
    return {
        "organization": organization,
        "apps": organization_consents.list_own_apps(ctx, visitor.actor, name),
        "domains": organization_consents.list_active_domains(ctx, name),
        **_divided(SENTENCES),
    }


def _reviewed(ctx: Context, visitor: Visitor, path: Mapping[str, str], typed: Mapping[str, Any]) -> dict[str, Any]:
    _, organization = _administered(ctx, visitor, path["organization"])
    scopes = checked_scopes(" ".join((*sorted(typed["scopes"]), typed["more"])), "scopes")
    own = organization_consents.list_own_apps(ctx, visitor.actor, organization.id)
    app = next((each for each in own if each.key == typed["key"]), None)
    if app is None:
        raise Refusal(INVALID_FIELD, field="key", reason="choose one of these apps.")
    before = organization_consents.list_authorized(ctx, visitor.actor, organization.id)
    return {
        "organization": organization,
        "app": app,
        "scopes": " ".join(sorted(scopes)),
        "domains": organization_consents.list_active_domains(ctx, organization.id),
        "gone": sorted(next((each.scopes for each in before if each.key == app.key), frozenset()) - scopes),
        **_divided(scopes),
    }


def _administered(ctx: Context, visitor: Visitor, name: str) -> tuple[list[Organization], Organization]:
    found = organization_consents.list_administered(ctx, visitor.actor)
    organization = next((each for each in found if each.id == name), None)
    if organization is None:
        raise Refusal(NO_SUCH_ORGANIZATION)
    return found, organization


def _divided(scopes: Mapping[str, str] | frozenset[str]) -> dict[str, list[dict[str, str]]]:
    """What an app may do for users, and what as itself, each scope with its sentence."""
    of_users, known = for_users(scopes), list(SENTENCES)
    ordered = sorted(scopes, key=lambda scope: (known.index(scope) if scope in known else len(known), scope))
    return {
        "for_users": [{"name": each, "sentence": sentence_for_users(each)} for each in ordered if each in of_users],
        "for_itself": [{"name": each, "sentence": sentence_of(each)} for each in ordered if each not in of_users],
    }
