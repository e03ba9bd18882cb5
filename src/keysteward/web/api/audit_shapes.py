"""Which shapes do answers about the audit log and about what is held on people have?"""

from typing import Any

from msgspec import Struct

from keysteward.rules.words import Environment
from keysteward.web.api.shapes import Instant


class AuditEvent(Struct):
    """An event. `number` names it; `key` and `account` are empty where it concerns none.

    What was erased since says so in its place.
    """

    number: int
    at: Instant
    kind: str
    actor: str
    key: str
    account: str
    data: dict[str, str]


class AuditEvents(Struct):
    """Events, newest first; `before` asks for the next page, and is null on the last one.

    A page may be empty and not be the last: it looks through a part of the history.
    """

    events: list[AuditEvent]
    before: int | None


class LoggedRequest(Struct):
    """An entry of a request log, as text."""

    file: str
    text: str


class PersonalData(Struct):
    """What is held on somebody: the rows of each table that name them, without secrets and request log."""

    environment: Environment
    at: Instant
    user: str
    address: str
    tables: dict[str, list[dict[str, Any]]]


class OwnPersonalData(Struct):
    """All that is held on oneself: one's request log, and the rows of each table that name one, without secrets."""

    environment: Environment
    at: Instant
    user: str
    address: str
    request_log: list[LoggedRequest]
    tables: dict[str, list[dict[str, Any]]]


class ErasedPerson(Struct):
    """Who was erased, by GUID, and in how many fields of the history they stood."""

    user: str
    fields: int
