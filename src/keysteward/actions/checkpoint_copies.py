"""How do signed checkpoints get to a place where whoever writes to the database cannot change them?

The copy is asked how far it got, not the database: what was missed is caught up, and a copy that has seen another
history is never written over. That it cannot be written stops no deed; health and metrics say so.
"""

from typing import NamedTuple

from keysteward.actions.context import Context
from keysteward.actions.leases import machine_now
from keysteward.crypto.papers import unverified_checkpoint
from keysteward.crypto.signing import BadToken
from keysteward.outgoing.lines import Unwritable, append, last_line
from keysteward.store import seals
from keysteward.store.database import Connection, Unreadable
from keysteward.store.seals import Copied

_AT_ONCE = 500


class Standing(NamedTuple):
    """How the copy stands: how many checkpoints it lacks, and why it cannot be written, or nothing."""

    missing: int
    failure: str


def copy_checkpoints(ctx: Context) -> bool:
    """Add to the copy what it lacks; False where that was not possible."""
    try:
        number = _catch_up(ctx)
        failure = ""
    except Unwritable as error:
        number, failure = None, str(error)
    with ctx.database.reading() as tx:
        before = seals.find_copied(tx)
    after = _noted(ctx, before, number, failure)
    if after is not None and after != before:
        with ctx.database.writing() as tx:
            seals.save_copied(tx, after)
    return not failure


def stand(ctx: Context) -> Standing | None:
    """How the copy stands; None where there is none, or where the database says nothing."""
    if ctx.checkpoint_copy is None:
        return None
    try:
        with ctx.database.reading() as tx:
            newest, copied = seals.newest_checkpoint(tx), seals.find_copied(tx)
    except Unreadable:
        return None
    missing = (newest.number if newest else 0) - (copied.number if copied else 0)
    return Standing(missing, copied.failure if copied else "")


def _catch_up(ctx: Context) -> int | None:
    """Copy until nothing is left; return the number of the last, None where there is no copy to write."""
    file = ctx.checkpoint_copy
    if file is None:
        return None
    number = _last_number(ctx, last_line(file))
    while True:
        with ctx.database.reading() as tx:
            fresh = seals.list_papers_after(tx, number, _AT_ONCE)
        if fresh:
            append(file, [row.paper for row in fresh])
            number = fresh[-1].number
        if len(fresh) < _AT_ONCE:
            return number


def _last_number(ctx: Context, line: str) -> int:
    """The checkpoint that the copy ends with, which must be ours."""
    if not line:
        return 0
    try:
        _, seen = unverified_checkpoint(line)
    except BadToken:
        raise Unwritable("its last line is no checkpoint") from None
    with ctx.database.reading() as tx:
        own = _paper(tx, seen.number)
    if seen.environment != ctx.environment or own != line:
        raise Unwritable(f"it has seen another history: its checkpoint {seen.number} is not the database's")
    return seen.number


def _paper(tx: Connection, number: int) -> str:
    found = seals.list_papers_after(tx, number - 1, 1)
    return found[0].paper if found and found[0].number == number else ""


def _noted(ctx: Context, before: Copied | None, number: int | None, failure: str) -> Copied | None:
    """What to remember: nothing new where all stands as it did."""
    now = machine_now(ctx)
    if failure:
        since = before.failing_since if before and before.failing_since else now
        return Copied(before.number if before else 0, before.copied_at if before else now, since, failure)
    if number is None or (before and before.number == number and not before.failure):
        return before
    return Copied(number, now, None, "")
