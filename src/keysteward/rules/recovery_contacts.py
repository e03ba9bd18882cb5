"""Whom does an account name to be told when it loses its last admin?

A contact has no power: it is told, and can ask those for help who may stand in or bring an admin back.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from keysteward.rules.refusals import INVALID_FIELD, Refusal
from keysteward.rules.words import is_email

State = Literal["asked", "expired", "confirmed"]


@dataclass(frozen=True, slots=True)
class RecoveryContact:
    """An address that an account named, and when whoever reads its mail agreed. `digest` is that of its newest link."""

    account: str
    email: str
    named_by: str
    named_at: datetime
    digest: str
    expires_at: datetime
    confirmed_at: datetime | None = None


def state_of(contact: RecoveryContact, now: datetime) -> State:
    """A contact counts once they confirmed; until then their link may expire."""
    if contact.confirmed_at is not None:
        return "confirmed"
    return "asked" if now < contact.expires_at else "expired"


def checked_address(unverified_email: str) -> str:
    """An address that mail can be sent to."""
    email = unverified_email.strip()
    if not is_email(email):
        raise Refusal(INVALID_FIELD, field="email", reason="give an address such as recovery@example.com.")
    return email
