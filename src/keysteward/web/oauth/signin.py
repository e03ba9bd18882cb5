"""How does somebody sign in on the way to an app?"""

from urllib.parse import parse_qsl, urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from keysteward.actions import authorize
from keysteward.actions import signin as signing_in
from keysteward.actions.quickly import in_line
from keysteward.rules import authorize as rules
from keysteward.rules.refusals import SIGN_IN_OVER, Refusal
from keysteward.web.oauth.returning import form_target, once_signed_in
from keysteward.web.reading import context, query_pairs, read_form
from keysteward.web.second_step import Step, proved, second_page
from keysteward.web.sessions import keep, with_device
from keysteward.web.showing import show

_SECOND = "/oauth/signin/second"


async def sign_in(request: Request) -> Response:
    """`POST /oauth/signin`: our own sign-in page's answer; the authorization request stands in the query."""
    form = await read_form(request)
    query = query_pairs(request)
    ctx = context(request)
    asked = await run_in_threadpool(authorize.read_request, ctx, query)
    email = form.get("email", "").strip()
    source, device = with_device(request)
    try:
        token = await in_line(ctx, signing_in.sign_in, email, form.get("password", ""), source)
    except Refusal as refusal:
        return sign_in_page(request, asked, urlencode(query), email=email, refusal=refusal)
    if signing_in.is_half(token):
        return keep(request, RedirectResponse(f"{_SECOND}?{urlencode(query)}", 303), token)
    return keep(request, _onward(query), token, device)


async def begin_again(request: Request) -> Response:
    """`GET` of a form's address, as a reload asks for it: the authorization request in its query begins again."""
    return RedirectResponse(f"/oauth/auth?{request.url.query}", 303)


async def second_form(request: Request) -> Response:
    """`GET /oauth/signin/second`: ask for the second factor, on the way to an app."""
    return await _second_shown(request)


async def second(request: Request) -> Response:
    """`POST /oauth/signin/second`: check the second factor, begin the session and go on to the app."""
    form = await read_form(request)
    try:
        token, device = await proved(request, form)
    except Refusal as refusal:
        return await _second_shown(request, refusal)
    return keep(request, _onward(query_pairs(request)), token, device)


async def _second_shown(request: Request, refusal: Refusal | None = None) -> Response:
    query = query_pairs(request)
    asked = await run_in_threadpool(authorize.read_request, context(request), query)
    again = f"/oauth/auth?{urlencode(query)}"
    step = Step(f"{_SECOND}?{urlencode(query)}", again, app=asked.app, form_targets=(form_target(asked.redirect_uri),))
    try:
        return await second_page(request, step, refusal)
    except Refusal as over:
        if over.kind is not SIGN_IN_OVER:
            raise
        return RedirectResponse(again, 303)


def _onward(query: list[tuple[str, str]]) -> RedirectResponse:
    return RedirectResponse(f"/oauth/auth?{once_signed_in(query)}", 303)


def sign_in_page(
    request: Request, asked: rules.Request, query: str, *, email: str, refusal: Refusal | None = None
) -> Response:
    """Where a user signs in before the app is answered."""
    onward = once_signed_in(parse_qsl(query, keep_blank_values=True))
    values = {
        "action": f"/oauth/signin?{query}",
        "email": email,
        "next": "",
        "app": asked.app,
        "reason": "again" if "login" in asked.prompts or asked.max_age else "",
        "error": refusal.sentence if refusal else "",
        "organization_url": "/signin/organization?" + urlencode({"next": f"/oauth/auth?{onward}"}),
        "may_sign_up": False,
    }
    status = refusal.kind.status if refusal else 200
    targets = (form_target(asked.redirect_uri),)
    return show(request, "signin.html", values, status=status, form_targets=targets)
