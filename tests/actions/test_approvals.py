"""Does a review of an app that needs a person go through their hands, and through nobody else's?"""

from dataclasses import replace
from datetime import timedelta

import pytest

from keysteward.actions import (
    accounts,
    approvals,
    golive,
    keys,
    operators,
    promotion,
)
from keysteward.rules.access import HANDLE_REVIEWS, READ_KEYS, START_REVIEWS
from keysteward.rules.golive import Review
from keysteward.rules.policy import Policy
from keysteward.rules.refusals import (
    ACCOUNT_NOT_OPEN,
    ALREADY_PASSED,
    FRESH_SIGN_IN_NEEDED,
    INVALID_FIELD,
    KEY_DELETED,
    NO_SUCH_KEY,
    NO_SUCH_OBJECT,
    NO_SUCH_USER,
    NOT_AN_ADMIN,
    NOT_AN_OPERATOR,
    NOT_PENDING,
    NOTHING_ASKED,
    OWN_REVIEW,
    PENDING_APPROVAL,
    REVIEW_DECIDED,
    REVIEW_DECLINED,
    REVIEW_EXPIRED,
    REVIEWS_ARE_IN_DEMO,
    TOKEN_LACKS_PERMISSION,
    TYPE_FIXED,
)
from tests.approving import OLIVE, SAID, decide, employ, let_wait, publish, where
from tests.cast import ACME, ADA, BO, CY, MALLORY, SAM, UNKNOWN, Made, Town, refused
from tests.mails import letters_to


# ── the way through ─────────────────────────────────────────────────────────────────────────────────────────────────
def test_approved_it_passes_and_goes_live(town: Town, made: Made) -> None:
    """Its automated pass waits; approved, 90 days begin at the approval, and the key goes live on it."""
    employ(town)
    review = let_wait(town, made)
    assert where(town, made) == "Pending approval"
    with refused(PENDING_APPROVAL):
        town.present(made)
    with refused(PENDING_APPROVAL):
        golive.start_review(town.demo, town.actor(ADA), made.key)

    town.clock.advance(days=40)
    approved = decide(town, review, reason="Welcome.")
    assert (where(town, made), approved.expires_at(town.demo.policy)) == (
        "Review Passed", town.clock.now + timedelta(days=90),
    )  # fmt: skip
    town.clock.advance(days=89)
    town.promote(town.present(made))
    assert letters_to(town.demo, ADA.email) == ["review-approved", "review-pending"]


def test_declined_it_does_not_and_may_start_again(town: Town, made: Made) -> None:
    """The reason stays with the review; a new one waits for its own decision."""
    employ(town)
    review = let_wait(town, made)
    with refused(INVALID_FIELD, "reason"):
        decide(town, review, "declined")
    decide(town, review, "declined", "The terms of use are missing.")

    assert where(town, made) == "Declined"
    with refused(REVIEW_DECLINED):
        town.present(made)
    assert town.review(made).is_pending
    assert [each.ruling and each.ruling.reason for each in list_reviews(town, made)] == [
        None, "The terms of use are missing.",
    ]  # fmt: skip
    with refused(REVIEW_DECIDED):
        decide(town, review)


def list_reviews(town: Town, made: Made) -> list[Review]:
    """The reviews of a key, newest first."""
    return golive.readiness(town.demo, town.actor(ADA), made.key).reviews


def test_what_is_asked_is_answered_and_kept(town: Town, made: Made) -> None:
    """In order, each with its hand; both sides hear of it by mail, every admin of the account among them."""
    employ(town)
    review, olive = let_wait(town, made), town.actor(OLIVE)
    approvals.ask(town.demo, olive, review.id, SAID)
    with refused(NOTHING_ASKED):
        answer(town, made, review.id, twice=True)
    approvals.ask(town.demo, olive, review.id, "And then?")
    case = approvals.load_case(town.demo, olive, review.id)

    assert [(note.number, note.kind, note.by_email) for note in case.notes] == [
        (1, "question", OLIVE.email), (2, "answer", BO.email), (3, "question", OLIVE.email),
    ]  # fmt: skip
    assert approvals.list_queue(town.demo, olive).waiting[0].is_asked
    assert letters_to(town.demo, BO.email) == ["review-question", "review-question"]
    assert letters_to(town.demo, OLIVE.email) == ["review-answer"]
    decide(town, review)
    thread = approvals.load_thread(town.demo, town.actor(ADA), made.key, review.id)
    assert ([note.text for note in thread.notes], thread.may_answer) == ([SAID, "Ours.", "And then?"], False)
    with refused(REVIEW_DECIDED):
        answer(town, made, review.id)


