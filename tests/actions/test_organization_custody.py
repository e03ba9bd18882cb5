"""Do an organization's admins see what puts the keys of all its accounts at risk, and settle what is theirs?"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from keysteward.actions import custody, leavers, organization_custody
from keysteward.actions.organization_custody import Asked, View
from keysteward.rules.access import READ_CUSTODY
from keysteward.rules.custody.findings import SEVERITIES
from keysteward.rules.custody.lives import Life
from keysteward.rules.refusals import (
    INVALID_FIELD,
    NO_SUCH_OBJECT,
    NO_SUCH_ORGANIZATION,
    TOKEN_LACKS_PERMISSION,
)
from keysteward.store.custody import NOBODY
from tests.cast import (
    ACME,
    ADA,
    BO,
    COUNCIL,
    CY,
    MALLORY,
    ORGANIZATION,
    ROBIN,
    STRANGE,
    UNKNOWN,
    Made,
    Town,
    refused,
)
from tests.conftest import Founded
from tests.transferring import accepted, confirm, gone_live

OURS = ORGANIZATION["production"]


@pytest.fixture(scope="module")
def live_town(founded: Founded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Founded]:
    """The town with Ada's app in production, 91 days later, with all of it judged."""
    with gone_live(founded, tmp_path_factory.mktemp("live") / "town") as found:
        yield found


@pytest.fixture
def town(live_town: Founded, tmp_path: Path) -> Iterator[Town]:
    """A copy of it, long afterwards."""
    town = live_town.copy(tmp_path / "town")
    town.clock.advance(days=91)
    judge(town)
    yield town
    town.close()


@pytest.fixture
def made(live_town: Founded) -> Made:
    """Ada's app, as it is in production."""
    return live_town.made


def judge(town: Town) -> None:
    """Judge all of production."""
    for _ in custody.judge_all(town.production):
        pass


def view(town: Town, asked: Asked = Asked()) -> View:  # noqa: B008 — a tuple does not change
    """What Cy sees."""
    return organization_custody.view(town.production, town.actor(CY, town.production), OURS, asked)


def codes(found: View) -> list[str]:
    """What is found, in order."""
    return [life.code for life in found.lives]


def lone(town: Town) -> Life:
    """That Cy is the only one who can stand in."""
    return next(life for life in view(town).lives if life.code == "organization-admin-alone")


def test_findings_of_all_accounts(town: Town, made: Made) -> None:
    """The organization's own and those of its accounts, the gravest first, with how many there are of each severity."""
    found = view(town)

    assert "organization-admin-alone" in codes(found)
    ranks = [SEVERITIES.index(life.severity) for life in found.lives]
    assert ranks == sorted(ranks)
    assert {life.account for life in found.lives} >= {"", ACME.production}
    assert (found.total, sum(found.counts.values())) == (len(found.lives), len(found.lives))
    assert found.names == {made.key: "Lease signer"}
    assert [each.name for each in found.accounts] == ["Acme"]


def test_findings_are_narrowed_and_paged(town: Town) -> None:
    """By how they stand, severity, account and owner; a page holds so many, and the next one goes on."""
    every = view(town).lives
    medium = [life.id for life in every if life.severity == "medium"]
    pages = [view(town, Asked(most=1, page=page)).lives for page in range(1, len(every) + 1)]

    assert [life.id for life in view(town, Asked(severity="medium")).lives] == medium != []
    assert {life.account for life in view(town, Asked(account=ACME.production)).lives} == {ACME.production}
    assert view(town, Asked(account=COUNCIL.production)).total == view(town, Asked(status="fixed")).total == 0
    assert [life.id for page in pages for life in page] == [life.id for life in every]
    assert view(town, Asked(owner=NOBODY)).total == len(every)


def test_what_is_its_own_is_settled(town: Town) -> None:
    """It gets an owner, is accepted with a reason, takes no points then, and is opened again."""
    ctx, cy, finding = town.production, town.actor(CY, town.production), lone(town)
    organization_custody.assign(ctx, cy, OURS, finding.id, CY.production)
    before = view(town).score
    accepted = organization_custody.accept(ctx, cy, OURS, finding.id, ctx.now + timedelta(days=9), "Eva comes in May.")
    judge(town)

    assert [life.id for life in view(town, Asked(owner=CY.production, status="accepted")).lives] == [finding.id]
    assert view(town, Asked(status="accepted")).lives == [accepted]
    assert view(town).score == before + 8
    assert [user.email for user in view(town).owners.values()] == [CY.email]
    organization_custody.reopen(ctx, cy, OURS, finding.id)
    judge(town)
    assert (view(town, Asked(status="accepted")).total, view(town).score) == (0, before)


