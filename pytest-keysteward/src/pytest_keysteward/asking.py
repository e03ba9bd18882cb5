"""How is the twin asked? With JSON over HTTPS, and a token."""

import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable
from http.client import HTTPException
from typing import Any

_SECONDS = 30


class Refused(Exception):
    """The twin said no: the status, the refusal's code, and what to do next."""

    def __init__(self, what: str, status: int, answer: bytes) -> None:
        said = _json(answer)
        self.status = status
        self.code = str(said.get("code", ""))
        sentence = " ".join(str(said[name]) for name in ("title", "detail") if said.get(name))
        super().__init__(f"{what}: {status} {sentence or answer.decode(errors='replace')[:500]}")


class Unreachable(Exception):
    """The twin does not answer."""


class Api:
    """One origin of the twin, asked with a bearer token. `renew` gives another token where this one has expired."""

    def __init__(self, origin: str, ca_file: str, token: str, renew: Callable[[], str] | None = None) -> None:
        self.origin = origin
        self.token = token
        self._renew = renew
        self._opener = opener_of(ca_file)

    def get(self, path: str) -> Any:  # noqa: ANN401 — whatever JSON says
        """Get what is at a path, such as `/api/v1/me`."""
        return self.ask("GET", path)

    def post(self, path: str, body: object = None) -> Any:  # noqa: ANN401 — likewise
        """Post a body as JSON."""
        return self.ask("POST", path, {} if body is None else body)

    def ask(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 — likewise
        """Ask for anything; raises Refused where the twin says no."""
        try:
            return self._ask(method, path, body)
        except Refused as refused:
            if refused.code != "not-signed-in" or self._renew is None:
                raise
        self.token = self._renew()
        return self._ask(method, path, body)

    def _ask(self, method: str, path: str, body: object) -> Any:  # noqa: ANN401 — likewise
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        request = urllib.request.Request(self.origin + path, data, headers, method=method)  # noqa: S310 — the twin's
        try:
            with self._opener.open(request, timeout=_SECONDS) as answer:
                content = answer.read()
        except urllib.error.HTTPError as error:
            with error:
                raise Refused(f"{method} {path}", error.code, error.read()) from None
        except (OSError, HTTPException) as error:
            raise Unreachable(f"{method} {self.origin}{path}: {error}") from error
        return json.loads(content) if content else None


def opener_of(ca_file: str, *handlers: urllib.request.BaseHandler) -> urllib.request.OpenerDirector:
    """What opens addresses of the twin: it trusts the twin's own authority, and goes through no proxy."""
    return urllib.request.build_opener(
        urllib.request.ProxyHandler({}),
        urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=ca_file)),
        *handlers,
    )


def _json(answer: bytes) -> dict[str, Any]:
    try:
        said = json.loads(answer)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
