"""Who holds a job? One worker at a time, until an instant of the machine's clock.

Whenever a lease changes hands its fence rises, so that a worker who lost it unawares is told so when it writes.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, case, or_, select, update

from keysteward.store.database import upsert
from keysteward.store.tables import leases

_LONGEST = timedelta(minutes=1)  # nobody takes a lease for longer: one that ends later was dated by a wrong clock
_NOBODY = ""
_ALL = select(leases.c.name, leases.c.holder, leases.c.fence, leases.c.until)


class Lease(NamedTuple):
    """A job that a worker holds."""

    name: str
    holder: str
    fence: int
    until: datetime


class LeaseLost(Exception):
    """Another worker holds the job now."""


def list_leases(tx: Connection) -> dict[str, Lease]:
    """Every lease as it stands, by its name."""
    return {row.name: Lease(*row) for row in tx.execute(_ALL)}


def is_free(lease: Lease | None, now: datetime) -> bool:
    """Whether a lease may be taken: nobody holds it, or not any more."""
    return lease is None or lease.holder == _NOBODY or not now < lease.until <= now + _LONGEST


def take(tx: Connection, name: str, holder: str, now: datetime, until: datetime) -> Lease | None:
    """Take a lease that is free, or keep one's own for longer; None where somebody else holds it."""
    tx.execute(upsert(tx, leases).values(name=name, holder=_NOBODY, until=now, fence=0).on_conflict_do_nothing())
    is_mine = leases.c.holder == holder
    fence = case((is_mine, leases.c.fence), else_=leases.c.fence + 1)
    where = (leases.c.name == name) & or_(is_mine, _free(now))
    statement = update(leases).where(where).values(holder=holder, until=until, fence=fence).returning(leases.c.fence)
    taken = tx.execute(statement).scalar_one_or_none()
    return None if taken is None else Lease(name, holder, int(taken), until)


def renew(tx: Connection, names: Collection[str], holder: str, until: datetime) -> dict[str, Lease]:
    """Keep one's own of these for longer, with one statement; return them by name."""
    where = leases.c.name.in_(names) & (leases.c.holder == holder)
    rows = tx.execute(update(leases).where(where).values(until=until).returning(leases.c.name, leases.c.fence))
    return {row.name: Lease(row.name, holder, int(row.fence), until) for row in rows}


def demand(tx: Connection, lease: Lease) -> None:
    """Refuse a holder who lost the lease; nobody else takes it until this transaction ends."""
    where = (leases.c.name == lease.name) & (leases.c.holder == lease.holder) & (leases.c.fence == lease.fence)
    if tx.execute(select(leases.c.fence).where(where).with_for_update()).one_or_none() is None:
        raise LeaseLost(lease.name)


def release(tx: Connection, holder: str) -> None:
    """Give back all that a worker holds."""
    tx.execute(update(leases).where(leases.c.holder == holder).values(holder=_NOBODY))


def _free(now: datetime) -> ColumnElement[bool]:
    return or_(leases.c.holder == _NOBODY, leases.c.until <= now, leases.c.until > now + _LONGEST)
