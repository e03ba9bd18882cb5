"""How does a call become durable before its answer leaves?

One thread drains the queue: what gathers while one batch commits is the next batch. Every waiter of a batch learns
at once whether it was committed. The queue is bounded; a caller that finds it full is refused.
"""

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

import msgspec
from sqlalchemy import Connection, text

from keysteward.rules.calls import Call
from keysteward.rules.refusals import NOT_RECORDED, Refusal
from keysteward.store.database import Database
from keysteward.store.tables import calls, microseconds, outcomes

_MOST_WAITING = 10_000
_MOST_AT_ONCE = 1_000

_CALL_COLUMNS = tuple(column.name for column in calls.columns if column.name != "sequence")
_OUTCOME_COLUMNS = tuple(column.name for column in outcomes.columns)


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


@dataclass(slots=True)
class _Waiting:
    row: Call | Outcome
    done: Future[None] = field(default_factory=Future)


class Recorder:
    """The one writer of calls."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._queue: queue.Queue[_Waiting | None] = queue.Queue(_MOST_WAITING)
        self._gate = threading.Lock()
        self._is_open = True
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    def record(self, call: Call) -> "Future[None]":
        """Queue a call; the future is done once it is durable."""
        return self._put(_Waiting(call))

    def complete(self, outcome: Outcome) -> None:
        """Queue how a call ended; dropped where the queue is full."""
        try:
            self._put(_Waiting(outcome))
        except RecorderFull:
            return

    def close(self) -> None:
        """Write what waits, then stop; whoever comes later is refused."""
        with self._gate:
            self._is_open = False
        self._queue.put(None)
        self._thread.join()

    def _put(self, waiting: _Waiting) -> "Future[None]":
        with self._gate:
            if not self._is_open:
                raise RecorderFull
            try:
                self._queue.put_nowait(waiting)
            except queue.Full:
                raise RecorderFull from None
        return waiting.done

    def _run(self) -> None:
        while (first := self._queue.get()) is not None:
            batch, stop = self._gather(first)
            self._write(batch)
            if stop:
                return

    def _gather(self, first: _Waiting) -> tuple[list[_Waiting], bool]:
        batch = [first]
        while len(batch) < _MOST_AT_ONCE:
            try:
                waiting = self._queue.get_nowait()
            except queue.Empty:
                return batch, False
            if waiting is None:
                return batch, True
            batch.append(waiting)
        return batch, False

    def _write(self, batch: list[_Waiting]) -> None:
        tell: Callable[[Future[None]], None] = _succeed
        try:
            with self._database.writing() as tx:
                made = [_row(each.row) for each in batch if isinstance(each.row, Call)]
                _insert(tx, "INSERT INTO calls", _CALL_COLUMNS, made)
                ended = [msgspec.to_builtins(each.row) for each in batch if isinstance(each.row, Outcome)]
                _insert(tx, "INSERT OR IGNORE INTO outcomes", _OUTCOME_COLUMNS, ended)
        except Exception as error:  # noqa: BLE001 — every waiter of the batch must learn of it, whatever it is
            tell = _failing(error)
        for waiting in batch:
            tell(waiting.done)


def _row(call: Call) -> dict[str, Any]:
    """One call as JSON-ready columns."""
    return {**msgspec.to_builtins(call), "at": microseconds(call.at)}


def _insert(tx: Connection, into: str, columns: tuple[str, ...], rows: list[dict[str, Any]]) -> None:
    """One statement a batch: SQLite reads the rows from one JSON text.

    That happens in C; a loop here would fight the event loop for the interpreter at every row.
    """
    if not rows:
        return
    picks = ", ".join(f"value ->> '{column}'" for column in columns)
    names = ", ".join(f'"{column}"' for column in columns)
    statement = f"{into} ({names}) SELECT {picks} FROM json_each(:rows)"  # noqa: S608 — our names
    tx.execute(text(statement), {"rows": msgspec.json.encode(rows).decode()})


def _succeed(done: "Future[None]") -> None:
    if done.set_running_or_notify_cancel():
        done.set_result(None)


def _failing(error: Exception) -> "Callable[[Future[None]], None]":
    def fail(done: "Future[None]") -> None:
        if done.set_running_or_notify_cancel():
            done.set_exception(Refusal(NOT_RECORDED, detail=repr(error)))

    return fail
