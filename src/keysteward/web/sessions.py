"""How does a browser sign in, stay signed in, and become known?"""

from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from keysteward.actions import signin
from keysteward.actions.signin import Visitor
from keysteward.rules.refusals import NOT_SIGNED_IN, SECOND_FACTOR_NEEDED, Refusal
from keysteward.rules.signin import Source
from keysteward.web.reading import client_address, context

SECURITY = "/security"
_WITHOUT_FACTOR = (SECURITY, "/signin", "/oauth/logout", "/help")


def cookie_name(request: Request) -> str:
    """The cookie's name carries the environment, for ports do not separate cookies."""
    return f"__Host-ks-{context(request).environment}"


def session_token(request: Request) -> str | None:
    """The session token that the browser sent, if any."""
    return request.cookies.get(cookie_name(request))


async def visitor(request: Request) -> Visitor:
    """Who is signed in; refuses where nobody is, and who lacks a second factor anywhere but where one is added."""
    found = await run_in_threadpool(signin.visit, context(request), session_token(request))
    if found.lacks_factor and not _is_open_without_factor(request.url.path):
        raise Refusal(SECOND_FACTOR_NEEDED)
    return found


async def visitor_or_none(request: Request) -> Visitor | None:
    """Who is signed in, or None."""
    try:
        return await visitor(request)
    except Refusal as refusal:
        if refusal.kind is NOT_SIGNED_IN:
            return None
        raise


def source_of(request: Request) -> Source:
    """Where a request comes from."""
    device = request.cookies.get(_device_cookie(request), "")
    return Source(client_address(request), request.headers.get("user-agent", ""), device)


def with_device(request: Request) -> tuple[Source, str]:
    """Where a request comes from, with the device that the browser is to keep: its own, or a new one."""
    source = source_of(request)
    device = signin.kept_device(source.unverified_device)
    return source._replace(unverified_device=device, is_fresh=device != source.unverified_device), device


def keep(request: Request, response: Response, token: str, device: str = "") -> Response:
    """Let the browser keep a session, and the device that it signed in with."""
    policy = context(request).policy
    _set(response, cookie_name(request), token, int(policy.session_life.total_seconds()))
    if device:
        _set(response, _device_cookie(request), device, int(policy.known_source_life.total_seconds()))
    return response


def forget(request: Request, response: Response) -> Response:
    """Let the browser forget its session; it stays known."""
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


def _is_open_without_factor(path: str) -> bool:
    """Whether nothing is done here but to add a second factor, to sign in or out, or to read.

    A token would do without a factor, so none is made before.
    """
    is_open = any(f"{path}/".startswith(f"{each}/") for each in _WITHOUT_FACTOR)
    return is_open and not path.startswith(f"{SECURITY}/tokens")


def _device_cookie(request: Request) -> str:
    return f"__Host-ks-device-{context(request).environment}"


def _set(response: Response, name: str, value: str, seconds: int) -> None:
    response.set_cookie(name, value, max_age=seconds, path="/", secure=True, httponly=True, samesite="lax")
