"""What comes of a deed that many do at once?"""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from keysteward.rules.refusals import Refusal

Result = TypeVar("Result")


def at_once(deed: Callable[[int], Result], times: int = 100) -> tuple[list[Result], list[str]]:
    """Do a deed in as many threads, started together: what they answered, and the codes of those refused."""
    line = threading.Barrier(times)
    answered: list[Result] = []
    refused: list[str] = []

    def run(number: int) -> None:
        line.wait(30)
        try:
            answered.append(deed(number))
        except Refusal as refusal:
            refused.append(refusal.kind.code)

    with ThreadPoolExecutor(times) as pool:
        for done in [pool.submit(run, number) for number in range(times)]:
            done.result(60)
    return answered, refused
