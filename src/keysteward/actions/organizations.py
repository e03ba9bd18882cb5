"""How does an organization come to be, who administers it, and what do its admins see of it?"""

from datetime import datetime
from typing import NamedTuple

from keysteward.actions.context import Context
from keysteward.actions.notices import announce
from keysteward.rules import notices
from keysteward.rules.access import READ_ORGANIZATIONS, Actor, demand_admin, demand_open, demand_permission
from keysteward.rules.accounts import Account, Domain, DomainState, Organization, User
from keysteward.rules.domains import Record, ascii_name, records_of
from keysteward.rules.organizations import Request, checked_name, demand_another_admin
from keysteward.rules.refusals import (
    ACCOUNT_LINKED,
    ALREADY_AN_ADMIN,
    INVALID_FIELD,
    NO_SUCH_ACCOUNT,
    NO_SUCH_ORGANIZATION,
    NO_SUCH_USER,
    Refusal,
)
from keysteward.rules.signin import demand_fresh
from keysteward.rules.words import new_guid
from keysteward.store import accounts, audit, domains
from keysteward.store import organizations as store
from keysteward.store.database import Connection, bump_epoch, lock
from keysteward.store.organizations import Link, Size


class LinkedAccount(NamedTuple):
    """An account of an organization, and since when it is; `since` is None where nobody kept it."""

    account: Account
    since: datetime | None


class Asked(NamedTuple):
    """What was asked and waits for an answer, with the names that people know."""

    request: Request
    account: Account
    organization: Organization
    asked_by: str


class View(NamedTuple):
    """An organization as its admins see it. `records` are what may be published for each domain, by its id."""

    organization: Organization
    accounts: list[LinkedAccount]
    admins: list[tuple[User, datetime]]
    domains: list[Domain]
    records: dict[str, tuple[Record, Record]]
    asked: list[Asked]


# ── creating one ────────────────────────────────────────────────────────────────────────────────────────────────────
def create(ctx: Context, actor: Actor, account: str, name: str) -> Organization:
    """Create an organization: an admin of an account is its first admin, and the account its first link."""
    demand_fresh(actor, ctx.now, ctx.policy)
    guid = new_guid()
    with ctx.database.writing() as tx:
        lock(tx, "organization", guid)
        lock(tx, "account", accounts.guid_of(tx, account))
        first = _administered(tx, actor, account)
        organization = Organization(guid, checked_name(name), "", ctx.now, actor.user, first.id)
        accounts.save_organization(tx, organization)
        if not store.link(tx, Link(first.id, organization.id, ctx.now, actor.user)):
            raise Refusal(ACCOUNT_LINKED)
        store.forget_requests(tx, first.id)
        accounts.save_organization_admin(tx, organization.id, actor.user, ctx.now)
        said = {"organization": organization.id, "name": organization.name, "domain": "", "accounts": first.id}
        audit.record(tx, ctx.event("OrganizationCreated", actor.email, **said))
        bump_epoch(tx)
    return organization


def view(ctx: Context, actor: Actor, organization: str) -> View:
    """An organization of the actor, whole; a foreign and an unknown one get the same refusal."""
    demand_permission(actor, READ_ORGANIZATIONS)
    with ctx.database.reading() as tx:
        _demand_admin(tx, actor, organization)
        return _view(ctx, tx, organization)


# ── its admins ──────────────────────────────────────────────────────────────────────────────────────────────────────
def name_admin(ctx: Context, actor: Actor, organization: str, email: str) -> None:
    """Make somebody of the organization's accounts an admin of it, and tell those it has."""
    demand_fresh(actor, ctx.now, ctx.policy)
    with ctx.database.writing() as tx:
        lock(tx, "organization", organization)
        own = _demand_admin(tx, actor, organization)
        user = _person_in(tx, organization, email)
        if user.id in accounts.list_organization_admins(tx, organization):
            raise Refusal(ALREADY_AN_ADMIN)
        announce(ctx, tx, notices.new_organization_admin(own, user, actor.email, ctx.now), but=actor.user)
        accounts.save_organization_admin(tx, organization, user.id, ctx.now)
        said = {"organization": organization, "user": user.id}
        audit.record(tx, ctx.event("OrganizationAdminAdded", actor.email, **said))
        bump_epoch(tx)


def remove_admin(ctx: Context, actor: Actor, organization: str, user: str) -> None:
    """Let somebody administer an organization no more, and tell them all; its last active admin stays."""
    demand_fresh(actor, ctx.now, ctx.policy)
    with ctx.database.writing() as tx:
        lock(tx, "organization", organization)
        own = _demand_admin(tx, actor, organization)
        demand_another_admin(store.list_active_admins(tx, organization), user)
        person = accounts.find_user(tx, user)
        if person is None or user not in accounts.list_organization_admins(tx, organization):
            raise Refusal(NO_SUCH_USER)
        tell_removal(ctx, tx, own, person, actor.email, but=actor.user)
        store.remove_admin(tx, organization, user)
        audit.record(tx, ctx.event("OrganizationAdminRemoved", actor.email, organization=organization, user=user))
        bump_epoch(tx)


