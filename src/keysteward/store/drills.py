"""What is remembered of drills and of what people recorded?"""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, insert, select, update

from keysteward.rules.drills import Drill, Outcome
from keysteward.store.database import upsert
from keysteward.store.tables import drill_results, drills

_C = drills.c


def save(tx: Connection, drill: Drill) -> None:
    """Add a drill."""
    first, second = drill.people
    tx.execute(
        insert(drills).values(
            id=drill.id,
            account=drill.account,
            kind=drill.kind,
            subject=drill.subject,
            first=first,
            second=second,
            due_at=drill.due_at,
            every_months=drill.every_months,
            planned_at=drill.planned_at,
            planned_by=drill.planned_by,
            reminded=drill.reminded,
            ended_by="",
        )
    )


def find(tx: Connection, drill: str) -> Drill | None:
    """A drill by its id."""
    return next(iter(_found(tx, _C.id == drill, None)), None)


def list_of_account(tx: Connection, account: str, most: int) -> list[Drill]:
    """The drills of an account, the latest due first."""
    return _found(tx, _C.account == account, most)


def list_awaited(tx: Connection, until: datetime, times: int) -> list[Drill]:
    """The drills that are not over and due before a moment, of which people were reminded fewer times than that."""
    return _found(tx, _C.ended_at.is_(None) & (_C.due_at <= until) & (_C.reminded < times), None)


def record(tx: Connection, drill: str, outcome: Outcome) -> bool:
    """Note what somebody records; only the first of each counts."""
    values = {
        "drill": drill, "user": outcome.user, "result": outcome.result, "note": outcome.note, "at": outcome.at,
    }  # fmt: skip
    return tx.execute(upsert(tx, drill_results).values(values).on_conflict_do_nothing()).rowcount == 1


def end(tx: Connection, drill: str, at: datetime, by: str) -> bool:
    """End a drill; `by` is empty where both recorded. Only one caller is told True."""
    where = (_C.id == drill) & _C.ended_at.is_(None)
    return tx.execute(update(drills).where(where).values(ended_at=at, ended_by=by)).rowcount == 1


def mark_reminded(tx: Connection, drill: str, times: int) -> bool:
    """Note how often people were written to; only one caller is told True."""
    where = (_C.id == drill) & (_C.reminded < times) & _C.ended_at.is_(None)
    return tx.execute(update(drills).where(where).values(reminded=times)).rowcount == 1


def _found(tx: Connection, where: ColumnElement[bool], most: int | None) -> list[Drill]:
    rows = tx.execute(select(drills).where(where).order_by(_C.due_at.desc(), _C.id).limit(most)).all()
    outcomes = _outcomes(tx, [row.id for row in rows])
    return [_drill(row, tuple(outcomes.get(row.id, ()))) for row in rows]


def _outcomes(tx: Connection, of: list[str]) -> dict[str, list[Outcome]]:
    found: dict[str, list[Outcome]] = {}
    c = drill_results.c
    for row in tx.execute(select(drill_results).where(c.drill.in_(of)).order_by(c.at, c.user)):
        found.setdefault(row.drill, []).append(Outcome(row.user, row.result, row.note, row.at))
    return found


def _drill(row: Row[Any], outcomes: tuple[Outcome, ...]) -> Drill:
    return Drill(
        id=row.id,
        account=row.account,
        kind=row.kind,
        subject=row.subject,
        people=(row.first, row.second),
        due_at=row.due_at,
        every_months=row.every_months,
        planned_at=row.planned_at,
        planned_by=row.planned_by,
        reminded=row.reminded,
        outcomes=outcomes,
        ended_at=row.ended_at,
        ended_by=row.ended_by,
    )
