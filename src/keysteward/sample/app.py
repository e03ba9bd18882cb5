"""Which paths does the sample API have, and how does a call reach its deed?"""

import re
import traceback
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route, Router
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from keysteward.rules.soap import fault, speaks_soap
from keysteward.sample import soap
from keysteward.sample.answers import refusal_answer, stamp
from keysteward.sample.call import Call, Caller, Deed
from keysteward.sample.database import Store
from keysteward.sample.documents import download, show_documents
from keysteward.sample.envelopes import change, create, show, show_custom_fields, show_events
from keysteward.sample.recipients import change_recipients, show_recipients
from keysteward.sample.refusals import (
    BODY_TOO_LARGE,
    NOT_FROM_GATEWAY,
    UNEXPECTED,
    UNKNOWN_ACCOUNT,
    UNKNOWN_ROUTE,
    WRONG_METHOD,
    Refusal,
)
from keysteward.sample.search import list_envelopes, list_envelopes_by_body
from keysteward.sample.views import recipient_view, sender_view

__all__ = ["CALL_HEADER", "Caller", "build"]

PREFIX = "/restapi/v2.1/accounts/{account}"
ENVELOPES = PREFIX + "/envelopes"
ENVELOPE = ENVELOPES + "/{envelope}"
ROUTES: tuple[tuple[str, dict[str, Deed]], ...] = (
    (ENVELOPES, {"POST": create, "GET": list_envelopes}),
    (ENVELOPES + "/status", {"PUT": list_envelopes_by_body}),
    (ENVELOPE, {"GET": show, "PUT": change}),
    (ENVELOPE + "/documents", {"GET": show_documents}),
    (ENVELOPE + "/documents/{document}", {"GET": download}),
    (ENVELOPE + "/recipients", {"GET": show_recipients, "PUT": change_recipients}),
    (ENVELOPE + "/audit_events", {"GET": show_events}),
    (ENVELOPE + "/custom_fields", {"GET": show_custom_fields}),
    (ENVELOPE + "/views/recipient", {"POST": recipient_view}),
    (ENVELOPE + "/views/sender", {"POST": sender_view}),
    (soap.PATH, {"POST": soap.answer, "GET": soap.describe}),
)

CALL_HEADER = "X-Keysteward-Call"
ANY_PREFIX = re.compile(r"^/restapi/v2(\.1)?/accounts/", re.IGNORECASE)
MOST_BYTES_OF_A_BODY = 35_651_584

VerifyCall = Callable[[str], Caller | None]
log = structlog.get_logger()


def build(database: Path, verify_call: VerifyCall, now: Callable[[], datetime]) -> ASGIApp:
    """Build the sample API over one SQLite file, whose folder exists.

    `verify_call` takes the text of the call header and answers with whom the gateway vouches for, or None for a proof
    that is not good. `now` answers with the moment, zone included; it dates whatever is stored.
    """
    store = Store(database)

    @asynccontextmanager
    async def lifespan(_app: object) -> AsyncIterator[None]:
        yield
        store.close()

    def route(path: str, deeds: dict[str, Deed]) -> Route:
        async def answer(request: Request) -> Response:
            caller = _caller_of(request, verify_call)
            body = await _read_body(request, MOST_BYTES_OF_A_BODY if caller else 0)
            call = _admit(request, caller, body, store, stamp(now()))
            return await run_in_threadpool(deeds["GET" if request.method == "HEAD" else request.method], call)

        return Route(path, answer, methods=list(deeds))

    routes = [route(*each) for each in ROUTES]
    return _guard(Router(routes, redirect_slashes=False, lifespan=lifespan))


def _caller_of(request: Request, verify_call: VerifyCall) -> Caller | None:
    proofs = request.headers.getlist(CALL_HEADER)
    return verify_call(proofs[0]) if len(proofs) == 1 else None


async def _read_body(request: Request, most: int) -> bytes | None:
    """Read the body to its end, for who is still sending hears no answer; a body that is too large becomes None."""
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size <= most:
            chunks.append(chunk)
        else:
            chunks.clear()
    return b"".join(chunks) if size <= most else None


def _admit(request: Request, caller: Caller | None, body: bytes | None, store: Store, moment: str) -> Call:
    if caller is None:
        raise Refusal(NOT_FROM_GATEWAY)
    if request.path_params.get("account", caller.account).lower() != caller.account.lower():
        raise Refusal(UNKNOWN_ACCOUNT)
    if body is None:
        raise Refusal(BODY_TOO_LARGE)
    return Call(caller, store, moment, request.path_params, request.query_params, request.headers, body)


def _guard(router: Router) -> ASGIApp:
    """Answer every call, whatever happens: an exception that reaches the server closes the connection unannounced."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await router(scope, receive, send)
            return
        begun = False

        async def tell(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await router(_routed(scope, router), receive, tell)
        except ClientDisconnect:
            return
        except Exception as error:  # noqa: BLE001  # nothing may reach the server
            response = _explain(error, Request(scope))
            if not begun:
                await response(scope, receive, send)

    return answer


def _routed(scope: Scope, router: Router) -> Scope:
    path = ANY_PREFIX.sub(PREFIX.removesuffix("{account}"), scope["path"], count=1)
    return {**scope, "path": path, "app": router}  # with an app Starlette raises for 404 and 405 instead of answering


def _explain(error: Exception, request: Request) -> Response:
    if isinstance(error, Refusal):
        return _refused(error, request)
    if isinstance(error, HTTPException):
        return refusal_answer(Refusal(WRONG_METHOD if error.headers else UNKNOWN_ROUTE), error.headers)
    reference = str(uuid4())
    # The frames without the message: it may quote what a client sent.
    frames = [f"{frame.name} line {frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
    log.error("sample_call_failed", reference=reference, error=type(error).__name__, frames=frames)
    return _refused(Refusal(UNEXPECTED, f"The reference for support is {reference}."), request)


def _refused(refusal: Refusal, request: Request) -> Response:
    content_type = request.headers.get("content-type", "")
    if not speaks_soap(request.method, content_type):
        return refusal_answer(refusal)
    said = fault(content_type, refusal.kind.status, refusal.kind.code, refusal.message)
    return Response(said.text, said.status, media_type=said.content_type)
