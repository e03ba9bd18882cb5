"""What can operators' programs ask about the policy?

A part of the one list in `operations.py`.
"""

from keysteward.rules import refusals as no
from keysteward.web.api import policy
from keysteward.web.api import policy_shapes as ruled
from keysteward.web.api.openapi import Operation
from keysteward.web.api.shapes import Nothing

_POLICY = "/api/v1/policy"
_PROPOSAL = _POLICY + "/proposals/{id}"
_READING = (no.TOKEN_LACKS_PERMISSION, no.NOT_AN_OPERATOR)
_CHANGING = (
    *_READING, no.FRESH_SIGN_IN_NEEDED, no.INVALID_FIELD, no.NOTHING_CHANGES,
)  # fmt: skip
_ENDING = (*_READING, no.FRESH_SIGN_IN_NEEDED, no.NO_SUCH_OBJECT, no.PROPOSAL_OVER)

# fmt: off
POLICY_OPERATIONS: tuple[Operation, ...] = (
    Operation("GET", _POLICY, "Every number in force, for operators.", policy.show_policy, ruled.PolicyNumbers,
              refusals=_READING, headers=("ETag",)),
    Operation("GET", _POLICY + "/versions", "Every version, with author and reason.", policy.list_policy_versions,
              ruled.PolicyVersions, refusals=_READING),
    Operation("GET", _POLICY + "/versions/{number}", "One version with its numbers.", policy.show_policy_version,
              ruled.PolicyNumbers, refusals=(*_READING, no.NO_SUCH_OBJECT), headers=("ETag",)),
    Operation("POST", _POLICY + "/changes", "Change numbers; what loosens what guards keys is proposed.",
              policy.change_policy, ruled.PolicyOutcome, 201, ruled.PolicyChange, (*_CHANGING, no.NO_SUCH_OBJECT),
              once=True, versioned=True),
    Operation("GET", _POLICY + "/proposals", "The newest proposals, and what became of each.",
              policy.list_policy_proposals, ruled.PolicyProposals, refusals=_READING),
    Operation("GET", _PROPOSAL, "One proposal.", policy.show_policy_proposal, ruled.PolicyProposal,
              refusals=(*_READING, no.NO_SUCH_OBJECT)),
    Operation("POST", _PROPOSAL + "/approvals", "Approve what another operator proposed: a person's deed.",
              policy.approve_policy_proposal, ruled.PolicyProposal, 201, Nothing,
              (*_ENDING, no.OWN_PROPOSAL, no.PROPOSER_GONE, no.INVALID_FIELD), asker="person"),
    Operation("POST", _PROPOSAL + "/endings", "End a proposal: its author withdraws it, others decline it.",
              policy.end_policy_proposal, ruled.PolicyProposal, 201, ruled.EndedProposal,
              (*_ENDING, no.INVALID_FIELD)),
)
# fmt: on
