"""How is a database opened, read and written?

A writing transaction begins IMMEDIATE on the one writer connection, under the one lock of the process; readers use
other connections and see a snapshot (docs/decisions/0002).
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection as Connection  # noqa: PLC0414 — what a transaction is handed to deeds as
from sqlalchemy import Engine, create_engine, event, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import QueuePool

from keysteward.store.tables import epoch, metadata

_READERS = 40

Unreadable = SQLAlchemyError


class Database:
    """One environment's database."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._readers = _engine(path, "BEGIN", _READERS)
        self._writer = _engine(path, "BEGIN IMMEDIATE", 1)

    def create(self) -> None:
        """Make the tables that are not there yet."""
        with self.writing() as tx:
            metadata.create_all(tx)
            tx.execute(insert(epoch).values(id=1, n=1).on_conflict_do_nothing())

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A snapshot to read from."""
        with self._readers.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that holds the write lock from its first statement; it commits when the block ends well."""
        with self._lock, self._writer.begin() as connection:
            yield connection

    def close(self) -> None:
        """Close every connection."""
        self._readers.dispose()
        self._writer.dispose()


def bump_epoch(tx: Connection) -> int:
    """Raise the epoch, as the last statement of a deed that changes what the hot path reads, and return it."""
    return int(tx.execute(update(epoch).values(n=epoch.c.n + 1).returning(epoch.c.n)).scalar_one())


def current_epoch(tx: Connection) -> int:
    """The epoch of this snapshot."""
    return int(tx.execute(epoch.select()).one().n)


def _engine(path: Path, begin: str, size: int) -> Engine:
    engine = create_engine(
        f"sqlite:///{path}",
        poolclass=QueuePool,
        hide_parameters=True,
        pool_size=size,
        max_overflow=0,
        pool_timeout=30,
        connect_args={"check_same_thread": False, "timeout": 30},
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:  # noqa: ANN401 — the driver's own connection
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine
