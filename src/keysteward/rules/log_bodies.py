"""How is a body shown in a request log?

Text is taken apart as what it is (JSON, XML, a form, several parts), each value is cleaned, and it is put together
again to be read. What is no text, or longer than is kept, is summed up: its type, size and digest.
"""

import hashlib
import html
import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl
from xml.parsers import expat

from keysteward.rules.redaction import OMITTED, Redactor, is_secret_name

_BINARY = re.compile(
    r"(?:image|audio|video|font)/.*|application/(?:pdf|zip|gzip|octet-stream|x-protobuf|grpc|vnd\.openxml.*)"
)
_CHARSETS = frozenset({"", "utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1", "latin-1", "windows-1252", "utf-16"})
_NOT_ENCODED = frozenset({"", "identity", "7bit", "8bit", "binary"})
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_PACKED = re.compile(r"[A-Za-z0-9+/_-]{200,}={0,2}")
_LEAST_PACKED = 1_024
_PARAMETER = re.compile(r'=\s*"?([^";]*)')
_SUMMARY = re.compile(r"\[[^\n]* bytes, SHA-256 [0-9a-f]{64}\]")
_PRIVATE_JWK = frozenset({"d", "p", "q", "dp", "dq", "qi", "k", "oth"})
_NAMING = ("name", "key", "fieldname", "id")
_MOST_FIELDS = 10_000
_MOST_DEPTH = 200
_SHOWN_TYPE = 100


@dataclass(frozen=True, slots=True)
class Captured:
    """A body as it passed. `content` is None where it was longer than is kept; the digest is SHA-256 of all of it."""

    content: bytes | None
    size: int
    digest: str


class _CannotShow(Exception):
    """It is not what it says it is, or too deep to be read."""


def shown_body(body: Captured, content_type: str, content_encoding: str, redactor: Redactor) -> str:
    """A body as it stands in a request log."""
    if body.size == 0:
        return ""
    media_type, charset, boundary = _parameters(content_type)
    shown = None
    if body.content is not None and content_encoding.strip().lower() in _NOT_ENCODED:
        if media_type.startswith("multipart/"):
            shown = _shown_parts(body.content, boundary, redactor)
        elif (text := _text(body.content, media_type, charset)) is not None:
            shown = _shown_text(text, media_type, redactor)
    return (
        f"[{redactor.text(media_type) or 'no type'}, {body.size:,} bytes, SHA-256 {body.digest}]"
        if shown is None
        else shown
    )


def is_summed_up(shown: str) -> bool:
    """Whether a body was too long to be kept, or no text."""
    return _SUMMARY.fullmatch(shown) is not None


def _parameters(content_type: str) -> tuple[str, str, str]:
    """Media type, charset and boundary of a Content-Type."""
    media_type, *rest = content_type.split(";")
    pairs = (part.partition("=") for part in rest)
    found = {name.strip().lower(): value.strip().strip('"') for name, _, value in pairs}
    return media_type.strip().lower()[:_SHOWN_TYPE], found.get("charset", "").lower(), found.get("boundary", "")


def _text(content: bytes, media_type: str, charset: str) -> str | None:
    """The body as text; None where it is none."""
    if _BINARY.fullmatch(media_type) or charset not in _CHARSETS:
        return None
    try:
        text = content.decode(charset or "utf-8")
    except ValueError:
        return None
    return None if _CONTROL.search(text) else text.removeprefix("\ufeff")


def _shown_text(text: str, media_type: str, redactor: Redactor) -> str | None:
    """Text in its own form; None where it says that it has one, has not, and speaks of secrets."""
    start = text.lstrip()[:1]
    try:
        if media_type.endswith("json") or start in {"{", "["}:
            return _shown_json(text, redactor)
        if media_type.endswith("xml") or start == "<":
            return _shown_xml(text, redactor)
        if media_type == "application/x-www-form-urlencoded":
            return _shown_form(text, redactor)
    except _CannotShow:
        pass
    else:
        return redactor.text(text) if media_type != "text/csv" else _without_names(text, redactor)
    return _without_names(text, redactor)


def _without_names(text: str, redactor: Redactor) -> str | None:
    return None if is_secret_name(text) else redactor.text(text)


