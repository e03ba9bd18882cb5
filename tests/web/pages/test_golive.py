"""How does the console lead a key to production, as far as demo goes?"""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from keysteward.actions import approvals, golive, keys, promotion
from keysteward.rules.refusals import (
    ALREADY_PASSED,
    ALREADY_UNDER_REVIEW,
    KEY_DELETED,
    REVIEW_EXPIRED,
    REVIEW_NOT_PASSED,
    REVIEWS_ARE_IN_DEMO,
)
from tests.approving import OLIVE, SAID, decide, employ, let_wait
from tests.cast import ACME, ADA, UNKNOWN, Made, Town
from tests.web.pages.browsing import Browser, Page

ENVELOPE = "/envelopes/aaaaaaaa-0000-4000-8000-000000000001"


def verdicts(page: Page) -> dict[str, str]:
    """Every requirement of the Go-Live page, with what is observed and its verdict."""
    table = next(each for each in page.main.all("table") if "Requirements" in each.all("caption")[0].text)
    rows = [[cell.text for cell in row.all("td")] for row in table.all("tr")[1:]]
    return {observed: verdict for _, _, observed, _, _, verdict in rows}


def links(page: Page, to: str) -> set[str]:
    """What the links say that lead to an address, wherever on its page."""
    return {link.text for link in page.main.all("a") if link.get("href").partition("#")[0] == to}


def settle(town: Town) -> None:
    """Let a review have its verdict."""
    town.clock.advance(seconds=1)
    golive.settle_due(town.demo)


def test_a_key_without_calls_has_its_way_before_it(ada: Browser, made: Made) -> None:
    """Nothing is met yet, nothing is wrong, and no review can start."""
    page = ada.open(f"/apps/{made.key}/go-live")

    assert "0 of 20 calls in a row" in page.main.text
    assert "20 more calls in a row and a review can pass." in page.main.text
    assert set(verdicts(page).values()) == {"Waiting"}
    assert not page.forms(f"/apps/{made.key}/reviews")


def test_calls_are_counted_as_they_come(ada: Browser, town: Town, made: Made) -> None:
    """Each call shows in the row; those that do not count stand apart, with the reason."""
    town.call(made, 13, every=timedelta(seconds=5))
    town.call(made, 1, status=503, by_upstream=False)
    page = ada.open(f"/apps/{made.key}/go-live")

    assert "13 of 20 calls in a row" in page.main.text
    assert "7 more calls in a row and a review can pass." in page.main.text
    assert verdicts(page)["13 of 20"] == "Waiting"
    assert verdicts(page)["No error"] == "Met"
    assert "The gateway could not reach the API." in page.main.text


def test_what_an_operator_said_leads_on(ada: Browser, town: Town, made: Made) -> None:
    """A question leads to its answer, a decline to its reason; after that a review may start again."""
    employ(town)
    review, there = let_wait(town, made), f"/apps/{made.key}/go-live"
    results = f"/apps/{made.key}/reviews/{review.id}"
    waits = ada.open(there)
    approvals.ask(town.demo, town.actor(OLIVE), review.id, SAID)
    asked = ada.open(there)
    decide(town, review, "declined", "The terms of use are missing.")
    declined = ada.open(there)

    said = [links(page, results) - links(waits, results) for page in (asked, declined)]
    assert said == [{"Read the question", "Answer the operator"}, {"Read the reason"}]
    assert "mend what the operator named, then start the review again." in declined.main.text
    assert [len(page.forms(f"/apps/{made.key}/reviews")) for page in (waits, asked, declined)] == [0, 0, 1]


def test_a_live_key_leads_to_production(ada: Browser, town: Town, made: Made) -> None:
    """To the page there that says what is still missing."""
    town.go_live(made)
    after = f"{town.production.origin}/apps/{made.key}/after-go-live"

    assert links(ada.open(f"/apps/{made.key}/go-live"), after) == {"View in production"}


def test_what_broke_the_run_is_named(ada: Browser, town: Town, made: Made) -> None:
    """The newest call that ended a run stands there with what to do next."""
    town.call(made, 6)
    town.call(made, 1, status=400)
    town.call(made, 4)
    page = ada.open(f"/apps/{made.key}/go-live")

    assert "4 of 20 calls in a row" in page.main.text
    assert "POST was answered 400 INVALID_REQUEST_PARAMETER." in page.main.text
    assert "Make 16 more good calls" in page.main.text
    assert verdicts(page)["1 error"] == "Not met"


def looks_again(page: Page, name: str) -> tuple[bool, str]:
    """Whether the whole page comes again without JavaScript, and when its live part does with it."""
    part = page.by_id(name)
    assert part
    refreshed = [node for node in page.root.all("meta") if node.get("http-equiv") == "refresh"]
    return bool(refreshed), part.get("hx-trigger")


