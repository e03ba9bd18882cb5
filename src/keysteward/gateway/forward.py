"""How is a call carried to the upstream and its answer back?

Streaming both ways. What one hop says to the next stays on that hop; identity headers that a caller sends are dropped.
Nothing that may have acted is asked twice: only a read whose connection broke before its answer is asked once more.
"""

import asyncio
import json
import re
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from dataclasses import dataclass
from typing import NamedTuple

from aiohttp import (
    ClientConnectionError,
    ClientError,
    ClientHandlerType,
    ClientOSError,
    ClientRequest,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    DummyCookieJar,
    ServerDisconnectedError,
    TCPConnector,
)
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send
from yarl import URL

from keysteward.rules.refusals import TOO_LARGE, UPSTREAM_DOWN, UPSTREAM_SLOW, Refusal

CALL_HEADER = b"x-keysteward-call"

_HOP_BY_HOP = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
        b"proxy-connection",
    }
)
_OURS = frozenset({b"host", b"authorization", b"cookie", b"content-length", b"expect", b"accept-encoding"})
_OVERRIDES = frozenset(
    {
        b"x-http-method-override",
        b"x-http-method",
        b"x-method-override",
        b"x-original-method",
        b"x-original-url",
        b"x-original-uri",
        b"x-original-host",
        b"x-rewrite-url",
        b"x-host",
    }
)
_ORIGINS = frozenset({b"forwarded", b"x-real-ip", b"x-client-ip", b"true-client-ip", b"cf-connecting-ip", b"via"})
_IDENTITY = re.compile(
    rb"(?:x-keysteward|x-docusign-authentication|x-forwarded|x-remote|x-auth-request|x-authenticated|x-ssl-client"
    rb"|x-client-cert|x-webauth|x-amzn-oidc|x-goog-authenticated|x-ms-client-principal|remote-user|ssl-client)(?:-.*)?"
)
_NOT_THE_CALLERS = _HOP_BY_HOP | _OURS | _OVERRIDES | _ORIGINS
_ANSWERED_BY_US = frozenset({b"server", b"date", b"set-cookie", b"x-docusign-tracetoken"})
_CODE = re.compile(r"[A-Za-z0-9_]{1,100}")
_READS = frozenset({"GET", "HEAD"})
_IDLE_SECONDS = 15
_CHUNKS_AHEAD = 8
_MOST_ERROR_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class Upstream:
    """An API behind the gateway. `audience` names its route in the signed word that it gets with each call.

    An API that says nothing for `silent_seconds`, or takes no connection for `connect_seconds`, is given up: both are
    what its route says.
    """

    url: str
    audience: str
    silent_seconds: float = 30
    connect_seconds: float = 5


class Errand(NamedTuple):
    """What is carried where: the path as the upstream gets it, the signed word of who calls, and how much at most."""

    upstream: Upstream
    path: str
    word: str
    most_bytes: int


@dataclass(frozen=True, slots=True)
class Head:
    """Status and headers of an upstream's answer; names in lower case."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]


class Answer:
    """An upstream's answer whose head has come; its body may still be on the way."""

    def __init__(self, response: ClientResponse, body: "_Body", first: bytes) -> None:
        self.head = _head(response)
        self.error_code = _error_code(response, first)
        self.received_bytes = 0
        self.is_whole = False
        self._response = response
        self._first = first
        self._body = body

    @property
    def sent_bytes(self) -> int:
        """How much of the caller's body has come."""
        return self._body.size

    async def send(self, send: Send, headers: list[tuple[bytes, bytes]]) -> None:
        """Pass the answer on until it is whole.

        An upstream that breaks off half-way raises, so that the caller's connection is cut; a caller who leaves
        raises too, so that the upstream is told.
        """
        with self._body.while_wanted(after_head=True):
            await send({"type": "http.response.start", "status": self.head.status, "headers": headers})
            async for chunk in self._chunks():
                self.received_bytes += len(chunk)
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
            self.is_whole = True

    async def _chunks(self) -> AsyncIterator[bytes]:
        if self._first:
            yield self._first
        async for chunk in self._response.content.iter_any():
            yield chunk


