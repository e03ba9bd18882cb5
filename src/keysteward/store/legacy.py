"""What is remembered of legacy authentication: which keys use it, how often, and which may go on?"""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from keysteward.rules.fitness import LegacyCalls
from keysteward.rules.legacy import Waiver
from keysteward.store.database import upsert
from keysteward.store.tables import Instant, legacy_calls, legacy_keys, legacy_waivers

UNCHECKED = ""  # nobody's user: a refused call's password was not checked, so nobody knows whose it was


class Day(NamedTuple):
    """The legacy calls of a key and user on one day (UTC)."""

    key: str
    user: str
    day: str
    passed: int
    refused: int
    last_at: datetime
    address: str
    sdk: str


def first_call(tx: Connection, key: str) -> datetime | None:
    """When a key's first legacy call passed."""
    return tx.execute(select(legacy_keys.c.first_at).where(legacy_keys.c.key == key)).scalar_one_or_none()


def has_keys(tx: Connection) -> bool:
    """Whether a legacy call ever passed."""
    return tx.execute(select(legacy_keys.c.key).limit(1)).first() is not None


def save_first_call(tx: Connection, key: str, now: datetime) -> bool:
    """Note that a key's legacy call passed; False where one had before."""
    statement = upsert(tx, legacy_keys).values(key=key, first_at=now).on_conflict_do_nothing()
    return bool(tx.execute(statement).rowcount == 1)


def count(tx: Connection, counted: Day) -> None:
    """Add calls to what was counted for their key, user and day."""
    statement = upsert(tx, legacy_calls).values(**counted._asdict())
    added = {
        "passed": legacy_calls.c.passed + counted.passed,
        "refused": legacy_calls.c.refused + counted.refused,
        "last_at": counted.last_at,
        "address": counted.address,
        "sdk": counted.sdk,
    }
    tx.execute(statement.on_conflict_do_update(index_elements=["key", "user", "day"], set_=added))


def list_days(tx: Connection, keys: list[str], since: str) -> list[Day]:
    """What was counted for some keys from a day on, oldest first."""
    where = legacy_calls.c.key.in_(keys) & (legacy_calls.c.day >= since)
    query = select(legacy_calls).where(where).order_by(legacy_calls.c.day, legacy_calls.c.last_at)
    return [Day(*row) for row in tx.execute(query)]


def count_of_key(tx: Connection, key: str, since: str) -> LegacyCalls:
    """How many legacy calls of a key passed and were refused from a day on, and when the last one came."""
    c = legacy_calls.c
    columns = (func.sum(c.passed), func.sum(c.refused), func.max(c.last_at, type_=Instant))
    passed, refused, last_at = tx.execute(select(*columns).where((c.key == key) & (c.day >= since))).one()
    return LegacyCalls(int(passed or 0), int(refused or 0), last_at)


def forget_days(tx: Connection, before: str) -> None:
    """Forget what was counted before a day; since when a key calls so is kept."""
    tx.execute(delete(legacy_calls).where(legacy_calls.c.day < before))


def save_waiver(tx: Connection, waiver: Waiver) -> None:
    """Add a waiver."""
    names = ("id", "key", "owner", "reason", "until", "made_at", "made_by", "revoked_by")
    tx.execute(insert(legacy_waivers).values(**{name: getattr(waiver, name) for name in names}))


def end_waivers(tx: Connection, key: str, now: datetime, by: str) -> int:
    """Revoke the waivers of a key that were not; return how many."""
    where = (legacy_waivers.c.key == key) & legacy_waivers.c.revoked_at.is_(None)
    return tx.execute(update(legacy_waivers).where(where).values(revoked_at=now, revoked_by=by)).rowcount


def list_waivers(tx: Connection) -> list[Waiver]:
    """Every waiver, newest first."""
    return [_waiver(row) for row in tx.execute(select(legacy_waivers).order_by(legacy_waivers.c.made_at.desc()))]


def newest_waivers(tx: Connection) -> dict[str, Waiver]:
    """The waiver of each key that was not revoked: few, so they are looked at together."""
    query = select(legacy_waivers).where(legacy_waivers.c.revoked_at.is_(None)).order_by(legacy_waivers.c.made_at)
    return {row.key: _waiver(row) for row in tx.execute(query)}


def _waiver(row: Row[Any]) -> Waiver:
    return Waiver(
        row.id, row.key, row.owner, row.reason, row.until, row.made_at, row.made_by, row.revoked_at, row.revoked_by
    )
