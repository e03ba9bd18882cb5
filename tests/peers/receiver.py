"""Which receivers of webhooks are there in the tests? One on loopback that takes, refuses, hangs, floods or dies."""

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Literal, NamedTuple

from keysteward.twin import certificates

Manner = Literal["takes", "hangs", "floods", "dies"]


class Came(NamedTuple):
    """What a receiver was sent."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def message(self) -> str:
        """The id by which repeats are known."""
        return self.headers["webhook-id"]

    @property
    def said(self) -> dict[str, Any]:
        """The body, read."""
        found: dict[str, Any] = json.loads(self.body)
        return found


@dataclass
class Receiver:
    """A receiver, how it answers at each path, and what came. A status stands for itself; 302 leads elsewhere.

    `then` is done once something was answered.
    """

    origin: str
    ca_file: Path
    manners: dict[str, Manner | int] = field(default_factory=dict)
    came: list[Came] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)
    then: Callable[[], None] = lambda: None

    def messages(self, path: str = "/") -> list[str]:
        """The ids that came to a path, in their order."""
        return [each.message for each in self.came if each.path == path]

    def reset(self) -> None:
        """Take whatever comes, and forget what came."""
        self.manners.clear()
        self.came.clear()


@contextmanager
def receiver(folder: Path, *names: str) -> Iterator[Receiver]:
    """A receiver over TLS, under these names too, for as long as the block lasts."""
    folder.mkdir(exist_ok=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates.ensure(folder, "demo", names))
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.daemon_threads = True
    made = Receiver(f"https://localhost:{server.server_address[1]}", certificates.ca_file(folder))
    setattr(server, "receiver", made)  # noqa: B010 — the handler is handed nothing but its server
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield made
    finally:
        made.released.set()
        server.shutdown()
        thread.join(10)
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        made: Receiver = getattr(self.server, "receiver")  # noqa: B009 — see above
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        made.came.append(Came(self.path, {name.lower(): value for name, value in self.headers.items()}, body))
        manner = made.manners.get(self.path, "takes")
        if manner == "dies":
            self.connection.shutdown(socket.SHUT_RDWR)
        elif manner == "hangs":
            made.released.wait(10)
        else:
            self._answer(manner)
            made.then()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 — the base class's own signature
        """Say nothing."""

    def _answer(self, manner: Manner | int) -> None:
        content = b"x" * 10_000_000 if manner == "floods" else b"Thank you, \xff\x00 received."
        self.send_response(manner if isinstance(manner, int) else 200)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Location", "/elsewhere")
        self.end_headers()
        try:
            self.wfile.write(content)
        except OSError:
            self.close_connection = True