def test_the_score_follows_the_accounts(town: Town) -> None:
    """When admins leave, the score of the account and of its organization fall, and both are in their histories."""
    before = view(town)
    for person in (ADA, BO):
        leavers.report(town.production, leavers.Operating("Olga"), person.production, "Left.")
    town.clock.advance(days=1)
    judge(town)
    after = view(town)

    assert "too-few-admins" in codes(after)
    assert after.score < before.score
    assert [score for _, score in after.history][-2:] == [before.score, after.score]
    assert after.accounts[0].score < before.accounts[0].score


def test_who_may_look_and_settle(town: Town) -> None:
    """Admins of the organization, with the permission; for everybody else there is no such organization."""
    ctx, finding = town.production, lone(town)
    for stranger in (ADA, MALLORY):
        with refused(NO_SUCH_ORGANIZATION):
            organization_custody.view(ctx, town.actor(stranger, ctx), OURS, Asked())
        with refused(NO_SUCH_ORGANIZATION):
            organization_custody.assign(ctx, town.actor(stranger, ctx), OURS, finding.id, "")
    with refused(TOKEN_LACKS_PERMISSION):
        reading = town.actor(CY, ctx, permissions=frozenset({READ_CUSTODY}))
        organization_custody.reopen(ctx, reading, OURS, finding.id)


def test_what_is_not_its_own_is_not_settled(town: Town) -> None:
    """What is an account's is settled there, nothing is accepted for ever, and owners are the organization's admins."""
    ctx, cy, finding = town.production, town.actor(CY, town.production), lone(town)
    of_account = next(life for life in view(town).lives if life.account)
    until = ctx.now + timedelta(days=9)

    for other in (of_account.id, UNKNOWN):
        with refused(NO_SUCH_OBJECT):
            organization_custody.accept(ctx, cy, OURS, other, until, "A drill.")
    with refused(INVALID_FIELD, field="until"):
        organization_custody.accept(ctx, cy, OURS, finding.id, ctx.now + timedelta(days=400), "For ever.")
    with refused(INVALID_FIELD, field="owner"):
        organization_custody.assign(ctx, cy, OURS, finding.id, ROBIN.production)


def test_what_a_transfer_mends_is_named(town: Town, made: Made) -> None:
    """For the admins of its account and organization; others learn nothing of it."""
    ctx = town.production
    for person in (ADA, BO, ROBIN):
        leavers.report(ctx, leavers.Operating("Olga"), person.production, "Left.")
    judge(town)
    named = {who.email: custody.mended_by_moving(ctx, town.actor(who, ctx), made.key) for who in (CY, MALLORY)}

    assert ("no-admin", "critical") in [(life.code, life.severity) for life in named[CY.email]]
    assert named[MALLORY.email] == []
    assert custody.mended_by_moving(ctx, town.actor(CY, ctx), UNKNOWN) == []


def test_only_the_last_key_that_lies_apart_mends_that(town: Town, made: Made) -> None:
    """Of three keys in two accounts, the one alone mends it, at home or away; one of the two others does not."""
    ctx, cy = town.production, town.actor(CY, town.production)
    second, _ = (town.go_live(town.create_app(name=name)) for name in ("Second", "Third"))
    transfer = accepted(town, made, to=COUNCIL, by=CY)
    confirm(town, transfer, "source", ADA)
    assert confirm(town, transfer, "destination", CY)
    judge(town)

    def mends(key: str, destination: str = "") -> bool:
        return "several-accounts" in {each.code for each in custody.mended_by_moving(ctx, cy, key, destination)}

    assert [mends(made.key), mends(made.key, ACME.production), mends(made.key, STRANGE.production)] == [True] * 3
    assert [mends(second.key), mends(second.key, COUNCIL.production), mends(second.key, STRANGE.production)] == [
        False
    ] * 3