class Forwarder:
    """A pool of connections to one upstream."""

    def __init__(self, trust: ssl.SSLContext | None = None) -> None:
        self._trust = trust
        self._session: ClientSession | None = None
        self._under_way = 0
        self._is_idle = asyncio.Event()
        self._is_idle.set()

    @asynccontextmanager
    async def forward(self, scope: Scope, receive: Receive, errand: Errand) -> AsyncIterator[Answer]:
        """Make the call; a caller who leaves cancels it. Raises Refusal where no head comes."""
        with self._busy(), closing(_Body(receive, errand.most_bytes)) as body:
            with body.while_wanted():
                response = await self._ask(scope, body, errand)
            try:
                yield Answer(response, body, await _first_chunk(response))
            finally:
                response.close()

    async def retire(self) -> None:
        """Close every connection once nothing is under way; whoever calls this asks nothing more."""
        await self._is_idle.wait()
        await self.close()

    async def close(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()

    @contextmanager
    def _busy(self) -> Iterator[None]:
        self._under_way += 1
        self._is_idle.clear()
        try:
            yield
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._is_idle.set()

    async def _ask(self, scope: Scope, body: "_Body", errand: Errand) -> ClientResponse:
        upstream = errand.upstream
        try:
            return await self._client().request(
                scope["method"],
                URL(upstream.url + _target(scope, errand.path), encoded=True),
                headers=_asked_headers(scope, errand.word),
                data=body.stream(scope),
                allow_redirects=False,
                timeout=ClientTimeout(total=None, connect=upstream.connect_seconds, sock_read=upstream.silent_seconds),
            )
        except TimeoutError as error:
            raise Refusal(UPSTREAM_SLOW, detail=str(error)) from None
        except (ClientError, ClientConnectionError) as error:
            if body.is_too_large:
                raise body.too_large() from None
            raise Refusal(UPSTREAM_DOWN, detail=str(error)) from None

    def _client(self) -> ClientSession:
        if self._session is None:
            self._session = ClientSession(
                connector=TCPConnector(limit=0, keepalive_timeout=_IDLE_SECONDS, ssl=self._trust or True),
                cookie_jar=DummyCookieJar(),
                auto_decompress=False,
                middlewares=(_once,),
                skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
            )
        return self._session


class _Body:
    """The caller's body, read by one task only, which also learns that the caller left."""

    def __init__(self, receive: Receive, most_bytes: int) -> None:
        self._receive = receive
        self._most_bytes = most_bytes
        self._chunks: asyncio.Queue[bytes | None] = asyncio.Queue(_CHUNKS_AHEAD)
        self._reading = asyncio.ensure_future(self._read())
        self.size = 0

    @property
    def is_too_large(self) -> bool:
        """Whether the caller has sent more than is taken."""
        return self.size > self._most_bytes

    def too_large(self) -> Refusal:
        """What is said then."""
        return Refusal(TOO_LARGE, limit=self._most_bytes)

    @contextmanager
    def while_wanted(self, *, after_head: bool = False) -> Iterator[None]:
        """Cancel what the block waits for when the caller leaves, or sends too much before the head of an answer."""
        waiting, is_over = asyncio.current_task(), False
        assert waiting is not None  # noqa: S101 — a request is always answered by a task

        def cut(_: "asyncio.Future[None]") -> None:
            if not is_over and not (after_head and self.is_too_large):
                waiting.cancel()

        self._reading.add_done_callback(cut)
        try:
            yield
        except asyncio.CancelledError:
            if not self._reading.done() or waiting.uncancel() > 0:
                raise  # somebody else cancelled
            raise self.too_large() if self.is_too_large else ClientDisconnect() from None
        finally:
            is_over = True
            self._reading.remove_done_callback(cut)

    def close(self) -> None:
        """Stop reading."""
        self._reading.cancel()

    async def _read(self) -> None:
        """Read until the caller leaves or has sent too much."""
        more = True
        while (message := await self._receive())["type"] != "http.disconnect":
            if not more:
                continue
            chunk, more = message.get("body", b""), message.get("more_body", False)
            self.size += len(chunk)
            if self.is_too_large:
                return
            if chunk:
                await self._chunks.put(chunk)
            if not more:
                await self._chunks.put(None)

    def stream(self, scope: Scope) -> AsyncIterator[bytes] | None:
        """The body for the upstream; None where the request has none."""
        names = {name for name, value in scope["headers"] if name == b"content-length" and value != b"0"}
        chunked = any(name == b"transfer-encoding" for name, _ in scope["headers"])
        return self._parts() if names or chunked else None

    async def _parts(self) -> AsyncIterator[bytes]:
        while (chunk := await self._chunks.get()) is not None:
            yield chunk


async def _once(request: ClientRequest, ask: ClientHandlerType) -> ClientResponse:
    """Ask; where the connection breaks before an answer, let the client ask again for reads alone.

    By itself it would repeat every idempotent method. A DELETE that had acted would then be answered 404.
    """
    try:
        return await ask(request)
    except (ClientOSError, ServerDisconnectedError) as error:
        if request.method in _READS:
            raise
        raise ClientConnectionError(str(error)) from error


async def _first_chunk(response: ClientResponse) -> bytes:
    """The start of an error's body, in however many pieces it comes: it names a code. Others are not waited for."""
    first = b""
    if response.status >= 400:
        with suppress(ClientError, TimeoutError):
            while part := await response.content.read(_MOST_ERROR_BYTES - len(first)):
                first += part
    return first


def _target(scope: Scope, path: str) -> str:
    query = scope["query_string"].decode("latin-1")
    return f"{path}?{query}" if query else path


def _asked_headers(scope: Scope, word: str) -> list[tuple[str, str]]:
    named = {token.strip() for name, value in scope["headers"] if name == b"connection" for token in value.split(b",")}
    dropped = _NOT_THE_CALLERS | {token.lower() for token in named}
    kept = [
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, value in scope["headers"]
        if not _is_dropped(name, dropped)
    ]
    return [*kept, (CALL_HEADER.decode(), word), *_length(scope)]


def _is_dropped(name: bytes, dropped: frozenset[bytes]) -> bool:
    """Whether a header stays here; some servers read an underscore as a hyphen."""
    plain = name.replace(b"_", b"-")
    return name in dropped or plain in dropped or _IDENTITY.fullmatch(plain) is not None


def _length(scope: Scope) -> list[tuple[str, str]]:
    lengths = [value.decode("latin-1") for name, value in scope["headers"] if name == b"content-length"]
    return [("content-length", lengths[0])] if len(lengths) == 1 and lengths[0] != "0" else []


def _head(response: ClientResponse) -> Head:
    kept = tuple(
        (name.lower(), value)
        for name, value in response.raw_headers
        if name.lower() not in _HOP_BY_HOP | _ANSWERED_BY_US
    )
    return Head(response.status, kept)


def _error_code(response: ClientResponse, first: bytes) -> str:
    if response.status < 400:
        return ""
    try:
        code = json.loads(first).get("errorCode", "")
    except (ValueError, AttributeError):
        return ""
    return code if isinstance(code, str) and _CODE.fullmatch(code) else ""
