"""Does the console change the policy as two operators want it, and never as one alone?"""

import pytest

from keysteward.actions import operators, policy, policy_changes
from keysteward.actions.context import Context
from keysteward.actions.policy_changes import Change, Outcome
from keysteward.rules.access import HANDLE_POLICY, READ_KEYS, Actor
from keysteward.rules.policy import DEFAULT
from keysteward.rules.proposals import Proposal
from keysteward.rules.refusals import (
    CONFLICT,
    FRESH_SIGN_IN_NEEDED,
    INVALID_FIELD,
    NO_SUCH_OBJECT,
    NOT_AN_OPERATOR,
    NOTHING_CHANGES,
    OWN_PROPOSAL,
    PROPOSAL_OVER,
    PROPOSER_GONE,
    TOKEN_LACKS_PERMISSION,
    Kind,
    Refusal,
)
from keysteward.store.database import current_epoch
from tests.approving import OLIVE, employ
from tests.cast import ADA, SAM, UNKNOWN, Person, Town
from tests.peers.databases import rows

LOOSER = {"calls_needed": 5, "polling_gap": "20m"}


@pytest.fixture
def desk(town: Town) -> Town:
    """Demo with two operators, Olive and Sam."""
    employ(town)
    employ(town, SAM)
    return town


def wanted(town: Town, numbers: dict[str, object], by: Person = OLIVE, base: int | None = None) -> Outcome:
    """Change the policy as somebody who saw the version in force, unless another is named."""
    seen = town.demo.policy.version if base is None else base
    return policy_changes.change(town.demo, town.actor(by), Change(numbers, " More  proof. ", seen))


def proposed(town: Town, numbers: dict[str, object] = LOOSER, by: Person = OLIVE) -> Proposal:
    """Propose what loosens."""
    outcome = wanted(town, numbers, by)
    assert outcome.proposal
    return outcome.proposal


def end(ctx: Context, actor: Actor, proposal: str) -> Proposal:
    """Let nothing come of a proposal."""
    return policy_changes.end(ctx, actor, proposal, "Not now.")


def refusal_of(ctx: Context, actor: Actor, proposal: str = UNKNOWN) -> set[Kind]:
    """How everything that operators do is refused."""
    kinds = set()
    for deed in (
        lambda: policy_changes.change(ctx, actor, Change({"keys_per_account": 0}, "", 7)),
        lambda: policy_changes.foresee(ctx, actor, {"keys_per_account": 0}, 7),
        lambda: policy_changes.approve(ctx, actor, proposal),
        lambda: policy_changes.end(ctx, actor, proposal, ""),
        lambda: policy_changes.load_proposal(ctx, actor, proposal),
        lambda: policy_changes.list_proposals(ctx, actor),
        lambda: policy_changes.list_versions(ctx, actor),
        lambda: policy_changes.demand_editor(ctx, actor),
    ):
        with pytest.raises(Refusal) as refused:
            deed()
        kinds.add(refused.value.kind)
    return kinds


def test_what_loosens_nothing_applies_at_once(desk: Town) -> None:
    """Tighter and neutral numbers make a version, by the operator's address; every worker hears of it."""
    before = desk.demo.directory.epoch
    made = wanted(desk, {"calls_needed": 30, "keys_per_account": 7}).version

    assert made is not None
    assert (made.policy.version, made.policy.calls_needed, made.policy.keys_per_account) == (2, 30, 7)
    assert (made.author, made.second, made.reason) == (OLIVE.email, "", "More proof.")
    assert desk.demo.policy == made.policy
    with desk.demo.database.reading() as tx:
        assert current_epoch(tx) > before


