"""How does a browser stay signed in?"""

from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from keysteward.actions import signin
from keysteward.actions.signin import Visitor
from keysteward.rules.refusals import NOT_SIGNED_IN, Refusal
from keysteward.web.reading import context


def cookie_name(request: Request) -> str:
    """The cookie's name carries the environment, for ports do not separate cookies."""
    return f"__Host-ks-{context(request).environment}"


def session_token(request: Request) -> str | None:
    """The session token that the browser sent, if any."""
    return request.cookies.get(cookie_name(request))


async def visitor(request: Request) -> Visitor:
    """Who is signed in; refuses where nobody is."""
    return await run_in_threadpool(signin.visit, context(request), session_token(request))


async def visitor_or_none(request: Request) -> Visitor | None:
    """Who is signed in, or None."""
    try:
        return await visitor(request)
    except Refusal as refusal:
        if refusal.kind is NOT_SIGNED_IN:
            return None
        raise


def keep(request: Request, response: Response, token: str) -> Response:
    """Let the browser keep a session."""
    life = int(context(request).policy.session_life.total_seconds())
    response.set_cookie(cookie_name(request), token, max_age=life, path="/", secure=True, httponly=True, samesite="lax")
    return response


def forget(request: Request, response: Response) -> Response:
    """Let the browser forget its session."""
    response.delete_cookie(cookie_name(request), path="/", secure=True, httponly=True, samesite="lax")
    return response


def to_sign_in(request: Request, onward: str) -> RedirectResponse:
    """Send a visitor to sign in and on to a path of this origin; a session that has ended is told apart from none."""
    query = {"next": onward}
    if session_token(request) or request.method == "POST":
        query["reason"] = "expired"
    return RedirectResponse("/signin?" + urlencode(query), 303)


def checked_next(unverified_path: str) -> str:
    """A path of this origin to go on to after signing in; anything else leads home."""
    is_local = unverified_path.startswith("/") and not unverified_path.startswith("//")
    is_clean = not any(ord(character) < 33 or character == "\\" for character in unverified_path)
    return unverified_path if is_local and is_clean else "/"
