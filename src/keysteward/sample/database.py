"""How is the SQLite file of one environment opened, read and written?"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import Connection as SqliteConnection

from sqlalchemy import URL, Connection, create_engine, event

from keysteward.sample.tables import metadata


class Store:
    """One SQLite file in WAL mode: readers see a snapshot, writers take turns."""

    def __init__(self, path: Path) -> None:
        # Errors of the driver would quote documents and addresses; the log must not have them.
        self._readers = create_engine(URL.create("sqlite", database=str(path)), hide_parameters=True)
        event.listen(self._readers, "connect", _prepare)
        event.listen(self._readers, "begin", _begin)
        self._writers = self._readers.execution_options(writes=True)
        self._turn = threading.Lock()
        with self.writing() as connection:
            metadata.create_all(connection)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Read from one snapshot."""
        with self._readers.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Write in one transaction that is durable when the block ends and undone when it raises."""
        with self._turn, self._writers.begin() as connection:
            yield connection

    def close(self) -> None:
        """Close every idle connection."""
        self._readers.dispose()


def _prepare(connection: SqliteConnection, _record: object) -> None:
    connection.isolation_level = None  # the driver's own BEGIN comes too late and is never IMMEDIATE
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
