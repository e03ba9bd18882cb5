"""In which town does each test play, and on which database?"""

import gc
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import hypothesis
import pytest

from keysteward.actions.context import Context
from tests.cast import Made, Town
from tests.mails import empty_boxes
from tests.peers.compiling import compile_statements_once
from tests.peers.databases import BOTH_AT_LENGTH, DIALECTS, Copies, Dialect, Files, Stock
from tests.peers.postgres import Postgres, Unusable

FOLDERS_ON_BOTH = {"actions", "journeys", "store"}
ON_BOTH_AT_LENGTH = {"actions", "journeys"}  # the long run plays them in PostgreSQL; store and races are there always
_MOST_WORKERS = 4

gc.set_threshold(100_000, 50, 100)  # tens of thousands of collected tests are no garbage, whoever looks for it
compile_statements_once()
hypothesis.settings.register_profile("tests", deadline=None)  # a slow machine is no mistake of a rule
hypothesis.settings.load_profile("tests")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Two more than there are processors: some always wait for a twin or a browser."""
    return min((os.cpu_count() or 1) + 2, _MOST_WORKERS)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run whatever has to do with a database on both, in the folders where that matters.

    A test that says its databases itself (`on_both`, `on_sqlite`, `on_postgresql`) is taken at its word.
    """
    says = any("dialect" in mark.args[0] for mark in metafunc.definition.iter_markers("parametrize"))
    folders = set(metafunc.definition.path.parts)
    if "dialect" in metafunc.fixturenames and not says and FOLDERS_ON_BOTH & folders:
        both = BOTH_AT_LENGTH if ON_BOTH_AT_LENGTH & folders else DIALECTS
        metafunc.parametrize("dialect", both, indirect=True)


class Founded(NamedTuple):
    """A town whose accounts are open and which is closed itself, its files, and the app that Ada made there."""

    town: Town
    folder: Path
    made: Made
    homes: Files | Copies

    def copy(self, folder: Path) -> Town:
        """The same town again, to play in."""
        files = shutil.copytree(self.folder, folder)
        return Town(files, model=self.town, homes=self.homes.copied(files))


@pytest.fixture(scope="session")
def dialect(request: pytest.FixtureRequest) -> Dialect:
    """The database that a test plays on: SQLite, but where it runs on both."""
    chosen: Dialect = getattr(request, "param", "sqlite")
    return chosen


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The PostgreSQL of this run; whoever stops or kills one starts another."""
    try:
        server = Postgres()
        server.start()
    except Unusable as reason:
        pytest.exit(str(reason), 2)
    yield server
    server.close()


@pytest.fixture(scope="session")
def stock(postgres: Postgres) -> Stock:
    """Databases on that server."""
    return Stock(postgres)


@pytest.fixture(scope="session")
def founded_on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Founded:
    """A town to copy for each test: making its signing keys takes a while."""
    folder = tmp_path_factory.mktemp("town")
    return _found(folder, Files(folder))


@pytest.fixture(scope="session")
def founded_on_postgresql(tmp_path_factory: pytest.TempPathFactory, stock: Stock) -> Founded:
    """Likewise, in PostgreSQL."""
    return _found(tmp_path_factory.mktemp("town"), Copies(stock))


def _found(folder: Path, homes: Files | Copies) -> Founded:
    town = Town(folder, homes=homes)
    town.populate()
    made = town.create_app()
    for ctx in (town.demo, town.production):
        empty_boxes(ctx)
    town.close()
    return Founded(town, folder, made, homes)


@pytest.fixture(scope="session")
def founded(dialect: Dialect, request: pytest.FixtureRequest) -> Founded:
    """A town to copy, on the database of the test."""
    founded: Founded = request.getfixturevalue(f"founded_on_{dialect}")
    return founded


@pytest.fixture
def town(founded: Founded, tmp_path: Path) -> Iterator[Town]:
    """Both environments with the cast in them, and Ada's app in demo."""
    town = founded.copy(tmp_path / "town")
    yield town
    town.close()


@pytest.fixture
def demo(town: Town) -> Context:
    """The demo environment of the town."""
    return town.demo


@pytest.fixture
def production(town: Town) -> Context:
    """The production environment of the town."""
    return town.production


@pytest.fixture
def made(founded: Founded) -> Made:
    """Ada's app in demo, registered for every grant and configured."""
    return founded.made
