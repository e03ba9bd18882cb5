"""How does a declared policy come into force?"""

from datetime import datetime

from keysteward.actions import packs, policy
from keysteward.actions.context import Context
from keysteward.twin.declared.people import MOMENT, opened_at
from keysteward.twin.declared.shapes import PolicyVersion
from keysteward.twin.declared.stage import Stage, at


def apply(stage: Stage) -> None:
    """Apply the declared versions, before everything else: whatever is played happens under one of them."""
    when = _beginning(stage)
    for number, declared in enumerate(stage.known.declared.policies):
        when = stage.when(declared.created, when)
        with at(f"{stage.environment}.policies[{number}]"):
            _apply(stage.ctx.at(when), declared)
        when += MOMENT
    stage.versions = policy.list_versions(stage.ctx)[::-1]


def _apply(ctx: Context, declared: PolicyVersion) -> None:
    author, reason = declared.author, declared.reason
    if declared.installs:
        packs.install(ctx, declared.installs, author=author, reason=reason)
    elif declared.removes:
        packs.remove(ctx, declared.removes, author=author, reason=reason)
    else:
        policy.apply(ctx, declared.numbers, author=author, reason=reason, second=declared.approved_by)


def _beginning(stage: Stage) -> datetime:
    """When the oldest account was opened."""
    known = stage.known
    return min((opened_at(stage, known.account_guid(each)) for each in known.declared.accounts), default=stage.now)
