"""Who races over reviews that a person looks at?"""

from collections import Counter
from collections.abc import Generator

from keysteward.actions import accounts, approvals, golive, keys, operators, review_notices
from keysteward.rules.accounts import SENDER
from tests.approving import OLIVE, SAID, employ, let_wait, publish
from tests.cast import ACME, BO, SAM
from tests.mails import letters_to
from tests.peers.databases import rows
from tests.races.course import Came, Ground, Runner, events_of, race, taking_turns

Story = Generator[Runner, Came, None]


@race(operators.add, operators.remove)
def an_operator_is_one_or_none(on: Ground) -> Story:
    """Named and named no more, a hundred times at once: what stands at the end is what was told last."""
    came = yield taking_turns(
        lambda _: operators.add(on.demo, SAM.email, "x"), lambda _: operators.remove(on.demo, SAM.email, "x")
    )

    added, removed = events_of(on.demo, "OperatorAdded"), events_of(on.demo, "OperatorRemoved")
    assert added - removed == len(operators.list_operators(on.demo))
    assert set(came.refusals) <= {"invalid-field", "no-such-object"}


@race(approvals.decide)
def a_review_is_decided_once(on: Ground) -> Story:
    """Fifty approve and fifty decline: one of them did, and the admins are told once."""
    employ(on.town)
    review, olive = let_wait(on.town, on.made), on.town.actor(OLIVE)
    came = yield taking_turns(
        lambda _: approvals.decide(on.demo, olive, review.id, "approved", ""),
        lambda _: approvals.decide(on.demo, olive, review.id, "declined", "No."),
    )

    came.once("review-decided")
    assert events_of(on.demo, "ReviewApproved") + events_of(on.demo, "ReviewDeclined") == 1
    assert len([about for about in letters_to(on.demo, BO.email) if about != "review-pending"]) == 1


@race(approvals.ask, approvals.answer)
def questions_and_answers_keep_their_order(on: Ground) -> Story:
    """Every question is kept, with a number of its own; no answer stands but behind a question."""
    employ(on.town)
    review, olive = let_wait(on.town, on.made), on.town.actor(OLIVE)
    came = yield taking_turns(
        lambda _: approvals.ask(on.demo, olive, review.id, SAID),
        lambda _: approvals.answer(on.demo, on.ada, on.key, review.id, "Ours."),
    )

    notes = approvals.load_thread(on.demo, on.ada, on.key, review.id).notes
    assert [note.number for note in notes] == list(range(1, len(notes) + 1))
    assert len(notes) == len(came.answers)
    assert all(notes[place - 1].kind == "question" for place, note in enumerate(notes) if note.kind == "answer")
    assert set(came.refusals) <= {"nothing-asked"}


@race(approvals.decide, operators.remove, accounts.add_user)
def nobody_decides_who_may_not(on: Ground) -> Story:
    """While the operator joins the account and is removed, the decision comes before both or not at all."""
    employ(on.town)
    review, olive = let_wait(on.town, on.made), on.town.actor(OLIVE)

    def change(number: int) -> None:
        if number == 49:
            accounts.add_user(on.demo, ACME.demo, OLIVE.joining(SENDER, "demo"), "x")
        elif number == 51:
            operators.remove(on.demo, OLIVE.email, "x")

    came = yield taking_turns(lambda _: approvals.decide(on.demo, olive, review.id, "approved", ""), change)

    order = [name for (name,) in rows(on.demo.database, "SELECT name FROM events ORDER BY sequence")]
    assert "ReviewApproved" not in order[order.index("OperatorRemoved") :]
    joined = len(order) - 1 - order[::-1].index("UserAdded")
    assert "ReviewApproved" not in order[joined:]
    assert set(came.refusals) <= {"review-decided", "own-review", "not-an-operator"}


@race(golive.start_review, keys.change)
def the_type_is_not_changed_after_start(on: Ground) -> Story:
    """While a review starts the type is changed before it or not at all."""

    def change(_: int) -> None:
        publish(on.town, on.made)

    came = yield taking_turns(lambda _: golive.start_review(on.demo, on.ada, on.key), change)

    query = "SELECT name FROM events WHERE name IN ('ReviewStarted', 'KeySettingsChanged') ORDER BY sequence"
    order = [name for (name,) in rows(on.demo.database, query)]
    is_changed = keys.view(on.demo, on.ada, on.key).app.integration_type == "Public integration"
    assert order.count("ReviewStarted") == 1
    assert is_changed == (order[0] == "KeySettingsChanged")
    assert is_changed or came.refusals["integration-type-fixed"] == 50


@race(review_notices.tell_of_expiry)
def an_end_is_told_once(on: Ground) -> Story:
    """A hundred workers tell of one pass that ends: one mail to each admin, and one event."""
    on.town.pass_review(on.made)
    on.town.clock.advance(days=85)
    came = yield lambda _: review_notices.tell_of_expiry(on.demo)

    assert (sum(came.answers), came.refusals, events_of(on.demo, "ReviewExpiryTold")) == (1, Counter(), 1)
    assert letters_to(on.demo, BO.email) == ["review-expires"]
