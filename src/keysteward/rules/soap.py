"""What is a SOAP message, what does it ask for, and how does a fault read?

XML is read by a plain parser that refuses every document type, so there are no entities to expand and nothing to fetch.
"""

from dataclasses import dataclass
from xml.parsers import expat
from xml.sax.saxutils import escape

TYPES = frozenset({"text/xml", "application/soap+xml"})
MOST_BYTES = 4 * 1_048_576
UNKNOWN_KEY = "PARTNER_AUTHENTICATION_FAILED"
FAULTS = {
    UNKNOWN_KEY: ("3", "The specified integration key was not found or is disabled"),
    "HOURLY_APIINVOCATION_LIMIT_EXCEEDED": ("207", "The maximum number of hourly API invocations has been exceeded."),
}
"""The codes that SOAP clients know by a number, each with its sentence. Source: Docusign, eSignature SOAP API."""

_MOST_DEPTH = 64
_NEW_TYPE = "application/soap+xml"
_SPACES = {
    "text/xml": "http://schemas.xmlsoap.org/soap/envelope/",
    _NEW_TYPE: "http://www.w3.org/2003/05/soap-envelope",
}
_MESSAGE = (
    '<?xml version="1.0" encoding="utf-8"?>\n'
    '<soap:Envelope xmlns:soap="{space}"><soap:Body>{body}</soap:Body></soap:Envelope>'
)
_FAULT = (
    "<soap:Fault><faultcode>soap:{side}</faultcode>"
    "<faultstring>{sentence}</faultstring><detail>{detail}</detail></soap:Fault>"
)
_NEW_FAULT = (
    "<soap:Fault><soap:Code><soap:Value>soap:{side}</soap:Value></soap:Code>"
    '<soap:Reason><soap:Text xml:lang="en">{sentence}</soap:Text></soap:Reason>'
    "<soap:Detail>{detail}</soap:Detail></soap:Fault>"
)


class Unreadable(Exception):
    """Why XML cannot be read, as the end of a sentence."""


@dataclass(frozen=True, slots=True)
class Said:
    """A message as it goes back: status, content type and text."""

    status: int
    content_type: str
    text: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What a message asks for: the operation's name, and the fields directly below it."""

    operation: str
    fields: dict[str, str]


def is_soap(content_type: str) -> bool:
    """Whether a body says that it is a SOAP message."""
    return _media_type(content_type) in TYPES


def speaks_soap(method: str, content_type: str) -> bool:
    """Whether a caller expects faults: SOAP messages are posted, and XML that is put somewhere is a document."""
    return method == "POST" and is_soap(content_type)


def message(content_type: str, body: str) -> Said:
    """An answer of SOAP 1.1 or 1.2, whichever the caller speaks, around a body of XML."""
    kind = _media_type(content_type)
    return Said(200, f"{kind}; charset=utf-8", _MESSAGE.format(space=_SPACES[kind], body=body))


def fault(content_type: str, status: int, code: str, sentence: str) -> Said:
    """A refusal as a fault of SOAP 1.1 or 1.2, whichever the caller speaks."""
    is_new, is_ours = _media_type(content_type) == _NEW_TYPE, status >= 500
    number, known = FAULTS.get(code, ("", sentence))
    sides = ("Receiver", "Sender") if is_new else ("Server", "Client")
    text = (_NEW_FAULT if is_new else _FAULT).format(
        side=sides[0] if is_ours else sides[1],
        sentence=escape(known),
        detail=(f"<ErrorNumber>{number}</ErrorNumber>" if number else "") + f"<ErrorCode>{escape(code)}</ErrorCode>",
    )
    said = message(content_type, text)
    status = 400 if is_new and not is_ours else 500  # SOAP 1.1 §6.2, SOAP 1.2 part 2 §7.5.2.2
    return Said(status, said.content_type, said.text)


def read(document: bytes) -> Asked:
    """What a message asks for; raises Unreadable."""
    reader = _BodyReader()
    parse(reader, document)
    if not reader.operation:
        raise Unreadable("its Body asks for nothing")
    return Asked(reader.operation, reader.fields)


def parse(reader: "Reader", document: bytes) -> None:
    """Lead a reader through a document; raises Unreadable."""
    try:
        document.decode()  # the parser would take other encodings too, and count their bytes differently
        reader.at.Parse(document, True)  # noqa: FBT003 — the parser's own order
    except UnicodeDecodeError:
        raise Unreadable("its XML is not UTF-8") from None
    except expat.ExpatError as error:
        raise Unreadable(f"its XML cannot be read: {expat.ErrorString(error.code)}") from None


class Reader:
    """Follows a document: the path of local names as they are written, and the text of the innermost element."""

    def __init__(self) -> None:
        self.path: list[str] = []
        self.text = ""
        self.at = expat.ParserCreate("utf-8", " ")
        self.at.buffer_text = True
        self.at.StartDoctypeDeclHandler = self._refuse_type
        self.at.StartElementHandler = self._start
        self.at.EndElementHandler = self._end
        self.at.CharacterDataHandler = self._say

    @property
    def lowered(self) -> tuple[str, ...]:
        """The path in lower case."""
        return tuple(name.lower() for name in self.path)

    def begun(self) -> None:
        """An element began; its name is the last of the path."""

    def ended(self) -> None:
        """An element ends; its name is the last of the path."""

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        if len(self.path) >= _MOST_DEPTH:
            raise Unreadable("its XML is nested too deeply")
        self.path.append(name.rpartition(" ")[2].rpartition(":")[2])
        self.text = ""
        self.begun()

    def _end(self, _name: str) -> None:
        self.ended()
        self.path.pop()
        self.text = ""

    def _say(self, text: str) -> None:
        self.text += text

    def _refuse_type(self, *_: object) -> None:
        raise Unreadable("its XML has a document type")


class _BodyReader(Reader):
    """Reads the first element of the Body, and the texts of the elements directly below it."""

    def __init__(self) -> None:
        super().__init__()
        self.operation = ""
        self.fields: dict[str, str] = {}

    def begun(self) -> None:
        if len(self.path) == 3 and self.lowered[:2] == ("envelope", "body"):
            if self.operation:
                raise Unreadable("its Body asks for more than one thing")
            self.operation = self.path[2]

    def ended(self) -> None:
        if len(self.path) == 4 and self.lowered[:2] == ("envelope", "body"):
            if self.path[3] in self.fields:
                raise Unreadable("a field comes twice")
            self.fields[self.path[3]] = self.text


def _media_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()
