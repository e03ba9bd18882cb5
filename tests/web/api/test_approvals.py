"""Can a program follow a review through the hands of a person?"""

import pytest

from keysteward.rules.access import HANDLE_REVIEWS, READ_KEYS
from tests.approving import OLIVE, SAID, employ, let_wait
from tests.cast import ADA, BO, MALLORY, SAM, UNKNOWN
from tests.web.api.program import House


@pytest.fixture
def waiting(house: House) -> str:
    """A review that waits, in a house with an operator."""
    employ(house.town)
    return let_wait(house.town, house.made).id


def test_a_review_goes_through_the_hands_of_a_person(house: House, waiting: str) -> None:
    """Seen in the queue, asked, answered, approved: each step is told to the other side."""
    olive, ada, key = house.console(OLIVE), house.program(), f"/keys/{house.made.key}"
    assert ada.get(f"{key}/readiness")["status"] == "Pending approval"
    assert ada.refused("POST", f"{key}/reviews", {}) == (409, "pending-approval", "")
    assert ada.refused("POST", f"{key}/tickets", {}) == (409, "pending-approval", "")
    (seen,) = olive.get("/reviews")["waiting"]
    assert (seen["review"], seen["integration_type"], seen["account_name"], seen["is_asked"]) == (
        waiting, "Public integration", "Acme", False,
    )  # fmt: skip

    note = olive.make(f"/reviews/{waiting}/questions", {"question": f"  {SAID}\n"}, **{"Idempotency-Key": "one"})
    assert (
        olive.make(f"/reviews/{waiting}/questions", {"question": f"  {SAID}\n"}, **{"Idempotency-Key": "one"}) == note
    )
    assert (note["number"], note["kind"], note["text"], note["by"]) == (1, "question", SAID, OLIVE.email)
    thread = ada.get(f"{key}/reviews/{waiting}/thread")
    assert (thread["notes"], thread["may_answer"], thread["ruling"]) == ([note], True, None)
    ada.make(f"{key}/reviews/{waiting}/answers", {"answer": "Ours.\nAll of them."})
    assert ada.refused("POST", f"{key}/reviews/{waiting}/answers", {"answer": "x"}) == (409, "nothing-asked", "")
    case = olive.get(f"/reviews/{waiting}")
    assert [each["text"] for each in case["notes"]] == [SAID, "Ours.\nAll of them."]
    assert (len(case["calls"]), case["why_not"]) == (20, None)

    decided = olive.make(f"/reviews/{waiting}/decisions", {"choice": "approved", "reason": "Welcome."})
    assert (decided["status"], decided["ruling"]["reason"], decided["ruling"]["by"]) == (
        "Review Passed", "Welcome.", OLIVE.email,
    )  # fmt: skip
    assert ada.get(f"{key}/readiness")["status"] == "Review Passed"
    assert ada.get(f"{key}/reviews/{waiting}")["expires_at"] == decided["expires_at"]
    assert olive.get(f"/reviews/{waiting}")["why_not"]["code"] == "review-decided"
    queue = olive.get("/reviews")
    assert (queue["waiting"], queue["decided"]) == ([], [decided])


def test_a_declined_review_says_why(house: House, waiting: str) -> None:
    """Without a reason nothing is declined; with one, neither a ticket nor another decision is made."""
    olive, ada, key = house.console(OLIVE), house.program(), f"/keys/{house.made.key}"
    decisions = f"/reviews/{waiting}/decisions"
    assert olive.refused("POST", decisions, {"choice": "declined"}) == (422, "invalid-field", "reason")
    olive.make(decisions, {"choice": "declined", "reason": "No terms of use."})

    assert ada.get(f"{key}/reviews/{waiting}/thread")["ruling"]["reason"] == "No terms of use."
    assert ada.get(f"{key}/reviews/{waiting}")["status"] == "Declined"
    assert ada.refused("POST", f"{key}/tickets", {}) == (409, "review-declined", "")
    assert olive.refused("POST", decisions, {"choice": "approved"}) == (409, "review-decided", "")


