"""What does a promoted key still need in production, and which settings of demo does it take over?"""

from collections.abc import Callable
from functools import partial
from typing import Any, cast
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import addresses, keys, promotion
from keysteward.actions.context import Context
from keysteward.actions.keys import AppView, Change
from keysteward.actions.promotion import AfterGoLive
from keysteward.actions.signin import Visitor
from keysteward.rules.access import Actor
from keysteward.rules.keys import Grant
from keysteward.rules.promotion import Sheet, needed_in_production
from keysteward.rules.refusals import INVALID_FIELD, Refusal
from keysteward.web.pages.forms import Slip, arrived, done, refused
from keysteward.web.pages.visits import for_visitors, form_of, looking_at
from keysteward.web.pages.words import GRANT_NAMES, pill
from keysteward.web.reading import context, read_form
from keysteward.web.showing import show

_LABELS = {
    "grant": "Grant",
    "redirect_uri": "Redirect URI",
    "privacy_url": "Privacy policy",
    "terms_url": "Terms of use",
    "origin": "CORS origin",
}
_NEEDS = {
    "grants": ("Grants", "How the app gets tokens in production.", "Choose grants", "authentication"),
    "redirect_uris": (
        "Redirect URI", "Where people come back to after they signed in.", "Add a redirect URI", "additional",
    ),
    "secrets": ("Secret key", "A new one: the secret keys of demo are unknown here.", "Add a secret key", "secrets"),
    "keypairs": ("RSA keypair", "A new one, with which the JWT Grant signs.", "Add a keypair", "keypairs"),
}  # fmt: skip


@for_visitors
async def shown(request: Request, visitor: Visitor) -> Response:
    """`GET /apps/{key}/after-go-live`."""
    return await _shown(request, visitor, arrived(request))


@form_of("/apps/{key}/after-go-live")
async def add(request: Request, visitor: Visitor) -> Response:
    """`POST /apps/{key}/settings-sheet`: take one setting over from demo."""
    ctx, key, sent = context(request), request.path_params["key"], await read_form(request)
    try:
        deed = _deed(sent.get("kind", ""), sent.get("value", ""))
        await run_in_threadpool(deed, ctx, visitor.actor, key)
    except Refusal as refusal:
        return await _shown(request, visitor, refused(refusal, {}))
    return done(f"/apps/{key.lower()}/after-go-live", "added")


async def _shown(request: Request, visitor: Visitor, slip: Slip) -> Response:
    ctx, key = context(request), request.path_params["key"]
    after = await run_in_threadpool(promotion.after_go_live, ctx, visitor.actor, key)
    visitor = await looking_at(request, visitor, after.view.app.account)
    values = _values(ctx, visitor, after, is_new=request.query_params.get("done") == "promoted")
    return show(request, "after_go_live.html", values, status=slip.status, visitor=visitor, notice=slip.notice)


def _deed(kind: str, value: str) -> Callable[[Context, Actor, str], object]:
    deeds: dict[str, Callable[[Context, Actor, str], object]] = {
        "grant": partial(_add_grant, grant=value),
        "redirect_uri": partial(addresses.add_redirect_uri, uri=value),
        "privacy_url": partial(keys.change, wanted=Change(privacy_url=value)),
        "terms_url": partial(keys.change, wanted=Change(terms_url=value)),
        "origin": partial(addresses.add_origin, origin=value),
    }
    if kind not in deeds:
        raise Refusal(INVALID_FIELD, field="kind", reason=f"choose among {', '.join(deeds)}.")
    return deeds[kind]


def _add_grant(ctx: Context, actor: Actor, key: str, grant: str) -> None:
    app = keys.view(ctx, actor, key).app
    grants = app.grants | {cast(Grant, grant)}
    keys.change(ctx, actor, key, Change(grants=grants, version=app.version))


def _values(ctx: Context, visitor: Visitor, after: AfterGoLive, *, is_new: bool) -> dict[str, Any]:
    app = after.view.app
    account = next(each.account for each in visitor.standings if each.account.id == app.account)
    receipt = {"account_name": account.name, "plan": account.plan, "at": app.promoted_at} if is_new else None
    return {
        "app": {"name": app.name, "key": app.key, "account_name": account.name, "status": pill(ctx, app, "Live", 0)},
        "receipt": receipt,
        "checklist": [_check(after, name) for name in needed_in_production(app, after.sheet)],
        "sheet": _lines(after.view, after.sheet),
        "thumbprints": after.sheet.thumbprints,
        "changes": _changes(ctx, visitor, after),
        "may_edit": app.deleted_at is None,
    }


def _check(after: AfterGoLive, name: str) -> dict[str, Any]:
    title, text, label, section = _NEEDS[name]
    action = {"label": label, "href": f"/apps/{after.view.app.key}#{section}"}
    return {"title": title, "text": text, "is_done": name not in after.missing, "action": action}


def _lines(view: AppView, sheet: Sheet) -> list[dict[str, Any]]:
    app, settings = view.app, view.settings
    links = {"privacy_url": sheet.privacy_url, "terms_url": sheet.terms_url}
    return [
        *(_line("grant", grant, grant in app.grants) for grant in sheet.grants),
        *(_line("redirect_uri", uri, uri in settings.redirect_uris) for uri in sheet.redirect_uris),
        *(_line(kind, url, getattr(app, kind) == url) for kind, url in links.items() if url),
        *(_line("origin", origin, origin in settings.origins) for origin in sheet.origins),
    ]


def _line(kind: str, value: str, is_added: bool) -> dict[str, Any]:  # noqa: FBT001 — the fact itself
    text = GRANT_NAMES[cast(Grant, value)] if kind == "grant" else value
    return {"kind": kind, "label": _LABELS[kind], "value": value, "text": text, "is_added": is_added}


def _changes(ctx: Context, visitor: Visitor, after: AfterGoLive) -> dict[str, dict[str, str]]:
    demo, presenter = ctx.counterpart.origin, after.presenter
    is_same = presenter is not None and presenter.email.casefold() == visitor.user.email.casefold()
    return {
        "account_server": {"demo": urlsplit(demo).netloc, "production": ctx.authority},
        "base_uri": {"demo": demo, "production": ctx.origin},
        "user": {"demo": presenter.user, "production": visitor.user.id}
        if presenter and is_same
        else {"demo": "", "production": visitor.user.id},
    }
