"""What may come down a connection before anybody looks at it? Bounded heads, in bounded time, with one meaning.

uvicorn's own protocol takes heads of any size, waits for them for ever, and answers nonsense in the middle of another
answer. Everything else is its work.
"""

import asyncio
from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

MOST_HEAD_BYTES = 65_536
MOST_HEADERS = 128

_BEGUN = -1
_NEXT = {
    400: b"Send one well-formed request of HTTP 1.1, with one Host that is also the target's.",
    408: b"Send the request at once, and without long pauses.",
    431: b"Send at most %d headers, and %d bytes of them." % (MOST_HEADERS, MOST_HEAD_BYTES),
}


class Wire(HttpToolsProtocol):
    """One connection. Both times are in seconds: for a whole head, and for the next piece of a body."""

    head_seconds: float = 20
    body_seconds: float = 60

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 — whatever uvicorn hands a protocol
        super().__init__(*arguments, **options)
        self._part = ""  # of a request that has begun: "head" or "body"
        self._head_bytes = 0
        self._status = 400
        self._is_doomed = False
        self._patience: asyncio.TimerHandle | None = None

    @property
    def is_idle(self) -> bool:
        """Whether nothing that it was asked is still to be answered, and nothing of an answer still to be sent."""
        return (self._is_doomed or not self._is_answering) and self.transport.get_write_buffer_size() == 0

    # ── what comes ──────────────────────────────────────────────────────────────────────────────────────────────────
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Wait for the first head."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Read on, unless the connection is lost to nonsense already."""
        if self._is_doomed:
            return
        super().data_received(data)
        if self._part == "head":
            self._grow(len(data))
        self._wait()

    def on_message_begin(self) -> None:
        """A head begins."""
        super().on_message_begin()
        self._part, self._head_bytes = "head", _BEGUN

    def on_headers_complete(self) -> None:
        """A head is whole: judge it. What is raised here becomes an answer in `send_400_response`."""
        if len(self.headers) > MOST_HEADERS or _size(self.headers) + len(self.url) > MOST_HEAD_BYTES:
            self._status = 431
            raise ValueError("the head is too large")
        if not _has_one_host(self.url, self.headers):
            raise ValueError("the request names no host, or several")
        super().on_headers_complete()
        self._part = "body"

    def on_message_complete(self) -> None:
        """A request is whole."""
        super().on_message_complete()
        self._part = ""

    def on_response_complete(self) -> None:
        """An answer is whole; behind the last one before the nonsense we hang up."""
        super().on_response_complete()
        if self._is_doomed and not self._is_answering:
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody waits any more."""
        self._rest()
        super().connection_lost(exc)

    # ── what is said ────────────────────────────────────────────────────────────────────────────────────────────────
    def send_400_response(self, msg: str) -> None:
        """Refuse what cannot be read. It must not be said inside the answer to an earlier request."""
        del msg  # ours says what to do
        self._refuse(self._status)

    def _refuse(self, status: int) -> None:
        self._is_doomed = True
        if self._is_answering and (self._part != "body" or self.pipeline):
            return  # `on_response_complete` hangs up
        if not self._is_answering or not self.cycle.response_started:
            self.transport.write(_refusal(status))
        self.transport.close()

    @property
    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _grow(self, size: int) -> None:
        """Count a head that does not end; what came with its beginning may belong to the request before."""
        self._head_bytes = 0 if self._head_bytes == _BEGUN else self._head_bytes + size
        if self._head_bytes > MOST_HEAD_BYTES:
            self._refuse(431)

    # ── patience ────────────────────────────────────────────────────────────────────────────────────────────────────
    def _wait(self) -> None:
        """A head has one time for all of it, a body has it anew with every piece; between requests uvicorn waits."""
        if self._part == "body":
            self._rest()
            self._patience = self.loop.call_later(self.body_seconds, self._give_up)
        elif self._part == "head" or not self._is_answering:
            self._patience = self._patience or self.loop.call_later(self.head_seconds, self._give_up)
        else:
            self._rest()

    def _give_up(self) -> None:
        self._patience = None
        if self._part == "body" and self.flow.read_paused:
            self._wait()  # it is us who make the caller wait
        else:
            self._refuse(408)

    def _rest(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None


def _size(headers: list[tuple[bytes, bytes]]) -> int:
    return sum(len(name) + len(value) for name, value in headers)


def _has_one_host(url: bytes, headers: list[tuple[bytes, bytes]]) -> bool:
    """Whether Host comes once, and a target with a host of its own names the same."""
    hosts = [value for name, value in headers if name == b"host"]
    if len(hosts) != 1:
        return False
    if url.startswith(b"/"):
        return True
    target = httptools.parse_url(url)
    port = b":%d" % target.port if target.port else b""
    return target.host is None or target.host.lower() + port == hosts[0].lower()


def _refusal(status: int) -> bytes:
    body = _NEXT[status] + b"\n"
    head = b"content-type: text/plain; charset=utf-8\r\ncontent-length: %d\r\nconnection: close\r\n\r\n" % len(body)
    return STATUS_LINE[status] + head + body
