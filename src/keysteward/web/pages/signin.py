"""How do people sign in to the console, sign out, and look at another account?"""

from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from keysteward.actions import signin
from keysteward.actions.quickly import in_line
from keysteward.actions.signin import Visitor
from keysteward.rules.refusals import SIGN_IN_OVER, Refusal
from keysteward.rules.sign_ups import is_open
from keysteward.web.pages.forms import at_field
from keysteward.web.pages.visits import form_of
from keysteward.web.reading import context, read_form
from keysteward.web.second_step import Step, proved, second_page
from keysteward.web.sessions import checked_next, forget, keep, session_token, visitor_or_none, with_device
from keysteward.web.showing import show

_REASONS = ("expired", "over")


async def form(request: Request) -> Response:
    """`GET /signin`."""
    onward = checked_next(request.query_params.get("next", "/"))
    if await visitor_or_none(request) is not None:
        return RedirectResponse(onward, 303)
    reason = request.query_params.get("reason", "")
    return _shown(request, "", onward, reason=reason if reason in _REASONS else "")


async def sign_in(request: Request) -> Response:
    """`POST /signin`: begin a session and go on, over the second step where there is one."""
    sent = await read_form(request)
    email, onward = sent.get("email", "").strip(), checked_next(sent.get("next", "/"))
    source, device = with_device(request)
    try:
        token = await in_line(context(request), signin.sign_in, email, sent.get("password", ""), source)
    except Refusal as refusal:
        return _shown(request, email, onward, refusal=refusal)
    if signin.is_half(token):
        return keep(request, RedirectResponse(_second(onward), 303), token)
    return keep(request, RedirectResponse(onward, 303), token, device)


async def second_form(request: Request) -> Response:
    """`GET /signin/second`: ask for the second factor."""
    return await _second_shown(request, checked_next(request.query_params.get("next", "/")))


async def second(request: Request) -> Response:
    """`POST /signin/second`: check the second factor, begin the session and go on."""
    sent = await read_form(request)
    onward = checked_next(sent.get("next", "/"))
    try:
        token, device = await proved(request, sent)
    except Refusal as refusal:
        return await _second_shown(request, onward, refusal)
    return keep(request, RedirectResponse(onward, 303), token, device)


async def sign_out(request: Request) -> Response:
    """`POST /signout`: end the session."""
    if session := session_token(request):
        await run_in_threadpool(signin.sign_out, context(request), session)
    return forget(request, show(request, "signed_out.html", {"sign_in_url": "/signin"}))


@form_of("/")
async def choose_account(request: Request, visitor: Visitor) -> Response:
    """`POST /account`: look at another account, and go on to what it has too."""
    sent = await read_form(request)
    account = sent.get("account", "")
    await run_in_threadpool(signin.choose_account, context(request), session_token(request) or "", account)
    return RedirectResponse("/apps" if sent.get("return_to", "").startswith("/apps") else "/", 303)


def _second(onward: str) -> str:
    return "/signin/second?" + urlencode({"next": onward})


async def _second_shown(request: Request, onward: str, refusal: Refusal | None = None) -> Response:
    step = Step("/signin/second", "/signin?" + urlencode({"next": onward}), onward)
    try:
        return await second_page(request, step, refusal)
    except Refusal as over:
        if over.kind is not SIGN_IN_OVER:
            raise
        return RedirectResponse("/signin?" + urlencode({"next": onward, "reason": "over"}), 303)


def _shown(request: Request, email: str, onward: str, *, reason: str = "", refusal: Refusal | None = None) -> Response:
    ctx = context(request)
    values = {
        "action": "/signin",
        "email": email,
        "next": onward,
        "app": None,
        "reason": reason,
        "error": at_field(refusal) if refusal else "",
        "organization_url": "/signin/organization?" + urlencode({"next": onward}),
        "may_sign_up": is_open(ctx.environment, ctx.policy),
    }
    return show(request, "signin.html", values, status=refusal.kind.status if refusal else 200)
