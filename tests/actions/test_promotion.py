"""Does a key enter production once, through the right hands, and with nothing but its name?"""

from datetime import timedelta

import pytest

from keysteward.actions import accounts, addresses, after_go_live, golive, keys, promotion, receipts
from keysteward.actions.context import Context
from keysteward.crypto.hashing import new_secret
from keysteward.rules.access import READ_KEYS, Actor
from keysteward.rules.accounts import ADMIN, NewUser
from keysteward.rules.keys import Settings
from keysteward.rules.refusals import (
    ACCOUNT_NOT_OPEN,
    ALREADY_LIVE,
    HANDLE_NOT_GOOD,
    INVALID_FIELD,
    KEY_DELETED,
    KEY_EXISTS,
    NO_SUCH_ACCOUNT,
    NO_SUCH_KEY,
    NOT_AN_ADMIN,
    NOT_THE_PRESENTER,
    OTHER_ENVIRONMENT_SILENT,
    PROMOTIONS_ARE_IN_PRODUCTION,
    REVIEW_EXPIRED,
    REVIEW_NOT_PASSED,
    REVIEWS_ARE_IN_DEMO,
    TOKEN_LACKS_PERMISSION,
    WRONG_PLAN,
)
from tests.cast import ACME, ADA, BO, COUNCIL, CY, MALLORY, SAM, SMALL, STRANGE, UNKNOWN, Made, Town, refused
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


def exchange(town: Town, handle: str) -> str:
    """Turn a handle into a ticket, as production asks demo to."""
    return promotion.exchange(town.demo, handle)


# ── what production gets ────────────────────────────────────────────────────────────────────────────────────────────
def test_the_key_arrives_with_its_name_and_nothing_else(town: Town, production: Context, passed: Made) -> None:
    """Same GUID, name and contact; no secret, keypair, redirect URI, origin, link or grant; the requester is kept."""
    keys.change(town.demo, town.actor(ADA), passed.key, keys.Change(privacy_url="https://acme.example/p"))
    promoted = town.promote(town.present(passed))
    view = keys.view(production, town.actor(ADA, production), passed.key)

    assert (promoted.key, promoted.account) == (passed.key, ACME.production)
    assert (view.app.key, view.app.name, view.app.contact) == (passed.key, passed.app.name, passed.app.contact)
    assert (view.app.integration_type, view.app.requester) == (passed.app.integration_type, ADA.email)
    assert (view.app.grants, view.app.privacy_url, view.settings) == (frozenset(), "", Settings())
    assert (view.app.promoted_at, view.app.works) == (town.clock.now, True)


def test_the_ticket_carries_the_sheet(town: Town, production: Context, passed: Made) -> None:
    """Production is told what demo had, so that it can be offered line by line: never a secret."""
    addresses.add_origin(town.demo, town.actor(ADA), passed.key, "https://app.example.com")
    town.promote(town.present(passed))
    after = after_go_live.show(production, town.actor(ADA, production), passed.key)
    demo = keys.view(town.demo, town.actor(ADA), passed.key)

    assert (after.sheet.redirect_uris, after.sheet.origins) == (demo.settings.redirect_uris, demo.settings.origins)
    assert after.sheet.thumbprints == tuple(keypair.thumbprint for keypair in demo.settings.keypairs)
    assert after.sheet.grants == tuple(sorted(demo.app.grants))
    assert passed.secret not in repr(after)


def test_the_after_page_says_what_is_missing(town: Town, production: Context, handle: str, passed: Made) -> None:
    """Step by step less is missing, until the key can be used."""
    town.promote(handle)
    actor = town.actor(ADA, production)
    assert after_go_live.show(production, actor, passed.key).missing == (
        "grants", "redirect_uris", "secrets", "keypairs",
    )  # fmt: skip

    keys.change(production, actor, passed.key, keys.Change(grants=frozenset({"confidential_code", "jwt"})))
    assert after_go_live.show(production, actor, passed.key).missing == ("redirect_uris", "secrets", "keypairs")
    town.configure(production, passed.key)
    assert after_go_live.show(production, actor, passed.key).missing == ()


