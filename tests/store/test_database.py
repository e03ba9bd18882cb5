"""Do transactions keep what they promise?"""

import sqlite3
import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite

from keysteward.rules.accounts import Account
from keysteward.store import accounts
from keysteward.store.database import (
    Connection,
    Database,
    NoDatabase,
    Unreadable,
    bump_epoch,
    current_epoch,
    lock,
)
from keysteward.store.migrating import migrate, newest_version
from keysteward.store.tables import Instant, Json
from tests.peers.databases import on_sqlite
from tests.racing import at_once
from tests.rules.examples import ACCOUNT, KEY, NOW, OTHER_KEY

DIALECT = sqlite.dialect()


@pytest.fixture
def database(database: Database) -> Database:
    """A new database with one account in it."""
    with database.writing() as tx:
        accounts.save_account(tx, Account(ACCOUNT, 10_000_001, "Acme", "0", "open", NOW))
    return database


def plan(database: Database) -> str:
    """The account's plan as a reader sees it now."""
    with database.reading() as tx:
        return plan_in(tx)


def plan_in(tx: Connection) -> str:
    """The account's plan as a transaction sees it."""
    account = accounts.find_account(tx, ACCOUNT)
    assert account is not None
    return account.plan


def test_no_update_is_lost(database: Database) -> None:
    """Fifty threads that each lock a name, read a row and write it back, again and again, lose nothing."""

    def deed(_: int) -> None:
        for _ in range(8):
            with database.writing() as tx:
                lock(tx, "account", ACCOUNT)
                accounts.change_account(tx, ACCOUNT, plan=str(int(plan_in(tx)) + 1))

    at_once(deed, 50)

    assert plan(database) == "400"


def test_every_epoch_is_handed_out_once(database: Database) -> None:
    """Fifty deeds at once get fifty different epochs, without a gap, and the highest is known here."""

    def deed(_: int) -> int:
        with database.writing() as tx:
            return bump_epoch(tx)

    epochs, _ = at_once(deed, 50)

    assert sorted(epochs) == list(range(2, 52))
    assert database.known_epoch == 51
    with database.reading() as tx:
        assert current_epoch(tx) == 51


def test_a_deed_that_fails_leaves_nothing(database: Database) -> None:
    """What a transaction wrote before it failed is undone, its epoch was never known, and the next one can write."""

    def fail() -> None:
        with database.writing() as tx:
            lock(tx, "account", ACCOUNT)
            accounts.change_account(tx, ACCOUNT, plan="lost")
            bump_epoch(tx)
            raise RuntimeError("power")

    with pytest.raises(RuntimeError, match="power"):
        fail()

    assert (plan(database), database.known_epoch) == ("0", 0)
    with database.writing() as tx:
        lock(tx, "account", ACCOUNT)
        accounts.change_account(tx, ACCOUNT, plan="kept")
    assert plan(database) == "kept"


def test_a_reader_sees_one_moment(database: Database) -> None:
    """A reader neither waits for a writer nor sees what it has not committed, and its snapshot stays."""
    with database.reading() as reader:
        assert plan_in(reader) == "0"
        with database.writing() as tx:
            accounts.change_account(tx, ACCOUNT, plan="1")
            bump_epoch(tx)
            assert plan(database) == "0"
        assert (plan_in(reader), current_epoch(reader)) == ("0", 1)

    assert plan(database) == "1"


def test_a_writer_waits_for_the_one_before(database: Database) -> None:
    """A second writer of the same name waits in line and then sees what the first one wrote."""
    seen: list[str] = []

    def second() -> None:
        with database.writing() as tx:
            lock(tx, "account", ACCOUNT)
            seen.append(plan_in(tx))

    thread = threading.Thread(target=second)
    with database.writing() as tx:
        lock(tx, "account", ACCOUNT)
        thread.start()
        accounts.change_account(tx, ACCOUNT, plan="first")
        assert seen == []
    thread.join(10)

    assert seen == ["first"]


def test_locks_are_taken_in_one_order(database: Database) -> None:
    """A deed that would lock an account after a key, or a second one later, is stopped at once: it could block another.

    So it is on either database.
    """
    with database.writing() as tx:
        lock(tx, "account", ACCOUNT, OTHER_KEY)
        with pytest.raises(RuntimeError, match="account is locked too late"):
            lock(tx, "account", ACCOUNT)
        lock(tx, "key", KEY)
        with pytest.raises(RuntimeError, match="account is locked too late"):
            lock(tx, "account", ACCOUNT)


