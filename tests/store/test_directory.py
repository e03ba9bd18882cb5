"""Does the hot path ever believe what is no longer true?"""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from keysteward.rules.accounts import Account
from keysteward.rules.refusals import OUT_OF_REACH
from keysteward.store import accounts
from keysteward.store.database import Connection, Database, bump_epoch
from keysteward.store.directory import NotHere, Watcher
from tests.cast import refused
from tests.peers.databases import on_postgresql, on_sqlite
from tests.polling import until
from tests.rules.examples import ACCOUNT, NOW
from tests.store.worker import Worker


@pytest.fixture(params=[False, True], ids=["found", "concluded"])
def here(database: Database, request: pytest.FixtureRequest) -> Worker:
    """A worker that has just heard from a database with one account in it."""
    with database.writing() as tx:
        accounts.save_account(tx, Account(ACCOUNT, 10_000_001, "Acme", "first", "open", NOW))
    worker = Worker(database, request.param)
    worker.listen()
    return worker


@pytest.fixture
def there(here: Worker) -> Iterator[Worker]:
    """Another worker on the same database."""
    database = Database(here.database.url.render_as_string(hide_password=False))
    yield Worker(database, here.concludes)
    database.close()


def test_an_answer_is_read_once(here: Worker) -> None:
    """As long as nothing changes, the database is asked once, and the event loop is answered from memory."""
    assert [here.look() for _ in range(5)] == ["first"] * 5
    assert here.look_from_the_loop() == "first"
    assert here.shelf.asked == 1


def test_ones_own_change_is_seen_at_once(here: Worker) -> None:
    """Whoever changed something sees it with the next look, before any listener was told."""
    here.look()
    here.change("second")

    with pytest.raises(NotHere):
        here.look_from_the_loop()
    assert here.look() == "second"
    assert here.look_from_the_loop() == "second"


def test_anothers_change_is_seen_once_it_was_heard_of(here: Worker, there: Worker) -> None:
    """What another worker changed counts from the moment its epoch is heard, on the event loop too."""
    here.look()
    there.change("second")
    here.listen()

    with pytest.raises(NotHere):
        here.look_from_the_loop()
    assert here.look() == "second"


@pytest.mark.parametrize("is_heard", [True, False])
def test_a_stale_fill_is_not_used(here: Worker, there: Worker, is_heard: bool) -> None:
    """An answer read before a change and kept after it is not used, whether the change was heard before or after."""

    def meanwhile() -> None:
        there.change("second")
        if is_heard:
            here.listen()

    here.shelf.meanwhile = meanwhile
    assert here.look() == "first"
    here.listen()

    with pytest.raises(NotHere):
        here.look_from_the_loop()
    assert here.look() == "second"


def test_a_stale_fill_beside_ones_own_change_is_not_used(here: Worker) -> None:
    """The same with a change that this worker makes itself while it reads."""
    here.shelf.meanwhile = lambda: here.change("second")
    assert here.look() == "first"

    with pytest.raises(NotHere):
        here.look_from_the_loop()
    assert here.look() == "second"


def test_a_slow_fill_does_not_hide_a_newer_answer(here: Worker, there: Worker) -> None:
    """An answer that was read before a change, and is kept after a newer one was, does not come back to life."""

    def overtake() -> None:
        there.change("second")
        here.listen()
        assert here.look() == "second"

    here.shelf.meanwhile = overtake
    assert here.look() == "first"

    with pytest.raises(NotHere):
        here.look_from_the_loop()
    assert [here.look(), here.look_from_the_loop()] == ["second", "second"]


@on_postgresql
def test_a_late_commit_is_not_lost(here: Worker, there: Worker) -> None:
    """A change that began first and is committed last has the newest epoch: no answer of before it is used."""
    began, may_commit = threading.Event(), threading.Event()

    def late() -> None:
        with there.database.writing() as tx:
            accounts.change_account(tx, ACCOUNT, plan="late")
            began.set()
            assert may_commit.wait(10)
            bump_epoch(tx)

    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(late)
        assert began.wait(10)
        with here.database.writing() as tx:
            bump_epoch(tx)
        here.listen()
        assert [here.look(), here.look_from_the_loop()] == ["first", "first"]
        may_commit.set()
        done.result(10)
    here.listen()

    with pytest.raises(NotHere):
        here.look_from_the_loop()
    assert here.look() == "late"


@on_postgresql
def test_an_epoch_that_waits_for_another_is_the_newer_one(here: Worker, there: Worker) -> None:
    """While one change holds the epoch, a later one waits behind it; whoever heard the first still hears the second."""
    held, may_commit = threading.Event(), threading.Event()

    def first() -> None:
        with there.database.writing() as tx:
            bump_epoch(tx)
            held.set()
            assert may_commit.wait(10)

    with ThreadPoolExecutor(2) as pool:
        pool.submit(first)
        assert held.wait(10)
        second = pool.submit(there.change, "second")
        assert here.look() == "first"
        may_commit.set()
        second.result(10)
    here.listen()

    assert here.look() == "second"
    assert here.database.known_epoch == 3


def test_an_answer_from_ahead_is_used_once_its_epoch_is_known(here: Worker, there: Worker) -> None:
    """An answer that is newer than what was heard so far makes its epoch known: older answers are used no more."""
    other = Worker(here.database, here.concludes)
    other.directory = here.directory
    assert other.look() == "first"
    there.change("second")

    assert here.look() == "second"
    assert here.database.known_epoch == 2
    with pytest.raises(NotHere):
        other.look_from_the_loop()
    assert other.look() == "second"


def test_an_older_epoch_changes_nothing(here: Worker, there: Worker) -> None:
    """An answer that arrives late does not set back what is known."""
    there.change("second")
    here.listen()
    assert here.look() == "second"
    here.directory.heard(1, time.monotonic())

    assert here.database.known_epoch == 2
    assert here.look_from_the_loop() == "second"


