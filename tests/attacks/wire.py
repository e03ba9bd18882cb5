"""How is an environment asked, byte for byte, by somebody who means no good?

Nothing is corrected, encoded or followed on the way. Whatever is asked, no answer may be a failure of ours, and none
may hold a secret that the question held.
"""

import http.client
import json
import ssl
from collections.abc import Mapping, Sequence
from email.message import Message
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote_plus, urlencode, urlsplit

FORM = "application/x-www-form-urlencoded"
SECRETS = frozenset({
    "assertion", "client_assertion", "client_secret", "code", "code_verifier", "password", "refresh_token", "token",
})  # fmt: skip
_SHORTEST_SECRET = 12

Fields = Mapping[str, str] | Sequence[tuple[str, str]]
Body = Fields | bytes | None


class Reply(NamedTuple):
    """An answer."""

    status: int
    headers: Message
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()

    @property
    def said(self) -> dict[str, Any]:
        """The body as JSON."""
        found: dict[str, Any] = json.loads(self.body)
        return found

    @property
    def refusal(self) -> tuple[int, str, str]:
        """Status, error and description of an answer below `/oauth`."""
        said = self.said
        return self.status, str(said.get("error")), str(said.get("error_description", ""))

    @property
    def location(self) -> str:
        """Where the browser is sent, if anywhere."""
        return str(self.headers.get("Location", ""))

    @property
    def told(self) -> dict[str, str]:
        """What the app is told in the query or in the fragment of its address; a doubled name would be a mistake."""
        parts = urlsplit(self.location)
        pairs = parse_qsl(parts.fragment or parts.query, keep_blank_values=True)
        assert len(dict(pairs)) == len(pairs), self.location
        return dict(pairs)

    @property
    def session(self) -> str:
        """The cookie that the browser is given, as it sends it back."""
        return str(self.headers["Set-Cookie"]).partition(";")[0]


class Wire:
    """One environment, over one connection that is kept open."""

    def __init__(self, origin: str, ca_file: str) -> None:
        self.origin = origin
        self.authority = urlsplit(origin).netloc
        self._connection: http.client.HTTPConnection = http.client.HTTPSConnection(
            self.authority, timeout=30, context=ssl.create_default_context(cafile=ca_file)
        )

    def ask(self, method: str, target: str, body: Body = None, /, **headers: str) -> Reply:
        """Ask for one thing. A header's name is written with `_` for `-`."""
        sent = body if isinstance(body, bytes) or body is None else urlencode(body).encode()
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if sent is not None:
            given = {"Content-Type": FORM, "Content-Length": str(len(sent))} | given
        reply = self._sent(method, target, sent, {"Host": self.authority} | given)
        assert reply.status < 500, f"{method} {target}: {reply.status}"
        assert leaked(secrets_of(target, sent, given), reply) == [], f"{method} {target}"
        return reply

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def _sent(self, method: str, target: str, body: bytes | None, headers: Mapping[str, str]) -> Reply:
        try:
            return self._once(method, target, body, headers)
        except (http.client.HTTPException, OSError):  # the server hung up after an odd question
            self._connection.close()
            return self._once(method, target, body, headers)

    def _once(self, method: str, target: str, body: bytes | None, headers: Mapping[str, str]) -> Reply:
        connection = self._connection
        connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders(body)
        answer = connection.getresponse()
        return Reply(answer.status, answer.headers, answer.read())


def secrets_of(target: str, body: bytes | None, headers: Mapping[str, str]) -> list[str]:
    """The secrets that a request holds: in its query, its form, its cookies and its authorization."""
    query = urlsplit(target).query
    form = body.decode(errors="replace") if body else ""
    pairs = [pair for text in (query, form) for pair in _pairs(text)]
    found = [value for name, value in pairs if name in SECRETS]
    found += [value for name, value in headers.items() if name in {"Authorization", "Cookie"}]
    return [part for value in found for part in value.split(" ") if len(part) >= _SHORTEST_SECRET]


def leaked(secrets: Sequence[str], reply: Reply) -> list[str]:
    """Those of the secrets that an answer holds, in its body or in a header."""
    said = reply.body.decode(errors="replace") + " ".join(unquote_plus(value) for value in reply.headers.values())
    return [secret for secret in secrets if secret in said]


def _pairs(text: str) -> list[tuple[str, str]]:
    split = (part.partition("=") for part in text.split("&"))
    return [(name, unquote_plus(value)) for name, _, value in split]
