"""Does PostgreSQL keep what only it has to promise: writers beside one another, in line where they must be?"""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from keysteward.rules.accounts import Account
from keysteward.store import accounts
from keysteward.store.database import Connection, Database, Unreadable, bump_epoch, current_epoch, lock
from tests.peers.databases import on_postgresql, rows
from tests.polling import until
from tests.racing import at_once
from tests.rules.examples import ACCOUNT, KEY, NOW, OTHER_KEY

pytestmark = on_postgresql

Deed = Callable[[Connection], object]
Elsewhere = Callable[[Deed], "Future[object]"]


@pytest.fixture
def elsewhere(database: Database) -> Iterator[Elsewhere]:
    """What does a deed in a transaction and a thread of its own."""

    def write(deed: Deed) -> object:
        with database.writing() as tx:
            return deed(tx)

    with ThreadPoolExecutor(4) as pool:
        yield lambda deed: pool.submit(write, deed)


def wait_until_one_waits(database: Database) -> None:
    """Wait until the server itself says that one session waits for another."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    until(lambda: rows(database, waiting) == [(1,)])


def epoch(database: Database) -> int:
    """The epoch that a reader sees now."""
    with database.reading() as tx:
        return current_epoch(tx)


def test_writers_of_one_name_wait_for_each_other(database: Database, elsewhere: Elsewhere) -> None:
    """Whoever locks a name that is held waits until the holder's transaction ends, and then sees what it wrote."""

    def look(tx: Connection) -> object:
        lock(tx, "account", ACCOUNT)
        return accounts.find_account(tx, ACCOUNT)

    account = Account(ACCOUNT, 10_000_001, "Acme", "Developer", "open", NOW)
    with database.writing() as tx:
        lock(tx, "account", ACCOUNT)
        found = elsewhere(look)
        wait_until_one_waits(database)
        accounts.save_account(tx, account)

    assert found.result(10) == account


def test_a_lock_is_let_go_when_the_deed_fails(database: Database, elsewhere: Elsewhere) -> None:
    """Who waited behind a deed that failed goes on as if it had never been."""

    def fail() -> None:
        with database.writing() as tx:
            lock(tx, "key", KEY)
            waiting.append(elsewhere(lambda tx: lock(tx, "key", KEY)))
            wait_until_one_waits(database)
            raise RuntimeError("power")

    waiting: list[Future[object]] = []
    with pytest.raises(RuntimeError, match="power"):
        fail()

    assert waiting[0].result(10) is None


def test_writers_of_other_names_do_not_wait(database: Database, elsewhere: Elsewhere) -> None:
    """Deeds on another key, and on something else of the same name, go on while one holds a key."""
    with database.writing() as tx:
        lock(tx, "key", KEY)
        elsewhere(lambda tx: lock(tx, "key", OTHER_KEY)).result(10)
        elsewhere(lambda tx: lock(tx, "account", KEY)).result(10)


def test_names_locked_together_never_meet_in_a_circle(database: Database) -> None:
    """Deeds that each lock the same two names, said in either order, all come to their turn."""

    def deed(number: int) -> int:
        names = (ACCOUNT, OTHER_KEY) if number % 2 else (OTHER_KEY, ACCOUNT)
        with database.writing() as tx:
            lock(tx, "account", *names)
            return bump_epoch(tx)

    epochs, _ = at_once(deed, 50)

    assert sorted(epochs) == list(range(2, 52))


def test_an_epoch_is_never_behind_one_that_is_committed(database: Database, elsewhere: Elsewhere) -> None:
    """While one epoch is not committed no higher one exists, so that nobody who knows the highest missed a change."""
    with database.writing() as tx:
        assert bump_epoch(tx) == 2
        later = elsewhere(bump_epoch)
        wait_until_one_waits(database)
        assert (epoch(database), database.known_epoch) == (1, 0)

    assert (later.result(10), epoch(database)) == (3, 3)


def test_an_epoch_of_a_deed_that_failed_is_handed_out_again(database: Database, elsewhere: Elsewhere) -> None:
    """What was rolled back leaves no gap behind which a change could hide."""
    later: list[Future[object]] = []

    def fail() -> None:
        with database.writing() as tx:
            bump_epoch(tx)
            later.append(elsewhere(bump_epoch))
            wait_until_one_waits(database)
            raise RuntimeError("power")

    with pytest.raises(RuntimeError, match="power"):
        fail()

    assert (later[0].result(10), epoch(database)) == (2, 2)


def test_a_raised_epoch_is_heard_once_it_is_committed(database: Database, elsewhere: Elsewhere) -> None:
    """Whoever listens is woken by another's commit and then reads the new epoch."""
    with database.listening() as listener:
        assert listener.epoch() == 1
        elsewhere(bump_epoch).result(10)
        listener.wait(30)
        assert listener.epoch() == 2


def test_a_reader_cannot_write(database: Database) -> None:
    """Whatever a query of a reader says, PostgreSQL refuses to change a row for it."""
    with pytest.raises(Unreadable, match="read-only"), database.reading() as tx:
        bump_epoch(tx)


def test_what_is_committed_on_postgresql_is_on_the_disk(database: Database) -> None:
    """Every session waits for the disk when it commits, reads one snapshot, and gives up what takes too long."""
    asked = ("synchronous_commit", "transaction_isolation", "statement_timeout", "idle_in_transaction_session_timeout")
    with database.reading() as tx:
        reading = [tx.exec_driver_sql(f"SHOW {name}").scalar_one() for name in asked]
    with database.writing() as tx:
        writing = [tx.exec_driver_sql(f"SHOW {name}").scalar_one() for name in asked]

    assert reading == ["on", "repeatable read", "30s", "1min"]
    assert writing == ["on", "read committed", "30s", "1min"]
