"""What did somebody send who authenticates the old way: a header in JSON or XML, or a SOAP UsernameToken?"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from keysteward.rules import soap
from keysteward.rules.refusals import LEGACY_UNREADABLE, TOO_LARGE, Refusal

HEADER = "x-docusign-authentication"
MOST_HEADER_CHARACTERS = 4_096

_KEY = re.compile(r"(?:[0-9a-z]{4}-)?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})", re.IGNORECASE)
_BRACKETED = re.compile(r"\s*\[([^\[\]]{1,60})\]\s*(.+?)\s*", re.DOTALL)
_NAMES = {
    "username": "user",
    "password": "password",
    "integratorkey": "key",
    "integrationkey": "key",
    "sendonbehalfof": "on behalf of",
}
_ROOT = "docusigncredentials"
_TOKEN = ("envelope", "header", "security", "usernametoken")


@dataclass(frozen=True, slots=True)
class Login:
    """Whom somebody says they are, and with what they would prove it. The key is a GUID, or empty where it is none."""

    unverified_key: str
    unverified_user: str
    unverified_password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SoapCall:
    """The login of a SOAP call, and the message without its Security header, as it may be passed on."""

    login: Login
    message: bytes = field(repr=False)


def read_header(value: str) -> Login:
    """The login in an `X-DocuSign-Authentication` header, in JSON or XML."""
    if len(value) > MOST_HEADER_CHARACTERS:
        raise Refusal(LEGACY_UNREADABLE, reason=f"it has more than {MOST_HEADER_CHARACTERS} characters")
    pairs = _pairs_of_xml(value) if value.lstrip().startswith("<") else _pairs_of_json(value)
    found = _fields(pairs)
    if "on behalf of" in found:
        raise Refusal(LEGACY_UNREADABLE, reason="SendOnBehalfOf needs an access token of that user")
    if missing := {"user", "password", "key"} - found.keys():
        raise Refusal(LEGACY_UNREADABLE, reason=f"it names no {' and no '.join(sorted(missing))}")
    return Login(key_of(found["key"]), found["user"].strip(), found["password"])


def read_soap(message: bytes) -> SoapCall | None:
    """The login in a SOAP message's UsernameToken, where the user name carries the key: `[KEY]user`."""
    if len(message) > soap.MOST_BYTES:
        raise Refusal(TOO_LARGE, limit=soap.MOST_BYTES)
    reader = _SoapReader()
    _parse(reader, message)
    if reader.token is None:
        return None
    found = _fields(reader.token)
    named = _BRACKETED.fullmatch(found.get("user", ""))
    key, user = (named[1], named[2]) if named else ("", found.get("user", ""))
    start, end_tag = reader.security
    kept = message[:start] + message[message.index(b">", end_tag) + 1 :]
    return SoapCall(Login(key_of(key), user.strip(), found.get("password", "")), kept)


def key_of(text: str) -> str:
    """The GUID of a key as somebody wrote it: older keys carry four letters and a dash before it."""
    found = _KEY.fullmatch(text.strip())
    return found[1].lower() if found else ""


def _fields(pairs: Iterable[tuple[str, object]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in pairs:
        known = _NAMES.get(name.lower())
        if known is None:
            continue
        if known in found or not isinstance(value, str):
            raise Refusal(LEGACY_UNREADABLE, reason="a field comes twice, or is no text")
        found[known] = value
    return found


def _pairs_of_json(value: str) -> list[tuple[str, object]]:
    try:
        found = json.loads(value, object_pairs_hook=list)
    except (ValueError, RecursionError):
        raise Refusal(LEGACY_UNREADABLE, reason="it is neither JSON nor XML") from None
    if not isinstance(found, list) or not all(isinstance(pair, tuple) for pair in found):
        raise Refusal(LEGACY_UNREADABLE, reason="it is no JSON object")
    return found


def _pairs_of_xml(value: str) -> list[tuple[str, object]]:
    reader = _HeaderReader()
    _parse(reader, value.encode())
    if reader.root != _ROOT:
        raise Refusal(LEGACY_UNREADABLE, reason="its XML is no DocuSignCredentials")
    return [(name, text) for name, text in reader.pairs]


class _HeaderReader(soap.Reader):
    """Reads the fields below the root."""

    def __init__(self) -> None:
        super().__init__()
        self.root = ""
        self.pairs: list[tuple[str, str]] = []

    def begun(self) -> None:
        self.root = self.lowered[0]

    def ended(self) -> None:
        if len(self.path) == 2:
            self.pairs.append((self.lowered[1], self.text))


class _SoapReader(soap.Reader):
    """Reads the fields of the UsernameToken, and where its Security header begins and its end tag stands."""

    def __init__(self) -> None:
        super().__init__()
        self.token: list[tuple[str, str]] | None = None
        self.security = (0, 0)

    def begun(self) -> None:
        if self.lowered == _TOKEN[:3]:
            self._demand_first(self.security == (0, 0))
            self.security = (self.at.CurrentByteIndex, 0)
        if self.lowered == _TOKEN:
            self._demand_first(self.token is None)
            self.token = []

    def ended(self) -> None:
        if self.lowered[:-1] == _TOKEN and self.token is not None:
            self.token.append((self.path[-1], self.text))
        if self.lowered == _TOKEN[:3]:
            self.security = (self.security[0], self.at.CurrentByteIndex)

    def _demand_first(self, is_first: bool) -> None:  # noqa: FBT001 — what it asks
        if not is_first:
            raise Refusal(LEGACY_UNREADABLE, reason="a header comes twice")


def _parse(reader: soap.Reader, document: bytes) -> None:
    try:
        soap.parse(reader, document)
    except soap.Unreadable as error:
        raise Refusal(LEGACY_UNREADABLE, reason=str(error)) from None
