"""Whose requests are logged, and what is remembered of them?"""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, delete, exists, insert, select, update

from keysteward.store.database import upsert
from keysteward.store.tables import apps, request_log_entries, request_logging, unlogged_profiles

_MOST_ASKED = 500
_entries, _logging = request_log_entries.c, request_logging.c


class LoggingRow(NamedTuple):
    """Whether a user's requests are logged, and how many places of the log are taken."""

    is_on: bool
    kept: int


class EntryRow(NamedTuple):
    """An entry of a request log. `number` is its place, from 0."""

    id: str
    user: str
    number: int
    at: datetime
    method: str
    path: str
    operation: str
    status: int


# ── on and off ──────────────────────────────────────────────────────────────────────────────────────────────────────
def list_logged_users(tx: Connection) -> frozenset[str]:
    """Everybody whose requests are logged now: asked for each call, so it is one small answer for all."""
    return frozenset(tx.execute(select(_logging.user).where(_logging.is_on)).scalars())


def find_logging(tx: Connection, user: str) -> LoggingRow:
    """How a user's logging stands; whoever never turned it on has an empty log."""
    row = tx.execute(select(_logging.is_on, _logging.kept).where(_logging.user == user)).one_or_none()
    return LoggingRow(*row) if row else LoggingRow(is_on=False, kept=0)


def save_logging(tx: Connection, user: str, now: datetime, *, is_on: bool) -> None:
    """Turn a user's logging on or off; the places that are taken stay taken."""
    values = {"is_on": is_on, "changed_at": now}
    row = upsert(tx, request_logging).values(user=user, kept=0, **values)
    tx.execute(row.on_conflict_do_update(index_elements=["user"], set_=values))


def take_place(tx: Connection, user: str, most: int, now: datetime) -> int | None:
    """Take the next place of a log that is on and not full, and turn it off with the last; None where there is none.

    One statement decides, so that of many calls at once just as many find a place as there are.
    """
    where = (_logging.user == user) & _logging.is_on & (_logging.kept < most)
    taken = {"kept": _logging.kept + 1, "is_on": _logging.kept + 1 < most, "changed_at": now}
    statement = update(request_logging).where(where).values(**taken).returning(_logging.kept)
    kept = tx.execute(statement).scalar_one_or_none()
    return None if kept is None else int(kept) - 1


# ── entries ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def save_entry(tx: Connection, entry: EntryRow, sealed: bytes) -> None:
    """Keep an entry in the place that was taken for it."""
    tx.execute(insert(request_log_entries).values(**entry._asdict(), entry_sealed=sealed))


def list_entries(tx: Connection, user: str) -> list[EntryRow]:
    """The entries of a user's log in their order, without what they say."""
    columns = [_entries[name] for name in EntryRow._fields]
    query = select(*columns).where(_entries.user == user).order_by(_entries.number)
    return [EntryRow(*row) for row in tx.execute(query)]


def find_sealed(tx: Connection, user: str, entry: str) -> bytes | None:
    """What one entry of a user's own log says, sealed."""
    query = select(_entries.entry_sealed).where((_entries.id == entry) & (_entries.user == user))
    return tx.execute(query).scalar_one_or_none()


def walk_entries(tx: Connection) -> Iterator[tuple[str, str]]:
    """The user and the id of every entry of all logs, without what they say."""
    last = ""
    query = select(_entries.user, _entries.id).order_by(_entries.id).limit(_MOST_ASKED)
    while rows := tx.execute(query.where(_entries.id > last)).all():
        yield from ((row.user, row.id) for row in rows)
        last = rows[-1].id


def change_sealed(tx: Connection, entry: str, sealed: bytes) -> None:
    """Keep an entry sealed anew."""
    tx.execute(update(request_log_entries).where(_entries.id == entry).values(entry_sealed=sealed))


def clear(tx: Connection, user: str) -> int:
    """Forget every entry of a user and free every place; say how many there were."""
    tx.execute(update(request_logging).where(_logging.user == user).values(kept=0))
    return tx.execute(delete(request_log_entries).where(_entries.user == user)).rowcount


def forget_user(tx: Connection, user: str) -> None:
    """Forget a user's log, and that they had one; a call that is being written down is waited for first."""
    tx.execute(delete(request_logging).where(_logging.user == user))
    tx.execute(delete(request_log_entries).where(_entries.user == user))


def forget_entries(tx: Connection, before: datetime) -> None:
    """Forget entries from before a moment; a log that nobody touched since has all its places again."""
    tx.execute(delete(request_log_entries).where(_entries.at < before))
    is_left = exists().where(_entries.user == _logging.user)
    untouched = (_logging.changed_at < before) & ~_logging.is_on & (_logging.kept > 0)
    tx.execute(update(request_logging).where(untouched & ~is_left).values(kept=0))


# ── what may be logged ──────────────────────────────────────────────────────────────────────────────────────────────
def list_unlogged_profiles(tx: Connection, account: str) -> frozenset[int]:
    """The permission profiles whose members' requests an account does not let be logged."""
    query = select(unlogged_profiles.c.profile).where(unlogged_profiles.c.account == account)
    return frozenset(tx.execute(query).scalars())


def forbid(tx: Connection, account: str, profile: int, by: str, now: datetime) -> bool:
    """Forbid it for a profile; False where it is forbidden already."""
    row = upsert(tx, unlogged_profiles).values(account=account, profile=profile, forbidden_at=now, forbidden_by=by)
    return tx.execute(row.on_conflict_do_nothing()).rowcount == 1


def allow(tx: Connection, account: str, profile: int) -> bool:
    """Allow it for a profile again; False where it is not forbidden."""
    where = (unlogged_profiles.c.account == account) & (unlogged_profiles.c.profile == profile)
    return tx.execute(delete(unlogged_profiles).where(where)).rowcount == 1


def known_keys(tx: Connection, guids: Collection[str]) -> frozenset[str]:
    """Those of some GUIDs that are integration keys of this environment, deleted ones too."""
    asked, found = sorted(guids), set[str]()
    for start in range(0, len(asked), _MOST_ASKED):
        part = asked[start : start + _MOST_ASKED]
        found.update(tx.execute(select(apps.c.key).where(apps.c.key.in_(part))).scalars())
    return frozenset(found)
