"""How fast is a long history sealed and proved, and how much memory does the proof take?"""

import time
from collections.abc import Callable, Iterator
from functools import partial

from bench.lines import Line
from bench.machine import SERVER_CORE, on_cores, peak_mebibytes
from bench.place import Place, acting, make_place
from bench.run import Run
from keysteward.actions import audit, leases
from keysteward.actions.context import Context
from keysteward.actions.verification import Evidence, verify
from keysteward.store.audit import record
from tests.peers.postgres import Postgres

_FEWER, _TOGETHER = 10, 1_000


def measure(run: Run) -> Iterator[Line]:
    """What `keysteward audit verify` does, for some events and for ten times as many, on both databases."""
    place = make_place(run.folder / "history", f"sqlite:///{run.folder / 'history.db'}")
    yield from _lines(run, place, "SQLite")
    with Postgres(lasting=True) as postgres:
        postgres.create_database("bench")
        yield from _lines(run, make_place(run.folder / "history-2", postgres.url("bench")), "PostgreSQL")


def _lines(run: Run, place: Place, database: str) -> Iterator[Line]:
    few, many = run.sizes.events // _FEWER, run.sizes.events
    where = f"{many:,} events, {database}"
    with on_cores(SERVER_CORE), acting(place.settings) as ctx:
        _write(ctx, place, few)
        first = _seconds(partial(_seal, ctx)) / few
        before, little = _proved(ctx)
        _write(ctx, place, many - few)
        rest = _seconds(partial(_seal, ctx)) / (many - few)
        after, much = _proved(ctx)
    yield Line(
        f"sealed: {where}", f"{1 / rest:,.0f} events/s of CPU", f"{rest / first:.2f} an event of that for {few:,}"
    )
    ratio = after / many / (before / few)
    yield Line(
        f"verified: {where}", f"{many / after:,.0f} events/s of CPU", f"{ratio:.2f} an event of that for {few:,}"
    )
    yield Line(f"memory: verified {where}", f"{much:.0f} MiB at most", f"{much / little:.2f} of that for {few:,}")


def _write(ctx: Context, place: Place, count: int) -> None:
    """Events as a deed leaves them, many in one transaction."""
    for first in range(0, count, _TOGETHER):
        with ctx.database.writing() as tx:
            for _ in range(min(_TOGETHER, count - first)):
                said = {"key": place.key, "account": place.account, "verdict": "passed"}
                record(tx, ctx.event("SmokeTestKept", "ada@acme.example", **said))


def _seal(ctx: Context) -> None:
    lease = leases.keep(ctx, "bench", ["seal"])["seal"]
    audit.seal_events(ctx, lease, everything=True)
    audit.sign_checkpoint(ctx, lease, at_once=True)


def _proved(ctx: Context) -> tuple[float, float]:
    """The seconds of CPU, and the most memory meanwhile."""
    with peak_mebibytes() as peak:
        seconds = _seconds(partial(_prove, ctx))
    return seconds, peak[0]


def _prove(ctx: Context) -> None:
    verdict = verify(ctx.database, Evidence(), lambda _done, _all: None)
    if not verdict.is_good:
        raise RuntimeError(f"the history does not hold: {verdict.breaks}")


def _seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began
