"""How does a declared policy come into force?"""

from datetime import datetime

from keysteward.actions import policy
from keysteward.twin.declared.people import MOMENT, opened_at
from keysteward.twin.declared.stage import Stage, at


def apply(stage: Stage) -> None:
    """Apply the declared versions, before everything else: whatever is played happens under one of them."""
    when = _beginning(stage)
    for number, declared in enumerate(stage.known.declared.policies):
        when = stage.when(declared.created, when)
        said = {"author": declared.author, "second": declared.approved_by, "reason": declared.reason}
        with at(f"{stage.environment}.policies[{number}]"):
            policy.apply(stage.ctx.at(when), declared.numbers, **said)
        when += MOMENT
    stage.versions = policy.list_versions(stage.ctx)[::-1]


def _beginning(stage: Stage) -> datetime:
    """When the oldest account was opened."""
    known = stage.known
    return min((opened_at(stage, known.account_guid(each)) for each in known.declared.accounts), default=stage.now)
