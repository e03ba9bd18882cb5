"""How does somebody on the host take the whole history along, to verify it elsewhere?"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from keysteward.rules.events import Event
from keysteward.rules.keys import checked_text
from keysteward.store import audit, carried
from keysteward.store.carried import Damaged as Damaged  # noqa: PLC0414 — the command says it
from keysteward.store.database import Database


def note_export(database: Database, author: str, now: datetime) -> None:
    """Note who takes the history along."""
    by = checked_text(author, "author", most=100)
    with database.writing() as tx:
        audit.record(tx, Event("AuditExported", now, f"operator {by}", data={"filters": "everything"}))


def export(database: Database) -> Iterator[bytes]:
    """The whole history with what verifying it needs, line by line; `note_export` comes first."""
    with database.reading() as tx:
        yield from carried.walk_lines(tx)


def unpack(lines: Iterable[bytes], file: Path) -> Database:
    """A database of its own for a history that was taken along."""
    return carried.load_lines(lines, file)
