"""What is set for one app, and how is it set anew?

An app has several pages, which share one frame. A form that is refused comes back on the page where it stands.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, cast

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import golive, keys, sealed_credentials, usage
from keysteward.actions.context import Context
from keysteward.actions.keys import AppView, Change
from keysteward.actions.signin import Visitor
from keysteward.rules.access import Actor
from keysteward.rules.advice import GRANT_ADVICE, MANY_GRANTS
from keysteward.rules.keys import GRANT_NAMES, GRANTS, App, Grant, IntegrationType, restore_until
from keysteward.rules.refusals import Refusal
from keysteward.rules.words import new_guid
from keysteward.web.pages import app_overview
from keysteward.web.pages.apps import may_do
from keysteward.web.pages.conflicts import Field, came_back, is_late, tell
from keysteward.web.pages.forms import Slip, arrived, done, read_fields, refused
from keysteward.web.pages.proofs import EXPIRIES, RESPITES, proofs
from keysteward.web.pages.visits import for_visitors, form_of, looking_at, standing_in
from keysteward.web.pages.words import pill
from keysteward.web.reading import context, read_pairs, single
from keysteward.web.showing import show

OVERVIEW, AUTHENTICATION, ADDRESSES = "/apps/{key}", "/apps/{key}/authentication", "/apps/{key}/redirect-uris"

_SETTINGS = {
    "name": ("App Name", "name"),
    "contact": ("Contact", "contact"),
    "integration_type": ("Integration type", "integration_type"),
    "privacy_url": ("Privacy policy", "privacy_url"),
    "terms_url": ("Terms of use", "terms_url"),
    "grants": ("Grants", "grants"),
    "require_pkce": ("Require PKCE", "pkce_required"),
}
_MAY_BE_EMPTY = ("privacy_url", "terms_url")

Deed = Callable[[Context, Actor, str], object]
Values = Callable[[Context, Visitor, AppView], dict[str, Any]]


class Form(NamedTuple):
    """The page on which a form stands, and what that says when the form is done."""

    page: str
    what: str


class _Section(NamedTuple):
    """A page of an app: its tab, its template, and what it shows beside the frame."""

    tab: str
    template: str
    values: Values


# ── the pages ───────────────────────────────────────────────────────────────────────────────────────────────────────
@for_visitors
async def shown(request: Request, visitor: Visitor) -> Response:
    """`GET /apps/{key}`: the overview of an app."""
    return await show_app(request, visitor, arrived(request))


@for_visitors
async def authentication(request: Request, visitor: Visitor) -> Response:
    """`GET /apps/{key}/authentication`: grants, PKCE, secret keys and keypairs."""
    return await show_app(request, visitor, arrived(request), AUTHENTICATION)


@for_visitors
async def addresses(request: Request, visitor: Visitor) -> Response:
    """`GET /apps/{key}/redirect-uris`: redirect URIs, origins and links."""
    return await show_app(request, visitor, arrived(request), ADDRESSES)


# ── the forms ───────────────────────────────────────────────────────────────────────────────────────────────────────
@form_of(OVERVIEW)
async def general(request: Request, visitor: Visitor) -> Response:
    """`POST /apps/{key}/general`: name and contact, and until the first review the integration type."""
    typed = await read_fields(request, "name", "contact", "integration_type", "version")
    wanted = cast(IntegrationType | None, typed["integration_type"] or None)
    change = Change(name=typed["name"], contact=typed["contact"], integration_type=wanted, seen=typed.pop("version"))
    return await _change(request, visitor, change, OVERVIEW, typed)


@form_of(ADDRESSES)
async def links(request: Request, visitor: Visitor) -> Response:
    """`POST /apps/{key}/links`: privacy policy and terms of use."""
    typed = await read_fields(request, "privacy_url", "terms_url", "version")
    change = Change(privacy_url=typed["privacy_url"], terms_url=typed["terms_url"], seen=typed.pop("version"))
    return await _change(request, visitor, change, ADDRESSES, typed)


@form_of(AUTHENTICATION)
async def choose_grants(request: Request, visitor: Visitor) -> Response:
    """`POST /apps/{key}/authentication`: the grants that the app registers, and whether codes need PKCE."""
    pairs = await read_pairs(request)
    grants = frozenset(cast(Grant, value) for name, value in pairs if name == "grants")
    others = single([pair for pair in pairs if pair[0] != "grants"])
    change = Change(grants=grants, pkce_required="require_pkce" in others, seen=others.get("version"))
    typed = {"grants": grants, "require_pkce": "require_pkce" in others}
    return await _change(request, visitor, change, AUTHENTICATION, typed)


async def _change(
    request: Request, visitor: Visitor, wanted: Change, page: str, typed: Mapping[str, object]
) -> Response:
    """Set something anew; whoever comes after somebody else sees what that was, and chooses."""
    key, ctx = request.path_params["key"], context(request)
    try:
        await run_in_threadpool(keys.change, ctx, visitor.actor, key, wanted)
    except Refusal as refusal:
        if is_late(refusal):
            now = (await run_in_threadpool(keys.view, ctx, visitor.actor, key)).app
            tell(request, refusal, page.format(key=key.lower()), _fields(now, typed))
        return await show_app(request, visitor, came_back(refusal, typed, *typed), page)
    return done(page.format(key=key.lower()), "saved")


def _fields(now: App, typed: Mapping[str, object]) -> list[Field]:
    return [
        Field(label, _said(getattr(now, setting)), _said(typed[name]))
        for name, (label, setting) in _SETTINGS.items()
        if name in typed and (typed[name] != "" or name in _MAY_BE_EMPTY)
    ]


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, frozenset):
        return ", ".join(name for grant, name in GRANT_NAMES.items() if grant in value) or "None"
    return str(value) or "Not set"


async def do(
    request: Request, visitor: Visitor, deed: Deed, form: Form, typed: Mapping[str, object] | None = None
) -> Response:
    """Do something to the app of this path: the form's page says what was done, or shows the form again."""
    key, typed = request.path_params["key"], typed or {}
    try:
        await run_in_threadpool(deed, context(request), visitor.actor, key)
    except Refusal as refusal:
        return await show_app(request, visitor, refused(refusal, typed, *typed), form.page)
    return done(form.page.format(key=key.lower()), form.what)


