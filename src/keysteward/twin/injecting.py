"""How does an answer go wrong on purpose? A wrapper around each door of the twin, inside the shell of the web.

A call is struck only where it would have passed: one whose token does not verify, or whose user is no member of the
account, is refused as ever. An injected answer stands where the API's would, so it is measured, recorded and judged
like one (docs/guides/faults.md).
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from keysteward.actions import calls, limits
from keysteward.actions.callers import Caller
from keysteward.actions.context import Context
from keysteward.actions.quickly import quickly
from keysteward.rules import limits as limit_rules
from keysteward.rules.access import demand_open
from keysteward.rules.refusals import Refusal
from keysteward.rules.routes import OTHER, route_of
from keysteward.rules.routing import Route
from keysteward.twin.claimed import Claimed, claimed_by
from keysteward.twin.faults import Arsenal, Asked, Fault
from keysteward.twin.injected import InjectedCall, response_of

_ENDPOINTS = {
    "/oauth/token": "token",
    "/oauth/userinfo": "userinfo",
    "/oauth/revoke": "revocation",
    "/oauth/introspect": "introspection",
}
_OF_CALLS = frozenset({"rest", "admin"})
_CHECKS = "/keysteward/"
_MARK = b"x-keysteward-fault"
_NO_STATUS = 0
"""A head that cannot be written. It has begun then, so the server hangs up where it would have said 500."""


class Dropped(Exception):
    """An answer that was cut half-way on purpose."""


class _Request(NamedTuple):
    """A request that may be struck: how faults see it, the call that it is, if it is one, and its body again."""

    asked: Asked
    call: InjectedCall | None
    receive: Receive


def around(ctx: Context, arsenal: Arsenal) -> Callable[[ASGIApp], ASGIApp]:
    """What is put around each door of an environment."""
    return lambda app: _Injecting(ctx, arsenal, app)


class _Injecting:
    """A door whose answers may go wrong."""

    def __init__(self, ctx: Context, arsenal: Arsenal, app: ASGIApp) -> None:
        self._ctx = ctx
        self._arsenal = arsenal
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = None if self._arsenal.is_empty else await self._request(scope, receive)
        if request is None:
            await self._app(scope, receive, send)
            return
        struck = self._arsenal.strike(request.asked)
        if struck is None:
            await self._app(scope, request.receive, send)
            return
        scope["keysteward.headers"][_MARK] = str(struck.number).encode()
        await asyncio.sleep(struck.fault.latency_seconds)
        await self._go_wrong(struck.fault, request, scope, send)

    async def _go_wrong(self, fault: Fault, request: _Request, scope: Scope, send: Send) -> None:
        if fault.drop is not None:
            held = _Held()
            with suppress(Refusal):  # an answer too, and lost like one
                await self._app(scope, request.receive, held.send)
            await held.lose(send, after_half=fault.drop == "half-way")
        elif fault.status is None and fault.limit is None:
            await self._app(scope, request.receive, send)
        elif request.call is not None:
            await request.call.answer(fault, request.receive, send)
        elif fault.limit is not None:
            measured = limit_rules.measure(self._ctx.policy, self._ctx.environment)
            raise limit_rules.refusal(fault.limit, measured, self._ctx.policy)
        else:
            await response_of(fault, "oauth")(scope, request.receive, send)

    async def _request(self, scope: Scope, receive: Receive) -> _Request | None:
        """What may be struck of a request; None where nothing is."""
        if endpoint := _ENDPOINTS.get(scope["path"]):
            return await self._asked_of_endpoint(endpoint, scope, receive)
        if scope["keysteward.words"] not in _OF_CALLS or scope["path"].startswith(_CHECKS):
            return None
        route = route_of(self._ctx.policy, scope["keysteward.path"])
        call = None if route is OTHER else await self._call(route, scope)
        if call is None:
            return None
        return _Request(self._asked(scope, route.name, _named(call.caller)), call, receive)

    async def _asked_of_endpoint(self, name: str, scope: Scope, receive: Receive) -> _Request | None:
        headers = Headers(scope=scope)
        if name == "userinfo":
            caller = await self._caller(headers)
            found = None if caller is None else self._asked(scope, name, _named(caller), is_call=False)
            return None if found is None else _Request(found, None, receive)
        body = await Request(scope, receive).body()
        claimed = claimed_by(headers.get("authorization"), body)
        return _Request(self._asked(scope, name, claimed, is_call=False), None, _again(body, receive))

    def _asked(self, scope: Scope, route: str, claimed: Claimed, *, is_call: bool = True) -> Asked:
        environment, path = self._ctx.environment, scope["keysteward.path"]
        return Asked(environment, scope["method"], path, route, *claimed, is_call=is_call)

    async def _caller(self, headers: Headers) -> Caller | None:
        with suppress(Refusal):  # its door says what is wrong with the token
            return await quickly(self._ctx, calls.admit, headers.get("authorization"))
        return None

    async def _call(self, route: Route, scope: Scope) -> InjectedCall | None:
        """The call that a request is, if it would be admitted."""
        caller = await self._caller(Headers(scope=scope))
        if caller is None:
            return None
        with suppress(Refusal):  # likewise
            return InjectedCall(self._ctx, scope, caller, route, await self._account(caller, route, scope))
        return None

    async def _account(self, caller: Caller, route: Route, scope: Scope) -> str:
        if not route.names_account and not route.is_forwarded:
            return await quickly(self._ctx, limits.default_account, caller)
        standing = await quickly(self._ctx, calls.demand_standing, caller, route, scope["keysteward.path"])
        if route.is_forwarded:
            demand_open(standing)
        return standing.account.id


def _named(caller: Caller) -> Claimed:
    return Claimed(caller.app.key, caller.user.id if caller.user else "")


def _again(body: bytes, receive: Receive) -> Receive:
    """The body that was read already, and then whatever comes."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_again() -> Message:
        return waiting.pop() if waiting else await receive()

    return receive_again


class _Held:
    """An answer that does not arrive, or not whole."""

    def __init__(self) -> None:
        self._head: Message | None = None
        self._body = b""

    async def send(self, message: Message) -> None:
        """Keep a message of it."""
        if message["type"] == "http.response.start":
            self._head = message
        else:
            self._body += message.get("body", b"")

    async def lose(self, send: Send, *, after_half: bool) -> None:
        """Have the connection cut: before the head of the answer, or in the middle of its body."""
        if after_half and self._head is not None and self._body:
            await send(self._head)
            half = self._body[: len(self._body) // 2]
            await send({"type": "http.response.body", "body": half, "more_body": True})
            raise Dropped
        await send({"type": "http.response.start", "status": _NO_STATUS, "headers": []})
