"""Which parts does a multipart body have?"""

import base64
import binascii
import re
from dataclasses import dataclass, field

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from keysteward.sample.refusals import BAD_BODY, Refusal

# Docusign's own examples leave quotes out or open, so that a strict header parser would lose the document's ID.
DOCUMENT_ID = re.compile(r';\s*documentid\s*=\s*"?([^";\s]+)', re.IGNORECASE)
FILE_NAME = re.compile(r';\s*filename\s*=\s*"?([^";]*)', re.IGNORECASE)

MOST_PARTS = 1000


@dataclass
class Part:
    """One part: its headers by lower-case name, and its bytes as they came."""

    headers: dict[str, str] = field(default_factory=dict)
    content: bytearray = field(default_factory=bytearray)

    @property
    def document_id(self) -> str | None:
        """The document that this part is the content of; None for the part that defines the envelope."""
        found = DOCUMENT_ID.search(self.headers.get("content-disposition", ""))
        return found[1] if found else None

    @property
    def file_name(self) -> str:
        """The name that the part gives its file, or nothing."""
        found = FILE_NAME.search(self.headers.get("content-disposition", ""))
        return found[1].strip() if found else ""

    def decoded(self) -> bytes:
        """Undo the part's transfer encoding."""
        if self.headers.get("content-transfer-encoding", "").strip().lower() != "base64":
            return bytes(self.content)
        return decode_base64(bytes(self.content))


def decode_base64(text: bytes) -> bytes:
    """Decode base64 that may have line breaks."""
    try:
        return base64.b64decode(b"".join(text.split()), validate=True)
    except binascii.Error:
        raise Refusal(BAD_BODY, "A document's content is not base64.") from None


def is_multipart(content_type: str) -> bool:
    """Tell whether a body of this type has parts."""
    return content_type.strip().lower().startswith("multipart/")


def read_parts(body: bytes, content_type: str) -> list[Part]:
    """Split a multipart body; one that stops before its closing boundary is refused."""
    boundary = parse_options_header(content_type)[1].get(b"boundary")
    if not boundary:
        raise Refusal(BAD_BODY, "The Content-Type of a multipart body must name its boundary.")
    collector = _Collector()
    try:
        _parser(boundary, collector).write(body)
    except FormParserError:
        raise Refusal(BAD_BODY, "The multipart body does not follow its boundary.") from None
    if not collector.ended:
        raise Refusal(BAD_BODY, "The multipart body ends before its closing boundary.")
    return collector.parts


class _Collector:
    """Gathers what the parser finds."""

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self.ended = False
        self._name = bytearray()
        self._value = bytearray()

    def begin(self) -> None:
        if len(self.parts) == MOST_PARTS:
            raise Refusal(BAD_BODY, f"A multipart body may have at most {MOST_PARTS} parts.")
        self.parts.append(Part())

    def add_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def add_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def end_header(self) -> None:
        name = self._name.decode("latin-1").lower()
        self.parts[-1].headers[name] = self._value.decode("utf-8", "replace")
        self._name.clear()
        self._value.clear()

    def add_content(self, data: bytes, start: int, end: int) -> None:
        self.parts[-1].content += data[start:end]

    def end(self) -> None:
        self.ended = True


def _parser(boundary: bytes, collector: _Collector) -> MultipartParser:
    return MultipartParser(
        boundary,
        {
            "on_part_begin": collector.begin,
            "on_header_field": collector.add_name,
            "on_header_value": collector.add_value,
            "on_header_end": collector.end_header,
            "on_part_data": collector.add_content,
            "on_end": collector.end,
        },
    )
