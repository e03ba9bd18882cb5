"""What is remembered of accounts, users, memberships and organizations?"""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from keysteward.rules.accounts import (
    ADMIN,
    PROFILES,
    Account,
    Membership,
    Organization,
    Profile,
    Standing,
    User,
)
from keysteward.rules.words import is_guid
from keysteward.store.tables import accounts, memberships, organization_admins, organizations, profiles, users

_FIRST_NUMBER = 10_000_001
_PROFILE_BY_ID = {profile.id: profile for profile in PROFILES}


def save_account(tx: Connection, account: Account) -> None:
    """Add an account."""
    tx.execute(
        insert(accounts).values(
            id=account.id,
            number=account.number,
            name=account.name,
            plan=account.plan,
            state=account.state,
            created_at=account.created_at,
            organization=account.organization,
        )
    )


def change_account(tx: Connection, account: str, **values: object) -> None:
    """Change some columns of an account."""
    tx.execute(update(accounts).where(accounts.c.id == account).values(**values))


def next_number(tx: Connection) -> int:
    """The short id of the next account."""
    highest = tx.execute(select(func.max(accounts.c.number))).scalar()
    return _FIRST_NUMBER if highest is None else int(highest) + 1


def find_account(tx: Connection, name: str) -> Account | None:
    """An account by GUID, in any letter case, or by its short number."""
    if name.isascii() and name.isdigit() and len(name) < 18:
        row = tx.execute(select(accounts).where(accounts.c.number == int(name))).one_or_none()
    elif is_guid(name.lower()):
        row = tx.execute(select(accounts).where(accounts.c.id == name.lower())).one_or_none()
    else:
        row = None
    return None if row is None else account_of(row)


def guid_of(tx: Connection, name: str) -> str:
    """The GUID of an account that is named by GUID or number; the name itself where there is none."""
    found = find_account(tx, name)
    return found.id if found else name


def list_accounts(tx: Connection, organization: str) -> list[Account]:
    """The accounts of an organization, oldest first."""
    query = select(accounts).where(accounts.c.organization == organization).order_by(accounts.c.number)
    return [account_of(row) for row in tx.execute(query)]


def list_newest_accounts(tx: Connection, words: str, most: int) -> list[Account]:
    """The newest accounts whose name has these words, whatever their letter case."""
    query = select(accounts).where(accounts.c.name.icontains(words, autoescape=True))
    return [account_of(row) for row in tx.execute(query.order_by(accounts.c.number.desc()).limit(most))]


def save_user(tx: Connection, user: User, password: str | None) -> None:
    """Add a user with the hash of their password."""
    tx.execute(
        insert(users).values(
            id=user.id,
            email=user.email,
            email_folded=user.email.casefold(),
            first_name=user.first_name,
            last_name=user.last_name,
            password=password,
            state=user.state,
            service=user.service,
            created_at=user.created_at,
            default_account=user.default_account,
            least_epoch=user.least_epoch,
            email_verified_at=user.created_at if user.email_verified else None,
        )
    )


def change_user(tx: Connection, user: str, **values: object) -> None:
    """Change some columns of a user."""
    tx.execute(update(users).where(users.c.id == user).values(**values))


def find_user(tx: Connection, user: str) -> User | None:
    """A user by GUID."""
    row = tx.execute(select(users).where(users.c.id == user)).one_or_none()
    return None if row is None else _user(row)


def count_admins(tx: Connection, account: str) -> int:
    """How many active admins an account has."""
    is_admin = (memberships.c.profile == ADMIN.id) & (memberships.c.state == "active") & (users.c.state == "active")
    query = select(func.count()).select_from(memberships.join(users, users.c.id == memberships.c.user))
    return tx.execute(query.where((memberships.c.account == account) & is_admin)).scalar_one()


def find_acting_user(tx: Connection, user: str) -> User | None:
    """A user for whom tokens may be issued: active, and an active member of at least one open account."""
    is_member = (memberships.c.user == users.c.id) & (memberships.c.state == "active") & (accounts.c.state == "open")
    has_account = select(memberships.c.user).join(accounts).where(is_member).exists()
    where = (users.c.id == user) & (users.c.state == "active") & has_account
    row = tx.execute(select(users).where(where)).one_or_none()
    return None if row is None else _user(row)


def has_users(tx: Connection) -> bool:
    """Whether anybody is here yet."""
    return tx.execute(select(users.c.id).limit(1)).first() is not None


def find_user_by_email(tx: Connection, email: str) -> tuple[User, str | None] | None:
    """A user by address, whatever its letter case, with the hash of their password."""
    row = tx.execute(select(users).where(users.c.email_folded == email.casefold())).one_or_none()
    return None if row is None else (_user(row), row.password)


def save_membership(tx: Connection, membership: Membership) -> None:
    """Add a user to an account."""
    tx.execute(
        insert(memberships).values(
            account=membership.account,
            user=membership.user,
            profile=membership.profile.id,
            state=membership.state,
            created_at=membership.created_at,
        )
    )


def change_membership(tx: Connection, account: str, user: str, **values: object) -> None:
    """Change some columns of a membership."""
    where = (memberships.c.account == account) & (memberships.c.user == user)
    tx.execute(update(memberships).where(where).values(**values))


