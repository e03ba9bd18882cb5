"""Does a promotion that was begun end once, however often it is asked for, and does its receipt arrive?"""

import base64
import json
from dataclasses import replace

import pytest

from keysteward.actions import accounts, after_go_live, credentials, keys, promotion, receipts
from keysteward.actions.context import Context
from keysteward.crypto.papers import RECEIPT, write_receipt
from keysteward.crypto.signing import new_signing_key
from keysteward.rules.promotion import Receipt
from keysteward.rules.refusals import (
    HANDLE_NOT_GOOD,
    KEY_DELETED,
    NO_SUCH_ACCOUNT,
    NO_SUCH_KEY,
    NOT_THE_PRESENTER,
    OTHER_ENVIRONMENT_SILENT,
    REVIEW_EXPIRED,
    TICKET_NOT_GOOD,
    WRONG_PLAN,
)
from tests.cast import ACME, ADA, BO, MALLORY, SMALL, STRANGE, UNKNOWN, Made, Town, refused
from tests.racing import at_once


@pytest.fixture
def passed(town: Town, made: Made) -> Made:
    """Ada's app, whose review has passed."""
    town.pass_review(made)
    return made


@pytest.fixture
def handle(town: Town, passed: Made) -> str:
    """The handle of a Go Live that Ada pressed."""
    return town.present(passed)


@pytest.fixture
def receipt(town: Town, handle: str) -> str:
    """The receipt of her promotion, which demo has not seen."""
    return town.promote(handle).receipt


def live(town: Town, made: Made) -> bool:
    """Whether demo shows a key as live."""
    return keys.view(town.demo, town.actor(ADA), made.key).app.live_at is not None


# ── trying again ────────────────────────────────────────────────────────────────────────────────────────────────────
def test_after_the_wrong_plan_the_same_person_tries_again(town: Town, production: Context, handle: str) -> None:
    """Within the hour another account may be chosen, or the same one once its plan is higher."""
    for _ in range(2):
        with refused(WRONG_PLAN):
            town.promote(handle, firm=SMALL)
    town.clock.advance(minutes=59)
    accounts.change_account(production, SMALL.production, "operator", plan="Business Pro")

    assert town.promote(handle, firm=SMALL).account == SMALL.production


def test_after_the_wrong_plan_nobody_else_tries(town: Town, production: Context, passed: Made) -> None:
    """The first who brought a promotion as far as its plan keeps it, even where the account was named."""
    accounts.change_account(production, ACME.production, "operator", plan="Standard")
    handle = town.present(passed, account=ACME.production)
    with refused(WRONG_PLAN):
        town.promote(handle)
    accounts.change_account(production, ACME.production, "operator", plan="Business Pro")
    with refused(NOT_THE_PRESENTER):
        town.promote(handle, by=BO)

    assert town.promote(handle).account == ACME.production


def test_somebody_who_may_not_does_not_take_it_away(town: Town, handle: str) -> None:
    """A stranger's attempt binds a promotion to nobody."""
    with refused(NOT_THE_PRESENTER):
        town.promote(handle, by=MALLORY, firm=STRANGE)

    assert town.promote(handle).account == ACME.production


def test_an_opened_ticket_ends_with_its_hour(town: Town, production: Context, handle: str) -> None:
    """In the last moment of the hour the promotion succeeds, at the hour it is over."""
    promotion.open_promotion(production, handle)
    town.clock.advance(hours=1)
    with refused(HANDLE_NOT_GOOD):
        town.promote(handle)
    town.clock.advance(microseconds=-1)

    assert town.promote(handle).account == ACME.production


def test_a_ticket_dies_with_the_review_behind_it(town: Town, production: Context, passed: Made) -> None:
    """A pass that ends within the ticket's hour ends the ticket too: at 90 days nothing is promoted any more."""
    town.clock.advance(days=90, minutes=-5)
    handle = town.present(passed)
    promotion.open_promotion(production, handle)
    town.clock.advance(minutes=5)
    with refused(HANDLE_NOT_GOOD):
        town.promote(handle)
    town.clock.advance(microseconds=-1)

    assert town.promote(handle).key == passed.key


def test_a_pass_that_ends_before_the_exchange_is_refused_as_that(town: Town, passed: Made) -> None:
    """Demo is asked at the moment of the exchange, and says why not."""
    town.clock.advance(days=90, minutes=-5)
    handle = town.present(passed)
    town.clock.advance(minutes=5)

    with refused(REVIEW_EXPIRED):
        town.promote(handle)


