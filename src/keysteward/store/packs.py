"""What is remembered of rule packs? Every version that was ever in force, as it was."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, insert, select

from keysteward.rules.pack_text import read, write
from keysteward.rules.packs import Pack
from keysteward.store.tables import packs

Name = tuple[str, int]


class Kept(NamedTuple):
    """A version of a pack with who installed it first, when and why."""

    pack: Pack
    installed_at: datetime
    author: str
    reason: str


def save(tx: Connection, kept: Kept) -> None:
    """Add a version; it never changes."""
    tx.execute(
        insert(packs).values(
            name=kept.pack.name,
            version=kept.pack.version,
            document=write(kept.pack),
            installed_at=kept.installed_at,
            author=kept.author,
            reason=kept.reason,
        )
    )


def find(tx: Connection, name: str, version: int) -> Kept | None:
    """One version."""
    where = (packs.c.name == name) & (packs.c.version == version)
    row = tx.execute(select(packs).where(where)).one_or_none()
    return None if row is None else _kept(row)


def load(tx: Connection, named: Iterable[Sequence[Any]]) -> tuple[Pack, ...]:
    """The packs of these names and versions, in their order."""
    found = [find(tx, str(name), int(version)) for name, version in named]
    return tuple(kept.pack for kept in found if kept is not None)


def list_versions(tx: Connection) -> list[Kept]:
    """Every version of every pack, by name, the newest version first."""
    return [_kept(row) for row in tx.execute(select(packs).order_by(packs.c.name, packs.c.version.desc()))]


def _kept(row: Row[Any]) -> Kept:
    return Kept(read(row.document), row.installed_at, row.author, row.reason)
