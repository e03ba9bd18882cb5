"""Who races over findings about custody?"""

from collections import Counter
from collections.abc import Generator
from datetime import timedelta

from keysteward.actions import audit, custody, leases, organization_custody
from keysteward.actions.organization_custody import Asked
from keysteward.rules.custody.lives import Life
from keysteward.store.custody import Unit
from tests.cast import ACME, BO, CY, ORGANIZATION
from tests.races.course import Came, Ground, Runner, events_of, race, taking_turns

Story = Generator[Runner, Came, None]
ACCOUNT = Unit("account", ACME.demo)


def finding(on: Ground) -> Life:
    """A finding: Ada's app was never used in 91 days."""
    on.town.clock.advance(days=91)
    custody.judge(on.demo, ACCOUNT)
    return next(life for life in lives(on) if life.code == "unused-key")


def lives(on: Ground) -> list[Life]:
    """The findings about Acme's demo account."""
    return custody.view(on.demo, on.ada, ACME.demo).lives


@race(custody.judge, custody.judge_due, custody.judge_many, custody.judge_all, custody.view)
def a_finding_is_found_once(on: Ground) -> Story:
    """A hundred judgements at once open each finding once, and tell it once."""
    on.town.clock.advance(days=91)
    came = yield taking_turns(
        lambda _: custody.judge(on.demo, ACCOUNT),
        lambda _: custody.judge_due(on.demo),
        lambda _: custody.judge_many(on.demo, [ACCOUNT]),
        lambda _: list(custody.judge_all(on.demo)),
        lambda _: lives(on),
    )

    codes = [life.code for life in lives(on)]
    found = ["service-admin-without-drill", "unseen-admin", "unseen-admin", "unused-key"]
    assert (came.refusals, sorted(codes)) == (Counter(), found)
    assert events_of(on.demo, "CustodyChanged") == 1


@race(custody.judge_changed)
def the_history_is_read_once(on: Ground) -> Story:
    """However many read it, all of it is read, and what it tells is found once."""
    custody.judge_changed(on.demo)
    audit.seal_events(on.demo, leases.keep(on.demo, "race", ["seal"])["seal"], everything=True)
    came = yield lambda _: custody.judge_changed(on.demo)

    assert came.refusals == Counter()
    assert custody.judge_changed(on.demo) is False


@race(custody.accept, custody.reopen, custody.assign)
def a_finding_stands_one_way(on: Ground) -> Story:
    """Accepted, opened again and assigned a hundred times, it ends as the last of them left it, and all is told."""
    found, until = finding(on), on.demo.now + timedelta(days=9)
    came = yield taking_turns(
        lambda _: custody.accept(on.demo, on.ada, ACME.demo, found.id, until, "For the fair."),
        lambda _: custody.reopen(on.demo, on.ada, ACME.demo, found.id),
        lambda _: custody.assign(on.demo, on.ada, ACME.demo, found.id, BO.demo),
    )

    told = sum(events_of(on.demo, name) for name in ("FindingAccepted", "FindingReopened", "FindingAssigned"))
    assert set(came.refusals) <= {"no-such-object"}
    assert told == len(came.answers)
    (kept,) = [life for life in lives(on) if life.id == found.id]
    assert kept.owner == BO.demo
    assert (kept.accepted_until is None) == (kept.accepted_why == "")


@race(organization_custody.accept, organization_custody.reopen, organization_custody.assign)
def a_finding_of_an_organization_stands_one_way(on: Ground) -> Story:
    """Likewise where the organization itself lacks something, while it is judged again and again."""
    on.town.go_live(on.made)
    ctx, own, until = on.production, ORGANIZATION["production"], on.production.now + timedelta(days=9)
    cy, unit = on.town.actor(CY, on.production), Unit("organization", own)
    custody.judge(ctx, unit)
    (found,) = organization_custody.view(ctx, cy, own, Asked()).lives
    came = yield taking_turns(
        lambda _: organization_custody.accept(ctx, cy, own, found.id, until, "For the fair."),
        lambda _: organization_custody.reopen(ctx, cy, own, found.id),
        lambda _: organization_custody.assign(ctx, cy, own, found.id, CY.production),
        lambda _: custody.judge(ctx, unit),
    )

    names = ("FindingAccepted", "FindingReopened", "FindingAssigned")
    told = sum(events_of(ctx, name) for name in names)
    assert set(came.refusals) <= {"no-such-object"}
    assert told == len([answer for answer in came.answers if isinstance(answer, Life)])
