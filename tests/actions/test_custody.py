"""Are findings about custody kept up to date as things happen, and does each live its life?"""

from datetime import timedelta

import pytest
from sqlalchemy import insert

from keysteward.actions import audit, custody, foresight, housekeeping, keys, leases, leavers, people, policy
from keysteward.rules.access import READ_CUSTODY, WRITE_CUSTODY
from keysteward.rules.accounts import SENDER
from keysteward.rules.custody.lives import Life
from keysteward.rules.custody.what_if import Change
from keysteward.rules.refusals import INVALID_FIELD, NO_SUCH_OBJECT, NOT_AN_ADMIN, TOKEN_LACKS_PERMISSION
from keysteward.rules.words import new_guid
from keysteward.store.custody import Unit
from keysteward.store.tables import custody_findings
from tests.cast import ACME, ADA, BO, CY, ORGANIZATION, ROBIN, SAM, UNKNOWN, Made, Town, refused
from tests.plays.leavers import HOST

ACCOUNT, GROUP = Unit("account", ACME.demo), Unit("organization", ORGANIZATION["demo"])


def lives(town: Town) -> list[Life]:
    """The findings about Acme's demo account, as Ada sees them."""
    return custody.view(town.demo, town.actor(ADA), ACME.demo).lives


def codes(town: Town) -> list[str]:
    """What is found and not fixed, the gravest first."""
    return [life.code for life in lives(town) if life.fixed_at is None]


def one(town: Town) -> Life:
    """A finding: Ada's app was never used in 91 days."""
    town.clock.advance(days=91)
    custody.judge(town.demo, ACCOUNT)
    return next(life for life in lives(town) if life.code == "unused-key")


def catch_up(town: Town) -> None:
    """Seal what happened, and judge whom it concerns."""
    lease = leases.keep(town.demo, "test", ["seal"])["seal"]
    audit.seal_events(town.demo, lease, everything=True)
    while custody.judge_changed(town.demo):
        pass


def test_what_changes_is_judged(town: Town, made: Made) -> None:
    """A leaver and a demotion open findings, and giving the profile back fixes one, without anybody asking."""
    catch_up(town)
    before = codes(town)
    leavers.report(town.demo, leavers.Operating(HOST), ROBIN.demo, "Retired.")
    people.change_profile(town.demo, town.actor(ADA), ACME.demo, BO.demo, SENDER.id)
    catch_up(town)
    between = codes(town)
    people.change_profile(town.demo, town.actor(ADA), ACME.demo, BO.demo, 10001)
    catch_up(town)

    assert (before, between, codes(town)) == (
        [],
        ["only-admin-is-a-person", "no-service-admin"],
        ["no-service-admin"],
    )
    assert [life.fixed_at for life in lives(town) if life.code == "only-admin-is-a-person"] == [town.demo.now]


def test_a_judgement_changes_nothing_twice(town: Town, made: Made) -> None:
    """The first judgement opens what it finds; the same again finds nothing new and writes nothing."""
    town.clock.advance(days=91)

    assert [custody.judge(town.demo, ACCOUNT) for _ in range(2)] == [True, False]
    assert codes(town) == ["service-admin-without-drill", "unseen-admin", "unseen-admin", "unused-key"]


def test_everything_is_judged_once_a_day(town: Town, made: Made) -> None:
    """Accounts with keys and organizations come first, once each, and again a day later."""
    first = custody.judge_due(town.demo)
    again = custody.judge_due(town.demo)
    town.clock.advance(days=1)

    assert (first > 0, again, custody.judge_due(town.demo)) == (True, 0, first)


def test_a_score_over_time(town: Town, made: Made) -> None:
    """Each day has its last score; an accepted finding takes no points."""
    custody.judge(town.demo, ACCOUNT)
    finding = one(town)
    custody.accept(town.demo, town.actor(ADA), ACME.demo, finding.id, town.demo.now + timedelta(days=9), "A drill.")
    custody.judge(town.demo, ACCOUNT)

    view = custody.view(town.demo, town.actor(ADA), ACME.demo)
    days = [score for _, score in view.history]
    assert (days[0], view.scores.accounts[ACME.demo]) == (100, days[-1])
    assert days[-1] == 94


def test_a_finding_is_accepted_until_a_day(town: Town, made: Made) -> None:
    """Until then it counts as accepted, with its reason; afterwards it is open again by itself."""
    finding = one(town)
    until = town.demo.now + timedelta(days=30)
    accepted = custody.accept(town.demo, town.actor(ADA), ACME.demo, finding.id, until, "It is for the fair in May.")

    kept = next(life for life in lives(town) if life.id == finding.id)
    assert kept == accepted
    assert (kept.accepted_until, kept.accepted_why, kept.accepted_by) == (
        until,
        "It is for the fair in May.",
        ADA.email,
    )
    assert lives(town)[-1] == kept


@pytest.mark.parametrize("days", [0, 367])
def test_an_acceptance_has_an_end(town: Town, made: Made, days: int) -> None:
    """It ends within a year, and not in the past."""
    finding, until = one(town), town.demo.now + timedelta(days=days)

    with refused(INVALID_FIELD, field="until"):
        custody.accept(town.demo, town.actor(ADA), ACME.demo, finding.id, until, "For ever.")


def test_an_acceptance_is_taken_back(town: Town, made: Made) -> None:
    """Once; then there is none."""
    finding = one(town)
    custody.accept(town.demo, town.actor(ADA), ACME.demo, finding.id, town.demo.now + timedelta(days=1), "A drill.")
    custody.reopen(town.demo, town.actor(ADA), ACME.demo, finding.id)

    assert next(life for life in lives(town) if life.id == finding.id) == finding
    with refused(NO_SUCH_OBJECT):
        custody.reopen(town.demo, town.actor(ADA), ACME.demo, finding.id)


