"""How does somebody open a demo account of their own?"""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import recovery, sign_ups
from keysteward.actions.invitations import Newcomer
from keysteward.actions.quickly import in_line
from keysteward.actions.signin import Visitor
from keysteward.rules.accounts import LEAST_PASSWORD
from keysteward.rules.letters import spoken
from keysteward.rules.refusals import Refusal
from keysteward.rules.sign_ups import demand_sign_up
from keysteward.web.pages.forms import Slip, done, read_fields, refused
from keysteward.web.pages.visits import form_of
from keysteward.web.reading import client_address, context
from keysteward.web.sessions import visitor_or_none
from keysteward.web.showing import show

_ASKED = ("email", "account")
_FIELDS = ("first_name", "last_name", "password")


async def form(request: Request) -> Response:
    """`GET /sign-up`."""
    ctx = context(request)
    demand_sign_up(ctx.environment, ctx.policy)
    return _form_shown(request, Slip())


async def ask(request: Request) -> Response:
    """`POST /sign-up`: whether the address has a user here, nobody is told."""
    ctx, typed = context(request), await read_fields(request, *_ASKED)
    recovery.demand_patience(ctx, client_address(request))
    try:
        await run_in_threadpool(sign_ups.ask, ctx, typed["email"], typed["account"])
    except Refusal as refusal:
        if refusal.field not in _ASKED:
            raise
        return _form_shown(request, refused(refusal, typed, *_ASKED))
    email, account = (typed[name].strip() for name in _ASKED)
    life = spoken(ctx.policy.address_link_life)
    text = (
        f"A link that opens the account {account} is on its way to {email}. It works once, within {life}, and only the "
        "newest one counts."
    )
    values = {"kind": "mail", "title": "Look into your mailbox", "text": text, "sign_in_url": "/signin"}
    return show(request, "told.html", values)


async def look(request: Request) -> Response:
    """`GET /sign-up/open`: the link of the mail. Looking at it uses nothing up, for mail scanners look too."""
    return await _link_shown(request, request.query_params.get("link", ""), Slip())


async def open_account(request: Request) -> Response:
    """`POST /sign-up/open`: open the account as a new user, who signs in next."""
    typed = await read_fields(request, "link", *_FIELDS)
    newcomer = Newcomer(typed["first_name"], typed["last_name"], typed["password"])
    try:
        standing = await in_line(context(request), sign_ups.open_account, typed["link"], newcomer)
    except Refusal as refusal:
        if refusal.field not in _FIELDS:
            raise
        return await _link_shown(request, typed["link"], refused(refusal, typed | {"password": ""}, *_FIELDS))
    text = (
        f"{standing.account.name} is open, and you are its only admin: invite a second person soon, so that its keys "
        f"are never without one. Sign in with {standing.user.email} and your password."
    )
    values = {"kind": "success", "title": f"Welcome, {standing.user.name}", "text": text, "sign_in_url": "/signin"}
    return show(request, "told.html", values)


@form_of("/sign-up/open")
async def open_another(request: Request, visitor: Visitor) -> Response:
    """`POST /sign-up/open/user`: open it as the user that one is signed in as."""
    link = (await read_fields(request, "link"))["link"]
    await run_in_threadpool(sign_ups.open_another, context(request), visitor.actor, link)
    return done("/", "own-account-opened")


def _form_shown(request: Request, slip: Slip) -> Response:
    values = {"values": dict.fromkeys(_ASKED, "") | dict(slip.values), "errors": slip.errors}
    return show(request, "sign_up.html", values, status=slip.status)


async def _link_shown(request: Request, link: str, slip: Slip) -> Response:
    asked = await run_in_threadpool(sign_ups.look_at, context(request), link)
    visitor = await visitor_or_none(request)
    signed_in = visitor.user.email if visitor else ""
    values = {
        "link": link,
        "account": asked.wish.account,
        "email": asked.wish.email,
        "has_user": asked.has_user,
        "signed_in": signed_in,
        "is_theirs": signed_in.casefold() == asked.wish.email.casefold(),
        "least_password": LEAST_PASSWORD,
        "errors": slip.errors,
        "values": dict.fromkeys(_FIELDS, "") | dict(slip.values),
    }
    return show(request, "sign_up_open.html", values, status=slip.status)
