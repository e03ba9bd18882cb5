"""What does a review find when the calls are not good enough?"""

from datetime import timedelta
from typing import Any

import docusign_esign as ds
import pytest

from keysteward.twin.cast import TOWNS
from tests.journeys.people import ADA, UNKNOWN
from tests.journeys.story import Caller, Story, asked_by, refused_by_api, refused_by_oauth
from tests.twin.running import Twin

FIFTEEN_MINUTES = timedelta(minutes=15)


@pytest.fixture
def story(twin: Twin) -> Story:
    """A new app."""
    return Story(twin)


@pytest.fixture
def caller(story: Story) -> Caller:
    """Its program, before the first call."""
    return story.start_in_demo()


def rules(review: dict[str, Any]) -> list[str]:
    """The rules of which a review has findings."""
    return [each["rule"] for each in review["findings"]]


def finding(review: dict[str, Any], rule: str) -> dict[str, Any]:
    """The one finding of a rule."""
    (found,) = [each for each in review["findings"] if each["rule"] == rule]
    return dict(found)


def test_19_calls_are_one_too_few(story: Story, caller: Caller) -> None:
    """The only finding is the number, and it says how many are missing."""
    caller.create(19)

    review = story.review()

    assert (review["status"], review["run"], rules(review)) == ("Review Failed", 19, ["calls-in-a-row"])
    assert finding(review, "calls-in-a-row")["sentence"] == "19 of 20 calls in a row succeeded within the rules."
    assert story.demo.refused("POST", f"/keys/{story.key}/tickets", {}) == (409, "review-not-passed")


def test_a_failed_review_can_be_started_again(story: Story, caller: Caller) -> None:
    """One more good call and the next review passes; both stay on record."""
    caller.create(19)
    story.review()
    caller.create()

    assert story.review()["status"] == "Review Passed"
    reviews = story.demo.get(f"/keys/{story.key}/reviews")["reviews"]
    assert [each["status"] for each in reviews] == ["Review Passed", "Review Failed"]


def test_an_error_among_the_newest_20_is_named(story: Story, caller: Caller) -> None:
    """The finding names the call, its address and its status, and n counts from the call behind it."""
    caller.create(15)
    with refused_by_api(404, "ENVELOPE_DOES_NOT_EXIST"):
        caller.get(UNKNOWN)
    caller.create(12)

    review = story.review()

    assert (review["status"], review["run"], rules(review)) == ("Review Failed", 12, ["calls-in-a-row", "no-errors"])
    call = finding(review, "no-errors")["call"]
    path = f"/restapi/v2.1/accounts/{TOWNS['demo'].account}/envelopes/{UNKNOWN}"
    assert (call["method"], call["url"], call["status"]) == ("GET", path, 404)
    assert finding(review, "no-errors")["sentence"] == "GET was answered 404 ENVELOPE_DOES_NOT_EXIST."


def test_an_error_before_the_newest_20_is_forgiven(story: Story, caller: Caller) -> None:
    """20 good calls after it are enough."""
    with refused_by_api(404, "ENVELOPE_DOES_NOT_EXIST"):
        caller.get(UNKNOWN)
    caller.create(20)

    review = story.review()

    assert (review["status"], rules(review)) == ("Review Passed", [])


def test_a_call_to_a_foreign_account_is_an_error_too(story: Story, caller: Caller) -> None:
    """A call whose user is no member of the path's account counts against the key."""
    caller.create(20)
    with refused_by_api(400, "USER_DOES_NOT_BELONG_TO_SPECIFIED_ACCOUNT"):
        caller.envelopes.list_status_changes(TOWNS["demo"].second_account, from_date="2026-01-01")

    review = story.review()

    assert (review["run"], rules(review)) == (0, ["calls-in-a-row", "no-errors"])
    assert finding(review, "no-errors")["call"]["status"] == 400


def test_a_get_repeated_too_soon_is_polling(story: Story, caller: Caller) -> None:
    """The second read of the same resource is named, and n counts from the call behind it."""
    envelope = caller.create()
    caller.get(envelope)
    story.twin.advance(minutes=10)
    caller.get(envelope)
    second = story.readiness()["calls"][0]["sequence"]
    caller.create(19)

    review = story.review()

    assert (review["status"], review["run"], rules(review)) == ("Review Failed", 19, ["calls-in-a-row", "no-polling"])
    call = finding(review, "no-polling")["call"]
    assert (call["sequence"], call["method"], call["status"]) == (second, "GET", 200)
    assert call["url"].endswith(f"/envelopes/{envelope}")


