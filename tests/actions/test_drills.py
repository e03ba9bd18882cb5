"""Do two people try a way back on its day, and does custody hear how it went?"""

from datetime import timedelta

import pytest

from keysteward.actions import accounts, custody, drills, keys, people
from keysteward.actions.drills import Plan
from keysteward.rules.access import READ_CUSTODY, Actor
from keysteward.rules.accounts import SENDER
from keysteward.rules.drills import Drill
from keysteward.rules.refusals import (
    DRILL_OVER,
    DRILL_RECORDED,
    INVALID_FIELD,
    NO_SUCH_OBJECT,
    NOT_AN_ADMIN,
    NOT_YOUR_DRILL,
    TOKEN_LACKS_PERMISSION,
)
from tests.cast import ACME, ADA, BO, CY, MALLORY, ROBIN, SAM, UNKNOWN, VERA, Made, Person, Town, refused
from tests.mails import letters_to
from tests.recovering import planned


def of(town: Town, person: Person) -> Actor:
    """Somebody in demo."""
    return town.actor(person)


def record(town: Town, drill: Drill, person: Person, result: str = "done", note: str = "") -> Drill:
    """Say how it went."""
    return drills.record(town.demo, of(town, person), drill.id, "done" if result == "done" else "failed", note)


def held(town: Town, drill: Drill, *, by_second: str = "done") -> None:
    """Let both record."""
    record(town, drill, ADA)
    record(town, drill, BO, by_second, "The phone was off." if by_second == "failed" else "")


def status(town: Town, drill: Drill) -> str:
    """How it stands, as Ada sees it."""
    return drills.load(town.demo, of(town, ADA), drill.id).status


def codes(town: Town) -> list[str]:
    """The findings about drills that are open in Acme."""
    lives = custody.view(town.demo, of(town, ADA), ACME.demo).lives
    return [life.code for life in lives if life.fixed_at is None and "drill" in life.code]


def test_a_drill_is_planned_held_and_over(town: Town, made: Made) -> None:
    """Both are told, both record once, and then it is done."""
    drill = planned(town)
    assert [letters_to(town.demo, each.email) for each in (ADA, BO, SAM)] == [["drill"], ["drill"], []]
    assert status(town, drill) == "planned"
    record(town, drill, ADA)
    with refused(DRILL_RECORDED):
        record(town, drill, ADA)
    record(town, drill, BO)

    assert status(town, drill) == "done"
    with refused(DRILL_OVER):
        record(town, drill, BO)
    with refused(DRILL_OVER):
        drills.cancel(town.demo, of(town, ADA), drill.id)
    assert [each.drill.id for each in drills.list_drills(town.demo, of(town, ADA), ACME.demo)] == [drill.id]


def test_a_repeated_drill_is_planned_anew(town: Town, made: Made) -> None:
    """With the same people, as many months after its day; a single one is not."""
    drill = planned(town, months=3)
    held(town, drill)
    again, _ = drills.list_drills(town.demo, of(town, ADA), ACME.demo)

    assert (again.status, again.drill.people, again.drill.every_months) == ("planned", drill.people, 3)
    assert again.drill.due_at == drill.due_at.replace(month=3, year=2027)
    drills.cancel(town.demo, of(town, ADA), again.drill.id)
    assert {each.status for each in drills.list_drills(town.demo, of(town, ADA), ACME.demo)} == {"done", "cancelled"}


def test_what_nobody_could_hold_is_not_planned_anew(town: Town, made: Made) -> None:
    """Where its key is deleted, or one of the two is no admin any more, the drill is over and no other follows."""
    tomorrow = town.demo.now + timedelta(days=1)
    plan = Plan("rehearse-transfer", made.key, ADA.demo, BO.demo, tomorrow, 3)
    of_the_key, of_admins = drills.plan(town.demo, of(town, ADA), ACME.demo, plan), planned(town, months=3)
    keys.delete(town.demo, of(town, ADA), made.key)
    people.change_profile(town.demo, of(town, ADA), ACME.demo, BO.demo, SENDER.id)
    for drill in (of_the_key, of_admins):
        held(town, drill)

    assert [each.status for each in drills.list_drills(town.demo, of(town, ADA), ACME.demo)] == ["done", "done"]


