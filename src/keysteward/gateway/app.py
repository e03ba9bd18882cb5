"""How does one API call pass through the gateway?

In order: the token verifies, the key works, its user is an active member of the path's account, which is within its
limits; the call is forwarded to the API of its route; it is recorded; then, not before, the first byte of the answer
leaves (docs/cycles/1-a-call.md).
"""

import time
from collections.abc import Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import NamedTuple

from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive, Scope, Send

from keysteward.actions import calls
from keysteward.actions.callers import Caller
from keysteward.actions.calls import Answered, Asked, Outcome
from keysteward.actions.context import Context
from keysteward.actions.quickly import durable, measure, measure_uncounted, quickly
from keysteward.gateway import legacy
from keysteward.gateway.forward import Answer, Errand, Head
from keysteward.gateway.upstreams import Upstream, Upstreams
from keysteward.rules.access import demand_open
from keysteward.rules.accounts import Standing
from keysteward.rules.calls import ABANDONED, ECHOING, is_plain, said_operation, sdk_of
from keysteward.rules.policy import Policy
from keysteward.rules.refusals import BAD_PATH, FAILED, NO_ROUTE, NOT_RECORDED, WRONG_METHOD, Refusal
from keysteward.rules.routes import canonical, first_words, forwarded, is_unmistakable
from keysteward.rules.routing import Route

_METHODS = "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"


class Passed(NamedTuple):
    """Who calls, and what they are in the account that is called."""

    caller: Caller
    standing: Standing


