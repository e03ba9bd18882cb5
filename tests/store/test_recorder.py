"""Is a call durable once its future is done, and does every waiter hear of it?"""

import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keysteward.rules.calls import Call
from keysteward.rules.refusals import NOT_RECORDED
from keysteward.store import golive
from keysteward.store.database import Connection, Database
from keysteward.store.recorder import Outcome, Recorder, RecorderFull
from tests.cast import refused
from tests.peers.databases import rows
from tests.rules.examples import KEY, NOW, a_call
from tests.store.conftest import Opening


@pytest.fixture
def recorder(database: Database) -> Iterator[Recorder]:
    """A recorder of that database."""
    recorder = Recorder(database)
    yield recorder
    recorder.close()


def call(number: int) -> Call:
    """A call that can be told from others."""
    return a_call(trace=str(number))


def traces(database: Database) -> list[str]:
    """The recorded calls in their sequence."""
    return [row[0] for row in rows(database, "SELECT trace FROM calls ORDER BY sequence")]


@contextmanager
def held(database: Database) -> Iterator[Connection]:
    """Let no call be committed until the block ends."""
    with database.writing() as tx:
        if not database.is_sqlite:
            tx.exec_driver_sql("LOCK TABLE calls, outcomes IN ACCESS EXCLUSIVE MODE")
        yield tx


def break_the_table(tx: Connection) -> None:
    """Let every insert of a call fail."""
    tx.exec_driver_sql("ALTER TABLE calls RENAME TO lost")


def mend_the_table(database: Database) -> None:
    """Let inserts succeed again."""
    with database.writing() as tx:
        tx.exec_driver_sql("ALTER TABLE lost RENAME TO calls")


def test_a_call_comes_back_as_it_was(database: Database, recorder: Recorder) -> None:
    """Every fact of a call is kept, and the database gives it its sequence number."""
    given_call = a_call(
        at=NOW.replace(microsecond=123_456), method="GET", url="/a?b=…&c=%22", status=404, error_code="X",
        countable=False, polled=True, why_not="it's not \"countable\"", sdk="Pythön\n\t☃", trace="t",
    )  # fmt: skip
    recorder.record(given_call).result(10)

    with database.reading() as tx:
        (kept,) = golive.list_newest_calls(tx, KEY, 10)
    assert kept == replace(given_call, sequence=1)


def test_a_call_is_durable_once_its_future_is_done(database: Database, recorder: Recorder) -> None:
    """Whoever was told that a call is recorded finds it committed."""
    for number in range(20):
        recorder.record(call(number)).result(10)
        assert traces(database)[-1:] == [str(number)]


def test_nothing_is_told_before_the_commit(database: Database, recorder: Recorder) -> None:
    """While the database cannot commit, no future is done."""
    with held(database):
        waiting = [recorder.record(call(number)) for number in range(10)]
        time.sleep(0.1)
        assert [done.done() for done in waiting] == [False] * 10
    for done in waiting:
        done.result(10)

    assert traces(database) == [str(number) for number in range(10)]


def test_sequence_follows_the_queue(database: Database, recorder: Recorder) -> None:
    """Calls are numbered in the order they were handed over, across batches."""
    waiting = [recorder.record(call(number)) for number in range(3_000)]
    for done in waiting:
        done.result(10)

    assert traces(database) == [str(number) for number in range(3_000)]


