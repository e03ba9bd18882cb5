"""How do accounts, users and organizations come to be, and who may look at them?"""

from typing import NamedTuple

from keysteward.actions.context import Context
from keysteward.actions.notices import announce_admin, watch_admins
from keysteward.rules.accounts import (
    Account,
    AccountState,
    Domain,
    Membership,
    NewUser,
    Organization,
    Standing,
    User,
    could_name_account,
)
from keysteward.rules.domains import Seen, after
from keysteward.rules.people import demand_another_admin
from keysteward.rules.providers import Provider
from keysteward.rules.refusals import (
    ACCOUNT_LINKED,
    EMAIL_TAKEN,
    HAS_A_USER,
    INVALID_FIELD,
    NO_SUCH_ACCOUNT,
    NO_SUCH_ORGANIZATION,
    NO_SUCH_USER,
    NOT_A_MEMBER,
    Refusal,
)
from keysteward.rules.words import is_email, new_guid
from keysteward.store import accounts, audit, domains, organizations, providers, request_logs
from keysteward.store.database import Connection, bump_epoch, lock
from keysteward.store.directory import Directory
from keysteward.store.organizations import Link


class OrganizationView(NamedTuple):
    """An organization with what its admins see of it."""

    organization: Organization
    accounts: list[Account]
    domains: list[Domain]
    admins: list[str]
    provider: Provider | None


def open_account(ctx: Context, name: str, plan: str, first_admin: NewUser, *, account: str | None = None) -> Standing:
    """Open an account with its first admin, who is its creator."""
    with ctx.database.writing() as tx:
        hold_new(tx, first_admin.email)
        return opened(ctx, tx, name, plan, first_admin, account)


def add_user(ctx: Context, account: str, new: NewUser, by: str) -> Standing:
    """Add a user to an account; somebody who has an address here already joins with it."""
    with ctx.database.writing() as tx:
        lock(tx, "account", accounts.guid_of(tx, account))
        found = accounts.find_account(tx, account)
        if found is None:
            raise Refusal(NO_SUCH_ACCOUNT)
        lock(tx, "user", new.email.casefold())
        standing = _join(ctx, tx, found, new)
        announce_admin(ctx, tx, standing, by)
        said = {"user": standing.user.id, "profile": new.profile.name}
        audit.record(tx, ctx.event("UserAdded", by, account=found.id, **said))
        bump_epoch(tx)
    return standing


def close_membership(ctx: Context, account: str, user: str, by: str) -> None:
    """End a membership; the last active admin of an account stays."""
    with ctx.database.writing() as tx:
        lock(tx, "account", accounts.guid_of(tx, account))
        lock(tx, "user", user)
        standing = accounts.find_standing(tx, user, account)
        if standing is None or not standing.is_active:
            raise Refusal(NO_SUCH_USER)
        closed(ctx, tx, standing, by)


def closed(ctx: Context, tx: Connection, standing: Standing, by: str) -> None:
    """End a membership within the transaction of a deed, as its last statement."""
    account, user = standing.account.id, standing.user.id
    demand_another_admin(standing, accounts.count_admins(tx, account))
    accounts.change_membership(tx, account, user, state="closed")
    if standing.is_admin:
        watch_admins(ctx, tx, account)
    acts = accounts.find_acting_user(tx, user) is not None
    if not acts:
        request_logs.forget_user(tx, user)
    audit.record(tx, ctx.event("UserClosed", by, account=account, user=user))
    epoch = bump_epoch(tx)
    if not acts:
        accounts.change_user(tx, user, least_epoch=epoch)


def change_account(
    ctx: Context, account: str, by: str, *, plan: str | None = None, state: AccountState | None = None
) -> None:
    """Give an account another plan or state as it was told: for what is played from a file."""
    values = {name: value for name, value in (("plan", plan), ("state", state)) if value is not None}
    with ctx.database.writing() as tx:
        lock(tx, "account", account)
        accounts.change_account(tx, account, **values, **({"state_since": ctx.now} if state else {}))
        audit.record(tx, ctx.event("AccountChanged", by, account=account, **values))
        bump_epoch(tx)


def create_organization(
    ctx: Context, name: str, founder: User, linked: list[str], host_name: str | None, guid: str
) -> None:
    """Create an organization of some accounts, with its first admin and, if any, a domain whose proof was seen."""
    now = ctx.now
    organization = Organization(guid, name, "", now, founder.id, linked[0] if linked else None)
    with ctx.database.writing() as tx:
        lock(tx, "organization", organization.id)
        lock(tx, "account", *linked)
        accounts.save_organization(tx, organization)
        accounts.save_organization_admin(tx, organization.id, founder.id, now)
        if host_name is not None:
            demand_unclaimed(tx, host_name)
            claim = Domain(new_guid(), guid, host_name, new_guid(), "pending", now)
            domains.save(tx, after(claim, Seen("right", "", now), ctx.policy))
        for account in linked:
            if not organizations.link(tx, Link(account, guid, now, founder.id)):
                raise Refusal(ACCOUNT_LINKED)
        said = {"organization": guid, "name": name, "domain": host_name or "", "accounts": " ".join(linked)}
        audit.record(tx, ctx.event("OrganizationCreated", founder.email, **said))
        bump_epoch(tx)


