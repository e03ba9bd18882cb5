"""How long does a verdict take, for few calls and for very many?"""

import time
from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import BigInteger, insert, select, text, type_coerce

from bench.lines import Line, below, middle
from bench.machine import SERVER_CORE, on_cores
from bench.place import Place, acting, make_place
from bench.run import Run
from keysteward.actions import calls
from keysteward.actions.calls import Answered, Asked
from keysteward.actions.context import Context
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
        few = _milliseconds(run, ctx, place.key)
        yield _line(_FEW, database, few, few)
        _multiply(ctx, run.sizes.calls)
        yield _line(run.sizes.calls, database, _milliseconds(run, ctx, place.key), few)


def _line(count: int, database: str, milliseconds: float, few: float) -> Line:
    measured, ratio = f"{milliseconds:.1f} ms", f"{milliseconds / few:.1f} of that for {_FEW}"
    return Line(f"verdict on {count:,} calls, {database}", measured, ratio, below(milliseconds, 50, "ms"))


def _milliseconds(run: Run, ctx: Context, key: str) -> float:
    """The median of some verdicts."""
    waits = []
    for _ in range(run.sizes.times * 10):
        began = time.perf_counter()
        with ctx.database.reading() as tx:
            evidence = golive.load_evidence(tx, key, ctx.policy.calls_needed, ctx.now)
            judge(evidence, ctx.policy)
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
