"""How does one environment ask the other?"""

import http.client
import ssl
import urllib.error
import urllib.request
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

_SECONDS = 10
_MOST_BYTES = 1_048_576


class Silent(Exception):
    """The other side did not answer in time, or not with what was asked for. The message is for the log."""


class Refused(Exception):
    """The other side answered with a refusal of its own."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        super().__init__(f"{status} {problem.get('code', '')}")
        self.status = status
        self.code = str(problem.get("code", ""))


@dataclass(frozen=True, slots=True)
class Peer:
    """The other environment, reached over HTTPS at its origin; `ca_file` is trusted beside the system's authorities."""

    origin: str
    ca_file: Path | None = None

    def get(self, path: str) -> dict[str, Any]:
        """Read JSON."""
        return self._ask(urllib.request.Request(self.origin + path))  # noqa: S310 — the origin is configured

    def post(self, path: str, body: dict[str, str]) -> dict[str, Any]:
        """Send JSON and read JSON; raises Refused or Silent."""
        headers = {"Content-Type": "application/json"}
        return self._ask(urllib.request.Request(self.origin + path, msgspec.json.encode(body), headers))  # noqa: S310

    def send(self, path: str, body: bytes, headers: dict[str, str]) -> dict[str, Any]:
        """Send a body of any type and read JSON; raises Refused or Silent."""
        return self._ask(urllib.request.Request(self.origin + path, body, headers))  # noqa: S310

    def _ask(self, request: urllib.request.Request) -> dict[str, Any]:
        try:
            with self._opener().open(request, timeout=_SECONDS) as answer:
                return msgspec.json.decode(answer.read(_MOST_BYTES), type=dict[str, Any])
        except urllib.error.HTTPError as error:
            if error.code >= 500:
                raise Silent(f"{request.full_url}: {error.code}") from error
            raise Refused(error.code, _problem(error.read(_MOST_BYTES))) from None
        except (OSError, http.client.HTTPException, msgspec.MsgspecError) as error:
            raise Silent(f"{request.full_url}: {error}") from error

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


def _problem(body: bytes) -> dict[str, Any]:
    try:
        return msgspec.json.decode(body, type=dict[str, Any])
    except msgspec.MsgspecError:
        return {}
