"""What do drills tell custody: which are awaited, which failed, and when was a service admin tried last?"""

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, func, select

from keysteward.rules.custody.inventory import DrillFacts, Person
from keysteward.rules.drills import ABOUT
from keysteward.store.tables import Instant, drill_results, drills

_C = drills.c
_HELD = _C.ended_at.is_not(None) & (_C.ended_by == "")
_BAD = drill_results.alias("bad_results")
_FAILED = select(_BAD.c.drill).where((_BAD.c.drill == _C.id) & (_BAD.c.result == "failed")).correlate(drills).exists()


def of_accounts(tx: Connection, ids: Collection[str]) -> tuple[DrillFacts, ...]:
    """The drills of some accounts that are not over, and of each kind the newest that was held."""
    rows = tx.execute(select(drills, _FAILED.label("failed")).where(_C.account.in_(ids)).where(_C.ended_by == "")
                      .order_by(_C.ended_at, _C.due_at, _C.id)).all()  # fmt: skip
    held = {(row.account, row.kind, row.subject): row for row in rows if row.ended_at is not None}
    awaited = [row for row in rows if row.ended_at is None]
    return tuple(_facts(row) for row in (*awaited, *held.values()))


def tried(tx: Connection, ids: Collection[str], people: tuple[Person, ...]) -> tuple[Person, ...]:
    """People, with when the service admins among them were last tried in a drill of some accounts, and it worked."""
    began = func.min(drill_results.c.at, type_=Instant)
    query = select(_C.subject, began).join(drill_results, drill_results.c.drill == _C.id)
    of_them = _C.account.in_(ids) & (_C.kind == "service-admin") & _HELD & ~_FAILED
    rows = tx.execute(query.where(of_them).group_by(_C.id, _C.subject, _C.ended_at).order_by(_C.ended_at))
    last = {subject: at for subject, at in rows}  # noqa: C416 — of each the last counts
    return tuple(replace(person, drilled_at=last.get(person.id)) if person.service else person for person in people)


def _facts(row: Row[Any]) -> DrillFacts:
    about = ABOUT[row.kind]
    key = row.subject if about.subject == "key" else ""
    return DrillFacts(row.id, row.account, about.title, row.due_at, row.ended_at, key, failed=bool(row.failed))
