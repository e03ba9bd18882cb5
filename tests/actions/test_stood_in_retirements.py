"""Does an organization retire a lost admin's old key only after its wait, with a second word, and by DNS?"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from keysteward.actions import organizations, replacements, retiring
from keysteward.rules.refusals import (
    ADMIN_REMOVED_LATELY,
    CONFLICT,
    DOMAIN_NOT_ACTIVE,
    KEY_NOT_RETIRED,
    NOT_YOURS_TO_RETIRE,
)
from keysteward.rules.replacements import Retirement
from keysteward.store import domains
from tests.cast import ADA, BO, CY, ORGANIZATION, SAM, Town, refused
from tests.conftest import Founded
from tests.replacing import Replaced, approve, bring_back, lose_all_admins, old_key, replaced_town, stand_in, status
from tests.transferring import add_second

WAIT = timedelta(hours=72)


@pytest.fixture(scope="module")
def pair(founded: Founded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replaced]:
    """The town with Mallory's key in the place of Ada's."""
    with replaced_town(founded, tmp_path_factory.mktemp("replaced") / "town") as found:
        yield found


@pytest.fixture
def town(pair: Replaced, tmp_path: Path) -> Iterator[Town]:
    """A copy of it."""
    town = pair.copy(tmp_path / "town")
    yield town
    town.close()


def test_an_organization_waits(town: Town, pair: Replaced) -> None:
    """Nothing happens for 72 hours; then the key stops by itself, for the one who asked."""
    lose_all_admins(town)
    asked = stand_in(town, pair.new)
    assert (asked.retired_at, asked.waits_until) == (None, town.clock.now + WAIT)
    town.clock.now += WAIT - timedelta(microseconds=1)
    assert (retiring.settle_due(town.production), old_key(town, pair).works) == (0, True)

    town.clock.advance(microseconds=1)
    assert (retiring.settle_due(town.production), old_key(town, pair).works) == (1, False)
    bring_back(town, pair.new, by=CY)
    assert old_key(town, pair).works


def test_an_admin_calls_it_off(town: Town, pair: Replaced) -> None:
    """Until it happens one word of theirs ends it, and it does not happen."""
    stand_in(town, pair.new)
    bring_back(town, pair.new, by=BO)
    town.clock.now += WAIT
    assert retiring.settle_due(town.production) == 0
    assert (status(town, pair.new), old_key(town, pair).works) == ("called off", True)


def test_a_second_admin_approves(town: Town, pair: Replaced) -> None:
    """Where the organization has one, it waits for their word, not for that of who asked; without it, it expires."""
    add_second(town)
    stand_in(town, pair.new)
    with refused(NOT_YOURS_TO_RETIRE):
        approve(town, pair.new, CY)
    town.clock.now += WAIT
    assert (retiring.settle_due(town.production), status(town, pair.new)) == (0, "to be approved")
    approve(town, pair.new, SAM)
    assert (retiring.settle_due(town.production), status(town, pair.new)) == (1, "retired")

    bring_back(town, pair.new)
    stand_in(town, pair.new)
    town.clock.advance(days=7)
    assert (retiring.settle_due(town.production), status(town, pair.new)) == (1, "expired")
    with refused(KEY_NOT_RETIRED):
        bring_back(town, pair.new)


def test_nobody_is_removed_or_named_for_it(town: Town, pair: Replaced) -> None:
    """An organization that took an admin's office waits before it asks, and whoever is named since approves nothing."""
    add_second(town)
    cy, own = town.actor(CY, town.production), ORGANIZATION["production"]
    organizations.remove_admin(town.production, cy, own, SAM.production)
    with refused(ADMIN_REMOVED_LATELY):
        stand_in(town, pair.new)
    town.clock.now += WAIT
    organizations.name_admin(town.production, town.actor(CY, town.production), own, BO.email)
    stand_in(town, pair.new)
    town.clock.advance(seconds=1)
    add_second(town)
    with refused(NOT_YOURS_TO_RETIRE):
        approve(town, pair.new, SAM)

    approve(town, pair.new, BO)


def test_whoever_signs_meanwhile_is_held_still_too(town: Town, pair: Replaced) -> None:
    """A deed that began before a second admin approved does not rest on their word: it is done again."""
    add_second(town)
    asked = stand_in(town, pair.new)
    approve(town, pair.new, SAM)
    town.clock.now += WAIT
    with refused(CONFLICT):
        retiring.take_effect(town.production, asked)

    assert (retiring.settle_due(town.production), status(town, pair.new)) == (1, "retired")


def test_what_is_over_makes_room(town: Town, pair: Replaced) -> None:
    """Also before a job has ended it."""
    add_second(town)
    first: Retirement = stand_in(town, pair.new)
    town.clock.now = first.expires_at or town.clock.now
    assert stand_in(town, pair.new).id != first.id


def test_dns_is_asked_twice(town: Town, pair: Replaced) -> None:
    """Without its domain the organization neither asks nor does what it asked."""
    stand_in(town, pair.new)
    ctx, ours = town.production, ORGANIZATION["production"]
    with ctx.database.writing() as tx:
        (domain,) = domains.list_of_organization(tx, ours)
        domains.change(tx, replace(domain, state="lapsed"))
    town.clock.now += WAIT
    assert (retiring.settle_due(ctx), status(town, pair.new)) == (0, "ready")
    held_up = replacements.view(ctx, town.actor(ADA, ctx), pair.new.key).held_up
    assert (held_up.kind if held_up else None) is DOMAIN_NOT_ACTIVE
    bring_back(town, pair.new)
    assert replacements.view(ctx, town.actor(ADA, ctx), pair.new.key).held_up is None
    with refused(DOMAIN_NOT_ACTIVE):
        stand_in(town, pair.new)
