"""How is a deed cut off in the middle, as by a process that dies, and what is left of it?"""

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, Table, Text, cast, column, event, literal, select, union_all

from keysteward.store.database import Database
from keysteward.store.tables import metadata, token_uses

Rows = dict[str, list[str]]


@dataclass
class Knife:
    """Closes the connection of a writing transaction before one of its statements, its commit being the last.

    `statements` counts those that writing transactions came to, `commits` the transactions among them that were over
    before the cut.
    """

    at: int
    statements: int = 0
    commits: int = 0

    @property
    def has_cut(self) -> bool:
        """Whether it came to that statement."""
        return self.statements >= self.at

    def before(self, connection: Connection, *_: object) -> None:
        """Count a statement, and cut where it is the one. What counts issued tokens writes beside every deed."""
        if _only_reads(connection) or threading.current_thread().name == "tally":
            return
        self.statements += 1
        if self.statements == self.at:
            driver: Any = connection.connection.driver_connection
            driver.close()

    def before_commit(self, connection: Connection) -> None:
        """Count a commit as a statement too."""
        self.before(connection)
        is_beside = threading.current_thread().name == "tally"
        self.commits += not (self.has_cut or is_beside or _only_reads(connection))


def _only_reads(connection: Connection) -> bool:
    """On PostgreSQL readers come through the same door."""
    return bool(connection.get_execution_options().get("postgresql_readonly"))


@contextmanager
def cut_at(database: Database, statement: int) -> Iterator[Knife]:
    """Cut whatever writes to a database off before its statement of this number, counted from 1."""
    knife, engine = Knife(statement), database._writers
    event.listen(engine, "before_cursor_execute", knife.before)
    event.listen(engine, "commit", knife.before_commit)
    try:
        yield knife
    finally:
        event.remove(engine, "before_cursor_execute", knife.before)
        event.remove(engine, "commit", knife.before_commit)
        gc.collect(1)  # a cursor that was open keeps its lock until it is gone, which no dead process does


def everything(database: Database) -> Rows:
    """Every row of every table, in an order of its own, but for the count of tokens, which trails its answers."""
    kept = [table for table in metadata.sorted_tables if table is not token_uses]
    with database.reading() as tx:
        if tx.dialect.name == "sqlite":
            return {table.name: sorted(map(repr, tx.execute(select(table)))) for table in kept}
        found: Rows = {table.name: [] for table in kept}
        for row in tx.execute(union_all(*map(_as_text, kept))):  # in one statement, for it is asked at every cut
            found[row[0]].append(row[1])
    return {name: sorted(rows) for name, rows in found.items()}


def _as_text(table: Table) -> Select[str, str]:
    """PostgreSQL takes a table's name for a whole row of it."""
    return select(literal(table.name), cast(column(table.name), Text)).select_from(table)
