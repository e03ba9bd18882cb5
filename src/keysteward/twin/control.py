"""How is the twin controlled under `/_dev`? With the token in its folder, and never from a web page."""

import hmac
from datetime import UTC, datetime
from typing import TypeVar

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from keysteward.actions import mailing
from keysteward.actions.context import Context
from keysteward.actions.mailing import Written
from keysteward.rules.refusals import CROSS_SITE, INVALID_FIELD, MALFORMED, NO_DEV_TOKEN, NO_ROUTE, Refusal
from keysteward.rules.shapes import known
from keysteward.twin.clock import TwinClock
from keysteward.twin.dns import Names, TwinDns
from keysteward.twin.faults import Arsenal, Faults

_MOST_BYTES = 262_144

Body = TypeVar("Body", bound=msgspec.Struct)


class Moved(msgspec.Struct, forbid_unknown_fields=True):
    """Where to set the clock: an instant, or an offset from the machine's clock in seconds."""

    now: datetime | None = None
    offset_seconds: float | None = None


class Advanced(msgspec.Struct, forbid_unknown_fields=True):
    """How far to move the clock from where it is."""

    days: float = 0
    hours: float = 0
    minutes: float = 0
    seconds: float = 0


def claims(path: str) -> bool:
    """Whether a path is the control's."""
    return path == "/_dev" or path.startswith("/_dev/")


def build(clock: TwinClock, token: str, arsenal: Arsenal, dns: TwinDns) -> ASGIApp:
    """The control of both environments."""
    router = Router(
        [
            Route("/_dev/clock", _show, methods=["GET"]),
            Route("/_dev/clock", _set, methods=["PUT"]),
            Route("/_dev/clock/advances", _advance, methods=["POST"]),
            Route("/_dev/outbox", _outbox, methods=["GET"]),
            Route("/_dev/faults", _list_faults, methods=["GET"]),
            Route("/_dev/faults", _put_faults, methods=["PUT"]),
            Route("/_dev/faults", _add_faults, methods=["POST"]),
            Route("/_dev/faults", _clear_faults, methods=["DELETE"]),
            Route("/_dev/dns", _list_names, methods=["GET"]),
            Route("/_dev/dns", _put_names, methods=["PUT"]),
            Route("/_dev/dns", _add_names, methods=["POST"]),
            Route("/_dev/dns", _clear_names, methods=["DELETE"]),
            Route("/_dev/{rest:path}", _nothing, methods=["GET", "POST", "PUT", "PATCH", "DELETE"]),
        ]
    )

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        if "origin" in request.headers or "sec-fetch-site" in request.headers:
            raise Refusal(CROSS_SITE)
        given = request.headers.get("authorization", "").encode()
        if not hmac.compare_digest(given, f"Bearer {token}".encode()):
            raise Refusal(NO_DEV_TOKEN)
        tools = {"keysteward.clock": clock, "keysteward.arsenal": arsenal, "keysteward.dns": dns}
        await router({**scope, **tools}, receive, send)

    return guarded


async def _show(request: Request) -> Response:
    clock: TwinClock = request.scope["keysteward.clock"]
    body = {"now": clock(), "offset_seconds": clock.offset_seconds}
    return Response(msgspec.json.encode(body), media_type="application/json")


async def _set(request: Request) -> Response:
    wanted = await _read(request, Moved)
    if (wanted.now is None) == (wanted.offset_seconds is None):
        raise Refusal(INVALID_FIELD, field="now", reason="give either now or offset_seconds.")
    if wanted.now is not None and wanted.now.tzinfo is None:
        raise Refusal(INVALID_FIELD, field="now", reason="give an instant with its zone, such as 2026-11-21T12:00:00Z.")
    offset = (wanted.now - datetime.now(UTC)).total_seconds() if wanted.now else wanted.offset_seconds or 0.0
    return await _move(request, offset)


async def _advance(request: Request) -> Response:
    wanted = await _read(request, Advanced)
    clock: TwinClock = request.scope["keysteward.clock"]
    seconds = ((wanted.days * 24 + wanted.hours) * 60 + wanted.minutes) * 60 + wanted.seconds
    return await _move(request, clock.offset_seconds + seconds)


async def _outbox(request: Request) -> Response:
    """The mails of the environment that was asked, newest first: here none leaves the house."""
    ctx: Context = request.app.state.context
    found = await run_in_threadpool(mailing.list_newest, ctx)
    mails = [_mail(each) for each in found]
    return Response(msgspec.json.encode({"mails": mails}), media_type="application/json")


def _mail(mail: Written) -> dict[str, object]:
    letter = mail.letter
    said = {"subject": letter.subject, "text": letter.text} if letter else {"subject": None, "text": None}
    facts = {"id": mail.id, "to": mail.recipient, "about": mail.about}
    return {**facts, **said, "written_at": mail.created_at, "sent_at": mail.sent_at, "failure": mail.failure}


async def _list_faults(request: Request) -> Response:
    """Every fault with what it did so far."""
    arsenal: Arsenal = request.scope["keysteward.arsenal"]
    return Response(msgspec.json.encode({"faults": arsenal.listed()}), media_type="application/json")


async def _put_faults(request: Request) -> Response:
    arsenal: Arsenal = request.scope["keysteward.arsenal"]
    arsenal.put((await _read(request, Faults)).faults)
    return await _list_faults(request)


async def _add_faults(request: Request) -> Response:
    arsenal: Arsenal = request.scope["keysteward.arsenal"]
    arsenal.add((await _read(request, Faults)).faults)
    return await _list_faults(request)


async def _clear_faults(request: Request) -> Response:
    arsenal: Arsenal = request.scope["keysteward.arsenal"]
    arsenal.put([])
    return Response(status_code=204)


async def _list_names(request: Request) -> Response:
    """What DNS answers for the names that somebody spoke of."""
    dns: TwinDns = request.scope["keysteward.dns"]
    return Response(msgspec.json.encode({"names": dns.listed()}), media_type="application/json")


async def _put_names(request: Request) -> Response:
    dns: TwinDns = request.scope["keysteward.dns"]
    dns.put((await _read(request, Names)).names)
    return await _list_names(request)


async def _add_names(request: Request) -> Response:
    """Say what DNS answers for some names; what was said of others stands."""
    dns: TwinDns = request.scope["keysteward.dns"]
    dns.add((await _read(request, Names)).names)
    return await _list_names(request)


async def _clear_names(request: Request) -> Response:
    dns: TwinDns = request.scope["keysteward.dns"]
    dns.put({})
    return Response(status_code=204)


async def _nothing(request: Request) -> Response:
    raise Refusal(NO_ROUTE, detail=request.url.path)


async def _move(request: Request, offset_seconds: float) -> Response:
    clock: TwinClock = request.scope["keysteward.clock"]
    try:
        clock.move(offset_seconds)
    except OverflowError:
        raise Refusal(INVALID_FIELD, field="now", reason="stay between the years 1971 and 9000.") from None
    return await _show(request)


async def _read(request: Request, kind: type[Body]) -> Body:
    body = await request.body()
    try:
        return msgspec.json.decode(body[:_MOST_BYTES] or b"{}", type=known(kind))
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Refusal(MALFORMED, reason=f"{error}.") from None
