"""What is remembered of the chain: the place of each event, and what was signed of it?"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Select,
    Text,
    func,
    insert,
    or_,
    select,
    type_coerce,
)

from keysteward.rules.chain import Link, Seal
from keysteward.rules.events import Entry, Event
from keysteward.store.audit import entry_of
from keysteward.store.database import upsert
from keysteward.store.tables import checkpoint_copies, checkpoints, events, seals

LOWEST = -(2**62)
LATE = 500
"""On PostgreSQL an event may be committed so many numbers behind one that is sealed."""

_MOST = 2_000
_decoded = msgspec.json.Decoder(dict[str, str]).decode
_UNIX = datetime(1970, 1, 1, tzinfo=UTC)
_UNREADABLE = Event("AccountChanged", _UNIX, "")  # it has no salts, so no digest is ever its


def _is_behind() -> Select[tuple[bool]]:
    """An event without a place, a late one or above; or a chain that stands elsewhere than what was signed last."""
    highest = select(func.max(seals.c.event)).scalar_subquery()
    where = (events.c.sequence > func.coalesce(highest, 0) - LATE) & seals.c.event.is_(None)
    loose = select(events.c.sequence).outerjoin(seals, seals.c.event == events.c.sequence).where(where)
    chained, signed = (select(func.max(each.c.position)).scalar_subquery() for each in (seals, checkpoints))
    return select(or_(loose.exists(), func.coalesce(chained, 0) != func.coalesce(signed, 0)))


_IS_BEHIND = _is_behind()  # asked twice a second for ever: to build it costs three times as much as to ask it


class SignedRow(NamedTuple):
    """A checkpoint as it is kept, with the hash that stands at its position now (None where nothing does)."""

    number: int
    position: int
    at: datetime
    paper: str
    hash: str | None = None


class Copied(NamedTuple):
    """How far the copy of the checkpoints got, when, and since when it cannot be written."""

    number: int
    copied_at: datetime
    failing_since: datetime | None
    failure: str


class Tail(NamedTuple):
    """The events that have no seal: how many, the oldest's number and date."""

    unsealed: int
    first: int | None
    since: datetime | None


# ── sealing ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def highest_sealed_event(tx: Connection) -> int:
    """The highest number of an event that has its place; 0 where none has."""
    return int(tx.execute(select(func.max(seals.c.event))).scalar() or 0)


def list_unsealed(tx: Connection, above: int, most: int) -> list[Entry]:
    """The first events above a number that have no place yet, in the order of their numbers."""
    where = (events.c.sequence > above) & seals.c.event.is_(None)
    query = select(events).outerjoin(seals, seals.c.event == events.c.sequence).where(where)
    return [entry_of(row) for row in tx.execute(query.order_by(events.c.sequence).limit(most))]


def is_behind(tx: Connection) -> bool:
    """Whether there is anything to seal or to sign."""
    return bool(tx.execute(_IS_BEHIND).scalar_one())


def newest_seal(tx: Connection) -> Seal | None:
    """The last link of the chain."""
    row = tx.execute(select(seals).order_by(seals.c.position.desc()).limit(1)).one_or_none()
    return None if row is None else Seal(*row)


def save_seals(tx: Connection, made: Sequence[Seal]) -> None:
    """Add links to the chain; a position or an event that is taken fails."""
    rows = [{"position": each.position, "event": each.event, "digest": each.digest, "hash": each.hash} for each in made]
    tx.execute(insert(seals), rows)


def newest_checkpoint(tx: Connection) -> SignedRow | None:
    """The last checkpoint that was signed."""
    row = tx.execute(select(checkpoints).order_by(checkpoints.c.number.desc()).limit(1)).one_or_none()
    return None if row is None else SignedRow(*row)


def save_checkpoint(tx: Connection, row: SignedRow) -> None:
    """Keep a checkpoint."""
    tx.execute(insert(checkpoints).values(number=row.number, position=row.position, at=row.at, paper=row.paper))


def list_papers_after(tx: Connection, number: int, most: int) -> list[SignedRow]:
    """The checkpoints of higher numbers, in their order."""
    query = select(checkpoints).where(checkpoints.c.number > number).order_by(checkpoints.c.number).limit(most)
    return [SignedRow(*row) for row in tx.execute(query)]


def find_copied(tx: Connection) -> Copied | None:
    """How far the copy got; None where nothing was copied yet."""
    row = tx.execute(select(*(checkpoint_copies.c[name] for name in Copied._fields))).one_or_none()
    return None if row is None else Copied(*row)


def save_copied(tx: Connection, copied: Copied) -> None:
    """Remember how far the copy got."""
    adding = upsert(tx, checkpoint_copies).values(id=1, **copied._asdict())
    tx.execute(adding.on_conflict_do_update(index_elements=["id"], set_=copied._asdict()))


# ── verifying ───────────────────────────────────────────────────────────────────────────────────────────────────────
def count_seals(tx: Connection) -> int:
    """How many links the chain has."""
    return int(tx.execute(select(func.count()).select_from(seals)).scalar_one())


