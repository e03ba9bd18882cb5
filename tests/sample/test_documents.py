"""Do documents come back as they were sent, and does every PDF open?"""

import base64
import io
import zipfile

import pytest
from pypdf import PdfReader

from tests.sample.peer import PDF, Client, an_envelope, refusal_of

BOUNDARY = "a-boundary-between-parts"


def text_of(pdf: bytes) -> str:
    """Read a PDF strictly and answer with the text of all pages."""
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf), strict=True).pages)


def a_document(number: object, content: bytes, **said: object) -> dict[str, object]:
    """Say what a client says of a document."""
    return {"documentId": number, "documentBase64": base64.b64encode(content).decode(), **said}


def test_a_pdf_comes_back_byte_for_byte(ada: Client) -> None:
    """What was uploaded as a PDF is downloaded unchanged, as a PDF, under its name."""
    envelope = ada.create()

    answer = ada.call("GET", f"/envelopes/{envelope}/documents/1")

    assert answer.status_code == 200
    assert answer.content == PDF
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == 'file; filename="Lease.pdf"'


def test_what_is_no_pdf_becomes_a_page_about_it(ada: Client) -> None:
    """Any other document is downloaded as a PDF that opens and says what it stands for."""
    document = a_document(7, "Grüße".encode(), name="Vertrag (Entwurf) \\ Ärger\r\nX-Evil: 1", fileExtension="txt")
    envelope = ada.create(documents=[document])

    answer = ada.call("GET", f"/envelopes/{envelope}/documents/7")

    text = text_of(answer.content)
    assert "Vertrag (Entwurf) \\ Ärger" in text
    assert f"Document 7 of envelope {envelope}" in text
    assert "Uploaded as txt, 7 bytes" in text
    assert "X-Evil" not in answer.headers


def test_combined_is_a_summary_that_opens(ada: Client) -> None:
    """`combined` is a PDF that names subject, status, documents and recipients; a long one has several pages."""
    signers = [{"recipientId": str(number), "email": f"sam{number}@example.com"} for number in range(1, 101)]
    envelope = ada.create(recipients={"signers": signers})

    answer = ada.call("GET", f"/envelopes/{envelope}/documents/combined", headers={"Accept": "application/pdf"})

    text = text_of(answer.content)
    assert answer.headers["content-type"] == "application/pdf"
    for said in ("Please sign the lease", "Status: sent", "1. Lease", "1. sam1@example.com", "100. sam100@example.com"):
        assert said in text
    assert len(PdfReader(io.BytesIO(answer.content), strict=True).pages) == 3


def test_a_draft_without_anything_has_a_summary(ada: Client) -> None:
    """The summary of an empty draft opens too."""
    envelope = ada.call("POST", "/envelopes", json={}).json()["envelopeId"]

    assert "No subject yet" in text_of(ada.call("GET", f"/envelopes/{envelope}/documents/combined").content)


def test_the_archive_holds_every_document(ada: Client) -> None:
    """`archive` is a ZIP with a PDF for each document, in their order."""
    documents = [a_document(2, b"<p>Annex</p>", name="../../Annex", fileExtension="html"), a_document(1, PDF)]
    envelope = ada.create(documents=documents)

    answer = ada.call("GET", f"/envelopes/{envelope}/documents/archive")

    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert answer.headers["content-type"] == "application/zip"
    assert archive.namelist() == ["2.pdf", "1.pdf"]
    assert archive.read("1.pdf") == PDF
    assert "../../Annex" in text_of(archive.read("2.pdf"))


@pytest.mark.parametrize("which", ["1", "combined", "archive"])
def test_base64_where_it_is_asked_for(ada: Client, which: str) -> None:
    """`Content-Transfer-Encoding: base64` on the request turns any download into base64 text of the same bytes."""
    path = f"/envelopes/{ada.create()}/documents/{which}"

    answer = ada.call("GET", path, headers={"Content-Transfer-Encoding": "base64"})

    assert base64.b64decode(answer.text, validate=True) == ada.call("GET", path).content
    assert answer.headers["content-transfer-encoding"] == "base64"


def test_documents_are_listed_in_the_order_of_the_definition(ada: Client) -> None:
    """The list keeps the client's order and IDs, as strings, and each URI leads to its document."""
    documents = [a_document("12", b"twelve", name="Annex", fileExtension="docx"), a_document(3, PDF, name="Lease")]
    envelope = ada.create(documents=documents)

    listed = ada.get(f"/envelopes/{envelope}/documents")

    found = [(each["documentId"], each["name"], each["order"]) for each in listed["envelopeDocuments"]]
    assert listed["envelopeId"] == envelope
    assert found == [("12", "Annex", "1"), ("3", "Lease", "2")]
    assert ada.call("GET", listed["envelopeDocuments"][1]["uri"]).content == PDF


@pytest.mark.parametrize("which", ["2", "0", "99999999999999999999", "certificate"])
def test_unknown_documents(ada: Client, which: str) -> None:
    """A document that the envelope does not have is a 404 of its own."""
    answer = ada.call("GET", f"/envelopes/{ada.create()}/documents/{which}")

    assert refusal_of(answer) == (404, "DOCUMENT_DOES_NOT_EXIST")


