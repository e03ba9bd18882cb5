"""What does it cost to make a call durable before its answer leaves, and how long does an answer wait for that?"""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass

import uvloop

from bench.lines import Line, below, middle
from bench.machine import SERVER_CORE, on_cores
from bench.place import Place, acting, make_place
from bench.run import Run
from keysteward.actions import calls
from keysteward.actions.callers import Caller
from keysteward.actions.calls import Answered, Asked
from keysteward.actions.context import Context
from keysteward.actions.quickly import durable
from keysteward.rules.words import new_guid
from tests.peers.postgres import Postgres

_CALLERS = (1, 8, 32, 64)
_GOAL_CALLERS = 32


@dataclass(frozen=True, slots=True)
class _Recorded:
    cpu_microseconds: float
    waits: list[float]


def measure(run: Run) -> Iterator[Line]:
    """The deed that the gateway asks for, by as many callers at once, on both databases."""
    place = make_place(run.folder / "recording", f"sqlite:///{run.folder / 'recording.db'}")
    yield from _lines(run, place, "SQLite")
    with Postgres(lasting=True) as postgres:
        postgres.create_database("bench")
        yield from _lines(run, make_place(run.folder / "recording-2", postgres.url("bench")), "PostgreSQL")


def _lines(run: Run, place: Place, database: str) -> Iterator[Line]:
    with on_cores(SERVER_CORE), acting(place.settings) as ctx:
        caller = calls.admit(ctx, f"Bearer {place.access_token(ctx)}")
        alone = 0.0
        for callers in _CALLERS:
            found = uvloop.run(_record(ctx, caller, place.account, callers, run.sizes.records))
            alone = alone or found.cpu_microseconds
            yield _line(f"record of a call, {callers} at once, {database}", found, alone, callers)


def _line(name: str, found: _Recorded, alone: float, callers: int) -> Line:
    measured = (
        f"{found.cpu_microseconds:.0f} µs CPU, "
        f"p50 {middle(found.waits) * 1_000:.1f} p99 {middle(found.waits, 0.99) * 1_000:.1f} ms"
    )
    goal = below(found.cpu_microseconds, 40, "µs") if callers == _GOAL_CALLERS else None
    return Line(name, measured, f"{found.cpu_microseconds / alone:.2f} of one alone", goal)


async def _record(ctx: Context, caller: Caller, account: str, callers: int, records: int) -> _Recorded:
    """Let some callers record, each again as soon as its call is durable."""
    waits: list[float] = []
    asked, answered = _asked(ctx, account), Answered(200, "", account, by_upstream=True)

    async def call_again_and_again() -> None:
        for _ in range(records // callers):
            began = time.perf_counter()
            await durable(calls.record(ctx, caller, asked, answered))
            waits.append(time.perf_counter() - began)

    began = time.process_time()
    await asyncio.gather(*(call_again_and_again() for _ in range(callers)))
    return _Recorded((time.process_time() - began) / len(waits) * 1_000_000, waits)


def _asked(ctx: Context, account: str) -> Asked:
    path = f"/restapi/v2.1/accounts/{account}/envelopes"
    return Asked("GET", path, "count=10", "Python", new_guid(), ctx.now)