def test_the_order_begins_anew_with_each_transaction(database: Database) -> None:
    """What one transaction locked does not stand in the way of the next one on the same connection."""
    for _ in range(2):
        with database.writing() as tx:
            lock(tx, "organization", KEY)
            lock(tx, "record", KEY)

    assert plan(database) == "0"


def test_any_text_can_be_locked(database: Database) -> None:
    """Whatever somebody typed as their address, a deed locks that name like any other."""
    with database.writing() as tx:
        lock(tx, "user", "ada@acme.example\0", "", "\ud7ff☃")
        assert plan_in(tx) == "0"


@on_sqlite
def test_a_writer_on_sqlite_holds_the_lock_before_it_reads(database: Database) -> None:
    """No other writer gets in between a deed's first look and its write, whatever door it comes through."""
    with database.writing() as tx:
        accounts.find_account(tx, ACCOUNT)
        other = sqlite3.connect(str(database.url.database), timeout=0)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        other.close()


@on_sqlite
def test_what_is_committed_on_sqlite_is_on_the_disk(database: Database) -> None:
    """Every connection writes ahead, syncs fully and keeps foreign keys."""
    for begin in (database.reading, database.writing):
        with begin() as tx:
            found = {
                name: tx.exec_driver_sql(f"PRAGMA {name}").scalar_one()
                for name in ("journal_mode", "synchronous", "foreign_keys")
            }
        assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_a_row_without_its_parent_is_refused(database: Database) -> None:
    """Nothing hangs on what is not there."""
    with pytest.raises(Unreadable), database.writing() as tx:
        accounts.save_organization_admin(tx, OTHER_KEY, OTHER_KEY, NOW)


def test_opening_again_keeps_everything(database: Database) -> None:
    """Tables are made where they are missing, and what is there stays: rows, epoch and all."""
    with database.writing() as tx:
        bump_epoch(tx)
    database.close()
    again = Database(database.url.render_as_string(hide_password=False))

    assert migrate(again) == newest_version()
    assert plan(again) == "0"
    with again.reading() as tx:
        assert current_epoch(tx) == 2
    again.close()


def test_more_readers_than_connections_take_turns(database: Database) -> None:
    """A hundred readers at once all get their answer."""
    plans, _ = at_once(lambda _: plan(database))

    assert plans == ["0"] * 100


@pytest.mark.parametrize(
    "address", ["", "/var/lib/keysteward.db", "mysql://root@localhost/ks", "postgresql://localhost", "sqlite://"]
)
def test_an_address_of_no_use_is_refused(address: str) -> None:
    """What names no database that we can use is refused before anything is opened."""
    with pytest.raises(NoDatabase):
        Database(address)


instants = st.datetimes(
    min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1), timezones=st.just(UTC)  # noqa: DTZ001 — the zone is beside it
)  # fmt: skip


@given(instants)
def test_a_moment_comes_back_to_the_microsecond(moment: datetime) -> None:
    """What is kept of an instant is the instant."""
    kept = Instant().process_bind_param(moment, DIALECT)

    assert Instant().process_result_value(kept, DIALECT) == moment


@given(st.lists(instants, max_size=8))
def test_moments_are_kept_in_their_order(moments: list[datetime]) -> None:
    """Sorting what is kept sorts the instants, whatever zone they came in."""
    shifted = [moment.astimezone(timezone(timedelta(hours=number - 4))) for number, moment in enumerate(moments)]
    kept = sorted(Instant().process_bind_param(moment, DIALECT) or 0 for moment in shifted)

    assert [Instant().process_result_value(each, DIALECT) for each in kept] == sorted(moments)


@given(
    st.recursive(st.one_of(st.none(), st.booleans(), st.integers(-(2**53), 2**53), st.text()), st.lists, max_leaves=5)
)
def test_a_plain_value_comes_back(value: object) -> None:
    """What is kept as JSON comes back as it was."""
    kept = Json().process_bind_param(value, DIALECT)

    assert Json().process_result_value(kept, DIALECT) == value


def test_nothing_stays_nothing() -> None:
    """An instant that did not happen has no number."""
    assert Instant().process_bind_param(None, DIALECT) is None
    assert Instant().process_result_value(None, DIALECT) is None