def test_silence_ends_trust(here: Worker, there: Worker) -> None:
    """After a second without an answer from the database nothing in memory is believed; each look asks anew."""
    here.look()
    there.change("second")
    here.directory.heard(1, time.monotonic() - 1.5)

    with pytest.raises(NotHere):
        here.look_from_the_loop()
    assert here.look() == "second"
    there.change("third")
    assert here.look() == "third"
    assert here.directory.epoch == 3


def test_trust_ends_by_itself(here: Worker) -> None:
    """Nobody needs to say that the database fell silent: time passes, and what was in memory is no more."""
    until(lambda: _is_remembered(here))
    asked = here.shelf.asked

    until(lambda: _is_refused_on_the_loop(here))
    assert (here.look(), here.shelf.asked) == ("first", asked + 1)


def _is_remembered(worker: Worker) -> bool:
    """Whether what was just heard and looked up is taken from memory; a machine may stall for a second in between."""
    worker.listen(0)
    worker.look()
    return not _is_refused_on_the_loop(worker)


def _is_refused_on_the_loop(worker: Worker) -> bool:
    try:
        worker.look_from_the_loop()
    except NotHere:
        return True
    return False


def test_before_the_first_word_nothing_is_believed(database: Database, here: Worker) -> None:
    """A directory that never heard from its database asks it every time, and tells the event loop so."""
    fresh = Worker(database, here.concludes)

    assert [fresh.look(), fresh.look()] == ["first", "first"]
    assert (fresh.shelf.asked, fresh.directory.epoch) == (2, 1)
    with pytest.raises(NotHere):
        fresh.look_from_the_loop()
    with pytest.raises(NotHere):
        assert fresh.directory.without_waiting().epoch


def test_a_database_that_is_silent_for_long_is_out_of_reach(here: Worker) -> None:
    """After five silent seconds nobody is sent to the database: not for a look, not for the epoch, not for patience."""
    here.look()
    here.listen(seconds_ago=6)

    with refused(OUT_OF_REACH):
        here.look()
    with refused(OUT_OF_REACH):
        here.look_from_the_loop()
    with refused(OUT_OF_REACH):
        assert here.directory.epoch
    with refused(OUT_OF_REACH):
        here.directory.demand_patience()
    here.listen()
    assert [here.look(), here.look_from_the_loop()] == ["first", "first"]


def test_whoever_lost_the_connection_forgets_everything(here: Worker) -> None:
    """After `forget` nothing is in memory, though the epoch is still the newest."""
    here.look()
    here.directory.forget()

    with pytest.raises(NotHere):
        here.look_from_the_loop()
    assert (here.look(), here.shelf.asked) == ("first", 2)


def test_a_watcher_hears_of_anothers_change(here: Worker, there: Worker) -> None:
    """A worker with a watcher sees what another one changed, without asking the database at each look."""
    watcher = Watcher(here.database, here.directory)
    watcher.start()
    try:
        for plan in ("second", "third", "fourth"):
            there.change(plan)
            until(lambda plan=plan: here.look() == plan)  # type: ignore[misc]  # bound while it is looped over
        asked = here.shelf.asked
        until(lambda: [here.look() for _ in range(20)] and here.shelf.asked == asked)
    finally:
        watcher.stop()


def test_a_watcher_forgets_when_it_connects(here: Worker) -> None:
    """Whatever was in memory before the watcher had its connection is asked for anew."""
    here.look()
    watcher = Watcher(here.database, here.directory)
    watcher.start()
    try:
        until(lambda: here.look() and here.shelf.asked == 2)
    finally:
        watcher.stop()


@on_postgresql
def test_a_watcher_whose_session_is_ended_comes_again(here: Worker, there: Worker) -> None:
    """After the server ended its session, the watcher connects anew, forgets, and hears of changes again."""
    watcher = Watcher(here.database, here.directory)
    watcher.start()
    try:
        until(lambda: _end_who_listens(there))
        there.change("second")
        until(lambda: here.look() == "second" and _is_answered_on_the_loop(here))
    finally:
        watcher.stop()


def _end_who_listens(worker: Worker) -> int:
    """End the sessions whose last question was for the epoch, and say how many there were."""
    with worker.database.writing() as tx:
        ended = tx.exec_driver_sql(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid() AND starts_with(query, 'SELECT epoch')"
        )
        return int(ended.scalar_one())


def _is_answered_on_the_loop(worker: Worker) -> bool:
    return not _is_refused_on_the_loop(worker)


@on_sqlite
def test_names_are_told_apart(here: Worker) -> None:
    """An answer belongs to its query and its names, and to no other."""
    assert here.directory.find(_pair, "a", "b") == "a b"
    assert here.directory.find(_pair, "a b", "") == "a b "
    assert here.directory.find(_joined, "a", "b") == "ab"
    assert here.directory.without_waiting().find(_pair, "a", "b") == "a b"


def _pair(tx: Connection, one: str, other: str) -> str:
    return f"{one} {other}"


def _joined(tx: Connection, one: str, other: str) -> str:
    return one + other


def test_a_refusal_to_know_is_remembered_too(here: Worker, there: Worker) -> None:
    """That something is not there is an answer like any other: it is remembered, and it ends with a change."""
    assert here.directory.find(accounts.find_account, "10000002") is None
    assert here.directory.without_waiting().find(accounts.find_account, "10000002") is None
    with there.database.writing() as tx:
        accounts.save_account(tx, Account(ACCOUNT[:-1] + "9", 10_000_002, "Acme", "first", "open", NOW))
        bump_epoch(tx)
    here.listen()

    assert here.directory.find(accounts.find_account, "10000002") is not None
