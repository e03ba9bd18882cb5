"""How many answers does a server give, how soon, and for how much work? The cheapest client that can tell."""

import asyncio
import gc
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import urlencode

import uvloop

from bench.lines import middle
from bench.machine import CLIENT_CORE, cpu_seconds, on_cores
from bench.servers import Server

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)

_LEAST_CPU_SECONDS = 0.01
_PATIENCE_SECONDS = 5  # for a short load on a busy machine


@dataclass(frozen=True, slots=True)
class Load:
    """What asking one thing again and again over some kept connections came to."""

    answers: int
    seconds: float
    cpu_seconds: float
    p50_milliseconds: float
    p99_milliseconds: float

    @property
    def per_second(self) -> float:
        """Answers per second of the clock."""
        return self.answers / self.seconds

    @property
    def per_cpu_second(self) -> float:
        """Answers per second of the server's own work on any core, which the kernel counts in hundredths."""
        return self.answers / max(self.cpu_seconds, _LEAST_CPU_SECONDS)

    @property
    def cpu_microseconds(self) -> float:
        """The server's work for one answer."""
        return 1_000_000 / self.per_cpu_second

    @property
    def busy(self) -> float:
        """How many cores the server kept busy."""
        return self.cpu_seconds / self.seconds


def ask(server: Server, request: bytes, *, connections: int, seconds: float) -> Load:
    """Ask over every connection, again as soon as the answer is whole; the first quarter of a second does not count."""
    with on_cores(CLIENT_CORE):
        return uvloop.run(_ask(server, request, connections, seconds))


def form_request(path: str, form: dict[str, str]) -> bytes:
    """A form that is posted, as bytes."""
    body = urlencode(form).encode()
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: localhost",
        "Content-Type: application/x-www-form-urlencoded",
        f"Content-Length: {len(body)}",
    ]
    return _head(lines) + body


def get_request(path: str, token: str) -> bytes:
    """A call of an API with a token, as bytes."""
    return _head([f"GET {path} HTTP/1.1", "Host: localhost", f"Authorization: Bearer {token}"])


def _head(lines: list[str]) -> bytes:
    return "".join(f"{line}\r\n" for line in [*lines, ""]).encode()


async def _ask(server: Server, request: bytes, connections: int, seconds: float) -> Load:
    tally = _Tally()
    loop = asyncio.get_running_loop()
    asking = [
        (await loop.create_connection(lambda: _Asking(request, tally), "127.0.0.1", server.port))[1]
        for _ in range(connections)
    ]
    await asyncio.sleep(0.25)
    gc.disable()
    try:
        load = await _counted(server, tally, seconds)
    finally:
        gc.enable()
        for each in asking:
            each.leave()
    return load


async def _counted(server: Server, tally: "_Tally", seconds: float) -> Load:
    tally.waits.clear()
    work, began = _work(server), time.perf_counter()
    await asyncio.sleep(seconds)
    if not tally.waits:
        await asyncio.sleep(_PATIENCE_SECONDS)
    if tally.refused or not tally.waits:
        raise RuntimeError(f"asked for good answers and got {tally.refused[:500]!r}")
    lasted, worked, waits = time.perf_counter() - began, _work(server) - work, tally.waits[:]
    return Load(len(waits), lasted, worked, middle(waits) * 1_000, middle(waits, 0.99) * 1_000)


def _work(server: Server) -> float:
    return sum(map(cpu_seconds, (server.process, *server.asks)))


@dataclass
class _Tally:
    waits: list[float] = field(default_factory=list)
    refused: bytes = b""


class _Asking(asyncio.Protocol):
    """One connection that asks, waits for the whole answer, and asks again."""

    def __init__(self, request: bytes, tally: _Tally, clock: Callable[[], float] = time.perf_counter) -> None:
        self._request = request
        self._tally = tally
        self._clock = clock
        self._answer = b""
        self._asked_at = 0.0
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.WriteTransport, transport)  # uvloop's is one and does not say so
        self._go_on(self._transport)

    def data_received(self, data: bytes) -> None:
        self._answer += data
        if self._transport is None or not _is_whole(self._answer):
            return
        self._tally.waits.append(self._clock() - self._asked_at)
        if not self._answer.startswith(b"HTTP/1.1 200"):
            self._tally.refused = self._answer
        self._go_on(self._transport)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        if self._transport is not None:
            self._tally.refused = b"nothing: the connection was closed"

    def leave(self) -> None:
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.abort()

    def _go_on(self, transport: asyncio.WriteTransport) -> None:
        self._answer = b""
        self._asked_at = self._clock()
        transport.write(self._request)


def _is_whole(answer: bytes) -> bool:
    head = answer.find(b"\r\n\r\n")
    length = _LENGTH.search(answer, 0, head + 2) if head >= 0 else None
    return length is not None and len(answer) >= head + 4 + int(length[1])
