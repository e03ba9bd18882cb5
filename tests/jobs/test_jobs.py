"""Is what an environment does by itself done by one worker, whoever comes, stops or dies?"""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from keysteward.actions import golive, keys, promotion
from keysteward.actions.context import Context
from keysteward.assembly import close
from keysteward.jobs import JOBS, Jobs
from keysteward.store.database import Database
from keysteward.store.leases import Lease, list_leases
from keysteward.store.tables import checkpoints
from tests.cast import ADA, Made, Town
from tests.forging import complaints, verified
from tests.peers.databases import moved, on_both
from tests.polling import until

Start = Callable[[Context], Jobs]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start workers, each with connections of its own; they are stopped after the test."""
    running: list[tuple[Jobs, Context]] = []

    def begin(ctx: Context) -> Jobs:
        own = moved(ctx, Database(ctx.database.url.render_as_string(hide_password=False)))
        running.append((Jobs(own), own))
        running[-1][0].start()
        return running[-1][0]

    yield begin
    for jobs, own in running:
        jobs.stop()
        close(own)


def all_sealed(ctx: Context) -> bool:
    """Whether no event waits for its seal."""
    return verified(ctx).tail.unsealed == 0


def signed(ctx: Context) -> int:
    """How many checkpoints there are."""
    with ctx.database.reading() as tx:
        return int(tx.execute(select(func.count()).select_from(checkpoints)).scalar_one())


def held(ctx: Context) -> dict[str, Lease]:
    """Who holds which job."""
    with ctx.database.reading() as tx:
        return {name: lease for name, lease in list_leases(tx).items() if lease.holder}


def die(jobs: Jobs) -> None:
    """End a worker as kill -9 does: nothing is finished, nothing given back."""
    jobs._stop.set()
    for thread in jobs._threads:
        thread.join()
    jobs._threads = []


@on_both
def test_everything_is_sealed_and_signed(town: Town, demo: Context, made: Made, start: Start) -> None:
    """What was there and what comes gets its seal, with a first checkpoint at once."""
    start(demo)
    until(lambda: all_sealed(demo))
    until(lambda: signed(demo))
    keys.stop(demo, town.actor(ADA), made.key)
    until(lambda: all_sealed(demo))

    assert (complaints(demo), signed(demo)) == ([], 1)


@on_both
def test_a_clean_stop_signs_what_is_left(town: Town, demo: Context, made: Made, start: Start) -> None:
    """The last event before the end is sealed and signed, no lease is held, and whoever comes next begins at once."""
    jobs = start(demo)
    until(lambda: signed(demo))
    keys.stop(demo, town.actor(ADA), made.key)
    jobs.stop()
    verdict = verified(demo)

    assert verdict.newest is not None
    assert (verdict.newest.number, verdict.newest.position, held(demo)) == (2, verdict.events, {})
    keys.start(demo, town.actor(ADA), made.key)
    start(demo)
    until(lambda: all_sealed(demo))
    assert complaints(demo) == []


@on_both
def test_the_last_one_out_seals(town: Town, demo: Context, made: Made, start: Start) -> None:
    """What happens after the sealer stopped is sealed and signed by whoever stops last, without waiting for a lease."""
    workers = [start(demo), start(demo)]
    until(lambda: signed(demo))
    holder = held(demo)["seal"].holder
    workers.sort(key=lambda jobs: jobs._holder != holder)
    workers[0].stop()
    keys.stop(demo, town.actor(ADA), made.key)
    workers[1].stop()
    verdict = verified(demo)

    assert verdict.newest is not None
    assert (verdict.tail.unsealed, verdict.newest.position, held(demo)) == (0, verdict.events, {})


def test_stopping_twice_or_unstarted_does_nothing(demo: Context) -> None:
    """A house that never opened, or closed already, has nothing to finish."""
    jobs = Jobs(demo)
    jobs.stop()
    jobs.start()
    jobs.stop()
    jobs.stop()

    assert held(demo) == {}


@on_both
def test_of_four_workers_each_job_has_one(town: Town, demo: Context, made: Made, start: Start) -> None:
    """Every job is held by one of them; when that one stops, another takes over, and no event is sealed twice."""
    workers = [start(demo) for _ in range(4)]
    wanted = {job.name for job in JOBS if "demo" in job.environments}
    until(lambda: held(demo).keys() == wanted, 60)  # a thread for each job of each worker
    while workers:
        holder = held(demo)["seal"].holder
        first = next(jobs for jobs in workers if jobs._holder == holder)
        first.stop()
        workers.remove(first)
        keys.change(demo, town.actor(ADA), made.key, keys.Change(name=f"{len(workers)} left"))
        if workers:
            until(lambda: all_sealed(demo) and "seal" in held(demo), 60)

    assert (complaints(demo), verified(demo).tail.unsealed, held(demo)) == ([], 1, {})


@on_both
def test_a_dead_worker_is_followed(town: Town, demo: Context, made: Made, start: Start) -> None:
    """While its lease lasts nobody seals; when it has run out by the machine's clock, another does."""
    first = start(demo)
    until(lambda: signed(demo))
    die(first)
    keys.stop(demo, town.actor(ADA), made.key)
    second = start(demo)
    until(lambda: second._threads)
    assert held(demo)["seal"].holder == first._holder
    town.clock.advance(seconds=6)
    until(lambda: all_sealed(demo))

    assert held(demo)["seal"].holder == second._holder
    assert complaints(demo) == []


def test_a_twin_whose_clock_is_moved_keeps_its_leases(town: Town, demo: Context, made: Made, start: Start) -> None:
    """Years pass in the twin, none on the machine: the same worker goes on, forwards and backwards."""
    machine = replace(demo, machine_clock=lambda: 1_800_000_000.0)
    jobs = start(machine)
    for days in (400, -800):
        until(lambda: all_sealed(demo))
        town.clock.advance(days=days)
        keys.change(demo, town.actor(ADA), made.key, keys.Change(name=f"{days} days"))
    until(lambda: all_sealed(demo))

    assert (held(demo)["seal"].holder, held(demo)["seal"].fence) == (jobs._holder, 1)
    assert complaints(demo) == []


@on_both
def test_reviews_are_settled_and_receipts_delivered(town: Town, made: Made, start: Start) -> None:
    """Nobody has to ask: the verdict comes, and demo learns that the key is live once the wire is whole again."""
    start(town.demo)
    start(town.production)
    town.call(made, town.demo.policy.calls_needed)
    review = golive.start_review(town.demo, town.actor(ADA), made.key)
    town.clock.advance(seconds=1)
    until(lambda: golive.load_review(town.demo, town.actor(ADA), made.key, review.id)[1].verdict == "passed")
    handle = town.present(made)
    promotion.open_promotion(town.production, handle)
    town.wire_is_cut = True
    town.promote(handle)
    until(lambda: all_sealed(town.production))
    assert keys.view(town.demo, town.actor(ADA), made.key).app.live_at is None
    town.wire_is_cut = False

    until(lambda: keys.view(town.demo, town.actor(ADA), made.key).app.live_at is not None, 60)  # it pauses up to 30 s
    until(lambda: all_sealed(town.demo) and all_sealed(town.production))
    assert (complaints(town.demo), complaints(town.production)) == ([], [])
