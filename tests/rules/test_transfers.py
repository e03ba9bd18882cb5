"""Do the rules of transfers say the same of every case that can come up?"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keysteward.rules.accounts import ADMIN, SENDER, Account, AccountState, Membership, MembershipState, Standing, User
from keysteward.rules.keys import App
from keysteward.rules.policy import DEFAULT
from keysteward.rules.transfer_words import is_said
from keysteward.rules.transfers import (
    STEPS,
    Act,
    Case,
    Confirmation,
    Ending,
    Hand,
    Person,
    Side,
    Step,
    Transfer,
    domain_of,
    is_open_to,
    may_veto,
    needs_approval,
    sees_all,
    signs_for,
    status_of,
    views,
)

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY, MOMENT = timedelta(days=1), timedelta(microseconds=1)
ORGANIZATION = "organization"
few = settings(max_examples=40)
ACT = Act("ada", "ada@acme.example", NOW - timedelta(days=1))
APP = App(
    "key", "source", "Lease signer", "team@acme.example", "Private custom integration", frozenset(), False, "", "",
    "ada@acme.example", NOW, "ada@acme.example",
)  # fmt: skip

accounts = st.builds(
    lambda state, plan, since: Account("", 1, "", plan, state, NOW, ORGANIZATION, state_since=NOW - since),
    st.sampled_from(get_args(AccountState)),
    st.sampled_from(("Standard", "Business Pro")),
    st.sampled_from((timedelta(days=90), timedelta(days=90, seconds=1))),
)
people = st.sampled_from(("ada", "bo", "cy"))
roles = st.sampled_from(("none", "sender", "admin", "leaver"))


def _standing(account: Account, user: str, role: str) -> Standing | None:
    if role == "none":
        return None
    state: MembershipState = "closed" if role == "leaver" else "active"
    profile = SENDER if role == "sender" else ADMIN
    return Standing(
        account, User(user, "", "", "", "active", NOW), Membership(account.id, user, profile, state, NOW)
    )  # fmt: skip


@st.composite
def persons(draw: st.DrawFn, source: Account, destination: Account) -> Person:
    """Somebody with any standing on both sides."""
    user = draw(people)
    council = {ORGANIZATION: NOW - draw(st.sampled_from((DAY, DAY - MOMENT)))} if draw(st.booleans()) else {}
    return Person(user, _standing(source, user, draw(roles)), _standing(destination, user, draw(roles)), council)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Any case at all, possible or not."""
    source, destination = draw(accounts), draw(accounts)
    hand: Hand = draw(st.sampled_from(get_args(Hand)))
    words = tuple(
        Confirmation(side, Act(draw(people), "", NOW), "", "") for side in get_args(Side) if draw(st.booleans())
    )
    transfer = Transfer(
        "transfer", "key", "source", "destination", hand, replace_act(draw(people)),
        NOW + draw(st.sampled_from((timedelta(0), timedelta(seconds=1)))),
        waits_until=NOW + draw(st.sampled_from((timedelta(0), timedelta(seconds=1)))) if hand == "stand-in" else None,
        organization=ORGANIZATION if hand == "stand-in" else None,
        needs_second=draw(st.booleans()),
        accepted=draw(st.sampled_from((None, ACT))),
        approved=draw(st.sampled_from((None, ACT))),
        confirmations=words,
        ending=draw(st.sampled_from((None, Ending("vetoed", ACT, "")))),
    )  # fmt: skip
    app = replace(APP, deleted_at=draw(st.sampled_from((None, NOW))), account=draw(st.sampled_from(("source", "x"))))
    return Case(
        transfer, app, source, destination, NOW, DEFAULT,
        person=draw(persons(source, destination)),
        side=draw(st.sampled_from(get_args(Side))),
        signers={each.side: replace_user(draw(persons(source, destination)), each.act.by) for each in words},
        approver=draw(persons(source, destination)) if transfer.approved else None,
        admin_removed_at=draw(st.sampled_from((None, NOW - 3 * DAY, NOW - 3 * DAY + MOMENT))),
    )  # fmt: skip


def replace_act(user: str) -> Act:
    """The same act by somebody else."""
    return Act(user, "", NOW - DAY)


def replace_user(person: Person, user: str) -> Person:
    """The same standing of somebody else."""
    return replace(person, user=user)


