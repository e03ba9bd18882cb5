"""When may a change of the policy apply at once, and who must look at it before?

Read APPROVE from top to bottom: it is all that stands between a second operator and what the first one proposed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple

from keysteward.rules.numbers import changed, loosened
from keysteward.rules.policy import Policy
from keysteward.rules.refusals import OWN_PROPOSAL, PROPOSAL_OVER, PROPOSER_GONE, Kind

Ending = Literal["approved", "declined", "withdrawn"]
State = Literal["waiting", "approved", "declined", "withdrawn", "overtaken", "expired"]


class Ended(NamedTuple):
    """How a proposal ended, by whose word, when and why."""

    ending: Ending
    by_email: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change of the policy that loosens what guards keys, until a second operator approves it.

    `base` is the version that its author saw: it changes that one and no other.
    """

    id: str
    base: int
    numbers: Mapping[str, Any]
    by: str
    by_email: str
    reason: str
    at: datetime
    ended: Ended | None = None

    def expires_at(self, policy: Policy) -> datetime:
        """From when on nobody may approve it any more."""
        return self.at + policy.policy_proposal_life


class Changed(NamedTuple):
    """One number before and after a change, and whether that guards keys less."""

    name: str
    before: Any
    after: Any
    is_looser: bool


class Look(NamedTuple):
    """An operator about to approve a proposal, and what is known then. `is_proposed_by_operator` may have ended."""

    proposal: Proposal
    operator: str
    is_proposed_by_operator: bool
    version: int
    now: datetime
    policy: Policy


def state_of(proposal: Proposal, version: int, now: datetime, policy: Policy) -> State:
    """Where a proposal stands while a version of the policy is in force."""
    if proposal.ended is not None:
        return proposal.ended.ending
    if proposal.base != version:
        return "overtaken"
    return "expired" if now >= proposal.expires_at(policy) else "waiting"


def differences(before: Policy, after: Policy) -> list[Changed]:
    """Every number that differs between two policies, in their order."""
    looser = loosened(before, after)
    return [
        Changed(name, getattr(before, name), getattr(after, name), name in looser) for name in changed(before, after)
    ]


def over(look: Look) -> Kind | None:
    """It ended, expired, or another version of the policy came into force meanwhile."""
    return None if state_of(look.proposal, look.version, look.now, look.policy) == "waiting" else PROPOSAL_OVER


def proposed_by_themselves(look: Look) -> Kind | None:
    """Nobody is their own second operator."""
    return OWN_PROPOSAL if look.proposal.by == look.operator else None


def proposer_gone(look: Look) -> Kind | None:
    """Whoever proposed it has to be an operator still, or one operator alone would loosen what guards keys."""
    return None if look.is_proposed_by_operator else PROPOSER_GONE


APPROVE: tuple[Callable[[Look], Kind | None], ...] = (over, proposed_by_themselves, proposer_gone)
