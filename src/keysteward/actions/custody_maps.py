"""Which accounts, keys and people does a custody map show? Those of one account, or the riskiest of an organization."""

from typing import NamedTuple

from keysteward.actions.context import Context
from keysteward.actions.custody_facts import facts_of
from keysteward.actions.organization_custody import administered
from keysteward.actions.people import reader
from keysteward.rules.access import READ_CUSTODY, Actor, demand_permission
from keysteward.rules.custody.inventory import Person
from keysteward.rules.custody.maps import Place, places
from keysteward.store import custody

MOST_ACCOUNTS = 8


class CustodyMap(NamedTuple):
    """What a map shows: accounts that manage keys, of how many; and who could stand in for their lost admins."""

    places: tuple[Place, ...]
    accounts: int
    stand_ins: tuple[Person, ...]


def of_account(ctx: Context, actor: Actor, account: str) -> CustodyMap:
    """The map of one account, for its admins and developers."""
    with ctx.database.reading() as tx:
        own = reader(ctx, tx, actor, account, READ_CUSTODY).account
        inventory = facts_of(ctx, tx, [own.id])
    found = places(inventory, ctx.policy)
    return CustodyMap(found, len(found), inventory.organization_admins(own.organization or ""))


def of_organization(ctx: Context, actor: Actor, organization: str) -> CustodyMap:
    """The map of an organization's accounts with the lowest scores, for its admins."""
    demand_permission(actor, READ_CUSTODY)
    with ctx.database.reading() as tx:
        own = administered(tx, actor, organization)
        riskiest = [each.id for each in custody.list_scored(tx, own.id, MOST_ACCOUNTS)]
        total, inventory = custody.count_scored(tx, own.id), facts_of(ctx, tx, riskiest)
    return CustodyMap(places(inventory, ctx.policy), total, inventory.organization_admins(own.id))
