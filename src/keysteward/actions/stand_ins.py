"""How does an organization act for the lost admin of an account, and who stops it?

Who stands in starts and signs; another organization admin approves, and any admin of the source may veto.
"""

from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from keysteward.actions import domains, moving
from keysteward.actions import transfer_notices as notices
from keysteward.actions.contacts_on_record import claimed_address
from keysteward.actions.context import Context
from keysteward.actions.transfer_cases import act_of, case_of, demand_production, demand_step, locked_case
from keysteward.actions.transfers import began, destination_of, end_overdue, recorded, stopped
from keysteward.rules.access import TRANSFER_KEYS, Actor, demand_permission
from keysteward.rules.accounts import Account, Domain, Organization
from keysteward.rules.approvals import checked_lines
from keysteward.rules.keys import App
from keysteward.rules.organizations import free_to_stand_in
from keysteward.rules.refusals import NO_SUCH_KEY, NO_SUCH_ORGANIZATION, Refusal
from keysteward.rules.signin import demand_fresh, demand_fresh_person
from keysteward.rules.transfers import Ending, Transfer, domain_of
from keysteward.rules.words import new_guid
from keysteward.store import accounts, keys, organizations, transfers
from keysteward.store import domains as claims
from keysteward.store.database import Connection, lock


class _Asked(NamedTuple):
    """The key that an organization stands in for, and the account that manages it."""

    organization: Organization
    app: App
    source: Account


class About(NamedTuple):
    """What an organization admin is to know before they stand in: its accounts, its domains, and who approves.

    `free_at`: from when on it may, where an admin was removed so lately that it may not yet.
    """

    organization: Organization
    accounts: list[Account]
    domains: list[Domain]
    has_second: bool
    free_at: datetime | None


def about(ctx: Context, actor: Actor, organization: str) -> About:
    """What stands ready for a stand-in, for admins of the organization."""
    demand_permission(actor, TRANSFER_KEYS)
    with ctx.database.reading() as tx:
        found = _own(tx, actor, organization)
        demand_production(ctx)
        has_second = organizations.has_another_admin(tx, found.id, actor.user)
        free_at = free_to_stand_in(found.admin_removed_at, ctx.now, ctx.policy.stand_in_wait)
        claimed = claims.list_of_organization(tx, found.id)
        return About(found, accounts.list_accounts(tx, found.id), claimed, has_second, free_at)


def stand_in(ctx: Context, actor: Actor, organization: str, key: str, destination: str) -> Transfer:
    """Start a transfer in the place of a lost admin; it waits, and everybody who could object is told."""
    demand_permission(actor, TRANSFER_KEYS)
    with ctx.database.reading() as tx:
        asked = _asked(tx, actor, organization, key)
        demand_production(ctx)
        demand_fresh_person(actor, ctx.now, ctx.policy)
        address = claimed_address(tx, asked.app, asked.organization.id)
    confirmed = domains.confirm(ctx, asked.organization.id, domain_of(address))
    end_overdue(ctx, asked.app.key)
    with ctx.database.writing() as tx:
        target = destination_of(tx, destination, asked.source.id)
        lock(tx, "organization", asked.organization.id)
        lock(tx, "account", asked.source.id, target.id)
        lock(tx, "user", actor.user)
        lock(tx, "key", asked.app.key)
        again = _asked(tx, actor, organization, key)
        domains.demand_active(ctx, tx, confirmed)
        case = case_of(ctx, tx, _new(ctx, tx, actor, again, target, address), actor.user)
        demand_step("start", case)
        began(ctx, tx, actor, case)
        notices.tell_start(ctx, tx, case, again.organization.name)
    return case.transfer


def approve(ctx: Context, actor: Actor, transfer: str) -> bool:
    """Approve a stand-in as a second organization admin, after a fresh sign-in; say whether the key moved with it."""
    demand_permission(actor, TRANSFER_KEYS)
    demand_fresh(actor, ctx.now, ctx.policy)
    with ctx.database.writing() as tx:
        case = locked_case(ctx, tx, transfer, actor)
        demand_step("approve", case)
        transfers.take_step(tx, transfer, transfers.APPROVED, act_of(ctx, actor))
        notices.tell_approval(ctx, tx, case, actor.email)
        recorded(ctx, tx, "TransferApproved", actor, case, "source")
    return moving.move_if_ready(ctx, transfer)


def veto(ctx: Context, actor: Actor, transfer: str, unverified_reason: str) -> None:
    """End a stand-in as an admin of the source, after a fresh sign-in: until the key moves, a veto always wins."""
    demand_permission(actor, TRANSFER_KEYS)
    demand_fresh(actor, ctx.now, ctx.policy)
    reason = checked_lines(unverified_reason, "reason", least=0)
    with ctx.database.writing() as tx:
        case = locked_case(ctx, tx, transfer, actor)
        demand_step("veto", case)
        stopped(ctx, tx, case, Ending("vetoed", act_of(ctx, actor), reason))
        recorded(ctx, tx, "TransferVetoed", actor, case, "source", reason=reason)


def _asked(tx: Connection, actor: Actor, organization: str, key: str) -> _Asked:
    """A key of an account of the actor's organization; foreign and unknown keys get one and the same refusal."""
    found = _own(tx, actor, organization)
    app = keys.find(tx, key.lower())
    source = accounts.find_account(tx, app.account) if app else None
    if app is None or source is None or source.organization != found.id:
        raise Refusal(NO_SUCH_KEY)
    return _Asked(found, app, source)


def _own(tx: Connection, actor: Actor, organization: str) -> Organization:
    for each in accounts.list_organizations_of_admin(tx, actor.user):
        if each.id == organization.lower():
            return each
    raise Refusal(NO_SUCH_ORGANIZATION)


def _new(ctx: Context, tx: Connection, actor: Actor, asked: _Asked, destination: Account, address: str) -> Transfer:
    now = ctx.now
    new = Transfer(
        id=new_guid(),
        key=asked.app.key,
        source=asked.source.id,
        destination=destination.id,
        hand="stand-in",
        started=act_of(ctx, actor),
        expires_at=now + ctx.policy.transfer_life,
        waits_until=now + ctx.policy.stand_in_wait,
        organization=asked.organization.id,
        requester=address,
    )
    return replace(new, needs_second=organizations.has_another_admin(tx, asked.organization.id, actor.user))
