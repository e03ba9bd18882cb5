"""Where can the way from a passed review to production end, and what is said there?"""

import pytest

from keysteward.twin.cast import TOWNS
from tests.journeys.people import ADA, CLOSED, CY, DANA, SAM, SUSPENDED, TAILSPIN, TESS, UNKNOWN
from tests.journeys.story import NORTHWIND, Story, asked_by
from tests.twin.running import Twin

SHOPS = TOWNS["production"].second_account
NOWHERE = "ksh_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


@pytest.fixture
def story(twin: Twin) -> Story:
    """A new app whose review has passed."""
    story = Story(twin)
    story.pass_review()
    return story


@pytest.mark.parametrize(
    ("account", "refusal"),
    [
        (SHOPS, (409, "wrong-plan")),
        (CLOSED, (403, "account-not-open")),
        (SUSPENDED, (403, "account-not-open")),
        (UNKNOWN, (404, "no-such-account")),
        (TAILSPIN["production"], (404, "no-such-account")),
        (TOWNS["demo"].account, (404, "no-such-account")),
    ],
)
def test_an_account_that_cannot_take_it(story: Story, account: str, refusal: tuple[int, str]) -> None:
    """Each reason has its own refusal, which foreign and unknown accounts share.

    The same handle is good afterwards, for the right account.
    """
    handle = story.present()

    assert story.not_promoted(handle, account) == refusal
    assert story.production.refused("GET", f"/keys/{story.key}") == (404, "no-such-key")

    assert story.promote(handle)["account"] == NORTHWIND
    story.wait_until_live()


def test_only_an_admin_promotes(story: Story) -> None:
    """Sam, a sender of the account, is refused, and Ada takes the same handle afterwards."""
    handle = story.present()

    assert story.not_promoted(handle, by=asked_by(story.production, SAM)) == (403, "not-an-admin")

    assert story.promote(handle)["key"] == story.key


def test_only_an_admin_presents(story: Story) -> None:
    """In demo too: a sender can start no review and gets no ticket."""
    sam = asked_by(story.demo, SAM)

    assert sam.refused("POST", f"/keys/{story.key}/reviews") == (403, "not-an-admin")
    assert sam.refused("POST", f"/keys/{story.key}/tickets", {}) == (403, "not-an-admin")


def test_somebody_else_cannot_take_the_handle(story: Story) -> None:
    """Who has the handle, but neither the presenter's address nor an account that the ticket names, gets nothing."""
    handle = story.present()
    tess, dana = asked_by(story.production, TESS), asked_by(story.production, DANA)

    assert story.not_promoted(handle, TAILSPIN["production"], tess) == (403, "not-the-presenter")
    assert story.not_promoted(handle, SHOPS, dana) == (403, "not-the-presenter")
    assert story.not_promoted(handle, by=asked_by(story.production, CY)) == (403, "not-the-presenter")


def test_a_named_account_may_take_it(story: Story) -> None:
    """A consultant names the customer's account in demo, and the customer's admin promotes the key into it."""
    handle = story.present(TAILSPIN["production"])
    tess = asked_by(story.production, TESS)

    assert story.promote(handle, TAILSPIN["production"], tess)["account"] == TAILSPIN["production"]

    assert story.wait_until_live()["live_account"] == "Tailspin Toys (Business Pro)"
    assert tess.get(f"/keys/{story.key}")["requester"] == ADA.email
    assert story.production.refused("GET", f"/keys/{story.key}") == (404, "no-such-key")


def test_a_handle_lives_ten_minutes(story: Story) -> None:
    """After 11 minutes it is refused, and a new one is good."""
    handle = story.present()
    story.twin.advance(minutes=11)

    assert story.not_promoted(handle) == (410, "handle-not-good")

    assert story.promote(story.present())["key"] == story.key