def test_a_key_deleted_in_demo_between_ticket_and_promotion_arrives(
    town: Town, production: Context, handle: str, passed: Made
) -> None:
    """Demo said its word with the ticket; the receipt is accepted for a tombstone, and names the key live."""
    promotion.open_promotion(production, handle)
    keys.delete(town.demo, town.actor(ADA), passed.key)
    town.promote(handle)

    assert receipts.deliver_receipts(production)
    assert live(town, passed)


def test_a_key_deleted_in_demo_before_the_exchange_stays_there(town: Town, handle: str, passed: Made) -> None:
    """No ticket leaves demo for a key that is gone, and the handle is spent no more than before: restore and retry."""
    keys.delete(town.demo, town.actor(ADA), passed.key)
    with refused(KEY_DELETED):
        town.promote(handle)
    keys.restore(town.demo, town.actor(ADA), passed.key)

    assert town.promote(handle).key == passed.key


def test_opening_again_asks_demo_no_more(town: Town, production: Context, handle: str) -> None:
    """Production keeps the ticket: demo may be silent from then on."""
    ticket = promotion.open_promotion(production, handle)
    town.wire_is_cut = True

    assert promotion.open_promotion(production, handle) == ticket
    assert town.promote(handle).key == ticket.key


def test_done_twice_it_answers_the_same(town: Town, production: Context, handle: str) -> None:
    """The same person gets the same receipt again, also long after the hour, and one key was made.

    Another account is judged anew: this one has the wrong plan.
    """
    first = town.promote(handle)
    town.clock.advance(days=30)

    assert town.promote(handle) == first
    with refused(WRONG_PLAN):
        town.promote(handle, firm=SMALL)
    events = keys.view(production, town.actor(ADA, production), first.key).events
    assert [event.name for event in events].count("KeyPromoted") == 1


def test_done_it_answers_nobody_else(town: Town, handle: str) -> None:
    """Another admin of the same account is not told the receipt."""
    town.promote(handle)

    with refused(NOT_THE_PRESENTER):
        town.promote(handle, by=BO)
    with refused(NO_SUCH_ACCOUNT):
        town.promote(handle, by=MALLORY)


@pytest.mark.parametrize("is_opened", [False, True], ids=["first seen", "opened before"])
def test_a_hundred_at_once_make_one_key(town: Town, production: Context, handle: str, is_opened: bool) -> None:
    """However many send the same promotion, each is answered with the same receipt, and one key was made."""
    if is_opened:
        promotion.open_promotion(production, handle)
    promoted, refusals = at_once(lambda _: town.promote(handle))

    assert (len(promoted), len(set(promoted)), refusals) == (100, 1, [])
    events = keys.view(production, town.actor(ADA, production), promoted[0].key).events
    assert [event.name for event in events] == ["KeyPromoted"]


def test_two_people_at_once_make_one_key(town: Town, passed: Made) -> None:
    """Where the account was named, the first of its admins wins and the others are refused."""
    handle = town.present(passed, account=ACME.production)
    people = [ADA, BO]
    promoted, refusals = at_once(lambda number: town.promote(handle, by=people[number % 2]), 20)

    assert (len(promoted), len(set(promoted)), set(refusals)) == (10, 1, {"not-the-presenter"})


def test_two_tickets_at_once_make_one_key(town: Town, production: Context, passed: Made) -> None:
    """Two tickets of one key that race make one key; the other is told that it exists."""
    handles = []
    for _ in range(2):
        handles.append(town.present(passed))
        promotion.open_promotion(production, handles[-1])
    promoted, refusals = at_once(lambda number: town.promote(handles[number]), 2)

    assert (len(promoted), refusals) == (1, ["key-exists"])


# ── receipts ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_receipt_is_sent_until_it_arrives(town: Town, production: Context, passed: Made, receipt: str) -> None:
    """While demo is silent nothing is lost; once it answered nothing is sent again."""
    town.wire_is_cut = True
    for _ in range(3):
        assert not receipts.deliver_receipts(production)
    assert not live(town, passed)
    town.wire_is_cut = False

    assert receipts.deliver_receipts(production)
    assert live(town, passed)
    town.wire_is_cut = True
    assert receipts.deliver_receipts(production)


def test_a_receipt_that_comes_twice_does_no_harm(town: Town, demo: Context, passed: Made, receipt: str) -> None:
    """Fifty deliveries at once are one arrival."""
    _, refusals = at_once(lambda _: receipts.accept_receipt(demo, receipt), 50)
    view = keys.view(demo, town.actor(ADA), passed.key)

    assert (refusals, view.app.live_at is not None) == ([], True)
    assert [event.name for event in view.events].count("ReceiptAccepted") == 1


