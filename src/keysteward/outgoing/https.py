"""How does one environment ask the other?"""

import http.client
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

_SECONDS = 10
_MOST_BYTES = 1_048_576
_NO_HEADERS: dict[str, str] = {}


class Silent(Exception):
    """The other side did not answer in time, or not with what was asked for. The message is for the log."""


class Refused(Exception):
    """The other side answered with a refusal of its own, in whichever of our vocabularies."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        self.status = status
        self.code = _first(problem, "code", "error", "errorCode")
        self.sentence = _first(problem, "title", "error_description", "message")
        super().__init__(f"{status} {self.code}")


@dataclass(frozen=True, slots=True)
class Peer:
    """The other environment, reached over HTTPS at its origin; `ca_file` is trusted beside the system's authorities."""

    origin: str
    ca_file: Path | None = None

    def get(self, path: str, headers: Mapping[str, str] = _NO_HEADERS) -> dict[str, Any]:
        """Read JSON; raises Refused or Silent."""
        return self._ask(urllib.request.Request(self.origin + path, None, dict(headers)))  # noqa: S310 — as configured

    def read(self, path: str, headers: Mapping[str, str], most_bytes: int) -> bytes:
        """Read an answer as it came, cut off behind so many bytes; raises Refused or Silent."""
        return self._body(urllib.request.Request(self.origin + path, None, dict(headers)), most_bytes)  # noqa: S310

    def post(self, path: str, body: dict[str, str]) -> dict[str, Any]:
        """Send JSON and read JSON; raises Refused or Silent."""
        headers = {"Content-Type": "application/json"}
        return self._ask(urllib.request.Request(self.origin + path, msgspec.json.encode(body), headers))  # noqa: S310

    def send(self, path: str, body: bytes, headers: dict[str, str]) -> dict[str, Any]:
        """Send a body of any type and read JSON; raises Refused or Silent."""
        return self._ask(urllib.request.Request(self.origin + path, body, headers))  # noqa: S310

    def _ask(self, request: urllib.request.Request) -> dict[str, Any]:
        body = self._body(request, _MOST_BYTES)
        try:
            return msgspec.json.decode(body, type=dict[str, Any])
        except msgspec.MsgspecError as error:
            raise Silent(f"{request.full_url}: {error}") from error

    def _body(self, request: urllib.request.Request, most_bytes: int) -> bytes:
        try:
            status, body = self._answer(request, most_bytes)
        except (OSError, http.client.HTTPException) as error:
            raise Silent(f"{request.full_url}: {error}") from error
        if status >= 500:
            raise Silent(f"{request.full_url}: {status}")
        if status >= 300:
            raise Refused(status, _problem(body))
        return body

    def _answer(self, request: urllib.request.Request, most_bytes: int) -> tuple[int, bytes]:
        """Status and body; a connection may break while either is read."""
        try:
            with self._opener().open(request, timeout=_SECONDS) as answer:
                return answer.status, answer.read(most_bytes)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read(_MOST_BYTES)

    def _opener(self) -> urllib.request.OpenerDirector:
        handlers = (urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=_trusting(self.ca_file)))
        return urllib.request.build_opener(*handlers, _NoRedirect())


@cache
def _trusting(ca_file: Path | None) -> ssl.SSLContext:
    """What TLS trusts; it takes a tenth of a second to load, so once is enough."""
    context = ssl.create_default_context()
    if ca_file is not None:
        context.load_verify_locations(ca_file)
    return context


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:  # noqa: ANN401 — the base class's own signature
        """Follow nothing: the other environment answers at its own origin or not at all."""


def _first(problem: dict[str, Any], *names: str) -> str:
    return next((str(problem[name])[:500] for name in names if problem.get(name)), "")


def _problem(body: bytes) -> dict[str, Any]:
    try:
        return msgspec.json.decode(body, type=dict[str, Any])
    except msgspec.MsgspecError:
        return {}
