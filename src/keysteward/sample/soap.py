"""How does the sample API answer in SOAP? One operation, RequestStatus: what has become of an envelope."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from xml.sax.saxutils import escape

from starlette.responses import Response

from keysteward.rules import soap
from keysteward.sample.call import Call
from keysteward.sample.people import Person
from keysteward.sample.reading import read_guid
from keysteward.sample.refusals import BAD_BODY, UNKNOWN_OPERATION, Refusal
from keysteward.sample.stored import Envelope, find_envelope, list_people

PATH = "/api/3.0/dsapi.asmx"

_SPACE = "http://www.docusign.net/API/3.0"
_WSDL = Path(__file__).with_name("dsapi.wsdl")
_KINDS = {"signer": "Signer", "carboncopy": "CarbonCopy", "certifieddelivery": "CertifiedDelivery"}


def answer(call: Call) -> Response:
    """Do what a message asks for."""
    asked = _read(call.body)
    if asked.operation != "RequestStatus":
        raise Refusal(UNKNOWN_OPERATION)
    envelope_id = read_guid(asked.fields.get("EnvelopeID", ""), "EnvelopeID")
    with call.store.reading() as connection:
        envelope = find_envelope(connection, call, envelope_id)
        people = list_people(connection, envelope.id).values()
    result = _element("RequestStatusResult", _status_of(envelope, people, call.now))
    body = f'<RequestStatusResponse xmlns="{_SPACE}">{result}</RequestStatusResponse>'
    said = soap.message(call.headers["content-type"], body)
    return Response(said.text, said.status, media_type=said.content_type)


def describe(call: Call) -> Response:
    """Show the service's description in WSDL."""
    del call
    return Response(_WSDL.read_text(), media_type="text/xml; charset=utf-8")


def _read(body: bytes) -> soap.Asked:
    if len(body) > soap.MOST_BYTES:
        raise Refusal(BAD_BODY, f"Send a message of at most {soap.MOST_BYTES:,} bytes.")
    try:
        return soap.read(body)
    except soap.Unreadable as reason:
        raise Refusal(BAD_BODY, f"Send one SOAP message: {reason}.") from None


def _status_of(envelope: Envelope, people: Iterable[Person], now: str) -> str:
    """The fields of an EnvelopeStatus, in the order of its schema; moments that have not come are left out."""
    fields = {
        "TimeGenerated": now,
        "EnvelopeID": envelope.id,
        "Subject": envelope.subject,
        "UserName": envelope.sender_name,
        "Email": envelope.sender_email,
        "Status": envelope.status.capitalize(),
        "Created": envelope.created_at,
        "Sent": envelope.sent_at,
    }
    persons = "".join(_element("RecipientStatus", _person(person, envelope.status)) for person in people)
    return _element("RecipientStatuses", persons) + _elements(fields)


def _person(person: Person, status: str) -> str:
    fields = {
        "Type": _KINDS.get(person.kind, "Signer"),
        "Email": str(person.details.get("email", "")),
        "UserName": str(person.details.get("name", "")),
        "RoutingOrder": str(person.routing_order),
        "Status": status.capitalize(),
    }
    return _elements(fields)


def _elements(fields: Mapping[str, str | None]) -> str:
    return "".join(_element(name, escape(value)) for name, value in fields.items() if value is not None)


def _element(name: str, content: str) -> str:
    return f"<{name}>{content}</{name}>"
