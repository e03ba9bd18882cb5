"""What is remembered of calls and reviews?"""

import hashlib
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, func, insert, select, update

from keysteward.rules.calls import Call
from keysteward.rules.golive import Counted, Evidence, Finding, Review
from keysteward.store.tables import calls, reviews


def load_evidence(tx: Connection, key: str, needed: int, cut_at: datetime, cut: int | None = None) -> Evidence:
    """The newest countable calls of a key up to a sequence number, each with the same GET before it.

    About two indexed reads a call, however many calls there are.
    """
    where = (calls.c.key == key) & calls.c.countable
    if cut is not None:
        where &= calls.c.sequence <= cut
    rows = tx.execute(select(calls).where(where).order_by(calls.c.sequence.desc()).limit(needed))
    counted = tuple(Counted(call, _previous(tx, call)) for call in map(_call, rows))
    return Evidence(counted, cut_at)


def list_newest_calls(tx: Connection, key: str, most: int) -> list[Call]:
    """The newest calls of a key, countable or not, newest first."""
    query = select(calls).where(calls.c.key == key).order_by(calls.c.sequence.desc()).limit(most)
    return [_call(row) for row in tx.execute(query)]


def last_sequence(tx: Connection) -> int:
    """The sequence number of the newest call of the environment."""
    return int(tx.execute(select(func.max(calls.c.sequence))).scalar() or 0)


def digest_of(evidence: Evidence) -> str:
    """A SHA-256 over the evidence, so that a verdict can name exactly what it judged."""
    facts = [
        (
            counted.call.sequence,
            counted.call.at.isoformat(),
            counted.call.method,
            counted.call.url_digest,
            counted.call.status,
        )
        for counted in evidence.calls
    ]
    return hashlib.sha256(msgspec.json.encode(facts)).hexdigest()


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
    }
    return tx.execute(update(reviews).where(where).values(**values)).rowcount == 1


def count_reviews(tx: Connection, key: str) -> int:
    """How many reviews a key had."""
    return tx.execute(select(func.count()).select_from(reviews).where(reviews.c.key == key)).scalar_one()


def find_newest_review(tx: Connection, key: str) -> Review | None:
    """The newest review of a key."""
    query = select(reviews).where(reviews.c.key == key).order_by(reviews.c.number.desc()).limit(1)
    row = tx.execute(query).one_or_none()
    return None if row is None else _review(row)


def find_review(tx: Connection, key: str, review: str) -> Review | None:
    """One review of a key."""
    where = (reviews.c.key == key) & (reviews.c.id == review)
    row = tx.execute(select(reviews).where(where)).one_or_none()
    return None if row is None else _review(row)


def list_reviews(tx: Connection, key: str) -> list[Review]:
    """All reviews of a key, newest first."""
    query = select(reviews).where(reviews.c.key == key).order_by(reviews.c.number.desc())
    return [_review(row) for row in tx.execute(query)]


def list_unsettled(tx: Connection) -> list[Review]:
    """The reviews that wait for their verdict."""
    return [_review(row) for row in tx.execute(select(reviews).where(reviews.c.verdict.is_(None)))]


def _previous(tx: Connection, call: Call) -> datetime | None:
    if not call.polled:
        return None
    same_get = (calls.c.key == call.key) & (calls.c.url_digest == call.url_digest) & calls.c.polled
    where = same_get & calls.c.countable & (calls.c.sequence < call.sequence)
    query = select(calls.c.at).where(where).order_by(calls.c.sequence.desc()).limit(1)
    row = tx.execute(query).one_or_none()
    return None if row is None else row.at


def _call(row: Row[Any]) -> Call:
    return Call(**row._mapping)  # noqa: SLF001 — SQLAlchemy's documented accessor


def _review(row: Row[Any]) -> Review:
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
        findings=tuple(msgspec.convert(row.findings, list[Finding])),
        evidence_digest=row.evidence_digest,
    )
