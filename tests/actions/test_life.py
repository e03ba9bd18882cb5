"""Does any order of events lead where none should: a live key without a pass, a token that outlives its family?"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from keysteward.actions import callers, golive, keys, receipts, tokens
from keysteward.actions.context import Context
from keysteward.actions.tokens import Answer
from keysteward.rules.access import Actor
from keysteward.rules.refusals import Refusal
from keysteward.store.database import Unreadable
from tests.cast import ACME, ADA, BO, MALLORY, SAM, SMALL, STRANGE, Firm, Person
from tests.conftest import Founded
from tests.crashing import after_a_crash
from tests.races.cutting import Rows, cut_at, everything

DAYS_90 = timedelta(days=90)
pauses = st.sampled_from(
    [timedelta(seconds=1), timedelta(minutes=11), timedelta(hours=1), timedelta(hours=25), timedelta(days=45)]
)
people = st.sampled_from([ADA, BO, MALLORY])
statements = st.integers(1, 12)


class Play(RuleBasedStateMachine):
    """A town, and what somebody who watches it from outside believes. Its processes may die at any time."""

    folders: Iterator[Path]
    founded: Founded

    def __init__(self) -> None:
        super().__init__()
        self.town = self.founded.copy(next(self.folders) / "town")
        self.made = self.founded.made

    def teardown(self) -> None:
        """Close the town of this example."""
        self.town.close()

    @rule()
    def the_processes_die(self) -> None:
        """Nothing is closed in order; what is put together anew finds what was durable."""
        before = self.everything()
        self.town = after_a_crash(self.town)
        assert self.everything() == before
        event("the processes died")

    def everything(self) -> list[Rows]:
        """All that is kept in both environments, as SQL sees it."""
        return [everything(ctx.database) for ctx in (self.town.demo, self.town.production)]

    def cut_off(self, ctx: Context, statement: int, deed: Callable[[], object]) -> bool:
        """Do a deed that is cut off before a statement, if it gets that far; True where it came to its end.

        A deed that was cut off in its first transaction changed nothing.
        """
        before = everything(ctx.database)
        with cut_at(ctx.database, statement) as knife:
            try:
                deed()
            except Unreadable:
                event("a deed was cut off")
        if knife.has_cut and not knife.commits:
            assert everything(ctx.database) == before
        return not knife.has_cut

    @property
    def now(self) -> datetime:
        """The town's time."""
        return self.town.clock.now

    @rule(pause=pauses)
    def time_passes(self, pause: timedelta) -> None:
        """Wait."""
        self.town.clock.now += pause


