"""What is looked at beside a key's evidence, to say how it stands before its review?

So many of its newest calls and no more, the hours of a week, and how long the calls took that are shown: the work is
the same for a thousand calls and for a million.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, func, select

from keysteward.rules.pace import REFUSED_BY_LIMIT, HourSum, Sight
from keysteward.store.tables import call_hours, calls, outcomes

_SIGHT = tuple(calls.c[name] for name in Sight._fields)


def list_sights(tx: Connection, key: str, cut: int, most: int) -> list[Sight]:
    """The newest calls of a key up to a sequence number, newest first."""
    where = (calls.c.key == key) & (calls.c.sequence <= cut)
    query = select(*_SIGHT).where(where).order_by(calls.c.sequence.desc()).limit(most)
    return list(map(Sight._make, tx.execute(query).all()))


def list_hour_sums(tx: Connection, key: str, since: datetime) -> list[HourSum]:
    """How many calls of a key no limit refused in each hour and account, as far as they are summed."""
    h = call_hours.c
    where = (h.key == key) & (h.hour >= since) & h.error_code.not_in(REFUSED_BY_LIMIT)
    rows = tx.execute(select(h.hour, h.account, func.sum(h.calls)).where(where).group_by(h.hour, h.account))
    return [HourSum(hour, account, int(made)) for hour, account, made in rows]


def find_durations(tx: Connection, traces: Collection[str]) -> dict[str, int]:
    """How many microseconds calls took, by their trace, where that is known."""
    query = select(outcomes.c.trace, outcomes.c.duration_microseconds).where(outcomes.c.trace.in_(traces))
    return {trace: int(duration) for trace, duration in tx.execute(query)}