def test_a_receipt_of_any_age_is_accepted(town: Town, demo: Context, passed: Made, receipt: str) -> None:
    """However late it arrives, long after ticket and pass expired, the key is shown as live since its promotion."""
    promoted_at = town.clock.now
    town.clock.advance(days=400)
    receipts.accept_receipt(demo, receipt)

    assert keys.view(demo, town.actor(ADA), passed.key).app.live_at == promoted_at


def test_a_receipt_reaches_a_key_that_was_deleted_in_demo(
    town: Town, demo: Context, passed: Made, receipt: str
) -> None:
    """Deleting the demo record does not stop the acknowledgement."""
    keys.delete(demo, town.actor(ADA), passed.key)
    receipts.accept_receipt(demo, receipt)

    assert live(town, passed)


def the_receipt(paper: str) -> Receipt:
    """What a receipt says, unverified."""
    claims = json.loads(base64.urlsafe_b64decode(paper.split(".")[1] + "=="))["paper"]
    return Receipt(**(claims | {"promoted_at": None}))


def test_a_forged_receipt_is_refused(
    town: Town, demo: Context, production: Context, passed: Made, receipt: str
) -> None:
    """Another key, another sender, another addressee, another kind of paper, a changed word: none makes a key live."""
    said = replace(the_receipt(receipt), promoted_at=town.clock.now)
    later, theirs, ours = town.clock.now, production.issuer, demo.issuer
    stranger = new_signing_key("EdDSA")
    impostor = new_signing_key("EdDSA")
    impostor.kid = production.paper_key.kid
    forgeries = [
        write_receipt(said, stranger, theirs, ours, later),
        write_receipt(said, impostor, theirs, ours, later),
        write_receipt(said, demo.paper_key, theirs, ours, later),
        write_receipt(said, production.paper_key, ours, ours, later),
        write_receipt(said, production.paper_key, theirs, theirs, later),
        production.paper_key.sign("keysteward-ticket+jwt", {"iss": theirs, "aud": ours, "paper": said}),
        production.paper_key.sign(RECEIPT, {"iss": theirs, "aud": ours, "paper": {"ticket": said.ticket}}),
        receipt[:-4] + ("AAAA" if receipt[-4:] != "AAAA" else "BBBB"),
        "garbage",
        "",
    ]
    for forgery in forgeries:
        with refused(TICKET_NOT_GOOD):
            receipts.accept_receipt(demo, forgery)

    assert not live(town, passed)


def test_a_receipt_for_another_ticket_or_key_is_refused(
    town: Town, demo: Context, production: Context, passed: Made, receipt: str
) -> None:
    """Production cannot make keys live that demo did not present."""
    said = replace(the_receipt(receipt), promoted_at=town.clock.now)
    other = town.create_app(name="Other")
    for wrong in (replace(said, ticket=UNKNOWN), replace(said, key=other.key), replace(said, key=UNKNOWN)):
        paper = write_receipt(wrong, production.paper_key, production.issuer, demo.issuer, town.clock.now)
        with refused(TICKET_NOT_GOOD):
            receipts.accept_receipt(demo, paper)

    assert not live(town, passed)
    assert not live(town, other)


def test_a_receipt_that_cannot_be_checked_now_may_come_again(
    town: Town, demo: Context, passed: Made, receipt: str
) -> None:
    """Where production's keys cannot be had the receipt is neither believed nor thrown away."""
    town.wire_is_cut = True
    with refused(OTHER_ENVIRONMENT_SILENT):
        receipts.accept_receipt(demo, receipt)
    town.wire_is_cut = False
    receipts.accept_receipt(demo, receipt)

    assert live(town, passed)


# ── afterwards ──────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_promoted_key_is_managed_in_its_account_only(town: Town, production: Context, handle: str) -> None:
    """Its admins manage it; an admin of another account sees nothing of it."""
    promoted = town.promote(handle)
    assert keys.view(production, town.actor(BO, production), promoted.key).app.account == ACME.production

    with refused(NO_SUCH_KEY):
        keys.view(production, town.actor(MALLORY, production), promoted.key)
    with refused(NO_SUCH_KEY):
        after_go_live.show(production, town.actor(MALLORY, production), promoted.key)


def test_a_deleted_key_stays_a_tombstone(town: Town, production: Context, handle: str) -> None:
    """In production a key is deleted and restored like anywhere, and only there."""
    promoted = town.promote(handle)
    actor = town.actor(ADA, production)
    keys.delete(production, actor, promoted.key)
    with refused(KEY_DELETED):
        credentials.add_secret(production, actor, promoted.key)

    assert keys.restore(production, actor, promoted.key).works
    assert keys.view(town.demo, town.actor(ADA), promoted.key).app.works
