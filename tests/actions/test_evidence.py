"""Which calls count towards Go-Live, and which break the run?"""

from datetime import timedelta

import pytest

from keysteward.actions import calls, golive
from keysteward.actions.calls import Answered, Asked
from keysteward.actions.context import Context
from keysteward.rules.golive import Review
from keysteward.rules.words import new_guid
from tests.cast import ADA, BO, SAM, VERA, Made, Town

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


# ── what counts ─────────────────────────────────────────────────────────────────────────────────────────────────────
def test_failures_of_the_api_are_not_the_app_s(town: Town, made: Made) -> None:
    """Upstream 5xx and the gateway's own 502 to 504 neither count nor break the run."""
    town.call(made, 10)
    for status, by_upstream in ((500, True), (503, True), (502, False), (503, False), (504, False)):
        town.call(made, status=status, by_upstream=by_upstream)
    town.call(made, 10)

    assert town.review(made).verdict == "passed"


@pytest.mark.parametrize("status", [401, 403, 404, 429])
def test_refusals_of_our_own_are_the_app_s(town: Town, made: Made, status: int) -> None:
    """A call that we refused, by a limit too, is a failed call."""
    town.call(made, 20)
    town.call(made, status=status, by_upstream=False)

    assert codes(town.review(made)) == ["calls-in-a-row", "no-errors"]


@pytest.mark.parametrize("path", ["/restapi/v2.1/login_information", "/restapi/v2.1/diagnostics/settings",
                                  "/management/v2/organizations", "/restapi/service_information"])  # fmt: skip
def test_calls_outside_an_account_do_not_count(town: Town, demo: Context, made: Made, path: str) -> None:
    """Logins, diagnostics and the Admin API make no progress and no harm, and the list says why."""
    caller = town.caller(demo, made)
    town.call(made, 19)
    for status in (200, 400):
        asked = Asked("GET", path, "", "", new_guid(), town.clock.now)
        calls.record(demo, caller, asked, Answered(status, "", "")).result(10)
    assert where(town, made) == ("not ready", 19)

    newest = golive.readiness(demo, town.actor(ADA), made.key).newest_calls[0]
    assert (newest.countable, newest.why_not != "") == (False, True)


def test_each_key_has_its_own_calls(town: Town, made: Made) -> None:
    """Another app's calls help nobody, and its errors harm nobody."""
    other = town.create_app(name="Other")
    town.call(made, 10)
    town.call(other, status=400)
    town.call(other, 20)
    town.call(made, 10)

    assert (town.review(made).verdict, town.review(other).verdict) == ("passed", "passed")


def test_calls_of_all_its_users_count(town: Town, made: Made) -> None:
    """A key's run is made by whoever uses the app."""
    for person in (ADA, SAM, VERA, BO):
        town.call(made, 5, by=person)

    assert town.review(made).verdict == "passed"


# ── polling ─────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("gap", "polls"),
    [
        (timedelta(0), True),
        (timedelta(minutes=3), True),
        (timedelta(minutes=15) - MICROSECOND, True),
        (timedelta(minutes=15), False),
        (timedelta(minutes=20), False),
    ],
)
def test_the_same_resource_is_read_once_in_fifteen_minutes(town: Town, made: Made, gap: timedelta, polls: bool) -> None:
    """Sooner is a violation that the second request carries; exactly 15 minutes pass."""
    read(town, made)
    town.clock.now += gap
    read(town, made)
    town.call(made, 18)
    review = town.review(made)

    assert (review.run, codes(review)) == ((18, ["calls-in-a-row", "no-polling"]) if polls else (20, []))


def test_polling_flags_and_never_blocks(town: Town, made: Made) -> None:
    """A violation breaks the run, and twenty good calls later it is forgotten."""
    for _ in range(3):
        read(town, made)
    assert where(town, made) == ("not ready", 0)
    town.call(made, 20)

    assert town.review(made).verdict == "passed"


def test_other_addresses_are_other_resources(town: Town, made: Made) -> None:
    """The unit is the exact address: documents, recipients and queries are read each on its own."""
    for below in (ENVELOPE, f"{ENVELOPE}/documents/1", f"{ENVELOPE}/documents/2", f"{ENVELOPE}/recipients",
                  f"{ENVELOPE}?include=recipients", ENVELOPE.replace("e0000001", "e0000002")):  # fmt: skip
        read(town, made, below)
    town.call(made, 14)

    assert town.review(made).verdict == "passed"


def test_repeated_writes_and_lists_are_fine(town: Town, made: Made) -> None:
    """PUT and POST may follow themselves, and so may listing, the way that is recommended."""
    town.call(made, 7, method="PUT", below=ENVELOPE, status=200)
    town.call(made, 7)
    town.call(made, 5, method="GET", below="/envelopes?from_date=2026-11-01", status=200)
    read(town, made)

    assert town.review(made).verdict == "passed"


def test_polling_is_counted_by_key_across_users(town: Town, made: Made) -> None:
    """Two users of one app who read the same resource poll; two apps do not."""
    other = town.create_app(name="Other")
    for app in (made, other):
        town.call(app, 19)
        read(town, app)
    assert where(town, made) == ("ready", 20)

    town.call(made, method="GET", below=ENVELOPE, status=200, by=ADA)
    assert where(town, made) == ("not ready", 0)
    assert where(town, other) == ("ready", 20)


# ── a day ───────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("spread", "broken"), [(timedelta(hours=24), []), (timedelta(hours=24) + MICROSECOND, ["within-a-day"])]
)
def test_the_twenty_calls_are_made_within_a_day(town: Town, made: Made, spread: timedelta, broken: list[str]) -> None:
    """Exactly 24 hours from the oldest to the newest pass."""
    town.call(made)
    town.clock.now += spread
    town.call(made, 19)

    assert codes(town.review(made)) == broken


@pytest.mark.parametrize(
    ("age", "broken"), [(timedelta(hours=24), []), (timedelta(hours=24) + MICROSECOND, ["recent"])]
)
def test_the_newest_call_is_at_most_a_day_old(town: Town, made: Made, age: timedelta, broken: list[str]) -> None:
    """Exactly 24 hours from the newest call to Start pass."""
    town.call(made, 20)
    town.clock.now += age

    assert codes(town.review(made)) == broken


def test_a_review_answers_with_everything_at_once(town: Town, made: Made) -> None:
    """Errors, polling and age are all named, so that nobody mends one thing a day."""
    town.call(made, status=400)
    read(town, made)
    read(town, made)
    town.clock.advance(days=2)

    assert codes(town.review(made)) == ["calls-in-a-row", "no-errors", "no-polling", "recent"]
