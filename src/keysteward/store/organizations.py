"""What is remembered of who administers an organization, which accounts it has, and which it asked for?"""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, delete, func, insert, select, update

from keysteward.rules.accounts import Organization, User
from keysteward.rules.organizations import Request
from keysteward.store import accounts as people
from keysteward.store.database import upsert
from keysteward.store.tables import account_links, account_requests, accounts, organization_admins, organizations


class Link(NamedTuple):
    """Since when an account belongs to its organization, and who agreed."""

    account: str
    organization: str
    linked_at: datetime
    linked_by: str


class Size(NamedTuple):
    """How many accounts and admins an organization has."""

    accounts: int
    admins: int


# ── admins ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def list_admins(tx: Connection, organization: str) -> list[tuple[User, datetime]]:
    """The admins of an organization, closed users too, with the moment since when; the first stands first."""
    query = select(organization_admins).where(organization_admins.c.organization == organization)
    rows = list(tx.execute(query.order_by(organization_admins.c.created_at, organization_admins.c.user)))
    return [(user, row.created_at) for row in rows if (user := people.find_user(tx, row.user))]


def list_active_admins(tx: Connection, organization: str) -> list[User]:
    """Those who can still act."""
    return [user for user, _ in list_admins(tx, organization) if user.state == "active"]


def has_another_admin(tx: Connection, organization: str, user: str) -> bool:
    """Whether somebody else than a user can act for an organization."""
    return any(each.id != user for each in list_active_admins(tx, organization))


def list_administered(tx: Connection, user: str) -> dict[str, datetime]:
    """The organizations (GUID) that a user administers, with the moment since when."""
    rows = tx.execute(select(organization_admins).where(organization_admins.c.user == user))
    return {row.organization: row.created_at for row in rows}


def find_removal(tx: Connection, organization: str | None) -> datetime | None:
    """When somebody last took the office of an admin of an organization; None where nobody did."""
    return tx.execute(select(organizations.c.admin_removed_at).where(organizations.c.id == organization)).scalar()


def note_removal(tx: Connection, organization: str, at: datetime) -> None:
    """Remember when somebody last took an admin's office away."""
    tx.execute(update(organizations).where(organizations.c.id == organization).values(admin_removed_at=at))


def remove_admin(tx: Connection, organization: str, user: str) -> bool:
    """Let a user be no admin of an organization any more; False where they were none."""
    where = (organization_admins.c.organization == organization) & (organization_admins.c.user == user)
    return tx.execute(delete(organization_admins).where(where)).rowcount == 1


# ── accounts ────────────────────────────────────────────────────────────────────────────────────────────────────────
def link(tx: Connection, link: Link) -> bool:
    """Let an account belong to an organization; False where it belongs to one already."""
    is_free = (accounts.c.id == link.account) & accounts.c.organization.is_(None)
    if tx.execute(update(accounts).where(is_free).values(organization=link.organization)).rowcount == 0:
        return False
    tx.execute(insert(account_links).values(**link._asdict()))
    return True


def unlink(tx: Connection, organization: str, account: str) -> bool:
    """Let an account belong to its organization no more; False where it does not."""
    is_linked = (accounts.c.id == account) & (accounts.c.organization == organization)
    if tx.execute(update(accounts).where(is_linked).values(organization=None)).rowcount == 0:
        return False
    tx.execute(delete(account_links).where(account_links.c.account == account))
    is_default = (organizations.c.id == organization) & (organizations.c.default_account == account)
    other = select(func.min(accounts.c.id)).where(accounts.c.organization == organization).scalar_subquery()
    tx.execute(update(organizations).where(is_default).values(default_account=other))
    return True


def find_link(tx: Connection, account: str) -> Link | None:
    """Since when an account belongs to its organization; None where that was before anybody kept it."""
    row = tx.execute(select(account_links).where(account_links.c.account == account)).one_or_none()
    return None if row is None else Link(row.account, row.organization, row.linked_at, row.linked_by)


# ── what one side asked and the other has yet to agree to ───────────────────────────────────────────────────────────
def save_request(tx: Connection, request: Request) -> bool:
    """Keep what was asked; False where something was asked before and waits."""
    statement = upsert(tx, account_requests).values(**request._asdict()).on_conflict_do_nothing()
    return tx.execute(statement).rowcount == 1


def take_request(tx: Connection, organization: str, account: str) -> bool:
    """Take what was asked away, once; False where nothing was."""
    where = (account_requests.c.organization == organization) & (account_requests.c.account == account)
    return tx.execute(delete(account_requests).where(where)).rowcount == 1


def find_request(tx: Connection, organization: str, account: str) -> Request | None:
    """What was asked between an organization and an account."""
    where = (account_requests.c.organization == organization) & (account_requests.c.account == account)
    row = tx.execute(select(account_requests).where(where)).one_or_none()
    return None if row is None else Request(*row)


def list_requests(tx: Connection, *, organization: str = "", account: str = "") -> list[Request]:
    """What waits for an answer in an organization or an account, the oldest first."""
    where = account_requests.c.organization == organization
    if account:
        where = account_requests.c.account == account
    return [Request(*row) for row in tx.execute(select(account_requests).where(where).order_by("asked_at"))]


def forget_requests(tx: Connection, account: str) -> None:
    """Take away all that was asked about an account."""
    tx.execute(delete(account_requests).where(account_requests.c.account == account))


# ── all of them ─────────────────────────────────────────────────────────────────────────────────────────────────────
def list_all(tx: Connection) -> list[tuple[Organization, Size]]:
    """Every organization with its size, by name."""
    found = [people.find_organization(tx, row.id) for row in tx.execute(select(organizations.c.id))]
    known = sorted((each for each in found if each), key=lambda each: (each.name.casefold(), each.id))
    return [(each, _size(tx, each.id)) for each in known]


def _size(tx: Connection, organization: str) -> Size:
    return Size(len(people.list_accounts(tx, organization)), len(people.list_organization_admins(tx, organization)))
