"""Who races over long work: whoever asks, cancels and takes along, and the jobs that do it?"""

from collections import Counter
from collections.abc import Generator

from keysteward.actions import leases, working, works
from keysteward.rules.audit_log import Question, Scope
from keysteward.rules.custody.what_if import Change
from tests.approving import OLIVE, employ
from tests.cast import ACME, BO, CY, ORGANIZATION, SAM
from tests.peers.databases import rows
from tests.races.course import Came, Ground, Runner, events_of, race, taking_turns

Story = Generator[Runner, Came, None]

QUESTION = Question(Scope(ACME.demo))
LEAVER = [Change("leaves", BO.email)]


@race(
    works.ask_audit_export, works.ask_verification, works.ask_custody_audit, works.ask_own_export, works.ask_export,
    works.ask_what_if, works.ask_what_if_of_organization,
)  # fmt: skip
def one_of_a_kind_at_a_time(on: Ground) -> Story:
    """A hundred ask for seven things: each person has one of a kind under way, and all who ask are led to it."""
    employ(on.town)
    cy, olive, sam = on.town.actor(CY), on.town.actor(OLIVE), on.town.actor(SAM)
    came = yield taking_turns(
        lambda _: works.ask_audit_export(on.demo, on.ada, QUESTION),
        lambda _: works.ask_what_if(on.demo, on.ada, ACME.demo, LEAVER),
        lambda _: works.ask_custody_audit(on.demo, cy, ORGANIZATION["demo"]),
        lambda _: works.ask_what_if_of_organization(on.demo, cy, ORGANIZATION["demo"], LEAVER),
        lambda _: works.ask_verification(on.demo, olive),
        lambda _: works.ask_export(on.demo, olive, SAM.demo),
        lambda _: works.ask_own_export(on.demo, sam),
    )

    assert (len(came.answers), came.refusals) == (100, Counter())
    assert (len({each.work.id for each in came.answers}), sum(each.is_new for each in came.answers)) == (7, 7)
    assert rows(on.demo.database, "SELECT count(*) FROM works") == [(7,)]
    assert (events_of(on.demo, "WorkAsked"), events_of(on.demo, "PersonExported")) == (5, 2)


@race(works.cancel, works.take, working.do_next)
def work_ends_once(on: Ground) -> Story:
    """Two jobs do it while it is cancelled and taken along: it ends once, and is taken only when it is done."""
    work = works.ask_audit_export(on.demo, on.ada, QUESTION).work
    held = leases.keep(on.demo, "a worker", ["work", "work-2"])
    came = yield taking_turns(
        lambda number: working.do_next(on.demo, held["work" if number % 2 else "work-2"]),
        lambda number: works.cancel(on.demo, on.ada, work.id) if number > 50 else works.view(on.demo, on.ada, work.id),
        lambda _: works.take(on.demo, on.ada, work.id),
    )

    assert set(came.refusals) <= {"no-such-object"}
    ended = works.view(on.demo, on.ada, work.id)
    taken = events_of(on.demo, "AuditExported")
    assert ended.ending in {"done", "cancelled"}
    assert events_of(on.demo, "WorkCancelled") == (ended.ending == "cancelled")
    assert taken <= sum(isinstance(each, tuple) for each in came.answers)
    if ended.ending == "cancelled":
        assert (taken, rows(on.demo.database, "SELECT count(*) FROM work_pieces")) == (0, [(0,)])