def test_demo_learns_of_it_by_receipt(town: Town, demo: Context, handle: str, passed: Made) -> None:
    """Before the receipt the review is passed; after it the key is live, and in which account."""
    town.promote(handle)
    assert golive.status_of(demo, keys.view(demo, town.actor(ADA), passed.key).app)[0] == "Review Passed"
    assert receipts.deliver_receipts(town.production)
    view = keys.view(demo, town.actor(ADA), passed.key)

    assert golive.status_of(demo, view.app)[0] == "Live"
    assert (view.app.live_at, view.app.live_account) == (town.clock.now, "Acme (Business Pro)")
    event = view.events[0]
    assert (event.name, event.data["admins"], event.data["service_admin"]) == ("ReceiptAccepted", "3", "true")


def test_whoever_reads_from_memory_hears_that_a_key_is_live(town: Town, demo: Context, handle: str) -> None:
    """The receipt raises demo's epoch, for calls there are told how far a key is from being live."""
    before = demo.directory.epoch
    town.promote(handle)
    receipts.deliver_receipts(town.production)

    assert demo.directory.epoch > before


def test_demo_keeps_working(town: Town, demo: Context, made: Made) -> None:
    """A promoted key's demo record stays what it was."""
    before = keys.view(demo, town.actor(ADA), made.key).settings
    town.go_live(made)

    assert keys.view(demo, town.actor(ADA), made.key).settings == before
    assert town.sign_in_with(demo, made, SAM).access_token


# ── presenting ──────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_key_without_a_pass_is_not_presented(town: Town, demo: Context, made: Made) -> None:
    """Never reviewed, under review, failed: each is no pass."""
    with refused(REVIEW_NOT_PASSED):
        town.present(made)
    golive.start_review(demo, town.actor(ADA), made.key)
    with refused(REVIEW_NOT_PASSED):
        town.present(made)
    town.clock.advance(seconds=1)
    golive.settle_due(demo)

    with refused(REVIEW_NOT_PASSED):
        town.present(made)


def test_an_expired_pass_is_not_presented(town: Town, passed: Made) -> None:
    """In its last moment a pass is good, at 90 days it is not."""
    town.clock.advance(days=90, microseconds=-1)
    town.present(passed)
    town.clock.advance(microseconds=1)

    with refused(REVIEW_EXPIRED):
        town.present(passed)


def test_a_live_or_deleted_key_is_not_presented(town: Town, demo: Context, made: Made) -> None:
    """What is there already, and what is gone, goes nowhere."""
    town.go_live(made)
    with refused(ALREADY_LIVE):
        town.present(made)
    keys.delete(demo, town.actor(ADA), made.key)

    with refused(KEY_DELETED):
        town.present(made)


def test_only_the_account_s_admins_present(town: Town, demo: Context, passed: Made) -> None:
    """Members are told so, strangers learn nothing, and a token needs the permission."""
    for person in (MALLORY, CY):
        with refused(NO_SUCH_KEY):
            town.present(passed, by=person)
    with refused(NOT_AN_ADMIN):
        town.present(passed, by=SAM)
    reader = town.actor(ADA, permissions=frozenset({READ_KEYS}))

    with refused(TOKEN_LACKS_PERMISSION):
        promotion.present(demo, reader, passed.key, None)


@pytest.mark.parametrize("account", ["", "x", "10000001", ACME.production[:-1]])
def test_a_named_account_is_a_guid(town: Town, passed: Made, account: str) -> None:
    """Production's short numbers mean nothing in demo."""
    with refused(INVALID_FIELD, "account"):
        town.present(passed, account=account)


def test_each_environment_does_its_part(town: Town, production: Context, handle: str, passed: Made) -> None:
    """Production presents nothing and demo promotes nothing."""
    with refused(REVIEWS_ARE_IN_DEMO):
        promotion.present(production, town.actor(ADA, production), passed.key, None)
    with refused(PROMOTIONS_ARE_IN_PRODUCTION):
        promotion.promote(town.demo, town.actor(ADA), handle, ACME.demo)
    with refused(PROMOTIONS_ARE_IN_PRODUCTION):
        after_go_live.show(town.demo, town.actor(ADA), passed.key)
    with refused(HANDLE_NOT_GOOD):
        promotion.exchange(production, handle)


