"""What is remembered of calls that were decided here and carried by a proxy?"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, bindparam, select, update

from keysteward.rules.decisions import WAIT, Decided, Line
from keysteward.store.database import upsert
from keysteward.store.tables import calls, outcomes

_DECIDED = (
    calls.c.sequence, calls.c.trace, calls.c.at, calls.c.status, calls.c.why_not, calls.c.outcome_at
)  # fmt: skip
_TAKE = (
    update(calls)
    .where(calls.c.sequence == bindparam("of"), calls.c.outcome_at.is_(None))
    .values(
        status=bindparam("ended"),
        error_code=bindparam("code"),
        countable=bindparam("counts"),
        why_not=bindparam("reason"),
        outcome_at=bindparam("came"),
    )
)


class Outcome(NamedTuple):
    """What a line makes of a call."""

    sequence: int
    line: Line
    countable: bool
    why_not: str


def list_decided(tx: Connection, gateway: str, decisions: Sequence[str]) -> dict[str, Decided]:
    """The calls that one gateway asked about, by decision; what another one asked about is not there."""
    where = (calls.c.gateway == gateway) & calls.c.trace.in_(decisions)
    return {row.trace: Decided(*row) for row in tx.execute(select(*_DECIDED).where(where))}


def take(tx: Connection, taken: Sequence[Outcome], now: datetime) -> None:
    """Write outcomes, each where none came before it."""
    if not taken:
        return
    tx.execute(_TAKE, [_changes(each, now) for each in taken])
    tx.execute(upsert(tx, outcomes).on_conflict_do_nothing(), [_measured(each.line) for each in taken])


def has_pending(tx: Connection, key: str, cut: int, now: datetime) -> bool:
    """Whether an outcome may still come for a call of a key up to a sequence number."""
    recent = calls.c.at.between(now - WAIT, now + WAIT)
    return tx.execute(select(calls.c.sequence).where(_open(key, cut), recent).limit(1)).first() is not None


def close(tx: Connection, key: str, cut: int, now: datetime) -> None:
    """Take no outcome any more for the calls of a key up to a sequence number."""
    tx.execute(update(calls).where(_open(key, cut)).values(outcome_at=now))


def _open(key: str, cut: int) -> ColumnElement[bool]:
    awaited = calls.c.gateway.is_not(None) & calls.c.outcome_at.is_(None)
    return (calls.c.key == key) & (calls.c.sequence <= cut) & awaited


def _changes(outcome: Outcome, now: datetime) -> dict[str, object]:
    line = outcome.line
    return {
        "of": outcome.sequence,
        "ended": line.status,
        "code": line.error_code,
        "counts": outcome.countable,
        "reason": outcome.why_not,
        "came": now,
    }


def _measured(line: Line) -> dict[str, object]:
    return {
        "trace": line.decision,
        "duration_microseconds": line.duration_microseconds,
        "request_bytes": line.request_bytes,
        "answer_bytes": line.answer_bytes,
        "completed": line.completed,
    }
