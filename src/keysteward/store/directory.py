"""What does the hot path read, and how soon does it hear of a change?

The directory keeps answers of store queries in memory, each with the epoch of the snapshot it was read in. An answer
counts only while that epoch is the newest known and the watcher heard from the database within the last second
(docs/cycles/5-a-revocation.md).
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from math import inf
from typing import Any, Concatenate, Generic, NamedTuple, ParamSpec, TypeVar

import structlog

from keysteward.rules.refusals import OUT_OF_REACH, Refusal
from keysteward.store.database import Connection, Database, Listener, Unreadable, current_epoch

_TRUSTED_SECONDS = 1.0
_GIVEN_UP_SECONDS = 5.0
_POLL_SECONDS = 0.25
_AGAIN_SECONDS = 1.0
_MOST_ENTRIES = 100_000

Asked = ParamSpec("Asked")
Found = TypeVar("Found")
Name = TypeVar("Name", bound=Hashable)
Thing = TypeVar("Thing")

log = structlog.get_logger()


class NotHere(Exception):
    """The answer is not in memory: ask again where waiting for the database is allowed."""


class Recent(Generic[Name, Thing]):
    """A bounded memory: the entry that was added first makes room for a new one."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._entries: OrderedDict[Name, Thing] = OrderedDict()
        self._lock = threading.Lock()
        self.get: Callable[[Name], Thing | None] = self._entries.get
        """The entry of a name, if it is still here; the dictionary's own method, for every call asks several times."""

    def add(self, name: Name, thing: Thing) -> None:
        """Keep an entry, in the place of an older one of its name."""
        with self._lock:
            self._entries[name] = thing
            if len(self._entries) > self._most:
                self._entries.popitem(last=False)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._entries.clear()


class _Entry(NamedTuple):
    epoch: int
    found: Any


class _Memory:
    """What a directory and its twin for the event loop share. `heard_at` and `trusted_until` are monotonic seconds."""

    def __init__(self) -> None:
        self.entries: Recent[Hashable, _Entry] = Recent(_MOST_ENTRIES)
        self.heard_at: float | None = None
        self.trusted_until = -inf


class Directory:
    """Answers of store queries, remembered. `may_wait` is False on the event loop, where nothing may block."""

    def __init__(self, database: Database, *, may_wait: bool = True, memory: _Memory | None = None) -> None:
        self._database = database
        self._may_wait = may_wait
        self._memory = memory or _Memory()

    def without_waiting(self) -> "Directory":
        """The same directory for the event loop: what is not here raises NotHere."""
        return Directory(self._database, may_wait=False, memory=self._memory)

    @property
    def silent_seconds(self) -> float | None:
        """Since when the database has said nothing; None before it first did."""
        heard_at = self._memory.heard_at
        return None if heard_at is None else time.monotonic() - heard_at

    @property
    def epoch(self) -> int:
        """The newest epoch known here; take it before the look-ups that a token's checks are made of."""
        if time.monotonic() < self._memory.trusted_until:
            return self._database.known_epoch
        return self._read_epoch()

    def find(
        self,
        query: Callable[Concatenate[Connection, Asked], Found],
        *names: Asked.args,
        **no_names: Asked.kwargs,
    ) -> Found:
        """What a query of the store answers now."""
        entry = self._remembered((query, *names))
        if entry is not None:
            found: Found = entry.found
            return found
        self.demand_patience()
        with self._database.reading() as tx:
            epoch = current_epoch(tx)
            found = query(tx, *names, **no_names)
        self._database.hear(epoch)
        self._memory.entries.add((query, *names), _Entry(epoch, found))
        return found

    def conclude(
        self,
        conclusion: "Callable[Concatenate[Directory, Asked], Found]",
        *names: Asked.args,
        **no_names: Asked.kwargs,
    ) -> Found:
        """What follows now from what is found here.

        A conclusion asks this directory and nothing that changes by itself: no clock, no counter, no policy. It counts
        under the epoch from before its first look, for what it found later may be newer, never older.
        """
        entry = self._remembered((conclusion, *names))
        if entry is not None:
            found: Found = entry.found
            return found
        epoch = self.epoch
        found = conclusion(self, *names, **no_names)
        self._memory.entries.add((conclusion, *names), _Entry(epoch, found))
        return found

    def demand_patience(self) -> None:
        """Raise NotHere on the event loop, and refuse where the database has been silent for long.

        Asked before whatever waits for the database, so that requests do not pile up before it.
        """
        heard_at = self._memory.heard_at
        if heard_at is not None and time.monotonic() - heard_at > _GIVEN_UP_SECONDS:
            raise Refusal(OUT_OF_REACH)
        if not self._may_wait:
            raise NotHere

    def heard_within(self, seconds: float) -> bool:
        """Whether the database spoke to the watcher within so many seconds."""
        heard_at = self._memory.heard_at
        return heard_at is not None and time.monotonic() - heard_at < seconds

    def heard(self, epoch: int, at: float) -> None:
        """Learn that the database said this epoch to a question that was asked at `at` (monotonic seconds)."""
        self._database.hear(epoch)
        self._memory.heard_at = at
        self._memory.trusted_until = at + _TRUSTED_SECONDS

    def forget(self) -> None:
        """Empty the directory: who lost the connection cannot know what it missed."""
        self._memory.entries.clear()

    def _remembered(self, name: Hashable) -> _Entry | None:
        entry = self._memory.entries.get(name)
        is_newest = entry is not None and entry.epoch == self._database.known_epoch
        return entry if is_newest and time.monotonic() < self._memory.trusted_until else None

    def _read_epoch(self) -> int:
        self.demand_patience()
        with self._database.reading() as tx:
            return current_epoch(tx)


class Watcher:
    """One thread that asks for the epoch four times a second, and at once when PostgreSQL says that it rose.

    `catch_up` is called in it whenever the epoch rose, for what is kept outside of the directory.
    """

    def __init__(self, database: Database, directory: Directory, catch_up: Callable[[], object] = lambda: None) -> None:
        self._database = database
        self._directory = directory
        self._catch_up = catch_up
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watcher", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._stop.set()
        self._thread.join(_GIVEN_UP_SECONDS)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                with self._database.listening() as listener:
                    self._directory.forget()
                    self._listen(listener)
            except Unreadable as error:
                log.warning("the database is out of reach", error=type(error).__name__)
                self._begin_anew(_POLL_SECONDS)
            except Exception:  # a thread that ends would leave this worker behind for good
                log.exception("what changed could not be read")
                self._begin_anew(_AGAIN_SECONDS)

    def _begin_anew(self, seconds: float) -> None:
        self._directory.forget()
        self._stop.wait(seconds)

    def _listen(self, listener: Listener) -> None:
        caught_up = None
        while not self._stop.is_set():
            asked_at, epoch = time.monotonic(), listener.epoch()
            self._directory.heard(epoch, asked_at)
            if epoch != caught_up:
                self._catch_up()
                caught_up = epoch
            listener.wait(_POLL_SECONDS)
