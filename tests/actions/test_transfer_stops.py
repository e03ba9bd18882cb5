"""What keeps a key where it is, whoever wants it moved?"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from keysteward.actions import (
    accounts,
    keys,
    mailing,
    moving,
    stand_ins,
    transfer_views,
    transfers,
)
from keysteward.actions.transfer_views import Seen
from keysteward.rules.access import Actor
from keysteward.rules.policy import DEFAULT
from keysteward.rules.refusals import (
    ACCOUNT_NOT_OPEN,
    INVALID_FIELD,
    KEY_DELETED,
    NO_SUCH_KEY,
    NOT_AN_ADMIN,
    NOT_YOUR_STEP,
    OFFERED_TOO_OFTEN,
    SIGNER_GONE,
    SOURCE_NOT_OPEN,
    STEP_TAKEN,
    TOO_MANY_STRANGERS,
    TRANSFER_NOT_ACCEPTED,
    TRANSFER_NOT_READY,
    TRANSFER_OVER,
    TRANSFER_PENDING,
    TRANSFERS_ARE_IN_PRODUCTION,
    WRONG_PLAN,
    Kind,
)
from keysteward.rules.transfers import Transfer
from tests.cast import (
    ACME,
    ADA,
    BO,
    COUNCIL,
    CY,
    MALLORY,
    ROBIN,
    SAM,
    SMALL,
    STRANGE,
    UNKNOWN,
    Made,
    Person,
    Town,
    refused,
)
from tests.conftest import Founded
from tests.mails import letters_to
from tests.transferring import AWAY, HOME, accepted, confirm, gone_live, holder, offer, ready, stand_in


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


def of(town: Town, person: Person) -> Actor:
    """Somebody in production."""
    return town.actor(person, town.production)


def seen(town: Town, transfer: Transfer, person: Person) -> Seen:
    """The transfer as somebody sees it."""
    return transfer_views.load_seen(town.production, of(town, person), transfer.id)


def test_only_the_source_starts(town: Town, live: Made) -> None:
    """Who does not manage the key learns nothing of it; members without the profile are told whom to ask."""
    for stranger in (MALLORY, CY):
        with refused(NO_SUCH_KEY):
            transfers.start(town.production, of(town, stranger), live.key, AWAY)
    with refused(NOT_AN_ADMIN):
        transfers.start(town.production, of(town, SAM), live.key, AWAY)


def test_demo_transfers_nothing(town: Town, made: Made) -> None:
    """Transfers are between production accounts."""
    with refused(TRANSFERS_ARE_IN_PRODUCTION):
        transfers.start(town.demo, town.actor(ADA), made.key, STRANGE.demo)


@pytest.mark.parametrize("destination", ["", "x", UNKNOWN, ACME.production, "10000001"], ids=str)
def test_a_destination_is_another_account_by_its_guid(town: Town, live: Made, destination: str) -> None:
    """A number, an unknown GUID and the source itself are no destination."""
    with refused(INVALID_FIELD, "destination"):
        transfers.start(town.production, of(town, ADA), live.key, destination)


def test_one_at_a_time(town: Town, live: Made) -> None:
    """A second one waits until the first is over, also where nobody ended it."""
    offer(town, live)
    with refused(TRANSFER_PENDING):
        offer(town, live, to=COUNCIL)
    town.clock.advance(days=7)

    assert offer(town, live, to=COUNCIL).destination == COUNCIL.production


def test_a_destination_of_the_wrong_type(town: Town, live: Made) -> None:
    """The destination meets the rules of promotion; its own admins are told, when they accept."""
    transfer = offer(town, live, to=SMALL)
    with refused(WRONG_PLAN):
        transfers.accept(town.production, of(town, ADA), transfer.id)


def test_nobody_takes_the_step_of_another(town: Town, live: Made) -> None:
    """Each side confirms for itself, and the destination looks first."""
    transfer = offer(town, live)
    with refused(NOT_YOUR_STEP):
        transfers.accept(town.production, of(town, ADA), transfer.id)
    with refused(NOT_YOUR_STEP):
        confirm(town, transfer, "source", MALLORY)
    with refused(TRANSFER_NOT_ACCEPTED):
        confirm(town, transfer, "destination", MALLORY)
    with refused(NOT_YOUR_STEP):
        confirm(town, transfer, "destination", ADA)
    with refused(NOT_YOUR_STEP):
        stand_ins.veto(town.production, of(town, BO), transfer.id, "")


def test_a_step_is_taken_once(town: Town, live: Made) -> None:
    """Neither accepted nor confirmed twice, as long as the first one's word counts."""
    transfer = accepted(town, live)
    with refused(STEP_TAKEN):
        transfers.accept(town.production, of(town, MALLORY), transfer.id)
    confirm(town, transfer, "source", ADA)
    with refused(STEP_TAKEN):
        confirm(town, transfer, "source", BO)


@pytest.mark.parametrize("by", [ADA, BO, MALLORY], ids=lambda person: person.first_name)
def test_either_side_cancels(town: Town, live: Made, by: Person) -> None:
    """Until the key moves; afterwards nothing more is done with this transfer."""
    transfer = accepted(town, live)
    confirm(town, transfer, "source", ADA)
    transfers.cancel(town.production, of(town, by), transfer.id, "We keep it.")

    assert (seen(town, transfer, BO).status, holder(town.production, live.key)) == ("cancelled", [HOME])
    with refused(TRANSFER_OVER):
        confirm(town, transfer, "destination", MALLORY)
    with refused(TRANSFER_OVER):
        moving.move(town.production, transfer.id)