def test_a_review_is_started_runs_and_passes(ada: Browser, town: Town, made: Made) -> None:
    """Pressing Start leads to the results, which look again by themselves until the verdict is there."""
    town.call(made, 20, every=timedelta(seconds=5))
    at = f"/apps/{made.key}"
    ready = ada.open(f"{at}/go-live")
    started = ada.send(ready, f"{at}/reviews")
    running, progress = ada.open(started.location), ada.open(f"{at}/go-live")
    settle(town)
    passed = ada.open(started.location)

    assert verdicts(ready)["1 min 35 s"] == "Met"
    assert started.location.startswith(f"{at}/reviews/")
    assert looks_again(running, "results") == looks_again(progress, "progress") == (True, "every 2s")
    assert "Under Review" in running.main.text
    assert looks_again(passed, "results") == (False, "")
    assert passed.by_id("verdict-title") is not None
    assert "20 calls in a row succeeded within the rules. Go live by 18 February 2027" in passed.main.text
    assert passed.forms(f"{started.location}/go-live")


def test_a_failed_review_says_everything_that_stood_in_the_way(ada: Browser, town: Town, made: Made) -> None:
    """All findings, each with its rule, its source, its calls and what to do next; then it may start again."""
    town.call(made, 8)
    town.call(made, 1, status=404, method="GET", below=ENVELOPE)
    town.call(made, 9)
    town.call(made, 3, status=200, method="GET", below=ENVELOPE, every=timedelta(seconds=60))
    review = town.review(made)
    page = ada.open(f"/apps/{made.key}/reviews/{review.id}")
    findings = [article.text for article in page.main.all("article")]

    assert "3 rules were not met." in page.main.text
    assert len(findings) == 3
    assert "0 of 20 calls in a row succeeded within the rules." in findings[0]
    assert "GET was answered 404 INVALID_REQUEST_PARAMETER." in findings[1]
    assert "3 of the newest 20 calls broke this rule." in findings[2]
    assert "The same resource was read again after 1 min 0 s, sooner than 15 minutes." in findings[2]
    for finding, code in zip(findings, ("calls-in-a-row", "no-errors", "no-polling"), strict=True):
        assert code in finding
        assert "What to do next." in finding
        assert "Source:" in finding
    assert not page.forms(f"/apps/{made.key}/reviews")
    town.call(made, 20)
    assert ada.open(f"/apps/{made.key}/reviews/{review.id}").forms(f"/apps/{made.key}/reviews")


def test_a_review_cannot_start_twice(ada: Browser, town: Town, made: Made) -> None:
    """The page shows where the key stands, with the refusal above it."""
    town.call(made, 20)
    at = f"/apps/{made.key}"
    form = ada.open(f"{at}/go-live")
    ada.send(form, f"{at}/reviews")
    twice = ada.send(form, f"{at}/reviews")
    settle(town)
    after = ada.send(form, f"{at}/reviews")

    assert (twice.status, ALREADY_UNDER_REVIEW.sentence in twice.notice) == (409, True)
    assert (after.status, ALREADY_PASSED.sentence in after.notice) == (409, True)


def test_a_deleted_key_cannot_start_a_review(ada: Browser, town: Town, made: Made) -> None:
    """Its page says what to do first."""
    town.call(made, 20)
    form = ada.open(f"/apps/{made.key}/go-live")
    keys.delete(town.demo, town.actor(ADA), made.key)
    page = ada.send(form, f"/apps/{made.key}/reviews")

    assert (page.status, KEY_DELETED.sentence in page.notice) == (409, True)
    assert "This key is deleted: restore it first." in page.main.text
    assert not page.forms(f"/apps/{made.key}/reviews")


def test_go_live_leads_to_production_with_a_handle(ada: Browser, town: Town, made: Made) -> None:
    """Pressing Go Live redirects to the other origin, which the page's policy allows, with a handle that is good."""
    review = town.pass_review(made)
    at = f"/apps/{made.key}/reviews/{review.id}"
    page = ada.open(at)
    pressed = ada.send(page, f"{at}/go-live", account="")
    target = urlsplit(pressed.location)

    assert f"form-action 'self' {town.production.origin}" in page.headers["Content-Security-Policy"]
    assert (pressed.status, f"{target.scheme}://{target.netloc}") == (303, town.production.origin)
    assert target.path == "/go-live"
    (handle,) = parse_qs(target.query)["handle"]
    assert promotion.open_promotion(town.production, handle).key == made.key