def test_a_get_repeated_after_15_minutes_is_no_polling(story: Story, caller: Caller) -> None:
    """The clock is set to the very instant at which 15 minutes are over; the second read breaks nothing."""
    envelope = caller.create()
    caller.get(envelope)
    story.twin.set_clock(now=(story.called_at() + FIFTEEN_MINUTES).isoformat())
    caller.get(envelope)
    assert timedelta(0) <= story.called_at() - story.called_at(1) - FIFTEEN_MINUTES < timedelta(minutes=1)
    caller.create(17)

    review = story.review()

    assert (review["status"], rules(review)) == ("Review Passed", [])


def test_what_else_repeats_is_no_polling(story: Story, caller: Caller) -> None:
    """Lists, changes and a read after a change of the same resource may follow each other at once."""
    envelope = caller.create()
    for _ in range(3):
        caller.envelopes.list_status_changes(caller.account, from_date="2026-01-01")
    for subject in ("One", "Two"):
        caller.envelopes.update(caller.account, envelope, envelope=ds.Envelope(email_subject=subject))
    caller.get(envelope)
    caller.create(13)

    review = story.review()

    assert (review["status"], rules(review)) == ("Review Passed", [])


def test_calls_spread_over_more_than_a_day(story: Story, caller: Caller) -> None:
    """20 in a row are not enough when the first and the last lie more than 24 hours apart."""
    caller.create(10)
    story.twin.advance(hours=24)
    story.impersonate("demo").create(10)

    review = story.review()

    assert (review["status"], review["run"], rules(review)) == ("Review Failed", 20, ["within-a-day"])


def test_calls_of_the_day_before_yesterday(story: Story, caller: Caller) -> None:
    """20 good calls are not enough when the newest is more than 24 hours old at the start."""
    caller.create(20)
    story.twin.advance(hours=24)

    review = story.review()

    assert (review["status"], review["run"], rules(review)) == ("Review Failed", 20, ["recent"])


def test_all_findings_come_at_once(story: Story, caller: Caller) -> None:
    """Too few, an error, a repeated read and their age are told in one review, so that one mending is enough."""
    envelope = caller.create()
    caller.get(envelope)
    caller.get(envelope)
    with refused_by_api(404, "ENVELOPE_DOES_NOT_EXIST"):
        caller.get(UNKNOWN)
    story.twin.advance(hours=25)

    assert rules(story.review()) == ["calls-in-a-row", "no-errors", "no-polling", "recent"]


def test_calls_after_the_start_do_not_help(story: Story, caller: Caller) -> None:
    """The evidence is cut when Start is pressed: a twentieth call that comes later is not seen."""
    caller.create(19)
    started = story.demo.make(f"/keys/{story.key}/reviews")
    caller.create()

    review = story.verdict_of(started["id"])

    assert (review["status"], review["run"], rules(review)) == ("Review Failed", 19, ["calls-in-a-row"])


def test_a_key_has_one_review_at_a_time(story: Story, caller: Caller) -> None:
    """Once one is started another cannot be, neither while it waits for its verdict nor once it has passed."""
    caller.create(20)
    started = story.demo.make(f"/keys/{story.key}/reviews")
    at_once = story.demo.refused("POST", f"/keys/{story.key}/reviews")

    assert at_once in {(409, "already-under-review"), (409, "already-passed")}  # a busy machine may be slow to ask
    assert story.verdict_of(started["id"])["status"] == "Review Passed"
    assert story.demo.refused("POST", f"/keys/{story.key}/reviews") == (409, "already-passed")


def test_a_pass_expires_after_90_days(story: Story) -> None:
    """91 days later neither a ticket nor the old handle is good; new calls and a new review open the way again."""
    story.pass_review()
    handle = story.present()
    story.twin.advance(days=91)
    story.demo, story.production = asked_by(story.demo, ADA), asked_by(story.production, ADA)

    assert story.readiness()["status"] == "Review Expired"
    assert story.demo.refused("POST", f"/keys/{story.key}/tickets", {}) == (409, "review-expired")
    assert story.not_promoted(handle) == (410, "handle-not-good")

    story.impersonate("demo").create(20)
    assert story.review()["status"] == "Review Passed"
    assert story.promote(story.present())["key"] == story.key


def test_a_stopped_key_makes_no_calls(story: Story, caller: Caller) -> None:
    """A stopped key's tokens and assertions are refused, and starting it again lets it go on where it was."""
    caller.create(19)
    assert story.demo.ask("PUT", f"/keys/{story.key}/stop", {}).status_code == 200
    with refused_by_api(401, "AUTHORIZATION_INVALID_TOKEN"):
        caller.create()
    with refused_by_oauth("invalid_grant", "issuer_not_found"):
        story.impersonate("demo")

    assert story.demo.ask("DELETE", f"/keys/{story.key}/stop").status_code == 200
    story.impersonate("demo").create()
    assert story.review()["status"] == "Review Passed"
