"""Does a call at the gateway authenticate the old way, and whom does it then speak for?"""

from typing import NamedTuple

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import Message, Receive, Scope

from keysteward.actions import legacy
from keysteward.actions.callers import Caller
from keysteward.actions.context import Context
from keysteward.actions.quickly import in_line, quickly
from keysteward.rules.legacy_forms import HEADER
from keysteward.rules.refusals import TOO_LARGE, Refusal
from keysteward.rules.signin import Source, client_address
from keysteward.rules.soap import MOST_BYTES, is_soap


class Entered(NamedTuple):
    """Whom a legacy call speaks for, what warns its caller, and the call as it may go on: without the password."""

    caller: Caller
    headers: dict[str, str]
    scope: Scope
    receive: Receive


def is_legacy(headers: Headers) -> bool:
    """Whether a call without an access token brings a header of the old kind, or a SOAP message."""
    return "authorization" not in headers and (HEADER in headers or is_soap(headers.get("content-type", "")))


async def enter(ctx: Context, scope: Scope, receive: Receive, sdk: str) -> Entered:
    """Admit a legacy call. While nobody may pass, nothing of it is read."""
    await quickly(ctx, legacy.demand_open)
    request = Request(scope, receive)
    source = _source(ctx, request)
    if HEADER in request.headers:
        found = await in_line(ctx, legacy.admit_header, request.headers[HEADER], source, sdk)
        return Entered(found.caller, found.headers, scope, receive)
    found = await in_line(ctx, legacy.admit_soap, await _body(request), source, sdk)
    return Entered(found.caller, found.headers, *_with_body(scope, receive, found.message or b""))


def _source(ctx: Context, request: Request) -> Source:
    peer = request.client.host if request.client else ""
    hops = ",".join(request.headers.getlist("x-forwarded-for")).split(",")
    address = client_address(peer, [hop for hop in hops if hop.strip()], ctx.proxies)
    return Source(address, request.headers.get("user-agent", ""))


async def _body(request: Request) -> bytes:
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > MOST_BYTES:
            raise Refusal(TOO_LARGE, limit=MOST_BYTES)
        parts.append(part)
    return b"".join(parts)


def _with_body(scope: Scope, receive: Receive, body: bytes) -> tuple[Scope, Receive]:
    """The same request with another body; once that is read, the caller is listened to again."""
    replaced = {b"content-length", b"transfer-encoding"}
    headers = [(name, value) for name, value in scope["headers"] if name not in replaced]
    headers.append((b"content-length", str(len(body)).encode()))
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return waiting.pop() if waiting else await receive()

    return {**scope, "headers": headers}, again
