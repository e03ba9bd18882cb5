"""How does somebody come back who forgot a password or has another address now?"""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import recovery
from keysteward.actions.quickly import in_line
from keysteward.actions.signin import Visitor
from keysteward.rules.accounts import LEAST_PASSWORD
from keysteward.rules.letters import spoken
from keysteward.rules.refusals import Refusal
from keysteward.rules.signin import demand_fresh
from keysteward.web.pages.forms import Slip, arrived, at_field, done, read_fields, refused
from keysteward.web.pages.visits import for_visitors
from keysteward.web.reading import client_address, context, read_form
from keysteward.web.sessions import SECURITY
from keysteward.web.showing import show


# ── a forgotten password ────────────────────────────────────────────────────────────────────────────────────────────
async def forgot_form(request: Request) -> Response:
    """`GET /password/forgot`."""
    return show(request, "forgot.html", {"email": request.query_params.get("email", "")[:320]})


async def forgot(request: Request) -> Response:
    """`POST /password/forgot`: whether the address is known, nobody is told."""
    ctx, email = context(request), (await read_form(request)).get("email", "").strip()
    recovery.demand_patience(ctx, client_address(request))
    await run_in_threadpool(recovery.ask_for_password, ctx, email)
    life = spoken(ctx.policy.password_link_life)
    text = (
        f"If {email[:320]} is the address of a user here, a link to choose a new password is on its way. "
        f"It works once, within {life}, and only the newest one counts."
    )
    return _told(request, "mail", "Look into your mailbox", text)


async def new_form(request: Request) -> Response:
    """`GET /password/new`: the link of the mail. Looking at it uses nothing up, for mail scanners look too."""
    return await _new_shown(request, request.query_params.get("link", ""), Slip())


async def new(request: Request) -> Response:
    """`POST /password/new`: choose the password. Nobody is signed in by it, past a second factor or otherwise."""
    sent = await read_form(request)
    link, password = sent.get("link", ""), sent.get("password", "")
    try:
        await in_line(context(request), recovery.reset_password, link, password)
    except Refusal as refusal:
        if refusal.field != "password":
            raise
        return await _new_shown(request, link, Slip({}, {"password": at_field(refusal)}, None, refusal.kind.status))
    text = "Everybody who was signed in as you has been signed out. Sign in with the new password."
    return _told(request, "success", "Your password was changed", text)


async def _new_shown(request: Request, link: str, slip: Slip) -> Response:
    user = await run_in_threadpool(recovery.look_at_password_link, context(request), link)
    values = {"link": link, "email": user.email, "errors": slip.errors, "least_password": LEAST_PASSWORD}
    return show(request, "new_password.html", values, status=slip.status)


def _told(request: Request, kind: str, title: str, text: str) -> Response:
    return show(request, "told.html", {"kind": kind, "title": title, "text": text, "sign_in_url": "/signin"})


# ── another address ─────────────────────────────────────────────────────────────────────────────────────────────────
@for_visitors
async def address_form(request: Request, visitor: Visitor) -> Response:
    """`GET /security/address`."""
    ctx = context(request)
    demand_fresh(visitor.actor, ctx.now, ctx.policy)
    return _address_shown(request, visitor, arrived(request))


@for_visitors
async def ask_for_address(request: Request, visitor: Visitor) -> Response:
    """`POST /security/address`: a link goes to the new address, and a notice to the old one."""
    sent = await read_fields(request, "email")
    email = sent["email"].strip()
    try:
        await run_in_threadpool(recovery.ask_for_address, context(request), visitor.actor, email)
    except Refusal as refusal:
        if refusal.field != "email":
            raise
        return _address_shown(request, visitor, refused(refusal, {"email": email}, "email"))
    return _address_shown(request, visitor, Slip(), sent_to=email)


@for_visitors
async def confirm_form(request: Request, visitor: Visitor) -> Response:
    """`GET /security/address/confirm`: the link of the mail."""
    link = request.query_params.get("link", "")
    email = await run_in_threadpool(recovery.look_at_address_link, context(request), visitor.actor, link)
    return show(request, "address_confirm.html", {"link": link, "email": email}, visitor=visitor)


@for_visitors
async def confirm_address(request: Request, visitor: Visitor) -> Response:
    """`POST /security/address/confirm`: the address is the visitor's from now on."""
    link = (await read_fields(request, "link"))["link"]
    await run_in_threadpool(recovery.confirm_address, context(request), visitor.actor, link)
    return done(SECURITY, "address-changed")


def _address_shown(request: Request, visitor: Visitor, slip: Slip, *, sent_to: str = "") -> Response:
    values = {
        "email": str(slip.values.get("email", "")),
        "errors": slip.errors,
        "sent_to": sent_to,
        "life": spoken(context(request).policy.address_link_life),
    }
    return show(request, "address.html", values, status=slip.status, visitor=visitor, notice=slip.notice)
