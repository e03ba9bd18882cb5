"""Does one worker at a time hold a lease, and is whoever lost it told so?"""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from keysteward.actions.context import Context
from keysteward.store import leases
from keysteward.store.leases import Lease, LeaseLost, is_free
from keysteward.store.tables import leases as table
from tests.cast import START as NOW
from tests.racing import at_once

LIFE, SECOND, MINUTE = timedelta(seconds=5), timedelta(seconds=1), timedelta(minutes=1)


def take(ctx: Context, holder: str, after: timedelta = timedelta(0)) -> Lease | None:
    """Try to take the lease some time after the beginning."""
    with ctx.database.writing() as tx:
        return leases.take(tx, "seal", holder, NOW + after, NOW + after + LIFE)


def demand(ctx: Context, lease: Lease) -> bool:
    """Whether a holder is still believed."""
    try:
        with ctx.database.writing() as tx:
            leases.demand(tx, lease)
    except LeaseLost:
        return False
    return True


def test_one_of_a_hundred_takes_a_lease(demo: Context) -> None:
    """Whoever comes second finds it taken, on both databases."""
    taken, _ = at_once(lambda number: take(demo, f"worker {number}"))

    assert [lease.fence for lease in taken if lease] == [1]


def test_a_holder_keeps_it_as_long_as_it_likes(demo: Context) -> None:
    """Keeping one's own changes its end and not its fence, also after it ran out and nobody came."""
    ends = [take(demo, "first", after) for after in (0 * SECOND, 4 * SECOND, 60 * SECOND)]

    assert ends == [Lease("seal", "first", 1, NOW + after + LIFE) for after in (0 * SECOND, 4 * SECOND, 60 * SECOND)]


def test_it_passes_on_when_it_runs_out(demo: Context) -> None:
    """In its last moment it is held; at its end anybody may take it, and the fence rises."""
    first = take(demo, "first")
    assert take(demo, "second", LIFE - timedelta(microseconds=1)) is None
    second = take(demo, "second", LIFE)

    assert first is not None
    assert second == Lease("seal", "second", 2, NOW + 2 * LIFE)
    assert (demand(demo, first), demand(demo, second)) == (False, True)


def test_it_passes_on_when_it_is_given_back(demo: Context) -> None:
    """A clean stop makes nobody wait, and gives back nothing of others."""
    first = take(demo, "first")
    with demo.database.writing() as tx:
        leases.release(tx, "somebody else")
    assert take(demo, "second") is None
    with demo.database.writing() as tx:
        leases.release(tx, "first")

    assert first is not None
    assert not demand(demo, first)
    assert take(demo, "second") == Lease("seal", "second", 2, NOW + LIFE)


def test_a_lease_from_the_future_is_nobodys(demo: Context) -> None:
    """A machine whose clock was wrong and set back does not hold a job for a year; a few seconds are forgiven."""
    take(demo, "first", timedelta(days=365))
    assert take(demo, "second", timedelta(days=365) - LIFE) is None

    assert take(demo, "second") == Lease("seal", "second", 2, NOW + LIFE)


def test_nobody_takes_it_while_its_holder_writes(demo: Context) -> None:
    """From the demand to the end of the transaction the lease stays where it is, though it runs out meanwhile."""
    first = take(demo, "first")
    assert first is not None
    taken: list[Lease | None] = []
    other = threading.Thread(target=lambda: taken.append(take(demo, "second", LIFE)))
    with demo.database.writing() as tx:
        leases.demand(tx, first)
        other.start()
        other.join(0.2)
        assert taken == []
        holder = tx.execute(select(table.c.holder)).scalar_one()
    other.join(10)

    assert (holder, taken) == ("first", [Lease("seal", "second", 2, NOW + 2 * LIFE)])


@pytest.mark.parametrize(
    ("lease", "expected"),
    [
        pytest.param(None, True, id="never taken"),
        pytest.param(Lease("seal", "", 3, NOW + LIFE), True, id="given back"),
        pytest.param(Lease("seal", "first", 3, NOW + LIFE), False, id="held"),
        pytest.param(Lease("seal", "first", 3, NOW), True, id="run out"),
        pytest.param(Lease("seal", "first", 3, NOW + MINUTE), False, id="as long as may be"),
        pytest.param(Lease("seal", "first", 3, NOW + MINUTE + SECOND), True, id="from the future"),
    ],
)
def test_a_look_says_what_taking_would(demo: Context, lease: Lease | None, expected: bool) -> None:
    """Whoever looks first finds the same as whoever takes."""
    if lease is not None:
        with demo.database.writing() as tx:
            tx.execute(table.insert().values(lease._asdict()))

    assert is_free(lease, NOW) == expected
    assert (take(demo, "second") is not None) == expected
