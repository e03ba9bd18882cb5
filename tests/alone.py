"""How does a test run a coroutine where the browser's driver may keep an event loop of its own?"""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

Returned = TypeVar("Returned")


def alone(story: Coroutine[Any, Any, Returned]) -> Returned:
    """Run it in a thread of its own."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, story).result(10)
