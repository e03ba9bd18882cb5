"""Which worker does which job? The one that holds its lease."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from keysteward.actions.context import Context
from keysteward.store import leases
from keysteward.store.leases import Lease as Lease  # noqa: PLC0414 — jobs are handed one
from keysteward.store.leases import LeaseLost as LeaseLost  # noqa: PLC0414 — and are told when they lost it

_LIFE = timedelta(seconds=5)
_ENOUGH = timedelta(seconds=3)


def keep(ctx: Context, holder: str, jobs: Collection[str]) -> dict[str, Lease]:
    """Take the jobs that nobody holds, keep one's own for longer, and return all that are held now.

    Nothing is written while one's own last and everything else is somebody's.
    """
    now = machine_now(ctx)
    with ctx.database.reading() as tx:
        found = leases.list_leases(tx)
    if not any(_is_due(found.get(job), holder, now) for job in jobs):
        return {job: found[job] for job in jobs if found[job].holder == holder}
    held: dict[str, Lease] = {}
    if mine := [job for job in jobs if job in found and found[job].holder == holder]:
        with ctx.database.writing(counts=False) as tx:
            held = leases.renew(tx, mine, holder, now + _LIFE)
    free = [job for job in jobs if job not in held and leases.is_free(found.get(job), now)]
    for job in free:
        with ctx.database.writing() as tx:  # one each, so that nobody waits for a lease while holding another
            taken = leases.take(tx, job, holder, now, now + _LIFE)
        held |= {} if taken is None else {job: taken}
    return held


def is_held(ctx: Context, lease: Lease) -> bool:
    """Whether a lease still lasts."""
    return machine_now(ctx) < lease.until


def release(ctx: Context, holder: str) -> None:
    """Give back all jobs, so that whoever comes next need not wait."""
    with ctx.database.writing() as tx:
        leases.release(tx, holder)


def machine_now(ctx: Context) -> datetime:
    """The machine's own time: a twin whose clock is moved keeps its leases."""
    return datetime.fromtimestamp(ctx.machine_clock(), UTC)


def _is_due(lease: Lease | None, holder: str, now: datetime) -> bool:
    if lease is None or lease.holder != holder:
        return leases.is_free(lease, now)
    return not now + _ENOUGH < lease.until <= now + _LIFE
