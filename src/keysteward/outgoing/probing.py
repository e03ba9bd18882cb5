"""What does a client see when it asks a server, step by step, whatever comes back?"""

import http.client
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

_SECONDS = 10
_MOST_BYTES = 1_048_576
_TLS_PORT, _PLAIN_PORT = 443, 80


class Unanswered(Exception):
    """No answer came. The message is what a program would have reported."""


class Reply(NamedTuple):
    """An answer, whatever its status."""

    status: int
    headers: Mapping[str, str]
    body: str

    def header(self, name: str) -> str:
        """A header's value, or nothing."""
        return self.headers.get(name.lower(), "")


@dataclass(frozen=True, slots=True)
class Server:
    """A server at its origin. Nothing is followed and nothing is repeated, for every answer says something.

    `ca_file` is trusted beside the system's authorities.
    """

    origin: str
    ca_file: Path | None = None

    @property
    def host(self) -> str:
        """Host and port, as an assertion's audience names them."""
        return urlsplit(self.origin).netloc

    def reach(self) -> str:
        """Open a connection and close it again; return the address that answered."""
        parts = urlsplit(self.origin)
        port = parts.port or (_TLS_PORT if parts.scheme == "https" else _PLAIN_PORT)
        try:
            with socket.create_connection((parts.hostname or "", port), _SECONDS) as connection:
                return str(connection.getpeername()[0])
        except OSError as error:
            raise Unanswered(_said(error)) from error

    def handshake(self) -> str:
        """Speak TLS and check the certificate; return the version that was agreed."""
        parts = urlsplit(self.origin)
        try:
            with (
                socket.create_connection((parts.hostname or "", parts.port or _TLS_PORT), _SECONDS) as connection,
                self._trusting().wrap_socket(connection, server_hostname=parts.hostname) as secured,
            ):
                return secured.version() or "TLS"
        except OSError as error:
            raise Unanswered(_said(error)) from error

    def ends_at(self) -> datetime:
        """When the certificate ends that it shows; it has to be one that is trusted."""
        parts = urlsplit(self.origin)
        try:
            with (
                socket.create_connection((parts.hostname or "", parts.port or _TLS_PORT), _SECONDS) as connection,
                self._trusting().wrap_socket(connection, server_hostname=parts.hostname) as secured,
            ):
                ends = str((secured.getpeercert() or {}).get("notAfter", ""))
        except OSError as error:
            raise Unanswered(_said(error)) from error
        return datetime.fromtimestamp(ssl.cert_time_to_seconds(ends), UTC)

    def ask(self, method: str, path: str, headers: Mapping[str, str] | None = None, body: str | None = None) -> Reply:
        """One request."""
        connection = self._connection()
        try:
            connection.request(method, path, body, {"User-Agent": "keysteward-doctor", **(headers or {})})
            answer = connection.getresponse()
            text = answer.read(_MOST_BYTES).decode(errors="replace")
            return Reply(answer.status, {name.lower(): value for name, value in answer.getheaders()}, text)
        except (OSError, http.client.HTTPException) as error:
            raise Unanswered(_said(error)) from error
        finally:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        parts = urlsplit(self.origin)
        host, port = parts.hostname or "", parts.port
        if parts.scheme == "https":
            return http.client.HTTPSConnection(host, port, timeout=_SECONDS, context=self._trusting())
        return http.client.HTTPConnection(host, port, timeout=_SECONDS)

    def _trusting(self) -> ssl.SSLContext:
        try:
            return _trusting(self.ca_file)
        except OSError as error:
            raise Unanswered(f"{self.ca_file}: {error.strerror or error}") from error


@cache
def _trusting(ca_file: Path | None) -> ssl.SSLContext:
    """What TLS trusts; it takes a tenth of a second to load, so once is enough."""
    context = ssl.create_default_context()
    if ca_file is not None:
        context.load_verify_locations(ca_file)
    return context


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
