"""Does a key get from one production account to another by the hands of both, and by no other way?"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from keysteward.actions import (
    accounts,
    callers,
    credentials,
    keys,
    mailing,
    moving,
    promotion,
    tokens,
    transfer_views,
    transfers,
)
from keysteward.actions.transfer_views import Seen
from keysteward.crypto.signing import public_keys_of
from keysteward.crypto.transfer_papers import read_record
from keysteward.rules.access import TRANSFER_KEYS, Actor
from keysteward.rules.accounts import ADMIN
from keysteward.rules.keys import Wish
from keysteward.rules.refusals import (
    FRESH_SIGN_IN_NEEDED,
    INVALID_CLIENT,
    INVALID_FIELD,
    NO_SUCH_KEY,
    NO_SUCH_OBJECT,
    NOT_YOUR_STEP,
    SOURCE_NOT_OPEN,
    TOKEN_LACKS_PERMISSION,
)
from keysteward.rules.transfers import Transfer
from tests.cast import (
    ADA,
    BO,
    CY,
    MALLORY,
    SAM,
    VERA,
    Made,
    Person,
    Town,
    refused,
)
from tests.conftest import Founded
from tests.mails import letters_to
from tests.transferring import AWAY, HOME, accepted, confirm, gone_live, holder, moved, offer, sentence


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


# ── the whole way ───────────────────────────────────────────────────────────────────────────────────────────────────
def test_both_confirm_and_the_key_moves(town: Town, live: Made) -> None:
    """The destination manages it from then on, the source does not know it any more, and nothing else changed."""
    before = keys.view(town.production, of(town, ADA), live.key)
    transfer = moved(town, live)
    after = keys.view(town.production, of(town, MALLORY), live.key)

    assert (holder(town.production, live.key), seen(town, transfer, ADA).status) == ([AWAY], "moved")
    expected = replace(before.app, account=AWAY, version=before.app.version + 1)
    assert after.app == expected
    assert (after.settings.redirect_uris, after.settings.origins) == (
        before.settings.redirect_uris, before.settings.origins,
    )  # fmt: skip
    with refused(NO_SUCH_KEY):
        keys.view(town.production, of(town, ADA), live.key)


def test_it_keeps_working_throughout(town: Town, live: Made) -> None:
    """Tokens of before live on; secrets and keypairs of before are good for thirty days, and not a moment longer."""
    access = town.sign_in_with(town.production, live, SAM).access_token
    town.consent(town.production, live, SAM)
    moved(town, live)
    expires_at = town.clock.now + timedelta(days=30)

    settings = keys.view(town.production, of(town, MALLORY), live.key).settings
    assert [each.expires_at for each in settings.secrets] == [expires_at]
    assert [each.expires_at for each in settings.keypairs] == [expires_at]
    assert callers.recognize(town.production, access).claims.user == SAM.production
    town.clock.now = expires_at - timedelta(seconds=1)
    town.sign_in_with(town.production, live, SAM)
    tokens.grant_assertion(town.production, town.assertion(town.production, live, SAM))
    town.clock.now = expires_at
    with refused(INVALID_CLIENT):
        town.sign_in_with(town.production, live, SAM)


def test_what_expires_sooner_stays_so(town: Town, live: Made) -> None:
    """A move never gives an older credential more time."""
    soon = town.clock.now + timedelta(days=2)
    made = credentials.add_secret(town.production, of(town, ADA), live.key, Wish(soon))
    moved(town, live)

    secrets = keys.view(town.production, of(town, MALLORY), live.key).settings.secrets
    assert {each.expires_at for each in secrets if each.id == made.secret.id} == {soon}


def test_the_record_is_signed_and_for_both(town: Town, live: Made) -> None:
    """Both sides download the same paper; it holds both sentences, and the published keys verify it."""
    transfer = moved(town, live)
    papers = {transfer_views.load_record(town.production, of(town, each), transfer.id) for each in (ADA, MALLORY)}

    record = read_record(papers.pop(), public_keys_of({"keys": promotion.paper_keys(town.production)}))
    assert papers == set()
    assert (record.source, record.destination, record.key) == (HOME, AWAY, live.key)
    assert [(each.side, each.email, each.statement) for each in record.confirmations] == [
        ("source", ADA.email, f"Acme gives Lease signer, integration key {live.key}, to Strange."),
        ("destination", MALLORY.email, f"Strange takes Lease signer, integration key {live.key}, from Acme."),
    ]
    assert record.rotate_by == record.moved_at + timedelta(days=30)


def test_one_person_may_sign_both(town: Town, live: Made) -> None:
    """Whoever is admin of both sides confirms for each of them."""
    accounts.add_user(town.production, AWAY, ADA.joining(ADMIN, "production"), "the tests")
    transfer = accepted(town, live, by=ADA)
    confirm(town, transfer, "source", ADA)

    assert confirm(town, transfer, "destination", ADA)
    assert holder(town.production, live.key) == [AWAY]


def test_it_may_go_back(town: Town, live: Made) -> None:
    """The new holder transfers the key like any other."""
    moved(town, live)
    back = transfers.start(town.production, of(town, MALLORY), live.key, HOME)
    transfers.accept(town.production, of(town, BO), back.id)
    confirm(town, back, "source", MALLORY)

    assert confirm(town, back, "destination", BO)
    assert holder(town.production, live.key) == [HOME]


def test_the_number_of_keys_does_not_matter(town: Town, live: Made) -> None:
    """An account that may create no more keys takes one that is transferred."""
    full = town.production.under(replace(town.production.policy, keys_per_account=0))
    transfer = accepted(town, live)
    confirm(town, transfer, "source", ADA)

    assert transfers.confirm(
        full, of(town, MALLORY), transfer.id, "destination", sentence(town.production, transfer, "destination")
    )


# ── who sees what ───────────────────────────────────────────────────────────────────────────────────────────────────
def test_nothing_is_seen_before_it_is_accepted(town: Town, live: Made) -> None:
    """The destination sees name and GUID, the source what it gives away; all others see no transfer."""
    transfer = offer(town, live)

    assert (seen(town, transfer, MALLORY).is_all, seen(town, transfer, MALLORY).moving) == (False, None)
    assert seen(town, transfer, BO).is_all
    for stranger in (SAM, VERA, CY):
        with refused(NO_SUCH_OBJECT):
            seen(town, transfer, stranger)
        assert transfer_views.list_seen(town.production, of(town, stranger)) == []
    transfers.accept(town.production, of(town, MALLORY), transfer.id)
    moving_now = seen(town, transfer, MALLORY).moving
    assert moving_now is not None
    assert len(moving_now.settings.secrets) == 1


def test_a_program_needs_the_permission_and_a_person_signs(town: Town, live: Made) -> None:
    """A token starts a transfer only if it was made for that, and confirms none."""
    with refused(TOKEN_LACKS_PERMISSION):
        transfers.start(town.production, town.actor(ADA, town.production, frozenset()), live.key, AWAY)
    program = town.actor(ADA, town.production, frozenset({TRANSFER_KEYS}))
    transfer = transfers.start(town.production, program, live.key, AWAY)
    with refused(FRESH_SIGN_IN_NEEDED):
        transfers.confirm(town.production, program, transfer.id, "source", "x")


def test_a_confirmation_needs_a_fresh_sign_in(town: Town, live: Made) -> None:
    """Whoever signed in a while ago proves again who they are."""
    transfer, ada = offer(town, live), of(town, ADA)
    town.clock.advance(minutes=11)
    with refused(FRESH_SIGN_IN_NEEDED):
        transfers.confirm(town.production, ada, transfer.id, "source", "x")


def test_the_sentence_is_typed(town: Town, live: Made) -> None:
    """Another sentence is refused, with the one that is meant; blanks do not matter."""
    transfer = offer(town, live)
    said = sentence(town.production, transfer, "source")
    with refused(INVALID_FIELD, "statement"):
        transfers.confirm(town.production, of(town, ADA), transfer.id, "source", said.replace("Strange", "Stranger"))

    assert not transfers.confirm(town.production, of(town, ADA), transfer.id, "source", f"  {said}\n")


# ── whoever closed ──────────────────────────────────────────────────────────────────────────────────────────────────
def test_who_was_admin_when_it_closed(town: Town, live: Made) -> None:
    """For ninety days they may start and sign, and nobody else of the closed account."""
    accounts.change_account(town.production, HOME, "the tests", state="closed")
    town.clock.advance(days=90)
    transfer = accepted(town, live)
    with refused(NOT_YOUR_STEP):
        confirm(town, transfer, "source", BO)
    confirm(town, transfer, "source", ADA)

    assert confirm(town, transfer, "destination", MALLORY)
    assert holder(town.production, live.key) == [AWAY]


def test_after_ninety_days_they_may_not(town: Town, live: Made) -> None:
    """Then only an organization stands in."""
    accounts.change_account(town.production, HOME, "the tests", state="closed")
    town.clock.advance(days=90, seconds=1)
    with refused(SOURCE_NOT_OPEN):
        offer(town, live)


# ── who is told ─────────────────────────────────────────────────────────────────────────────────────────────────────
def test_each_step_is_told(town: Town, live: Made) -> None:
    """Both sides hear each step once they may; nobody else hears anything."""
    moved(town, live)

    assert set(letters_to(town.production, BO.email)) == {
        "transfer-started", "transfer-accepted", "transfer-confirmed", "key-moved",
    }  # fmt: skip
    assert set(letters_to(town.production, MALLORY.email)) == {
        "transfer-offered", "transfer-confirmed", "key-moved",
    }  # fmt: skip
    assert letters_to(town.production, CY.email) == []


def test_an_offer_does_not_name_who_offers(town: Town, live: Made) -> None:
    """The letter to the destination holds the key's name and GUID, and nothing of the source."""
    offer(town, live)
    texts = [
        mail.letter.text
        for mail in mailing.list_newest(town.production)
        if mail.about == "transfer-offered" and mail.letter
    ]

    assert len(texts) == 1
    assert live.key in texts[0]
    assert "Acme" not in texts[0]
    assert ADA.email not in texts[0]


def test_reminders_come_once_each(town: Town, live: Made) -> None:
    """Three days and one day before it expires, whoever has to act is reminded."""
    offer(town, live)
    told = []
    for days in (3, 1, 1, 1, 1):
        town.clock.advance(days=days)
        told.append((moving.settle_due(town.production), moving.settle_due(town.production)))

    assert told == [(0, 0), (1, 0), (0, 0), (1, 0), (1, 0)]
    assert letters_to(town.production, MALLORY.email).count("transfer-reminder") == 2