@pytest.mark.parametrize(
    ("documents", "code"),
    [
        pytest.param([a_document(1, PDF), a_document("1", PDF)], "INVALID_REQUEST_PARAMETER", id="one ID twice"),
        pytest.param([a_document("one", PDF)], "INVALID_REQUEST_PARAMETER", id="no number"),
        pytest.param([a_document(0, PDF)], "INVALID_REQUEST_PARAMETER", id="zero"),
        pytest.param([a_document(2**31, PDF)], "INVALID_REQUEST_PARAMETER", id="too large a number"),
        pytest.param([{"documentId": "1"}], "INVALID_REQUEST_BODY", id="no content"),
        pytest.param([{"documentId": "1", "documentBase64": "?"}], "INVALID_REQUEST_BODY", id="no base64"),
        pytest.param([{"documentId": "1", "documentBase64": "é"}], "INVALID_REQUEST_BODY", id="no ASCII"),
        pytest.param([{"documentId": "1", "documentBase64": [1]}], "INVALID_REQUEST_BODY", id="a list"),
        pytest.param("JVBERi0=", "INVALID_REQUEST_BODY", id="no list"),
    ],
)
def test_documents_that_cannot_be_kept(ada: Client, documents: object, code: str) -> None:
    """A document that cannot be kept refuses the whole envelope."""
    answer = ada.call("POST", "/envelopes", json=an_envelope() | {"documents": documents})

    assert refusal_of(answer) == (400, code)
    assert ada.get("/envelopes", from_date="2000-01-01")["totalSetSize"] == "0"


def test_base64_with_line_breaks(ada: Client) -> None:
    """Base64 broken into lines is read."""
    content = base64.encodebytes(PDF * 3).decode()
    envelope = ada.create(documents=[{"documentBase64": content}])

    assert ada.call("GET", f"/envelopes/{envelope}/documents/1").content == PDF * 3


def multipart(*parts: tuple[str, bytes]) -> bytes:
    """Join parts, each a block of headers and a content, into a body."""
    joined = [f"--{BOUNDARY}\r\n{head}\r\n\r\n".encode() + content + b"\r\n" for head, content in parts]
    return b"".join(joined) + f"--{BOUNDARY}--\r\n".encode()


def post_parts(client: Client, body: bytes) -> tuple[int, dict[str, str]]:
    """Create an envelope from a multipart body."""
    content_type = f"multipart/form-data; boundary={BOUNDARY}"
    answer = client.call("POST", "/envelopes", data=body, headers={"Content-Type": content_type})
    return answer.status_code, answer.json()


DEFINITION = (
    "Content-Type: application/json\r\nContent-Disposition: form-data",
    b"""{
        "emailSubject": "Lease",
        "status": "sent",
        "documents": [
            {"documentId": "1", "name": "Lease"},
            {"documentId": "2", "name": "Annex", "fileExtension": "docx"}
        ],
        "recipients": {"signers": [{"recipientId": "1", "email": "sam@example.com"}]}
    }""",
)


def test_documents_in_parts_of_their_own(ada: Client) -> None:
    """Documents may come in parts, raw or base64, with quotes, without, or left open as Docusign's examples write."""
    body = multipart(
        DEFINITION,
        ("Content-Type: application/pdf\r\nContent-Disposition: file; filename=The lease;documentid=1", PDF),
        ('Content-Disposition: file; filename="Annex.docx;documentid=2', b"PK\x03\x04\r\n--a-bound"),
        (
            'Content-Disposition: file; filename="plan.pdf"; documentId="3"\r\nContent-Transfer-Encoding: base64',
            base64.b64encode(PDF),
        ),
    )

    status, created = post_parts(ada, body)

    listed = ada.get(f"{created['uri']}/documents")["envelopeDocuments"]
    assert (status, created["status"]) == (201, "sent")
    assert [(each["documentId"], each["name"]) for each in listed] == [
        ("1", "Lease"),
        ("2", "Annex"),
        ("3", "plan.pdf"),
    ]
    assert ada.call("GET", f"{created['uri']}/documents/1").content == PDF
    assert ada.call("GET", f"{created['uri']}/documents/3").content == PDF
    assert "Uploaded as docx, 15 bytes" in text_of(ada.call("GET", f"{created['uri']}/documents/2").content)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(multipart(DEFINITION)[:-40], id="cut off"),
        pytest.param(b"", id="empty"),
        pytest.param(b"--another-boundary\r\n\r\n", id="another boundary"),
        pytest.param(multipart(("Content-Disposition: file; documentid=1", PDF)), id="no JSON"),
        pytest.param(multipart(DEFINITION, DEFINITION), id="JSON twice"),
        pytest.param(multipart(DEFINITION), id="documents without content"),
        pytest.param(multipart(*[DEFINITION] * 1001), id="too many parts"),
        pytest.param(multipart(("bad header line", b"{}")), id="a header that is none"),
        pytest.param(multipart(("Content-Type: application/json", b"{")), id="JSON that stops"),
    ],
)
def test_parts_that_cannot_be_read(ada: Client, body: bytes) -> None:
    """A multipart body that is not whole is refused and leaves nothing behind."""
    status, said = post_parts(ada, body)

    assert (status, said["errorCode"]) == (400, "INVALID_REQUEST_BODY")
    assert ada.get("/envelopes", from_date="2000-01-01")["totalSetSize"] == "0"


def test_one_document_in_two_parts(ada: Client) -> None:
    """Two parts for one document are refused: neither is preferred."""
    part = ("Content-Disposition: file; documentid=1", PDF)

    status, said = post_parts(ada, multipart(DEFINITION, part, part))

    assert (status, said["errorCode"]) == (400, "INVALID_REQUEST_PARAMETER")


def test_a_multipart_body_without_a_boundary(ada: Client) -> None:
    """A multipart type that names no boundary is refused."""
    answer = ada.call("POST", "/envelopes", data=b"{}", headers={"Content-Type": "multipart/form-data"})

    assert refusal_of(answer) == (400, "INVALID_REQUEST_BODY")