def walk_links(tx: Connection) -> Iterator[list[Link]]:
    """Every link of the chain in batches, by position, each with its event as it is now."""
    previous: Seal | None = None
    position = LOWEST
    while rows := _rows_after(tx, position):
        batch = []
        for row in rows:
            position, event, digest, hash_ = row[-4:]
            seal = Seal(position, _number(event) or 0, str(digest), str(hash_))
            batch.append(Link(seal, None if row[0] is None else _as_found(row), previous))
            previous = seal
        yield batch


def walk_checkpoints(tx: Connection) -> Iterator[SignedRow]:
    """Every checkpoint by its number, with the hash that stands at its position now."""
    number = LOWEST
    signed = checkpoints.c
    query = select(signed.number, signed.position, _raw(signed.at), signed.paper, seals.c.hash)
    joined = query.outerjoin(seals, seals.c.position == signed.position).order_by(signed.number).limit(_MOST)
    while rows := tx.execute(joined.where(signed.number > number)).all():
        for row in rows:
            yield SignedRow(row.number, row.position, _instant(row.at) or _UNIX, str(row.paper), row.hash)
        number = rows[-1].number


def find_hash(tx: Connection, position: int) -> str | None:
    """The hash at a position."""
    return tx.execute(select(seals.c.hash).where(seals.c.position == position)).scalar()


def load_tail(tx: Connection) -> Tail:
    """What no seal covers yet."""
    loose = seals.c.event.is_(None)
    query = select(func.count(), func.min(events.c.sequence)).select_from(events)
    unsealed, first = tx.execute(query.outerjoin(seals, seals.c.event == events.c.sequence).where(loose)).one()
    since = tx.execute(select(_raw(events.c.at)).where(events.c.sequence == first)).scalar()
    return Tail(unsealed, first, _instant(since))


def list_loose(tx: Connection, below: int, most: int) -> list[int]:
    """The numbers of events without a seal below a number."""
    joined = select(events.c.sequence).outerjoin(seals, seals.c.event == events.c.sequence)
    where = seals.c.event.is_(None) & (events.c.sequence < below)
    return list(tx.execute(joined.where(where).order_by(events.c.sequence).limit(most)).scalars())


def list_loose_erasures(tx: Connection) -> list[Entry]:
    """The events of erasures that have no seal yet."""
    where = seals.c.event.is_(None) & (events.c.name == "PersonErased")
    query = _events_as_found().outerjoin(seals, seals.c.event == events.c.sequence).where(where)
    return [_as_found(row) for row in tx.execute(query)]


def first_checkpoint_over(tx: Connection, event: int) -> datetime | None:
    """When the first checkpoint was signed that covers an event of a higher number."""
    position = select(func.min(seals.c.position)).where(seals.c.event > event).scalar_subquery()
    query = select(func.min(_raw(checkpoints.c.at))).where(checkpoints.c.position >= position)
    return _instant(tx.execute(query).scalar())


def last_checkpoint_before(tx: Connection, position: int | None) -> datetime | None:
    """When the last checkpoint before a position was signed; the last of all where none is given."""
    query = select(func.max(_raw(checkpoints.c.at)))
    if position is not None:
        query = query.where(checkpoints.c.position < position)
    return _instant(tx.execute(query).scalar())


def _rows_after(tx: Connection, position: int) -> Sequence[Sequence[Any]]:
    joined = _events_as_found(*seals.c).select_from(seals.outerjoin(events, events.c.sequence == seals.c.event))
    return tx.execute(joined.where(seals.c.position > position).order_by(seals.c.position).limit(_MOST)).all()


def _events_as_found(*more: Column[Any]) -> Select[Any]:
    texts = ("name", "actor", "key", "account", "data", "salts", "erased", "about", "trace")
    raw = [type_coerce(events.c[name], Text).label(name) for name in texts]
    return select(events.c.sequence, _raw(events.c.at), *raw, *more)


def _as_found(row: Sequence[Any]) -> Entry:
    """An event as somebody may have left it: what cannot be read is no longer what was sealed.

    Nor is what searches would find under another user or trace token than it says.
    """
    sequence, at, name, actor, key, account, data, salts, erased, about, trace = row[:11]
    instant = _instant(at)
    try:
        said, salted = _decoded(data), _decoded(salts)
        gone = {} if erased == "{}" else _decoded(erased)
    except (msgspec.MsgspecError, TypeError):
        instant = None
    if instant is None or (about, trace) != (said.get("user"), said.get("trace")):
        return Entry(sequence, _UNREADABLE, {}, {})
    named: Any = str(name)  # a kind of event that there is not has another digest
    return Entry(sequence, Event(named, instant, str(actor), str(key), str(account), said), salted, gone)


def _raw(column: Column[Any]) -> ColumnElement[Any]:
    """An instant as the number that stands there, if it is one: SQLite lets anything stand anywhere."""
    return type_coerce(column, BigInteger).label("at")


def _instant(found: object) -> datetime | None:
    number = _number(found)
    try:
        return None if number is None else _UNIX + timedelta(microseconds=number)
    except OverflowError:
        return None


def _number(found: object) -> int | None:
    return found if isinstance(found, int) else None
