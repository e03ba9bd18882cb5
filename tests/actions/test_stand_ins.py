"""Does an organization get a lost admin's key moved, and nobody else, and never against a veto?"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from keysteward.actions import (
    accounts,
    domains,
    leavers,
    mailing,
    moving,
    organizations,
    stand_ins,
    transfer_views,
    transfers,
)
from keysteward.rules.accounts import ADMIN
from keysteward.rules.domains import records_of
from keysteward.rules.refusals import (
    ADMIN_REMOVED_LATELY,
    DOMAIN_NOT_ACTIVE,
    FRESH_SIGN_IN_NEEDED,
    NO_SUCH_KEY,
    NO_SUCH_ORGANIZATION,
    NOT_YOUR_STEP,
    REQUESTER_OUTSIDE,
    SOURCE_NOT_OPEN,
    TRANSFER_NOT_READY,
    TRANSFER_OVER,
)
from keysteward.rules.transfers import Transfer
from tests.cast import ADA, BO, CY, MALLORY, ORGANIZATION, ROBIN, SAM, Made, Person, Town, refused
from tests.conftest import Founded
from tests.mails import letters_to
from tests.peers.names import Mood, Names, names
from tests.transferring import AWAY, HOME, add_second, confirm, gone_live, holder, stand_in

OURS = ORGANIZATION["production"]
WAIT = timedelta(hours=72)


@pytest.fixture(scope="module")
def live_town(founded: Founded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Founded]:
    """The town with Ada's app in production."""
    with gone_live(founded, tmp_path_factory.mktemp("live") / "town") as found:
        yield found


@pytest.fixture
def town(live_town: Founded, tmp_path: Path) -> Iterator[Town]:
    """A copy of it."""
    town = live_town.copy(tmp_path / "town")
    yield town
    town.close()


@pytest.fixture
def live(live_town: Founded) -> Made:
    """Ada's app, as it is in production."""
    return live_town.made


def both_sign(town: Town, transfer: Transfer) -> None:
    """The one who stands in signs for the source, and the destination's admin for the destination."""
    transfers.accept(town.production, town.actor(MALLORY, town.production), transfer.id)
    assert not confirm(town, transfer, "source", CY)
    assert not confirm(town, transfer, "destination", MALLORY)


def close_membership(town: Town, person: Person) -> None:
    """Somebody leaves Acme."""
    accounts.close_membership(town.production, HOME, person.production, "the tests")


def test_it_waits_and_moves(town: Town, live: Made) -> None:
    """Not a moment before seventy-two hours; then the job moves the key by itself."""
    transfer = stand_in(town, live)
    both_sign(town, transfer)
    assert transfer.waits_until is not None
    town.clock.now = transfer.waits_until - timedelta(seconds=1)
    with refused(TRANSFER_NOT_READY):
        moving.move(town.production, transfer.id)
    assert (moving.settle_due(town.production), holder(town.production, live.key)) == (0, [HOME])

    town.clock.now = transfer.waits_until
    assert (moving.settle_due(town.production), holder(town.production, live.key)) == (1, [AWAY])
    assert transfer_views.load_seen(town.production, town.actor(CY, town.production), transfer.id).status == "moved"


def test_everybody_who_could_object_is_told(town: Town, live: Made) -> None:
    """All admins who can still sign in, the other organization admins and the requester, at once."""
    add_second(town)
    close_membership(town, BO)
    stand_in(town, live)

    told = {mail.recipient for mail in mailing.list_newest(town.production) if mail.about == "stand-in-started"}
    assert told == {ADA.email, ROBIN.email, CY.email, SAM.email}
    assert letters_to(town.production, MALLORY.email) == ["transfer-offered"]


@pytest.mark.parametrize("days", [0, 2], ids=["at-once", "at-the-end"])
def test_a_veto_in_time_always_wins(town: Town, live: Made, days: int) -> None:
    """Whoever is an admin of the source stops it, until the key moves."""
    transfer = stand_in(town, live)
    both_sign(town, transfer)
    town.clock.advance(days=days)
    stand_ins.veto(town.production, town.actor(ADA, town.production), transfer.id, "I am still here.")
    town.clock.advance(days=3)

    with refused(TRANSFER_OVER):
        moving.move(town.production, transfer.id)
    assert holder(town.production, live.key) == [HOME]
    assert "transfer-ended" in letters_to(town.production, CY.email)


