"""How does a call become durable before its answer leaves?

One thread writes: what gathers while one batch commits is the next batch. All who wait for a batch share its future,
and learn at once whether it was committed. What waits is bounded; a caller that finds no room is refused.
"""

import threading
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from operator import attrgetter
from typing import Any

import msgspec
from sqlalchemy import Connection, Table, text
from sqlalchemy.dialects import postgresql

from keysteward.rules.calls import Call
from keysteward.rules.policy import Policy
from keysteward.rules.refusals import NOT_RECORDED, Refusal
from keysteward.store.database import Database
from keysteward.store.standing import Question, Standings
from keysteward.store.tables import calls, microseconds, outcomes

_MOST_AT_ONCE = 1_000  # in a statement; SQLite takes 32,766 values
_MOST_BATCHES = 10
_OUTCOMES_WAIT_SECONDS = 0.25


class RecorderFull(Exception):
    """More calls wait to be recorded than memory should hold, or the recorder has closed."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an answered call ended: best effort, after the answer left."""

    trace: str
    duration_microseconds: int
    request_bytes: int
    answer_bytes: int
    completed: bool


class _Batch:
    """The rows of one transaction, and the future of all who wait for it; nobody can cancel it for the others."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.outcomes: list[Outcome] = []
        self.asked: dict[str, Question] = {}
        self.done: Future[Mapping[str, str]] = Future()
        self.done.set_running_or_notify_cancel()

    def __len__(self) -> int:
        return len(self.calls) + len(self.outcomes)


class Recorder:
    """The one writer of calls."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._standings = Standings()
        self._batches = deque([_Batch()])
        self._changed = threading.Condition(threading.Lock())
        self._is_open = True
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    def record(self, call: Call, judged_by: Policy | None = None) -> "Future[Mapping[str, str]]":
        """Queue a call; the future is done once it is durable, and tells where the keys stand that are `judged_by`."""
        with self._changed:
            batch = self._with_room()
            batch.calls.append(call)
            if judged_by is not None:
                batch.asked[call.key] = Question(judged_by, call.at)
            self._changed.notify()
        return batch.done

    @property
    def waiting(self) -> int:
        """How many rows wait to be written."""
        with self._changed:
            return sum(map(len, self._batches))

    def complete(self, outcome: Outcome) -> None:
        """Queue how a call ended, to go along with the next call that comes soon; dropped where there is no room."""
        with suppress(RecorderFull), self._changed:
            self._with_room().outcomes.append(outcome)

    def close(self) -> None:
        """Write what waits, then stop; whoever comes later is refused."""
        with self._changed:
            self._is_open = False
            self._changed.notify()
        self._thread.join()

    def _with_room(self) -> _Batch:
        """The batch that gathers; where it is full another one begins."""
        if not self._is_open:
            raise RecorderFull
        if len(self._batches[-1]) >= _MOST_AT_ONCE:
            if len(self._batches) >= _MOST_BATCHES:
                raise RecorderFull
            self._batches.append(_Batch())
        return self._batches[-1]

    def _run(self) -> None:
        while batch := self._take():
            self._write(batch)

    def _take(self) -> _Batch:
        """The oldest batch with something in it; an empty one when the recorder has closed."""
        with self._changed:
            while not self._changed.wait_for(self._is_due, _OUTCOMES_WAIT_SECONDS):
                if self._batches[0]:
                    break
            batch = self._batches.popleft()
            if not self._batches:
                self._batches.append(_Batch())
            return batch

    def _is_due(self) -> bool:
        return bool(self._batches[0].calls) or len(self._batches) > 1 or not self._is_open

    def _write(self, batch: _Batch) -> None:
        try:
            with self._database.writing() as tx:
                _CALLS.insert(tx, batch.calls)
                _OUTCOMES.insert(tx, batch.outcomes)
                told = self._standings.tell(tx, batch.asked)
        except Exception as error:  # noqa: BLE001 — every waiter of the batch must learn of it, whatever it is
            batch.done.set_exception(Refusal(NOT_RECORDED, detail=repr(error)))
        else:
            batch.done.set_result(told)


class _Into:
    """How rows get into a table: with one statement a batch, so that the database loops over them.

    A loop here would fight the event loop for the interpreter at every row.
    """

    def __init__(self, table: Table, at_conflict: str = "") -> None:
        columns = [column for column in table.columns if column.name != "sequence"]
        self._columns = [column.name for column in columns]
        self._fields = attrgetter(*self._columns)
        names = ", ".join(f'"{name}"' for name in self._columns)
        self._into, self._at_conflict = f"INSERT INTO {table.name} ({names})", at_conflict
        self._marks = f"({', '.join('?' for _ in columns)})"
        dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
        shape = ", ".join(f'"{column.name}" {column.type.compile(dialect)}' for column in columns)
        source = f"{names} FROM json_to_recordset(CAST(:rows AS json)) AS r({shape})"
        self._from_json = text(f"{self._into} SELECT {source} {at_conflict}")

    def insert(self, tx: Connection, rows: Sequence[Call | Outcome]) -> None:
        """Add rows in their order."""
        if not rows:
            return
        values = [_plain(self._fields(row)) for row in rows]
        if tx.dialect.name == "postgresql":
            named = [dict(zip(self._columns, each, strict=True)) for each in values]
            tx.execute(self._from_json, {"rows": msgspec.json.encode(named).decode()})
        else:
            marks = ", ".join([self._marks] * len(values))
            tx.exec_driver_sql(f"{self._into} VALUES {marks} {self._at_conflict}", tuple(chain.from_iterable(values)))


_CALLS = _Into(calls)
_OUTCOMES = _Into(outcomes, "ON CONFLICT DO NOTHING")


def _plain(fields: Iterable[Any]) -> list[Any]:
    """Values as their columns have them: instants in microseconds, text without zero bytes, as in `Words`."""
    return [
        field.replace("\x00", "\ufffd") if isinstance(field, str)
        else microseconds(field) if isinstance(field, datetime)
        else field
        for field in fields
    ]  # fmt: skip
