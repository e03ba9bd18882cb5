"""What is remembered of long work: who asked for what, how far it is, and what came of it, piece by piece?

Of one kind somebody has one at a time: the database sees to it.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from keysteward.rules.works import Work
from keysteward.store.database import upsert
from keysteward.store.tables import work_pieces, works

_UNDER_WAY = works.c.ended_at.is_(None)


def save(tx: Connection, work: Work) -> bool:
    """Add a piece of work; False where whoever asks has one of this kind under way."""
    values = {
        "id": work.id,
        "kind": work.kind,
        "user": work.user,
        "account": work.account,
        "organization": work.organization,
        "asked": work.asked,
        "asked_at": work.asked_at,
        "tries": 0,
        "done": 0,
        "total": 0,
        "says": [],
        "size": 0,
    }
    return tx.execute(upsert(tx, works).values(values).on_conflict_do_nothing()).rowcount == 1


def find(tx: Connection, work: str) -> Work | None:
    """A piece of work."""
    row = tx.execute(select(works).where(works.c.id == work)).one_or_none()
    return None if row is None else _work(row)


def find_under_way(tx: Connection, user: str, kind: str) -> Work | None:
    """What somebody asked for and has not come to its end."""
    where = (works.c.user == user) & (works.c.kind == kind) & _UNDER_WAY
    row = tx.execute(select(works).where(where)).one_or_none()
    return None if row is None else _work(row)


def list_of(tx: Connection, user: str, most: int) -> list[Work]:
    """What somebody asked for, the newest first."""
    query = select(works).where(works.c.user == user).order_by(works.c.asked_at.desc(), works.c.id)
    return [_work(row) for row in tx.execute(query.limit(most))]


# ── to do it ────────────────────────────────────────────────────────────────────────────────────────────────────────
def is_any_waiting(tx: Connection, way: str) -> bool:
    """Whether something waits, or was left on a way by whoever had it before."""
    where = _UNDER_WAY & (works.c.way.is_(None) | (works.c.way == way))
    return tx.execute(select(works.c.id).where(where).limit(1)).first() is not None


def claim_next(tx: Connection, way: str, now: datetime) -> Work | None:
    """Take what waits longest; nobody else takes it."""
    waiting = select(works.c.id).where(_UNDER_WAY, works.c.way.is_(None)).order_by(works.c.asked_at, works.c.id)
    for found in tx.execute(waiting.limit(1)).scalars().all():
        values = {"way": way, "begun_at": now, "tries": works.c.tries + 1, "done": 0, "total": 0}
        where = (works.c.id == found) & works.c.way.is_(None) & _UNDER_WAY
        if tx.execute(update(works).where(where).values(values)).rowcount == 1:
            tx.execute(delete(work_pieces).where(work_pieces.c.work == found))
            return find(tx, found)
    return None


def free(tx: Connection, way: str) -> None:
    """Let wait again what is under way on a way: whoever did it is gone."""
    tx.execute(update(works).where((works.c.way == way) & _UNDER_WAY).values(way=None, begun_at=None))


def note_progress(tx: Connection, work: str, way: str, done: int, total: int) -> bool:
    """Note how far it is; False where it is under way no more, or on another way."""
    return _change(tx, work, way, {"done": done, "total": total})


def end(tx: Connection, work: str, way: str | None, **values: Any) -> bool:  # noqa: ANN401 — its columns
    """Note what came of it; likewise. Without a way, whoever does it is told when they write next."""
    return _change(tx, work, way, {**values, "way": None})


def _change(tx: Connection, work: str, way: str | None, values: dict[str, Any]) -> bool:
    where = (works.c.id == work) & _UNDER_WAY
    if way is not None:
        where &= works.c.way == way
    return tx.execute(update(works).where(where).values(values)).rowcount == 1


# ── what came of it ─────────────────────────────────────────────────────────────────────────────────────────────────
def save_piece(tx: Connection, work: Work, number: int, sealed: bytes) -> None:
    """Keep a piece of a file."""
    tx.execute(insert(work_pieces).values(work=work.id, number=number, user=work.user, piece_sealed=sealed))


def forget_pieces(tx: Connection, work: str) -> None:
    """Forget the file of a piece of work."""
    tx.execute(delete(work_pieces).where(work_pieces.c.work == work))


def count_pieces(tx: Connection, work: str) -> int:
    """How many pieces its file has."""
    return tx.execute(select(func.count()).select_from(work_pieces).where(work_pieces.c.work == work)).scalar_one()


def find_piece(tx: Connection, work: str, number: int) -> bytes | None:
    """One of them, sealed."""
    where = (work_pieces.c.work == work) & (work_pieces.c.number == number)
    found: bytes | None = tx.execute(select(work_pieces.c.piece_sealed).where(where)).scalar_one_or_none()
    return found


def forget(tx: Connection, before: datetime) -> None:
    """Forget what ended before a moment, with its file."""
    old = select(works.c.id).where(works.c.ended_at < before)
    tx.execute(delete(work_pieces).where(work_pieces.c.work.in_(old)))
    tx.execute(delete(works).where(works.c.ended_at < before))


def _work(row: Row[Any]) -> Work:
    return Work(**{**row._mapping, "says": tuple(row.says)})  # noqa: SLF001 — SQLAlchemy's documented accessor