def test_a_finding_has_an_owner(town: Town, made: Made) -> None:
    """An admin of the account sees to it, or nobody; a member who is none cannot."""
    finding = one(town)
    custody.assign(town.demo, town.actor(ADA), ACME.demo, finding.id, BO.demo)

    assert next(life.owner for life in lives(town) if life.id == finding.id) == BO.demo
    assert custody.assign(town.demo, town.actor(ADA), ACME.demo, finding.id, "").owner == ""
    for stranger in (SAM.demo, UNKNOWN, "nobody"):
        with refused(INVALID_FIELD, field="owner"):
            custody.assign(town.demo, town.actor(ADA), ACME.demo, finding.id, stranger)


def test_a_fixed_finding_is_over(town: Town, made: Made) -> None:
    """Nobody accepts or assigns what was mended."""
    finding = one(town)
    keys.delete(town.demo, town.actor(ADA), made.key)
    custody.judge(town.demo, ACCOUNT)

    assert next(life.fixed_at for life in lives(town) if life.id == finding.id) == town.demo.now
    with refused(NO_SUCH_OBJECT):
        custody.assign(town.demo, town.actor(ADA), ACME.demo, finding.id, BO.demo)


def test_what_was_fixed_is_remembered_for_two_years(town: Town, made: Made) -> None:
    """Then it is forgotten; what is open stays, however long."""
    finding = one(town)
    keys.delete(town.demo, town.actor(ADA), made.key)
    custody.judge(town.demo, ACCOUNT)
    still_open = set(codes(town))
    town.clock.advance(days=729)
    housekeeping.forget_what_expired(town.demo)
    assert finding.id in {life.id for life in lives(town)}

    town.clock.advance(days=2)
    housekeeping.forget_what_expired(town.demo)
    assert finding.id not in {life.id for life in lives(town)}
    assert set(codes(town)) == still_open


def test_custody_is_for_admins(town: Town, made: Made) -> None:
    """Members who are no admins are refused, and so are tokens without the permission."""
    with refused(NOT_AN_ADMIN):
        custody.view(town.demo, town.actor(SAM), ACME.demo)
    with refused(TOKEN_LACKS_PERMISSION):
        custody.view(town.demo, town.actor(ADA, permissions=frozenset()), ACME.demo)
    with refused(TOKEN_LACKS_PERMISSION):
        custody.assign(town.demo, town.actor(ADA, permissions=frozenset({READ_CUSTODY})), ACME.demo, UNKNOWN, "")
    with refused(NO_SUCH_OBJECT):
        custody.assign(town.demo, town.actor(ADA, permissions=frozenset({WRITE_CUSTODY})), ACME.demo, UNKNOWN, "")


def test_who_manages_a_live_key(town: Town, made: Made) -> None:
    """In production: the admins, each way back with what closes it, and what the organization lacks for the key."""
    town.go_live(made)
    view = custody.view(town.production, town.actor(ADA, town.production), ACME.production)

    assert ("organization-admin-alone", "") in [(life.code, life.account) for life in view.lives]
    (outlook,) = view.outlooks
    assert [person.email for person in outlook.managers] == [ADA.email, BO.email, ROBIN.email]
    assert {way.name: way.is_open for way in outlook.ways} == {
        "transfer": True,
        "stand-in": True,
        "replacement": True,
    }


def test_what_if(town: Town, made: Made) -> None:
    """Within an account, and on the host for all of them."""
    changes = [Change("leaves", ADA.email), Change("leaves", BO.email), Change("leaves", ROBIN.email)]
    mine = foresight.what_if(town.demo, town.actor(ADA), ACME.demo, [*changes, Change("leaves", "x@y.example")])
    every = foresight.what_if_everywhere(town.demo, changes)

    assert [each.key.key for each in mine.unmanageable] == [made.key]
    assert mine.unknown == (Change("leaves", "x@y.example"),)
    assert ([each.key.key for each in every.unmanageable], every.unknown) == ([made.key], ())


def test_an_organization_is_judged(town: Town, made: Made) -> None:
    """What an organization lacks is found beside what its accounts lack."""
    town.go_live(made)
    custody.judge(town.production, Unit("organization", ORGANIZATION["production"]))

    found = custody.list_everywhere(town.production, ["high", "medium"], 10)
    assert [(life.code, life.organization) for life in found] == [
        ("organization-admin-alone", ORGANIZATION["production"])
    ]


def test_the_numbers_are_policy(town: Town, made: Made) -> None:
    """Another least number of admins makes another finding."""
    policy.apply(town.demo, {"least_admins": 4}, author="Olga", reason="More hands.")
    custody.judge(town.demo, ACCOUNT)

    assert codes(town) == ["too-few-admins"]
    assert CY.email not in lives(town)[0].sentence


def test_no_open_finding_hides_behind_fixed_ones(town: Town, made: Made) -> None:
    """However many were fixed since it was found, it is shown, and takes its points."""
    found = one(town)
    past = {"account": ACME.demo, "code": "unused-key", "severity": "low", "kind": "key", "subject": "", "keys": []}
    said = {"organization": "", "sentence": "", "owner": "", "accepted_why": "", "accepted_by": ""}
    later = town.demo.now + timedelta(days=1)
    with town.demo.database.writing() as tx:
        tx.execute(insert(custody_findings), [
            {**past, **said, "id": new_guid(), "name": f"past {number}", "found_at": later, "fixed_at": later}
            for number in range(500)
        ])  # fmt: skip

    assert found.id in {life.id for life in lives(town)}