def answer(town: Town, made: Made, review: str, *, twice: bool = False) -> None:
    """Bo answers."""
    for _ in range(1 + twice):
        approvals.answer(town.demo, town.actor(BO), made.key, review, "Ours.")


def test_nobody_decides_and_it_expires(town: Town, made: Made) -> None:
    """After 90 days of waiting it is over: out of the queue, decided by nobody, and to be started again."""
    employ(town)
    review = let_wait(town, made)
    town.clock.advance(days=90)

    assert where(town, made) == "Review Expired"
    assert approvals.list_queue(town.demo, town.actor(OLIVE)).waiting == []
    with refused(REVIEW_EXPIRED):
        decide(town, review)
    with refused(REVIEW_EXPIRED):
        town.present(made)
    town.call(made, 20)
    assert town.review(made).is_pending


def test_a_type_that_needs_nobody_passes_at_once(town: Town, made: Made) -> None:
    """No queue, no approval; and where policy says so, that is every type."""
    employ(town)
    review = town.pass_review(made)

    assert (where(town, made), review.pending_since) == ("Review Passed", None)
    with refused(NO_SUCH_OBJECT):
        decide(town, review)


def test_the_policy_of_the_start_decides_who_is_needed(town: Town, made: Made) -> None:
    """A review is settled by the version that it was started under: a type that is added later changes nothing."""
    free = replace(town.demo.policy, types_for_a_person=())
    publish(town, made)
    town.call(made, 20)
    review = golive.start_review(town.demo, town.actor(ADA), made.key)
    town.clock.advance(seconds=1)
    golive.settle_due(town.demo.under(free))

    assert golive.load_review(town.demo, town.actor(ADA), made.key, review.id)[1].is_pending


def test_several_keys_wait_each_for_itself(town: Town, made: Made) -> None:
    """Two apps in the queue, the longest wait first; deciding one decides nothing of the other."""
    employ(town)
    other = town.create_app(name="Other")
    first, second = let_wait(town, made), let_wait(town, other)
    waiting = [each.review.id for each in approvals.list_queue(town.demo, town.actor(OLIVE)).waiting]
    decide(town, second, "declined", "No.")

    assert waiting == [first.id, second.id]
    assert (where(town, made), where(town, other)) == ("Pending approval", "Declined")
    queue = approvals.list_queue(town.demo, town.actor(OLIVE))
    assert [each.app.name for each in queue.waiting] == [made.app.name]
    assert [each.app.name for each in queue.decided] == ["Other"]


# ── who may not ─────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("person", [ADA, MALLORY, CY], ids=lambda person: person.first_name)
def test_only_operators_look(town: Town, made: Made, person: object) -> None:
    """Neither an admin of the account, nor a stranger, nor an admin of the organization sees or decides anything."""
    actor = town.actor({each.email: each for each in (ADA, MALLORY, CY)}[getattr(person, "email", "")])
    review = let_wait(town, made)

    for look in (
        lambda: approvals.list_queue(town.demo, actor),
        lambda: approvals.load_case(town.demo, actor, review.id),
        lambda: approvals.ask(town.demo, actor, review.id, SAID),
        lambda: approvals.decide(town.demo, actor, review.id, "approved", ""),
        lambda: approvals.load_case(town.demo, actor, UNKNOWN),
        lambda: approvals.ask(town.demo, actor, UNKNOWN, SAID),
    ):
        with refused(NOT_AN_OPERATOR):
            look()


