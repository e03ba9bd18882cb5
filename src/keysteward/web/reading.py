"""How is a request read, and refused where it cannot be?"""

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar
from urllib.parse import parse_qsl
from uuid import UUID

import anyio
import anyio.to_thread
import msgspec
from starlette.requests import Request

from keysteward.actions.context import Context
from keysteward.rules import signin as rules
from keysteward.rules.refusals import DOUBLED_PARAMETER, MALFORMED, TOO_LARGE, WRONG_TYPE, Refusal
from keysteward.rules.shapes import known
from keysteward.rules.usage import Asker, asker

Body = TypeVar("Body")
Found = TypeVar("Found")

_FORM = "application/x-www-form-urlencoded"
_MOST_FIELDS = 200
SMALL_BODY_BYTES = 262_144
TYPED_BY = "typed_by"  # the field that says for whom a page's forms were made

_ASKING = anyio.CapacityLimiter(8)
_ASKING_PROVIDERS = anyio.CapacityLimiter(8)


def context(request: Request) -> Context:
    """The environment that this request came to."""
    ctx = request.app.state.context
    assert isinstance(ctx, Context)  # noqa: S101 — set once by the app
    return ctx


def trace(request: Request) -> str:
    """The id of this request, as its answer's header and the log have it."""
    return str(request.scope["keysteward.trace"])


def client_address(request: Request) -> str:
    """Where the client is: the connection's address, or what trusted proxies say of it."""
    peer = request.client.host if request.client else ""
    hops = ",".join(request.headers.getlist("x-forwarded-for")).split(",")
    return rules.client_address(peer, [hop for hop in hops if hop.strip()], context(request).proxies)


def asker_of(request: Request) -> Asker:
    """The program that asks: where it is, what it calls itself, and which SDK it says it uses."""
    headers = request.headers
    return asker(client_address(request), headers.get("user-agent", ""), headers.get("x-docusign-sdk", ""))


async def run_beside(deed: Callable[..., Found], *args: object) -> Found:
    """Run a deed that asks the other environment: few at once, so that their waiting takes no thread from others."""
    return await anyio.to_thread.run_sync(partial(deed, *args), limiter=_ASKING)


async def run_outside(deed: Callable[..., Found], *args: object) -> Found:
    """Likewise for a deed that asks an organization's identity provider: a slow one holds up no promotion."""
    return await anyio.to_thread.run_sync(partial(deed, *args), limiter=_ASKING_PROVIDERS)


async def read_bytes(request: Request, most: int = SMALL_BODY_BYTES) -> bytes:
    """The body, refused as soon as it grows too large; whoever asks again gets the same."""
    if "keysteward.body" not in request.scope:
        parts, size = [], 0
        async for part in request.stream():
            size += len(part)
            parts.append(part)
            if size > most:
                break
        request.scope["keysteward.body"] = b"".join(parts)
    body: bytes = request.scope["keysteward.body"]
    if len(body) > most:
        raise Refusal(TOO_LARGE, limit=most)
    return body


async def read_json(request: Request, kind: type[Body], most: int = SMALL_BODY_BYTES) -> Body:
    """A JSON body of one shape; unknown fields are refused by the shapes that forbid them."""
    expected = "application/json"
    if media_type(request) not in {expected, ""}:
        raise Refusal(WRONG_TYPE, expected=expected)
    return decode(await read_bytes(request, most), kind)


def decode(body: bytes, kind: type[Body]) -> Body:
    """JSON bytes as a value of one shape; an empty body counts as an empty object."""
    try:
        return msgspec.json.decode(body or b"{}", type=known(kind))
    except msgspec.ValidationError as error:
        raise Refusal(MALFORMED, reason=f"{error}.") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Refusal(MALFORMED, reason="the body is not JSON.") from None


async def read_pairs(request: Request) -> list[tuple[str, str]]:
    """The fields of a form in their order, doubled ones included, but for who filled it in."""
    return [pair for pair in await read_all_pairs(request) if pair[0] != TYPED_BY]


async def read_all_pairs(request: Request) -> list[tuple[str, str]]:
    """Likewise with that one."""
    if media_type(request) != _FORM:
        raise Refusal(WRONG_TYPE, expected=_FORM)
    body = await read_bytes(request)
    if b"\x00" in body or b"%00" in body:
        raise Refusal(MALFORMED, reason="the form holds a zero byte.")
    try:
        return parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict")
    except ValueError:
        raise Refusal(MALFORMED, reason="the form is not UTF-8, or has too many fields.") from None


def query_pairs(request: Request) -> list[tuple[str, str]]:
    """The parameters of a query in their order, doubled ones included.

    What is no UTF-8 is read with replacement characters, as a hint that is none; but a state that we could not give
    back as it came is refused.
    """
    pairs = request.query_params.multi_items()
    if any(name == "state" and "\ufffd" in value for name, value in pairs):
        raise Refusal(MALFORMED, reason="the state is not UTF-8.")
    return pairs


async def read_form(request: Request) -> dict[str, str]:
    """The fields of a form, each at most once."""
    return single(await read_pairs(request))


def single(pairs: list[tuple[str, str]]) -> dict[str, str]:
    """Fields that may come once only."""
    fields: dict[str, str] = {}
    for name, value in pairs:
        if name in fields:
            raise Refusal(DOUBLED_PARAMETER, name=name)
        fields[name] = value
    return fields


def is_uuid(text: str) -> bool:
    """Whether a path segment could be one of our ids, in any letter case."""
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False


def media_type(request: Request) -> str:
    """The type of the body, without what it says of itself further; empty where nothing is said."""
    return str(request.headers.get("content-type", "")).partition(";")[0].strip().lower()


def plain(value: object) -> Any:  # noqa: ANN401 — JSON-ready values of any shape
    """A value as JSON has it: instants as ISO text, structs as objects."""
    return msgspec.to_builtins(value)
