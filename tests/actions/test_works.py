"""Does long work come to its end, whoever leaves or dies meanwhile, and is what came of it for whoever asked alone?"""

import csv
import io
import json
from datetime import timedelta

import pytest

from keysteward.actions import housekeeping, leases, leavers, works
from keysteward.actions.doing import Doing
from keysteward.actions.leases import LeaseLost
from keysteward.actions.working import do_next
from keysteward.rules.audit_log import Question, Scope
from keysteward.rules.custody.what_if import Change
from keysteward.rules.refusals import FRESH_SIGN_IN_NEEDED, NO_SUCH_OBJECT, NO_SUCH_ORGANIZATION, NOT_AN_OPERATOR
from keysteward.rules.works import KEPT, MOST_TRIES, Stopped, Work, status
from keysteward.store import works as kept
from keysteward.store.leases import Lease
from tests.approving import OLIVE, employ
from tests.cast import ACME, ADA, BO, CY, ORGANIZATION, SAM, Made, Town, refused
from tests.forging import seal_all
from tests.peers.databases import rows

QUESTION = Question(Scope(ACME.demo))


def lease(town: Town, way: str = "work", holder: str = "a worker") -> Lease:
    """A job of long work."""
    return leases.keep(town.demo, holder, [way])[way]


def done(town: Town, work: Work) -> Work:
    """The work after the job did it."""
    do_next(town.demo, lease(town))
    with town.demo.database.reading() as tx:
        found = kept.find(tx, work.id)
    assert found is not None
    return found


def taken(town: Town, work: Work, by: object = ADA) -> str:
    """What came of it, as a text."""
    _, pieces = works.take(town.demo, town.actor(by), work.id)  # type: ignore[arg-type]
    return b"".join(pieces).decode()


# ── the kinds ───────────────────────────────────────────────────────────────────────────────────────────────────────
def test_an_export_holds_every_event(town: Town, made: Made) -> None:
    """Newest first, as the direct download has them; taking it along is an event, asking for it another."""
    work = works.ask_audit_export(town.demo, town.actor(ADA), QUESTION).work
    assert status(work, town.demo.now) == "waiting"
    ended = done(town, work)
    found = list(csv.DictReader(io.StringIO(taken(town, work))))

    assert (ended.ending, ended.done, ended.size > 0) == ("done", ended.total, True)
    assert ended.says == (f"{len(found)} events, newest first.",)
    assert [row["kind"] for row in found][-2:] == ["UserAdded", "AccountOpened"] or found[-1]["kind"] == "AccountOpened"
    told = rows(town.demo.database, "SELECT name FROM events WHERE name IN ('AuditExported', 'WorkAsked')")
    assert sorted(name for (name,) in told) == ["AuditExported", "WorkAsked"]


def test_a_verification_says_what_it_found(town: Town, made: Made) -> None:
    """Every event, once it is sealed."""
    employ(town)
    seal_all(town.demo)
    ended = done(town, works.ask_verification(town.demo, town.actor(OLIVE)).work)

    assert ended.says[0] == "Nothing was changed, put in or taken out."
    assert "events verified." in ended.says[1]
    assert taken(town, ended, OLIVE).splitlines()[1:] == list(ended.says)


def test_a_complete_custody_audit_names_every_finding(town: Town, made: Made) -> None:
    """After everything was judged anew, for an admin of the organization."""
    ended = done(town, works.ask_custody_audit(town.demo, town.actor(CY), ORGANIZATION["demo"]).work)
    found = list(csv.DictReader(io.StringIO(taken(town, ended, CY))))

    assert (ended.ending, ended.done) == ("done", ended.total)
    assert {row["status"] for row in found} <= {"open", "accepted"}
    assert "account judged" in ended.says[0] or "accounts judged" in ended.says[0]


