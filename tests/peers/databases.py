"""Where are the databases that a test plays on: in SQLite files, or in PostgreSQL?"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any, Literal

import pytest

from keysteward.actions.context import Context, InForce
from keysteward.actions.counts import Counts
from keysteward.rules.words import Environment
from keysteward.store.attempted import Attempts
from keysteward.store.database import Database
from keysteward.store.directory import Directory, Recent
from keysteward.store.meters import OwnMeter, Trials
from keysteward.store.recorder import Recorder
from keysteward.store.usage import Tally
from tests.peers.postgres import Postgres

Dialect = Literal["sqlite", "postgresql"]
DIALECTS: tuple[Dialect, ...] = ("sqlite", "postgresql")
BOTH_AT_LENGTH = ("sqlite", pytest.param("postgresql", marks=pytest.mark.long))

on_both = pytest.mark.parametrize("dialect", DIALECTS, indirect=True)
on_sqlite = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
on_postgresql = pytest.mark.parametrize("dialect", ["postgresql"], indirect=True)


class Stock:
    """Databases of one server that are used once. What was used is dropped later, when its sessions have ended."""

    def __init__(self, server: Postgres) -> None:
        self._server = server
        self._names = map("test{}".format, count())
        self._used: list[str] = []

    def take(self, template: str = "template0") -> str:
        """Make an empty database, or a copy of another one, and say its name."""
        while self._used:
            self._server.drop_database(self._used.pop())
        name = next(self._names)
        self._server.create_database(name, template)
        return name

    def give_back(self, name: str) -> None:
        """Say that nobody needs this database any more."""
        self._used.append(name)

    def url(self, name: str) -> str:
        """The address of a database."""
        return self._server.url(name)


@dataclass
class Files:
    """A town's databases as SQLite files in its folder."""

    folder: Path

    def url(self, environment: Environment) -> str:
        """The address of an environment's database."""
        return f"sqlite:///{self.folder / environment}.db"

    def copied(self, folder: Path) -> "Files":
        """The same databases again, of whose files this folder holds copies."""
        return Files(folder)

    def close(self) -> None:
        """Leave the files to the test's folder."""


@dataclass
class Copies:
    """A town's databases in PostgreSQL, made when first asked for: copies of originals, or new ones to be copied."""

    stock: Stock
    originals: Mapping[Environment, str] = field(default_factory=dict)
    names: dict[Environment, str] = field(default_factory=dict)

    def url(self, environment: Environment) -> str:
        """The address of an environment's database."""
        if environment not in self.names:
            self.names[environment] = self.stock.take(self.originals.get(environment, "template0"))
        return self.stock.url(self.names[environment])

    def copied(self, _: Path) -> "Copies":
        """The same databases again; nobody may use these while they are copied."""
        return Copies(self.stock, self.names)

    def close(self) -> None:
        """Give copies back; what is to be copied stays."""
        for name in self.names.values() if self.originals else ():
            self.stock.give_back(name)


def moved(ctx: Context, database: Database) -> Context:
    """Another environment with the same keys on another database."""
    in_force = InForce(ctx.policy)
    return replace(
        ctx,
        in_force=in_force,
        database=database,
        directory=Directory(database),
        recorder=Recorder(database),
        usage=Tally(database),
        attempts=Attempts(database),
        askers=Recent(1_000),
        discoveries=Recent(1_000),
        meter=OwnMeter(database),
        trials=Trials(database),
        counts=Counts(),
    )


def rows(database: Database, statement: str) -> list[tuple[Any, ...]]:
    """What is committed, as SQL sees it."""
    with database.reading() as tx:
        return [tuple(row) for row in tx.exec_driver_sql(statement)]


def file_of(ctx: Context) -> Path:
    """The SQLite file of an environment."""
    return Path(str(ctx.database.url.database))


def kept_in(ctx: Context) -> bytes:
    """Every value that an environment keeps, as bytes; on SQLite whatever else is in its files too."""
    if ctx.database.is_sqlite:
        file = file_of(ctx)
        return b"".join(each.read_bytes() for each in file.parent.glob(f"{file.name}*"))
    with ctx.database.reading() as tx:
        driver: Any = tx.connection.driver_connection
        tables = [row[0] for row in driver.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
        return b"".join(_copied_out(driver, table) for table in tables)


def _copied_out(driver: Any, table: str) -> bytes:  # noqa: ANN401 — the driver's own connection
    with driver.cursor().copy(f'COPY "{table}" TO STDOUT (FORMAT binary)') as copy:
        return b"".join(map(bytes, copy))
