"""How does a test wait until something is true?"""

import time
from collections.abc import Callable
from typing import TypeVar

_PAUSE_SECONDS = 0.02

Found = TypeVar("Found")


def until(look: Callable[[], Found | None], seconds: float = 10) -> Found:
    """Look again and again until there is something to see, and say what; fail after ten seconds.

    Looks are counted, not time: a machine that stalls takes the pauses from what is waited for as well.
    """
    for _ in range(int(seconds / _PAUSE_SECONDS)):
        if found := look():
            return found
        time.sleep(_PAUSE_SECONDS)
    raise AssertionError("it did not become true in time")
