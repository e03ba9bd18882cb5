"""How does somebody look after their own sign-in: password, second factors and sessions?"""

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from keysteward.actions import factors, passkeys, sessions
from keysteward.actions.context import Context
from keysteward.actions.quickly import in_line
from keysteward.actions.sessions import Session
from keysteward.actions.signin import Visitor
from keysteward.rules.accounts import LEAST_PASSWORD
from keysteward.rules.refusals import Refusal
from keysteward.rules.signin import Proof, browser_in_words, demand_fresh, in_minutes
from keysteward.rules.words import new_guid
from keysteward.web.pages.forms import Slip, arrived, at_field, done, read_fields, refused
from keysteward.web.pages.lists import Column, Table, read
from keysteward.web.pages.visits import for_visitors, form_of
from keysteward.web.reading import context
from keysteward.web.sessions import SECURITY, checked_next, source_of
from keysteward.web.showing import show

_SESSIONS = Table(
    "sessions",
    (
        Column("Browser", "browser"),
        Column("Address", "address"),
        Column("Signed in", "began_at", "moment"),
        Column("Last seen", "seen_at", "moment"),
        Column("This browser", "is_this", sorts=False),
    ),
    ("browser", "address"),
    "Browser or address",
)


@for_visitors
async def shown(request: Request, visitor: Visitor) -> Response:
    """`GET /security`."""
    return await show_security(request, visitor, arrived(request))


async def show_security(request: Request, visitor: Visitor, slip: Slip) -> Response:
    """The page about one's own sign-in, with what was done or refused."""
    listing, values = read(request, _SESSIONS, SECURITY), await run_in_threadpool(_values, context(request), visitor)
    part = listing.arranged(values["sessions"])
    if listing.is_download:
        return listing.download(part.rows)
    values |= {"sessions": part.rows, "sessions_open": len(values["sessions"]), "listing": listing.shown(part)}
    return show(request, "security.html", values, status=slip.status, visitor=visitor, notice=slip.notice)


@form_of(SECURITY)
async def end_session(request: Request, visitor: Visitor) -> Response:
    """`POST /security/sessions/{id}/end`."""
    session = request.path_params["id"]
    try:
        await run_in_threadpool(sessions.end_one, context(request), visitor.actor, session)
    except Refusal as refusal:
        return await show_security(request, visitor, refused(refusal, {}))
    return done(SECURITY, "session-ended")


@form_of(SECURITY)
async def end_other_sessions(request: Request, visitor: Visitor) -> Response:
    """`POST /security/sessions/end-others`: only this browser stays signed in."""
    await run_in_threadpool(sessions.end_others, context(request), visitor.actor, visitor.session)
    return done(SECURITY, "sessions-ended")


# ── a fresh sign-in ─────────────────────────────────────────────────────────────────────────────────────────────────
@for_visitors
async def confirm_form(request: Request, visitor: Visitor) -> Response:
    """`GET /security/confirm`: ask who it is, before something dangerous is done."""
    return await _confirm_shown(request, visitor, checked_next(request.query_params.get("next", SECURITY)))


@for_visitors
async def confirm(request: Request, visitor: Visitor) -> Response:
    """`POST /security/confirm`: go on to what was asked."""
    sent = await read_fields(request, "next", "password", "passkey")
    proof = Proof(sent["password"], "", sent["passkey"])
    actor, session = visitor.actor, visitor.session
    try:
        await in_line(context(request), sessions.prove_again, actor, session, proof, source_of(request))
    except Refusal as refusal:
        return await _confirm_shown(request, visitor, checked_next(sent["next"]), refusal)
    return RedirectResponse(checked_next(sent["next"]), 303)


async def _confirm_shown(request: Request, visitor: Visitor, onward: str, refusal: Refusal | None = None) -> Response:
    values = {
        "next": onward,
        "user": visitor.user,
        "minutes": in_minutes(context(request).policy.fresh_sign_in),
        "passkey_options": await run_in_threadpool(_alone, context(request), visitor),
        "error": at_field(refusal) if refusal else "",
        "error_field": refusal.field if refusal else "",
    }
    return show(request, "confirm.html", values, status=refusal.kind.status if refusal else 200, visitor=visitor)


def _alone(ctx: Context, visitor: Visitor) -> str:
    has = factors.view(ctx, visitor.user.id)
    return passkeys.ask(ctx, visitor.user, "alone") if has.passkeys else ""


# ── the password ────────────────────────────────────────────────────────────────────────────────────────────────────
@for_visitors
async def password_form(request: Request, visitor: Visitor) -> Response:
    """`GET /security/password`."""
    ctx = context(request)
    demand_fresh(visitor.actor, ctx.now, ctx.policy)
    return _password_shown(request, visitor, Slip())


@for_visitors
async def change_password(request: Request, visitor: Visitor) -> Response:
    """`POST /security/password`: other sessions end."""
    password = (await read_fields(request, "password"))["password"]
    deed = sessions.change_password
    try:
        await in_line(context(request), deed, visitor.actor, visitor.session, password)
    except Refusal as refusal:
        if refusal.field != "password":
            raise
        return _password_shown(request, visitor, refused(refusal, {}, "password"))
    return done(SECURITY, "password-changed")


def _password_shown(request: Request, visitor: Visitor, slip: Slip) -> Response:
    values = {"errors": slip.errors, "least_password": LEAST_PASSWORD, "email": visitor.user.email}
    return show(request, "password.html", values, status=slip.status, visitor=visitor, notice=slip.notice)


# ── what the page says ──────────────────────────────────────────────────────────────────────────────────────────────
def _values(ctx: Context, visitor: Visitor) -> dict[str, Any]:
    has = factors.view(ctx, visitor.user.id)
    own = sessions.list_own(ctx, visitor.actor)
    return {
        "app_since": has.app.created_at if has.app else None,
        "passkeys": has.passkeys,
        "recovery_codes": has.recovery_codes if has.has_any else None,
        "most_recovery_codes": ctx.policy.recovery_codes,
        "lacks_factor": visitor.lacks_factor,
        "nonce": new_guid(),
        "sessions": [_session(each, visitor) for each in own],
    }


def _session(session: Session, visitor: Visitor) -> dict[str, Any]:
    return {
        "id": session.id,
        "browser": browser_in_words(session.agent),
        "address": session.address or "unknown",
        "began_at": session.began_at,
        "seen_at": session.seen_at,
        "is_this": session.id == visitor.session,
    }
