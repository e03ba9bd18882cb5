"""What is remembered of deeds, signing keys and the environment itself?"""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, insert, select

from keysteward.rules.events import Event
from keysteward.store.tables import events, signing_keys, stamp


class Stamp(NamedTuple):
    """What a database is: of which environment, made by whom, under which master key."""

    environment: str
    profile: str
    fingerprint: str


class SigningKeyRow(NamedTuple):
    """A private key, sealed, with its public half."""

    kid: str
    use: str
    algorithm: str
    private_sealed: bytes
    public_pem: str
    created_at: datetime
    retired_at: datetime | None = None


def record(tx: Connection, event: Event) -> None:
    """Write an event in the transaction of its deed."""
    tx.execute(
        insert(events).values(
            at=event.at,
            name=event.name,
            actor=event.actor,
            key=event.key,
            account=event.account,
            data=event.data,
        )
    )


def list_events_of_key(tx: Connection, key: str, most: int) -> list[Event]:
    """What its managers did with a key, newest first; consents, which anybody may give, stand elsewhere."""
    where = (events.c.key == key) & (events.c.name != "ConsentGiven")
    query = select(events).where(where).order_by(events.c.sequence.desc()).limit(most)
    return [Event(row.name, row.at, row.actor, row.key, row.account, row.data) for row in tx.execute(query)]


def find_stamp(tx: Connection) -> Stamp | None:
    """What this database is; None for a new one."""
    row = tx.execute(select(stamp.c.environment, stamp.c.profile, stamp.c.fingerprint)).one_or_none()
    return None if row is None else Stamp(*row)


def save_stamp(tx: Connection, values: Stamp, now: datetime) -> None:
    """Say once what this database is."""
    tx.execute(insert(stamp).values(id=1, created_at=now, **values._asdict()))


def save_signing_key(tx: Connection, key: SigningKeyRow) -> None:
    """Keep a signing key."""
    tx.execute(insert(signing_keys).values(**key._asdict()))


def list_signing_keys(tx: Connection) -> list[SigningKeyRow]:
    """All signing keys, newest first."""
    return [SigningKeyRow(*row) for row in tx.execute(select(signing_keys).order_by(signing_keys.c.created_at.desc()))]
