"""What may become of an envelope: created, sent, sent again, voided, and looked at in between?"""

from typing import Any
from uuid import uuid4

import msgspec
from sqlalchemy import Connection, insert, select, update
from starlette.responses import Response

from keysteward.sample.answers import json_answer
from keysteward.sample.call import Call
from keysteward.sample.definitions import Definition, read_definition
from keysteward.sample.reading import read_json
from keysteward.sample.recipients import add_person
from keysteward.sample.refusals import BAD_PARAMETER, INCOMPLETE, NOT_VOIDABLE, WRONG_STATUS, Refusal
from keysteward.sample.stored import Envelope, list_documents, list_people, load_envelope, record
from keysteward.sample.tables import documents, envelopes, events


class ChangeShape(msgspec.Struct, rename="camel"):
    """What a client may change of an envelope."""

    status: str | None = None
    voided_reason: str | None = None
    email_subject: str | None = None
    email_blurb: str | None = None


def create(call: Call) -> Response:
    """Create an envelope with everything in it, and send it where the definition says so: all or nothing."""
    definition = read_definition(call.body, call.headers.get("content-type", ""))
    envelope = str(uuid4())
    with call.store.writing() as connection:
        _keep(connection, call, envelope, definition)
        if definition.sent:
            _send(connection, call, _reload(connection, envelope))
        kept = _reload(connection, envelope)
    return json_answer(_summary(kept), 201)


def show(call: Call) -> Response:
    """Show one envelope."""
    with call.store.reading() as connection:
        envelope = load_envelope(connection, call)
    return json_answer(describe(envelope))


def change(call: Call) -> Response:
    """Reword a draft, send it, void an open envelope, or send its invitations again."""
    wish = read_json(call.body, ChangeShape)
    with call.store.writing() as connection:
        envelope = load_envelope(connection, call)
        _reword(connection, call, envelope, wish)
        _move(connection, call, _reload(connection, envelope.id), wish)
        if call.says_yes_to("resend_envelope"):
            _send_again(connection, call, _reload(connection, envelope.id))
    return json_answer({"envelopeId": envelope.id})


def show_custom_fields(call: Call) -> Response:
    """Show the custom fields of an envelope."""
    with call.store.reading() as connection:
        envelope = load_envelope(connection, call)
    return json_answer(msgspec.Raw(envelope.custom_fields.encode()))


def show_events(call: Call) -> Response:
    """Show who did what to an envelope, oldest first."""
    with call.store.reading() as connection:
        envelope = load_envelope(connection, call)
        chosen = select(events).where(events.c.envelope == envelope.id).order_by(events.c.sequence)
        happened = connection.execute(chosen).all()
    return json_answer({"auditEvents": [{"eventFields": _event_fields(event)} for event in happened]})


def describe(envelope: Envelope) -> dict[str, Any]:
    """Describe an envelope as GET and the list do; moments that have not come are left out."""
    uri = f"/envelopes/{envelope.id}"
    moments = {
        "createdDateTime": envelope.created_at,
        "lastModifiedDateTime": envelope.changed_at,
        "initialSentDateTime": envelope.sent_at,
        "sentDateTime": envelope.sent_at,
        "statusChangedDateTime": envelope.status_changed_at,
        "voidedDateTime": envelope.voided_at,
        "voidedReason": envelope.voided_reason,
    }
    return {
        "status": envelope.status,
        "envelopeId": envelope.id,
        "envelopeUri": uri,
        "emailSubject": envelope.subject,
        "emailBlurb": envelope.blurb,
        "documentsUri": f"{uri}/documents",
        "documentsCombinedUri": f"{uri}/documents/combined",
        "recipientsUri": f"{uri}/recipients",
        "customFieldsUri": f"{uri}/custom_fields",
        "purgeState": "unpurged",
        "sender": {
            "userName": envelope.sender_name,
            "userId": envelope.sender,
            "accountId": envelope.account,
            "email": envelope.sender_email,
        },
        **{name: moment for name, moment in moments.items() if moment is not None},
    }


def _summary(envelope: Envelope) -> dict[str, str]:
    return {
        "envelopeId": envelope.id,
        "uri": f"/envelopes/{envelope.id}",
        "statusDateTime": envelope.status_changed_at,
        "status": envelope.status,
    }


def _event_fields(event: Envelope) -> list[dict[str, str]]:
    fields = {
        "logTime": event.happened_at,
        "Source": "API",
        "UserName": event.user_name,
        "UserId": event.user,
        "Action": event.action,
        "Message": event.message,
        "EnvelopeStatus": event.status,
    }
    return [{"name": name, "value": value} for name, value in fields.items()]


