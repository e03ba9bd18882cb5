"""What reaches an API's socket byte for byte, when a caller says bytes of its own to the gateway?"""

import socket
import threading
from contextlib import closing, suppress
from typing import Self
from urllib.parse import urlsplit

_SECONDS = 10
_ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}"


class RecordingApi:
    """An API that answers one well-read request a connection, and keeps every byte that came over it."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve)
        self._arrived: list[bytearray] = []
        self._listening = threading.Lock()
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join(_SECONDS)
        self._listener.close()

    @property
    def arrived(self) -> list[bytes]:
        """What came over each connection so far, once the last one is over."""
        with self._listening:
            return [bytes(each) for each in self._arrived if each]

    def forget(self) -> None:
        """Begin anew."""
        with self._listening:
            self._arrived.clear()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                with connection, self._listening, suppress(OSError):
                    self._hear(connection)

    def _hear(self, connection: socket.socket) -> None:
        connection.settimeout(_SECONDS)
        heard = bytearray()
        self._arrived.append(heard)
        while not _is_whole(bytes(heard)):
            if not _more(connection, heard):
                return
        connection.sendall(_ANSWER)
        connection.shutdown(socket.SHUT_WR)
        while _more(connection, heard):
            pass


def _more(connection: socket.socket, heard: bytearray) -> bool:
    part = connection.recv(65_536)
    heard += part
    return bool(part)


def _is_whole(heard: bytes) -> bool:
    head, ended, body = heard.partition(b"\r\n\r\n")
    lines = [line.lower() for line in head.split(b"\r\n")]
    if b"transfer-encoding: chunked" in lines:
        return body.endswith(b"0\r\n\r\n")
    lengths = [int(line.partition(b":")[2]) for line in lines if line.startswith(b"content-length:")]
    return bool(ended) and len(body) >= sum(lengths)


def say(address: str, spoken: bytes, quiet_seconds: float = 0.5) -> bytes:
    """Say bytes to a server, and return all that it says until it hangs up or is quiet."""
    parts = urlsplit(address)
    heard = b""
    with closing(socket.create_connection((parts.hostname or "", parts.port or 0), _SECONDS)) as caller:
        caller.settimeout(quiet_seconds)
        with suppress(OSError):
            caller.sendall(spoken)
            while part := caller.recv(65_536):
                heard += part
    return heard