def find_standing(tx: Connection, user: str, account: str) -> Standing | None:
    """What a user is in an account (GUID or number); None for strangers and unknown accounts alike."""
    found = find_account(tx, account)
    if found is None:
        return None
    query = standings().where((memberships.c.account == found.id) & (memberships.c.user == user))
    row = tx.execute(query).one_or_none()
    return None if row is None else standing_of(row)


def list_standings_of_user(tx: Connection, user: str) -> list[Standing]:
    """All accounts of a user, their default account first, then by number."""
    query = (
        standings()
        .where(memberships.c.user == user)
        .order_by((accounts.c.id != users.c.default_account), accounts.c.number)
    )
    return [standing_of(row) for row in tx.execute(query)]


def list_standings_in_account(tx: Connection, account: str) -> list[Standing]:
    """All members of an account, in the order they joined."""
    query = standings().where(memberships.c.account == account).order_by(memberships.c.created_at, users.c.email)
    return [standing_of(row) for row in tx.execute(query)]


def list_admins_in_account(tx: Connection, account: str) -> list[Standing]:
    """Its active admins, in the order they joined; however many other members there are, none of them is read."""
    where = (memberships.c.account == account) & (memberships.c.profile == ADMIN.id)
    found = map(standing_of, tx.execute(standings().where(where).order_by(memberships.c.created_at, users.c.email)))
    return [each for each in found if each.is_admin]


def save_organization(tx: Connection, organization: Organization) -> None:
    """Add an organization."""
    tx.execute(
        insert(organizations).values(
            id=organization.id,
            name=organization.name,
            description=organization.description,
            created_at=organization.created_at,
            created_by=organization.created_by,
            default_account=organization.default_account,
        )
    )


def save_organization_admin(tx: Connection, organization: str, user: str, now: datetime) -> None:
    """Make a user an admin of an organization."""
    tx.execute(insert(organization_admins).values(organization=organization, user=user, created_at=now))


def find_organization(tx: Connection, organization: str) -> Organization | None:
    """An organization by GUID."""
    row = tx.execute(select(organizations).where(organizations.c.id == organization.lower())).one_or_none()
    return None if row is None else _organization(row)


def list_organizations_of_admin(tx: Connection, user: str) -> list[Organization]:
    """The organizations that a user administers."""
    query = (
        select(organizations)
        .join(organization_admins)
        .where(organization_admins.c.user == user)
        .order_by(organizations.c.created_at)
    )
    return [_organization(row) for row in tx.execute(query)]


def list_organization_admins(tx: Connection, organization: str) -> list[str]:
    """The GUIDs of an organization's admins."""
    query = select(organization_admins.c.user).where(organization_admins.c.organization == organization)
    return [row.user for row in tx.execute(query)]


def standings() -> Any:  # noqa: ANN401 — a Select of labelled columns has no useful type
    """People in accounts, to be narrowed; `standing_of` reads its rows."""
    columns = [
        column.label(f"{table.name}_{column.name}")
        for table in (accounts, users, memberships, profiles)
        for column in table.columns
    ]
    people = memberships.join(accounts).join(users, users.c.id == memberships.c.user)
    return select(*columns).select_from(people.outerjoin(profiles, profiles.c.id == memberships.c.profile))


def standing_of(row: Row[Any]) -> Standing:
    """What a row of `standings` says."""
    parts = row._mapping  # noqa: SLF001 — SQLAlchemy's documented accessor
    return Standing(
        account=account_of(_Part("accounts_", parts)),
        user=_user(_Part("users_", parts)),
        membership=_membership(_Part("memberships_", parts), _Part("profiles_", parts)),
    )


class _Part:
    """The columns of one table in a joined row."""

    def __init__(self, prefix: str, values: Any) -> None:  # noqa: ANN401 — SQLAlchemy's RowMapping
        self._prefix = prefix
        self._values = values

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 — a column of any type
        return self._values[self._prefix + name]


def account_of(row: Row[Any] | _Part) -> Account:
    """An account as its row has it."""
    return Account(row.id, row.number, row.name, row.plan, row.state, row.created_at, row.organization, row.state_since)


def _user(row: Row[Any] | _Part) -> User:
    return User(
        row.id,
        row.email,
        row.first_name,
        row.last_name,
        row.state,
        row.created_at,
        row.default_account,
        row.service,
        row.least_epoch,
        row.email_verified_at is not None,
    )


def _membership(row: _Part, own: _Part) -> Membership:
    """A membership; its profile is one that every account has, or the account's own."""
    profile = _PROFILE_BY_ID.get(row.profile) or profile_of(own)
    return Membership(row.account, row.user, profile, row.state, row.created_at)


def profile_of(row: Row[Any] | _Part) -> Profile:
    """A permission profile that an account made."""
    return Profile(row.id, row.name, is_admin=False, permissions=frozenset(row.permissions), account=row.account)


def _organization(row: Row[Any]) -> Organization:
    return Organization(
        row.id, row.name, row.description, row.created_at, row.created_by, row.default_account, row.admin_removed_at
    )
