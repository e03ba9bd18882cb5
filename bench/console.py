"""How long does the console take for the pages that people open most, among very many keys and calls?

Pages are asked of a server as `keysteward serve` runs it, one after the other, with a session. First the database has
one app and no call; then the same one has very many, in bulk: rows as deeds would have left them.
"""

import http.client
from collections.abc import Iterator
from datetime import datetime, timedelta
from urllib.parse import urlencode

from sqlalchemy import BigInteger, String, insert, literal, select, text, type_coerce

from bench.lines import Line
from bench.load import ask
from bench.place import PASSWORD, Place, acting, make_place
from bench.run import Run
from bench.servers import Server, keysteward
from keysteward.actions import calls
from keysteward.actions.calls import Answered, Asked
from keysteward.actions.context import Context
from keysteward.rules.words import new_guid
from keysteward.store import custody, summing, tables
from keysteward.store.custody import Unit
from tests.peers.postgres import Postgres

_FEW, _KEYS_OF_AN_ACCOUNT, _AT_ONCE = 20, 100, 5_000
_SPAN = timedelta(days=30)


def measure(run: Run) -> Iterator[Line]:
    """The same pages before and after, on both databases."""
    place = make_place(run.folder / "console", f"sqlite:///{run.folder / 'console.db'}")
    yield from _lines(run, place, "SQLite")
    with Postgres(lasting=True) as postgres:
        postgres.create_database("bench")
        yield from _lines(run, make_place(run.folder / "console-2", postgres.url("bench")), "PostgreSQL")


def _lines(run: Run, place: Place, database: str) -> Iterator[Line]:
    empty = _asked(run, place)
    with acting(place.settings) as ctx:
        _add_keys(ctx, place, run.sizes.keys)
        _add_calls(ctx, place, run.sizes.calls)
        with ctx.database.writing() as tx:
            tx.execute(text("ANALYZE"))
    where = f"{run.sizes.keys:,} keys, {run.sizes.calls:,} calls, {database}"
    for page, (cpu, milliseconds) in _asked(run, place).items():
        cpu_before, before = empty[page]
        measured = f"{milliseconds:.1f} ms, {cpu:.1f} ms CPU"
        ratio = f"{milliseconds / before:.1f} of that on an empty database, {cpu / cpu_before:.1f} by CPU"
        yield Line(f"{page}: {where}", measured, ratio)


def _asked(run: Run, place: Place) -> dict[str, tuple[float, float]]:
    """The server's work and the median of its answers for each page, in milliseconds."""
    pages = {"Apps and Keys": "/apps", "Go-Live": f"/apps/{place.key}/go-live", "Usage": f"/apps/{place.key}/usage"}
    with keysteward(place) as server:
        cookies = _signed_in(server)
        loads = {
            name: ask(server, _request(path, cookies), connections=1, seconds=run.sizes.seconds)
            for name, path in pages.items()
        }
    return {name: (load.cpu_microseconds / 1_000, load.p50_milliseconds) for name, load in loads.items()}


def _signed_in(server: Server) -> str:
    """The cookies of a session of the place's admin."""
    connection = http.client.HTTPConnection("localhost", server.port, timeout=30)
    form = urlencode({"email": "ada@acme.example", "password": PASSWORD, "next": "/apps"})
    connection.request("POST", "/signin", form, {"Content-Type": "application/x-www-form-urlencoded"})
    answer = connection.getresponse()
    answer.read()
    if answer.status != http.client.SEE_OTHER:
        raise RuntimeError(f"nobody is signed in: {answer.status}")
    return "; ".join(each.partition(";")[0] for each in answer.headers.get_all("Set-Cookie", []))


def _request(path: str, cookies: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookies}\r\n\r\n".encode()


# ── what is there ───────────────────────────────────────────────────────────────────────────────────────────────────
def _add_keys(ctx: Context, place: Place, wanted: int) -> None:
    """As many as an account may have in the place's own account, and the others in accounts like it."""
    now, others = ctx.now, wanted // _KEYS_OF_AN_ACCOUNT
    accounts = [place.account, *(new_guid() for _ in range(others - 1))]
    rows = [_account(id_, number, now) for number, id_ in enumerate(accounts)]
    apps = [_app(number, accounts[number // _KEYS_OF_AN_ACCOUNT % len(accounts)], now) for number in range(1, wanted)]
    with ctx.database.writing() as tx:
        if rows[1:]:
            tx.execute(insert(tables.accounts), rows[1:])
        for at in range(0, len(apps), _AT_ONCE):
            tx.execute(insert(tables.apps), apps[at : at + _AT_ONCE])
        custody.mark(tx, [Unit("account", each) for each in accounts], now)  # or they would be judged meanwhile


def _account(id_: str, number: int, now: datetime) -> dict[str, object]:
    return {
        "id": id_, "number": 2_000_000_000 + number, "name": f"Account {number}", "plan": "Developer", "state": "open",
        "created_at": now, "organization": None, "state_since": None,
    }  # fmt: skip


def _app(number: int, account: str, now: datetime) -> dict[str, object]:
    return {
        "key": new_guid(), "account": account, "name": f"App {number}", "contact": "ada@acme.example",
        "integration_type": "Private custom integration", "grants": ["confidential_code"], "pkce_required": False,
        "privacy_url": "", "terms_url": "", "requester": "", "created_at": now, "created_by": "ada@acme.example",
        "version": 1, "live_account": "", "least_epoch": 0, "has_declared_secrets": False,
    }  # fmt: skip


def _add_calls(ctx: Context, place: Place, wanted: int) -> None:
    """Calls of one key over the last days, the newest one just now, each of another resource; summed by the hour."""
    every = _SPAN / wanted
    _record(ctx, place, ctx.now - _SPAN, every)
    table, count = tables.calls, _FEW
    copied = [column for column in table.columns if column.name != "sequence"]
    while count < wanted:
        later = type_coerce(table.c.at, BigInteger) + count * every // timedelta(microseconds=1)
        apart = table.c.url_digest + literal(f"-{count}", String)
        values = [later if each is table.c.at else apart if each is table.c.url_digest else each for each in copied]
        rows = select(*values).order_by(table.c.sequence).limit(wanted - count)
        with ctx.database.writing() as tx:
            count += tx.execute(insert(table).from_select(copied, rows)).rowcount
    with ctx.database.writing() as tx:
        summing.see(tx, count, ctx.now)
        summing.sum_up(tx, 0, count)


def _record(ctx: Context, place: Place, begin: datetime, every: timedelta) -> None:
    caller = calls.admit(ctx, f"Bearer {place.access_token(ctx)}")
    for number in range(_FEW):
        path = f"/restapi/v2.1/accounts/{place.account}/envelopes/{new_guid()}"
        asked = Asked("GET", path, "", "Python", new_guid(), begin + number * every)
        calls.record(ctx, caller, asked, Answered(200, "", place.account, by_upstream=True)).result(10)