def test_who_is_no_operator(house: House, waiting: str) -> None:
    """Admins, strangers and tokens see no queue and decide nothing; an operator's token may look and ask."""
    ada, mallory = house.console(), house.console(MALLORY)
    for program in (ada, mallory):
        for path in ("/reviews", f"/reviews/{waiting}", f"/reviews/{UNKNOWN}"):
            assert program.refused("GET", path) == (403, "not-an-operator", "")
        asked = program.refused("POST", f"/reviews/{waiting}/questions", {"question": SAID})
        assert asked == (403, "not-an-operator", "")
        assert program.refused("POST", f"/reviews/{waiting}/decisions", {"choice": "approved"})[:2] == (
            403, "not-an-operator",
        )  # fmt: skip
    reader = house.program(OLIVE, permissions=frozenset({READ_KEYS}))
    assert reader.refused("GET", "/reviews")[:2] == (403, "token-lacks-permission")
    token = house.program(OLIVE, permissions=frozenset({HANDLE_REVIEWS}))
    assert len(token.get("/reviews")["waiting"]) == 1
    assert token.refused("POST", f"/reviews/{waiting}/decisions", {"choice": "approved"})[:2] == (
        403, "session-needed",
    )  # fmt: skip
    assert token.refused("GET", f"/reviews/{UNKNOWN}") == (404, "no-such-object", "")
    assert house.program(SAM).refused("GET", f"/keys/{house.made.key}/reviews/{waiting}/thread")[:2] == (
        403, "not-an-admin",
    )  # fmt: skip


def test_a_decision_needs_a_fresh_sign_in(house: House, waiting: str) -> None:
    """Eleven minutes after signing in it is asked for again."""
    olive = house.console(OLIVE)
    house.town.clock.advance(minutes=11)

    assert olive.refused("POST", f"/reviews/{waiting}/decisions", {"choice": "approved"})[:2] == (
        403, "fresh-sign-in-needed",
    )  # fmt: skip


def test_an_own_review_is_left_to_others(house: House) -> None:
    """An operator of the account is told so before they try."""
    employ(house.town, BO)
    review, bo = let_wait(house.town, house.made).id, house.console(BO)

    assert bo.get(f"/reviews/{review}")["why_not"]["code"] == "own-review"
    assert bo.refused("POST", f"/reviews/{review}/decisions", {"choice": "approved"}) == (403, "own-review", "")


def test_the_type_is_fixed_from_start_on(house: House) -> None:
    """Before, a program may choose another; afterwards that is refused, at the field."""
    ada, key = house.program(), f"/keys/{house.made.key}"
    assert ada.ask("PATCH", key, {"integration_type": "Embedded integration"}).json()["integration_type"] == (
        "Embedded integration"
    )
    ada.make(f"{key}/reviews", {})

    refusal = ada.refused("PATCH", key, {"integration_type": "Public integration"})
    assert refusal == (409, "integration-type-fixed", "integration_type")
    assert ada.ask("PATCH", key, {"integration_type": "Embedded integration"}).status_code == 200


def test_what_changed_between_two_reviews(house: House) -> None:
    """The second says what became of each rule; the first has none before it."""
    house.town.call(house.made, 4)
    first = house.town.review(house.made)
    house.town.call(house.made, 16)
    second = house.town.review(house.made)
    ada, reviews = house.program(ADA), f"/keys/{house.made.key}/reviews"
    changes = ada.get(f"{reviews}/{second.id}/changes")

    assert (changes["before"], changes["run_before"], changes["run"], changes["calls_between"]) == (first.id, 4, 20, 16)
    assert changes["rules"] == [{"rule": "calls-in-a-row", "before": 1, "after": 0, "turn": "gone"}]
    assert ada.refused("GET", f"{reviews}/{first.id}/changes") == (404, "no-such-object", "")


def test_production_has_no_queue(house: House) -> None:
    """Reviews are in demo."""
    there = house.console(ADA, house.town.production)

    assert there.refused("GET", "/reviews") == (409, "reviews-are-in-demo", "")