def demand_unclaimed(tx: Connection, host_name: str) -> None:
    """Refuse a domain that an organization claims already; nobody else claims it until this deed is done."""
    lock(tx, "record", f"domain {host_name}")
    if domains.find_holder(tx, host_name) is not None:
        raise Refusal(INVALID_FIELD, field="host_name", reason="an organization claims it already.")


def find_standing(directory: Directory, user: str, account: str) -> Standing:
    """An active member's standing in an account; strangers and unknown accounts get one and the same refusal."""
    standing = directory.find(accounts.find_standing, user, account) if could_name_account(account) else None
    if standing is None or not standing.is_active:
        raise Refusal(NOT_A_MEMBER)
    return standing


def load_user(ctx: Context, user: str) -> User:
    """A user by GUID."""
    with ctx.database.reading() as tx:
        found = accounts.find_user(tx, user)
    if found is None:
        raise Refusal(NO_SUCH_USER)
    return found


def list_standings(ctx: Context, user: str) -> list[Standing]:
    """The accounts of a user that they are an active member of."""
    found = ctx.directory.find(accounts.list_standings_of_user, user)
    return [standing for standing in found if standing.is_active]


def list_members(ctx: Context, account: str) -> list[Standing]:
    """All members of an account."""
    with ctx.database.reading() as tx:
        return accounts.list_standings_in_account(tx, account)


def find_member(ctx: Context, account: str, user: str) -> Standing:
    """A member of an account, closed ones too; a stranger and an unknown user get one and the same refusal."""
    with ctx.database.reading() as tx:
        standing = accounts.find_standing(tx, user, account)
    if standing is None:
        raise Refusal(NO_SUCH_USER)
    return standing


def list_standings_by_email(ctx: Context, email: str) -> list[Standing]:
    """What the user with an address is in each of their accounts, closed memberships too."""
    with ctx.database.reading() as tx:
        found = accounts.find_user_by_email(tx, email)
        return accounts.list_standings_of_user(tx, found[0].id) if found else []


def list_standings_of(ctx: Context, user: str) -> list[Standing]:
    """What a user is in each of their accounts, closed memberships too."""
    with ctx.database.reading() as tx:
        return accounts.list_standings_of_user(tx, user)


def list_organizations(ctx: Context, user: str | None, authorized: frozenset[str]) -> list[OrganizationView]:
    """The organizations that a user administers; for an application token, those that authorized it."""
    with ctx.database.reading() as tx:
        if user is not None:
            found = accounts.list_organizations_of_admin(tx, user)
        else:
            known = (accounts.find_organization(tx, organization) for organization in sorted(authorized))
            found = [organization for organization in known if organization is not None]
        return [_view(tx, organization) for organization in found]


def find_organization(
    ctx: Context, user: str | None, authorized: frozenset[str], organization: str
) -> OrganizationView:
    """One of those organizations; a foreign and an unknown one get the same refusal."""
    for view in list_organizations(ctx, user, authorized):
        if view.organization.id == organization.lower():
            return view
    raise Refusal(NO_SUCH_ORGANIZATION)


def _view(tx: Connection, organization: Organization) -> OrganizationView:
    return OrganizationView(
        organization,
        accounts.list_accounts(tx, organization.id),
        domains.list_of_organization(tx, organization.id),
        accounts.list_organization_admins(tx, organization.id),
        providers.find_provider(tx, organization.id),
    )


def hold_new(tx: Connection, email: str) -> None:
    """Hold what a new account takes: the next number, and the address of its first admin."""
    lock(tx, "account", "the next number")
    lock(tx, "user", email.casefold())


def opened(
    ctx: Context, tx: Connection, name: str, plan: str, first_admin: NewUser, account: str | None = None, by: str = ""
) -> Standing:
    """Open an account within the transaction of a deed that holds what it takes, as its last statement.

    It is its first admin's own, unless `by` says whose it is.
    """
    if plan not in ctx.policy.plans:
        raise Refusal(INVALID_FIELD, field="plan", reason=f"choose among {', '.join(ctx.policy.plans)}.")
    new = Account(account or new_guid(), accounts.next_number(tx), name, plan, "open", ctx.now)
    accounts.save_account(tx, new)
    standing = _join(ctx, tx, new, first_admin)
    said = {"name": name, "plan": plan, "user": standing.user.id}
    audit.record(tx, ctx.event("AccountOpened", by or first_admin.email, account=new.id, **said))
    bump_epoch(tx)
    return standing


def _join(ctx: Context, tx: Connection, account: Account, new: NewUser) -> Standing:
    found = accounts.find_user_by_email(tx, new.email)
    if found and new.hashed:
        raise Refusal(HAS_A_USER)
    user = found[0] if found else _add(ctx, tx, account, new)
    if accounts.find_standing(tx, user.id, account.id) is not None:
        raise Refusal(EMAIL_TAKEN)
    membership = Membership(account.id, user.id, new.profile, "active", ctx.now)
    accounts.save_membership(tx, membership)
    return Standing(account, user, membership)


def _add(ctx: Context, tx: Connection, account: Account, new: NewUser) -> User:
    if not is_email(new.email):
        raise Refusal(INVALID_FIELD, field="email", reason="give an address such as ada@example.com.")
    user = User(
        new.id or new_guid(), new.email, new.first_name, new.last_name, "active", ctx.now, account.id, new.service
    )
    accounts.save_user(tx, user, new.hashed or (ctx.passwords.hash(new.password) if new.password else None))
    return user
