"""Who administers an organization, and which domains does it claim?"""

from keysteward.actions.accounts import demand_unclaimed
from keysteward.actions.context import Context
from keysteward.rules.accounts import Domain, DomainState
from keysteward.rules.refusals import INVALID_FIELD, NO_SUCH_ORGANIZATION, NO_SUCH_USER, Refusal
from keysteward.rules.words import new_guid
from keysteward.store import accounts, audit
from keysteward.store.database import Connection, bump_epoch, lock


def add_admin(ctx: Context, organization: str, user: str, by: str) -> None:
    """Make a user an admin of an organization, beside those it has."""
    with ctx.database.writing() as tx:
        _lock(tx, organization)
        if accounts.find_user(tx, user) is None:
            raise Refusal(NO_SUCH_USER)
        if user in accounts.list_organization_admins(tx, organization):
            raise Refusal(INVALID_FIELD, field="user", reason="they are an admin of it already.")
        accounts.save_organization_admin(tx, organization, user, ctx.now)
        audit.record(tx, ctx.event("OrganizationAdminAdded", by, organization=organization, user=user))
        bump_epoch(tx)


def claim_domain(ctx: Context, organization: str, host_name: str, state: DomainState, by: str) -> None:
    """Note that an organization claims a domain, and whether the proof was seen."""
    with ctx.database.writing() as tx:
        _lock(tx, organization)
        demand_unclaimed(tx, host_name)
        accounts.save_domain(tx, Domain(new_guid(), organization, host_name, new_guid(), state), ctx.now)
        event = ctx.event("DomainClaimed", by, organization=organization, domain=host_name, state=state)
        audit.record(tx, event)
        bump_epoch(tx)


def _lock(tx: Connection, organization: str) -> None:
    lock(tx, "organization", organization)
    if accounts.find_organization(tx, organization) is None:
        raise Refusal(NO_SUCH_ORGANIZATION)
