"""How does a network behave that drops, delays, repeats and cuts what passes through it, as a seed says?

It stands in front of one HTTP server. A request and its answer make one passage, and each passage has a fate: chosen by
the seed, or given by a test. With a certificate it speaks TLS to whoever asks, as a reverse proxy does.
"""

import random
import re
import socket
import socketserver
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args

Fate = Literal[
    "passes", "is late", "request is lost", "request is cut", "answer is lost", "answer is cut", "connection is reset",
    "comes twice, the first is answered", "comes twice, the second is answered", "comes again later",
    "somebody else answers 502", "somebody else answers 404",
]  # fmt: skip
FATES: tuple[Fate, ...] = get_args(Fate)

_SECONDS = 20
_HEAD_ENDS = b"\r\n\r\n"
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_CONNECTION = re.compile(rb"\r\nconnection:[^\r]*", re.IGNORECASE)
_RESET = struct.pack("ii", 1, 0)


class Passage(NamedTuple):
    """A request on its way, whom it came from and which server it is for."""

    client: socket.socket
    request: bytes
    upstream: tuple[str, int]
    dice: random.Random

    def ask(self) -> bytes:
        """Bring the whole request to the server, and return its whole answer."""
        return _ask(self.upstream, self.request)


class BadNetwork:
    """A network in front of a server. While it is `calm`, and for paths that are not `troubled`, everything passes."""

    def __init__(self, seed: int, troubled: str = "", certificate: Path | None = None) -> None:
        self.calm = True
        self.passed: list[tuple[str, Fate]] = []
        self._troubled = re.compile(troubled)
        self._dice = random.Random(seed)  # noqa: S311 — seeded, so that a run can be had again
        self._given: list[Fate] = []
        self._lock = threading.Lock()
        self._later: list[threading.Timer] = []
        self._upstream = ("", 0)
        self._server = _Server(("127.0.0.1", 0), self._handle, _tls(certificate))
        self.port = int(self._server.server_address[1])
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def lead_to(self, host: str, port: int) -> None:
        """Say which server stands behind it."""
        self._upstream = (host, port)

    def sow(self, seed: int) -> None:
        """Begin anew with another seed."""
        with self._lock:
            self._dice = random.Random(seed)  # noqa: S311 — likewise

    def give(self, *fates: Fate) -> None:
        """Let the next passages have these fates, one each, whatever the seed says."""
        with self._lock:
            self._given += fates

    def close(self) -> None:
        """Wait for what is still under way, and end."""
        for timer in self._later:
            timer.join()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _handle(self, client: socket.socket) -> None:
        request = _read_request(client)
        if not request:
            return
        with self._lock:
            fate = self._fate_of(request)
            dice = random.Random(self._dice.random())  # noqa: S311 — likewise
        deed = _DEEDS.get(fate, _pass)
        if fate == "comes again later":
            self._repeat_later(request, dice)
        with suppress(OSError):
            deed(Passage(client, request, self._upstream, dice))

    def _fate_of(self, request: bytes) -> Fate:
        path = request.split(b" ", 2)[1].decode()
        is_troubled = self._troubled.search(path) is not None
        fate: Fate = "passes"
        if is_troubled and self._given:
            fate = self._given.pop(0)
        elif is_troubled and not self.calm and self._dice.random() < 0.7:
            fate = self._dice.choice(FATES)
        self.passed.append((path, fate))
        return fate

    def _repeat_later(self, request: bytes, dice: random.Random) -> None:
        timer = threading.Timer(dice.uniform(0.01, 0.2), self._repeat, (request,))
        self._later.append(timer)
        timer.start()

    def _repeat(self, request: bytes) -> None:
        with suppress(OSError):
            _ask(self._upstream, request)


@contextmanager
def bad_network(seed: int, troubled: str = "", certificate: Path | None = None) -> Iterator[BadNetwork]:
    """A network for as long as it is needed."""
    network = BadNetwork(seed, troubled, certificate)
    try:
        yield network
    finally:
        network.close()


class _Server(socketserver.ThreadingTCPServer):
    """Hands every connection to a function, in a thread of its own."""

    daemon_threads = True

    def __init__(
        self, address: tuple[str, int], handle: Callable[[socket.socket], None], tls: ssl.SSLContext | None
    ) -> None:
        self._handle, self._tls = handle, tls
        super().__init__(address, socketserver.BaseRequestHandler)

    def finish_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 — as the base class has it
        """Wrap it where TLS is spoken; who goes away before that is gone."""
        del client_address
        request.settimeout(_SECONDS)
        with suppress(OSError):
            if self._tls is None:
                self._handle(request)
                return
            with self._tls.wrap_socket(request, server_side=True) as wrapped:
                self._handle(wrapped)


def _tls(certificate: Path | None) -> ssl.SSLContext | None:
    if certificate is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    return context


def _read_request(client: socket.socket) -> bytes:
    """One request with its body, which asks the server to close the connection afterwards."""
    head = b""
    while _HEAD_ENDS not in head:
        part = client.recv(65_536)
        if not part:
            return b""
        head += part
    head, _, body = head.partition(_HEAD_ENDS)
    length = _LENGTH.search(head)
    while length and len(body) < int(length[1]):
        body += client.recv(65_536)
    return _CONNECTION.sub(b"", head) + b"\r\nConnection: close" + _HEAD_ENDS + body


def _ask(upstream: tuple[str, int], request: bytes) -> bytes:
    with socket.create_connection(upstream, _SECONDS) as server:
        server.sendall(request)
        return b"".join(iter(lambda: server.recv(65_536), b""))


def _pass(passage: Passage) -> None:
    passage.client.sendall(passage.ask())


def _be_late(passage: Passage) -> None:
    threading.Event().wait(passage.dice.uniform(0.01, 0.15))
    _pass(passage)


def _lose_request(passage: Passage) -> None:
    """Nothing arrives, and the connection ends."""


def _cut_request(passage: Passage) -> None:
    with socket.create_connection(passage.upstream, _SECONDS) as server:
        server.sendall(passage.request[: passage.dice.randrange(1, len(passage.request))])


def _lose_answer(passage: Passage) -> None:
    passage.ask()


def _cut_answer(passage: Passage) -> None:
    answer = passage.ask()
    passage.client.sendall(answer[: passage.dice.randrange(1, len(answer))])


def _reset(passage: Passage) -> None:
    """The server has answered, and the connection is not even closed in order."""
    passage.ask()
    passage.client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)


def _answer_first(passage: Passage) -> None:
    answer = passage.ask()
    passage.ask()
    passage.client.sendall(answer)


def _answer_second(passage: Passage) -> None:
    passage.ask()
    _pass(passage)


def _answer_502(passage: Passage) -> None:
    passage.client.sendall(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


def _answer_404(passage: Passage) -> None:
    page = b"<html><h1>Nothing here</h1></html>"
    head = b"HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
    passage.client.sendall(head % len(page) + page)


_DEEDS: dict[Fate, Callable[[Passage], None]] = {
    "is late": _be_late,
    "request is lost": _lose_request,
    "request is cut": _cut_request,
    "answer is lost": _lose_answer,
    "answer is cut": _cut_answer,
    "connection is reset": _reset,
    "comes twice, the first is answered": _answer_first,
    "comes twice, the second is answered": _answer_second,
    "somebody else answers 502": _answer_502,
    "somebody else answers 404": _answer_404,
}
