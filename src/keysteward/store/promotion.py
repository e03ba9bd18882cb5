"""What is remembered of tickets (in demo) and promotions (in production)?"""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, insert, select, update

from keysteward.store.database import upsert
from keysteward.store.tables import promotions, tickets

_IS_WAITING = promotions.c.delivered_at.is_(None) & promotions.c.refused_at.is_(None)
_UNDELIVERED = select(promotions).where(promotions.c.done_at.is_not(None), _IS_WAITING).order_by(promotions.c.done_at)


class TicketRow(NamedTuple):
    """A ticket that demo made, or will make when its handle comes back."""

    id: str
    handle_digest: str
    key: str
    review: str
    presenter: str
    presenter_email: str
    account: str | None
    created_at: datetime
    expires_at: datetime
    replaced_at: datetime | None = None
    exchanged_at: datetime | None = None
    received_at: datetime | None = None


class PromotionRow(NamedTuple):
    """A ticket that production holds, and what became of it. `paper` is the signed ticket, `receipt` the answer."""

    handle_digest: str
    ticket: str
    key: str
    paper: str
    opened_at: datetime
    expires_at: datetime
    person: str | None = None
    account: str | None = None
    done_at: datetime | None = None
    receipt: str | None = None
    delivered_at: datetime | None = None
    refused_at: datetime | None = None
    refusal: str | None = None


def save_ticket(tx: Connection, ticket: TicketRow) -> None:
    """Add a ticket; every older one of the key that was not exchanged is replaced by it."""
    where = (tickets.c.key == ticket.key) & tickets.c.exchanged_at.is_(None) & tickets.c.replaced_at.is_(None)
    tx.execute(update(tickets).where(where).values(replaced_at=ticket.created_at))
    tx.execute(insert(tickets).values(**ticket._asdict()))


def find_ticket(tx: Connection, *, handle_digest: str | None = None, ticket: str | None = None) -> TicketRow | None:
    """A ticket by the hash of its handle, or by its id."""
    where = tickets.c.id == ticket if handle_digest is None else tickets.c.handle_digest == handle_digest
    row = tx.execute(select(tickets).where(where)).one_or_none()
    return None if row is None else TicketRow(*row)


def burn_handle(tx: Connection, ticket: str, now: datetime) -> bool:
    """Use a handle once; only one caller is told True."""
    where = (tickets.c.id == ticket) & tickets.c.exchanged_at.is_(None) & tickets.c.replaced_at.is_(None)
    return tx.execute(update(tickets).where(where).values(exchanged_at=now)).rowcount == 1


def mark_received(tx: Connection, ticket: str, now: datetime) -> bool:
    """Note that a ticket's receipt arrived; False where it had."""
    where = (tickets.c.id == ticket) & tickets.c.received_at.is_(None)
    return tx.execute(update(tickets).where(where).values(received_at=now)).rowcount == 1


def save_promotion(tx: Connection, promotion: PromotionRow) -> bool:
    """Keep a ticket under its handle; False where it is kept already."""
    statement = upsert(tx, promotions).values(**promotion._asdict()).on_conflict_do_nothing()
    return tx.execute(statement).rowcount == 1


def find_promotion(tx: Connection, handle_digest: str) -> PromotionRow | None:
    """A promotion by the hash of its handle."""
    row = tx.execute(select(promotions).where(promotions.c.handle_digest == handle_digest)).one_or_none()
    return None if row is None else PromotionRow(*row)


def find_promotion_of_key(tx: Connection, key: str) -> PromotionRow | None:
    """The promotion that brought a key here."""
    where = (promotions.c.key == key) & promotions.c.done_at.is_not(None)
    row = tx.execute(select(promotions).where(where)).one_or_none()
    return None if row is None else PromotionRow(*row)


def claim_promotion(tx: Connection, handle_digest: str, person: str) -> bool:
    """Bind a promotion to the first person who brings it; False where it is somebody else's."""
    where = (promotions.c.handle_digest == handle_digest) & (
        promotions.c.person.is_(None) | (promotions.c.person == person)
    )
    return tx.execute(update(promotions).where(where).values(person=person)).rowcount == 1


def finish_promotion(tx: Connection, handle_digest: str, account: str, receipt: str, now: datetime) -> bool:
    """Burn the ticket; only one caller is told True."""
    where = (promotions.c.handle_digest == handle_digest) & promotions.c.done_at.is_(None)
    values = {"account": account, "receipt": receipt, "done_at": now}
    return tx.execute(update(promotions).where(where).values(**values)).rowcount == 1


def list_undelivered(tx: Connection) -> list[PromotionRow]:
    """The receipts that demo has neither acknowledged nor refused for good, the oldest first."""
    return [PromotionRow(*row) for row in tx.execute(_UNDELIVERED)]


def mark_delivered(tx: Connection, handle_digest: str, now: datetime) -> bool:
    """Note that demo acknowledged a receipt; False where it had."""
    where = (promotions.c.handle_digest == handle_digest) & promotions.c.delivered_at.is_(None)
    values = {"delivered_at": now, "refused_at": None, "refusal": None}
    return tx.execute(update(promotions).where(where).values(**values)).rowcount == 1


def mark_refused(tx: Connection, handle_digest: str, refusal: str, now: datetime) -> bool:
    """Note that demo refused a receipt for good, and what it said; False where it had, or acknowledged it."""
    where = (promotions.c.handle_digest == handle_digest) & _IS_WAITING
    return tx.execute(update(promotions).where(where).values(refused_at=now, refusal=refusal)).rowcount == 1


def clear_refusal(tx: Connection, handle_digest: str) -> bool:
    """Let a receipt wait again that was refused; False where it was not."""
    where = (promotions.c.handle_digest == handle_digest) & promotions.c.refused_at.is_not(None)
    return tx.execute(update(promotions).where(where).values(refused_at=None, refusal=None)).rowcount == 1
