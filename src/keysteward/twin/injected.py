"""What is an injected answer, and what becomes of the call that gets it? All that becomes of any other call."""

import re
import time
from typing import Literal

import msgspec
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from keysteward.actions import calls, limits
from keysteward.actions.callers import Caller
from keysteward.actions.calls import Answered, Asked, Outcome
from keysteward.actions.context import Context
from keysteward.actions.limits import Measured
from keysteward.actions.quickly import durable, measure, quickly
from keysteward.rules import limits as rules
from keysteward.rules.calls import said_operation, sdk_of
from keysteward.rules.limits import Excess
from keysteward.rules.routing import Route
from keysteward.twin.faults import Fault

Words = Literal["oauth", "rest", "admin"]

_LEFT: dict[Excess, str] = {"hourly": "X-RateLimit-Remaining", "burst": "X-BurstLimit-Remaining"}
_CODES = {"oauth": "error", "rest": "errorCode", "admin": "error"}
_CODE = re.compile(r"[A-Za-z0-9_]{1,100}")
_SAID = "This answer was asked for under /_dev/faults."
_WITHOUT_BODY = frozenset({204, 304})


class InjectedCall:
    """An API call that would have passed, and that gets an injected answer in the place of its own."""

    def __init__(self, ctx: Context, scope: Scope, caller: Caller, route: Route, account: str) -> None:
        self._ctx = ctx
        self._scope = scope
        self._route = route
        self._account = account
        self._words: Words = scope["keysteward.words"]
        self._arrived_at = ctx.now
        self._began = time.perf_counter()
        self.caller = caller

    async def answer(self, fault: Fault, receive: Receive, send: Send) -> None:
        """Measure the call, record it with this answer, and give the answer; raises the refusal of a limit."""
        self._scope["keysteward.caller"] = self.caller
        await self._tell_page()
        asked_bytes = await _drained(self._scope, receive)
        measured = await self._measured(fault.limit)
        self._tell(measured.headers)
        if measured.refusal is not None:
            kind = measured.refusal.kind
            await self._record(kind.status, kind.error if self._words == "admin" else kind.error_code)
            raise measured.refusal
        response = response_of(fault, self._words)
        code = _code_in(response, self._words)
        await self._record(response.status_code, code, by_upstream=self._route.is_forwarded)
        await response(self._scope, receive, send)
        microseconds = int((time.perf_counter() - self._began) * 1_000_000)
        ended = Outcome(self._scope["keysteward.trace"], microseconds, asked_bytes, len(response.body), completed=True)
        calls.complete(self._ctx, ended)

    async def _measured(self, excess: Excess | None) -> Measured:
        """What the account's limits say of the call; one too many by decree uses nothing up."""
        if excess is None:
            return await measure(self._ctx, self._account) if self._account else Measured({})
        question = await quickly(self._ctx, limits.question_of, self._account, counts=False)
        left = await measure(self._ctx, self._account, counts=False) if self._account else Measured({})
        told = left.headers | {_LEFT[excess]: "0"} if left.headers else {}
        return Measured(told, rules.refusal(excess, question.measure, self._ctx.policy))

    async def _tell_page(self) -> None:
        """Let a page of the app's origins read the answer."""
        origin = Headers(scope=self._scope).get("origin")
        if origin:
            path = self._scope["keysteward.path"]
            self._tell(await quickly(self._ctx, calls.readable_by, self.caller, origin, path))

    async def _record(self, status: int, error_code: str, *, by_upstream: bool = False) -> None:
        answered = Answered(status, error_code, self._account, by_upstream)
        told = await durable(calls.record(self._ctx, self.caller, self._asked(), answered))
        self._tell(calls.readiness_headers(self.caller, told))

    def _asked(self) -> Asked:
        scope, headers, route = self._scope, Headers(scope=self._scope), self._route
        said = headers.get(route.operation_header, "") if route.operation_header else ""
        return Asked(
            scope["method"],
            calls.canonical_path(self._ctx, scope["keysteward.path"], self._account),
            scope["query_string"].decode("latin-1"),
            sdk_of(headers.get("x-docusign-sdk", ""), headers.get("user-agent", "")),
            scope["keysteward.trace"],
            self._arrived_at,
            route,
            said_operation(scope["method"], said),
        )

    def _tell(self, headers: dict[str, str]) -> None:
        """Let the shell add headers to the answer."""
        told = {name.lower().encode(): value.encode() for name, value in headers.items()}
        self._scope["keysteward.headers"].update(told)


def response_of(fault: Fault, words: Words) -> Response:
    """The answer that a fault says; what it leaves out, in the words of the door."""
    assert fault.status is not None  # noqa: S101 — every fault that has an answer has a status
    if fault.status in _WITHOUT_BODY:
        return Response(None, fault.status, fault.headers)
    kind = "text/plain; charset=utf-8" if isinstance(fault.body, str) else "application/json"
    said = {name.lower(): value for name, value in fault.headers.items()}
    headers = {"cache-control": "no-store", "content-type": kind} | said
    return Response(_content(fault, fault.status, words), fault.status, headers)


def _content(fault: Fault, status: int, words: Words) -> bytes:
    if isinstance(fault.body, str):
        return fault.body.encode()
    if fault.body is not msgspec.UNSET:
        return msgspec.json.encode(fault.body)
    if status < 400:
        return b"{}"
    if words == "rest":
        return msgspec.json.encode({"errorCode": "INJECTED_FAULT", "message": _SAID})
    return msgspec.json.encode({"error": "temporarily_unavailable", "error_description": _SAID})


def _code_in(response: Response, words: Words) -> str:
    """The code of an answer that says no, as the API's own would be read."""
    if response.status_code < 400:
        return ""
    try:
        said = msgspec.json.decode(response.body, type=dict[str, object])
    except msgspec.MsgspecError:
        return ""
    code = said.get(_CODES[words])
    return code if isinstance(code, str) and _CODE.fullmatch(code) else ""


async def _drained(scope: Scope, receive: Receive) -> int:
    """Read the caller's body to its end, as the API would have, and say how long it is."""
    size = 0
    async for part in Request(scope, receive).stream():
        size += len(part)
    return size
