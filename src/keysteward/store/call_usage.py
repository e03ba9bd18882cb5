"""How many calls were made, by whom, of what, and how did they end?

Calls are summed by the hour a few minutes after they were recorded; what is not summed yet is counted where it lies.
So a question over a million calls reads as many rows as there are different hours, users, operations and errors.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Subquery,
    case,
    func,
    literal,
    select,
    type_coerce,
    union_all,
)

from keysteward.rules.call_usage import Asked, Dimension, Failure, Group, Hour, Offender, Part, Scope, Tally
from keysteward.rules.calls import Call
from keysteward.store.recorder import Outcome
from keysteward.store.summing import hour_of, summed_to
from keysteward.store.tables import Instant, call_hours, calls, outcomes

_MOST_LOOKED_THROUGH = 50_000
_MOST_READS = 10_000


def list_hours(tx: Connection, asked: Asked) -> list[Hour]:
    """The hours in which there were calls, oldest first."""
    source = _source(tx, asked)
    query = select(source.c.hour, *_tally(source)).group_by(source.c.hour).order_by(source.c.hour)
    return [Hour(hour, Tally(int(made), int(failed))) for hour, made, failed in tx.execute(query)]


def list_groups(tx: Connection, asked: Asked, dimension: Dimension, most: int) -> list[Group]:
    """The calls by one of their properties, the most frequent first."""
    source = _source(tx, asked)
    by, (made, failed) = source.c[dimension], _tally(source)
    query = select(by, made, failed, _last(source)).group_by(by).order_by(made.desc(), by).limit(most)
    return [Group(name, Tally(int(many), int(bad)), at) for name, many, bad, at in tx.execute(query)]


def list_failures(tx: Connection, asked: Asked, most: int) -> list[Failure]:
    """The failed calls by operation and error, the most frequent first."""
    source = _source(tx, asked)
    by, made = (source.c.operation, source.c.status, source.c.error_code), _tally(source)[0]
    query = select(*by, made, _last(source)).where(source.c.status >= 400).group_by(*by)
    rows = tx.execute(query.order_by(made.desc(), *by).limit(most))
    return [Failure(operation, status, code, int(many), at) for operation, status, code, many, at in rows]


def list_parts(tx: Connection, asked: Asked) -> Iterator[Part]:
    """Everything that is counted, in the order of the hours."""
    source = _source(tx, asked)
    by = [source.c[name] for name in Part._fields[:-1]]
    query = select(*by, func.sum(source.c.calls).label("calls")).group_by(*by).order_by(*by)
    for row in tx.execute(query).mappings():
        yield Part(**{**row, "calls": int(row["calls"])})


def list_calls(tx: Connection, asked: Asked, before: int | None, most: int) -> tuple[list[Call], int | None]:
    """A page of single calls, newest first, and where the next begins; a page may be short, or empty, before the end.

    So many calls are looked through for a page and no more, however rare those are that were asked for.
    """
    reach = [_of(asked.scope, calls.c), *([] if before is None else [calls.c.sequence < before])]
    looked = select(calls.c.sequence).where(*reach).order_by(calls.c.sequence.desc())
    last = tx.execute(looked.offset(_MOST_LOOKED_THROUGH).limit(1)).scalar()
    if last is not None:
        reach.append(calls.c.sequence > last)
    query = select(calls).where(*reach, *_in_window(asked), *_narrowed(asked, calls.c))
    rows = tx.execute(query.order_by(calls.c.sequence.desc()).limit(most + 1)).all()
    found = [_call(row) for row in rows[:most]]
    if len(rows) > most:
        return found, found[-1].sequence
    return found, None if last is None else last + 1


def find_call(tx: Connection, scope: Scope, sequence: int) -> tuple[Call, Outcome | None] | None:
    """One call with how it ended, where that is known."""
    row = tx.execute(select(calls).where(_of(scope, calls.c), calls.c.sequence == sequence)).one_or_none()
    if row is None:
        return None
    ended = tx.execute(select(outcomes).where(outcomes.c.trace == row.trace)).one_or_none()
    return _call(row), None if ended is None else Outcome(**ended._mapping)  # noqa: SLF001 — SQLAlchemy's accessor


def list_offenders(tx: Connection, asked: Asked, gap: timedelta, most: int) -> list[Offender]:
    """The resources that were read again too soon, the most frequent first, among the newest reads, by any user.

    As in `rules/golive.py`, the same key reads the same again, and the second read is the one that polls.
    """
    c = calls.c
    polled = (c.sequence, c.at, c.method, c.url, c.url_digest, c.key)
    where = (_of(asked.scope, c), c.polled, c.countable, *_in_window(asked))
    newest = select(*polled).where(*where).order_by(c.sequence.desc()).limit(_MOST_READS).subquery().c
    before = func.lag(_microseconds(newest.at)).over(
        partition_by=(newest.key, newest.url_digest), order_by=newest.sequence
    )
    pause = func.abs(_microseconds(newest.at) - before)
    reads = select(newest.method, newest.url, newest.url_digest, newest.at, pause.label("pause")).subquery().c
    times, last_at = func.count(), func.max(reads.at, type_=Instant)
    query = (
        select(func.max(reads.method), func.max(reads.url), times, func.min(reads.pause), last_at)
        .where(reads.pause < gap // timedelta(microseconds=1))
        .group_by(reads.url_digest)
        .order_by(times.desc(), last_at.desc())
        .limit(most)
    )
    return [
        Offender(method, url, many, timedelta(microseconds=int(least)), at)
        for method, url, many, least, at in tx.execute(query)
    ]


def find_last(tx: Connection, key: str) -> datetime | None:
    """When a key was last called with, as far as anybody knows."""
    newest = select(calls.c.at).where(calls.c.key == key).order_by(calls.c.sequence.desc()).limit(1)
    at: datetime | None = tx.execute(newest).scalar()
    if at is None:
        at = tx.execute(select(func.max(call_hours.c.last_at, type_=Instant)).where(call_hours.c.key == key)).scalar()
    return at


def find_first_hour(tx: Connection, scope: Scope) -> datetime | None:
    """The hour of the oldest call that is still counted."""
    summed = select(func.min(call_hours.c.hour, type_=Instant)).where(_of(scope, call_hours.c))
    first: datetime | None = tx.execute(summed).scalar()
    if first is None:
        oldest = select(hour_of(calls.c.at)).where(_of(scope, calls.c)).order_by(calls.c.sequence).limit(1)
        first = tx.execute(oldest).scalar()
    return first


def find_first(tx: Connection, key: str) -> datetime | None:
    """When a key was first called with, as far as calls are still counted: to the hour where single ones are gone."""
    hour = find_first_hour(tx, Scope(key=key))
    oldest = select(calls.c.at).where(calls.c.key == key).order_by(calls.c.sequence).limit(1)
    at: datetime | None = tx.execute(oldest).scalar()
    return hour if at is None or (hour is not None and at - hour >= timedelta(hours=1)) else at


def _source(tx: Connection, asked: Asked) -> Subquery:
    """Everything asked for, from the sums and from what is not summed yet."""
    h, c = call_hours.c, calls.c
    window = (h.hour >= asked.window.since, h.hour < asked.window.until)
    summed = select(*(h[name] for name in Part._fields), h.last_at)
    new = select(
        hour_of(c.at).label("hour"), c.key, c.account, c.user, c.operation, c.status, c.error_code, c.sdk,
        literal(1).label("calls"), c.at.label("last_at"),
    )  # fmt: skip
    return union_all(
        summed.where(_of(asked.scope, h), *window, *_narrowed(asked, h)),
        new.where(_of(asked.scope, c), c.sequence > summed_to(tx), *_in_window(asked), *_narrowed(asked, c)),
    ).subquery()


def _tally(source: Subquery) -> tuple[ColumnElement[int], ColumnElement[int]]:
    failed = case((source.c.status >= 400, source.c.calls), else_=0)
    return func.sum(source.c.calls), func.sum(failed)


def _last(source: Subquery) -> ColumnElement[datetime]:
    return func.max(source.c.last_at, type_=Instant)


def _of(scope: Scope, columns: Any) -> ColumnElement[bool]:  # noqa: ANN401 — the columns of either table
    if bool(scope.key) == bool(scope.account):
        raise ValueError("calls are either a key's or an account's")
    found: ColumnElement[bool] = columns.key == scope.key if scope.key else columns.account == scope.account
    return found


def _in_window(asked: Asked) -> tuple[ColumnElement[bool], ...]:
    return calls.c.at >= asked.window.since, calls.c.at < asked.window.until


def _narrowed(asked: Asked, columns: Any) -> list[ColumnElement[bool]]:  # noqa: ANN401 — the columns of either table
    conditions = (
        (asked.user, columns.user == asked.user),
        (asked.operation, columns.operation == asked.operation),
        (asked.status, columns.status == asked.status),
        (asked.ended == "failed", columns.status >= 400),
        (asked.ended == "succeeded", columns.status.between(1, 399)),  # 0 has no outcome
    )
    return [condition for applies, condition in conditions if applies]


def _microseconds(column: ColumnElement[datetime]) -> ColumnElement[int]:
    return type_coerce(column, BigInteger)


def _call(row: Any) -> Call:  # noqa: ANN401 — a row of calls
    return Call(**row._mapping)  # noqa: SLF001 — SQLAlchemy's documented accessor
