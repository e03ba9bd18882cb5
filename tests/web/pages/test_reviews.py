"""Does the console lead an operator through a review, and its developer with them?"""

import pytest

from keysteward.actions import approvals
from keysteward.rules.golive import Review
from tests.approving import OLIVE, SAID, decide, employ, let_wait, where
from tests.cast import BO, SAM, UNKNOWN, Made, Town
from tests.web.pages.browsing import Browser, Page, Street


@pytest.fixture
def waiting(town: Town, made: Made) -> Review:
    """A review that waits, in a town with an operator."""
    employ(town)
    return let_wait(town, made)


@pytest.fixture
def olive(street: Street, waiting: Review) -> Browser:
    """The operator, signed in."""
    return street.signed_in(OLIVE)


def menu(page: Page) -> list[str]:
    """Where the menu at the top leads."""
    return [link.get("href") for link in page.root.all("nav")[0].all("a")]


def test_a_review_is_asked_about_answered_and_approved(
    olive: Browser, ada: Browser, town: Town, made: Made, waiting: Review
) -> None:
    """The operator finds it on the home page and in the queue; the developer answers on the results page."""
    results = f"/apps/{made.key}/reviews/{waiting.id}"
    assert "1 review waits for an operator" in olive.open("/").main.text
    queue = olive.open("/reviews")
    assert ("Lease signer" in queue.main.text, "Your turn" in queue.main.text) == (True, True)
    case = olive.open(f"/reviews/{waiting.id}")
    asked = olive.send(case, f"/reviews/{waiting.id}/questions", question=SAID)
    assert (asked.status, "Question sent" in olive.open(asked.location).notice) == (303, True)
    assert "Developer asked" in olive.open("/reviews").main.text

    home = ada.open("/")
    assert "An operator asks about Lease signer" in home.main.text
    shown = ada.open(results)
    assert (SAID in shown.main.text, "You were asked something: answer below." in shown.main.text) == (True, True)
    empty = ada.send(shown, f"{results}/answers", answer=" ")
    assert (empty.status, empty.error_at("answer")) == (422, "Fill it in.")
    answered = ada.send(shown, f"{results}/answers", answer="Ours.\n<b>All</b> of them.")
    page = ada.open(answered.location)
    assert ("Answer sent" in page.notice, page.forms(f"{results}/answers")) == (True, [])
    assert "<b>All</b> of them." in page.main.text

    decided = olive.send(olive.open(f"/reviews/{waiting.id}"), f"/reviews/{waiting.id}/decision", choice="approved")
    page = olive.open(decided.location)
    assert ("Decided" in page.notice, page.forms(f"/reviews/{waiting.id}/decision")) == (True, [])
    assert "This review was decided already." in page.main.text
    assert "Nothing waits for you" in olive.open("/reviews").main.text
    assert where(town, made) == "Review Passed"
    assert "Lease signer passed its review" in ada.open("/").main.text
    assert len(ada.open(results).forms(f"{results}/go-live")) == 1


def test_a_review_is_declined_for_a_reason(
    olive: Browser, ada: Browser, town: Town, made: Made, waiting: Review
) -> None:
    """Without one the form comes back; with one the developer reads it and may start again."""
    form = f"/reviews/{waiting.id}/decision"
    refused = olive.send(olive.open(f"/reviews/{waiting.id}"), form, choice="declined")
    assert (refused.status, refused.error_at("reason")) == (422, "Fill it in.")
    odd = olive.send(refused, form, choice="maybe", reason="Why not.")
    assert (odd.status, odd.error_at("reason"), odd.value("reason")) == (422, "Press Approve or Decline.", "Why not.")
    olive.send(refused, form, choice="declined", reason="The terms of use are missing.")

    page = ada.open(f"/apps/{made.key}/reviews/{waiting.id}")
    assert "The terms of use are missing." in page.main.text
    assert len(page.forms(f"/apps/{made.key}/reviews")) == 1
    assert "Lease signer was declined" in ada.open("/").main.text
    assert where(town, made) == "Declined"


def test_a_decision_needs_a_fresh_sign_in(olive: Browser, town: Town, waiting: Review) -> None:
    """After a while the operator proves who they are and comes back to the review."""
    page = olive.open(f"/reviews/{waiting.id}")
    town.clock.advance(minutes=11)
    answer = olive.send(page, f"/reviews/{waiting.id}/decision", choice="approved")

    assert answer.location.startswith(f"/security/confirm?next=%2Freviews%2F{waiting.id}")


