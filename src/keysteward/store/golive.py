"""What is remembered of calls and reviews?"""

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, case, func, insert, select, update

from keysteward.rules.calls import Call
from keysteward.rules.golive import Counted, Evidence, Finding, Review, Ruling
from keysteward.rules.judging import digest_of as digest_of  # noqa: PLC0414 — deeds name evidence with it
from keysteward.rules.shapes import known
from keysteward.store.tables import calls, reviews, rulings

REVIEWS = select(reviews, *(column for column in rulings.c if column.name != "review")).outerjoin(rulings)
"""Reviews, each with what was decided of it, where something was."""

_UNSETTLED = REVIEWS.where(reviews.c.verdict.is_(None))  # asked twice a second

_COLUMNS = tuple(calls.c.keys())
_earlier = calls.alias()
_same_get = (_earlier.c.key == calls.c.key) & (_earlier.c.url_digest == calls.c.url_digest) & _earlier.c.polled
_BEFORE = case((
    calls.c.polled,
    select(_earlier.c.at)
    .where(_same_get & _earlier.c.countable & (_earlier.c.sequence < calls.c.sequence))
    .order_by(_earlier.c.sequence.desc())
    .limit(1)
    .scalar_subquery(),
)).label("before")  # fmt: skip
"""When the same GET was made before a call."""


def load_evidence(
    tx: Connection, key: str, needed: int, cut_at: datetime, cut: int | None = None, *, looked_at: int = 0
) -> Evidence:
    """The newest countable calls of a key up to a sequence number, each with the same GET before it.

    About two indexed reads a call, however many calls there are. Rules of packs may look at more calls than are needed.
    """
    where = (calls.c.key == key) & calls.c.countable
    if cut is not None:
        where &= calls.c.sequence <= cut
    query = select(_BEFORE, calls).where(where).order_by(calls.c.sequence.desc()).limit(max(needed, looked_at))
    rows = tx.execute(query).all()
    counted = tuple(Counted(Call(**dict(zip(_COLUMNS, facts, strict=True))), before) for before, *facts in rows)
    return Evidence(counted[:needed], cut_at, counted[needed:])


def list_newest_calls(tx: Connection, key: str, most: int) -> list[Call]:
    """The newest calls of a key, countable or not, newest first."""
    query = select(calls).where(calls.c.key == key).order_by(calls.c.sequence.desc()).limit(most)
    return [_call(row) for row in tx.execute(query)]


def last_sequence(tx: Connection) -> int:
    """The sequence number of the newest call of the environment."""
    return int(tx.execute(select(func.max(calls.c.sequence))).scalar() or 0)


def save_review(tx: Connection, review: Review, number: int) -> None:
    """Add a review that waits to be settled."""
    tx.execute(
        insert(reviews).values(
            id=review.id,
            key=review.key,
            number=number,
            started_at=review.started_at,
            requester=review.requester,
            requester_email=review.requester_email,
            cut_sequence=review.cut_sequence,
            policy_version=review.policy_version,
            run=0,
            findings=[],
            evidence_digest="",
            packs=list(review.packs),
        )
    )


def settle_review(tx: Connection, review: Review) -> bool:
    """Write a verdict once; only one caller is told True."""
    where = (reviews.c.id == review.id) & reviews.c.verdict.is_(None)
    values = {
        "settled_at": review.settled_at,
        "verdict": review.verdict,
        "run": review.run,
        "findings": list(review.findings),
        "evidence_digest": review.evidence_digest,
        "pending_since": review.pending_since,
    }
    return tx.execute(update(reviews).where(where).values(**values)).rowcount == 1


def count_reviews(tx: Connection, key: str) -> int:
    """How many reviews a key had."""
    return tx.execute(select(func.count()).select_from(reviews).where(reviews.c.key == key)).scalar_one()


def find_newest_review(tx: Connection, key: str) -> Review | None:
    """The newest review of a key."""
    query = REVIEWS.where(reviews.c.key == key).order_by(reviews.c.number.desc()).limit(1)
    row = tx.execute(query).one_or_none()
    return None if row is None else review_of(row)


def find_review(tx: Connection, key: str, review: str) -> Review | None:
    """One review of a key."""
    where = (reviews.c.key == key) & (reviews.c.id == review)
    row = tx.execute(REVIEWS.where(where)).one_or_none()
    return None if row is None else review_of(row)


def list_reviews(tx: Connection, key: str) -> list[Review]:
    """All reviews of a key, newest first."""
    query = REVIEWS.where(reviews.c.key == key).order_by(reviews.c.number.desc())
    return [review_of(row) for row in tx.execute(query)]


def list_unsettled(tx: Connection) -> list[Review]:
    """The reviews that wait for their verdict."""
    return [review_of(row) for row in tx.execute(_UNSETTLED)]


def _call(row: Row[Any]) -> Call:
    return Call(**row._mapping)  # noqa: SLF001 — SQLAlchemy's documented accessor


def count_calls_between(tx: Connection, before: Review, after: Review) -> int:
    """How many countable calls of a key were made between the cuts of two of its reviews."""
    between = (calls.c.sequence > before.cut_sequence) & (calls.c.sequence <= after.cut_sequence)
    where = (calls.c.key == after.key) & calls.c.countable & between
    return tx.execute(select(func.count()).select_from(calls).where(where)).scalar_one()


def review_of(row: Row[Any]) -> Review:
    """The review of a row of REVIEWS."""
    return Review(
        id=row.id,
        key=row.key,
        started_at=row.started_at,
        requester=row.requester,
        requester_email=row.requester_email,
        cut_sequence=row.cut_sequence,
        policy_version=row.policy_version,
        settled_at=row.settled_at,
        verdict=row.verdict,
        run=row.run,
        findings=tuple(msgspec.convert(row.findings, known(list[Finding]))),
        evidence_digest=row.evidence_digest,
        pending_since=row.pending_since,
        ruling=_ruling(row),
        packs=tuple(row.packs or ()),
    )


def _ruling(row: Row[Any]) -> Ruling | None:
    if row.choice is None:
        return None
    return Ruling(row.choice, row.reason, row.decided_by, row.decided_by_email, row.decided_at)
