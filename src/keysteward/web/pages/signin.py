"""How do people sign in to the console, sign out, and look at another account?"""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from keysteward.actions import signin
from keysteward.actions.signin import Visitor
from keysteward.rules.refusals import Refusal
from keysteward.web.pages.forms import at_field
from keysteward.web.pages.visits import form_of
from keysteward.web.reading import context, read_form
from keysteward.web.sessions import checked_next, forget, keep, session_token, visitor_or_none
from keysteward.web.showing import show


async def form(request: Request) -> Response:
    """`GET /signin`."""
    onward = checked_next(request.query_params.get("next", "/"))
    if await visitor_or_none(request) is not None:
        return RedirectResponse(onward, 303)
    reason = "expired" if request.query_params.get("reason") == "expired" else ""
    return _shown(request, "", onward, reason=reason)


async def sign_in(request: Request) -> Response:
    """`POST /signin`: begin a session and go on."""
    sent = await read_form(request)
    email, onward = sent.get("email", "").strip(), checked_next(sent.get("next", "/"))
    try:
        session = await run_in_threadpool(signin.sign_in, context(request), email, sent.get("password", ""))
    except Refusal as refusal:
        return _shown(request, email, onward, refusal=refusal)
    return keep(request, RedirectResponse(onward, 303), session)


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


def _shown(request: Request, email: str, onward: str, *, reason: str = "", refusal: Refusal | None = None) -> Response:
    values = {
        "action": "/signin",
        "email": email,
        "next": onward,
        "app": None,
        "reason": reason,
        "error": at_field(refusal) if refusal else "",
    }
    return show(request, "signin.html", values, status=refusal.kind.status if refusal else 200)
