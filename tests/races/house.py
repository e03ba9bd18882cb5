"""Who races over what the house does for itself: requests sent twice, leases, and its history?"""

import threading
from collections import Counter
from collections.abc import Generator

from keysteward.actions import audit, idempotency, keys, leases
from keysteward.actions.idempotency import Answer
from keysteward.rules.events import Erasure
from tests.cast import ADA, BO
from tests.forging import complaints, let_go, sealing_lease
from tests.peers.databases import rows
from tests.races.course import Came, Ground, Runner, race, taking_turns

Story = Generator[Runner, Came, None]


@race(idempotency.once)
def a_request_happens_once(on: Ground) -> Story:
    """A hundred requests with one key perform the deed once; whoever is answered hears the same, the rest try again."""
    performed: list[int] = []

    def send(number: int) -> Answer:
        def perform() -> Answer:
            performed.append(number)
            return Answer(201, {}, f"made by {number}".encode())

        return idempotency.once(on.demo, on.ada, "one key", "POST /things", perform, lambda: None)

    came = yield send

    assert len(performed) == 1
    assert {answer.body for answer in came.answers} == {f"made by {performed[0]}".encode()}
    assert set(came.refusals) <= {"idempotency-key-in-use"}


@race(leases.keep, leases.release)
def a_job_has_one_holder(on: Ground) -> Story:
    """A hundred workers who take the same jobs: each job has one holder, who knows it."""
    jobs = ("deliver", "seal", "settle", "tidy")
    leases.keep(on.demo, "first", jobs)
    leases.release(on.demo, "first")
    came = yield lambda number: (f"worker {number}", leases.keep(on.demo, f"worker {number}", jobs))

    holders = dict(rows(on.demo.database, "SELECT name, holder FROM leases"))
    held = [(job, holder) for holder, taken in came.answers for job in taken]
    assert sorted(held) == sorted(holders.items())
    assert (len(came.answers), sorted(holders)) == (100, sorted(jobs))


@race(audit.seal_events, audit.sign_checkpoint, audit.erase_person, keys.change)
def history_stays_one_chain(on: Ground) -> Story:
    """While deeds are done and a person is erased, whoever holds the lease seals and signs: the history verifies."""
    one_thread = threading.Lock()
    keys.change(on.demo, on.town.actor(BO), on.key, keys.Change(name="By Bo"))
    let_go(on.demo, BO.demo)
    lease = sealing_lease(on.demo)

    def seal(number: int) -> None:
        with one_thread:
            audit.seal_events(on.demo, lease, everything=number % 8 == 1)

    def sign(_: int) -> None:
        with one_thread:
            audit.sign_checkpoint(on.demo, lease, at_once=True)

    came = yield taking_turns(
        lambda number: keys.change(on.demo, on.ada, on.key, keys.Change(name=f"Name {number}")),
        seal,
        sign,
        lambda _: audit.erase_person(on.demo, Erasure(BO.email, (BO.first_name, BO.last_name)), ADA.email),
    )

    audit.seal_events(on.demo, lease, everything=True)
    assert (len(came.answers), came.refusals, complaints(on.demo)) == (100, Counter(), [])
    assert BO.email not in str(rows(on.demo.database, "SELECT actor, data FROM events"))