def test_a_key_is_not_offered_again_and_again(town: Town, live: Made) -> None:
    """Three times within an hour, wherever to; nor does it fill mailboxes by the organization standing in."""
    for number in range(3):
        transfer = stand_in(town, live) if number else offer(town, live, to=COUNCIL)
        transfers.cancel(town.production, of(town, CY if number else ADA), transfer.id, "Again.")
    for start in (offer, stand_in):
        with refused(OFFERED_TOO_OFTEN):
            start(town, live)

    town.clock.advance(hours=1)
    assert offer(town, live)


def test_an_account_offers_few_keys_within_an_hour(town: Town, live: Made) -> None:
    """Each offer is a mail to strangers; nothing of a refused one is kept."""
    town.production = town.production.under(replace(DEFAULT, strangers_written_per_hour=1))
    transfers.cancel(town.production, of(town, ADA), offer(town, live).id, "")
    with refused(TOO_MANY_STRANGERS):
        offer(town, live)
    assert len(transfer_views.list_seen(town.production, of(town, ADA))) == 1


def test_no_word_reaches_who_did_not_accept(town: Town, live: Made) -> None:
    """Why the source called it off is no mail to strangers; what these say themselves, both sides read."""
    transfer = offer(town, live)
    transfers.cancel(town.production, of(town, ADA), transfer.id, "Buy at example.com")
    ended = [mail for mail in mailing.list_newest(town.production) if mail.about == "transfer-ended" and mail.letter]
    told = {mail.recipient: "Buy at" in str(mail.letter) for mail in ended}
    assert told == {MALLORY.email: False, ADA.email: True, BO.email: True, ROBIN.email: True}
    assert [seen(town, transfer, each).reason for each in (ADA, MALLORY)] == ["Buy at example.com", ""]

    declined = offer(town, live)
    transfers.cancel(town.production, of(town, MALLORY), declined.id, "Not ours.")
    assert [seen(town, declined, each).reason for each in (ADA, MALLORY)] == ["Not ours."] * 2


def test_it_expires(town: Town, live: Made) -> None:
    """A moment before seven days both may confirm; from then on nobody, whether or not the job came by."""
    transfer = accepted(town, live)
    town.clock.now = transfer.expires_at - timedelta(seconds=1)
    confirm(town, transfer, "source", ADA)
    town.clock.now = transfer.expires_at
    with refused(TRANSFER_OVER):
        confirm(town, transfer, "destination", MALLORY)

    assert seen(town, transfer, ADA).status == "expired"
    assert (moving.settle_due(town.production), moving.settle_due(town.production)) == (1, 0)
    assert letters_to(town.production, MALLORY.email)[0] == "transfer-ended"


def _suspend(town: Town, account: str) -> None:
    accounts.change_account(town.production, account, "the tests", state="suspended")


BLOCKS: tuple[tuple[str, Callable[[Town, Made], object], Kind], ...] = (
    ("source-suspended", lambda town, _: _suspend(town, HOME), SOURCE_NOT_OPEN),
    ("destination-suspended", lambda town, _: _suspend(town, AWAY), ACCOUNT_NOT_OPEN),
    (
        "destination-of-a-lesser-plan",
        lambda town, _: accounts.change_account(town.production, AWAY, "the tests", plan="Standard"),
        WRONG_PLAN,
    ),
    ("key-deleted", lambda town, live: keys.delete(town.production, of(town, ADA), live.key), KEY_DELETED),
    (
        "signer-left",
        lambda town, _: accounts.close_membership(town.production, HOME, ADA.production, "the tests"),
        SIGNER_GONE,
    ),
)


@pytest.mark.parametrize(("block", "kind"), [each[1:] for each in BLOCKS], ids=[each[0] for each in BLOCKS])
def test_everything_is_asked_again_when_it_moves(
    town: Town, live: Made, block: Callable[[Town, Made], object], kind: Kind
) -> None:
    """What was fine when both signed and is not any more keeps the key where it is."""
    transfer = accepted(town, live)
    ready(town, transfer)
    block(town, live)

    with refused(kind):
        moving.move(town.production, transfer.id)
    assert (moving.settle_due(town.production), holder(town.production, live.key)) == (0, [HOME])


def test_another_admin_signs_for_who_left(town: Town, live: Made) -> None:
    """A word that does not count any more gives way to that of a colleague."""
    transfer = accepted(town, live)
    ready(town, transfer)
    accounts.close_membership(town.production, HOME, ADA.production, "the tests")

    assert confirm(town, transfer, "source", BO)
    assert holder(town.production, live.key) == [AWAY]


def test_the_job_moves_what_is_ready(town: Town, live: Made) -> None:
    """Where the process ended between the last word and the move, the job moves the key, once."""
    transfer = accepted(town, live)
    with refused(TRANSFER_NOT_READY):
        moving.move(town.production, transfer.id)
    ready(town, transfer)

    assert (moving.settle_due(town.production), moving.settle_due(town.production)) == (1, 0)
    assert holder(town.production, live.key) == [AWAY]