def test_what_loosens_waits_for_somebody_else(desk: Town) -> None:
    """Nothing applies until the second operator approves; then both names stay in the version."""
    waiting = proposed(desk)
    (seen,) = policy_changes.list_proposals(desk.demo, desk.actor(SAM))

    assert desk.demo.policy == DEFAULT
    assert (seen.proposal, seen.state, seen.is_own, seen.why_not) == (waiting, "waiting", False, None)
    assert [(each.name, each.is_looser) for each in seen.differences] == [
        ("calls_needed", True), ("polling_gap", False),
    ]  # fmt: skip
    assert policy_changes.count_waiting(desk.demo, desk.actor(SAM)) == 1
    assert policy_changes.count_waiting(desk.demo, desk.actor(OLIVE)) == 0

    made = policy_changes.approve(desk.demo, desk.actor(SAM), waiting.id.upper())

    assert (made.policy.version, made.policy.calls_needed, made.author, made.second) == (2, 5, OLIVE.email, SAM.email)
    assert (desk.demo.policy, policy.load(desk.demo, 2)) == (made.policy, made)
    case = policy_changes.load_proposal(desk.demo, desk.actor(OLIVE), waiting.id)
    assert (case.state, case.proposal.ended and case.proposal.ended.by_email) == ("approved", SAM.email)
    assert policy_changes.count_waiting(desk.demo, desk.actor(SAM)) == 0


def test_nobody_is_their_own_second_operator(desk: Town) -> None:
    """The author approves nothing of their own; the page says so before they try."""
    waiting = proposed(desk)
    case = policy_changes.load_proposal(desk.demo, desk.actor(OLIVE), waiting.id)

    assert case.why_not
    assert (case.is_own, case.why_not.kind) == (True, OWN_PROPOSAL)
    with pytest.raises(Refusal) as refused:
        policy_changes.approve(desk.demo, desk.actor(OLIVE), waiting.id)
    assert (refused.value.kind, desk.demo.policy) == (OWN_PROPOSAL, DEFAULT)


def test_whoever_proposed_must_be_an_operator_still(desk: Town) -> None:
    """Or one operator alone would loosen what guards keys."""
    waiting = proposed(desk)
    operators.remove(desk.demo, OLIVE.email, "the tests")

    with pytest.raises(Refusal) as refused:
        policy_changes.approve(desk.demo, desk.actor(SAM), waiting.id)
    assert (refused.value.kind, desk.demo.policy) == (PROPOSER_GONE, DEFAULT)
    assert policy_changes.end(desk.demo, desk.actor(SAM), waiting.id, "She left.").ended


def test_two_at_once_do_not_overwrite_one_another(desk: Town) -> None:
    """Whoever saw an older version is told, whether they change, look ahead or approve; CLI or console."""
    waiting = proposed(desk)
    policy.apply(desk.demo, {"keys_per_account": 7}, author="Olga", reason="On the host.")

    with pytest.raises(Refusal) as refused:
        wanted(desk, {"calls_needed": 40}, base=1)
    assert refused.value.kind is CONFLICT
    with pytest.raises(Refusal) as refused:
        policy_changes.foresee(desk.demo, desk.actor(OLIVE), {"calls_needed": 40}, 1)
    assert refused.value.kind is CONFLICT
    with pytest.raises(Refusal) as refused:
        policy_changes.approve(desk.demo, desk.actor(SAM), waiting.id)
    assert (refused.value.kind, refused.value.values["state"]) == (PROPOSAL_OVER, "overtaken")
    assert (desk.demo.policy.version, desk.demo.policy.keys_per_account, desk.demo.policy.calls_needed) == (2, 7, 20)


def test_a_proposal_expires(desk: Town) -> None:
    """A moment before its end it may be approved, at its end no more."""
    first = proposed(desk)
    desk.clock.now = first.expires_at(DEFAULT)
    case = policy_changes.load_proposal(desk.demo, desk.actor(SAM), first.id)
    with pytest.raises(Refusal) as refused:
        policy_changes.approve(desk.demo, desk.actor(SAM), first.id)
    second = proposed(desk)
    desk.clock.now = second.expires_at(DEFAULT)
    desk.clock.advance(microseconds=-1)

    assert (case.state, refused.value.kind, refused.value.values["state"]) == ("expired", PROPOSAL_OVER, "expired")
    assert policy_changes.approve(desk.demo, desk.actor(SAM), second.id).policy.version == 2


