"""Which databases do the tests of the store write to?"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from keysteward.store.database import Database
from keysteward.store.migrating import migrate
from tests.peers.databases import Dialect, Stock

Opening = Callable[[], AbstractContextManager[Database]]


@pytest.fixture(scope="session")
def blank_on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Opening:
    """What opens a new file with all tables in it, again and again."""
    original = tmp_path_factory.mktemp("blank") / "test.db"
    _make_tables(f"sqlite:///{original}")

    @contextmanager
    def blank() -> Iterator[Database]:
        folder: Path = tmp_path_factory.mktemp("database")
        with _opened(f"sqlite:///{shutil.copy(original, folder)}") as database:
            yield database

    return blank


@pytest.fixture(scope="session")
def blank_on_postgresql(stock: Stock) -> Opening:
    """What opens a new database with all tables in it, again and again."""
    original = stock.take()
    _make_tables(stock.url(original))

    @contextmanager
    def blank() -> Iterator[Database]:
        name = stock.take(original)
        with _opened(stock.url(name)) as database:
            yield database
        stock.give_back(name)

    return blank


@pytest.fixture(scope="session")
def blank(dialect: Dialect, request: pytest.FixtureRequest) -> Opening:
    """What opens another empty database, of the kind that a test runs on."""
    opening: Opening = request.getfixturevalue(f"blank_on_{dialect}")
    return opening


@pytest.fixture
def database(blank: Opening) -> Iterator[Database]:
    """A new database, empty but for its tables."""
    with blank() as database:
        yield database


def _make_tables(address: str) -> None:
    with _opened(address) as database:
        migrate(database)


@contextmanager
def _opened(address: str) -> Iterator[Database]:
    database = Database(address)
    yield database
    database.close()
