"""What is remembered of deeds, signing keys and the environment itself?"""

from collections.abc import Collection, Iterator
from datetime import datetime
from secrets import token_hex
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, insert, select, update

from keysteward.rules.events import Entry, Event, personal_fields, shown
from keysteward.rules.signing_keys import SigningKeyLife
from keysteward.store.tables import events, signing_keys, stamp

_SALT_BYTES = 16
_MOST = 2_000


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
    active_from: datetime
    distrusted_at: datetime | None = None

    @property
    def life(self) -> SigningKeyLife:
        """When it signs, and whether it is believed."""
        return SigningKeyLife(self.kid, self.algorithm, self.active_from, self.distrusted_at)


def record(tx: Connection, event: Event) -> None:
    """Write an event in the transaction of its deed, with a salt for each personal field."""
    tx.execute(
        insert(events).values(
            at=event.at,
            name=event.name,
            actor=event.actor,
            key=event.key,
            account=event.account,
            data=event.data,
            salts={field: token_hex(_SALT_BYTES) for field in personal_fields(event)},
            erased={},
            about=event.data.get("user"),
            trace=event.data.get("trace"),
        )
    )


def list_events_of_key(tx: Connection, key: str, account: str, most: int) -> list[Event]:
    """What was done with a key in the account that manages it, newest first.

    Consents and blocks stand elsewhere: they name people of other accounts.
    """
    where = (events.c.key == key) & (events.c.account == account)
    query = select(events).where(where).order_by(events.c.sequence.desc()).limit(most)
    return [shown(entry_of(row)) for row in tx.execute(query)]


def list_events_named(tx: Connection, key: str, account: str, names: Collection[str], most: int) -> list[Event]:
    """Likewise, but only the events of some kinds."""
    where = (events.c.key == key) & (events.c.account == account) & events.c.name.in_(names)
    query = select(events).where(where).order_by(events.c.sequence.desc()).limit(most)
    return [shown(entry_of(row)) for row in tx.execute(query)]


def find_newest_event(tx: Connection, key: str, name: str) -> Event | None:
    """The newest event of one kind on a key."""
    where = (events.c.key == key) & (events.c.name == name)
    row = tx.execute(select(events).where(where).order_by(events.c.sequence.desc()).limit(1)).one_or_none()
    return None if row is None else shown(entry_of(row))


def find_newest_in(tx: Connection, account: str, name: str) -> Event | None:
    """The newest event of a name in an account."""
    query = select(events).where((events.c.account == account) & (events.c.name == name))
    row = tx.execute(query.order_by(events.c.sequence.desc()).limit(1)).one_or_none()
    return None if row is None else shown(entry_of(row))


def walk_events(tx: Connection, above: int) -> Iterator[Entry]:
    """Every event above a number, oldest first."""
    while rows := tx.execute(
        select(events).where(events.c.sequence > above).order_by(events.c.sequence).limit(_MOST)
    ).all():
        yield from map(entry_of, rows)
        above = rows[-1].sequence


def load_entry(tx: Connection, sequence: int) -> Entry:
    """An event that is about to be changed: nobody else changes it until this transaction ends."""
    return entry_of(tx.execute(select(events).where(events.c.sequence == sequence).with_for_update()).one())


def save_erased(tx: Connection, entry: Entry) -> None:
    """Keep an event without what was erased of it."""
    values = {"actor": entry.event.actor, "data": entry.event.data, "salts": entry.salts, "erased": entry.erased}
    tx.execute(update(events).where(events.c.sequence == entry.sequence).values(**values))


def find_stamp(tx: Connection) -> Stamp | None:
    """What this database is; None for a new one."""
    row = tx.execute(select(stamp.c.environment, stamp.c.profile, stamp.c.fingerprint)).one_or_none()
    return None if row is None else Stamp(*row)


def save_stamp(tx: Connection, values: Stamp, now: datetime) -> None:
    """Say once what this database is."""
    tx.execute(insert(stamp).values(id=1, created_at=now, **values._asdict()))


def change_stamp(tx: Connection, *, fingerprint: str) -> None:
    """Note that another master key comes first."""
    tx.execute(update(stamp).values(fingerprint=fingerprint))


def change_signing_key(tx: Connection, kid: str, *, private_sealed: bytes) -> None:
    """Keep a signing key sealed anew."""
    tx.execute(update(signing_keys).where(signing_keys.c.kid == kid).values(private_sealed=private_sealed))


def save_signing_key(tx: Connection, key: SigningKeyRow) -> None:
    """Keep a signing key."""
    tx.execute(insert(signing_keys).values(**key._asdict()))


def distrust_signing_key(tx: Connection, kid: str, now: datetime) -> bool:
    """Believe nothing any more that a key signed; False where that was done before."""
    is_trusted = (signing_keys.c.kid == kid) & signing_keys.c.distrusted_at.is_(None)
    return tx.execute(update(signing_keys).where(is_trusted).values(distrusted_at=now)).rowcount == 1


def list_signing_keys(tx: Connection) -> list[SigningKeyRow]:
    """All signing keys, newest first."""
    query = select(signing_keys).order_by(signing_keys.c.active_from.desc(), signing_keys.c.kid)
    return [SigningKeyRow(*row) for row in tx.execute(query)]


def list_access_keys(tx: Connection) -> list[SigningKeyRow]:
    """The keys of access tokens and id tokens, newest first."""
    return [key for key in list_signing_keys(tx) if key.use == "access"]


def list_distrusted_keys(tx: Connection) -> frozenset[str]:
    """The ids of the keys that signed tokens and are believed no more."""
    return frozenset(tx.execute(select(signing_keys.c.kid).where(signing_keys.c.distrusted_at.is_not(None))).scalars())


def list_paper_keys(tx: Connection) -> list[SigningKeyRow]:
    """The keys that sign papers, retired ones too: their public halves stay published for ever."""
    return [key for key in list_signing_keys(tx) if key.use == "paper"]


def entry_of(row: Row[Any]) -> Entry:
    """An event as it is kept."""
    event = Event(row.name, row.at, row.actor, row.key, row.account, row.data)
    return Entry(row.sequence, event, row.salts, row.erased)