def test_what_if_is_asked_of_an_account_and_of_an_organization(town: Town, made: Made) -> None:
    """Both name the keys that would be worse off, and who is not known."""
    changes = [Change("leaves", ADA.email), Change("leaves", BO.email), Change("leaves", "nobody@acme.example")]
    own = works.ask_what_if(town.demo, town.actor(ADA), ACME.demo, changes).work
    whole = works.ask_what_if_of_organization(town.demo, town.actor(CY), ORGANIZATION["demo"], changes).work
    done(town, own)
    done(town, whole)
    of_account, of_organization = (
        [(row["key"], row["effect"]) for row in csv.DictReader(io.StringIO(taken(town, work, by)))]
        for work, by in ((own, ADA), (whole, CY))
    )

    assert (made.key in {key for key, _ in of_account}, ("", "unknown") in of_account) == (True, True)
    assert of_organization == of_account


def test_an_export_of_a_person_is_all_that_is_held(town: Town, made: Made) -> None:
    """For themselves with their request log, for an operator without; it is a document either way."""
    employ(town)
    own = done(town, works.ask_own_export(town.demo, town.actor(SAM)).work)
    other = done(town, works.ask_export(town.demo, town.actor(OLIVE), SAM.demo).work)
    mine, theirs = json.loads(taken(town, own, SAM)), json.loads(taken(town, other, OLIVE))

    assert (mine["user"], theirs["user"]) == (SAM.demo, SAM.demo)
    assert ("request_log" in mine, "request_log" in theirs) == (True, False)


# ── one's own ───────────────────────────────────────────────────────────────────────────────────────────────────────
def test_who_asks_again_is_led_to_what_is_under_way(town: Town, made: Made) -> None:
    """One of a kind at a time; once it is over, the next one is new."""
    first = works.ask_audit_export(town.demo, town.actor(ADA), QUESTION)
    again = works.ask_audit_export(town.demo, town.actor(ADA), QUESTION._replace(kind="KeyCreated"))
    assert (again.work.id, first.is_new, again.is_new) == (first.work.id, True, False)
    done(town, first.work)

    assert works.ask_audit_export(town.demo, town.actor(ADA), QUESTION).is_new


def test_nobody_else_finds_or_takes_it(town: Town, made: Made) -> None:
    """Another admin of the account neither."""
    work = done(town, works.ask_audit_export(town.demo, town.actor(ADA), QUESTION).work)
    bo = town.actor(BO)

    assert (works.list_works(town.demo, bo), len(works.list_works(town.demo, town.actor(ADA)))) == ([], 1)
    for deed in (works.view, works.take, works.cancel):
        with refused(NO_SUCH_OBJECT):
            deed(town.demo, bo, work.id)


def test_who_may_not_any_more_gets_nothing(town: Town, made: Made) -> None:
    """What one could see when asking is asked again when it is done, and when it is taken along."""
    employ(town)
    ended = done(town, works.ask_verification(town.demo, town.actor(OLIVE)).work)
    asked = works.ask_custody_audit(town.demo, town.actor(CY), ORGANIZATION["demo"]).work
    with town.demo.database.writing() as tx:
        tx.exec_driver_sql("DELETE FROM operators")
        tx.exec_driver_sql("DELETE FROM organization_admins")

    with refused(NOT_AN_OPERATOR):
        works.take(town.demo, town.actor(OLIVE), ended.id)
    refused_one = done(town, asked)
    assert (refused_one.ending, refused_one.says[0]) == ("refused", NO_SUCH_ORGANIZATION.sentence)
    town.clock.advance(hours=3)


def test_an_export_of_a_person_is_taken_by_who_signed_in_lately(town: Town, made: Made) -> None:
    """As the direct download asks it."""
    work = done(town, works.ask_own_export(town.demo, town.actor(SAM)).work)
    sam = town.actor(SAM)
    town.clock.advance(hours=12)

    with refused(FRESH_SIGN_IN_NEEDED):
        works.take(town.demo, sam, work.id)


