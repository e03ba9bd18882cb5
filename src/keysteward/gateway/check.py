"""May a call pass that a proxy carries to the API by itself?

The proxy asks with the call's method, address and headers, and with its own ingest credential. It passes through the
same admission as a call at the gateway; the decision is durable before the proxy hears it, and the outcome comes
later with the proxy's log (docs/cycles/7-a-checked-call.md).

How the method and the address are told says the path, so that nothing that a caller sends can speak for the proxy:

    /keysteward/check            X-Original-Method and X-Original-URI: nginx, HAProxy, our middleware
    /keysteward/check/forwarded  X-Forwarded-Method and X-Forwarded-Uri: Caddy and Traefik
    /keysteward/check/path/…     the method and the rest of the path are the call's own: Envoy
"""

import base64
import re
from collections.abc import Mapping
from concurrent.futures import Future
from typing import NamedTuple
from urllib.parse import unquote

import msgspec
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from keysteward.actions import calls, decisions, gateways
from keysteward.actions.calls import Answered
from keysteward.actions.context import Context
from keysteward.actions.quickly import durable, quickly
from keysteward.gateway.app import ApiCall
from keysteward.rules import refusals
from keysteward.rules.decisions import Gateway
from keysteward.rules.refusals import NO_ROUTE, NOT_A_GATEWAY, UNKNOWN_REQUEST, Kind, Refusal
from keysteward.rules.routes import forwarded
from keysteward.rules.routing import SAMPLE, Route
from keysteward.rules.shapes import known

CHECK = "/keysteward/check"
REFUSAL = "/keysteward/refusal"
_FORWARDED = CHECK + "/forwarded"
_OWN_PATH = CHECK + "/path"
_METHOD = re.compile(rb"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,40}")
_KINDS = {kind.code: kind for kind in vars(refusals).values() if isinstance(kind, Kind)}

_CREDENTIAL = "x-keysteward-gateway"
_AS_403 = "x-keysteward-refusals"
_TOLD = b"x-keysteward-refusal"


class Check:
    """The ASGI app that proxies ask. Refusals are raised, for whoever mounts it to render."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx

    @staticmethod
    def claims(path: str) -> bool:
        """Whether proxies ask at this path."""
        return path in {CHECK, _FORWARDED, REFUSAL} or path.startswith(_OWN_PATH + "/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one question. An answer of 200 lets the call pass, and says what to send along."""
        request = Request(scope)
        credential, as_403 = request.headers.get(_CREDENTIAL, ""), request.headers.get(_AS_403) == "403"
        gateway = await quickly(self._ctx, gateways.recognize, credential)
        if scope["path"] == REFUSAL:
            raise _told(scope, request.headers.get(_TOLD.decode(), ""))
        try:
            word = await self._decide(gateway, scope, receive)
        except Refusal as refusal:
            if not as_403:
                raise
            await _answer(send, 403, [(_TOLD, _telling(scope, refusal))])
        else:
            await _answer(send, 200, [(b"x-keysteward-call", word.encode())])

    async def _decide(self, gateway: Gateway, scope: Scope, receive: Receive) -> str:
        _become(scope, _asked_about(scope))
        route = forwarded(self._ctx.policy, scope["keysteward.path"])
        if route is None:
            raise Refusal(NO_ROUTE)
        call = _CheckedCall(self._ctx, gateway, route, scope, receive)
        try:
            passed = await call.admit()
        finally:  # what is asked here is no request of the caller's, so it is in no request log
            scope.pop("keysteward.caller", None)
        word = calls.vouch(self._ctx, passed.caller, passed.standing, _audience(route))
        await call.allow()
        return word


