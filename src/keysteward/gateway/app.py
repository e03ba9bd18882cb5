"""How does one API call pass through the gateway?

In order: the token verifies, the key works, its user is an active member of the path's account; the call is
forwarded; it is recorded; then, not before, the first byte of the answer leaves (docs/cycles/1-a-call.md).
"""

import re
import time
from concurrent.futures import Future
from typing import NamedTuple

from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive, Scope, Send

from keysteward.actions import calls
from keysteward.actions.callers import Caller
from keysteward.actions.calls import Answered, Asked, Outcome
from keysteward.actions.context import Context
from keysteward.actions.quickly import durable, quickly
from keysteward.gateway import legacy
from keysteward.gateway.forward import Answer, Forwarder, Head, Upstream
from keysteward.rules.access import demand_open
from keysteward.rules.accounts import Standing
from keysteward.rules.calls import ABANDONED, is_plain, sdk_of
from keysteward.rules.refusals import BAD_PATH, FAILED, NOT_RECORDED, Refusal

_ENVELOPES = re.compile(r"(/restapi/v2(?:\.1)?/accounts/)([^/]+)(/envelopes)((?:/.*)?)", re.IGNORECASE | re.DOTALL)


def claims(path: str) -> bool:
    """Whether calls of this path are the gateway's."""
    return _ENVELOPES.fullmatch(path) is not None


class _Passed(NamedTuple):
    caller: Caller
    standing: Standing


class Gateway:
    """The ASGI app that stands in front of one upstream. Refusals are raised, for whoever mounts it to render."""

    def __init__(self, ctx: Context, upstream: Upstream) -> None:
        self._ctx = ctx
        self._forwarder = Forwarder(upstream)
        self._upstream = upstream

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one call."""
        call = _Call(self._ctx, scope, receive)
        passed = await call.admit()
        word = calls.vouch(self._ctx, passed.caller, passed.standing, self._upstream.audience)
        try:
            path, most_bytes = call.forwarded_path(), self._ctx.policy.body_bytes
            async with self._forwarder.forward(call.scope, call.receive, path, word, most_bytes) as answer:
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
        """Close the connections to the upstream."""
        await self._forwarder.close()


class _Call:
    """One call on its way: what is known of it so far."""

    def __init__(self, ctx: Context, scope: Scope, receive: Receive) -> None:
        request = Request(scope, receive)
        self._ctx = ctx
        self._headers = request.headers
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
        )

    async def admit(self) -> _Passed:
        """Token, key, membership; a refusal after the token verified is recorded as a failed call."""
        headers = self._headers
        self._caller = await self._named()
        if origin := headers.get("origin"):
            self._tell(await quickly(self._ctx, calls.readable_by, self._caller, origin, self.asked.path))
        try:
            standing = await self._standing(self._caller)
        except Refusal as refusal:
            self._tell(await quickly(self._ctx, calls.uncounted_headers, self._caller))
            await self.record(Answered(refusal.kind.status, refusal.kind.error_code, ""))
            raise
        self.account = standing.account.id
        self.asked = self.asked._replace(path=calls.canonical_path(self.asked.path, self.account))
        self._tell(calls.limit_headers(self._ctx, self.account, counts=not self._is_legacy))
        return _Passed(self._caller, standing)

    async def _named(self) -> Caller:
        """Whom the call speaks for; one that proved it the old way goes on without the password."""
        if not self._is_legacy:
            return await quickly(self._ctx, calls.admit, self._headers.get("authorization"))
        entered = await legacy.enter(self._ctx, self.scope, self.receive, self.asked.sdk)
        self.scope, self.receive = entered.scope, entered.receive
        self._tell(entered.headers)
        return entered.caller

    def forwarded_path(self) -> str:
        """The path as it came, byte for byte below `/envelopes`; before that in one form, with the account's GUID."""
        prefix, _, envelopes, rest = self._parts(self._raw_path)
        return f"{prefix.lower()}{self.account}{envelopes.lower()}{rest}"

    async def answer(self, answer: Answer, send: Send) -> None:
        """Record the upstream's answer, pass it on, and note how that ended."""
        await self.record(Answered(answer.head.status, answer.error_code, self.account, by_upstream=True))
        try:
            await answer.send(send, self._shown(answer.head))
        finally:
            self._complete(answer)

    async def record(self, answered: Answered) -> None:
        """Make the call durable; what cannot be recorded is not answered. Only the first answer counts.

        A legacy call is no API call, and is counted where it was admitted.
        """
        if self._is_recorded or self._is_legacy:
            return
        self._is_recorded = True
        await durable(self._queue(answered))

    def _complete(self, answer: Answer) -> None:
        if self._is_legacy:
            return
        microseconds = int((time.perf_counter() - self._began) * 1_000_000)
        sizes = (answer.sent_bytes, answer.received_bytes)
        calls.complete(self._ctx, Outcome(self.asked.trace, microseconds, *sizes, answer.is_whole))

    def _shown(self, head: Head) -> list[tuple[bytes, bytes]]:
        ours = self.scope["keysteward.headers"]
        return [(name, value) for name, value in head.headers if name not in ours]

    def _tell(self, headers: dict[str, str]) -> None:
        """Let the shell add headers to the answer."""
        self.scope["keysteward.headers"].update(
            {name.lower().encode(): value.encode() for name, value in headers.items()}
        )

    async def _standing(self, caller: Caller) -> Standing:
        standing = await quickly(self._ctx, calls.demand_member, caller, self._parts(self.asked.path)[1])
        demand_open(standing)
        if not is_plain(self._raw_path):
            raise Refusal(BAD_PATH)
        return standing

    def _parts(self, path: str) -> tuple[str, str, str, str]:
        found = _ENVELOPES.fullmatch(path)
        if found is None:
            raise Refusal(BAD_PATH)
        return found[1], found[2], found[3], found[4]

    def _queue(self, answered: Answered) -> "Future[None]":
        if self._caller is None:
            raise Refusal(NOT_RECORDED)
        return calls.record(self._ctx, self._caller, self.asked, answered)