def test_who_left_gets_nothing(town: Town, made: Made) -> None:
    """Work of somebody who may not sign in any more is refused."""
    work = works.ask_audit_export(town.demo, town.actor(BO), QUESTION).work
    leavers.report(town.demo, leavers.Operating("Olga"), BO.demo, "Left.")

    assert (done(town, work).ending, done(town, work).size) == ("refused", 0)


# ── its end ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_it_is_kept_for_a_day(town: Town, made: Made) -> None:
    """Then nobody takes it any more, and a while later nothing of it is left."""
    work = done(town, works.ask_audit_export(town.demo, town.actor(ADA), QUESTION).work)
    town.clock.advance(seconds=KEPT.total_seconds())
    assert status(works.view(town.demo, town.actor(ADA), work.id), town.demo.now) == "gone"
    with refused(NO_SUCH_OBJECT):
        works.take(town.demo, town.actor(ADA), work.id)
    town.clock.advance(seconds=1)
    housekeeping.forget_what_expired(town.demo)

    assert works.list_works(town.demo, town.actor(ADA)) == []
    assert rows(town.demo.database, "SELECT count(*) FROM work_pieces") == [(0,)]


def test_what_came_of_it_lies_sealed(town: Town, made: Made) -> None:
    """Whoever reads the database alone reads none of it."""
    done(town, works.ask_audit_export(town.demo, town.actor(ADA), QUESTION).work)
    ((piece,),) = rows(town.demo.database, "SELECT piece_sealed FROM work_pieces")

    assert ADA.email.encode() not in bytes(piece)


def test_cancelling_stops_it_wherever_it_is(town: Town, made: Made) -> None:
    """Nothing is kept of it, and whoever does it is told when they say how far they are."""
    work = works.ask_audit_export(town.demo, town.actor(ADA), QUESTION).work
    with town.demo.database.writing() as tx:
        claimed = kept.claim_next(tx, "work", town.demo.now)
    assert claimed is not None
    doing = Doing(town.demo, lease(town), claimed)
    doing.keep([b"x" * 300_000])
    works.cancel(town.demo, town.actor(ADA), work.id)

    with pytest.raises(Stopped):
        doing.tell(1, 1)
    with pytest.raises(Stopped):
        doing.keep([b"y"])
    assert rows(town.demo.database, "SELECT count(*) FROM work_pieces") == [(0,)]
    assert works.cancel(town.demo, town.actor(ADA), work.id).ending == "cancelled"
    assert not do_next(town.demo, lease(town))


def test_what_a_dead_worker_left_is_begun_again(town: Town, made: Made) -> None:
    """By whoever has its way next; what the dead one kept is gone, and if it lives after all it writes nothing."""
    work = works.ask_audit_export(town.demo, town.actor(ADA), QUESTION).work
    old = lease(town)
    with town.demo.database.writing() as tx:
        claimed = kept.claim_next(tx, "work", town.demo.now)
    assert claimed is not None
    dead = Doing(town.demo, old, claimed)
    dead.keep([b"x" * 300_000])
    leases.release(town.demo, "a worker")
    new = lease(town, holder="another worker")

    with pytest.raises(LeaseLost):
        dead.tell(1, 1)
    assert do_next(town.demo, new)
    found = works.view(town.demo, town.actor(ADA), work.id)
    assert (found.ending, found.tries, "x" * 100 in taken(town, found)) == ("done", 2, False)


def test_what_fails_again_and_again_is_given_up(town: Town, made: Made) -> None:
    """After three times, with a sentence for whoever asked."""
    work = works.ask_audit_export(town.demo, town.actor(ADA), QUESTION).work
    with town.demo.database.writing() as tx:
        tx.exec_driver_sql("UPDATE works SET asked = '{\"scope\": 7}'")
    for _ in range(MOST_TRIES):
        with pytest.raises(Exception, match="Expected"):
            do_next(town.demo, lease(town))

    found = works.view(town.demo, town.actor(ADA), work.id)
    assert (found.ending, found.tries) == ("refused", MOST_TRIES)
    assert found.says[0] == "It was begun three times and failed each time."
    assert town.demo.now - found.asked_at < timedelta(days=1)
