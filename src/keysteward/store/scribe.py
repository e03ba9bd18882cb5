"""How is written what may trail its answer? By a thread of its own, which gathers for a while and writes it all."""

import threading
import time
from collections.abc import Callable

import structlog

_MOST_PAUSE_SECONDS = 1.0
_PAUSE_FOR_COST = 20  # so that writing takes no more than a twentieth of the time

log = structlog.get_logger()


class Scribe:
    """Writes what gathered since it wrote last: `least_pause_seconds` after the first of it, at most a second after.

    The thread begins with the first that is told, and sleeps while there is nothing. `write` takes what gathered; where
    it fails it says what it keeps, and is asked again a second later.
    """

    def __init__(self, name: str, write: Callable[[], None], least_pause_seconds: float = _MOST_PAUSE_SECONDS) -> None:
        self._name = name
        self._write = write
        self._least_pause_seconds = least_pause_seconds
        self._lock = threading.Lock()
        self._arrived = threading.Event()
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    def tell(self) -> None:
        """There is something to write."""
        if self._arrived.is_set():
            return
        self._arrived.set()
        if self._thread is None:
            self._begin()

    def close(self) -> None:
        """Write what gathered, then stop."""
        with self._lock:
            self._closing.set()
            self._arrived.set()
        if self._thread is not None:
            self._thread.join()

    def _begin(self) -> None:
        with self._lock:
            if self._thread is None and not self._closing.is_set():
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()

    def _run(self) -> None:
        pause = self._least_pause_seconds
        while not self._closing.is_set():
            self._arrived.wait()
            self._closing.wait(pause)
            pause = self._attempt()
        self._attempt()

    def _attempt(self) -> float:
        """Write what gathered; return for how long to gather the next."""
        began = time.monotonic()
        self._arrived.clear()  # before anything is taken, so that what comes meanwhile is told again
        try:
            self._write()
        except Exception as error:  # noqa: BLE001 — whatever it is, what is told next is tried again
            log.warning("what trails its answer could not be written", what=self._name, error=repr(error))
            self._arrived.set()
            return _MOST_PAUSE_SECONDS
        took = (time.monotonic() - began) * _PAUSE_FOR_COST
        return min(max(self._least_pause_seconds, took), _MOST_PAUSE_SECONDS)
