"""Which shapes do the policy, its versions and what is proposed have?"""

from typing import Any

from msgspec import Struct

from keysteward.rules.proposals import State
from keysteward.web.api.shapes import Guid, Instant, Note, Reason, Request


class PolicyVersion(Struct):
    """A version of the policy: who applied it when and why, and who approved what it loosened."""

    version: int
    applied_at: Instant
    author: str
    second: str
    reason: str
    changed: list[str]


class PolicyVersions(Struct):
    """Every version, newest first."""

    versions: list[PolicyVersion]


class PolicyNumbers(Struct):
    """One version with all its numbers, as `keysteward policy apply` takes them."""

    version: int
    applied_at: Instant
    author: str
    second: str
    reason: str
    numbers: dict[str, Any]


class PolicyChange(Request):
    """The numbers to change, and why; what is not named stays."""

    numbers: dict[str, Any]
    reason: Reason


class PolicyProposal(Struct):
    """A change that loosens what guards keys, and what became of it. `base` is the version that it changes."""

    id: Guid
    base: int
    state: State
    numbers: dict[str, Any]
    loosened: list[str]
    author: str
    reason: str
    proposed_at: Instant
    expires_at: Instant
    ended_by: str
    ended_at: Instant | None
    ended_reason: str


class PolicyProposals(Struct):
    """The newest proposals, newest first."""

    proposals: list[PolicyProposal]


class PolicyOutcome(Struct):
    """What came of a change: the version that applies, or the proposal that waits for a second operator."""

    version: int | None
    proposal: PolicyProposal | None


class EndedProposal(Request):
    """Why nothing should come of a proposal; whoever declines another's has to say."""

    reason: Note = ""
