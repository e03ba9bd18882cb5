"""What is remembered of people who look at reviews, of what they asked and what they decided?"""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, delete, func, insert, select

from keysteward.rules.approvals import Note, Operator
from keysteward.rules.golive import Review, Ruling
from keysteward.store.database import upsert
from keysteward.store.golive import REVIEWS, review_of
from keysteward.store.tables import apps, operators, review_notes, review_reminders, reviews, rulings, users


class Waiting(NamedTuple):
    """A review that a person looks at, and the account that manages its key."""

    review: Review
    account: str


# ── operators ───────────────────────────────────────────────────────────────────────────────────────────────────────
def save_operator(tx: Connection, user: str, now: datetime, by: str) -> bool:
    """Name a user as operator; False where they are one."""
    adding = upsert(tx, operators).values(user=user, added_at=now, added_by=by)
    return bool(tx.execute(adding.on_conflict_do_nothing()).rowcount)


def remove_operator(tx: Connection, user: str) -> bool:
    """Name a user as operator no more; False where they were none."""
    return bool(tx.execute(delete(operators).where(operators.c.user == user)).rowcount)


def is_operator(tx: Connection, user: str) -> bool:
    """Whether somebody is an operator whose user is active."""
    where = (operators.c.user == user) & (users.c.state == "active")
    return tx.execute(select(operators.c.user).join(users).where(where)).one_or_none() is not None


def list_operators(tx: Connection) -> list[Operator]:
    """Every operator, by address."""
    asked = (users.c.email, users.c.first_name, users.c.last_name)
    rows = tx.execute(select(operators, *asked).join(users).order_by(users.c.email_folded))
    return [
        Operator(row.user, row.email, f"{row.first_name} {row.last_name}".strip(), row.added_at, row.added_by)
        for row in rows
    ]


# ── reviews that wait for a person ──────────────────────────────────────────────────────────────────────────────────
def find_review(tx: Connection, review: str) -> Review | None:
    """A review that waits for a person, or did."""
    where = (reviews.c.id == review) & reviews.c.pending_since.is_not(None)
    row = tx.execute(REVIEWS.where(where)).one_or_none()
    return None if row is None else review_of(row)


def list_waiting(tx: Connection) -> list[Review]:
    """The reviews that nobody decided, of keys that are neither deleted nor live, the one that waits longest first."""
    is_there = apps.c.deleted_at.is_(None) & apps.c.live_at.is_(None)
    where = reviews.c.pending_since.is_not(None) & rulings.c.review.is_(None) & is_there
    query = REVIEWS.join(apps, apps.c.key == reviews.c.key).where(where).order_by(reviews.c.pending_since)
    return [review_of(row) for row in tx.execute(query)]


def list_decided(tx: Connection, most: int) -> list[Review]:
    """The reviews that were decided last, the newest first."""
    query = REVIEWS.where(rulings.c.review.is_not(None)).order_by(rulings.c.decided_at.desc()).limit(most)
    return [review_of(row) for row in tx.execute(query)]


def count_waiting(tx: Connection, since: datetime) -> int:
    """How many reviews wait that began to wait after a moment."""
    is_there = apps.c.deleted_at.is_(None) & apps.c.live_at.is_(None)
    where = (reviews.c.pending_since > since) & rulings.c.review.is_(None) & is_there
    query = select(func.count()).select_from(reviews.join(apps, apps.c.key == reviews.c.key).outerjoin(rulings))
    return tx.execute(query.where(where)).scalar_one()


def save_ruling(tx: Connection, review: str, ruling: Ruling) -> bool:
    """Write what was decided, once; only one caller is told True."""
    values = {
        "review": review,
        "choice": ruling.choice,
        "reason": ruling.reason,
        "decided_by": ruling.by,
        "decided_by_email": ruling.by_email,
        "decided_at": ruling.at,
    }
    return bool(tx.execute(upsert(tx, rulings).values(values).on_conflict_do_nothing()).rowcount)


# ── questions and answers ───────────────────────────────────────────────────────────────────────────────────────────
def save_note(tx: Connection, review: str, note: Note) -> None:
    """Add a question or an answer."""
    said = {"kind": note.kind, "text": note.text, "by": note.by, "by_email": note.by_email, "at": note.at}
    tx.execute(insert(review_notes).values(review=review, number=note.number, **said))


def list_notes(tx: Connection, review: str) -> list[Note]:
    """The questions and answers of a review, in their order."""
    query = select(review_notes).where(review_notes.c.review == review).order_by(review_notes.c.number)
    return [_note(row) for row in tx.execute(query)]


def last_notes(tx: Connection, of: Collection[str]) -> dict[str, Note]:
    """The last question or answer of each of some reviews that has one."""
    query = select(review_notes).where(review_notes.c.review.in_(of)).order_by(review_notes.c.number)
    return {row.review: _note(row) for row in tx.execute(query)}


# ── passes that end ─────────────────────────────────────────────────────────────────────────────────────────────────
def list_passed(tx: Connection, since: datetime) -> list[Review]:
    """The reviews that passed after a moment, of keys that are neither deleted nor live."""
    passed_at = func.coalesce(rulings.c.decided_at, reviews.c.settled_at)
    is_there = apps.c.deleted_at.is_(None) & apps.c.live_at.is_(None)
    where = (reviews.c.verdict == "passed") & (passed_at > since) & is_there
    query = REVIEWS.join(apps, apps.c.key == reviews.c.key).where(where)
    return [each for each in map(review_of, tx.execute(query)) if each.passed_at is not None]


def list_reminded(tx: Connection, of: Collection[str]) -> set[tuple[str, int]]:
    """Of which reviews it was told that they expire, and how many days before."""
    query = select(review_reminders.c.review, review_reminders.c.days).where(review_reminders.c.review.in_(of))
    return {(row.review, row.days) for row in tx.execute(query)}


def save_reminders(tx: Connection, review: str, days: Iterable[int], now: datetime) -> int:
    """Note that people are told of a review now; return how many of these notes are new."""
    rows = [{"review": review, "days": each, "told_at": now} for each in days]
    return tx.execute(upsert(tx, review_reminders).values(rows).on_conflict_do_nothing()).rowcount


def _note(row: Row[Any]) -> Note:
    return Note(row.number, row.kind, row.text, row.by, row.by_email, row.at)
