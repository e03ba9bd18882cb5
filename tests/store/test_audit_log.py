"""Does every filter of the audit log read its page off an index, on both databases?"""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event, insert, text

from keysteward.rules.audit_log import Question, Scope
from keysteward.store import audit_log
from keysteward.store.database import Database
from keysteward.store.tables import events
from tests.cast import START

GUID = "7d1c9e9e-1f0a-4b52-9a55-3a0d6f8f0c11"
EVERYWHERE = Scope()
BY_INDEX = {
    "events_of_account": Question(Scope(GUID)),
    "events_named": Question(EVERYWHERE, kind="KeyMoved"),
    "events_by_actor": Question(EVERYWHERE, actors=("ada@acme.example",)),
    "events_of_key": Question(EVERYWHERE, key=GUID),
    "events_about": Question(EVERYWHERE, user=GUID),
    "events_of_trace": Question(EVERYWHERE, trace=GUID),
    "events_at": Question(EVERYWHERE, since=START, until=START + timedelta(hours=1)),
}


def plans(database: Database, question: Question) -> str:
    """How the database goes about every statement of a search."""
    row = {"at": START, "name": "KeyMoved", "actor": "ada@acme.example", "key": GUID, "account": GUID, "data": {},
           "salts": {}, "erased": {}, "about": GUID, "trace": GUID}  # fmt: skip
    others = [row | {"name": "SignedIn", "actor": f"{n}@x.example", "key": str(n), "account": str(n), "about": str(n),
                     "trace": str(n), "at": START + timedelta(days=n)} for n in range(1, 500)]  # fmt: skip
    with database.writing() as tx:
        tx.execute(insert(events), [row, *others])
        tx.execute(text("ANALYZE events"))
    with database.reading() as tx:
        asked = _overheard(tx, question)
        is_sqlite = tx.dialect.name == "sqlite"
        if not is_sqlite:
            tx.execute(text("SET LOCAL enable_seqscan = off"))
        explain = "EXPLAIN QUERY PLAN" if is_sqlite else "EXPLAIN"
        rows = [tx.exec_driver_sql(f"{explain} {query}", values).all() for query, values in asked]
    return str(rows)


def _overheard(tx: Connection, question: Question) -> list[tuple[str, Any]]:
    """The statements of a search that finds one event, as the driver is given them."""
    asked: list[tuple[str, Any]] = []

    def hear(_tx: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:  # noqa: ANN401 — as SQLAlchemy calls it
        asked.append((statement, values))

    event.listen(tx, "before_cursor_execute", hear)
    found = audit_log.search(tx, question, None, 5)
    event.remove(tx, "before_cursor_execute", hear)
    assert [entry.event.name for entry in found.entries] == ["KeyMoved"]
    return asked


@pytest.mark.parametrize("index", BY_INDEX)
def test_a_filter_has_its_index(database: Database, index: str) -> None:
    """The plan names it, and sorts nothing but a span of time: it ends with the number that pages go by."""
    plan = plans(database, BY_INDEX[index])

    assert index in plan
    assert index == "events_at" or "USE TEMP B-TREE" not in plan