# ── JSON ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def _shown_json(text: str, redactor: Redactor) -> str:
    try:
        value = json.loads(text)
        return json.dumps(_cleaned(value, redactor, 0), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        raise _CannotShow from None


def _cleaned(value: Any, redactor: Redactor, depth: int) -> Any:  # noqa: ANN401 — JSON holds anything
    if depth > _MOST_DEPTH:
        raise _CannotShow
    if isinstance(value, dict):
        return _cleaned_object(value, redactor, depth)
    if isinstance(value, list):
        return [_cleaned(each, redactor, depth + 1) for each in value]
    if isinstance(value, str):
        return _packed(value) or redactor.text(value)
    return value if redactor.text(str(value)) == str(value) else OMITTED


def _cleaned_object(value: dict[str, Any], redactor: Redactor, depth: int) -> dict[str, Any]:
    """An object without what its names call secret, or what one of its own values does."""
    named = {name.lower(): each for name, each in value.items() if isinstance(each, str)}
    about = any(is_secret_name(named[name]) for name in _NAMING if name in named)
    is_key = "kty" in value
    cleaned = {}
    for name, each in value.items():
        is_secret = is_secret_name(name) or (about and name.lower() == "value") or (is_key and name in _PRIVATE_JWK)
        shown = _left_out(each, redactor) if is_secret else _cleaned(each, redactor, depth + 1)
        cleaned[redactor.text(name)] = shown
    return cleaned


def _left_out(value: Any, redactor: Redactor) -> Any:  # noqa: ANN401 — JSON holds anything
    """What stands for a secret: a yes, a no and nothing may stay."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            _left_out(each, redactor)
    else:
        redactor.take(str(value))
    return OMITTED


def _packed(text: str) -> str | None:
    """A file in base64 is as good as binary."""
    if len(text) < _LEAST_PACKED or not _PACKED.fullmatch(text):
        return None
    return f"[base64, {len(text):,} characters]"


# ── XML ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
def _shown_xml(text: str, redactor: Redactor) -> str:
    writer = _XmlWriter(redactor)
    try:
        writer.parser.Parse(text, True)  # noqa: FBT003 — its own interface
    except (expat.ExpatError, ValueError):
        raise _CannotShow from None
    return "".join(writer.pieces)


class _XmlWriter:
    """Writes XML anew while it is parsed. There are no document types, so no entities to expand."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._path: list[str] = []
        self._secret_depth = 0
        self._text: list[str] = []
        self.pieces: list[str] = []
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._begin
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text.append
        self.parser.StartDoctypeDeclHandler = self._refuse

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        self._say_text()
        self._path.append(name)
        if len(self._path) > _MOST_DEPTH:
            raise _CannotShow
        if self._secret_depth or is_secret_name(name.rpartition(":")[2]):
            self._secret_depth += 1
            self._leave_out(attributes)
            return
        shown = (
            f' {self._redactor.text(each)}="{html.escape(self._redactor.value(each, value))}"'
            for each, value in attributes.items()
        )
        self.pieces.append(f"<{self._redactor.text(name)}{''.join(shown)}>")

    def _leave_out(self, attributes: dict[str, str]) -> None:
        for value in attributes.values():
            self._redactor.take(value)
        if self._secret_depth == 1:
            self.pieces.append(f"<{self._redactor.text(self._path[-1])}>{OMITTED}")

    def _end(self, name: str) -> None:
        self._say_text()
        self._path.pop()
        self._secret_depth = max(0, self._secret_depth - 1)
        if not self._secret_depth:
            self.pieces.append(f"</{self._redactor.text(name)}>")

    def _say_text(self) -> None:
        text = "".join(self._text)
        self._text.clear()
        if self._secret_depth:
            self._redactor.take(text)
        elif text:
            self.pieces.append(html.escape(_packed(text.strip()) or self._redactor.text(text), quote=False))

    def _refuse(self, *_: object) -> None:
        raise _CannotShow


# ── forms ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def _shown_form(text: str, redactor: Redactor) -> str:
    try:
        pairs = parse_qsl(text.strip(), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise _CannotShow from None
    return "\n".join(f"{redactor.text(name)}={redactor.value(name, value)}" for name, value in pairs)


def _shown_parts(content: bytes, boundary: str, redactor: Redactor) -> str | None:
    """Each part with its headers; what stands before the first and behind the last is nobody's."""
    border = b"--" + boundary.encode("latin-1", "replace")
    parts = content.split(border)[1:-1] if boundary else []
    shown = [_shown_part(part, redactor) for part in parts]
    return "\n\n".join(f"--{redactor.text(boundary)}\n{part}" for part in shown) or None


def _shown_part(part: bytes, redactor: Redactor) -> str:
    head, _, content = part.partition(b"\r\n\r\n")
    lines = (line.partition(":") for line in head.decode("latin-1").splitlines() if line.strip())
    fields = {name.strip().lower(): value.strip() for name, _, value in lines}
    headers = "\n".join(f"{redactor.text(name)}: {redactor.value(name, value)}" for name, value in fields.items())
    content = content.removesuffix(b"\r\n")
    if any(is_secret_name(each) for each in _PARAMETER.findall(fields.get("content-disposition", ""))):
        redactor.take(content.decode("latin-1"))
        return f"{headers}\n\n{OMITTED}"
    return f"{headers}\n\n{_shown_content(content, fields, redactor)}"


def _shown_content(content: bytes, fields: dict[str, str], redactor: Redactor) -> str:
    media_type = fields.get("content-type", "text/plain")
    if media_type.lower().startswith("multipart/"):
        media_type = "application/octet-stream"  # parts within parts are not taken apart
    body = Captured(content, len(content), hashlib.sha256(content).hexdigest())
    return shown_body(body, media_type, fields.get("content-transfer-encoding", ""), redactor)
