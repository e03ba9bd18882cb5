"""How does Keysteward hear how calls ended? In batches, beside the calls, until it has acknowledged them.

What waits is bounded and in memory: calls whose outcome is lost with the process are unknown, and do not count.
"""

import asyncio
import json
import logging
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from http import HTTPStatus
from typing import Any, NamedTuple

Outcome = dict[str, Any]

_AT_ONCE = 500
_GATHER_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 15.0

log = logging.getLogger("keysteward_asgi")


class Heard(NamedTuple):
    """What Keysteward said of a batch: how many it took, how many it knew before, and why not the others."""

    taken: int
    known: int
    refused: list[str]


class Told(NamedTuple):
    """What became of outcomes so far.

    Keysteward `taken` or `known` them before, or `refused` them; `given_up` were never told, because too many waited or
    the app stopped. `waiting` are still to be told.
    """

    taken: int = 0
    known: int = 0
    refused: int = 0
    given_up: int = 0
    waiting: int = 0


Deliver = Callable[[bytes], Awaitable[Heard | None]]


def heard(status: int, body: bytes, lines: int) -> Heard | None:
    """What an answer says of so many lines; None where they have to be sent again."""
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS:
        return None
    if status != HTTPStatus.OK:
        return Heard(0, 0, [f"answered {status}"] * lines)
    try:
        said = json.loads(body)
        return Heard(int(said["taken"]), int(said["repeated"]), [str(each["code"]) for each in said["refused"]])
    except (ValueError, KeyError, TypeError):
        return None


class Outcomes:
    """The outcomes that wait, at most `most`. `deliver` says what Keysteward said of some; None asks to try again."""

    def __init__(self, deliver: Deliver, most: int) -> None:
        self._deliver = deliver
        self._most = most
        self._waiting: deque[bytes] = deque()
        self._carried: list[bytes] = []
        self._told = Told()
        self._complaints = set[str]()
        self._task: asyncio.Task[None] | None = None

    @property
    def told(self) -> Told:
        """What became of all outcomes so far."""
        return self._told._replace(waiting=len(self._waiting) + len(self._carried))

    def add(self, outcome: Outcome) -> None:
        """Tell of one soon; where too many wait the oldest that is not on its way is given up."""
        self._waiting.append(json.dumps(outcome).encode())
        if self.told.waiting > self._most:
            self._waiting.popleft()
            self._count(Told(given_up=1))
            self._complain("too many outcomes wait: the oldest are given up, and stay unknown")
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())

    async def flush(self, seconds: float) -> None:
        """Wait until all have been told, but no longer than this; the others are given up."""
        if self._task is not None:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._task, seconds)
        if left := self.told.waiting:
            log.warning("the app stopped before %d outcomes were told: they stay unknown", left)
            self._waiting.clear()
            self._carried.clear()
            self._count(Told(given_up=left))

    async def _run(self) -> None:
        pause = _GATHER_SECONDS
        self._take_back()
        while self._waiting:
            await asyncio.sleep(pause)
            self._carried = [self._waiting.popleft() for _ in range(min(_AT_ONCE, len(self._waiting)))]
            found = await self._deliver(b"\n".join(self._carried))
            if found is None:
                self._complain("Keysteward takes no outcomes now; it is asked again until it does")
                self._take_back()
                pause = min(_LONGEST_PAUSE_SECONDS, pause * 2)
            else:
                self._settle(found)
                pause = _GATHER_SECONDS

    def _take_back(self) -> None:
        self._waiting.extendleft(reversed(self._carried))
        self._carried = []

    def _settle(self, found: Heard) -> None:
        self._carried = []
        self._complaints.clear()
        self._count(Told(found.taken, found.known, len(found.refused)))
        if found.refused:
            reasons = ", ".join(f"{reason} ({times})" for reason, times in Counter(found.refused).most_common())
            log.warning("%d outcomes were not taken: %s; they stay unknown", len(found.refused), reasons)

    def _count(self, more: Told) -> None:
        self._told = Told(*map(sum, zip(self._told, more, strict=True)))

    def _complain(self, sentence: str) -> None:
        """Say it once, until outcomes are taken again."""
        if sentence not in self._complaints:
            self._complaints.add(sentence)
            log.warning(sentence)
