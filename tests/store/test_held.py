"""Is every call of somebody found, once, without reading those of everybody else, on both databases?"""

from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, event, insert, text

from keysteward.rules.events import Erasure
from keysteward.store import held
from keysteward.store.database import Database
from keysteward.store.tables import accounts, call_hours, call_marks, calls, memberships, users
from tests.cast import START

ADA, BO = "c0de0001-de30-4000-8000-000000000000", "c0de0002-de30-4000-8000-000000000000"
HERE, THERE, ELSEWHERE = (f"acc0000{n}-de30-4000-8000-000000000000" for n in (1, 2, 3))
KEY = "7d1c9e9e-1f0a-4b52-9a55-3a0d6f8f0c11"
OTHERS, SUMMED_TO = 500, 506


def call(user: str, account: str) -> dict[str, object]:
    """A call as it is kept."""
    said = {"method": "GET", "url": "/", "url_digest": "", "route": "", "operation": "", "status": 200}
    rest = {"error_code": "", "countable": True, "polled": False, "why_not": "", "sdk": "", "trace": ""}
    return {"at": START, "key": KEY, "user": user, "account": account, **said, **rest}


def fill(tx: Connection) -> None:
    """Ada belongs to one account, called in another once, and her newest calls are not summed yet."""
    user = {"id": ADA, "email": "ada@x.example", "email_folded": "ada@x.example", "first_name": "Ada", "last_name": "A",
            "state": "active", "service": False, "created_at": START, "least_epoch": 0}  # fmt: skip
    account = {"id": HERE, "number": 1, "name": "Here", "plan": "Free", "state": "open", "created_at": START}
    tx.execute(insert(users), [user])
    tx.execute(insert(accounts), [account])
    belongs = {"account": HERE, "user": ADA, "profile": 1, "state": "closed", "created_at": START}
    tx.execute(insert(memberships), [belongs])
    tx.execute(insert(calls), [call(BO, str(n)) for n in range(OTHERS)])
    known = [(ADA, HERE), (ADA, THERE), (BO, HERE), (BO, THERE), (ADA, HERE), (BO, HERE)]
    newest = [(ADA, HERE), (ADA, ELSEWHERE), (BO, HERE)]
    tx.execute(insert(calls), [call(*each) for each in known + newest])
    hour = {"key": KEY, "operation": "", "status": 200, "error_code": "", "sdk": "", "calls": 1, "last_at": START}
    hours = [(ADA, THERE, 0), *((BO, str(n), n) for n in range(OTHERS))]
    rows = [hour | {"user": who, "account": where, "hour": START + timedelta(hours=n)} for who, where, n in hours]
    tx.execute(insert(call_hours), rows)
    tx.execute(insert(call_marks).values(id=1, summed_to=SUMMED_TO, seen_to=SUMMED_TO, seen_at=START))
    for table in ("calls", "call_hours", "memberships"):
        tx.execute(text(f"ANALYZE {table}"))


def test_calls_are_found_by_the_accounts_they_were_made_in(database: Database) -> None:
    """Each once: of an account of hers, of another that only the sums know, and of the minutes not summed yet."""
    with database.writing() as tx:
        fill(tx)
    with database.reading() as tx:
        told = list(held.walk_held(tx, ADA, Erasure("ada@x.example", user=ADA), frozenset()))
        plan = _plan(tx)

    numbers = [row["sequence"] for table, row in told if table == "calls"]
    assert sorted(numbers) == [OTHERS + n for n in (1, 2, 5, 7, 8)]
    assert [row["account"] for table, row in told if table == "call_hours"] == [THERE]
    for index in ("calls_in_account", "call_hours_of_user"):
        assert index in plan
    for whole in ("SCAN calls", "SCAN call_hours", "Seq Scan on calls", "Seq Scan on call_hours"):
        assert whole not in plan


def _plan(tx: Connection) -> str:
    """How the database goes about every statement that asks for calls."""
    asked: list[tuple[str, Any]] = []

    def hear(_tx: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:  # noqa: ANN401 — as SQLAlchemy calls it
        asked.append((statement, values))

    event.listen(tx, "before_cursor_execute", hear)
    assert list(held.walk_held(tx, ADA, Erasure("ada@x.example", user=ADA), frozenset()))
    event.remove(tx, "before_cursor_execute", hear)
    is_sqlite = tx.dialect.name == "sqlite"
    if not is_sqlite:
        tx.execute(text("SET LOCAL enable_seqscan = off"))
    explain = "EXPLAIN QUERY PLAN" if is_sqlite else "EXPLAIN"
    of_calls = [(statement, values) for statement, values in asked if "FROM call" in statement]
    return str([tx.exec_driver_sql(f"{explain} {statement}", values).all() for statement, values in of_calls])
