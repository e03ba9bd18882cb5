"""What did somebody send who authenticates the old way: a header in JSON or XML, or a SOAP UsernameToken?

XML is read by a plain parser that refuses every document type, so there are no entities to expand and nothing to fetch.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from xml.parsers import expat

from keysteward.rules.refusals import LEGACY_UNREADABLE, TOO_LARGE, Refusal

HEADER = "x-docusign-authentication"
SOAP_TYPES = frozenset({"text/xml", "application/soap+xml"})
MOST_HEADER_CHARACTERS = 4_096
MOST_SOAP_BYTES = 4 * 1_048_576

_KEY = re.compile(r"(?:[0-9a-z]{4}-)?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})", re.IGNORECASE)
_BRACKETED = re.compile(r"\s*\[([^\[\]]{1,60})\]\s*(.+?)\s*", re.DOTALL)
_NAMES = {
    "username": "user",
    "password": "password",
    "integratorkey": "key",
    "integrationkey": "key",
    "sendonbehalfof": "on behalf of",
}
_MOST_DEPTH = 64
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


def is_soap(content_type: str) -> bool:
    """Whether a body says that it is a SOAP message."""
    return content_type.partition(";")[0].strip().lower() in SOAP_TYPES


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
    if len(message) > MOST_SOAP_BYTES:
        raise Refusal(TOO_LARGE, limit=MOST_SOAP_BYTES)
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


# ── XML ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
class _Reader:
    """Follows a document: the path of local names in lower case, and the text of the innermost element."""

    def __init__(self) -> None:
        self.path: list[str] = []
        self.text = ""
        self.at = expat.ParserCreate("utf-8", " ")
        self.at.StartDoctypeDeclHandler = self._refuse_type
        self.at.StartElementHandler = self._start
        self.at.EndElementHandler = self._end
        self.at.CharacterDataHandler = self._say

    def begun(self) -> None:
        """An element began; its name is the last of the path."""

    def ended(self) -> None:
        """An element ends; its name is the last of the path."""

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        if len(self.path) >= _MOST_DEPTH:
            raise Refusal(LEGACY_UNREADABLE, reason="its XML is nested too deeply")
        self.path.append(name.rpartition(" ")[2].rpartition(":")[2].lower())
        self.text = ""
        self.begun()

    def _end(self, _name: str) -> None:
        self.ended()
        self.path.pop()
        self.text = ""

    def _say(self, text: str) -> None:
        self.text += text

    def _refuse_type(self, *_: object) -> None:
        raise Refusal(LEGACY_UNREADABLE, reason="its XML has a document type")


class _HeaderReader(_Reader):
    """Reads the fields below the root."""

    def __init__(self) -> None:
        super().__init__()
        self.root = ""
        self.pairs: list[tuple[str, str]] = []

    def begun(self) -> None:
        self.root = self.path[0]

    def ended(self) -> None:
        if len(self.path) == 2:
            self.pairs.append((self.path[1], self.text))


class _SoapReader(_Reader):
    """Reads the fields of the UsernameToken, and where its Security header begins and its end tag stands."""

    def __init__(self) -> None:
        super().__init__()
        self.token: list[tuple[str, str]] | None = None
        self.security = (0, 0)

    def begun(self) -> None:
        if tuple(self.path) == _TOKEN[:3]:
            self._demand_first(self.security == (0, 0))
            self.security = (self.at.CurrentByteIndex, 0)
        if tuple(self.path) == _TOKEN:
            self._demand_first(self.token is None)
            self.token = []

    def ended(self) -> None:
        if tuple(self.path[:-1]) == _TOKEN and self.token is not None:
            self.token.append((self.path[-1], self.text))
        if tuple(self.path) == _TOKEN[:3]:
            self.security = (self.security[0], self.at.CurrentByteIndex)

    def _demand_first(self, is_first: bool) -> None:  # noqa: FBT001 — what it asks
        if not is_first:
            raise Refusal(LEGACY_UNREADABLE, reason="a header comes twice")


def _parse(reader: _Reader, document: bytes) -> None:
    try:
        document.decode()  # the parser would take other encodings too, and count their bytes differently
        reader.at.Parse(document, True)  # noqa: FBT003 — the parser's own order
    except UnicodeDecodeError:
        raise Refusal(LEGACY_UNREADABLE, reason="its XML is not UTF-8") from None
    except expat.ExpatError as error:
        reason = expat.ErrorString(error.code)
        raise Refusal(LEGACY_UNREADABLE, reason=f"its XML cannot be read: {reason}") from None
