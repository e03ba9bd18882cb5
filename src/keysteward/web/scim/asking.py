"""Who asks in SCIM, for what, and what is remembered of it?"""

import re
from collections.abc import Awaitable, Callable, Mapping
from functools import wraps
from typing import Any, NamedTuple

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import scim_tokens
from keysteward.rules.provisioning.published import MOST_RESULTS, USUAL_COUNT
from keysteward.rules.provisioning.showing import read_names
from keysteward.rules.provisioning.tokens import Heard, Token
from keysteward.rules.refusals import INVALID_PARAMETER, MALFORMED, NOT_A_SCIM_TOKEN, WRONG_TYPE, Refusal
from keysteward.web.reading import context, decode, media_type, query_pairs, read_bytes, single
from keysteward.web.scim.answers import MEDIA

BASE = "/scim/v2"
_PARAMETERS = ("filter", "startIndex", "count", "attributes", "excludedAttributes")
_MOST_INDEX = 10**9
_INTEGER = re.compile(r"[+-]?\d{1,18}")
_TAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e]*"')

Answering = Callable[[Request, Token], Awaitable[Response]]
Endpoint = Callable[[Request], Awaitable[Response]]


class Asked(NamedTuple):
    """What a query says: a filter, a page, and which attributes to show."""

    filter: str
    start: int
    most: int
    only: frozenset[str]
    without: frozenset[str]


def heard(answering: Answering) -> Endpoint:
    """An endpoint for whoever brings a SCIM token; how it went is remembered for the organization's admins."""

    @wraps(answering)
    async def endpoint(request: Request) -> Response:
        ctx = context(request)
        scheme, _, value = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            raise Refusal(NOT_A_SCIM_TOKEN)
        token = await run_in_threadpool(scim_tokens.recognize, ctx, value.strip())
        scim_tokens.demand_patience(ctx, token)
        try:
            answer = await answering(request, token)
        except Refusal as refusal:
            await _note(request, token, 400 if refusal.kind.status == 422 else refusal.kind.status, refusal.kind.code)
            raise
        await _note(request, token, answer.status_code, "")
        return answer

    return endpoint


async def _note(request: Request, token: Token, status: int, code: str) -> None:
    ctx = context(request)
    user = str(request.path_params.get("user", ""))[:36]
    operation = f"{request.method} {request.scope['route'].path.removeprefix(BASE)}"
    said = Heard(token.organization, token.id, ctx.now, operation, user, status, code)
    await run_in_threadpool(scim_tokens.note, ctx, said)


def base_of(request: Request) -> str:
    """The address of the service."""
    return context(request).origin + BASE


async def read_object(request: Request) -> dict[str, Any]:
    """The JSON object that a request brings."""
    if media_type(request) not in {MEDIA, "application/json", ""}:
        raise Refusal(WRONG_TYPE, expected=MEDIA)
    return decode(await read_bytes(request), dict[str, Any])


def asked_in_query(request: Request) -> Asked:
    """What the query of a GET says."""
    wanted = {name.lower(): name for name in _PARAMETERS}
    pairs = [(wanted[name.lower()], value) for name, value in query_pairs(request) if name.lower() in wanted]
    return _asked(single(pairs))


def asked_in_body(said: Mapping[str, Any]) -> Asked:
    """What the body of a search says (RFC 7644 §3.4.3)."""
    found: dict[str, str] = {}
    for name in _PARAMETERS:
        value = said.get(name)
        if isinstance(value, list):
            value = ",".join(str(each) for each in value)
        if value is not None:
            found[name] = str(value)
    return _asked(found)


def _asked(said: Mapping[str, str]) -> Asked:
    return Asked(
        said.get("filter", ""),
        max(1, _number(said, "startIndex", 1)),
        min(MOST_RESULTS, max(0, _number(said, "count", USUAL_COUNT))),
        read_names(said.get("attributes", "")),
        read_names(said.get("excludedAttributes", "")),
    )


def _number(said: Mapping[str, str], name: str, usual: int) -> int:
    text = said.get(name, "").strip()
    if not text:
        return usual
    if not _INTEGER.fullmatch(text):
        raise Refusal(INVALID_PARAMETER, name=name, reason="it is no whole number.", field=name)
    return min(int(text), _MOST_INDEX)


def versions_of(request: Request, header: str = "if-match") -> tuple[str, ...]:
    """The entity tags that a header names; none where any will do. Weak and strong ones are one here."""
    said = request.headers.get(header, "").strip()
    if said in {"", "*"}:
        return ()
    tags = _TAG.findall(said)
    if not tags:
        raise Refusal(MALFORMED, reason=f"{header} must name entity tags.", field=header)
    return tuple(f"W/{each.removeprefix('W/')}" for each in tags)
