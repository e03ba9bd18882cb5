"""Is a key judged by its real calls, cut at the moment of Start?"""

from datetime import timedelta

import pytest

from keysteward.actions import accounts, golive, keys
from keysteward.actions.context import Context
from keysteward.rules.access import READ_KEYS
from keysteward.rules.golive import Review
from keysteward.rules.refusals import (
    ACCOUNT_NOT_OPEN,
    ALREADY_LIVE,
    ALREADY_PASSED,
    ALREADY_UNDER_REVIEW,
    KEY_DELETED,
    NO_SUCH_KEY,
    NO_SUCH_OBJECT,
    NOT_AN_ADMIN,
    REVIEWS_ARE_IN_DEMO,
    TOKEN_LACKS_PERMISSION,
)
from tests.cast import ACME, ADA, BO, CY, MALLORY, SAM, UNKNOWN, Made, Town, refused
from tests.racing import at_once

ENVELOPE = "/envelopes/e0000001-0000-4000-8000-000000000000"
MICROSECOND = timedelta(microseconds=1)


def codes(review: Review) -> list[str]:
    """The rules that a review found broken."""
    return [finding.rule for finding in review.findings]


def where(town: Town, made: Made) -> tuple[str, int]:
    """The status of a key, and its n."""
    readiness = golive.readiness(town.demo, town.actor(ADA), made.key)
    return readiness.status, readiness.run


def read(town: Town, made: Made, below: str = ENVELOPE) -> None:
    """Read a resource once."""
    town.call(made, method="GET", below=below, status=200)


# ── twenty calls ────────────────────────────────────────────────────────────────────────────────────────────────────
def test_twenty_good_calls_pass(town: Town, made: Made) -> None:
    """With twenty in a row the key is ready, and its review passes."""
    assert where(town, made) == ("not ready", 0)
    town.call(made, 20)
    assert where(town, made) == ("ready", 20)

    review = town.review(made)
    assert (review.verdict, review.run, review.findings) == ("passed", 20, ())
    assert where(town, made) == ("Review Passed", 20)


def test_nineteen_do_not(town: Town, made: Made) -> None:
    """One call short is a failed review that says so."""
    town.call(made, 19)
    assert where(town, made) == ("not ready", 19)

    review = town.review(made)
    assert (review.verdict, review.run, codes(review)) == ("failed", 19, ["calls-in-a-row"])
    assert review.findings[0].sentence == "19 of 20 calls in a row succeeded within the rules."


def test_no_call_at_all_fails(town: Town, made: Made) -> None:
    """A key that was never used is judged like any other."""
    assert codes(town.review(made)) == ["calls-in-a-row"]


@pytest.mark.parametrize(("before", "after", "passes"), [(20, 0, False), (5, 19, False), (5, 20, True)])
def test_an_error_starts_the_count_again(town: Town, made: Made, before: int, after: int, passes: bool) -> None:
    """What counts is the run since the newest error."""
    town.call(made, before)
    town.call(made, status=400)
    town.call(made, after)
    review = town.review(made)

    assert (review.verdict == "passed", review.run) == (passes, after)
    assert codes(review) == ([] if passes else ["calls-in-a-row", "no-errors"])


def test_a_finding_names_the_call(town: Town, made: Made) -> None:
    """Whoever failed is told which call it was, where it went and what it was answered."""
    town.call(made, status=404, method="PUT", below=ENVELOPE)
    town.call(made, 5)
    (finding,) = [each for each in town.review(made).findings if each.rule == "no-errors"]
    newest = golive.readiness(town.demo, town.actor(ADA), made.key).newest_calls[-1]

    assert (finding.call, finding.method, finding.status) == (newest.sequence, "PUT", 404)
    assert finding.url == f"/restapi/v2.1/accounts/{ACME.demo}{ENVELOPE}"
    assert finding.sentence == "PUT was answered 404 INVALID_REQUEST_PARAMETER."