# ── handles ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_handle_is_good_for_ten_minutes(town: Town, passed: Made) -> None:
    """In its last moment a handle is exchanged, at ten minutes it is not."""
    early = town.present(passed)
    town.clock.advance(minutes=10, microseconds=-1)
    exchange(town, early)
    late = town.present(passed)
    town.clock.advance(minutes=10)

    with refused(HANDLE_NOT_GOOD):
        exchange(town, late)
    with refused(HANDLE_NOT_GOOD):
        town.promote(late)


def test_a_handle_is_exchanged_once(town: Town, handle: str) -> None:
    """Of a hundred that exchange it at once, one gets the ticket."""
    papers, refusals = at_once(lambda _: exchange(town, handle))

    assert (len(papers), refusals) == (1, ["handle-not-good"] * 99)


def test_a_newer_handle_kills_the_older_one(town: Town, passed: Made) -> None:
    """Whoever presses Go Live again works with the new link only."""
    older, newer = town.present(passed), town.present(passed, by=BO)
    with refused(HANDLE_NOT_GOOD):
        town.promote(older)

    assert town.promote(newer, by=BO).key == passed.key


@pytest.mark.parametrize(
    "handle",
    ["", "garbage", new_secret("ksh_"), new_secret("kst_")],
    ids=["empty", "garbage", "unknown", "another kind"],
)
def test_an_unknown_handle_is_refused(town: Town, handle: str) -> None:
    """Garbage and what was never issued are refused alike, on both sides."""
    with refused(HANDLE_NOT_GOOD):
        exchange(town, handle)
    with refused(HANDLE_NOT_GOOD):
        town.promote(handle)


@pytest.mark.parametrize(("days", "kind"), [(89, None), (90, REVIEW_EXPIRED)])
def test_demo_judges_again_at_the_exchange(town: Town, passed: Made, days: int, kind: object) -> None:
    """A pass that expired between Go Live and the exchange is refused; the handle of then stays unused."""
    town.clock.advance(days=days, seconds=-1)
    handle = town.present(passed)
    town.clock.advance(seconds=1)
    if kind is None:
        assert exchange(town, handle)
        return

    with refused(REVIEW_EXPIRED):
        exchange(town, handle)
    with refused(REVIEW_EXPIRED):
        town.promote(handle)


def test_a_key_that_was_deleted_meanwhile_is_not_exchanged(
    town: Town, demo: Context, passed: Made, handle: str
) -> None:
    """A key that is gone goes nowhere; restored, its handle is as good as its minutes."""
    keys.delete(demo, town.actor(ADA), passed.key)
    with refused(KEY_DELETED):
        exchange(town, handle)
    with refused(KEY_DELETED):
        town.promote(handle)
    keys.restore(demo, town.actor(ADA), passed.key)

    assert town.promote(handle).key == passed.key


def test_the_ticket_never_outlives_the_pass(town: Town, passed: Made) -> None:
    """A ticket is good for an hour, and less where the 90 days end sooner."""
    first = promotion.open_promotion(town.production, town.present(passed))
    assert first.expires_at == town.clock.now + timedelta(hours=1)
    town.clock.advance(days=90, minutes=-5)
    second = promotion.open_promotion(town.production, town.present(passed))

    assert second.expires_at == town.clock.now + timedelta(minutes=5)


# ── choosing the account ────────────────────────────────────────────────────────────────────────────────────────────
def test_every_account_is_shown_with_the_reason_against_it(town: Town, production: Context, handle: str) -> None:
    """Ada sees her three accounts: the fit one, the one on a lower plan, the one that she does not administer."""
    ticket = promotion.open_promotion(production, handle)
    choices = promotion.list_choices(production, town.actor(ADA, production), ticket)

    assert [(each.account.id, each.refused) for each in choices] == [
        (ACME.production, None), (SMALL.production, WRONG_PLAN), (COUNCIL.production, NOT_AN_ADMIN),
    ]  # fmt: skip


def test_a_lower_plan_is_not_the_right_type(town: Town, handle: str) -> None:
    """The sentence is the one that people know, and says which plan it takes."""
    with refused(WRONG_PLAN):
        town.promote(handle, firm=SMALL)


