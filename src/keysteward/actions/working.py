"""How is long work done? Piece by piece, by the job that holds the lease of its way, and over again where that died."""

from collections.abc import Iterable

import structlog

from keysteward.actions import work_deeds
from keysteward.actions.context import Context
from keysteward.actions.doing import Doing
from keysteward.actions.leases import Lease, LeaseLost
from keysteward.rules.refusals import Refusal
from keysteward.rules.works import MOST_TRIES, Stopped, TooMuch
from keysteward.store import leases
from keysteward.store import works as kept

_TOO_MUCH = ("What came of it is larger than 256 MB, so it was not kept.", "Ask for less of it, such as one month.")
_FAILED = ("It was begun three times and failed each time.", "Ask an operator to look into the log of the server.")

log = structlog.get_logger()


def do_next(ctx: Context, lease: Lease) -> bool:
    """Do what waits longest, to its end; False where nothing waits."""
    with ctx.database.reading() as tx:
        if not kept.is_any_waiting(tx, lease.name):
            return False
    with ctx.database.writing() as tx:
        leases.demand(tx, lease)
        kept.free(tx, lease.name)  # whatever is under way on this way was left by somebody who died
        work = kept.claim_next(tx, lease.name, ctx.now)
    if work is None:
        return False
    doing = Doing(ctx, lease, work)
    try:
        doing.end("done", work_deeds.DEEDS[work.kind](doing))
    except Stopped:
        log.info("long work was stopped", environment=ctx.environment, work=work.id)
    except Refusal as refusal:
        _end(doing, (refusal.sentence, refusal.next_step))
    except TooMuch:
        _end(doing, _TOO_MUCH)
    except LeaseLost:
        raise
    except Exception:
        if work.tries >= MOST_TRIES:
            _end(doing, _FAILED)
        else:
            doing.put_back()
        raise
    return True


def _end(doing: Doing, says: Iterable[str]) -> None:
    try:
        doing.end("refused", [line for line in says if line])
    except Stopped:
        log.info("long work was stopped", environment=doing.ctx.environment, work=doing.work.id)
