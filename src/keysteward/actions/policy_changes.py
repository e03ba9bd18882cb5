"""How do operators change the policy in the console and by their programs?

A change names the version that its author saw, so that two at once do not overwrite one another. What loosens nothing
that guards keys applies at once; the rest waits for a second operator.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from keysteward.actions import policy as policies
from keysteward.actions.context import Context
from keysteward.actions.operators import demand_operator
from keysteward.rules import proposals as rules
from keysteward.rules.access import HANDLE_POLICY, Actor
from keysteward.rules.keys import checked_text
from keysteward.rules.numbers import changed, loosened
from keysteward.rules.policy import Policy
from keysteward.rules.policy_text import Document, names, read, written
from keysteward.rules.proposals import APPROVE, Changed, Ended, Ending, Look, Proposal, State, differences
from keysteward.rules.refusals import CONFLICT, NO_SUCH_OBJECT, NOTHING_CHANGES, PROPOSAL_OVER, Refusal, demand
from keysteward.rules.signin import demand_fresh, demand_fresh_person
from keysteward.rules.words import new_guid
from keysteward.store import approvals, audit, policy, proposals
from keysteward.store.database import Connection, bump_epoch, lock
from keysteward.store.policy import Version

_MOST_SHOWN = 50


class Change(NamedTuple):
    """What an operator wants: the numbers to change, why, and the version that they saw."""

    numbers: Document
    reason: str
    base: int


class Outcome(NamedTuple):
    """What came of a change: a version that applies, or a proposal that waits for a second operator."""

    version: Version | None
    proposal: Proposal | None


class Case(NamedTuple):
    """A proposal with what it changes. `why_not` is the refusal that this operator would get, if any."""

    proposal: Proposal
    state: State
    differences: list[Changed]
    is_own: bool
    why_not: Refusal | None


def demand_editor(ctx: Context, actor: Actor) -> None:
    """Refuse who is no operator, and ask who it is before anything is typed rather than after it."""
    with ctx.database.reading() as tx:
        demand_operator(tx, actor, HANDLE_POLICY)
    demand_fresh_person(actor, ctx.now, ctx.policy)


# ── what is asked ───────────────────────────────────────────────────────────────────────────────────────────────────
def list_versions(ctx: Context, actor: Actor) -> list[Version]:
    """Every version with its author and reason, newest first."""
    with ctx.database.reading() as tx:
        demand_operator(tx, actor, HANDLE_POLICY)
        return policy.list_versions(tx)


def list_proposals(ctx: Context, actor: Actor) -> list[Case]:
    """The newest proposals, newest first, those that ended among them."""
    with ctx.database.reading() as tx:
        demand_operator(tx, actor, HANDLE_POLICY)
        newest = _newest(ctx, tx)
        return [_case(ctx, tx, actor, each, newest) for each in proposals.list_newest(tx, _MOST_SHOWN)]


def load_proposal(ctx: Context, actor: Actor, proposal: str) -> Case:
    """One proposal."""
    with ctx.database.reading() as tx:
        demand_operator(tx, actor, HANDLE_POLICY)
        return _case(ctx, tx, actor, _found(tx, proposal), _newest(ctx, tx))


def count_waiting(ctx: Context, actor: Actor) -> int:
    """How many proposals wait for this operator, who is the second to look."""
    with ctx.database.reading() as tx:
        newest = _newest(ctx, tx)
        return sum(
            each.by != actor.user and rules.state_of(each, newest.version, ctx.now, newest) == "waiting"
            for each in proposals.list_open(tx, newest.version)
        )


def foresee(ctx: Context, actor: Actor, numbers: Document, base: int) -> list[Changed]:
    """What a change would do to the version in force; refuses what could not be applied."""
    with ctx.database.reading() as tx:
        demand_operator(tx, actor, HANDLE_POLICY)
        before = _newest(ctx, tx)
    return differences(before, _changed(before, Change(numbers, "", base)))


# ── what is done ────────────────────────────────────────────────────────────────────────────────────────────────────
def change(ctx: Context, actor: Actor, wanted: Change) -> Outcome:
    """Make a new version, or where that loosens what guards keys, propose it to the other operators."""
    with ctx.database.writing() as tx:
        lock(tx, "user", actor.user)
        lock(tx, "record", "policy")
        demand_operator(tx, actor, HANDLE_POLICY)
        demand_fresh_person(actor, ctx.now, ctx.policy)
        why = checked_text(wanted.reason, "reason", most=500)
        before = _newest(ctx, tx)
        after = _changed(before, wanted)
        if loosened(before, after):
            return Outcome(None, _propose(ctx, tx, actor, why, (before, after)))
        made = _apply(ctx, tx, Version(_next(before, after), ctx.now, actor.email, "", why), before)
    policies.catch_up(ctx)
    return Outcome(made, None)


def approve(ctx: Context, actor: Actor, proposal: str) -> Version:
    """Make a new version of what another operator proposed; a person's deed, who just proved who they are."""
    with ctx.database.writing() as tx:
        found, before = _taken_in_hand(ctx, tx, actor, proposal)
        demand_fresh(actor, ctx.now, ctx.policy)
        look = _look(ctx, tx, actor, found, before)
        demand(APPROVE, look, state=_state(ctx, found, before))
        after = read(found.numbers, before)
        said = Version(_next(before, after), ctx.now, found.by_email, actor.email, found.reason)
        proposals.end(tx, found.id, Ended("approved", actor.email, ctx.now, ""))
        made = _apply(ctx, tx, said, before, found.id)
    policies.catch_up(ctx)
    return made