def test_whoever_is_no_admin_there_is_refused(town: Town, handle: str) -> None:
    """A member without the profile is told so; foreign and unknown accounts are one refusal."""
    with refused(NOT_AN_ADMIN):
        town.promote(handle, firm=COUNCIL)
    with refused(NO_SUCH_ACCOUNT):
        town.promote(handle, firm=STRANGE)
    actor = town.actor(ADA, town.production)
    for account in (UNKNOWN, ACME.demo, "", "x"):
        with refused(NO_SUCH_ACCOUNT):
            promotion.promote(town.production, actor, handle, account)


@pytest.mark.parametrize("state", ["suspended", "closed"])
def test_an_account_that_is_not_open_is_refused(town: Town, production: Context, handle: str, state: str) -> None:
    """A suspended or closed account takes no key, until it is open again."""
    accounts.change_account(production, ACME.production, "operator", state=state)  # type: ignore[arg-type]
    with refused(ACCOUNT_NOT_OPEN):
        town.promote(handle)
    accounts.change_account(production, ACME.production, "operator", state="open")

    assert town.promote(handle).account == ACME.production


def test_somebody_else_is_not_the_presenter(town: Town, production: Context, handle: str) -> None:
    """An admin of the right account, and one of another, cannot use a link that Ada's click made."""
    with refused(NOT_THE_PRESENTER):
        town.promote(handle, by=BO)
    with refused(NOT_THE_PRESENTER):
        town.promote(handle, by=MALLORY, firm=STRANGE)
    ticket = promotion.open_promotion(production, handle)
    choices = promotion.list_choices(production, town.actor(BO, production), ticket)
    assert [each.refused for each in choices] == [NOT_THE_PRESENTER]

    assert town.promote(handle).account == ACME.production


def test_the_presenter_is_known_by_address_in_any_letter_case(town: Town, production: Context, passed: Made) -> None:
    """One person with two spellings is one person."""
    there = accounts.add_user(town.demo, ACME.demo, NewUser("NEW@acme.example", "New", "Comer", ADMIN), ADA.email).user
    new = NewUser("new@Acme.example", "New", "Comer", ADMIN)
    here = accounts.add_user(production, ACME.production, new, ADA.email).user
    handle = promotion.present(town.demo, Actor(there.id, there.email, town.clock.now), passed.key, None)
    promoted = promotion.promote(production, Actor(here.id, here.email, town.clock.now), handle, ACME.production)

    assert promoted.key == passed.key


def test_naming_the_account_lets_another_person_finish(town: Town, passed: Made) -> None:
    """Where demo named the account, any of its admins may promote there, and nobody elsewhere."""
    handle = town.present(passed, account=STRANGE.production.upper())
    with refused(NOT_THE_PRESENTER):
        town.promote(handle, by=BO)

    assert town.promote(handle, by=MALLORY, firm=STRANGE).account == STRANGE.production


def test_a_token_needs_the_permission(town: Town, production: Context, handle: str) -> None:
    """A program that may read does not promote."""
    reader = town.actor(ADA, production, permissions=frozenset({READ_KEYS}))

    with refused(TOKEN_LACKS_PERMISSION):
        promotion.promote(production, reader, handle, ACME.production)


def test_a_guid_that_is_there_is_refused(town: Town, production: Context, passed: Made) -> None:
    """A key that is in production already is not made again, a deleted one neither: its GUID is never used again."""
    older = town.present(passed)
    promotion.open_promotion(production, older)
    handle = town.present(passed)
    town.promote(older)
    with refused(KEY_EXISTS):
        town.promote(handle)
    keys.delete(production, town.actor(ADA, production), passed.key)
    town.clock.advance(minutes=5)

    with refused(KEY_EXISTS):
        town.promote(handle)


def test_silence_is_not_a_no(town: Town, passed: Made) -> None:
    """Where demo does not answer the handle stays good, and the next try succeeds."""
    handle = town.present(passed)
    town.wire_is_cut = True
    with refused(OTHER_ENVIRONMENT_SILENT):
        town.promote(handle)
    town.wire_is_cut = False

    assert town.promote(handle).key == passed.key
