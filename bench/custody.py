"""How long does it take to judge the custody of very many keys, and what does it take when one person leaves?"""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench.crowd import USERS, Crowd, gathered, gathered_on_postgresql, user_id
from bench.lines import Line, middle
from bench.machine import SERVER_CORE, on_cores, peak_mebibytes
from bench.place import acting
from bench.run import Run
from keysteward.actions import audit, custody, foresight, leases, leavers
from keysteward.actions.context import Context
from keysteward.rules.custody.what_if import Change
from tests.peers.postgres import Postgres

_FEWER, _LEAVERS = 10, 1_000


@dataclass(frozen=True, slots=True)
class _Took:
    """Seconds of each piece of work on one crowd, and how much memory this process held at the first."""

    crowd: Crowd
    first: float
    again: float
    leaver: float
    one: float
    many: float
    mebibytes: float


def measure(run: Run) -> Iterator[Line]:
    """The same on a crowd, and on a tenth of it, on both databases."""
    sizes = (run.sizes.accounts // _FEWER, run.sizes.accounts)
    few, many = (_took(run, gathered(run.folder / f"crowd-{size}", size)) for size in sizes)
    yield from _lines(few, many, "SQLite")
    with Postgres(lasting=True) as postgres:
        few, many = (_took(run, _on_postgresql(run.folder, postgres, size)) for size in sizes)
        yield from _lines(few, many, "PostgreSQL")


def _on_postgresql(folder: Path, postgres: Postgres, size: int) -> Crowd:
    postgres.create_database(f"crowd{size}")
    return gathered_on_postgresql(folder / f"crowd-{size}-2", postgres.url(f"crowd{size}"), size)


def _lines(few: _Took, many: _Took, database: str) -> Iterator[Line]:
    where = f"{many.crowd.says}, {database}"
    whole = (("for the first time", few.first, many.first), ("again, with nothing new", few.again, many.again))
    for which, before, seconds in whole:
        each = seconds / many.crowd.accounts
        ratio = f"{each / (before / few.crowd.accounts):.2f} an account of that for {few.crowd.accounts:,}"
        yield Line(f"custody judged {which}: {where}", f"{seconds:.1f} s, {each * 1_000:.2f} ms an account", ratio)
    for name, before, seconds in (
        ("custody after one leaver", few.leaver, many.leaver),
        ("what if one admin leaves", few.one, many.one),
        (f"what if {_LEAVERS:,} leave", few.many, many.many),
    ):
        yield _line(f"{name}: {where}", seconds, before, few.crowd)
    ratio = f"{many.mebibytes / few.mebibytes:.1f} of that for {few.crowd.accounts:,}"
    yield Line(f"memory: custody judged for the first time, {where}", f"{many.mebibytes:.0f} MiB at most", ratio)


def _line(name: str, seconds: float, before: float, few: Crowd) -> Line:
    return Line(name, f"{seconds * 1_000:.1f} ms", f"{seconds / before:.2f} of that for {few.accounts:,} accounts")


def _took(run: Run, crowd: Crowd) -> _Took:
    with on_cores(SERVER_CORE), acting(crowd.settings) as ctx:
        custody.judge_changed(ctx)  # so that it reads on from here
        with peak_mebibytes() as peak:
            first = _seconds(partial(_judge_all, ctx))
        again = _seconds(partial(_judge_all, ctx))
        one = middle([_seconds(partial(_ask, ctx, [place * USERS])) for place in range(run.sizes.times)])
        step = max(crowd.accounts * USERS // _LEAVERS, 1)
        many = _seconds(partial(_ask, ctx, range(0, crowd.accounts * USERS, step)))
        left = middle([_after_a_leaver(ctx, place * USERS) for place in range(run.sizes.times)])
    return _Took(crowd, first, again, left, one, many, peak[0])


def _judge_all(ctx: Context) -> None:
    for _ in custody.judge_all(ctx):
        pass


def _ask(ctx: Context, numbers: Iterable[int]) -> None:
    foresight.what_if_everywhere(ctx, [Change("leaves", user_id(number)) for number in numbers])


def _after_a_leaver(ctx: Context, number: int) -> float:
    """An admin who asked for all keys of their account is reported; how long until all that follows is judged."""
    leavers.report(ctx, leavers.Operating("bench"), user_id(number), "It is measured.")
    lease = leases.keep(ctx, "bench", ["seal"])["seal"]
    audit.seal_events(ctx, lease, everything=True)
    return _seconds(partial(custody.judge_changed, ctx))


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
