"""What is kept of recorded calls, and for how long?

First every call is summed by the hour; later the single call is forgotten, unless a verdict rests on it; the sums last
longest. Nothing here happens in one long transaction: calls go on being recorded meanwhile.
"""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from keysteward.actions.context import Context
from keysteward.actions.leases import machine_now
from keysteward.rules.calls import Call
from keysteward.rules.retention import Judged, is_needed, kept_since, must_stay
from keysteward.store import golive, policy, summing
from keysteward.store.database import Connection, lock

_SETTLED_AFTER = timedelta(minutes=15)
_SUMMED_AT_ONCE = 5_000
_FORGOTTEN_AT_ONCE = 500
_MOST_FORGOTTEN = 20_000
_HOURS_AT_ONCE = 24
_SUMS = "call sums"


def sum_calls(ctx: Context) -> int:
    """Sum by the hour what was recorded up to some minutes ago; return how many sequence numbers that was."""
    now = machine_now(ctx)
    with ctx.database.reading() as tx:
        mark, newest = summing.find_mark(tx), golive.last_sequence(tx)
    if mark is not None and abs(now - mark.seen_at) < _SETTLED_AFTER:
        return 0
    done = 0
    for start, end in _steps(mark.summed_to, mark.seen_to) if mark else ():
        with ctx.database.writing() as tx:
            lock(tx, "record", _SUMS)
            is_ours = summing.sum_up(tx, start, end)
        if not is_ours:
            break
        done += end - start
    with ctx.database.writing() as tx:
        lock(tx, "record", _SUMS)
        summing.see(tx, newest, now)
    return done


def forget_old_calls(ctx: Context) -> int:
    """Forget calls that are summed, older than the policy keeps them, and rest under no verdict; return how many."""
    since, after, forgotten = kept_since(ctx.policy, ctx.now), 0, 0
    while forgotten < _MOST_FORGOTTEN:
        with ctx.database.reading() as tx:
            found = summing.list_from(tx, after, _FORGOTTEN_AT_ONCE)
            old = [call for call in found if call.at < since]
            doomed = list(_not_needed(ctx, tx, old))
        if not old:
            break
        if doomed:
            with ctx.database.writing() as tx:
                lock(tx, "record", _SUMS)
                summing.forget_calls(tx, doomed)
                summing.note_kept(tx, since)
        after, forgotten = found[-1].sequence, forgotten + len(doomed)
    return forgotten


def forget_old_hours(ctx: Context) -> int:
    """Forget the sums of hours that are older than the policy keeps them; return of how many hours."""
    before, forgotten = ctx.now - max(ctx.policy.usage_kept, ctx.policy.calls_kept), 0
    while True:
        with ctx.database.writing() as tx:
            lock(tx, "record", _SUMS)
            found = summing.forget_hours(tx, before, _HOURS_AT_ONCE)
        forgotten += found
        if found < _HOURS_AT_ONCE:
            return forgotten


def _steps(after: int, to: int) -> Iterator[tuple[int, int]]:
    return ((start, min(start + _SUMMED_AT_ONCE, to)) for start in range(after, to, _SUMMED_AT_ONCE))


def _not_needed(ctx: Context, tx: Connection, found: list[Call]) -> Iterable[Call]:
    judged = {key: _judged(ctx, tx, key) for key in {call.key for call in found}}
    return (call for call in found if not is_needed(call, judged[call.key]))


def _judged(ctx: Context, tx: Connection, key: str) -> list[Judged]:
    """The evidence of the key's reviews that must stay."""
    found = []
    for review in filter(must_stay, golive.list_reviews(tx, key)):
        named = policy.find(tx, review.policy_version)
        numbers = named.policy if named else ctx.policy
        cut = (review.started_at, review.cut_sequence)
        looked_at = numbers.calls_looked_at
        evidence = golive.load_evidence(tx, key, numbers.calls_needed, *cut, looked_at=looked_at)
        found.append(Judged(evidence, numbers))
    return found