def _keep(connection: Connection, call: Call, envelope: str, definition: Definition) -> None:
    connection.execute(
        insert(envelopes).values(
            id=envelope,
            account=call.caller.account.lower(),
            status="created",
            subject=definition.subject,
            blurb=definition.blurb,
            custom_fields=msgspec.json.encode(definition.custom_fields).decode(),
            sender=call.caller.user,
            sender_name=call.caller.user_name,
            sender_email=call.caller.email,
            created_at=call.now,
            changed_at=call.now,
            status_changed_at=call.now,
        )
    )
    _keep_documents(connection, envelope, definition)
    for position, person in enumerate(definition.people):
        add_person(connection, envelope, person, position)
    record(connection, call, envelope, "Registered", "The envelope was created.")


def _keep_documents(connection: Connection, envelope: str, definition: Definition) -> None:
    for position, document in enumerate(definition.documents, 1):
        connection.execute(
            insert(documents).values(
                envelope=envelope,
                id=document.number,
                guid=str(uuid4()),
                position=position,
                name=document.name,
                extension=document.extension,
                content=document.content,
            )
        )


def _reload(connection: Connection, envelope: str) -> Envelope:
    return connection.execute(select(envelopes).where(envelopes.c.id == envelope)).one()


def _reword(connection: Connection, call: Call, envelope: Envelope, wish: ChangeShape) -> None:
    subject = envelope.subject if wish.email_subject is None else wish.email_subject
    blurb = envelope.blurb if wish.email_blurb is None else wish.email_blurb
    if (subject, blurb) == (envelope.subject, envelope.blurb):
        return
    if envelope.status != "created":
        raise Refusal(WRONG_STATUS, "Subject and message can be changed while the envelope is a draft.")
    _save(connection, call, envelope, subject=subject, blurb=blurb)


def _move(connection: Connection, call: Call, envelope: Envelope, wish: ChangeShape) -> None:
    status = (wish.status or "").lower()
    if status not in {"", "created", "sent", "voided"}:
        raise Refusal(BAD_PARAMETER, "'status' must be 'created', 'sent' or 'voided'.")
    if status == "voided":
        _void(connection, call, envelope, wish.voided_reason or "")
    elif status == "sent" and envelope.status != "sent":
        _send(connection, call, envelope)
    elif status == "created" and envelope.status != "created":
        raise Refusal(WRONG_STATUS, "What was sent cannot become a draft again. Create a new envelope.")


def _send(connection: Connection, call: Call, envelope: Envelope) -> None:
    if envelope.status != "created":
        raise Refusal(WRONG_STATUS, "A voided envelope cannot be sent. Create a new envelope.")
    _refuse_incomplete(connection, envelope)
    _save(connection, call, envelope, status="sent", sent_at=call.now, status_changed_at=call.now)
    record(connection, call, envelope.id, "Sent Invitations", "The envelope was sent to its recipients.")


def _refuse_incomplete(connection: Connection, envelope: Envelope) -> None:
    people = list_people(connection, envelope.id).values()
    if not envelope.subject.strip():
        raise Refusal(INCOMPLETE, "Give it an 'emailSubject'.")
    if not list_documents(connection, envelope.id):
        raise Refusal(INCOMPLETE, "Add at least one document.")
    if not people:
        raise Refusal(INCOMPLETE, "Add at least one recipient.")
    if not all(person.can_be_reached for person in people):
        raise Refusal(INCOMPLETE, "Give every recipient an email address.")


def _void(connection: Connection, call: Call, envelope: Envelope, reason: str) -> None:
    if envelope.status != "sent":
        raise Refusal(NOT_VOIDABLE)
    if not reason.strip():
        raise Refusal(BAD_PARAMETER, "Say in 'voidedReason' why the envelope is voided.")
    moments = {"voided_at": call.now, "status_changed_at": call.now}
    _save(connection, call, envelope, status="voided", voided_reason=reason, **moments)
    record(connection, call, envelope.id, "Voided", "The envelope was voided.")


def _send_again(connection: Connection, call: Call, envelope: Envelope) -> None:
    if envelope.status != "sent":
        raise Refusal(WRONG_STATUS, "Only an envelope that was sent and is still open can be sent again.")
    _save(connection, call, envelope)
    record(connection, call, envelope.id, "Resent Invitations", "The invitations were sent again.")


def _save(connection: Connection, call: Call, envelope: Envelope, **values: str) -> None:
    connection.execute(update(envelopes).where(envelopes.c.id == envelope.id).values(changed_at=call.now, **values))