class _CheckedCall(ApiCall):
    """One call that a proxy carries: recorded under the proxy's name, before its outcome is known."""

    def __init__(self, ctx: Context, gateway: Gateway, route: Route, scope: Scope, receive: Receive) -> None:
        super().__init__(ctx, route, scope, receive)
        self._gateway = gateway

    async def allow(self) -> None:
        """Make the decision durable; a legacy call is no API call."""
        if self._is_legacy:
            return
        told = await durable(decisions.allow(self._ctx, self._gateway, self._known(), self.asked, self.account))
        self._tell(calls.readiness_headers(self._known(), told))
        self._decided()

    def _queue(self, answered: Answered) -> "Future[Mapping[str, str]]":
        self._decided()
        return decisions.refuse(self._ctx, self._gateway, self._known(), self.asked, answered)

    def _decided(self) -> None:
        self._tell({"X-Keysteward-Decision": self.asked.trace})


class _AskedAbout(NamedTuple):
    method: str
    target: bytes


def _asked_about(scope: Scope) -> _AskedAbout:
    """The call that a proxy asks about, as the path of its question says."""
    if scope["path"] == CHECK:
        return _named_by(scope, b"x-original-method", b"x-original-uri")
    if scope["path"] == _FORWARDED:
        return _named_by(scope, b"x-forwarded-method", b"x-forwarded-uri")
    query = scope["query_string"]
    path = scope["raw_path"].removeprefix(_OWN_PATH.encode())
    return _AskedAbout(scope["method"], path + b"?" + query if query else path)


def _named_by(scope: Scope, method: bytes, target: bytes) -> _AskedAbout:
    found = [[value for name, value in scope["headers"] if name == wanted] for wanted in (method, target)]
    if [len(values) for values in found] != [1, 1]:
        reason = f"it must send {method.decode()} and {target.decode()}, each once."
        raise Refusal(UNKNOWN_REQUEST, reason=reason)
    (verb,), (address,) = found
    if not _METHOD.fullmatch(verb):
        raise Refusal(UNKNOWN_REQUEST, reason="the method is none.")
    return _AskedAbout(verb.decode(), address)


def _become(scope: Scope, asked: _AskedAbout) -> None:
    """Let the question be the request that it is about, so that it is judged, and refused, in the same words."""
    raw_path, _, query = asked.target.partition(b"?")
    if not raw_path.startswith(b"/"):
        raise Refusal(UNKNOWN_REQUEST, reason="the address does not begin with a slash.")
    path = unquote(raw_path.decode("latin-1"))
    scope.update(
        {
            "method": asked.method,
            "path": path,
            "raw_path": raw_path,
            "query_string": query,
            "keysteward.path": path,
        }
    )


def _audience(route: Route) -> str:
    return SAMPLE if route.upstream == SAMPLE else route.audience or route.name


# ── for nginx, which passes on no refusal but its own 401 and 403 ───────────────────────────────────────────────────
class _Told(msgspec.Struct):
    """A refusal on its way through a header: nginx brings it back, and gets the answer for its caller."""

    code: str
    values: dict[str, str]
    target: str
    headers: dict[str, str]


def _telling(scope: Scope, refusal: Refusal) -> bytes:
    values = {name: str(value) for name, value in refusal.values.items()}
    headers = {name.decode(): value.decode() for name, value in scope["keysteward.headers"].items()}
    told = _Told(refusal.kind.code, values, scope["raw_path"].decode("latin-1"), headers)
    return base64.urlsafe_b64encode(msgspec.json.encode(told))


def _told(scope: Scope, telling: str) -> Refusal:
    try:
        told = msgspec.json.decode(base64.urlsafe_b64decode(telling), type=known(_Told))
    except (ValueError, msgspec.MsgspecError):
        return Refusal(UNKNOWN_REQUEST, reason="the refusal that it brings is none of ours.")
    scope["path"] = scope["keysteward.path"] = unquote(told.target)
    scope["keysteward.headers"].update({name.encode(): value.encode() for name, value in told.headers.items()})
    return Refusal(_KINDS.get(told.code, NOT_A_GATEWAY), **told.values)


async def _answer(send: Send, status: int, headers: list[tuple[bytes, bytes]]) -> None:
    empty = [(b"content-length", b"0"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": [*headers, *empty]})
    await send({"type": "http.response.body", "body": b""})
