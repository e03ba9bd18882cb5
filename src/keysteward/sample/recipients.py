"""Who receives an envelope, and how are they changed?"""

from typing import Any

import msgspec
from sqlalchemy import Connection, func, insert, select, update
from starlette.responses import Response

from keysteward.sample.answers import json_answer
from keysteward.sample.call import Call
from keysteward.sample.people import KINDS, Person, read_people, whose_turn
from keysteward.sample.reading import read_json
from keysteward.sample.refusals import INCOMPLETE, UNKNOWN_RECIPIENT, WRONG_STATUS, Refusal
from keysteward.sample.stored import Envelope, list_people, load_envelope, record
from keysteward.sample.tables import envelopes, recipients


def show_recipients(call: Call) -> Response:
    """Show everybody who takes part, by kind; tabs only where they are asked for."""
    with call.store.reading() as connection:
        envelope = load_envelope(connection, call)
        people = list_people(connection, envelope.id).values()
    turn = whose_turn(people)
    served = None if envelope.sent_at is None else turn
    tabs = call.says_yes_to("include_tabs")
    lists: dict[str, Any] = {
        kind: [_describe(person, served, tabs=tabs) for person in people if person.kind == kind] for kind in KINDS
    }
    return json_answer({**lists, "recipientCount": str(len(people)), "currentRoutingOrder": str(turn or "")})


def change_recipients(call: Call) -> Response:
    """Change recipients by ID, and add new ones to a draft: all of the request or nothing."""
    raw = read_json(call.body, dict[str, Any])
    with call.store.writing() as connection:
        envelope = load_envelope(connection, call)
        if envelope.status == "voided":
            raise Refusal(WRONG_STATUS, "Recipients of a voided envelope stay as they are. Create a new envelope.")
        earlier = list_people(connection, envelope.id)
        people = read_people(raw, earlier)
        for person in people:
            _save_person(connection, envelope, person, known=person.id in earlier)
        connection.execute(update(envelopes).where(envelopes.c.id == envelope.id).values(changed_at=call.now))
        record(connection, call, envelope.id, "Corrected", "The recipients were changed.")
    return json_answer({"recipientUpdateResults": [_done(person) for person in people]})


def add_person(connection: Connection, envelope: str, person: Person, position: int) -> None:
    """Add a recipient to an envelope, in the caller's transaction."""
    values = {"envelope": envelope, "id": person.id, "guid": person.guid, "position": position}
    connection.execute(insert(recipients).values(**values, **_columns(person)))


def _save_person(connection: Connection, envelope: Envelope, person: Person, *, known: bool) -> None:
    of_envelope = recipients.c.envelope == envelope.id
    if envelope.status != "created" and not known:
        raise Refusal(UNKNOWN_RECIPIENT, "New recipients can be added while the envelope is a draft.")
    if envelope.status != "created" and not person.can_be_reached:
        raise Refusal(INCOMPLETE, "Give every recipient an email address.")
    if known:
        connection.execute(update(recipients).where(of_envelope, recipients.c.id == person.id).values(_columns(person)))
        return
    position = connection.scalar(select(func.count()).where(of_envelope)) or 0
    add_person(connection, envelope.id, person, position)


def _columns(person: Person) -> dict[str, Any]:
    details = msgspec.json.encode(person.details).decode()
    return {"kind": person.kind, "routing_order": person.routing_order, "details": details}


def _describe(person: Person, served: int | None, *, tabs: bool) -> dict[str, Any]:
    return {
        **{name: value for name, value in person.details.items() if tabs or name != "tabs"},
        "recipientId": person.id,
        "recipientIdGuid": person.guid,
        "recipientType": KINDS[person.kind],
        "routingOrder": str(person.routing_order),
        "status": "sent" if person.routing_order == served else "created",
    }


def _done(person: Person) -> dict[str, Any]:
    return {"recipientId": person.id, "errorDetails": {"errorCode": "SUCCESS", "message": ""}}