def test_calls_of_many_threads_are_all_kept(database: Database, recorder: Recorder) -> None:
    """Of 32 callers at once, each with calls of its own, none loses one or gets it twice."""

    def caller(which: int) -> None:
        for number in range(25):
            recorder.record(call(which * 100 + number)).result(10)

    threads = [threading.Thread(target=caller, args=(which,)) for which in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert sorted(map(int, traces(database))) == [which * 100 + number for which in range(32) for number in range(25)]


def test_every_waiter_of_a_batch_hears_of_its_failure(database: Database, recorder: Recorder) -> None:
    """A batch that cannot be committed fails for all who wait for it, and leaves nothing behind."""
    with held(database) as tx:
        break_the_table(tx)
        waiting = [recorder.record(call(number)) for number in range(50)]
    for done in waiting:
        with refused(NOT_RECORDED):
            done.result(10)

    mend_the_table(database)
    assert traces(database) == []


def test_a_failure_is_not_the_end(database: Database, recorder: Recorder) -> None:
    """After a batch that failed the next one is recorded."""
    with held(database) as tx:
        break_the_table(tx)
    with refused(NOT_RECORDED):
        recorder.record(call(1)).result(10)
    mend_the_table(database)
    recorder.record(call(2)).result(10)

    assert traces(database) == ["2"]


def test_a_full_queue_refuses(database: Database, recorder: Recorder) -> None:
    """Memory holds a bounded number of waiting calls; whoever comes then is refused at once, and the others served."""
    waiting: list[Future[Mapping[str, str]]] = []

    def fill() -> None:
        for number in range(20_000):
            waiting.append(recorder.record(call(number)))  # noqa: PERF401 — what was accepted before the refusal counts

    with held(database), pytest.raises(RecorderFull):
        fill()
    for done in waiting:
        done.result(30)

    assert 10_000 <= len(waiting) <= 11_001
    assert traces(database) == [str(number) for number in range(len(waiting))]


def test_an_outcome_never_refuses(database: Database, recorder: Recorder) -> None:
    """How a call ended is best effort: with a full queue it is dropped without a word."""
    with held(database):
        for number in range(12_000):
            recorder.complete(Outcome(str(number), 1, 2, 3, completed=True))


def test_a_waiter_that_left_does_no_harm(database: Database, recorder: Recorder) -> None:
    """A caller who gives up takes nobody along: it is still recorded, and those beside and after it are told."""
    with held(database):
        waiting = [recorder.record(call(number)) for number in range(3)]
        assert not waiting[1].cancel()
    for done in waiting:
        done.result(10)
    recorder.record(call(3)).result(10)

    assert traces(database) == ["0", "1", "2", "3"]


def test_a_waiter_that_left_a_failing_batch_does_no_harm(database: Database, recorder: Recorder) -> None:
    """The recorder lives on where a caller gave up on a batch that then failed."""
    with held(database) as tx:
        break_the_table(tx)
        waiting = [recorder.record(call(number)) for number in range(2)]
        waiting[0].cancel()
    with refused(NOT_RECORDED):
        waiting[1].result(10)
    mend_the_table(database)
    recorder.record(call(2)).result(10)

    assert traces(database) == ["2"]


def test_a_call_that_breaks_the_table_s_rules_is_not_told_to_be_kept(database: Database, recorder: Recorder) -> None:
    """A row that the table refuses fails for its waiter; it is never passed over in silence."""
    broken = a_call(url=None)
    with refused(NOT_RECORDED):
        recorder.record(broken).result(10)

    assert traces(database) == []


def test_closing_writes_what_waits(database: Database) -> None:
    """Every call that was accepted before the recorder closed is durable when it has closed."""
    recorder = Recorder(database)
    waiting = [recorder.record(call(number)) for number in range(2_500)]
    recorder.close()

    assert all(done.done() and done.exception() is None for done in waiting)
    assert traces(database) == [str(number) for number in range(2_500)]


def test_a_closed_recorder_leaves_nobody_waiting(database: Database) -> None:
    """Whoever comes after the end is refused, and does not wait for ever."""
    recorder = Recorder(database)
    recorder.close()

    with pytest.raises(RecorderFull):
        recorder.record(call(1))


def test_an_outcome_is_kept_once(database: Database, recorder: Recorder) -> None:
    """How a call ended is written beside it; a second word on the same call changes nothing."""
    recorder.complete(Outcome("t", 1_500, 10, 20, completed=True))
    recorder.complete(Outcome("t", 9_999, 0, 0, completed=False))
    recorder.record(call(1)).result(10)

    assert rows(database, "SELECT * FROM outcomes") == [("t", 1_500, 10, 20, True)]


@pytest.fixture(scope="module")
def shared(blank: Opening) -> Iterator[tuple[Database, Recorder]]:
    """A recorder for many examples."""
    with blank() as database:
        recorder = Recorder(database)
        yield database, recorder
        recorder.close()


texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30)  # SQLite's JSON ends a text at NUL


@given(texts, texts)
def test_any_text_is_kept(shared: tuple[Database, Recorder], url: str, sdk: str) -> None:
    """Whatever a client put into its address or name, the call is recorded with it and no other suffers."""
    database, recorder = shared
    beside = recorder.record(call(1))
    recorder.record(a_call(url=url, sdk=sdk)).result(10)
    beside.result(10)

    with database.reading() as tx:
        (kept,) = golive.list_newest_calls(tx, KEY, 1)
    assert (kept.url, kept.sdk) == (url, sdk)