def test_only_operators_see_the_queue(ada: Browser, street: Street, town: Town, made: Made, waiting: Review) -> None:
    """For everybody else it is not in the menu, and neither it nor any review of it is shown."""
    assert "/reviews" not in menu(ada.open("/"))
    for path in ("/reviews", f"/reviews/{waiting.id}", f"/reviews/{UNKNOWN}"):
        page = ada.open(path)
        assert (page.status, "This is for operators of this environment alone." in page.main.text) == (403, True)
    olive = street.signed_in(OLIVE)
    assert "/reviews" in menu(olive.open("/"))
    assert (olive.open(f"/reviews/{UNKNOWN}").status, olive.open("/reviews/x").status) == (404, 404)
    assert ada.open(f"/apps/{made.key}/reviews/{waiting.id}/answers").heading == "Review Results"


def test_an_operator_leaves_their_own_to_others(street: Street, town: Town, made: Made) -> None:
    """A member of the account sees why, and no form."""
    employ(town, SAM)
    review = let_wait(town, made)
    page = street.signed_in(SAM).open(f"/reviews/{review.id}")

    assert "You have a hand in this review" in page.main.text
    assert page.forms(f"/reviews/{review.id}/decision") == page.forms(f"/reviews/{review.id}/questions") == []


def test_the_type_is_chosen_until_the_first_review(ada: Browser, town: Town, made: Made) -> None:
    """The app's page offers the four types, says which a person looks at, and offers none from Start on."""
    form = f"/apps/{made.key}/general"
    page = ada.open(f"/apps/{made.key}")
    assert page.checked("integration_type") == {"Private custom integration"}
    ada.send(page, form, integration_type="Public integration")
    page = ada.open(f"/apps/{made.key}")
    assert page.checked("integration_type") == {"Public integration"}
    assert page.main.text.count("A person looks at it before it goes live.") == 1
    town.review(made)

    late = ada.send(page, form, integration_type="Embedded integration")
    assert (late.status, "was fixed when the key's first review began" in late.main.text) == (409, True)
    assert ada.open(f"/apps/{made.key}").checked("integration_type") == set()
    assert ada.send(ada.open(f"/apps/{made.key}"), form, name="Another name").status == 303


def test_what_changed_since_the_review_before(ada: Browser, town: Town, made: Made) -> None:
    """Rule by rule, with n and the calls between; the first review has nothing before it."""
    town.call(made, 4)
    first = town.review(made)
    town.call(made, 17)
    second = town.review(made)
    page = ada.open(f"/apps/{made.key}/reviews/{second.id}")
    table = next(each for each in page.main.all("table") if "rule by rule" in each.all("caption")[0].text)

    assert [[cell.text for cell in row.all("td")] for row in table.all("tr")[1:]] == [
        ["20 or more calls in a row succeeded", "1", "0", "Mended"],
    ]  # fmt: skip
    assert "4 before, 20 in this one" in page.main.text
    assert "17 countable calls were made between the two" in page.main.text
    assert "What changed" not in ada.open(f"/apps/{made.key}/reviews/{first.id}").main.text


def test_what_waited_too_long_is_told(olive: Browser, street: Street, town: Town, made: Made, waiting: Review) -> None:
    """After 90 days the review is expired for both sides."""
    approvals.ask(town.demo, town.actor(OLIVE), waiting.id, SAID)
    town.clock.advance(days=90)
    bo, olive = street.signed_in(BO), street.signed_in(OLIVE)

    assert "Review Expired" in bo.open(f"/apps/{made.key}/reviews/{waiting.id}").main.text
    assert "The review of Lease signer has expired" in bo.open("/").main.text
    assert "Nothing waits for you" in olive.open("/reviews").main.text
    assert olive.open(f"/reviews/{waiting.id}").forms(f"/reviews/{waiting.id}/decision") == []


def test_a_pass_that_ends_soon_is_urgent(ada: Browser, street: Street, town: Town, made: Made) -> None:
    """On the home page the notice stands until the key is live, and turns into a warning 30 days before the end."""
    employ(town)
    decide(town, let_wait(town, made))
    fresh = ada.open("/").main
    town.clock.advance(days=61)
    late = street.signed_in(BO).open("/").main

    for main, kind in ((fresh, "success"), (late, "warning")):
        (need,) = [node for node in main.all("div") if node.get("class") == "need" and "passed its review" in node.text]
        assert f"is-{kind}" in need.all("span")[0].get("class")