def test_a_proposal_is_declined_or_withdrawn_once(desk: Town) -> None:
    """Others decline with a reason, the author withdraws with or without one; then nothing comes of it."""
    first, second = proposed(desk), proposed(desk)
    with pytest.raises(Refusal) as refused:
        policy_changes.end(desk.demo, desk.actor(SAM), first.id, " ")
    assert (refused.value.kind, refused.value.field) == (INVALID_FIELD, "reason")

    declined = policy_changes.end(desk.demo, desk.actor(SAM), first.id, "Not before the fair.").ended
    withdrawn = policy_changes.end(desk.demo, desk.actor(OLIVE), second.id, "").ended

    assert declined
    assert withdrawn
    assert (declined.ending, declined.by_email, declined.reason) == ("declined", SAM.email, "Not before the fair.")
    assert (withdrawn.ending, withdrawn.by_email, withdrawn.reason) == ("withdrawn", OLIVE.email, "")
    for deed in (policy_changes.approve, end):
        with pytest.raises(Refusal) as refused:
            deed(desk.demo, desk.actor(SAM), first.id)
        assert (refused.value.kind, refused.value.values["state"]) == (PROPOSAL_OVER, "declined")
    assert desk.demo.policy == DEFAULT


def test_only_operators(desk: Town) -> None:
    """Who is none is refused before anything is read or checked, and so is a token that was not made for it."""
    waiting = proposed(desk)
    token = desk.actor(OLIVE, permissions=frozenset({READ_KEYS}))

    assert refusal_of(desk.demo, desk.actor(ADA), waiting.id) == {NOT_AN_OPERATOR}
    assert refusal_of(desk.demo, token, waiting.id) == {TOKEN_LACKS_PERMISSION}


def test_changing_is_dangerous(desk: Town) -> None:
    """It asks for a fresh sign-in; a program may change and propose, and never approve."""
    waiting = proposed(desk)
    program = desk.actor(SAM, permissions=frozenset({HANDLE_POLICY}))
    with pytest.raises(Refusal) as refused:
        policy_changes.approve(desk.demo, program, waiting.id)
    assert refused.value.kind is FRESH_SIGN_IN_NEEDED

    old = desk.actor(OLIVE)
    desk.clock.advance(minutes=11)
    change = Change({"keys_per_account": 7}, "Fewer.", 1)
    with pytest.raises(Refusal) as refused:
        policy_changes.change(desk.demo, old, change)
    assert refused.value.kind is FRESH_SIGN_IN_NEEDED
    assert policy_changes.change(desk.demo, program, change).version


@pytest.mark.parametrize(
    ("numbers", "kind", "field"),
    [
        ({}, NOTHING_CHANGES, ""),
        ({"calls_needed": 20}, NOTHING_CHANGES, ""),
        ({"calls_needed": 0}, INVALID_FIELD, "calls_needed"),
        ({"version": 9}, INVALID_FIELD, "version"),
        ({"plans": ["Free"]}, INVALID_FIELD, "least_plan"),
    ],
)
def test_what_cannot_be_applied(desk: Town, numbers: dict[str, object], kind: Kind, field: str) -> None:
    """It is refused when it is looked at and when it is sent, and nothing is kept."""
    with pytest.raises(Refusal) as ahead:
        policy_changes.foresee(desk.demo, desk.actor(OLIVE), numbers, 1)
    with pytest.raises(Refusal) as refused:
        wanted(desk, numbers)

    assert {(each.value.kind, each.value.field) for each in (ahead, refused)} == {(kind, field)}
    assert (desk.demo.policy, rows(desk.demo.database, "SELECT id FROM policy_proposals")) == (DEFAULT, [])


def test_an_unknown_proposal_is_none(desk: Town) -> None:
    """There is nothing to see, approve or end."""
    for deed in (policy_changes.load_proposal, policy_changes.approve, end):
        with pytest.raises(Refusal) as refused:
            deed(desk.demo, desk.actor(SAM), UNKNOWN)
        assert refused.value.kind is NO_SUCH_OBJECT
