"""How is one envelope found, and what belongs to it?"""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, insert, select

from keysteward.sample.call import Call
from keysteward.sample.people import Person
from keysteward.sample.reading import read_guid
from keysteward.sample.refusals import UNKNOWN_ENVELOPE, Refusal
from keysteward.sample.tables import documents, envelopes, events, recipients

Envelope = Row[Any]


def load_envelope(connection: Connection, call: Call) -> Envelope:
    """Load the envelope that the path names."""
    return find_envelope(connection, call, read_guid(call.path["envelope"], "envelopeId"))


def find_envelope(connection: Connection, call: Call, guid: str) -> Envelope:
    """Find an envelope by its GUID; one of another account is as unknown as one that never was."""
    wanted = (envelopes.c.id == guid) & (envelopes.c.account == call.caller.account.lower())
    found = connection.execute(select(envelopes).where(wanted)).one_or_none()
    if found is None:
        raise Refusal(UNKNOWN_ENVELOPE)
    return found


def list_documents(connection: Connection, envelope: str) -> Sequence[Row[Any]]:
    """List an envelope's documents in their order, without their content."""
    columns = [column for column in documents.c if column is not documents.c.content]
    chosen = select(*columns).where(documents.c.envelope == envelope).order_by(documents.c.position)
    return connection.execute(chosen).all()


def list_people(connection: Connection, envelope: str) -> dict[str, Person]:
    """List an envelope's recipients by ID, in their order."""
    chosen = select(recipients).where(recipients.c.envelope == envelope).order_by(recipients.c.position)
    return {row.id: _person_of(row) for row in connection.execute(chosen)}


def _person_of(row: Row[Any]) -> Person:
    details = msgspec.json.decode(row.details, type=dict[str, Any])
    return Person(row.id, row.guid, row.kind, row.routing_order, details)


def record(connection: Connection, call: Call, envelope: str, action: str, message: str) -> None:
    """Record what the caller did to an envelope, in the transaction that does it and after the change."""
    connection.execute(
        insert(events).values(
            envelope=envelope,
            happened_at=call.now,
            action=action,
            message=message,
            status=select(envelopes.c.status).where(envelopes.c.id == envelope).scalar_subquery(),
            user=call.caller.user,
            user_name=call.caller.user_name,
        )
    )
