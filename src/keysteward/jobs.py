"""What does an environment do by itself?"""

import threading

import structlog

from keysteward.actions import golive, promotion
from keysteward.actions.context import Context

_SECONDS = 0.25
_MOST_SECONDS = 30.0

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
        pause = _SECONDS
        while not self._stop.wait(pause):
            pause = _SECONDS if self._succeeds() else min(2 * pause, _MOST_SECONDS)

    def _succeeds(self) -> bool:
        try:
            return run_once(self._ctx)
        except Exception:
            log.exception("job failed, it will run again", environment=self._ctx.environment)
            return False


def run_once(ctx: Context) -> bool:
    """Do what is due now; False where something is left to try again."""
    if ctx.environment == "production":
        return promotion.deliver_receipts(ctx)
    golive.settle_due(ctx)
    return True
