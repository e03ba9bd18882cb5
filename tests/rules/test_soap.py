"""What is a SOAP message, what does it ask for, and how does a fault read?"""

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keysteward.rules.soap import Asked, Unreadable, fault, is_soap, message, read, speaks_soap

OLD, NEW = "text/xml; charset=utf-8", "application/soap+xml"
SPACES = {OLD: "{http://schemas.xmlsoap.org/soap/envelope/}", NEW: "{http://www.w3.org/2003/05/soap-envelope}"}


def asking(body: str) -> bytes:
    """A message with this in its body."""
    return message(OLD, body).text.encode()


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        ("text/xml", True),
        ("Text/XML; charset=utf-8", True),
        ("application/soap+xml; action=x", True),
        ("application/xml", False),
        ("text/xmlish", False),
        ("", False),
    ],
)
def test_soap_is_known_by_its_content_type(content_type: str, expected: bool) -> None:
    """SOAP 1.1 and 1.2 say what they are."""
    assert is_soap(content_type) == expected


def test_faults_answer_messages_only() -> None:
    """XML that is put or fetched is a document, and its caller expects JSON."""
    assert [speaks_soap(method, OLD) for method in ("POST", "PUT", "GET")] == [True, False, False]


def test_a_message_says_what_it_asks_for() -> None:
    """The first element of the Body names the operation, whatever prefix it has; below it are its fields."""
    asked = read(asking('<d:RequestStatus xmlns:d="x"><d:EnvelopeID>1&amp;2</d:EnvelopeID></d:RequestStatus>'))

    assert asked == Asked("RequestStatus", {"EnvelopeID": "1&2"})


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (b"", "no element found"),
        (b"<a><b></a>", "mismatched tag"),
        (asking(""), "asks for nothing"),
        (asking("<A/><B/>"), "more than one thing"),
        (asking("<A><x>1</x><x>2</x></A>"), "comes twice"),
        (asking("<A>" * 70 + "</A>" * 70), "nested too deeply"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "document type"),
        ("<a>ä</a>".encode("latin-1"), "not UTF-8"),
        ('<?xml version="1.0" encoding="utf-16"?><a/>'.encode("utf-16"), "not UTF-8"),
    ],
    ids=["empty", "broken", "asks nothing", "asks twice", "field twice", "deep", "entities", "latin-1", "utf-16"],
)
def test_what_cannot_be_read_is_refused_with_its_reason(document: bytes, reason: str) -> None:
    """Nothing is guessed, expanded or fetched."""
    with pytest.raises(Unreadable, match=reason):
        read(document)


@given(st.binary(max_size=200))
def test_no_bytes_surprise_the_reader(document: bytes) -> None:
    """Whatever comes is read or refused."""
    try:
        read(document)
    except Unreadable:
        return


@pytest.mark.parametrize("content_type", [OLD, NEW])
@pytest.mark.parametrize(
    ("code", "number"), [("PARTNER_AUTHENTICATION_FAILED", "3"), ("HOURLY_APIINVOCATION_LIMIT_EXCEEDED", "207")]
)
def test_known_faults_have_their_numbers(content_type: str, code: str, number: str) -> None:
    """The fault speaks the caller's version of SOAP and carries Docusign's number."""
    said = fault(content_type, 401, code, "Our own words.")
    root = ET.fromstring(said.text)  # noqa: S314 — our own text

    assert (said.content_type.partition(";")[0], root.tag) == (
        content_type.partition(";")[0],
        SPACES[content_type] + "Envelope",
    )
    assert [number] == [element.text for element in root.iter("ErrorNumber")]
    assert [code] == [element.text for element in root.iter("ErrorCode")]


@pytest.mark.parametrize(
    ("content_type", "status", "expected"),
    [
        (OLD, 401, (500, "soap:Client")),
        (OLD, 502, (500, "soap:Server")),
        (NEW, 401, (400, "soap:Sender")),
        (NEW, 502, (500, "soap:Receiver")),
    ],
    ids=["1.1 theirs", "1.1 ours", "1.2 theirs", "1.2 ours"],
)
def test_a_fault_says_whose_it_is(content_type: str, status: int, expected: tuple[int, str]) -> None:
    """Each version of SOAP has its own status and words for that; what we say is escaped."""
    said = fault(content_type, status, "A_CODE", "a < b & c")
    side = "Value" if content_type == NEW else "faultcode"
    words = {element.tag.rpartition("}")[2]: element.text for element in ET.fromstring(said.text).iter()}  # noqa: S314 — our own text

    assert expected == (said.status, words[side])
    assert "a < b & c" in words.values()
