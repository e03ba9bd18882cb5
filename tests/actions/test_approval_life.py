"""Does any order of events show a key as live without a review that passed, was approved and had not expired?"""

from datetime import datetime, timedelta

import pytest
from hypothesis import event, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule, run_state_machine_as_test

from keysteward.actions import approvals, golive, keys, operators, receipts, review_notices
from keysteward.rules.access import Actor
from keysteward.rules.keys import INTEGRATION_TYPES, IntegrationType
from keysteward.rules.refusals import Refusal
from tests.actions.test_life import Play
from tests.approving import OLIVE, SAID, employ
from tests.cast import ADA, BO, CY, MALLORY, Person
from tests.conftest import Founded

LIFE = timedelta(days=90)
pauses = st.sampled_from([timedelta(seconds=1), timedelta(hours=1), timedelta(days=31), timedelta(days=60), LIFE])
everybody = st.sampled_from([OLIVE, OLIVE, ADA, BO, CY, MALLORY])


class ApprovalLife(Play):
    """One key whose type may need a person, and what somebody who watches from outside believes of it."""

    the_processes_die = None  # type: ignore[assignment]  # that is told of in the life of a key

    def __init__(self) -> None:
        super().__init__()
        employ(self.town)
        self.type: IntegrationType = "Private custom integration"
        self.review = ""
        self.waits_since: datetime | None = None
        self.passed_at: datetime | None = None
        self.is_asked = False
        self.is_employed = True
        self.handles: list[str] = []
        self.is_promoted = False

    def actor(self, person: Person) -> Actor:
        """Somebody in demo, just signed in."""
        return self.town.actor(person)

    @property
    def is_passed(self) -> bool:
        """Whether the newest review passed, was approved where that is needed, and is fresh."""
        return self.passed_at is not None and self.now < self.passed_at + LIFE

    @rule(wanted=st.sampled_from(INTEGRATION_TYPES))
    def the_type_is_chosen(self, wanted: IntegrationType) -> None:
        """Somebody edits the app: possible until the first review."""
        try:
            keys.change(self.town.demo, self.actor(ADA), self.made.key, keys.Change(integration_type=wanted))
        except Refusal as refusal:
            assert refusal.kind.code == ("integration-type-fixed" if self.is_working() else "key-deleted")  # noqa: PT017
            assert self.review or not self.is_working()
        else:
            assert not self.review or wanted == self.type
            self.type = wanted

    def is_working(self) -> bool:
        """Whether the key is there."""
        return keys.view(self.town.demo, self.actor(ADA), self.made.key).app.works

    @precondition(lambda self: self.is_working())
    @rule(times=st.sampled_from([1, 20, 20]), is_good=st.sampled_from([True, True, False]))
    def calls_are_made(self, times: int, is_good: bool) -> None:
        """The app works, well or badly."""
        self.town.call(self.made, times, status=201 if is_good else 400)

    @rule(person=everybody)
    def a_review_starts(self, person: Person) -> None:
        """Somebody presses Start; it is settled after a while."""
        waits = self.waits_since is not None and self.now < self.waits_since + LIFE
        try:
            review = golive.start_review(self.town.demo, self.actor(person), self.made.key)
        except Refusal:
            return
        assert person in {ADA, BO}
        assert not waits
        assert not self.is_passed
        self.review, self.passed_at, self.waits_since, self.is_asked = review.id, None, None, False
        self.town.clock.advance(seconds=1)
        golive.settle_due(self.town.demo)
        judged = golive.load_review(self.town.demo, self.actor(ADA), self.made.key, review.id)[1]
        if judged.verdict == "passed" and self.type == "Public integration":
            self.waits_since = self.now
            event("a review waits")
        elif judged.verdict == "passed":
            self.passed_at = self.now

    @precondition(lambda self: self.is_working() and (not self.review or (not self.waits_since and not self.is_passed)))
    @rule()
    def the_app_is_made_good(self) -> None:
        """Go the whole way to a verdict, so that what comes after it is seen often enough."""
        if not self.review:
            self.the_type_is_chosen("Public integration")
        self.calls_are_made(20, is_good=True)
        self.a_review_starts(ADA)

    @precondition(lambda self: self.review)
    @rule(person=everybody, is_approved=st.booleans())
    def somebody_decides(self, person: Person, is_approved: bool) -> None:
        """Anybody tries to approve or decline."""
        try:
            approvals.decide(
                self.town.demo, self.actor(person), self.review, "approved" if is_approved else "declined", "Because."
            )
        except Refusal:
            return
        assert person is OLIVE
        assert self.is_employed
        assert self.waits_since is not None
        assert self.now < self.waits_since + LIFE
        self.waits_since, self.is_asked = None, False
        self.passed_at = self.now if is_approved else None
        event("approved" if is_approved else "declined")

    @precondition(lambda self: self.review)
    @rule(person=everybody)
    def somebody_asks(self, person: Person) -> None:
        """Anybody tries to ask."""
        try:
            approvals.ask(self.town.demo, self.actor(person), self.review, SAID)
        except Refusal:
            return
        assert person is OLIVE
        assert self.is_employed
        assert self.waits_since is not None
        self.is_asked = True

    @precondition(lambda self: self.review)
    @rule(person=everybody)
    def somebody_answers(self, person: Person) -> None:
        """Anybody tries to answer."""
        try:
            approvals.answer(self.town.demo, self.actor(person), self.made.key, self.review, "Ours.")
        except Refusal:
            return
        assert person in {ADA, BO}
        assert self.is_asked
        self.is_asked = False

    @rule()
    def the_operator_comes_or_goes(self) -> None:
        """On the host."""
        deed = operators.remove if self.is_employed else operators.add
        deed(self.town.demo, OLIVE.email, "the host")
        self.is_employed = not self.is_employed

    @rule()
    def ends_are_told(self) -> None:
        """The job runs: never of what does not pass, and never twice of the same."""
        before = review_notices.tell_of_expiry(self.town.demo)
        assert before == 0 or (self.is_passed and not self.is_live)
        assert review_notices.tell_of_expiry(self.town.demo) == 0

    @rule(deed=st.sampled_from([keys.delete, keys.restore]))
    def the_key_is_handled(self, deed: object) -> None:
        """An admin deletes and restores."""
        try:
            deed(self.town.demo, self.actor(BO), self.made.key)  # type: ignore[operator]  # a table of deeds
        except Refusal:
            event("not handled")

    @rule()
    def go_live_is_pressed(self) -> None:
        """An admin presses Go Live."""
        try:
            self.handles.append(self.town.present(self.made))
        except Refusal:
            return
        assert self.is_passed
        assert not self.is_live

    @precondition(lambda self: self.handles)
    @rule(data=st.data())
    def a_handle_is_brought(self, data: st.DataObject) -> None:
        """Somebody brings any handle of any time to production, and the receipt comes back."""
        handle = data.draw(st.sampled_from(self.handles))
        was_promoted = self.is_promoted
        try:
            self.town.promote(handle)
        except Refusal:
            return
        assert was_promoted or self.is_passed
        self.is_promoted = True
        receipts.deliver_receipts(self.town.production)
        event("a key went live")

    @property
    def is_live(self) -> bool:
        """Whether demo shows the key as live."""
        return keys.view(self.town.demo, self.actor(ADA), self.made.key).app.live_at is not None

    @invariant()
    def what_is_shown_was_earned(self) -> None:
        """Live needs a promotion, Review Passed a fresh approval, Pending approval a review that waits in time."""
        app = keys.view(self.town.demo, self.actor(ADA), self.made.key).app
        status, _ = golive.status_of(self.town.demo, app)

        assert status != "Live" or self.is_promoted
        assert (status == "Review Passed") == (self.is_passed and status != "Live")
        waits = self.waits_since is not None and self.now < self.waits_since + LIFE
        assert (status == "Pending approval") == (waits and status != "Live")


@pytest.mark.parametrize("examples", [3, pytest.param(60, marks=[pytest.mark.long, pytest.mark.timeout(1_800)])])
def test_nothing_goes_live_unapproved(
    founded: Founded, tmp_path_factory: pytest.TempPathFactory, examples: int
) -> None:
    """Whatever happens in whatever order, on both databases."""

    class Tonight(ApprovalLife):
        """This play, on the stage of this test."""

        folders = iter(lambda: tmp_path_factory.mktemp("approval"), None)

    Tonight.founded = founded
    run_state_machine_as_test(Tonight, settings=settings(max_examples=examples, stateful_step_count=25, deadline=None))
