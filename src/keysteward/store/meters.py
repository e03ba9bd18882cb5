"""How are the calls of an account counted in this process?

What a meter counts is memory: it is written when the process stops cleanly, and read when the next one starts. What
candidates would have refused is written within a second, by a scribe.
"""

import threading
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import Future
from datetime import datetime
from typing import NamedTuple, Protocol

import structlog

from keysteward.rules.limits import LONGEST_WINDOW, Count, Counters, Question, Window, count
from keysteward.store import limits
from keysteward.store.database import Database
from keysteward.store.limits import Trial, Tried
from keysteward.store.scribe import Scribe

_MOST_TRIALS = 10_000

log = structlog.get_logger()


class Waiting(NamedTuple):
    """A question that is answered soon, together with others: its place among them."""

    done: "Future[list[Count]]"
    position: int

    def result(self) -> Count:
        """The answer; whoever asks waits for it."""
        return self.done.result()[self.position]


class Meter(Protocol):
    """Counts the calls of each account."""

    @property
    def is_apart(self) -> bool:
        """Whether each of several processes counts by itself, so that an account may exceed its limit."""

    def ask(self, question: Question) -> Count | Waiting:
        """Let a call pass where no limit stands against it, and count it."""

    def close(self) -> None:
        """Keep what must be kept, and stop."""


class Book:
    """The counters of accounts in memory; accounts whose windows have all closed are forgotten."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counters: dict[str, Counters] = {}
        self._hour: datetime | None = None

    def count(self, question: Question) -> Count:
        """Let a call pass where no limit stands against it, and count it."""
        with self._lock:
            before = self._counters.get(question.account) or Counters()
            after, found = count(before, question)
            if question.counts:
                self._keep(question.account, after)
        return found

    def learn(self, windows: Mapping[str, Window]) -> None:
        """Go on from here."""
        with self._lock:
            for account, window in windows.items():
                self._keep(account, Counters(window))

    def find(self, account: str) -> Window | None:
        """The windows of an account."""
        counters = self._counters.get(account)
        return counters.window if counters else None

    def windows(self) -> dict[str, Window]:
        """The windows of each account."""
        with self._lock:
            return {account: each.window for account, each in self._counters.items() if each.window is not None}

    def _keep(self, account: str, counters: Counters) -> None:
        self._counters[account] = counters
        hour = counters.window.hour if counters.window else None
        if hour is not None and hour != self._hour:
            self._forget_before(hour)

    def _forget_before(self, hour: datetime) -> None:
        self._hour = hour
        self._counters = {
            account: each
            for account, each in self._counters.items()
            if each.window is not None and abs(each.window.hour - hour) <= LONGEST_WINDOW
        }


class OwnMeter:
    """Counts in this process, one of so many `workers`."""

    def __init__(self, database: Database, workers: int = 1) -> None:
        self.is_apart = workers > 1
        self._database = database
        self._book = Book()
        self._has_counted = False
        with database.reading() as tx:
            self._book.learn(limits.list_windows(tx))

    def ask(self, question: Question) -> Count:
        """Let a call pass where no limit stands against it, and count it."""
        self._has_counted = self._has_counted or question.counts
        return self._book.count(question)

    def close(self) -> None:
        """Keep the windows for the next process; without them it begins at 0, and nothing else is lost."""
        if not self._has_counted:
            return
        try:
            with self._database.writing() as tx:
                limits.save_windows(tx, self._book.windows())
        except Exception as error:  # noqa: BLE001 — a process that stops must stop, whatever the database says
            log.warning("the counts of calls could not be kept", error=repr(error))


class Trials:
    """Counts what candidates would have refused, and adds it to the rows within a second."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._calls: Counter[Trial] = Counter()
        self._refused: Counter[Trial] = Counter()
        self._scribe = Scribe("trials", self._write)

    def note(self, trial: Trial, *, is_refused: bool) -> None:
        """Count a call; where too many trials wait to be written it is left out."""
        with self._lock:
            if len(self._calls) >= _MOST_TRIALS and trial not in self._calls:
                return
            self._calls[trial] += 1
            self._refused[trial] += is_refused
        self._scribe.tell()

    def close(self) -> None:
        """Write what was counted, then stop."""
        self._scribe.close()

    def _write(self) -> None:
        with self._lock:
            calls, refused = self._calls, self._refused
            self._calls, self._refused = Counter(), Counter()
        if calls:
            self._add(calls, refused)

    def _add(self, calls: Counter[Trial], refused: Counter[Trial]) -> None:
        """Add what was counted to the rows, or keep it for another time."""
        try:
            with self._database.writing() as tx:
                limits.add_trials(tx, [Tried(trial, calls[trial], refused[trial]) for trial in calls])
        except Exception:
            with self._lock:
                self._calls.update(calls)
                self._refused.update(refused)
            raise


def wait_for(asked: Count | Waiting) -> Count:
    """The answer to a question, in a thread that may wait for it."""
    return asked if isinstance(asked, Count) else asked.result()
