"""What is remembered of requests that must not happen twice?"""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, select, update

from keysteward.store.tables import idempotency_keys


class Claim(NamedTuple):
    """A key that came with a request. `answer_sealed` is None until the request was answered."""

    request: str
    answer_sealed: bytes | None


def forget_claims(tx: Connection, before: datetime) -> None:
    """Forget claims, and the answers they hold, from before a moment."""
    tx.execute(delete(idempotency_keys).where(idempotency_keys.c.claimed_at < before))


def find_claim(tx: Connection, digest: str, since: datetime) -> Claim | None:
    """The claim of a key; claims from before `since` are forgotten first."""
    forget_claims(tx, since)
    row = tx.execute(select(idempotency_keys).where(idempotency_keys.c.digest == digest)).one_or_none()
    return None if row is None else Claim(row.request, row.answer_sealed)


def save_claim(tx: Connection, digest: str, request: str, now: datetime) -> None:
    """Remember that a request with this key has begun."""
    tx.execute(insert(idempotency_keys).values(digest=digest, request=request, claimed_at=now))


def save_answer(tx: Connection, digest: str, sealed: bytes) -> None:
    """Keep what the request was answered."""
    tx.execute(update(idempotency_keys).where(idempotency_keys.c.digest == digest).values(answer_sealed=sealed))


def release_claim(tx: Connection, digest: str) -> None:
    """Forget a request that was refused, so that it may be sent again."""
    tx.execute(delete(idempotency_keys).where(idempotency_keys.c.digest == digest))
