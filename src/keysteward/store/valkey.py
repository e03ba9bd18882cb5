"""How do several workers count the calls of an account together? In Valkey, or Redis.

One thread asks for all who wait: what gathers while one answer is on its way goes along with the next question. While
Valkey does not answer, each worker goes on by itself from the last count that it saw, and brings what it let pass when
Valkey is back (docs/guides/limits.md).
"""

import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import structlog
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from keysteward.rules.limits import LATE, Count, Excess, Question, Window
from keysteward.rules.refusals import OUT_OF_REACH, Refusal
from keysteward.store.meters import Book, Waiting
from keysteward.store.tables import microseconds

_PATIENCE_SECONDS = 0.5
_PAUSE_SECONDS = 1.0
_MOST_AT_ONCE = 500
_EXCESSES: tuple[Excess | None, ...] = (None, "hourly", "burst")
_MICROSECOND = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SCRIPTS = Path(__file__).parent / "lua"

log = structlog.get_logger()


class BadAddress(Exception):
    """What is wrong with the address of a Valkey. The message is for whoever wrote it."""


class _Batch:
    """The questions that go together, and the future of all who wait for them."""

    def __init__(self) -> None:
        self.questions: list[Question] = []
        self.done: Future[list[Count]] = Future()
        self.done.set_running_or_notify_cancel()


class SharedMeter:
    """Counts for all workers of an environment. `is_apart` while Valkey does not answer."""

    def __init__(self, address: str, environment: str, password: str = "", ca_file: Path | None = None) -> None:
        self._shelf = _Shelf(_client(address, password, ca_file), f"keysteward:{environment}:limits:")
        self._own = _Own()
        self._batch = _Batch()
        self._changed = threading.Condition(threading.Lock())
        self._is_open = True
        self.is_apart = False
        self._greet()
        self._thread = threading.Thread(target=self._run, name="valkey", daemon=True)
        self._thread.start()

    def ask(self, question: Question) -> Count | Waiting:
        """Let a call pass where no limit stands against it, and count it."""
        with self._changed:
            if self.is_apart or not self._is_open:
                return self._own.count(question)
            self._batch.questions.append(question)
            self._changed.notify()
            return Waiting(self._batch.done, len(self._batch.questions) - 1)

    def close(self) -> None:
        """Answer who waits, then stop. Valkey keeps the counts."""
        with self._changed:
            self._is_open = False
            self._changed.notify()
        self._thread.join()
        self._shelf.close()

    def _greet(self) -> None:
        try:
            self._shelf.ping()
        except Exception as error:  # noqa: BLE001 — whatever it is, calls go on without Valkey
            self._part(error)

    def _run(self) -> None:
        while (batch := self._take()) is not None:
            if batch.questions:
                self._answer(batch)
            elif self.is_apart:
                self._come_back()

    def _take(self) -> _Batch | None:
        """Those who wait; nobody where it is time to look for Valkey again, None at the end."""
        with self._changed:
            pause = _PAUSE_SECONDS if self.is_apart else None
            self._changed.wait_for(lambda: self._batch.questions or not self._is_open, pause)
            if not self._batch.questions and not self._is_open:
                return None
            batch, self._batch = self._batch, _Batch()
            return batch

    def _answer(self, batch: _Batch) -> None:
        try:
            batch.done.set_result(self._asked(batch.questions))
        except Exception as error:  # noqa: BLE001 — every waiter of the batch must learn of it, whatever it is
            batch.done.set_exception(Refusal(OUT_OF_REACH, detail=repr(error)))

    def _asked(self, questions: list[Question]) -> list[Count]:
        if not self.is_apart:
            try:
                found = self._shelf.count(questions)
            except Exception as error:  # noqa: BLE001 — whatever it is, calls go on without Valkey
                self._part(error)
            else:
                self._own.learn(questions, found)
                return found
        with self._changed:
            return [self._own.count(question) for question in questions]

    def _part(self, error: Exception) -> None:
        log.warning("Valkey is out of reach: each worker counts calls by itself", error=repr(error))
        with self._changed:
            self.is_apart = True

    def _come_back(self) -> None:
        """Count together again; until Valkey has what was counted meanwhile, whoever asks waits."""
        try:
            self._shelf.ping()
            with self._changed:
                self.is_apart = False
            self._shelf.rejoin(self._own.passed())
        except Exception as error:  # noqa: BLE001 — whatever it is, it is tried again
            with self._changed:
                self.is_apart = True
            log.info("Valkey is still out of reach", error=repr(error))
            return
        self._own.settle()
        log.warning("Valkey is back: all workers count calls together")


