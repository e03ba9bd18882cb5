"""Who takes part in an envelope, and what must be said of each?"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import msgspec

from keysteward.sample.reading import fit, read_number
from keysteward.sample.refusals import BAD_EMAIL, BAD_PARAMETER, Refusal

KINDS = {
    "signers": "signer",
    "carbonCopies": "carboncopy",
    "certifiedDeliveries": "certifieddelivery",
    "inPersonSigners": "inpersonsigner",
    "agents": "agent",
    "editors": "editor",
    "intermediaries": "intermediary",
    "witnesses": "witness",
}
"""The lists of recipients that are known, and what Docusign calls one of each."""

WAYS_TO_REACH = ("email", "phoneNumber", "signingGroupId", "hostEmail", "signerEmail")
ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
MOST_CHARACTERS_OF_AN_ID = 100


class PersonShape(msgspec.Struct, rename="camel"):
    """What the sample reads of a recipient; everything else is kept and given back."""

    recipient_id: str | None = None
    email: str | None = None
    name: str | None = None
    client_user_id: str | None = None
    routing_order: str | None = None


@dataclass(frozen=True)
class Person:
    """A recipient as a client describes it. Details are the JSON object itself, with every scalar as text."""

    id: str
    guid: str
    kind: str
    routing_order: int
    details: Mapping[str, Any]

    @property
    def can_be_reached(self) -> bool:
        """Whether an invitation would have somewhere to go."""
        return any(self.details.get(way) for way in WAYS_TO_REACH)


def read_people(raw: Mapping[str, Any], earlier: Mapping[str, Person] | None = None) -> list[Person]:
    """Read a recipients object; what it leaves unsaid of an earlier recipient stays as it was."""
    if any(isinstance(value, list) and value for kind, value in raw.items() if kind not in KINDS):
        raise Refusal(BAD_PARAMETER, f"The lists of recipients here are {', '.join(KINDS)}.")
    known = earlier or {}
    people = [
        _read_person(kind, item, known) for kind in KINDS for item in fit(raw.get(kind) or [], list[dict[str, Any]])
    ]
    if len({person.id for person in people}) < len(people):
        raise Refusal(BAD_PARAMETER, "Every recipient needs a 'recipientId' of its own.")
    return people


def whose_turn(people: Iterable[Person]) -> int | None:
    """Tell the routing order that is being served: in the sample nobody signs, so it is the lowest."""
    return min((person.routing_order for person in people), default=None)


def _read_person(kind: str, item: dict[str, Any], earlier: Mapping[str, Person]) -> Person:
    shape = fit(item, PersonShape)
    name = shape.recipient_id or str(uuid4())
    if len(name) > MOST_CHARACTERS_OF_AN_ID:
        raise Refusal(BAD_PARAMETER, f"'recipientId' may have at most {MOST_CHARACTERS_OF_AN_ID} characters.")
    if shape.email and not ADDRESS.fullmatch(shape.email):
        raise Refusal(BAD_EMAIL)
    before = earlier.get(name) or Person(name, str(uuid4()), kind, 1, {})
    order = read_number(shape.routing_order, "routingOrder", least=1) if shape.routing_order else before.routing_order
    return Person(name, before.guid, kind, order, {**before.details, **item})
