"""How does somebody sign in with the identity provider of their organization?"""

from functools import partial
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from keysteward.actions import providers, signin
from keysteward.rules.refusals import Refusal
from keysteward.web.pages.forms import at_field
from keysteward.web.reading import context, read_form, run_outside, single
from keysteward.web.sessions import checked_next, keep, session_token, with_device
from keysteward.web.showing import show

_PAGE = "/signin/organization"
_SECONDS = 600


async def form(request: Request) -> Response:
    """`GET /signin/organization`: ask for the address, whose domain says which provider it is."""
    return _shown(request, "", checked_next(request.query_params.get("next", "/")))


async def offer(request: Request) -> Response:
    """`POST /signin/organization`: the way to the provider, as a link, for a form may lead nowhere else."""
    sent = await read_form(request)
    email, onward = sent.get("email", "").strip(), checked_next(sent.get("next", "/"))
    try:
        found = await run_in_threadpool(providers.find_offer, context(request), email)
    except Refusal as refusal:
        return _shown(request, email, onward, refusal=refusal)
    url = f"{_PAGE}/{found.organization}?" + urlencode({"next": onward})
    return _shown(request, email, onward, offer={"name": found.name, "url": url})


async def begin(request: Request) -> Response:
    """`GET /signin/organization/{organization}`: on to the provider; the browser keeps what it must bring back.

    Whoever comes with a session comes to sign in anew.
    """
    onward = checked_next(request.query_params.get("next", "/"))
    deed = partial(providers.begin, anew=session_token(request) is not None)
    begun = await run_outside(deed, context(request), request.path_params["organization"], onward)
    answer = RedirectResponse(begun.url, 303, {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})
    answer.set_cookie(
        _cookie(request), begun.cookie, max_age=_SECONDS, path="/", secure=True, httponly=True, samesite="lax"
    )
    return answer


async def finish(request: Request) -> Response:
    """`GET /signin/organization/{organization}/callback`: the provider's answer begins a session like any other."""
    ctx, source_and_device = context(request), with_device(request)
    source, device = source_and_device
    said = single(request.query_params.multi_items())
    cookie = request.cookies.get(_cookie(request), "")
    done = await run_outside(providers.finish, ctx, request.path_params["organization"], cookie, said, source)
    onward = checked_next(done.onward)
    if signin.is_half(done.token):
        answer = keep(request, RedirectResponse("/signin/second?" + urlencode({"next": onward}), 303), done.token)
    else:
        answer = keep(request, RedirectResponse(onward, 303), done.token, device)
    answer.delete_cookie(_cookie(request), path="/", secure=True, httponly=True, samesite="lax")
    return answer


def _cookie(request: Request) -> str:
    return f"__Host-ks-provider-{context(request).environment}"


def _shown(
    request: Request,
    email: str,
    onward: str,
    *,
    offer: dict[str, str] | None = None,
    refusal: Refusal | None = None,
) -> Response:
    values = {
        "email": email,
        "next": onward,
        "offer": offer,
        "error": at_field(refusal) if refusal else "",
        "sign_in_url": "/signin?" + urlencode({"next": onward}),
    }
    return show(request, "organization_signin.html", values, status=refusal.kind.status if refusal else 200)