def test_who_does_what(town: Town, made: Made) -> None:
    """An admin plans and cancels, the two record; others are told whose it is, or that there is none."""
    plan = Plan("rehearse-transfer", made.key, SAM.demo, VERA.demo, town.demo.now + timedelta(days=1))
    with refused(NOT_AN_ADMIN):
        drills.plan(town.demo, of(town, SAM), ACME.demo, plan)
    drill = drills.plan(town.demo, of(town, ADA), ACME.demo, plan)
    with refused(NOT_YOUR_DRILL):
        record(town, drill, ADA)
    with refused(NOT_AN_ADMIN):
        drills.cancel(town.demo, of(town, SAM), drill.id)
    for stranger in (MALLORY, CY):
        with refused(NO_SUCH_OBJECT):
            record(town, drill, stranger)
    with refused(TOKEN_LACKS_PERMISSION):
        drills.plan(town.demo, town.actor(ADA, permissions=frozenset({READ_CUSTODY})), ACME.demo, plan)
    record(town, drill, SAM)

    assert drills.load(town.demo, of(town, VERA), drill.id).may_record
    accounts.close_membership(town.demo, ACME.demo, VERA.demo, "the tests")
    with refused(NO_SUCH_OBJECT):
        record(town, drill, VERA)


WRONG = {
    "a stranger": (("reach-second-admin", "", ADA.demo, MALLORY.demo), "second"),
    "nobody": (("reach-second-admin", "", UNKNOWN, BO.demo), "first"),
    "a service admin": (("reach-second-admin", "", ADA.demo, ROBIN.demo), "second"),
    "no admin": (("reach-second-admin", "", ADA.demo, SAM.demo), "second"),
    "no key": (("rehearse-transfer", UNKNOWN, ADA.demo, BO.demo), "subject"),
    "no service admin": (("service-admin", BO.demo, ADA.demo, BO.demo), "subject"),
    "about too much": (("reach-second-admin", ROBIN.demo, ADA.demo, BO.demo), "subject"),
}


@pytest.mark.parametrize(("wanted", "field"), WRONG.values(), ids=WRONG.keys())
def test_what_no_drill_can_be(town: Town, wanted: tuple[str, str, str, str], field: str) -> None:
    """Two people of the account who can hold it, about something that is the account's."""
    plan = Plan(*wanted, town.demo.now + timedelta(days=1))  # type: ignore[arg-type]
    with refused(INVALID_FIELD, field):
        drills.plan(town.demo, of(town, ADA), ACME.demo, plan)


def test_people_are_reminded(town: Town, made: Made) -> None:
    """Both 14 days and one day before; overdue, whoever has recorded nothing, and all admins."""
    drill = planned(town)
    for days, expected in ((15, 0), (1, 1), (0, 0), (13, 1)):
        town.clock.advance(days=days)
        assert drills.remind_due(town.demo) == expected
    record(town, drill, ADA)
    town.clock.now = drill.due_at

    assert [drills.remind_due(town.demo) for _ in range(2)] == [1, 0]
    told = {each.email: letters_to(town.demo, each.email).count("drill") for each in (ADA, BO, ROBIN)}
    assert told == {ADA.email: 4, BO.email: 4, ROBIN.email: 1}


def test_who_left_is_reminded_of_nothing(town: Town, made: Made) -> None:
    """The other of the two is, and once it is overdue the admins, who plan another."""
    drill = planned(town, days=5)
    accounts.close_membership(town.demo, ACME.demo, BO.demo, "the tests")
    told = letters_to(town.demo, BO.email)
    town.clock.now = drill.due_at

    assert [drills.remind_due(town.demo) for _ in range(2)] == [1, 0]
    assert [letters_to(town.demo, each.email).count("drill") for each in (ADA, ROBIN)] == [2, 1]
    assert letters_to(town.demo, BO.email) == told


def test_one_that_is_due_soon_is_not_told_twice(town: Town) -> None:
    """Whoever just heard that it is planned needs no reminder of the same."""
    planned(town, days=5)
    assert drills.remind_due(town.demo) == 0


# ── custody ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_an_overdue_drill_is_a_finding(town: Town, made: Made) -> None:
    """Until both have recorded."""
    drill = planned(town, days=1)
    assert codes(town) == []
    town.clock.now = drill.due_at
    assert codes(town) == ["drill-overdue"]
    held(town, drill)

    assert codes(town) == []


def test_a_failed_drill_is_a_finding_until_one_goes_well(town: Town, made: Made) -> None:
    """The newest of its kind counts."""
    held(town, planned(town), by_second="failed")
    assert codes(town) == ["drill-failed"]
    town.clock.advance(seconds=1)
    held(town, planned(town))

    assert codes(town) == []


def test_a_service_admin_that_is_never_tried_is_a_finding(town: Town, made: Made) -> None:
    """Ninety days after it came, until it is tried in a drill that goes well."""
    town.clock.advance(days=91)
    assert codes(town) == ["service-admin-without-drill"]
    plan = Plan("service-admin", ROBIN.demo, ADA.demo, BO.demo, town.demo.now + timedelta(days=1))
    held(town, drills.plan(town.demo, of(town, ADA), ACME.demo, plan))

    assert codes(town) == []