class KeyLife(Play):
    """One key on its way to production, with everybody trying everything at any time."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[tuple[datetime, bool]] = []
        self.started: tuple[datetime, bool] | None = None
        self.passed_at: datetime | None = None
        self.handles: list[str] = []
        self.holder: str | None = None

    def would_pass(self) -> bool:
        """Judge the calls by hand."""
        newest = self.calls[-20:]
        if len(newest) < 20 or not all(is_good for _, is_good in newest):
            return False
        day = timedelta(hours=24)
        return newest[-1][0] - newest[0][0] <= day and self.now - newest[-1][0] <= day

    @precondition(lambda self: self.is_working())
    @rule(times=st.sampled_from([1, 19, 20]), is_good=st.sampled_from([True, True, True, False]))
    def calls_are_made(self, times: int, is_good: bool) -> None:
        """The app works, well or badly."""
        self.town.call(self.made, times, status=201 if is_good else 400)
        self.calls += [(self.now, is_good)] * times

    def is_working(self) -> bool:
        """Whether the key neither stopped nor went."""
        return keys.view(self.town.demo, self.town.actor(ADA), self.made.key).app.works

    @rule(person=people)
    def a_review_starts(self, person: Person) -> None:
        """Somebody presses Start Go-Live Review."""
        try:
            golive.start_review(self.town.demo, self.town.actor(person), self.made.key)
        except Refusal:
            return
        assert person is not MALLORY
        self.started = (self.now, self.would_pass())

    @rule()
    def reviews_are_settled(self) -> None:
        """The job runs."""
        golive.settle_due(self.town.demo)
        if self.started is not None and self.now - self.started[0] >= timedelta(seconds=1):
            self.passed_at = self.now if self.started[1] else None
            self.started = None

    @precondition(lambda self: self.passed_at is None and self.started is None and self.is_working())
    @rule()
    def the_app_is_made_good(self) -> None:
        """Go the whole way to a verdict, so that what comes after a pass is seen often enough."""
        self.calls_are_made(20, is_good=True)
        self.a_review_starts(ADA)
        self.time_passes(timedelta(seconds=1))
        self.reviews_are_settled()

    @rule(person=people, is_named=st.booleans())
    def go_live_is_pressed(self, person: Person, is_named: bool) -> None:
        """Somebody presses Go Live, naming the account or not."""
        try:
            handle = self.town.present(self.made, by=person, account=ACME.production if is_named else None)
        except Refusal:
            return
        assert person is not MALLORY
        assert self.passed_at is not None
        assert self.now < self.passed_at + DAYS_90
        self.handles.append(handle)

    @precondition(lambda self: self.handles)
    @rule(data=st.data(), person=people, firm=st.sampled_from([ACME, ACME, SMALL, STRANGE]))
    def the_handle_is_brought(self, data: st.DataObject, person: Person, firm: Firm) -> None:
        """Somebody brings any handle of any time to any account."""
        handle = data.draw(st.sampled_from(self.handles))
        try:
            promoted = self.town.promote(handle, by=person, firm=firm)
        except Refusal:
            return
        assert person is not MALLORY
        assert promoted.account == ACME.production
        if self.holder is None:
            assert self.passed_at is not None
            assert self.now < self.passed_at + DAYS_90
        self.holder = promoted.account
        event("a key was promoted")

    @rule(
        deed=st.sampled_from(
            [keys.stop, keys.start, keys.delete, keys.restore, keys.revoke_tokens, golive.start_review]
        ),
        statement=statements,
    )
    def a_deed_is_cut_off(self, deed: Callable[[Context, Actor, str], object], statement: int) -> None:
        """The process dies in the middle of a deed in demo; where it did not, the deed is done."""
        would_pass, demo = self.would_pass(), self.town.demo
        try:
            is_done = self.cut_off(demo, statement, lambda: deed(demo, self.town.actor(BO), self.made.key))
        except Refusal:
            return
        if is_done and deed is golive.start_review:
            self.started = (self.now, would_pass)

    @rule(statement=statements)
    def the_settling_is_cut_off(self, statement: int) -> None:
        """The process dies while the job runs; who comes next does what is left."""
        self.cut_off(self.town.demo, statement, lambda: golive.settle_due(self.town.demo))
        self.reviews_are_settled()

    @precondition(lambda self: self.handles)
    @rule(data=st.data(), statement=statements)
    def the_promotion_is_cut_off(self, data: st.DataObject, statement: int) -> None:
        """The process of production dies while a key arrives: it is there whole, or not at all."""
        handle = data.draw(st.sampled_from(self.handles))
        expected = self.passed_at is not None and self.now < self.passed_at + DAYS_90
        try:
            is_done = self.cut_off(self.town.production, statement, lambda: self.town.promote(handle))
        except Refusal:
            return
        if is_done:
            assert self.holder is not None or expected
            self.holder = ACME.production

    @rule(statement=statements)
    def the_delivery_is_cut_off(self, statement: int) -> None:
        """The process of demo dies while a receipt arrives."""
        self.cut_off(self.town.demo, statement, lambda: receipts.deliver_receipts(self.town.production))

    @rule(is_cut=st.booleans())
    def receipts_are_sent(self, is_cut: bool) -> None:
        """The job of production runs, with a wire or without."""
        self.town.wire_is_cut = is_cut
        receipts.deliver_receipts(self.town.production)
        self.town.wire_is_cut = False

    @rule(deed=st.sampled_from([keys.stop, keys.start, keys.delete, keys.restore, keys.revoke_tokens]))
    def the_key_is_handled(self, deed: object) -> None:
        """An admin stops, starts, deletes, restores and revokes."""
        try:
            deed(self.town.demo, self.town.actor(BO), self.made.key)  # type: ignore[operator]  # a table of deeds
        except Refusal as refusal:
            assert refusal.kind.code in {"key-deleted", "key-not-deleted", "too-late-to-restore"}  # noqa: PT017

    @invariant()
    def the_holder_is_the_one_that_took_it(self) -> None:
        """A key has one holder in production or none, and keeps it."""
        holders = [
            firm.production
            for person, firm in ((ADA, ACME), (ADA, SMALL), (MALLORY, STRANGE))
            for app in keys.list_apps(
                self.town.production, self.town.actor(person, self.town.production), firm.production
            )
            if app.key == self.made.key
        ]

        assert holders == ([] if self.holder is None else [self.holder])

    @invariant()
    def demo_shows_no_more_than_is_true(self) -> None:
        """Demo says live only of a key that is in production, and passed only of one whose review passed."""
        app = keys.view(self.town.demo, self.town.actor(ADA), self.made.key).app
        status, _ = golive.status_of(self.town.demo, app)

        assert status != "Live" or self.holder is not None
        assert status != "Review Passed" or (self.passed_at is not None and self.now < self.passed_at + DAYS_90)
        assert status != "Under Review" or self.started is not None


class FamilyLife(Play):
    """The tokens of one sign-in, used and reused in any order by whoever holds them."""

    def __init__(self) -> None:
        super().__init__()
        self.is_dead = False
        self.began = self.now
        first = self.town.sign_in_with(self.town.demo, self.made, SAM)
        self.answers: list[Answer] = [first]
        self.used: dict[str, datetime] = {}
        self.stopped = False

    @rule(data=st.data())
    def a_refresh_token_is_sent(self, data: st.DataObject) -> None:
        """Somebody sends any refresh token of the family."""
        token = data.draw(st.sampled_from(self.answers)).refresh_token or ""
        is_good = not (self.is_dead or self.stopped or token in self.used) and self.now < self.began + timedelta(
            days=30
        )
        if not self.stopped and token in self.used and self.now - self.used[token] > timedelta(seconds=10):
            self.is_dead = True
        try:
            self.answers.append(tokens.refresh(self.town.demo, self.made.credentials, token, None))
        except Refusal:
            assert not is_good
        else:
            assert is_good
            self.used[token] = self.now

    @rule(data=st.data(), statement=statements)
    def a_refresh_is_cut_off(self, data: st.DataObject, statement: int) -> None:
        """The process dies while a refresh token is used: it is used with its answer, or not at all."""
        token = data.draw(st.sampled_from(self.answers)).refresh_token or ""
        demo, answers = self.town.demo, list[Answer]()

        def refresh() -> None:
            answers.append(tokens.refresh(demo, self.made.credentials, token, None))

        came_back_late = token in self.used and self.now - self.used[token] > timedelta(seconds=10)
        try:
            is_done = self.cut_off(demo, statement, refresh)
        except Refusal:
            is_done = not self.stopped
        if is_done and came_back_late and not self.stopped:
            self.is_dead = True
        if answers:
            self.answers += answers
            self.used[token] = self.now

    @rule()
    def the_tokens_are_revoked(self) -> None:
        """An admin revokes every token of the key."""
        keys.revoke_tokens(self.town.demo, self.town.actor(ADA), self.made.key)
        self.is_dead = True

    @rule()
    def the_key_stops_or_starts(self) -> None:
        """An admin stops the key, or starts it again."""
        deed = keys.start if self.stopped else keys.stop
        deed(self.town.demo, self.town.actor(ADA), self.made.key)
        self.stopped = not self.stopped

    @rule()
    def a_stranger_tries(self) -> None:
        """Whoever has a token and not the secret, or another app's, gets nothing and breaks nothing."""
        token = self.answers[-1].refresh_token or ""
        for credentials in (self.made.unproved, replace(self.made.credentials, unverified_secret="wrong")):
            with pytest.raises(Refusal):
                tokens.refresh(self.town.demo, credentials, token, None)

    @invariant()
    def access_tokens_live_as_their_family_does(self) -> None:
        """A token of a dead family or stopped key is dead; of a living one it lives for eight hours."""
        for answer in self.answers[-3:]:
            try:
                caller = callers.recognize(self.town.demo, answer.access_token)
            except Refusal:
                continue
            assert not self.is_dead
            assert not self.stopped
            assert self.now < caller.claims.expires_at


@pytest.mark.parametrize("examples", [3, pytest.param(60, marks=[pytest.mark.long, pytest.mark.timeout(1_800)])])
@pytest.mark.parametrize("life", [KeyLife, FamilyLife])
def test_no_order_of_events_leads_astray(
    founded: Founded, tmp_path_factory: pytest.TempPathFactory, life: type[Play], examples: int
) -> None:
    """Whatever happens in whatever order, what the town shows stays within what was earned."""

    class Tonight(life):  # type: ignore[valid-type,misc]  # the play of the evening
        """This play, on the stage of this test."""

        folders = iter(lambda: tmp_path_factory.mktemp("life"), None)

    Tonight.founded = founded
    run_state_machine_as_test(Tonight, settings=settings(max_examples=examples, stateful_step_count=30, deadline=None))