# ── what is shown ───────────────────────────────────────────────────────────────────────────────────────────────────
async def show_app(request: Request, visitor: Visitor, slip: Slip, page: str = OVERVIEW) -> Response:
    """A page of the app of this path, with a form that came back."""
    ctx, key, section = context(request), request.path_params["key"], _SECTIONS[page]
    view = await run_in_threadpool(keys.view, ctx, visitor.actor, key)
    visitor = await looking_at(request, visitor, view.app.account)
    values = await run_in_threadpool(section.values, ctx, visitor, view)
    values |= {"section": section.tab, "values": slip.values, "errors": slip.errors}
    return show(request, section.template, values, status=slip.status, visitor=visitor, notice=slip.notice)


def frame(ctx: Context, visitor: Visitor, view: AppView) -> dict[str, Any]:
    """What every page of an app shows of it."""
    app = view.app
    status, run = golive.status_of(ctx, app)
    return {
        "name": app.name,
        "key": app.key,
        "account_name": standing_in(visitor, app.account).account.name,
        "status": pill(ctx, app, status, run),
        "stopped": app.stopped_at is not None,
        "retired": view.is_retired,
        "replaces": view.replaces,
        "deleted_at": app.deleted_at,
        "restore_until": restore_until(app, ctx.policy),
        "may": may_do(ctx, visitor, app),
    }


def _overview(ctx: Context, visitor: Visitor, view: AppView) -> dict[str, Any]:
    framed = frame(ctx, visitor, view) | app_overview.app(view, standing_in(visitor, view.app.account).account)
    return {
        "app": framed,
        "restore_days": ctx.policy.restore_days,
        **app_overview.values(ctx, visitor, view, framed["status"]["code"]),
    }


def _authentication(ctx: Context, visitor: Visitor, view: AppView) -> dict[str, Any]:
    app = view.app
    proved = proofs(view.settings, usage.view(ctx, visitor.actor, app.key), ctx.now)
    everything = {"title": "Every grant is registered", "text": MANY_GRANTS}
    return {
        "app": frame(ctx, visitor, view) | {"grants": app.grants, "require_pkce": app.pkce_required} | proved,
        "restore_days": ctx.policy.restore_days,
        "grant_choices": [
            {"code": grant, "label": label, "advice": GRANT_ADVICE[grant]} for grant, label in GRANT_NAMES.items()
        ],
        "secrets_allowed": ctx.policy.secrets_per_key,
        "keypairs_allowed": ctx.policy.keypairs_per_key,
        "expiries": EXPIRIES,
        "respites": RESPITES,
        "advice": everything if app.grants == set(GRANTS) else None,
        "recipients": sealed_credentials.count_recipients(ctx, app.account),
        "nonce": new_guid(),
    }


def _addresses(ctx: Context, visitor: Visitor, view: AppView) -> dict[str, Any]:
    app, settings = view.app, view.settings
    told = {
        "redirect_uris": settings.redirect_uris,
        "origins": settings.origins,
        "privacy_url": app.privacy_url,
        "terms_url": app.terms_url,
    }
    return {"app": frame(ctx, visitor, view) | told, "restore_days": ctx.policy.restore_days}


_SECTIONS: dict[str, _Section] = {
    OVERVIEW: _Section("overview", "app.html", _overview),
    AUTHENTICATION: _Section("authentication", "app_authentication.html", _authentication),
    ADDRESSES: _Section("addresses", "app_addresses.html", _addresses),
}
