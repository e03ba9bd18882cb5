"""How does Keysteward hear how calls ended? In batches, beside the calls, until it has acknowledged them.

What waits is bounded and in memory: calls whose outcome is lost with the process are unknown, and do not count.
"""

import asyncio
import json
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

Outcome = dict[str, Any]
Deliver = Callable[[bytes], Awaitable[bool]]

_AT_ONCE = 500
_GATHER_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 15.0


class Outcomes:
    """The outcomes that wait; `deliver` says whether Keysteward has acknowledged some."""

    def __init__(self, deliver: Deliver, most: int) -> None:
        self._deliver = deliver
        self._waiting: deque[Outcome] = deque(maxlen=most)
        self._task: asyncio.Task[None] | None = None

    def add(self, outcome: Outcome) -> None:
        """Tell of one soon; where too many wait the oldest is given up."""
        self._waiting.append(outcome)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())

    async def flush(self, seconds: float) -> None:
        """Wait until all have been told, but no longer than this."""
        if self._task is not None:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._task, seconds)

    async def _run(self) -> None:
        pause = _GATHER_SECONDS
        while self._waiting:
            await asyncio.sleep(pause)
            batch = [self._waiting.popleft() for _ in range(min(_AT_ONCE, len(self._waiting)))]
            if await self._deliver(b"\n".join(json.dumps(each).encode() for each in batch)):
                pause = _GATHER_SECONDS
            else:
                self._waiting.extendleft(reversed(batch))
                pause = min(_LONGEST_PAUSE_SECONDS, pause * 2)