class _Passed(NamedTuple):
    """What a worker let pass in an account by itself: how many calls it knew of before, and its windows now."""

    account: str
    known: int
    window: Window


class _Own:
    """What this worker knows by itself: the last counts that it saw, and what it let pass since it is alone."""

    def __init__(self) -> None:
        self._book = Book()
        self._known: dict[str, Window | None] = {}

    def learn(self, questions: Sequence[Question], found: Sequence[Count]) -> None:
        """Go on from what all workers counted."""
        counted = zip(questions, found, strict=True)
        self._book.learn({question.account: count.window for question, count in counted if question.counts})

    def count(self, question: Question) -> Count:
        """Let a call pass where no limit stands against it, and count it."""
        before = self._book.find(question.account)
        found = self._book.count(question)
        if question.counts:
            self._known.setdefault(question.account, before)
        return found

    def passed(self) -> list[_Passed]:
        """What is to be brought back."""
        found = ((account, known, self._book.find(account)) for account, known in self._known.items())
        return [
            _Passed(account, known.hourly if known is not None and known.hour == window.hour else 0, window)
            for account, known, window in found
            if window is not None
        ]

    def settle(self) -> None:
        """It was brought back."""
        self._known.clear()


class _Shelf:
    """The counters in Valkey, each account's by a name of its own; they go by themselves when they say nothing more."""

    def __init__(self, client: Redis, prefix: str) -> None:
        self._client = client
        self._prefix = prefix
        self._count = self._client.register_script((_SCRIPTS / "count.lua").read_text())
        self._rejoin = self._client.register_script((_SCRIPTS / "rejoin.lua").read_text())

    def ping(self) -> None:
        """Raise where nobody answers."""
        self._client.ping()

    def count(self, questions: Sequence[Question]) -> list[Count]:
        """Ask for many at once, in their order."""
        found: list[Count] = []
        for first in range(0, len(questions), _MOST_AT_ONCE):
            found += self._counted(questions[first : first + _MOST_AT_ONCE])
        return found

    def rejoin(self, passed: Sequence[_Passed]) -> None:
        """Add what a worker let pass by itself."""
        for first in range(0, len(passed), _MOST_AT_ONCE):
            some = passed[first : first + _MOST_AT_ONCE]
            self._rejoin(
                self._names(each.account for each in some), [number for each in some for number in _told(each)]
            )

    def close(self) -> None:
        """Hang up."""
        self._client.close()

    def _counted(self, questions: Sequence[Question]) -> list[Count]:
        names = self._names(question.account for question in questions)
        numbers = [number for question in questions for number in _asked(question)]
        return [_said(*answer) for answer in zip(*[iter(self._count(names, numbers))] * 6, strict=True)]

    def _names(self, accounts: Iterable[str]) -> list[str]:
        return [self._prefix + account for account in accounts]


def _client(address: str, password: str, ca_file: Path | None) -> Redis:
    """Valkey by its address; it has half a second for each answer."""
    scheme, colon, rest = address.partition("://")
    scheme = {"valkey": "redis", "valkeys": "rediss"}.get(scheme, scheme)
    trusting = {"ssl_ca_certs": str(ca_file)} if ca_file is not None and scheme == "rediss" else {}
    try:
        return Redis.from_url(
            f"{scheme}{colon}{rest}",
            password=password or None,
            socket_timeout=_PATIENCE_SECONDS,
            socket_connect_timeout=_PATIENCE_SECONDS,
            retry=Retry(NoBackoff(), 0),
            client_name="keysteward",
            **trusting,
        )
    except ValueError:
        raise BadAddress("the address of Valkey is none; say valkey://USER@HOST:6379/0") from None


def _asked(question: Question) -> tuple[int, ...]:
    limits, candidate, burst_window = question.measure
    tried = candidate or (0, 0)
    now, late = microseconds(question.now), LATE // _MICROSECOND
    return now, int(question.counts), *limits, *tried, burst_window // _MICROSECOND, late


def _told(passed: _Passed) -> tuple[int, ...]:
    known, window = passed.known, passed.window
    return microseconds(window.hour), known, window.hourly - known, microseconds(window.burst_from), window.burst


def _said(hour: int, hourly: int, burst_from: int, burst: int, excess: int, candidate_excess: int) -> Count:
    window = Window(_instant(hour), hourly, _instant(burst_from), burst)
    return Count(window, _EXCESSES[excess], _EXCESSES[candidate_excess])


def _instant(since_1970: int) -> datetime:
    return _EPOCH + since_1970 * _MICROSECOND
