"""Which pages of other origins may read an answer?

An app lists the origins of its own pages. What everybody may read (discovery, public keys) is open to all of them; the
token endpoints and userinfo answer a page of the app that asks; the API does so for tokens with the scope `cors`.
"""

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from keysteward.actions import addresses
from keysteward.actions.context import Context
from keysteward.actions.quickly import quickly
from keysteward.rules.keys import readable_from
from keysteward.rules.refusals import ORIGIN_NOT_REGISTERED, Refusal
from keysteward.rules.words import is_guid
from keysteward.web.answers import encoded
from keysteward.web.reading import context

_PUBLISHED = frozenset({"/.well-known/openid-configuration", "/.well-known/oauth-authorization-server", "/oauth/jwks"})
_FOR_APPS = frozenset({"/oauth/token", "/oauth/revoke", "/oauth/userinfo"})
_MINUTES_10 = "600"


def is_preflight(scope: Scope) -> bool:
    """Whether a browser asks on behalf of a page if it may call one of the paths that apps' pages call."""
    return scope["method"] == "OPTIONS" and "origin" in Headers(scope=scope) and _is_open(scope)


async def preflight(ctx: Context, scope: Scope) -> Response:
    """Allow a call, where an app that works lists this origin; the call itself is judged again."""
    asked = Headers(scope=scope)
    origin = asked["origin"]
    is_public = scope["path"] in _PUBLISHED
    if not is_public and not await quickly(ctx, addresses.is_origin_known, origin):
        raise Refusal(ORIGIN_NOT_REGISTERED)
    headers = {
        "Access-Control-Allow-Origin": "*" if is_public else origin,
        "Access-Control-Allow-Methods": "GET, POST, PUT, DELETE, HEAD",
        "Access-Control-Allow-Headers": asked.get("access-control-request-headers", "authorization, content-type"),
        "Access-Control-Max-Age": _MINUTES_10,
        "Vary": "Origin",
    }
    return Response(status_code=204, headers=headers)


async def allow_origin(request: Request, unverified_key: str) -> None:
    """Let the page that asks read the answer, refusals too, where the app lists its origin."""
    origin = request.headers.get("origin")
    if origin is None or not is_guid(unverified_key):
        return
    if origin in await quickly(context(request), addresses.origins_of, unverified_key):
        request.scope["keysteward.headers"].update(encoded(readable_from(origin)))


def published(path: str) -> dict[bytes, bytes]:
    """What everybody may read says so."""
    return {b"access-control-allow-origin": b"*"} if path in _PUBLISHED else {}


def _is_open(scope: Scope) -> bool:
    path = scope["path"]
    is_behind = scope["keysteward.words"] == "rest" and not path.startswith(("/restapi", "/api/"))
    return is_behind or path in _PUBLISHED or path in _FOR_APPS or path.startswith("/restapi/v2.1/accounts/")