def test_a_veto_needs_a_fresh_sign_in_and_an_admin(town: Town, live: Made) -> None:
    """Neither a leaver nor somebody who is signed in since yesterday vetoes; nor does the destination."""
    transfer, ada = stand_in(town, live), town.actor(ADA, town.production)
    close_membership(town, BO)
    with refused(NOT_YOUR_STEP):
        stand_ins.veto(town.production, town.actor(MALLORY, town.production), transfer.id, "")
    town.clock.advance(hours=1)
    with refused(FRESH_SIGN_IN_NEEDED):
        stand_ins.veto(town.production, ada, transfer.id, "")


def test_a_second_admin_approves(town: Town, live: Made) -> None:
    """Where the organization has one, their word is needed, and not that of who stands in."""
    add_second(town)
    transfer = stand_in(town, live)
    both_sign(town, transfer)
    with refused(NOT_YOUR_STEP):
        stand_ins.approve(town.production, town.actor(CY, town.production), transfer.id)
    town.clock.now += WAIT
    assert moving.settle_due(town.production) == 0

    assert stand_ins.approve(town.production, town.actor(SAM, town.production), transfer.id)
    assert holder(town.production, live.key) == [AWAY]


def test_nobody_is_named_to_approve(town: Town, live: Made) -> None:
    """Whoever becomes an organization admin after it began neither approves nor is waited for; they may cancel."""
    add_second(town)
    transfer = stand_in(town, live)
    both_sign(town, transfer)
    town.clock.advance(seconds=1)
    organizations.name_admin(town.production, town.actor(CY, town.production), OURS, BO.email)
    with refused(NOT_YOUR_STEP):
        stand_ins.approve(town.production, town.actor(BO, town.production), transfer.id)
    organizations.remove_admin(town.production, town.actor(CY, town.production), OURS, SAM.production)
    town.clock.now += WAIT
    assert (moving.settle_due(town.production), holder(town.production, live.key)) == (0, [HOME])

    transfers.cancel(town.production, town.actor(BO, town.production), transfer.id, "Ask Sam first.")
    with refused(TRANSFER_OVER):
        moving.move(town.production, transfer.id)


def remove(town: Town) -> None:
    """Cy takes Sam's office away."""
    organizations.remove_admin(town.production, town.actor(CY, town.production), OURS, SAM.production)


def report(town: Town) -> None:
    """Cy says that Sam left."""
    council = leavers.Council(town.actor(CY, town.production), OURS)
    leavers.report(town.production, council, SAM.production, "Not seen since May.")


def report_by_provider(town: Town) -> None:
    """The organization's identity provider says so, whoever holds its token."""
    leavers.report(town.production, leavers.Directory("Acme Login", OURS), SAM.production, "Gone.")


@pytest.mark.parametrize("deed", [remove, report, report_by_provider])
def test_nobody_is_removed_for_it(town: Town, live: Made, deed: Callable[[Town], None]) -> None:
    """Who takes the others' office first waits as long as a stand-in does, before it begins."""
    add_second(town)
    deed(town)
    with refused(ADMIN_REMOVED_LATELY):
        stand_in(town, live)
    town.clock.now += WAIT - timedelta(seconds=1)
    with refused(ADMIN_REMOVED_LATELY):
        stand_in(town, live)
    town.clock.advance(seconds=1)

    assert not stand_in(town, live).needs_second


def test_an_operators_word_makes_nobody_wait(town: Town, live: Made) -> None:
    """Whoever runs the environment takes no key by it."""
    add_second(town)
    leavers.report(town.production, leavers.Operating("Olga"), SAM.production, "Left in May.")

    assert not stand_in(town, live).needs_second


def test_who_stands_in_signs_for_no_destination(town: Town, live: Made) -> None:
    """Also where they are admin there: somebody else does."""
    accounts.add_user(town.production, AWAY, CY.joining(ADMIN, "production"), "the tests")
    transfer = stand_in(town, live)
    transfers.accept(town.production, town.actor(MALLORY, town.production), transfer.id)
    with refused(NOT_YOUR_STEP):
        confirm(town, transfer, "destination", CY)
    with refused(NOT_YOUR_STEP):
        confirm(town, transfer, "source", ADA)


