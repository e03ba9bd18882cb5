"""How are calls summed by the hour, each exactly once, and old ones let go?

A mark says up to which sequence number all calls are summed. A transaction that drew a number may commit after one
that drew a later number, so a mark only moves to numbers that were drawn some minutes ago, when whoever drew them has
long committed or given up.
"""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Connection, case, delete, func, select, type_coerce, update

from keysteward.rules.calls import Call
from keysteward.store.database import upsert
from keysteward.store.tables import Instant, call_hours, call_marks, calls, outcomes

_HOUR_MICROSECONDS = 3_600_000_000
_THE_ONE = 1


class Mark(NamedTuple):
    """Up to where calls are summed, the newest call that was seen, and when on the machine's clock."""

    summed_to: int
    seen_to: int
    seen_at: datetime


def hour_of(at: ColumnElement[datetime]) -> ColumnElement[datetime]:
    """The clock hour of a moment."""
    microseconds = type_coerce(at, BigInteger)
    return type_coerce(microseconds - microseconds % _HOUR_MICROSECONDS, Instant)


def find_mark(tx: Connection) -> Mark | None:
    """How far the sums go; None before anything was summed."""
    row = tx.execute(select(call_marks.c.summed_to, call_marks.c.seen_to, call_marks.c.seen_at)).one_or_none()
    return None if row is None else Mark(*row)


def summed_to(tx: Connection) -> int:
    """The sequence number up to which calls are summed."""
    return int(tx.execute(select(call_marks.c.summed_to)).scalar() or 0)


def see(tx: Connection, newest: int, now: datetime) -> None:
    """Note the newest call, to sum up to it once everything before it is sure to be there."""
    statement = upsert(tx, call_marks).values(id=_THE_ONE, summed_to=0, seen_to=newest, seen_at=now)
    seen = {"seen_to": statement.excluded.seen_to, "seen_at": statement.excluded.seen_at}
    tx.execute(statement.on_conflict_do_update(index_elements=[call_marks.c.id], set_=seen))


def sum_up(tx: Connection, after: int, to: int) -> bool:
    """Add the calls after one sequence number and up to another to the sums; False where somebody just did."""
    moved = update(call_marks).where(call_marks.c.summed_to == after).values(summed_to=to)
    if tx.execute(moved).rowcount != 1:
        return False
    c, names = calls.c, [column.name for column in call_hours.columns]
    by = (c.key, hour_of(c.at), c.account, c.user, c.operation, c.status, c.error_code, c.sdk)
    new = select(*by, func.count(), func.max(c.at)).where(c.sequence > after, c.sequence <= to).group_by(*by)
    statement = upsert(tx, call_hours).from_select(names, new)
    added, old = statement.excluded, call_hours.c
    tx.execute(
        statement.on_conflict_do_update(
            index_elements=list(call_hours.primary_key.columns),
            set_={
                "calls": old.calls + added.calls,
                "last_at": case((added.last_at > old.last_at, added.last_at), else_=old.last_at),
            },
        )
    )
    return True


def forget_hours(tx: Connection, before: datetime, most: int) -> int:
    """Forget some of the sums of hours before a moment; return of how many hours."""
    hours = select(call_hours.c.hour).where(call_hours.c.hour < before).distinct().limit(most)
    found = list(tx.execute(hours).scalars())
    tx.execute(delete(call_hours).where(call_hours.c.hour.in_(found)))
    return len(found)


def list_from(tx: Connection, after: int, most: int) -> list[Call]:
    """The oldest calls after a sequence number that are summed already."""
    where = (calls.c.sequence > after) & (calls.c.sequence <= summed_to(tx))
    rows = tx.execute(select(calls).where(where).order_by(calls.c.sequence).limit(most))
    return [Call(**row._mapping) for row in rows]  # noqa: SLF001 — SQLAlchemy's documented accessor


def forget_calls(tx: Connection, found: Collection[Call]) -> None:
    """Forget these calls, and how they ended."""
    tx.execute(delete(outcomes).where(outcomes.c.trace.in_([call.trace for call in found])))
    tx.execute(delete(calls).where(calls.c.sequence.in_([call.sequence for call in found])))


def note_kept(tx: Connection, since: datetime) -> None:
    """Note from when on every call is still known one by one."""
    tx.execute(update(call_marks).values(kept_since=since))


def kept_since(tx: Connection) -> datetime | None:
    """From when on every call is still known one by one; None where none was forgotten."""
    return tx.execute(select(call_marks.c.kept_since)).scalar()
