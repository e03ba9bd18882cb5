"""Is what trails its answer written soon, once, and at the latest at the end?"""

import threading

from keysteward.store.scribe import Scribe
from tests.polling import until
from tests.racing import at_once


class Desk:
    """What was put on a desk, and what a scribe wrote of it; `is_shut` lets writing fail."""

    def __init__(self, least_pause_seconds: float = 0.001) -> None:
        self.put: list[int] = []
        self.written: list[int] = []
        self.failures = 0
        self.is_shut = False
        self.lock = threading.Lock()
        self.scribe = Scribe("desk", self.write, least_pause_seconds)

    def tell(self, number: int) -> None:
        """Put something on the desk."""
        with self.lock:
            self.put.append(number)
        self.scribe.tell()

    def write(self) -> None:
        """Write what lies there."""
        with self.lock:
            if self.is_shut:
                self.failures += 1
                raise OSError("shut")
            taken, self.put = self.put, []
        self.written += taken


def test_what_many_tell_at_once_is_written_once() -> None:
    """A hundred threads, before and while it writes: each thing is written, none twice, and nobody asks for it."""
    desk = Desk()
    at_once(desk.tell, 100)
    until(lambda: len(desk.written) == 100)
    desk.tell(100)
    until(lambda: len(desk.written) == 101)
    desk.scribe.close()

    assert sorted(desk.written) == list(range(101))


def test_what_fails_is_tried_again() -> None:
    """A failure ends nothing, and what was kept is written without being told again."""
    desk = Desk()
    desk.is_shut = True
    desk.tell(1)
    until(lambda: desk.failures > 0)
    desk.is_shut = False
    until(lambda: desk.written == [1])
    desk.scribe.close()


def test_the_end_waits_for_no_pause() -> None:
    """What gathered is written when it closes; what is told later begins no thread."""
    desk = Desk(least_pause_seconds=3_600.0)
    desk.tell(1)
    desk.scribe.close()
    desk.tell(2)

    assert desk.written == [1]
    assert "desk" not in {thread.name for thread in threading.enumerate()}


def test_who_is_told_nothing_runs_no_thread() -> None:
    """A command that counts nothing costs no thread, and nothing is written."""
    desk = Desk()
    assert "desk" not in {thread.name for thread in threading.enumerate()}

    desk.scribe.close()
    assert desk.written == []