class Gateway:
    """The ASGI app that stands in front of the policy's upstreams; `sample` is the one that goes by that word.

    Refusals are raised, for whoever mounts it to render.
    """

    def __init__(self, ctx: Context, sample: Upstream, ca_file: Path | None = None) -> None:
        self._ctx = ctx
        self._upstreams = Upstreams(sample, ca_file)
        self._policy: Policy | None = None
        self._first_words: frozenset[str] = frozenset()

    def claims(self, path: str) -> bool:
        """Whether calls of this path are the gateway's."""
        policy = self._ctx.policy
        if policy is not self._policy:
            self._policy, self._first_words = policy, first_words(policy)
        return path[1:].partition("/")[0].lower() in self._first_words and forwarded(policy, path) is not None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one call."""
        policy = self._ctx.policy
        route = forwarded(policy, scope["keysteward.path"])
        if route is None:
            raise Refusal(NO_ROUTE)
        upstream = self._upstreams.of(policy, route)
        call = ApiCall(self._ctx, route, scope, receive)
        passed = await call.admit()
        word = calls.vouch(self._ctx, passed.caller, passed.standing, upstream.audience)
        errand = Errand(upstream, call.forwarded_path(), word, policy.body_bytes)
        try:
            async with self._upstreams.forwarder(upstream).forward(call.scope, call.receive, errand) as answer:
                await call.answer(answer, send)
        except Refusal as refusal:
            await call.record(Answered(refusal.kind.status, refusal.kind.error_code, call.account))
            raise
        except ClientDisconnect:
            await call.record(Answered(ABANDONED, "", call.account))
            raise
        except Exception:
            await call.record(Answered(FAILED.status, FAILED.error_code, call.account))
            raise

    async def close(self) -> None:
        """Close the connections to the upstreams."""
        await self._upstreams.close()


class ApiCall:
    """One call on its way: what is known of it so far."""

    def __init__(self, ctx: Context, route: Route, scope: Scope, receive: Receive) -> None:
        request = Request(scope, receive)
        self._ctx = ctx
        self._route = route
        self._headers = request.headers
        self._shell = scope
        self.scope = scope
        self.receive = receive
        self._is_legacy = legacy.is_legacy(request.headers)
        self._began = time.perf_counter()
        self._caller: Caller | None = None
        self._is_recorded = False
        self.account = ""
        self._raw_path = request.scope["raw_path"].decode("latin-1")
        self.asked = Asked(
            request.method,
            str(request.scope["keysteward.path"]),
            request.scope["query_string"].decode("latin-1"),
            sdk_of(request.headers.get("x-docusign-sdk", ""), request.headers.get("user-agent", "")),
            str(request.scope["keysteward.trace"]),
            ctx.now,
            route,
            self._said_operation(request.method),
        )

    def _said_operation(self, method: str) -> str:
        header = self._route.operation_header
        return said_operation(method, self._headers.get(header, "")) if header else ""

    async def admit(self) -> Passed:
        """Token, key, membership; a refusal after the token verified is recorded as a failed call."""
        headers = self._headers
        self._caller = self._shell["keysteward.caller"] = await self._named()
        if origin := headers.get("origin"):
            self._tell(await quickly(self._ctx, calls.readable_by, self._caller, origin, self.asked.path))
        try:
            standing = await self._standing(self._caller)
        except Refusal as refusal:
            self._tell((await measure_uncounted(self._ctx, self._caller)).headers)
            await self.record(Answered(refusal.kind.status, refusal.kind.error_code, ""))
            raise
        self.account = standing.account.id
        self.asked = self.asked._replace(path=canonical(self._route, self.asked.path, self.account))
        await self._measure()
        return Passed(self._caller, standing)

    async def _measure(self) -> None:
        """Count the call; one too many is a failed call. A legacy call is none, and counts towards no limit."""
        measured = await measure(self._ctx, self.account, counts=not self._is_legacy)
        self._tell(measured.headers)
        if measured.refusal is not None:
            kind = measured.refusal.kind
            await self.record(Answered(kind.status, kind.error_code, self.account))
            raise measured.refusal

    async def _named(self) -> Caller:
        """Whom the call speaks for; one that proved it the old way goes on without the password."""
        if not self._is_legacy:
            return await quickly(self._ctx, calls.admit, self._headers.get("authorization"))
        entered = await legacy.enter(self._ctx, self.scope, self.receive, self.asked.sdk)
        self.scope, self.receive = entered.scope, entered.receive
        self._tell(entered.headers)
        return entered.caller

    def forwarded_path(self) -> str:
        """The path as it came, byte for byte, but for the words of its route and the account, which have one form."""
        return canonical(self._route, self._raw_path, self.account)

    async def answer(self, answer: Answer, send: Send) -> None:
        """Record the upstream's answer, pass it on, and note how that ended."""
        await self.record(Answered(answer.head.status, answer.error_code, self.account, by_upstream=True))
        try:
            await answer.send(send, self._shown(answer.head))
        finally:
            self._complete(answer.sent_bytes, answer.received_bytes, is_whole=answer.is_whole)

    async def record(self, answered: Answered) -> None:
        """Make the call durable; what cannot be recorded is not answered. Only the first answer counts.

        A legacy call is no API call, and is counted where it was admitted.
        """
        if self._is_recorded or self._is_legacy:
            return
        self._is_recorded = True
        told = await durable(self._queue(answered))
        self._tell(calls.readiness_headers(self._known(), told))
        if not answered.by_upstream:
            self._complete(0, 0, is_whole=answered.status != ABANDONED)

    def _complete(self, asked_bytes: int, answered_bytes: int, *, is_whole: bool) -> None:
        """Note how long it took, and what went to the API and came from it."""
        if self._is_legacy:
            return
        microseconds = int((time.perf_counter() - self._began) * 1_000_000)
        calls.complete(self._ctx, Outcome(self.asked.trace, microseconds, asked_bytes, answered_bytes, is_whole))

    def _shown(self, head: Head) -> list[tuple[bytes, bytes]]:
        ours = self.scope["keysteward.headers"]
        return [(name, value) for name, value in head.headers if name not in ours]

    def _tell(self, headers: dict[str, str]) -> None:
        """Let the shell add headers to the answer."""
        self.scope["keysteward.headers"].update(
            {name.lower().encode(): value.encode() for name, value in headers.items()}
        )

    async def _standing(self, caller: Caller) -> Standing:
        standing = await quickly(self._ctx, calls.demand_standing, caller, self._route, self.asked.path)
        demand_open(standing)
        if self.asked.method in ECHOING:
            self._tell({"Allow": _METHODS})
            raise Refusal(WRONG_METHOD, method=self.asked.method, allowed=_METHODS)
        if not self._is_plain():
            raise Refusal(BAD_PATH)
        return standing

    def _is_plain(self) -> bool:
        """Whether everybody who reads the path is led to the same resource of the same route."""
        raw = self._raw_path
        is_same = self._route.expression.fullmatch(raw) is not None
        return is_same and is_plain(raw) and is_unmistakable(self._ctx.policy, raw, self._route)

    def _queue(self, answered: Answered) -> "Future[Mapping[str, str]]":
        return calls.record(self._ctx, self._known(), self.asked, answered)

    def _known(self) -> Caller:
        if self._caller is None:
            raise Refusal(NOT_RECORDED)
        return self._caller
