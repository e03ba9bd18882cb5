"""What is set for one app, and how is it set anew?"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, cast

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import golive, keys, sealed_credentials, usage
from keysteward.actions.context import Context
from keysteward.actions.keys import AppView, Change
from keysteward.actions.signin import Visitor
from keysteward.rules.access import Actor
from keysteward.rules.advice import GRANT_ADVICE, MANY_GRANTS, TYPE_ADVICE
from keysteward.rules.keys import GRANT_NAMES, GRANTS, App, Grant, IntegrationType, restore_until
from keysteward.rules.refusals import Refusal
from keysteward.rules.words import new_guid
from keysteward.web.pages.apps import may_do
from keysteward.web.pages.forms import Slip, arrived, done, read_fields, refused
from keysteward.web.pages.proofs import EXPIRIES, RESPITES, proofs
from keysteward.web.pages.visits import for_visitors, form_of, looking_at
from keysteward.web.pages.words import history, pill
from keysteward.web.reading import context, read_pairs, single
from keysteward.web.showing import show

Deed = Callable[[Context, Actor, str], object]


@for_visitors
async def shown(request: Request, visitor: Visitor) -> Response:
    """`GET /apps/{key}`: every setting of an app."""
    return await show_app(request, visitor, arrived(request))


@form_of("/apps/{key}")
async def general(request: Request, visitor: Visitor) -> Response:
    """`POST /apps/{key}/general`: name and contact, and until the first review the integration type."""
    typed = await read_fields(request, "name", "contact", "integration_type")
    wanted = cast(IntegrationType | None, typed["integration_type"] or None)
    change = Change(name=typed["name"], contact=typed["contact"], integration_type=wanted)
    return await do(request, visitor, partial(keys.change, wanted=change), "saved", typed)


@form_of("/apps/{key}")
async def links(request: Request, visitor: Visitor) -> Response:
    """`POST /apps/{key}/links`: privacy policy and terms of use."""
    typed = await read_fields(request, "privacy_url", "terms_url")
    change = Change(privacy_url=typed["privacy_url"], terms_url=typed["terms_url"])
    return await do(request, visitor, partial(keys.change, wanted=change), "saved", typed)


@form_of("/apps/{key}")
async def authentication(request: Request, visitor: Visitor) -> Response:
    """`POST /apps/{key}/authentication`: the grants that the app registers, and whether codes need PKCE."""
    pairs = await read_pairs(request)
    grants = frozenset(cast(Grant, value) for name, value in pairs if name == "grants")
    others = single([pair for pair in pairs if pair[0] != "grants"])
    change = Change(grants=grants, pkce_required="require_pkce" in others)
    return await do(request, visitor, partial(keys.change, wanted=change), "saved", {"grants": grants})


async def do(
    request: Request, visitor: Visitor, deed: Deed, what: str, typed: Mapping[str, object] | None = None
) -> Response:
    """Do something to the app of this path: its page says what was done, or shows the form again."""
    key, typed = request.path_params["key"], typed or {}
    try:
        await run_in_threadpool(deed, context(request), visitor.actor, key)
    except Refusal as refusal:
        return await show_app(request, visitor, refused(refusal, typed, *typed))
    return done(f"/apps/{key.lower()}", what)


async def show_app(request: Request, visitor: Visitor, slip: Slip) -> Response:
    """The page of the app of this path, with a form that came back."""
    ctx, key = context(request), request.path_params["key"]
    view = await run_in_threadpool(keys.view, ctx, visitor.actor, key)
    visitor = await looking_at(request, visitor, view.app.account)
    values = await run_in_threadpool(_values, ctx, visitor, view)
    values |= {"values": slip.values, "errors": slip.errors}
    return show(request, "app.html", values, status=slip.status, visitor=visitor, notice=slip.notice)


def _values(ctx: Context, visitor: Visitor, view: AppView) -> dict[str, Any]:
    app = view.app
    everything = {"title": "Every grant is registered", "text": MANY_GRANTS, "next": None}
    return {
        "app": _app(ctx, visitor, view),
        "grant_choices": [
            {"code": grant, "label": label, "advice": GRANT_ADVICE[grant]} for grant, label in GRANT_NAMES.items()
        ],
        "type_choices": [{"label": label, "advice": advice} for label, advice in TYPE_ADVICE.items()],
        "types_for_a_person": ctx.policy.types_for_a_person,
        "secrets_allowed": ctx.policy.secrets_per_key,
        "keypairs_allowed": ctx.policy.keypairs_per_key,
        "restore_days": ctx.policy.restore_days,
        "expiries": EXPIRIES,
        "respites": RESPITES,
        "advice": everything if app.grants == set(GRANTS) else None,
        "recipients": sealed_credentials.count_recipients(ctx, app.account),
        "nonce": new_guid(),
    }


def _app(ctx: Context, visitor: Visitor, view: AppView) -> dict[str, Any]:
    app, settings = view.app, view.settings
    status, run = golive.status_of(ctx, app)
    return {
        "name": app.name,
        "key": app.key,
        "contact": app.contact,
        "account_name": _account_name(visitor, app),
        "integration_type": app.integration_type,
        "is_type_fixed": view.is_type_fixed,
        "created_at": app.created_at,
        "created_by": app.created_by,
        "status": pill(ctx, app, status, run),
        "stopped": app.stopped_at is not None,
        "retired": view.is_retired,
        "replaces": view.replaces,
        "deleted_at": app.deleted_at,
        "restore_until": restore_until(app, ctx.policy),
        "may": may_do(ctx, visitor, app),
        "grants": app.grants,
        "require_pkce": app.pkce_required,
        **proofs(settings, usage.view(ctx, visitor.actor, app.key), ctx.now),
        "redirect_uris": settings.redirect_uris,
        "privacy_url": app.privacy_url,
        "terms_url": app.terms_url,
        "origins": settings.origins,
        "history": [history(event) for event in view.events],
    }


def _account_name(visitor: Visitor, app: App) -> str:
    return next(each.account.name for each in visitor.standings if each.account.id == app.account)