def end(ctx: Context, actor: Actor, proposal: str, unverified_reason: str) -> Proposal:
    """Let nothing come of a proposal: its author withdraws it, any other operator declines it, and says why."""
    with ctx.database.writing() as tx:
        found, before = _taken_in_hand(ctx, tx, actor, proposal)
        demand_fresh_person(actor, ctx.now, ctx.policy)
        ending: Ending = "withdrawn" if found.by == actor.user else "declined"
        reason = checked_text(unverified_reason, "reason", least=0 if ending == "withdrawn" else 1, most=500)
        ended = Ended(ending, actor.email, ctx.now, reason)
        if _state(ctx, found, before) != "waiting" or not proposals.end(tx, found.id, ended):
            raise Refusal(PROPOSAL_OVER, state=_state(ctx, found, before))
        said = {"proposal": found.id, "policy": str(found.base), "state": ending, "reason": reason}
        audit.record(tx, ctx.event("PolicyProposalEnded", actor.email, **said))
    return replace(found, ended=ended)


def _propose(ctx: Context, tx: Connection, actor: Actor, why: str, step: tuple[Policy, Policy]) -> Proposal:
    before, after = step
    fields = changed(before, after)
    numbers = {name: written(getattr(after, name)) for name in fields}
    made = Proposal(new_guid(), before.version, numbers, actor.user, actor.email, why, ctx.now)
    proposals.save(tx, made)
    said = {"proposal": made.id, "policy": str(before.version), "fields": " ".join(fields), "reason": why}
    looser = " ".join(loosened(before, after))
    audit.record(tx, ctx.event("PolicyProposed", actor.email, loosened=looser, **said))
    return made


def _apply(ctx: Context, tx: Connection, made: Version, before: Policy, proposal: str = "") -> Version:
    policy.save(tx, made)
    fields = " ".join(changed(before, made.policy))
    said = {"policy": str(made.policy.version), "fields": fields, "reason": made.reason}
    looser = " ".join(loosened(before, made.policy))
    told = {"loosened": looser, "approved_by": made.second, "proposal": proposal} if looser else {}
    audit.record(tx, ctx.event("PolicyApplied", made.author, **said, **told))
    bump_epoch(tx)
    return made


def _changed(before: Policy, wanted: Change) -> Policy:
    if before.version != wanted.base:
        raise Refusal(CONFLICT)
    after = read(wanted.numbers, before)
    if not changed(before, after):
        raise Refusal(NOTHING_CHANGES)
    return after


def _next(before: Policy, after: Policy) -> Policy:
    return replace(after, version=before.version + 1)


def _taken_in_hand(ctx: Context, tx: Connection, actor: Actor, proposal: str) -> tuple[Proposal, Policy]:
    """A proposal with the version in force; who its author and this operator are stays so until it is done."""
    demand_operator(tx, actor, HANDLE_POLICY)  # before anything is told of the proposal
    lock(tx, "user", *{actor.user, _found(tx, proposal).by})
    lock(tx, "record", "policy")
    demand_operator(tx, actor, HANDLE_POLICY)
    return _found(tx, proposal), _newest(ctx, tx)


def _found(tx: Connection, proposal: str) -> Proposal:
    found = proposals.find(tx, proposal.lower())
    if found is None:
        raise Refusal(NO_SUCH_OBJECT, thing="proposal")
    return found


def _newest(ctx: Context, tx: Connection) -> Policy:
    newest = policy.find_newest(tx)
    return newest.policy if newest else ctx.policy


def _state(ctx: Context, proposal: Proposal, newest: Policy) -> State:
    return rules.state_of(proposal, newest.version, ctx.now, newest)


def _look(ctx: Context, tx: Connection, actor: Actor, proposal: Proposal, newest: Policy) -> Look:
    is_operator = approvals.is_operator(tx, proposal.by)
    return Look(proposal, actor.user, is_operator, newest.version, ctx.now, newest)


def _case(ctx: Context, tx: Connection, actor: Actor, proposal: Proposal, newest: Policy) -> Case:
    base = policy.find(tx, proposal.base)
    before = base.policy if base else newest
    known = {name: value for name, value in proposal.numbers.items() if name in names()}
    shown = differences(before, read(known, before))
    state, look = _state(ctx, proposal, newest), _look(ctx, tx, actor, proposal, newest)
    return Case(proposal, state, shown, proposal.by == actor.user, _why_not(lambda: demand(APPROVE, look, state=state)))


def _why_not(check: Callable[[], object]) -> Refusal | None:
    try:
        check()
    except Refusal as refusal:
        return refusal
    return None