@pytest.mark.parametrize("person", ["Ada", "Sam", "Cy"])
def test_an_operator_settles_nothing_of_their_own(town: Town, made: Made, person: str) -> None:
    """Not who started it, not a member of the account that manages the key, not an admin of its organization."""
    own = {"Ada": ADA, "Sam": SAM, "Cy": CY}[person]
    employ(town, own)
    review = let_wait(town, made)
    actor = town.actor(own)

    with refused(OWN_REVIEW):
        approvals.decide(town.demo, actor, review.id, "approved", "")
    with refused(OWN_REVIEW):
        approvals.ask(town.demo, actor, review.id, SAID)
    why_not = approvals.load_case(town.demo, actor, review.id).why_not
    assert (why_not and why_not.kind, where(town, made)) == (OWN_REVIEW, "Pending approval")


def test_a_decision_needs_a_fresh_sign_in(town: Town, made: Made) -> None:
    """And a person: a token, however made, decides nothing; it may look and ask where it was made for that."""
    employ(town)
    review = let_wait(town, made)
    stale = replace(town.actor(OLIVE), signed_in_at=town.clock.now - timedelta(minutes=11))
    program = town.actor(OLIVE, permissions=frozenset({HANDLE_REVIEWS}))

    for actor in (stale, program):
        with refused(FRESH_SIGN_IN_NEEDED):
            approvals.decide(town.demo, actor, review.id, "approved", "")
    assert approvals.ask(town.demo, program, review.id, SAID).number == 1
    with refused(TOKEN_LACKS_PERMISSION):
        approvals.list_queue(town.demo, town.actor(OLIVE, permissions=frozenset({READ_KEYS})))


def test_an_operator_who_goes_is_none_at_once(town: Town, made: Made) -> None:
    """Removed, they decide nothing any more; what they decided stays."""
    employ(town)
    review = let_wait(town, made)
    operators.remove(town.demo, OLIVE.email, "the tests")

    with refused(NOT_AN_OPERATOR):
        decide(town, review)
    with refused(NO_SUCH_OBJECT):
        operators.remove(town.demo, OLIVE.email, "the tests")
    assert operators.list_operators(town.demo) == []


def test_operators_are_users_and_named_once(town: Town) -> None:
    """Whoever has no user here cannot be one."""
    employ(town)

    with refused(NO_SUCH_USER):
        operators.add(town.demo, "nobody@acme.example", "the tests")
    with refused(INVALID_FIELD, "email"):
        operators.add(town.demo, OLIVE.email.upper(), "the tests")
    assert [(each.email, each.added_by) for each in operators.list_operators(town.demo)] == [(OLIVE.email, "the tests")]


def test_a_key_that_is_gone_waits_for_nobody(town: Town, made: Made) -> None:
    """Deleted, it leaves the queue; restored, it is back."""
    employ(town)
    review = let_wait(town, made)
    keys.delete(town.demo, town.actor(ADA), made.key)

    assert approvals.list_queue(town.demo, town.actor(OLIVE)).waiting == []
    with refused(KEY_DELETED):
        decide(town, review)
    keys.restore(town.demo, town.actor(ADA), made.key)
    decide(town, review)
    assert where(town, made) == "Review Passed"


def test_who_may_answer(town: Town, made: Made) -> None:
    """An admin of the key's account, while it is open; members are told so, to strangers there is no such key."""
    employ(town)
    review = let_wait(town, made)
    approvals.ask(town.demo, town.actor(OLIVE), review.id, SAID)

    for person, kind in ((SAM, NOT_AN_ADMIN), (MALLORY, NO_SUCH_KEY), (OLIVE, NO_SUCH_KEY)):
        with refused(kind):
            approvals.answer(town.demo, town.actor(person), made.key, review.id, "Ours.")
    reader = town.actor(ADA, permissions=frozenset({READ_KEYS}))
    with refused(TOKEN_LACKS_PERMISSION):
        approvals.answer(town.demo, reader, made.key, review.id, "Ours.")
    with refused(NO_SUCH_OBJECT):
        approvals.answer(town.demo, town.actor(ADA), made.key, UNKNOWN, "Ours.")
    accounts.change_account(town.demo, ACME.demo, "operator", state="suspended")
    with refused(ACCOUNT_NOT_OPEN):
        approvals.answer(town.demo, town.actor(ADA), made.key, review.id, "Ours.")
    accounts.change_account(town.demo, ACME.demo, "operator", state="open")
    program = town.actor(ADA, permissions=frozenset({START_REVIEWS}))
    assert approvals.answer(town.demo, program, made.key, review.id, "Ours.").number == 2