def test_an_opened_promotion_lives_an_hour(story: Story) -> None:
    """Once production has the ticket, a retry works after the handle's ten minutes, and no longer after the hour."""
    handle = story.present()
    assert story.not_promoted(handle, SHOPS) == (409, "wrong-plan")
    story.twin.advance(minutes=50)
    assert story.not_promoted(handle, SHOPS) == (409, "wrong-plan")

    story.twin.advance(minutes=11)

    assert story.not_promoted(handle) == (410, "handle-not-good")


def test_a_newer_handle_kills_the_older(story: Story) -> None:
    """Only the newest one opens production."""
    older, newer = story.present(), story.present()

    assert story.not_promoted(older) == (410, "handle-not-good")
    assert story.promote(newer)["key"] == story.key


def test_a_handle_is_exchanged_once(story: Story) -> None:
    """The ticket leaves demo once; whoever brings the handle to demo again is refused, and so is a made-up one."""
    handle = story.present()
    story.promote(handle)

    assert story.demo.refused("POST", "/tickets/exchange", {"handle": handle}) == (410, "handle-not-good")
    assert story.demo.refused("POST", "/tickets/exchange", {"handle": NOWHERE}) == (410, "handle-not-good")
    assert story.not_promoted(NOWHERE) == (410, "handle-not-good")


def test_a_promotion_that_is_done_answers_the_same_again(story: Story) -> None:
    """A retry by the same person gets the same receipt; another account is judged anew, another person gets nothing."""
    handle = story.present()
    done = story.promote(handle)

    assert story.promote(handle) == done
    assert story.not_promoted(handle, SHOPS) == (409, "wrong-plan")
    assert story.not_promoted(handle, by=asked_by(story.production, CY)) == (403, "not-the-presenter")


def test_a_key_that_is_there_is_not_made_again(story: Story) -> None:
    """An older ticket that production still holds is refused once the key has arrived with a newer one."""
    older = story.present()
    assert story.not_promoted(older, SHOPS) == (409, "wrong-plan")
    story.promote(story.present())

    assert story.not_promoted(older) == (409, "key-exists")


def test_a_deleted_key_is_not_made_again(story: Story) -> None:
    """A tombstone in production keeps the GUID taken, and the key can be restored there."""
    older = story.present()
    assert story.not_promoted(older, SHOPS) == (409, "wrong-plan")
    story.promote(story.present())
    assert story.production.ask("DELETE", f"/keys/{story.key}").status_code == 200

    assert story.not_promoted(older) == (409, "key-exists")

    assert story.production.ask("POST", f"/keys/{story.key}/restorations", {}).json()["state"] == "active"


def test_a_key_deleted_in_demo_does_not_leave_it(story: Story) -> None:
    """A handle made before is refused: demo is asked at the moment of the exchange."""
    handle = story.present()
    assert story.demo.ask("DELETE", f"/keys/{story.key}").status_code == 200

    assert story.not_promoted(handle) == (409, "key-deleted")


def test_a_key_without_a_passed_review_gets_no_handle(twin: Twin) -> None:
    """Neither a new key nor one that is ready, before its review, can be presented."""
    story = Story(twin)
    assert story.demo.refused("POST", f"/keys/{story.key}/tickets", {}) == (409, "review-not-passed")

    story.start_in_demo().create(20)

    assert story.demo.refused("POST", f"/keys/{story.key}/tickets", {}) == (409, "review-not-passed")


def test_each_step_has_its_environment(story: Story) -> None:
    """Keys begin and are reviewed in demo and are promoted in production; elsewhere the reason is told."""
    handle, new = story.present(), {"name": "Too early", "contact": "team@northwind.example"}
    story.promote(handle)

    assert story.production.refused("POST", f"/accounts/{NORTHWIND}/keys", new) == (409, "keys-start-in-demo")
    assert story.production.refused("POST", f"/keys/{story.key}/reviews") == (409, "reviews-are-in-demo")
    assert story.production.refused("POST", f"/keys/{story.key}/tickets", {}) == (409, "reviews-are-in-demo")
    body = {"handle": handle, "account": NORTHWIND}
    assert story.demo.refused("POST", "/promotions", body) == (409, "promotions-are-in-production")