def test_only_an_admin_of_the_organization_stands_in(town: Town, live: Made) -> None:
    """For keys of its own accounts, and never of a suspended one."""
    with refused(NO_SUCH_ORGANIZATION):
        stand_in(town, live, by=MALLORY)
    accounts.change_account(town.production, HOME, "the tests", state="suspended")
    with refused(SOURCE_NOT_OPEN):
        stand_in(town, live)
    with town.production.database.writing() as tx:
        tx.exec_driver_sql(f"UPDATE accounts SET organization = NULL WHERE id = '{HOME}'")  # noqa: S608 — our own GUIDs
    with refused(NO_SUCH_KEY):
        stand_in(town, live)


def test_a_closed_account_does_not_stop_it(town: Town, live: Made) -> None:
    """An account closed by a migration: the organization takes its key to another of its accounts."""
    accounts.change_account(town.production, HOME, "the tests", state="closed")
    transfer = stand_in(town, live)
    both_sign(town, transfer)
    town.clock.now += WAIT

    assert (moving.settle_due(town.production), holder(town.production, live.key)) == (1, [AWAY])


@pytest.fixture
def server(town: Town) -> Iterator[Names]:
    """A real DNS server that shows the proof of the organization's domain, which production asks."""
    with names() as server:
        (domain,) = domains.list_claimed(town.production, town.actor(CY, town.production), OURS)
        server.publish(records_of(domain, town.production.proving)[0])
        town.production = replace(town.production, resolver=server.resolver)
        yield server


def test_dns_confirms_it_when_asked(town: Town, live: Made, server: Names) -> None:
    """Without the proof nobody stands in, whatever was seen before."""
    server.zone.clear()
    with refused(DOMAIN_NOT_ACTIVE):
        stand_in(town, live)


@pytest.mark.parametrize("mood", ["well", "servfail"], ids=["proof-removed", "dns-fails"])
def test_dns_confirms_it_again_when_it_moves(town: Town, live: Made, server: Names, mood: Mood) -> None:
    """The answer changes in the middle: nothing moves, and the transfer says why, until DNS shows the proof again."""
    transfer, zone = stand_in(town, live), dict(server.zone)
    both_sign(town, transfer)
    town.clock.now += WAIT
    server.zone.clear()
    server.mood = mood
    with refused(DOMAIN_NOT_ACTIVE):
        moving.move(town.production, transfer.id)
    assert (moving.settle_due(town.production), holder(town.production, live.key)) == (0, [HOME])
    cy = town.actor(CY, town.production)
    held_up = transfer_views.load_seen(town.production, cy, transfer.id).held_up
    assert (held_up.kind if held_up else None) is DOMAIN_NOT_ACTIVE

    server.zone.update(zone)
    server.mood = "well"
    domains.check(town.production, cy, OURS, domain_id(town))
    assert transfer_views.load_seen(town.production, cy, transfer.id).held_up is None
    assert (moving.settle_due(town.production), holder(town.production, live.key)) == (1, [AWAY])


def domain_id(town: Town) -> str:
    """The claimed domain of the organization."""
    (domain,) = domains.list_claimed(town.production, town.actor(CY, town.production), OURS)
    return domain.id


@pytest.mark.parametrize("requester", ["ada@sub.acme.example", "ada@example", "ada@elsewhere.example", ""], ids=str)
def test_the_requester_is_of_exactly_the_domain(town: Town, live: Made, requester: str) -> None:
    """Neither below nor above it, nor elsewhere."""
    with town.production.database.writing() as tx:
        tx.exec_driver_sql(f"UPDATE apps SET requester = '{requester}'")  # noqa: S608 — a word of ours
    with refused(REQUESTER_OUTSIDE):
        stand_in(town, live)


def test_a_stand_in_who_lost_the_role_moves_nothing(town: Town, live: Made) -> None:
    """Whoever stood in is asked again at the moment of the move."""
    add_second(town)
    transfer = stand_in(town, live)
    both_sign(town, transfer)
    stand_ins.approve(town.production, town.actor(SAM, town.production), transfer.id)
    with town.production.database.writing() as tx:
        tx.exec_driver_sql(f"DELETE FROM organization_admins WHERE \"user\" = '{CY.production}'")  # noqa: S608 — ours
    town.clock.now += WAIT

    assert (moving.settle_due(town.production), holder(town.production, live.key)) == (0, [HOME])