def test_production_reviews_nothing(town: Town, made: Made) -> None:
    """Its operators find no queue there."""
    operators.add(town.production, ADA.email, "the tests")
    actor = town.actor(ADA, town.production)

    with refused(REVIEWS_ARE_IN_DEMO):
        approvals.list_queue(town.production, actor)
    with refused(REVIEWS_ARE_IN_DEMO):
        approvals.load_thread(town.production, actor, made.key, UNKNOWN)


# ── the type ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_type_is_fixed_from_start_on(town: Town, made: Made) -> None:
    """Before the first review it may be chosen anew; from Start on it stays, whatever comes of the review."""
    publish(town, made)
    keys.change(town.demo, town.actor(ADA), made.key, keys.Change(integration_type="Embedded integration"))
    golive.start_review(town.demo, town.actor(ADA), made.key)
    with refused(TYPE_FIXED, "integration_type"):
        publish(town, made)
    town.clock.advance(seconds=1)
    golive.settle_due(town.demo)
    with refused(TYPE_FIXED, "integration_type"):
        publish(town, made)
    same = keys.Change(integration_type="Embedded integration", name="New name")
    assert keys.change(town.demo, town.actor(ADA), made.key, same).name == "New name"


def test_production_keeps_the_type(town: Town, made: Made) -> None:
    """It was chosen, and perhaps approved, in demo."""
    live = town.go_live(made)

    with refused(TYPE_FIXED, "integration_type"):
        keys.change(
            town.production,
            town.actor(ADA, town.production),
            live.key,
            keys.Change(integration_type="Public integration"),
        )


# ── what changed ────────────────────────────────────────────────────────────────────────────────────────────────────
def test_two_reviews_side_by_side(town: Town, made: Made) -> None:
    """The first has nothing before it; the second says what is gone, and how many calls were made between."""
    town.call(made, 5)
    town.call(made, status=400)
    first = town.review(made)
    town.call(made, 21)
    second = town.review(made)
    ada = town.actor(ADA)
    found = approvals.load_difference(town.demo, ada, made.key, second.id)

    assert approvals.load_difference(town.demo, ada, made.key, first.id) is None
    assert found is not None
    assert [(each.rule, each.turn) for each in found.rules] == [("calls-in-a-row", "gone"), ("no-errors", "gone")]
    assert (found.before.run, found.after.run, found.calls) == (0, 20, 21)


def test_what_passed_may_not_start_again(town: Town, made: Made) -> None:
    """An approved review is passed like any other."""
    employ(town)
    decide(town, let_wait(town, made))

    with refused(ALREADY_PASSED):
        golive.start_review(town.demo, town.actor(ADA), made.key)
    with refused(REVIEW_DECIDED):
        decide(town, list_reviews(town, made)[0])
    assert promotion.present(town.demo, town.actor(ADA), made.key, None).startswith("ksh_")


def test_the_queue_counts_what_it_shows(town: Town, made: Made) -> None:
    """What operators are told on their home page is what they find."""
    employ(town)
    assert approvals.count_waiting(town.demo) == 0
    let_wait(town, made)
    assert approvals.count_waiting(town.demo) == 1
    town.clock.advance(days=90)
    assert approvals.count_waiting(town.demo) == 0


def test_a_review_without_a_person_is_no_case(town: Town, made: Made) -> None:
    """To the queue it does not exist, and its thread is empty and closed."""
    review = town.pass_review(made)
    ada = town.actor(ADA)

    assert approvals.load_thread(town.demo, ada, made.key, review.id)[1:] == ([], False)
    with refused(NOT_PENDING):
        approvals.answer(town.demo, ada, made.key, review.id, "Ours.")
    assert Policy().types_for_a_person == ("Public integration",)
