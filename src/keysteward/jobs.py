"""What does an environment do by itself?"""

import threading
import time
from collections.abc import Callable

import structlog

from keysteward.actions import golive, housekeeping, promotion
from keysteward.actions.context import Context

_SECONDS = 0.25
_MOST_SECONDS = 30.0
_TIDY_SECONDS = 600.0

log = structlog.get_logger()


class Jobs:
    """One thread that settles reviews (demo) and delivers receipts (production) until it is stopped.

    What does not succeed is tried again, after twice the time each time.
    """

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"jobs-{ctx.environment}", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Finish what runs and end."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        pause, tidied = _SECONDS, 0.0
        while not self._stop.wait(pause):
            is_tidy = time.monotonic() - tidied < _TIDY_SECONDS
            pause = _SECONDS if self._succeeds(run_once if is_tidy else _tidy_up) else min(2 * pause, _MOST_SECONDS)
            tidied = tidied if is_tidy else time.monotonic()

    def _succeeds(self, job: Callable[[Context], bool]) -> bool:
        try:
            return job(self._ctx)
        except Exception:
            log.exception("job failed, it will run again", environment=self._ctx.environment)
            return False


def _tidy_up(ctx: Context) -> bool:
    housekeeping.forget_what_expired(ctx)
    return True


def run_once(ctx: Context) -> bool:
    """Do what is due now; False where something is left to try again."""
    if ctx.environment == "production":
        return promotion.deliver_receipts(ctx)
    golive.settle_due(ctx)
    return True
