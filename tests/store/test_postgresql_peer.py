"""Is the PostgreSQL of the tests a real one, and does ours outlive what happens to it?"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from keysteward.store.database import Database, Unreadable, bump_epoch, current_epoch
from keysteward.store.migrating import migrate
from tests.peers.postgres import Postgres
from tests.polling import until


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    """A server of these tests' own: they stop and kill it."""
    with Postgres() as server:
        yield server


@pytest.fixture(scope="module")
def template(server: Postgres) -> str:
    """A database with our tables."""
    server.create_database("original")
    database = Database(server.url("original"))
    migrate(database)
    database.close()
    return "original"


@pytest.fixture
def database(server: Postgres, template: str, request: pytest.FixtureRequest) -> Iterator[Database]:
    """A copy of it, on a server that answers."""
    name = request.node.name
    server.create_database(name, template)
    database = Database(server.url(name))
    yield database
    database.close()
    server.start()
    server.drop_database(name)


def epoch(database: Database) -> int:
    """The epoch that a reader sees now."""
    with database.reading() as tx:
        return current_epoch(tx)


def raise_epoch(database: Database) -> int:
    """Commit something."""
    with database.writing() as tx:
        return bump_epoch(tx)


def test_it_is_the_version_and_the_language_that_we_support(server: Postgres, template: str) -> None:
    """PostgreSQL 18, which sorts and compares by code point as SQLite does."""
    with server.connect(template) as connection:
        found = connection.execute(
            "SELECT current_setting('server_version_num')::int / 10000, pg_encoding_to_char(encoding), datlocprovider,"
            " datlocale FROM pg_database WHERE datname = current_database()"
        ).fetchone()

    assert found == (18, "UTF8", "b", "C.UTF-8")


def test_a_copy_is_a_database_of_its_own(server: Postgres, template: str, database: Database) -> None:
    """What is written to a copy is not in the original."""
    assert raise_epoch(database) == 2

    with server.connect(template) as connection:
        assert connection.execute("SELECT n FROM epoch").fetchone() == (1,)


def test_what_was_committed_outlives_a_kill(server: Postgres, database: Database) -> None:
    """A server that is killed and started again has every committed row, and our pool finds it by itself."""
    raise_epoch(database)
    server.kill()
    with pytest.raises(Unreadable):
        epoch(database)
    server.start()

    assert (epoch(database), raise_epoch(database)) == (2, 3)


def test_what_was_not_committed_is_gone_after_a_kill(server: Postgres, database: Database) -> None:
    """A deed that the server's death interrupts has not happened."""

    def die() -> None:
        with database.writing() as tx:
            bump_epoch(tx)
            server.kill()

    with pytest.raises(Unreadable):
        die()
    server.start()

    assert (epoch(database), database.known_epoch) == (1, 0)


def test_a_restart_needs_no_hands(server: Postgres, database: Database) -> None:
    """Connections that a restart closed are replaced unseen."""
    epoch(database)
    server.restart()

    assert epoch(database) == 1


def test_a_paused_server_goes_on_where_it_stood(server: Postgres, database: Database) -> None:
    """While its processes stand still nobody is answered; then everybody is."""
    epoch(database)
    server.pause()
    answers: list[int] = []
    asking = threading.Thread(target=lambda: answers.append(epoch(database)))
    asking.start()
    asking.join(0.2)
    assert answers == []
    server.resume()
    asking.join(10)

    assert answers == [1]


@pytest.mark.parametrize("death", [signal.SIGTERM, signal.SIGKILL])
def test_it_goes_with_whoever_started_it(death: signal.Signals) -> None:
    """A run that is killed leaves neither server nor folder behind."""
    program = (
        "import time; from tests.peers.postgres import Postgres\n"
        "with Postgres() as server:\n"
        "    print(server.folder, server.connect().info.backend_pid, flush=True); time.sleep(60)"
    )
    root = Path(__file__).parents[2]
    with subprocess.Popen([sys.executable, "-c", program], cwd=root, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        folder, backend = run.stdout.readline().split()
        run.send_signal(death)
    until(lambda: not Path(folder).exists())

    with pytest.raises(ProcessLookupError):
        os.kill(int(backend), 0)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(host=folder, user="postgres")
