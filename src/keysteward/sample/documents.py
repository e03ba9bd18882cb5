"""Which documents does an envelope have, and how does a client get them?

What was uploaded as a PDF comes back byte for byte; everything else as a page that describes it.
"""

import base64
import io
import re
import zipfile
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, select
from starlette.responses import Response

from keysteward.sample.answers import json_answer
from keysteward.sample.call import Call
from keysteward.sample.pdf import write_pdf
from keysteward.sample.people import Person
from keysteward.sample.refusals import UNKNOWN_DOCUMENT, Refusal
from keysteward.sample.stored import Envelope, list_documents, list_people, load_envelope
from keysteward.sample.tables import documents

PDF, ZIP = "application/pdf", "application/zip"
WHERE_READERS_LOOK_FOR_THE_HEADER = 1024


def show_documents(call: Call) -> Response:
    """List the documents of an envelope."""
    with call.store.reading() as connection:
        envelope = load_envelope(connection, call)
        listed = list_documents(connection, envelope.id)
    described = [_describe(envelope, document) for document in listed]
    return json_answer({"envelopeId": envelope.id, "envelopeDocuments": described})


def download(call: Call) -> Response:
    """Answer with one document, with `combined` (a summary of the envelope) or with `archive` (a ZIP of all)."""
    wanted = call.path["document"].lower()
    with call.store.reading() as connection:
        envelope = load_envelope(connection, call)
        if wanted == "combined":
            return _file(call, "Summary.pdf", _summary(connection, envelope))
        if wanted == "archive":
            return _file(call, "Envelope.zip", _archive(connection, envelope), ZIP)
        document = _load_document(connection, envelope, wanted)
    return _file(call, f"{document.name}.pdf", _as_pdf(envelope, document))


def _describe(envelope: Envelope, document: Row[Any]) -> dict[str, str]:
    return {
        "documentId": str(document.id),
        "documentIdGuid": document.guid,
        "name": document.name,
        "type": "content",
        "uri": f"/envelopes/{envelope.id}/documents/{document.id}",
        "order": str(document.position),
        "display": "inline",
        "includeInDownload": "true",
    }


def _load_document(connection: Connection, envelope: Envelope, wanted: str) -> Row[Any]:
    number = int(wanted) if re.fullmatch(r"[0-9]{1,10}", wanted) else 0
    chosen = select(documents).where(documents.c.envelope == envelope.id, documents.c.id == number)
    found = connection.execute(chosen).one_or_none()
    if found is None:
        raise Refusal(UNKNOWN_DOCUMENT)
    return found


def _as_pdf(envelope: Envelope, document: Row[Any]) -> bytes:
    content: bytes = document.content
    if b"%PDF-" in content[:WHERE_READERS_LOOK_FOR_THE_HEADER]:
        return content
    return write_pdf(
        [
            document.name,
            "",
            f"Document {document.id} of envelope {envelope.id}",
            f"Uploaded as {document.extension}, {len(content)} bytes",
        ]
    )


def _archive(connection: Connection, envelope: Envelope) -> bytes:
    chosen = select(documents).where(documents.c.envelope == envelope.id).order_by(documents.c.position)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for document in connection.execute(chosen):
            archive.writestr(zipfile.ZipInfo(f"{document.id}.pdf"), _as_pdf(envelope, document))
    return file.getvalue()


def _summary(connection: Connection, envelope: Envelope) -> bytes:
    listed = list_documents(connection, envelope.id)
    people = list(list_people(connection, envelope.id).values())
    return write_pdf(_summary_lines(envelope, listed, people))


def _summary_lines(envelope: Envelope, listed: Sequence[Row[Any]], people: Sequence[Person]) -> list[str]:
    return [
        envelope.subject or "No subject yet",
        "",
        f"Envelope {envelope.id}",
        f"Status: {envelope.status}, since {envelope.status_changed_at}",
        f"Sender: {envelope.sender_name}, {envelope.sender_email}",
        "",
        "Documents",
        *(f"{document.id}. {document.name}" for document in listed),
        "",
        "Recipients",
        *(_person_line(person) for person in people),
    ]


def _person_line(person: Person) -> str:
    said = (person.details.get("name"), person.details.get("email"))
    return f"{person.id}. {', '.join(text for text in said if text)}"


def _file(call: Call, name: str, content: bytes, media_type: str = PDF) -> Response:
    safe = re.sub(r"[^A-Za-z0-9 ._-]", "_", name)
    headers = {"Content-Disposition": f'file; filename="{safe}"'}
    if call.headers.get("content-transfer-encoding", "").strip().lower() == "base64":
        headers["Content-Transfer-Encoding"] = "base64"
        content = base64.b64encode(content)
    return Response(content, media_type=media_type, headers=headers)
