"""Does any order of events give a key two holders or none, or move it against a veto or without standing?

Some of its steps are taken by several people at once; what then came first is the database's word.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from keysteward.actions import accounts, moving, stand_ins, transfers
from keysteward.rules.access import Actor
from keysteward.rules.accounts import ADMIN, AccountState
from keysteward.rules.refusals import Refusal
from keysteward.rules.transfers import Side, Transfer
from keysteward.store import transfers as stored
from keysteward.store.accounts import count_admins
from tests.cast import ADA, BO, CY, MALLORY, ROBIN, SAM, Made, Person, Town
from tests.conftest import Founded
from tests.peers.databases import rows
from tests.racing import at_once
from tests.transferring import AWAY, HOME, add_second, confirm, gone_live, holder, stand_in

Deed = Callable[[], object]
SIDES: tuple[Side, ...] = ("source", "destination")
people = st.sampled_from([ADA, BO, CY, MALLORY, SAM])
pauses = st.sampled_from([timedelta(minutes=11), timedelta(hours=25), timedelta(hours=72), timedelta(days=7)])
AT_ONCE = ("accept", "source", "destination", "approve", "veto", "cancel", "leave", "job")
states: st.SearchStrategy[AccountState] = st.sampled_from(["open", "suspended", "closed"])


def home_of(person: Person) -> str:
    """The account that somebody administers at first."""
    return AWAY if person is MALLORY else HOME


def signed_now(town: Town, transfer: Transfer) -> dict[Side, Person]:
    """Whose words are kept."""
    with town.production.database.reading() as tx:
        found = stored.find(tx, transfer.id)
    assert found is not None
    by = {each.production: each for each in (ADA, BO, CY, MALLORY, SAM)}
    return {each.side: by[each.act.by] for each in found.confirmations}


class Watched:
    """What somebody who watches from outside knows of one transfer."""

    def __init__(self, transfer: Transfer, *, has_second: bool = False) -> None:
        self.transfer = transfer
        self.has_second = has_second
        self.signed: dict[Side, Person] = {}
        self.accepted = False
        self.approved = False
        self.stopped = False


class TransferLife(RuleBasedStateMachine):
    """One live key, with everybody trying every step at any time while people leave and accounts change."""

    founded: Founded
    folders: Iterator[Path]

    def __init__(self) -> None:
        super().__init__()
        self.town: Town = self.founded.copy(next(self.folders) / "town")
        self.made: Made = self.founded.made
        self.watched: list[Watched] = []
        self.admins = {HOME: {ADA, BO, ROBIN}, AWAY: {MALLORY}}
        self.states: dict[str, AccountState] = {HOME: "open", AWAY: "open"}
        self.holder = HOME
        self.has_second = False

    def teardown(self) -> None:
        """Close the town of this example."""
        self.town.close()

    @property
    def now(self) -> datetime:
        """The town's time."""
        return self.town.clock.now

    def actor(self, person: Person) -> Actor:
        """Somebody who has just signed in to production."""
        return self.town.actor(person, self.town.production)

    def done(self, deed: Deed) -> bool:
        """Try something: whether it was done."""
        try:
            deed()
        except Refusal as refusal:
            event(refusal.kind.code)
            return False
        return True

    @property
    def newest(self) -> Watched | None:
        """The transfer that began last."""
        return self.watched[-1] if self.watched else None

    # ── what people do ──────────────────────────────────────────────────────────────────────────────────────────────
    @rule(by=people)
    def somebody_offers(self, by: Person) -> None:
        """Away from whoever has it, to the other."""
        to = AWAY if self.holder == HOME else HOME
        with suppress(Refusal):
            actor = self.actor(by)
            began = transfers.start(self.town.production, actor, self.made.key, to)
            assert by in self.admins[self.holder]
            self.watched.append(Watched(began))

    @rule(by=people)
    def somebody_stands_in(self, by: Person) -> None:
        """The organization acts, for its own account only."""
        with suppress(Refusal):
            began = stand_in(self.town, self.made, by=by)
            assert by in {CY, SAM}
            assert self.holder == HOME
            self.watched.append(Watched(began, has_second=self.has_second))

    @rule(by=people)
    def somebody_accepts(self, by: Person) -> None:
        """The destination looks."""
        seen = self.newest
        if seen and self.done(lambda: transfers.accept(self.town.production, self.actor(by), seen.transfer.id)):
            assert by in self.admins[seen.transfer.destination]
            seen.accepted = True

    @rule(by=people, side=st.sampled_from(SIDES))
    def somebody_confirms(self, by: Person, side: Side) -> None:
        """For one side."""
        seen = self.newest
        if seen and self.done(lambda: confirm(self.town, seen.transfer, side, by)):
            assert not seen.stopped
            seen.signed[side] = by
            self.watch_the_move()

    @rule(by=people)
    def somebody_approves(self, by: Person) -> None:
        """As a second admin of the organization."""
        seen = self.newest
        if seen and self.done(lambda: stand_ins.approve(self.town.production, self.actor(by), seen.transfer.id)):
            assert by in {CY, SAM}
            assert by.production != seen.transfer.started.by
            seen.approved = True
            self.watch_the_move()

    @rule(by=people, is_veto=st.booleans())
    def somebody_stops_it(self, by: Person, is_veto: bool) -> None:
        """By a veto, or by cancelling."""
        seen, stop = self.newest, stand_ins.veto if is_veto else transfers.cancel
        if seen and self.done(lambda: stop(self.town.production, self.actor(by), seen.transfer.id, "")):
            assert not is_veto or by in self.admins[HOME]
            seen.stopped = True

    @rule(chosen=st.lists(st.tuples(st.sampled_from(AT_ONCE), people), min_size=2, max_size=5))
    def several_act_at_once(self, chosen: list[tuple[str, Person]]) -> None:
        """They sign, approve, stop it and leave while the job looks: what was answered holds, whatever came first."""
        seen = self.newest
        if seen is None:
            return
        deeds = [self.deed_of(name, by, seen.transfer) for name, by in chosen]
        answered, refused = at_once(lambda number: (chosen[number], deeds[number]()), len(chosen))
        event(f"at once: {len(answered)} of {len(answered) + len(refused)} done")
        done = {name for (name, _), _ in answered}
        seen.accepted |= "accept" in done
        seen.approved |= "approve" in done
        seen.stopped |= bool({"veto", "cancel"} & done)
        seen.signed = signed_now(self.town, seen.transfer)
        self.watch_the_move()
        for (name, by), _ in answered:
            if name == "leave":
                self.admins[home_of(by)].discard(by)

    def deed_of(self, name: str, by: Person, transfer: Transfer) -> Deed:
        """One of the things that several do at once."""
        ctx = self.town.production
        actor = self.actor(by)
        named: dict[str, Deed] = {
            "accept": lambda: transfers.accept(ctx, actor, transfer.id),
            "source": lambda: confirm(self.town, transfer, "source", by),
            "destination": lambda: confirm(self.town, transfer, "destination", by),
            "approve": lambda: stand_ins.approve(ctx, actor, transfer.id),
            "veto": lambda: stand_ins.veto(ctx, actor, transfer.id, ""),
            "cancel": lambda: transfers.cancel(ctx, actor, transfer.id, ""),
            "leave": lambda: accounts.close_membership(ctx, home_of(by), by.production, "x"),
            "job": lambda: moving.settle_due(ctx),
        }
        return named[name]

    @rule()
    def the_next_step_is_taken(self) -> None:
        """By whoever it is for, so that some keys get all the way."""
        seen = self.newest
        if seen is None:
            for by in (ADA, BO, MALLORY):
                self.somebody_offers(by)
        elif not seen.accepted:
            self.somebody_accepts(MALLORY if seen.transfer.destination == AWAY else BO)
        else:
            for side in SIDES:
                for by in (CY, BO, ADA, MALLORY):
                    self.somebody_confirms(by, side)

    # ── what happens around them ────────────────────────────────────────────────────────────────────────────────────
    @rule(pause=pauses)
    def time_passes(self, pause: timedelta) -> None:
        """And the job comes by."""
        self.town.clock.now += pause
        moving.settle_due(self.town.production)
        self.watch_the_move()

    @rule(by=st.sampled_from([ADA, BO, MALLORY]))
    def somebody_leaves(self, by: Person) -> None:
        """If the account can do without them."""
        account = home_of(by)
        if self.done(lambda: accounts.close_membership(self.town.production, account, by.production, "x")):
            self.admins[account].discard(by)

    @rule(state=states, account=st.sampled_from([HOME, AWAY]))
    def an_account_changes(self, state: AccountState, account: str) -> None:
        """An operator opens, suspends or closes it."""
        accounts.change_account(self.town.production, account, "x", state=state)
        self.states[account] = state

    @rule()
    def another_admin_comes(self) -> None:
        """Ada joins the destination too: one person on both sides."""
        new = ADA.joining(ADMIN, "production")
        if ADA not in self.admins[AWAY] and self.done(lambda: accounts.add_user(self.town.production, AWAY, new, "x")):
            self.admins[AWAY].add(ADA)

    @rule()
    def a_second_admin_comes(self) -> None:
        """Sam becomes an admin of the organization."""
        if not self.has_second:
            add_second(self.town)
            self.has_second = True

    @rule()
    def the_job_comes_by(self) -> None:
        """At any time."""
        moving.settle_due(self.town.production)
        self.watch_the_move()

    # ── what must hold ──────────────────────────────────────────────────────────────────────────────────────────────
    def watch_the_move(self) -> None:
        """A key that changed its holder had every reason to."""
        (now_with,) = holder(self.town.production, self.made.key)
        if now_with == self.holder:
            return
        seen = self.newest
        assert seen is not None
        assert (seen.transfer.source, seen.transfer.destination) == (self.holder, now_with)
        assert seen.accepted
        assert not seen.stopped
        assert self.now < seen.transfer.expires_at
        assert self.states[now_with] == "open"
        assert self.states[self.holder] != "suspended"
        assert seen.signed["destination"] in self.admins[now_with]
        if seen.transfer.is_stand_in:
            assert self.now >= seen.transfer.started.at + timedelta(hours=72)
            assert seen.signed["source"].production == seen.transfer.started.by
            assert seen.signed["destination"] is not seen.signed["source"]
            assert seen.approved or not seen.has_second
        else:
            assert seen.signed["source"] in self.admins[self.holder]
        event(f"moved by {seen.transfer.hand}")
        self.holder = now_with

    @invariant()
    def the_key_has_one_holder(self) -> None:
        """Never two, never none, and the one that everybody saw it given to."""
        assert holder(self.town.production, self.made.key) == [self.holder]

    @invariant()
    def an_open_account_has_an_admin(self) -> None:
        """Whoever left: no deed of a member takes the last one away."""
        with self.town.production.database.reading() as tx:
            left = {account: count_admins(tx, account) for account in (HOME, AWAY)}
        assert all(left[account] for account, state in self.states.items() if state == "open")

    @invariant()
    def one_transfer_is_under_way_at_most(self) -> None:
        """Whoever offers what."""
        ((pending,),) = rows(self.town.production.database, "SELECT count(*) FROM transfers WHERE ended_at IS NULL")
        assert pending <= 1


@pytest.mark.parametrize(
    "examples",
    [
        pytest.param(3, id="short", marks=[pytest.mark.timeout(600)]),
        pytest.param(60, id="long", marks=[pytest.mark.long, pytest.mark.timeout(1_800)]),
    ],
)
def test_no_order_of_events_leads_astray(
    founded: Founded, tmp_path_factory: pytest.TempPathFactory, examples: int
) -> None:
    """Whatever happens in whatever order, the key is with one account, and for a reason."""

    class Tonight(TransferLife):
        """This play, on the stage of this test."""

        folders = iter(lambda: tmp_path_factory.mktemp("life"), None)

    with gone_live(founded, tmp_path_factory.mktemp("live") / "town") as live:
        Tonight.founded = live
        run_state_machine_as_test(
            Tonight, settings=settings(max_examples=examples, stateful_step_count=40, deadline=None)
        )
