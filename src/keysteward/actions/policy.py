"""How is a policy applied, and which versions were there?"""

from dataclasses import replace

from keysteward.actions.context import Context
from keysteward.rules.keys import checked_text
from keysteward.rules.numbers import changed, loosened
from keysteward.rules.policy import Policy
from keysteward.rules.policy_text import Document, read
from keysteward.rules.refusals import NO_SUCH_OBJECT, NOTHING_CHANGES, SECOND_OPERATOR_NEEDED, Refusal
from keysteward.store import audit, policy
from keysteward.store.database import bump_epoch, lock
from keysteward.store.policy import Version as Version  # noqa: PLC0414 — what the command shows


def apply(ctx: Context, document: Document, *, author: str, reason: str, second: str = "") -> Version:
    """Make a new version of what a document changes in the one in force; all workers go by it within a second.

    What loosens a number that guards keys needs a second operator, who is somebody else.
    """
    who, why = checked_text(author, "author", most=100), checked_text(reason, "reason", most=500)
    approver = checked_text(second, "second", least=0, most=100)
    with ctx.database.writing() as tx:
        lock(tx, "record", "policy")
        newest = policy.find_newest(tx)
        before = newest.policy if newest else ctx.policy
        after = read(document, before)
        if not changed(before, after):
            raise Refusal(NOTHING_CHANGES)
        looser = _demand_second(before, after, who, approver)
        made = Version(replace(after, version=before.version + 1), ctx.now, who, approver, why)
        policy.save(tx, made)
        said = {"policy": str(made.policy.version), "fields": " ".join(changed(before, after)), "reason": why}
        told = said | ({"loosened": looser, "approved_by": approver} if looser else {})
        audit.record(tx, ctx.event("PolicyApplied", who, **told))
        bump_epoch(tx)
    catch_up(ctx)
    return made


def catch_up(ctx: Context) -> None:
    """Go by the newest version from now on."""
    with ctx.database.reading() as tx:
        newest = policy.find_newest(tx)
    if newest is not None and newest.policy.version > ctx.policy.version:
        ctx.in_force.policy = newest.policy


def load(ctx: Context, version: int) -> Version:
    """One version, or the newest for version 0."""
    with ctx.database.reading() as tx:
        found = policy.find(tx, version) if version else policy.find_newest(tx)
    if found is None:
        raise Refusal(NO_SUCH_OBJECT, thing="version of the policy")
    return found


def list_versions(ctx: Context) -> list[Version]:
    """Every version, newest first."""
    with ctx.database.reading() as tx:
        return policy.list_versions(tx)


def _demand_second(before: Policy, after: Policy, author: str, second: str) -> str:
    """The names of what is loosened; refuses where nobody else approved it."""
    looser = " ".join(loosened(before, after))
    if looser and (not second or second.casefold() == author.casefold()):
        raise Refusal(SECOND_OPERATOR_NEEDED, numbers=looser.replace(" ", ", "))
    return looser