@few
@given(cases())
def test_what_moves_has_everything(case: Case) -> None:
    """No key moves without both words of people who still may, both accounts fit, the wait over and no ending."""
    if not is_open_to("move", case):
        return
    transfer = case.transfer
    assert {each.side for each in transfer.confirmations} == {"source", "destination"}
    assert all(signs_for(case, side, signer) for side, signer in case.signers.items())
    assert (transfer.ending, case.app.deleted_at, case.app.account) == (None, None, "source")
    assert (case.destination.state, case.destination.plan) == ("open", "Business Pro")
    assert transfer.accepted is not None
    assert transfer.waits_until is None or transfer.waits_until <= NOW
    assert case.now < transfer.expires_at
    assert case.source.state != "suspended"
    assert not needs_approval(case) or transfer.approved is not None


@few
@given(cases(), st.sampled_from(get_args(Step)))
def test_nothing_is_done_with_what_is_over(case: Case, step: Step) -> None:
    """Ended or expired, a transfer takes no step any more; starting one is another question."""
    ended = replace(case, transfer=replace(case.transfer, ending=Ending("vetoed", ACT, "")))

    assert step == "start" or not is_open_to(step, ended)


@few
@given(cases(), st.sampled_from(get_args(Step)))
def test_who_sees_nothing_does_nothing(case: Case, step: Step) -> None:
    """Every step but the move is taken by somebody who sees the transfer."""
    if step == "move" or case.person is None or views(case, case.person):
        return
    assert not is_open_to(step, case)


@few
@given(cases())
def test_who_stands_in_signs_for_no_destination(case: Case) -> None:
    """Whatever else they are."""
    starter = replace(case.person or Person(""), user=case.transfer.started.by)

    assert not case.transfer.is_stand_in or not signs_for(case, "destination", starter)


@few
@given(cases())
def test_nobody_is_named_or_removed_for_a_stand_in(case: Case) -> None:
    """Who approves was an admin before it began; none begins until its wait has passed since one was removed."""
    person = case.person
    if person is not None and is_open_to("approve", case):
        assert person.administers[ORGANIZATION] <= case.transfer.started.at
    if case.transfer.is_stand_in and is_open_to("start", case):
        assert case.admin_removed_at is None or case.admin_removed_at + DEFAULT.stand_in_wait <= NOW


@few
@given(cases())
def test_a_veto_is_open_as_long_as_the_key_may_move(case: Case) -> None:
    """Whatever could move now, an admin of the source could still stop."""
    admin = replace(case, person=Person("ada", _standing(case.source, "ada", "admin")))
    if is_open_to("move", case):
        assert is_open_to("veto" if case.transfer.is_stand_in else "cancel", admin)


@few
@given(cases())
def test_a_leaver_has_no_say(case: Case) -> None:
    """Neither signs nor vetoes nor sees anything as an admin of the source."""
    leaver = Person("ada", _standing(case.source, "ada", "leaver"), _standing(case.destination, "ada", "leaver"))

    assert not signs_for(case, "source", leaver)
    assert not may_veto(case, leaver)
    assert not views(case, leaver)


@few
@given(cases())
def test_the_destination_sees_all_only_after_it_accepted(case: Case) -> None:
    """Before, whoever is of the destination alone sees name and GUID."""
    guest = Person("ada", None, _standing(case.destination, "ada", "admin"))

    assert sees_all(case, guest) == (case.transfer.accepted is not None)


def test_every_step_demands_something() -> None:
    """No step is open to everybody."""
    assert {step for step, checks in STEPS.items() if checks} == set(get_args(Step))


@few
@given(cases())
def test_every_case_has_a_status(case: Case) -> None:
    """A transfer whose time is up is expired, whether or not somebody said so."""
    if case.transfer.ending is None and case.now >= case.transfer.expires_at:
        assert status_of(case) == "expired"


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("ada@acme.example", "acme.example"),
        ("Ada@ACME.Example", "acme.example"),
        ("ada@sub.acme.example", "sub.acme.example"),
        ("ada@bücher.example", "xn--bcher-kva.example"),
        ("", ""),
    ],
)
def test_the_domain_of_an_address(address: str, domain: str) -> None:
    """In lower case and ASCII, and never the one above it."""
    assert domain_of(address) == domain


@pytest.mark.parametrize(
    ("typed", "is_fine"),
    [("A gives b.", True), ("  A  gives\nb. ", True), ("a gives b.", False), ("A gives b", False), ("", False)],
)
def test_the_sentence_is_the_sentence(typed: str, *, is_fine: bool) -> None:
    """Blanks do not matter; letters, their case and the full stop do."""
    assert is_said(typed, "A gives b.") == is_fine
