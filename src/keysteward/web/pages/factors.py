"""How does somebody add and remove second factors on the Security pages?"""

from collections.abc import Callable
from functools import partial

import segno
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import factors, passkeys
from keysteward.actions.context import Context
from keysteward.actions.factors import Draft
from keysteward.actions.signin import Visitor, use_form_once
from keysteward.rules.access import Actor
from keysteward.rules.refusals import Refusal
from keysteward.rules.signin import demand_fresh
from keysteward.web.pages.forms import Slip, at_field, done, read_fields, refused
from keysteward.web.pages.security import show_security
from keysteward.web.pages.visits import for_visitors, form_of
from keysteward.web.reading import context
from keysteward.web.sessions import SECURITY
from keysteward.web.showing import show


# ── an authenticator app ────────────────────────────────────────────────────────────────────────────────────────────
@for_visitors
async def app_form(request: Request, visitor: Visitor) -> Response:
    """`GET /security/authenticator-app`: a code to scan."""
    draft = factors.draft_app(context(request), visitor.actor)
    return _app_shown(request, visitor, draft, Slip())


@for_visitors
async def add_app(request: Request, visitor: Visitor) -> Response:
    """`POST /security/authenticator-app`: the first code proves that the app has the secret."""
    sent = await read_fields(request, "draft", "code")
    ctx, actor = context(request), visitor.actor
    try:
        codes = await run_in_threadpool(factors.add_app, ctx, actor, sent["draft"], sent["code"])
    except Refusal as refusal:
        if refusal.field != "code":
            return await _refused(request, visitor, refusal)
        draft = factors.drafted(ctx, actor, sent["draft"])
        return _app_shown(request, visitor, draft, Slip({}, {"code": at_field(refusal)}, None, refusal.kind.status))
    return _codes_shown(request, visitor, codes) if codes else done(SECURITY, "factor-added")


@form_of(SECURITY)
async def remove_app(request: Request, visitor: Visitor) -> Response:
    """`POST /security/authenticator-app/remove`."""
    return await _do(request, visitor, factors.remove_app, "app-removed")


def _app_shown(request: Request, visitor: Visitor, draft: Draft, slip: Slip) -> Response:
    letters = " ".join(draft.letters[at : at + 4] for at in range(0, len(draft.letters), 4))
    picture = segno.make(draft.address, micro=False).svg_data_uri(scale=5, border=3, dark="#111", light="#fff")
    values = {"letters": letters, "picture": picture, "draft": draft.sealed, "errors": slip.errors}
    return show(request, "authenticator_app.html", values, status=slip.status, visitor=visitor)


# ── passkeys ────────────────────────────────────────────────────────────────────────────────────────────────────────
@for_visitors
async def passkey_form(request: Request, visitor: Visitor) -> Response:
    """`GET /security/passkeys`: ask the browser for a passkey."""
    return await _passkey_shown(request, visitor, Slip())


@for_visitors
async def add_passkey(request: Request, visitor: Visitor) -> Response:
    """`POST /security/passkeys`: keep the passkey that the browser made."""
    sent = await read_fields(request, "name", "passkey")
    deed = partial(factors.add_passkey, context(request), visitor.actor)
    try:
        codes = await run_in_threadpool(deed, sent["name"], sent["passkey"])
    except Refusal as refusal:
        return await _passkey_shown(request, visitor, refused(refusal, {"name": sent["name"]}, "name", "passkey"))
    return _codes_shown(request, visitor, codes) if codes else done(SECURITY, "passkey-added")


@form_of(SECURITY)
async def remove_passkey(request: Request, visitor: Visitor) -> Response:
    """`POST /security/passkeys/{id}/remove`."""
    deed = partial(factors.remove_passkey, passkey=request.path_params["id"])
    return await _do(request, visitor, deed, "passkey-removed")


async def _passkey_shown(request: Request, visitor: Visitor, slip: Slip) -> Response:
    ctx = context(request)
    demand_fresh(visitor.actor, ctx.now, ctx.policy)
    options = await run_in_threadpool(passkeys.ask, ctx, visitor.user, "add")
    values = {"passkey_options": options, "values": slip.values, "errors": slip.errors}
    return show(request, "passkey.html", values, status=slip.status, visitor=visitor, notice=slip.notice)


# ── recovery codes ──────────────────────────────────────────────────────────────────────────────────────────────────
@form_of(SECURITY)
async def make_recovery_codes(request: Request, visitor: Visitor) -> Response:
    """`POST /security/recovery-codes`: new ones in the place of those before, shown this one time."""
    nonce = (await read_fields(request, "nonce"))["nonce"]
    try:
        codes = await run_in_threadpool(_new_codes, context(request), visitor.actor, nonce)
    except Refusal as refusal:
        return await _refused(request, visitor, refusal)
    return _codes_shown(request, visitor, codes)


def _new_codes(ctx: Context, actor: Actor, nonce: str) -> list[str]:
    demand_fresh(actor, ctx.now, ctx.policy)
    use_form_once(ctx, nonce)
    return factors.make_recovery_codes(ctx, actor)


def _codes_shown(request: Request, visitor: Visitor, codes: list[str]) -> Response:
    values = {"codes": codes, "file": f"keysteward-{context(request).environment}-recovery-codes.txt"}
    return show(request, "recovery_codes.html", values, status=201, visitor=visitor)


# ── all of them ─────────────────────────────────────────────────────────────────────────────────────────────────────
async def _do(request: Request, visitor: Visitor, deed: Callable[[Context, Actor], None], what: str) -> Response:
    try:
        await run_in_threadpool(deed, context(request), visitor.actor)
    except Refusal as refusal:
        return await _refused(request, visitor, refusal)
    return done(SECURITY, what)


async def _refused(request: Request, visitor: Visitor, refusal: Refusal) -> Response:
    return await show_security(request, visitor, refused(refusal, {}))
