"""How do all doors of the web stand in one house? Routes inside, one shell around them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from types import SimpleNamespace
from urllib.parse import urlsplit

import structlog
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Match, Route, Router
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from keysteward.actions.authorize import Redirectable
from keysteward.actions.context import TRACE, Context, Unreachable
from keysteward.rules.refusals import (
    CROSS_SITE,
    FAILED,
    MALFORMED,
    NO_ROUTE,
    OUT_OF_REACH,
    WRONG_HOST,
    WRONG_METHOD,
    Refusal,
)
from keysteward.rules.words import new_guid
from keysteward.web.answers import Vocabulary, encoded, refusal_answer, vocabulary_of
from keysteward.web.capture import Capture
from keysteward.web.cors import is_preflight, preflight, published
from keysteward.web.oauth.returning import tell
from keysteward.web.routes import ROUTES

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_WITHOUT_SESSION = ("/oauth/auth", "/oauth/token", "/oauth/revoke", "/oauth/introspect", "/oauth/logout", "/logout")
_BEARER_ONLY = ("/restapi/", "/management/", "/scim/", "/oauth/userinfo")
_WITHOUT_DATABASE = ("/livez", "/readyz", "/metrics", "/static/", "/.well-known/o", "/oauth/jwks")
_OF_CALLS = frozenset({"rest", "admin"})
_TRACE_HEADER = b"x-docusign-tracetoken"
_NEVER_IN_A_HOST = frozenset("@/?#\\ \t")
_STAY_ON_TLS = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}

log = structlog.get_logger()

Around = Callable[[ASGIApp], ASGIApp]


@dataclass(frozen=True, slots=True)
class Door:
    """Another door that answers some paths behind the same shell: the gateway, and the twin's control.

    `words` are those in which its refusals are said, where its paths do not say so.
    """

    claims: Callable[[str], bool]
    app: ASGIApp
    words: Vocabulary | None = None


def as_it_is(app: ASGIApp) -> ASGIApp:
    """Put nothing around a door."""
    return app


class Web:
    """The web of one environment: what every request passes, and what no exception passes."""

    def __init__(self, ctx: Context, doors: tuple[Door, ...] = (), around: Around = as_it_is) -> None:
        self._ctx = ctx
        self._own = Door(lambda _: True, around(Router(ROUTES, redirect_slashes=False)))
        self._doors = tuple(replace(door, app=around(door.app)) for door in doors)
        self._state = SimpleNamespace(state=SimpleNamespace(context=ctx))
        is_loopback = _host_name(ctx.authority) in _LOOPBACK  # where the header would reach every other port too
        self._headers = encoded(_HEADERS if is_loopback else _HEADERS | _STAY_ON_TLS)
        self._hosts = {urlsplit(f"//{name}").hostname for name in (ctx.authority, *ctx.hosts)} | _LOOPBACK

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request.

        Nothing is raised to the server, which would close the connection unannounced, but for what must cut a
        half-sent answer.
        """
        if scope["type"] != "http":
            return
        scope = self._routed(scope)
        before = TRACE.set(scope["keysteward.trace"])
        try:
            await self._captured(scope, receive, send)
        finally:
            TRACE.reset(before)

    async def _captured(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["keysteward.words"] not in _OF_CALLS:
            await self._answer(scope, receive, send)
            return
        capture = Capture(self._ctx, scope, receive, send)
        try:
            await self._answer(scope, capture.receive, capture.send)
        finally:
            await capture.end()

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = _Answer(send, scope)
        try:
            self._check(scope)
            if is_preflight(scope):
                await (await preflight(self._ctx, scope))(scope, receive, answer.send)
                return
            await scope["keysteward.door"].app(scope, receive, answer.send)
        except ClientDisconnect:
            return
        except Exception as error:
            if answer.has_begun:
                log.warning("answer cut short", trace=scope["keysteward.trace"], error=type(error).__name__)
                raise
            await _shown(Request(scope), error)(scope, receive, answer.send)

    def _routed(self, scope: Scope) -> Scope:
        """The scope with a trace id and the headers that doors add; Docusign's paths come in any letter case."""
        path, trace = scope["path"], new_guid()
        door = next((door for door in self._doors if door.claims(path)), self._own)
        routed = path.lower() if vocabulary_of(path) in {"rest", "admin"} else path
        ours = {
            "app": self._state,
            "path": routed,
            "keysteward.path": path,
            "keysteward.door": door,
            "keysteward.words": door.words or vocabulary_of(path),
            "keysteward.trace": trace,
            "keysteward.headers": self._headers | published(path) | {_TRACE_HEADER: trace.encode()},
        }
        return {**scope, **ours}

    def _check(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        if _host_name(headers.get("host", "")) not in self._hosts:
            raise Refusal(WRONG_HOST)
        if _is_ambiguous(scope):
            raise Refusal(NO_ROUTE)
        if scope["method"] not in _SAFE and not _has_no_session(scope) and self._is_cross_site(headers):
            raise Refusal(CROSS_SITE)
        if not scope["path"].startswith(_WITHOUT_DATABASE):
            self._ctx.directory.demand_patience()

    def _is_cross_site(self, headers: Headers) -> bool:
        """A browser says where a request comes from; what says neither is no browser."""
        site = headers.get("sec-fetch-site")
        if site is not None:
            return site not in {"same-origin", "none"}
        origin = headers.get("origin")
        return origin is not None and origin not in {self._ctx.origin, f"https://{headers.get('host', '')}"}


class _Answer:
    """Sends an answer with the headers that every answer has, and knows whether it has begun."""

    def __init__(self, send: Send, scope: Scope) -> None:
        self._send = send
        self._scope = scope
        self.has_begun = False

    async def send(self, message: Message) -> None:
        """Pass a message on; the first one takes the headers along."""
        if message["type"] == "http.response.start":
            self.has_begun = True
            message = {**message, "headers": [*message.get("headers", ()), *self._added(message)]}
        await self._send(message)

    def _added(self, message: Message) -> list[tuple[bytes, bytes]]:
        present = {name.lower() for name, _ in message.get("headers", ())}
        return [(name, value) for name, value in self._scope["keysteward.headers"].items() if name not in present]


def _shown(request: Request, error: Exception) -> Response:
    try:
        return _explained(request, error)
    except Exception:
        log.exception("the answer to a failure failed", trace=request.scope["keysteward.trace"])
        return Response(status_code=500)


def _explained(request: Request, error: Exception) -> Response:
    trace = request.scope["keysteward.trace"]
    if isinstance(error, Redirectable):
        return tell(request, error)
    if isinstance(error, Refusal):
        if error.detail:
            log.info("refused", code=error.kind.code, detail=error.detail, trace=trace)
        return refusal_answer(request, error)
    if isinstance(error, HTTPException):
        return _http(request, error)
    if isinstance(error, Unreachable):
        log.error("the database failed", trace=trace, path=request.url.path, error=repr(error))
        return refusal_answer(request, Refusal(OUT_OF_REACH))
    log.error("request failed", trace=trace, path=request.url.path, exc_info=error)
    return refusal_answer(request, Refusal(FAILED))


def _http(request: Request, error: HTTPException) -> Response:
    if error.status_code == 404:
        return refusal_answer(request, Refusal(NO_ROUTE))
    if error.status_code == 405:
        allowed = _methods_of(request.scope)
        answer = refusal_answer(request, Refusal(WRONG_METHOD, method=request.method, allowed=allowed))
        answer.headers["Allow"] = allowed
        return answer
    return refusal_answer(request, Refusal(MALFORMED, reason="the request could not be parsed."))


def _methods_of(scope: Scope) -> str:
    """Every method of a path, whose routes stand one to a line."""
    matching = (route for route in ROUTES if isinstance(route, Route) and route.matches(scope)[0] is not Match.NONE)
    return ", ".join(sorted({method for route in matching for method in route.methods or ()}))


def _has_no_session(scope: Scope) -> bool:
    """Where a browser's cookies open nothing, another site's page may send what it likes."""
    path = scope["path"]
    return path in _WITHOUT_SESSION or path.startswith(_BEARER_ONLY) or scope["keysteward.words"] == "rest"


def _is_ambiguous(scope: Scope) -> bool:
    """Whether a path was spelled so that it stands for another one once it is decoded; the gateway judges its own."""
    is_ours = scope["keysteward.words"] not in {"rest", "admin"}
    return scope["path"].endswith("\n") or (is_ours and b"%2f" in scope.get("raw_path", b"").lower())


def _host_name(host: str) -> str | None:
    if not _NEVER_IN_A_HOST.isdisjoint(host):
        return None
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None