def test_only_the_page_that_leads_to_production_may_send_forms_there(ada: Browser, town: Town, made: Made) -> None:
    """Elsewhere forms stay on their own origin."""
    policy = ada.open(f"/apps/{made.key}").headers["Content-Security-Policy"]

    assert policy.endswith("form-action 'self'")


@pytest.mark.parametrize("account", ["nonsense", UNKNOWN[:-1], "acc00001-90d0-4000-8000-00000000000g"])
def test_an_account_that_is_no_guid_is_refused_at_its_field(ada: Browser, town: Town, made: Made, account: str) -> None:
    """What was typed stays."""
    review = town.pass_review(made)
    at = f"/apps/{made.key}/reviews/{review.id}"
    page = ada.send(ada.open(at), f"{at}/go-live", account=account)

    assert (page.status, page.value("account")) == (422, account)
    assert page.error_at("account") == "Give the GUID of the production account."
    assert town.production.origin in page.headers["Content-Security-Policy"]


def test_an_account_can_be_named_for_a_colleague(ada: Browser, town: Town, made: Made) -> None:
    """Its GUID travels in the ticket, blanks around it do not."""
    review = town.pass_review(made)
    at = f"/apps/{made.key}/reviews/{review.id}"
    pressed = ada.send(ada.open(at), f"{at}/go-live", account=f"  {ACME.production} ")
    (handle,) = parse_qs(urlsplit(pressed.location).query)["handle"]

    assert promotion.open_promotion(town.production, handle).account == ACME.production


def test_a_pass_that_expired_goes_nowhere(ada: Browser, town: Town, made: Made) -> None:
    """After 90 days the page says so, offers no Go Live, and refuses a form that was kept."""
    review = town.pass_review(made)
    at = f"/apps/{made.key}/reviews/{review.id}"
    kept = ada.open(at)
    town.clock.advance(days=90)
    ada.sign_in(ADA)
    page = ada.open(at)
    late = ada.send(kept, f"{at}/go-live")

    assert "Review Expired" in page.main.text
    assert not page.forms(f"{at}/go-live")
    assert (late.status, "more than 90 days ago" in late.notice) == (REVIEW_EXPIRED.status, True)


def test_a_failed_review_goes_nowhere(ada: Browser, town: Town, made: Made) -> None:
    """A form that was made by hand is refused above the results."""
    review = town.review(made)
    page = ada.ask("POST", f"/apps/{made.key}/reviews/{review.id}/go-live", [("account", "")])

    assert (page.status, REVIEW_NOT_PASSED.sentence in page.notice) == (409, True)


def test_an_unknown_review_and_one_of_another_app_are_not_there(ada: Browser, town: Town, made: Made) -> None:
    """One and the same answer."""
    other = town.create_app(name="Another")
    review = town.review(other)
    foreign, unknown = (ada.open(f"/apps/{made.key}/reviews/{each}") for each in (review.id, UNKNOWN))

    assert (foreign.status, foreign.main.text) == (404, unknown.main.text)
    assert foreign.fact("Code") == "no-such-object"


def test_a_live_key_shows_where_it_went(ada: Browser, town: Town, made: Made) -> None:
    """The results name the production account and link to what comes after."""
    town.go_live(made)
    review = golive.readiness(town.demo, town.actor(ADA), made.key).reviews[0]
    results = ada.open(f"/apps/{made.key}/reviews/{review.id}")
    progress = ada.open(f"/apps/{made.key}/go-live")

    assert "The key went live in Acme (Business Pro)." in results.main.text
    links = [link.get("href") for link in results.main.all("a")]
    assert f"{town.production.origin}/apps/{made.key}/after-go-live" in links
    assert "The key is live in Acme (Business Pro)." in progress.main.text
    assert not progress.forms(f"/apps/{made.key}/reviews")


def test_production_reviews_nothing(ada_in_production: Browser, made: Made) -> None:
    """The page and the form say where reviews are."""
    page = ada_in_production.open(f"/apps/{made.key}/go-live")
    sent = ada_in_production.ask("POST", f"/apps/{made.key}/reviews", [])

    assert (page.status, page.fact("Code")) == (REVIEWS_ARE_IN_DEMO.status, REVIEWS_ARE_IN_DEMO.code)
    assert (sent.status, sent.fact("Code")) == (REVIEWS_ARE_IN_DEMO.status, REVIEWS_ARE_IN_DEMO.code)


def test_a_review_may_start_early_and_says_what_comes_of_it(ada: Browser, town: Town, made: Made) -> None:
    """With too few calls the button is there, with a word that the review would fail and list every finding."""
    town.call(made, 13)
    page = ada.open(f"/apps/{made.key}/go-live")

    assert page.forms(f"/apps/{made.key}/reviews")
    assert "it would fail, and list every finding" in page.main.text
