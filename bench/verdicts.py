"""How long do a verdict and all that the Go-Live page says take, for few calls and for very many?"""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial

from sqlalchemy import BigInteger, insert, select, text, type_coerce

from bench.lines import Line, below, middle
from bench.machine import SERVER_CORE, on_cores
from bench.place import Place, acting, make_place
from bench.run import Run
from keysteward.actions import calls, readiness
from keysteward.actions.calls import Answered, Asked
from keysteward.actions.context import Context
from keysteward.rules.access import Actor
from keysteward.rules.golive import judge
from keysteward.rules.words import new_guid
from keysteward.store import golive, tables
from tests.peers.postgres import Postgres

_FEW = 20
_EVERY = timedelta(minutes=16)  # so that reading the same envelope again is no violation


def measure(run: Run) -> Iterator[Line]:
    """What a review does, load and judge, on both databases."""
    place = make_place(run.folder / "verdicts", f"sqlite:///{run.folder / 'verdicts.db'}")
    yield from _lines(run, place, "SQLite")
    with Postgres(lasting=True) as postgres:
        postgres.create_database("bench")
        yield from _lines(run, make_place(run.folder / "verdicts-2", postgres.url("bench")), "PostgreSQL")


def _lines(run: Run, place: Place, database: str) -> Iterator[Line]:
    with on_cores(SERVER_CORE), acting(place.settings) as ctx:
        _record(ctx, place, _FEW)
        works = {"verdict": partial(_judge, ctx, place), "Go-Live page's facts": partial(_look, ctx, place)}
        few = {name: _milliseconds(run, work) for name, work in works.items()}
        yield from (_line(name, _FEW, database, few[name], few[name]) for name in works)
        _multiply(ctx, run.sizes.calls)
        for name, work in works.items():
            yield _line(name, run.sizes.calls, database, _milliseconds(run, work), few[name])


def _line(name: str, count: int, database: str, milliseconds: float, few: float) -> Line:
    measured, ratio = f"{milliseconds:.1f} ms", f"{milliseconds / few:.1f} of that for {_FEW}"
    return Line(f"{name} on {count:,} calls, {database}", measured, ratio, below(milliseconds, 50, "ms"))


def _judge(ctx: Context, place: Place) -> None:
    with ctx.database.reading() as tx:
        evidence = golive.load_evidence(tx, place.key, ctx.policy.calls_needed, ctx.now)
        judge(evidence, ctx.policy)


def _look(ctx: Context, place: Place) -> None:
    readiness.outlook(ctx, Actor(place.user, "ada@acme.example", ctx.now), place.key)


def _milliseconds(run: Run, work: Callable[[], None]) -> float:
    """The median of some times."""
    waits = []
    for _ in range(run.sizes.times * 10):
        began = time.perf_counter()
        work()
        waits.append(time.perf_counter() - began)
    return middle(waits) * 1_000


def _record(ctx: Context, place: Place, count: int) -> None:
    """Reads of as many envelopes, each of a polled route, so that a verdict looks for the read before each."""
    caller = calls.admit(ctx, f"Bearer {place.access_token(ctx)}")
    began = ctx.now - count * _EVERY
    for number in range(count):
        path = f"/restapi/v2.1/accounts/{place.account}/envelopes/{new_guid()}"
        asked = Asked("GET", path, "", "Python", new_guid(), began + number * _EVERY)
        calls.record(ctx, caller, asked, Answered(200, "", place.account, by_upstream=True)).result(10)


def _multiply(ctx: Context, wanted: int) -> None:
    """Put later copies of the calls behind them until there are as many as wanted; let the database look at them."""
    table, count = tables.calls, _FEW
    copied = [column for column in table.columns if column.name != "sequence"]
    while count < wanted:
        later = type_coerce(table.c.at, BigInteger) + count * _EVERY // timedelta(microseconds=1)
        values = [later if column is table.c.at else column for column in copied]
        rows = select(*values).order_by(table.c.sequence).limit(wanted - count)
        with ctx.database.writing() as tx:
            count += tx.execute(insert(table).from_select(copied, rows)).rowcount
    with ctx.database.writing() as tx:
        tx.execute(text("ANALYZE"))
