"""Does the tally of issued tokens lose nothing, keep its bounds, and hold nobody up?"""

from collections.abc import Iterator

import pytest

from keysteward.actions.context import Context
from keysteward.rules.usage import OTHERS, Asker, Use, asker
from keysteward.store.usage import Tally
from tests.cast import START
from tests.peers.databases import rows
from tests.polling import until
from tests.racing import at_once

SECONDS = int(START.timestamp())
USE = Use("key", "credential", "user", "jwt", Asker("192.0.2.1", "agent", "sdk"), SECONDS // 3_600)


@pytest.fixture
def tally(demo: Context) -> Iterator[Tally]:
    """A tally of three uses at a time."""
    tally = Tally(demo.database, most=3)
    yield tally
    tally.close()


def counts(ctx: Context) -> dict[str, int]:
    """How many tokens each user got."""
    query = 'SELECT "user", sum(tokens) FROM token_uses GROUP BY "user"'
    return {user: int(count) for user, count in rows(ctx.database, query)}


def test_nothing_is_lost_when_many_count_at_once(demo: Context) -> None:
    """A hundred threads that count a hundred tokens each: all ten thousand are there, under the latest second."""
    tally = Tally(demo.database)

    def count(number: int) -> None:
        for second in range(100):
            tally.note(USE._replace(user=f"user {number % 7}"), SECONDS + second)

    at_once(count, 100)
    tally.close()

    assert sum(counts(demo).values()) == 10_000
    assert rows(demo.database, "SELECT max(last_at) FROM token_uses") == [((SECONDS + 99) * 1_000_000,)]


def test_it_is_written_without_being_asked(demo: Context, tally: Tally) -> None:
    """Soon after it was counted, and again what came later."""
    tally.note(USE, SECONDS)
    until(lambda: counts(demo) == {"user": 1})
    tally.note(USE, SECONDS - 5)
    until(lambda: counts(demo) == {"user": 2})

    assert rows(demo.database, "SELECT last_at FROM token_uses") == [(SECONDS * 1_000_000,)]


def test_memory_is_bounded(demo: Context, tally: Tally) -> None:
    """While it cannot be written, what is beyond the bound is counted together, and nothing is lost."""
    with demo.database.writing() as tx:
        tx.exec_driver_sql("ALTER TABLE token_uses RENAME TO gone")
    for number in range(10):
        tally.note(USE._replace(user=f"user {number}"), SECONDS)
    assert len(tally._counts) <= 4

    with demo.database.writing() as tx:
        tx.exec_driver_sql("ALTER TABLE gone RENAME TO token_uses")
    until(lambda: sum(counts(demo).values()) == 10)
    assert counts(demo)[OTHERS] >= 6


def test_what_was_counted_is_written_at_the_end(demo: Context) -> None:
    """An orderly stop waits for nothing else."""
    tally = Tally(demo.database)
    for number in range(2_500):
        tally.note(USE._replace(user=f"user {number}"), SECONDS)
    tally.close()

    assert len(counts(demo)) == 2_500


def test_a_program_is_kept_in_plain_words(demo: Context) -> None:
    """Whatever a client says of itself can be kept in both databases."""
    tally = Tally(demo.database)
    tally.note(USE._replace(asker=asker("192.0.2.1", "\x00 ü \n" + "a" * 5_000, "")), SECONDS)
    tally.close()

    ((agent,),) = rows(demo.database, "SELECT agent FROM token_uses")
    assert (agent[:5], len(agent)) == ("? ? ?", 200)
