"""What may a client say about a new envelope, and what of it is kept?"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from keysteward.sample.multipart import Part, decode_base64, is_multipart, read_parts
from keysteward.sample.people import Person, read_people
from keysteward.sample.reading import read_json
from keysteward.sample.refusals import BAD_BODY, BAD_PARAMETER, NO_TEMPLATES, Refusal

GREATEST_DOCUMENT_ID = 2_147_483_647


class DocumentShape(msgspec.Struct, rename="camel"):
    """A document as the JSON names it; its content may come in a part of its own."""

    document_id: str | None = None
    name: str | None = None
    file_extension: str | None = None
    document_base64: str | None = None


class CustomFieldsShape(msgspec.Struct, rename="camel"):
    """An envelope's custom fields; what each says is kept and given back."""

    text_custom_fields: list[dict[str, Any]] | None = None
    list_custom_fields: list[dict[str, Any]] | None = None


class DefinitionShape(msgspec.Struct, rename="camel"):
    """An envelope definition: the fields of Docusign's that the sample acts on."""

    status: str | None = None
    email_subject: str | None = None
    email_blurb: str | None = None
    documents: list[DocumentShape] | None = None
    recipients: dict[str, Any] | None = None
    custom_fields: CustomFieldsShape | None = None
    template_id: str | None = None
    composite_templates: list[Any] | None = None


@dataclass(frozen=True)
class Document:
    """A document with its content; the number is the ID that the client chose."""

    number: int
    name: str
    extension: str
    content: bytes


@dataclass(frozen=True)
class Definition:
    """A new envelope, read and checked but not yet kept."""

    sent: bool
    subject: str
    blurb: str
    documents: Sequence[Document]
    people: Sequence[Person]
    custom_fields: Mapping[str, Sequence[Mapping[str, Any]]]


def read_definition(body: bytes, content_type: str) -> Definition:
    """Read an envelope definition from JSON, or from the parts of a multipart body."""
    shape, parts = _read_body(body, content_type)
    if shape.template_id or shape.composite_templates:
        raise Refusal(NO_TEMPLATES)
    return Definition(
        sent=_asks_to_be_sent(shape.status),
        subject=shape.email_subject or "",
        blurb=shape.email_blurb or "",
        documents=_read_documents(shape.documents or [], parts),
        people=read_people(shape.recipients or {}),
        custom_fields=_read_custom_fields(shape.custom_fields or CustomFieldsShape()),
    )


def _read_body(body: bytes, content_type: str) -> tuple[DefinitionShape, list[Part]]:
    if not is_multipart(content_type):
        return read_json(body, DefinitionShape), []
    parts = read_parts(body, content_type)
    definitions = [part for part in parts if part.document_id is None]
    if len(definitions) != 1:
        raise Refusal(BAD_BODY, "A multipart body needs one part with the JSON, and a documentid in every other part.")
    return read_json(definitions[0].decoded(), DefinitionShape), [part for part in parts if part.document_id]


def _asks_to_be_sent(status: str | None) -> bool:
    asked = (status or "created").lower()
    if asked not in {"created", "sent"}:
        raise Refusal(BAD_PARAMETER, "The 'status' of a new envelope must be 'created' or 'sent'.")
    return asked == "sent"


def _read_documents(shapes: Sequence[DocumentShape], parts: Sequence[Part]) -> list[Document]:
    named = {_number_of(shape, position): shape for position, shape in enumerate(shapes, 1)}
    carried = {_read_number(part.document_id): part for part in parts}
    if len(named) < len(shapes) or len(carried) < len(parts):
        raise Refusal(BAD_PARAMETER, "Every document needs a 'documentId' of its own.")
    return [_join(number, named.get(number), carried.get(number)) for number in {**named, **carried}]


def _number_of(shape: DocumentShape, position: int) -> int:
    return _read_number(shape.document_id) if shape.document_id else position


def _read_number(text: str | None) -> int:
    if not re.fullmatch(r"[0-9]{1,10}", text or "") or not 1 <= int(text or "") <= GREATEST_DOCUMENT_ID:
        raise Refusal(BAD_PARAMETER, f"'documentId' must be a number from 1 to {GREATEST_DOCUMENT_ID}.")
    return int(text or "")


def _join(number: int, shape: DocumentShape | None, part: Part | None) -> Document:
    shape = shape or DocumentShape()
    file_name = part.file_name if part else ""
    content = part.decoded() if part else decode_base64((shape.document_base64 or "").encode())
    if not content:
        raise Refusal(
            BAD_BODY, f"Document {number} has no content: send documentBase64, or a part with its documentid."
        )
    extension = shape.file_extension or file_name.rpartition(".")[2] or "pdf"
    return Document(number, shape.name or file_name or f"Document {number}", extension.lower().lstrip("."), content)


def _read_custom_fields(shape: CustomFieldsShape) -> dict[str, list[dict[str, Any]]]:
    texts, lists = shape.text_custom_fields or [], shape.list_custom_fields or []
    numbered = [
        {**each, "fieldId": each.get("fieldId") or str(number)} for number, each in enumerate([*texts, *lists], 1)
    ]
    return {"textCustomFields": numbered[: len(texts)], "listCustomFields": numbered[len(texts) :]}