# ── the cut ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_calls_after_start_do_no_harm(town: Town, made: Made) -> None:
    """An error after Start is not part of the evidence."""
    town.call(made, 20)
    review = golive.start_review(town.demo, town.actor(ADA), made.key)
    town.call(made, 3, status=400)
    town.clock.advance(seconds=1)
    golive.settle_due(town.demo)

    assert golive.load_review(town.demo, town.actor(ADA), made.key, review.id)[1].verdict == "passed"


def test_calls_after_start_do_not_help(town: Town, made: Made) -> None:
    """The twentieth call after Start comes too late for this review."""
    town.call(made, 19)
    review = golive.start_review(town.demo, town.actor(ADA), made.key)
    town.call(made, 5)
    town.clock.advance(seconds=1)
    golive.settle_due(town.demo)
    settled = golive.load_review(town.demo, town.actor(ADA), made.key, review.id)[1]

    assert (settled.verdict, settled.run) == ("failed", 19)


def test_a_late_verdict_judges_by_the_time_of_start(town: Town, made: Made) -> None:
    """However late the job runs, the newest call is as old as it was at Start; the 90 days run from the verdict."""
    town.call(made, 20)
    review = golive.start_review(town.demo, town.actor(ADA), made.key)
    town.clock.advance(days=3)
    golive.settle_due(town.demo)
    settled = golive.load_review(town.demo, town.actor(ADA), made.key, review.id)[1]

    assert settled.verdict == "passed"
    assert settled.expires_at(town.demo.policy) == town.clock.now + timedelta(days=90)


# ── settling ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_review_waits_for_its_verdict(town: Town, made: Made) -> None:
    """Under Review until the delay is over, then settled by whoever asks first."""
    town.call(made, 20)
    golive.start_review(town.demo, town.actor(ADA), made.key)
    assert (golive.settle_due(town.demo), where(town, made)[0]) == (0, "Under Review")

    town.clock.advance(seconds=1)
    assert (golive.settle_due(town.demo), where(town, made)[0]) == (1, "Review Passed")
    assert golive.settle_due(town.demo) == 0


def test_a_verdict_is_given_once(town: Town, made: Made) -> None:
    """Of fifty jobs at once one settles a review, and one event tells of it."""
    town.call(made, 20)
    golive.start_review(town.demo, town.actor(ADA), made.key)
    town.clock.advance(seconds=1)
    settled, _ = at_once(lambda _: golive.settle_due(town.demo), 50)
    names = [event.name for event in keys.view(town.demo, town.actor(ADA), made.key).events]

    assert (sum(settled), names.count("ReviewSettled")) == (1, 1)


def test_a_verdict_names_its_evidence_and_policy(town: Town, made: Made) -> None:
    """A settled review says who asked, by which policy, and has a digest of what it judged."""
    review = town.pass_review(made, by=BO)

    assert (review.requester, review.requester_email) == (BO.demo, BO.email)
    assert (review.policy_version, len(review.evidence_digest)) == (town.demo.policy.version, 64)


# ── starting again ──────────────────────────────────────────────────────────────────────────────────────────────────
def test_of_fifty_starts_at_once_one_is_served(town: Town, made: Made) -> None:
    """A key has one review at a time."""
    town.call(made, 20)
    started, refusals = at_once(lambda _: golive.start_review(town.demo, town.actor(ADA), made.key), 50)

    assert (len(started), refusals) == (1, ["already-under-review"] * 49)


def test_a_failed_review_may_be_repeated(town: Town, made: Made) -> None:
    """After new good calls the same key passes, and both reviews stay on record, newest first."""
    town.call(made, 19)
    first = town.review(made)
    assert where(town, made)[0] == "Review Failed"
    second = town.pass_review(made)

    assert golive.readiness(town.demo, town.actor(ADA), made.key).reviews == [second, first]