def tell_removal(ctx: Context, tx: Connection, organization: Organization, user: User, by: str, *, but: str) -> None:
    """Call it before an admin loses their office by another's word: all hear it, and nobody stands in for a while."""
    store.note_removal(tx, organization.id, ctx.now)
    announce(ctx, tx, notices.organization_admin_removed(organization, user, by, ctx.now), but=but)


# ── what operators and the twin do ──────────────────────────────────────────────────────────────────────────────────
def list_all(ctx: Context) -> list[tuple[Organization, Size]]:
    """Every organization with its size, by name: for operators."""
    with ctx.database.reading() as tx:
        return store.list_all(tx)


def show(ctx: Context, organization: str) -> View:
    """An organization, whole: for operators."""
    with ctx.database.reading() as tx:
        if accounts.find_organization(tx, organization) is None:
            raise Refusal(NO_SUCH_ORGANIZATION)
        return _view(ctx, tx, organization.lower())


def add_admin_as_operator(ctx: Context, organization: str, email: str, by: str) -> User:
    """Give an organization that lost its admins another one: an operator's deed."""
    with ctx.database.reading() as tx:
        user = _person_in(tx, organization.lower(), email)
    add_admin(ctx, organization.lower(), user.id, by)
    return user


def add_admin(ctx: Context, organization: str, user: str, by: str) -> None:
    """Make a user an admin of an organization, beside those it has."""
    with ctx.database.writing() as tx:
        _lock(tx, organization)
        found, own = accounts.find_user(tx, user), accounts.find_organization(tx, organization)
        if found is None or own is None:
            raise Refusal(NO_SUCH_USER)
        if user in accounts.list_organization_admins(tx, organization):
            raise Refusal(INVALID_FIELD, field="user", reason="they are an admin of it already.")
        announce(ctx, tx, notices.new_organization_admin(own, found, by, ctx.now))
        accounts.save_organization_admin(tx, organization, user, ctx.now)
        audit.record(tx, ctx.event("OrganizationAdminAdded", by, organization=organization, user=user))
        bump_epoch(tx)


def claim_domain(ctx: Context, organization: str, host_name: str, state: DomainState, by: str) -> None:
    """Note that an organization claims a domain, and whether the proof was seen; nobody takes what another holds."""
    name = ascii_name(host_name)
    with ctx.database.writing() as tx:
        _lock(tx, organization)
        lock(tx, "record", f"domain {name}")
        if domains.find_active(tx, [name]) or domains.find_named(tx, organization, name) is not None:
            raise Refusal(INVALID_FIELD, field="host_name", reason="an organization claims it already.")
        keep = domains.save if state == "pending" else domains.hold
        keep(tx, Domain(new_guid(), organization, name, new_guid(), state, ctx.now))
        audit.record(tx, ctx.event("DomainClaimed", by, organization=organization, domain=name, state=state))
        bump_epoch(tx)


def asked(tx: Connection, requests: list[Request]) -> list[Asked]:
    """Requests with the names of what they are about."""
    found = []
    for request in requests:
        account = accounts.find_account(tx, request.account)
        organization = accounts.find_organization(tx, request.organization)
        person = accounts.find_user(tx, request.asked_by)
        if account is not None and organization is not None:
            found.append(Asked(request, account, organization, person.name if person else "somebody"))
    return found


def _view(ctx: Context, tx: Connection, organization: str) -> View:
    found = accounts.find_organization(tx, organization)
    if found is None:
        raise Refusal(NO_SUCH_ORGANIZATION)
    claimed = domains.list_of_organization(tx, organization)
    linked = [(each, store.find_link(tx, each.id)) for each in accounts.list_accounts(tx, organization)]
    return View(
        found,
        [LinkedAccount(each, link.linked_at if link else None) for each, link in linked],
        store.list_admins(tx, organization),
        claimed,
        {each.id: records_of(each, ctx.proving) for each in claimed},
        asked(tx, store.list_requests(tx, organization=organization)),
    )


def _person_in(tx: Connection, organization: str, email: str) -> User:
    """An active user of one of the organization's accounts, by an address that is known to be theirs."""
    user, _ = accounts.find_user_by_email(tx, email.strip()) or (None, None)
    standings = accounts.list_standings_of_user(tx, user.id) if user else []
    is_ours = any(each.is_active and each.account.organization == organization for each in standings)
    if user is None or not user.email_verified or not is_ours:
        reason = "nobody in the organization's accounts has this verified address."
        raise Refusal(INVALID_FIELD, field="email", reason=reason)
    return user


def _administered(tx: Connection, actor: Actor, account: str) -> Account:
    standing = accounts.find_standing(tx, actor.user, account)
    if standing is None or not standing.is_active:
        raise Refusal(NO_SUCH_ACCOUNT)
    demand_admin(standing)
    demand_open(standing)
    return standing.account


def _demand_admin(tx: Connection, actor: Actor, organization: str) -> Organization:
    found = accounts.find_organization(tx, organization)
    if found is None or actor.user not in accounts.list_organization_admins(tx, organization):
        raise Refusal(NO_SUCH_ORGANIZATION)
    return found


def _lock(tx: Connection, organization: str) -> None:
    lock(tx, "organization", organization)
    if accounts.find_organization(tx, organization) is None:
        raise Refusal(NO_SUCH_ORGANIZATION)
