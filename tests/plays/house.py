"""How is each deed played that keeps the house itself in order?"""

from keysteward.actions import audit, evidence, housekeeping, idempotency, leases, signin
from keysteward.actions.idempotency import Answer
from keysteward.rules.events import Erasure
from tests.cast import ADA, PASSWORD, SAM
from tests.forging import let_go, sealing_lease
from tests.plays.stage import Play, Scene, Stage, Told


# ── the house itself ────────────────────────────────────────────────────────────────────────────────────────────────
def erase_person(on: Stage) -> Scene:
    """Somebody is erased from the history."""
    let_go(on.demo, ADA.demo)
    told = Told("PersonErased", "operator", "", "")
    return Scene(on.demo, lambda: audit.erase_person(on.demo, Erasure(ADA.email), "operator"), told)


def seal(on: Stage) -> Scene:
    """Events get their seals."""
    lease = sealing_lease(on.demo)
    return Scene(on.demo, lambda: audit.seal_events(on.demo, lease, everything=True), None)


def sign(on: Stage) -> Scene:
    """The chain is signed."""
    lease = sealing_lease(on.demo)
    audit.seal_events(on.demo, lease, everything=True)
    return Scene(on.demo, lambda: audit.sign_checkpoint(on.demo, lease, at_once=True), None)


def keep_lease(on: Stage) -> Scene:
    """A job is taken."""
    return Scene(on.demo, lambda: leases.keep(on.demo, "holder", ["seal"]), None)


def release_lease(on: Stage) -> Scene:
    """A job is given back."""
    leases.keep(on.demo, "holder", ["seal"])
    return Scene(on.demo, lambda: leases.release(on.demo, "holder"), None)


def tidy_up(on: Stage) -> Scene:
    """A session that expired is forgotten."""
    signin.sign_in(on.demo, SAM.email, PASSWORD)
    on.town.clock.advance(days=100)
    return Scene(on.demo, lambda: housekeeping.forget_what_expired(on.demo), None)


def sum_calls(on: Stage) -> Scene:
    """A call is summed."""
    on.town.call(on.made, 1)
    evidence.sum_calls(on.demo)
    on.town.clock.advance(minutes=15)
    return Scene(on.demo, lambda: evidence.sum_calls(on.demo), None)


def forget_calls(on: Stage) -> Scene:
    """A call is forgotten."""
    sum_calls(on)
    evidence.sum_calls(on.demo)
    on.town.clock.advance(days=200)
    return Scene(on.demo, lambda: evidence.forget_old_calls(on.demo), None)


def forget_hours(on: Stage) -> Scene:
    """An hour is forgotten."""
    sum_calls(on)
    evidence.sum_calls(on.demo)
    on.town.clock.advance(days=500)
    return Scene(on.demo, lambda: evidence.forget_old_hours(on.demo), None)


def once(on: Stage) -> Scene:
    """A request with an idempotency key."""
    answer = Answer(204, {}, b"")
    return Scene(
        on.demo, lambda: idempotency.once(on.demo, on.ada, "key", "request", lambda: answer, lambda: None), None
    )


DEEDS: tuple[tuple[str, Play], ...] = (("audit.erase_person", erase_person),)

SILENT: tuple[tuple[str, str, Play], ...] = (
    ("idempotency._claim", "the deed that it guards is the event", once),
    ("idempotency.once", "the deed that it guards is the event", once),
    ("housekeeping.forget_what_expired", "nobody could use any of it", tidy_up),
    ("evidence.sum_calls", "what calls were stays as it was", sum_calls),
    ("evidence.forget_old_calls", "the policy that says so has its event", forget_calls),
    ("evidence.forget_old_hours", "the policy that says so has its event", forget_hours),
    ("leases.keep", "who does a job changes nothing of what is done", keep_lease),
    ("leases.release", "who does a job changes nothing of what is done", release_lease),
    ("audit.seal_events", "a seal is about events, and one of its own would need another", seal),
    ("audit.sign_checkpoint", "a checkpoint is about events, and one of its own would need another", sign),
)