def test_a_pass_is_good_for_ninety_days(town: Town, made: Made) -> None:
    """In the last moment it is passed; at 90 days it has expired, and the key may start again."""
    town.pass_review(made)
    with refused(ALREADY_PASSED):
        golive.start_review(town.demo, town.actor(ADA), made.key)
    town.clock.now += timedelta(days=90) - MICROSECOND
    assert where(town, made)[0] == "Review Passed"
    town.clock.now += MICROSECOND
    assert where(town, made)[0] == "Review Expired"

    town.pass_review(made)
    assert where(town, made)[0] == "Review Passed"


def test_what_stands_in_the_way_of_a_review(town: Town, demo: Context, made: Made) -> None:
    """Under review, live and deleted keys are told apart."""
    golive.start_review(demo, town.actor(ADA), made.key)
    with refused(ALREADY_UNDER_REVIEW):
        golive.start_review(demo, town.actor(ADA), made.key)
    town.clock.advance(seconds=1)
    golive.settle_due(demo)
    town.go_live(made)
    with refused(ALREADY_LIVE):
        golive.start_review(demo, town.actor(ADA), made.key)
    keys.delete(demo, town.actor(ADA), made.key)

    with refused(KEY_DELETED):
        golive.start_review(demo, town.actor(ADA), made.key)


def test_an_account_that_is_not_open_starts_none(town: Town, demo: Context, made: Made) -> None:
    """A suspended account's keys are not reviewed."""
    accounts.change_account(demo, ACME.demo, "operator", state="suspended")

    with refused(ACCOUNT_NOT_OPEN):
        golive.start_review(demo, town.actor(ADA), made.key)


# ── who may ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_only_the_account_s_admins_review(town: Town, demo: Context, made: Made) -> None:
    """Members are told so, strangers learn nothing, and a token needs the permission."""
    for person in (MALLORY, CY):
        with refused(NO_SUCH_KEY):
            golive.start_review(demo, town.actor(person), made.key)
        with refused(NO_SUCH_KEY):
            golive.readiness(demo, town.actor(person), made.key)
    with refused(NOT_AN_ADMIN):
        golive.start_review(demo, town.actor(SAM), made.key)
    with refused(NOT_AN_ADMIN):
        golive.readiness(demo, town.actor(SAM), made.key)
    with refused(TOKEN_LACKS_PERMISSION):
        golive.start_review(demo, town.actor(ADA, permissions=frozenset({READ_KEYS})), made.key)


def test_keys_are_reviewed_in_demo(town: Town, production: Context, made: Made) -> None:
    """Production starts no reviews."""
    live = town.go_live(made)

    with refused(REVIEWS_ARE_IN_DEMO):
        golive.start_review(production, town.actor(ADA, production), live.key)


def test_a_review_is_found_through_its_own_key(town: Town, demo: Context, made: Made) -> None:
    """Another key's review and an unknown one are the same refusal."""
    review, other = town.review(made), town.create_app(name="Other")
    assert golive.load_review(demo, town.actor(ADA), made.key, review.id.upper())[1] == review

    for key, name in ((other.key, review.id), (made.key, UNKNOWN), (made.key, "")):
        with refused(NO_SUCH_OBJECT):
            golive.load_review(demo, town.actor(ADA), key, name)


def test_an_overview_shows_each_app_s_status(town: Town, demo: Context, made: Made) -> None:
    """The list of an account says of each app where it stands."""
    other = town.create_app(name="Other")
    town.call(other, 7)
    review = town.pass_review(made)
    shown = {each.app.key: each for each in golive.overview(demo, town.actor(ADA), ACME.demo)}

    assert (shown[made.key].status, shown[made.key].run, shown[made.key].review) == ("Review Passed", 20, review)
    assert (shown[other.key].status, shown[other.key].run, shown[other.key].review) == ("not ready", 7, None)
    assert golive.status_of(demo, shown[other.key].app) == ("not ready", 7)
