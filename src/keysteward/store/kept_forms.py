"""Which forms wait for whoever filled them in to sign in again?"""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, select

from keysteward.store.tables import kept_forms


class Kept(NamedTuple):
    """A form by the keyed hash of its name: whose it is, what it holds, and until when it is kept."""

    digest: str
    user: str
    form_sealed: bytes
    expires_at: datetime


def save(tx: Connection, kept: Kept, most: int) -> None:
    """Keep a form; of one user's forms the newest stay, as many as there may be."""
    tx.execute(insert(kept_forms).values(**kept._asdict()))
    newest = kept_forms.c.expires_at.desc(), kept_forms.c.digest
    own = select(kept_forms.c.digest).where(kept_forms.c.user == kept.user).order_by(*newest)
    too_many = tx.execute(own.offset(most)).scalars().all()
    tx.execute(delete(kept_forms).where(kept_forms.c.digest.in_(too_many)))


def find(tx: Connection, digests: tuple[str, ...], user: str) -> Kept | None:
    """A form of a user by one of these keyed hashes."""
    where = kept_forms.c.digest.in_(digests) & (kept_forms.c.user == user)
    row = tx.execute(select(kept_forms).where(where)).one_or_none()
    return None if row is None else Kept(*row)


def forget_expired(tx: Connection, now: datetime) -> None:
    """Forget the forms that nobody came back for."""
    tx.execute(delete(kept_forms).where(kept_forms.c.expires_at <= now))
