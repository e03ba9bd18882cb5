"""What is remembered altogether? The lists that nobody but an export asks for."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, select

from keysteward.rules.accounts import Account, Organization
from keysteward.rules.calls import Call
from keysteward.rules.keys import App
from keysteward.rules.people import Departure
from keysteward.store import accounts, keys, people
from keysteward.store.tables import accounts as account_rows
from keysteward.store.tables import (
    apps,
    calls,
    departures,
    organization_admins,
    organization_consents,
    organizations,
    tickets,
    users,
)


class Authorization(NamedTuple):
    """An app that an organization authorized, and who did."""

    key: str
    scopes: frozenset[str]
    given_at: datetime
    given_by: str


def list_accounts(tx: Connection) -> list[Account]:
    """Every account, in the order they were opened."""
    guids = tx.execute(select(account_rows.c.id).order_by(account_rows.c.number)).scalars().all()
    return [account for guid in guids if (account := accounts.find_account(tx, guid))]


def list_organizations(tx: Connection) -> list[Organization]:
    """Every organization, oldest first."""
    query = select(organizations.c.id).order_by(organizations.c.created_at, organizations.c.id)
    guids = tx.execute(query).scalars().all()
    return [organization for guid in guids if (organization := accounts.find_organization(tx, guid))]


def list_organization_admins(tx: Connection, organization: str) -> dict[str, datetime]:
    """The GUIDs of an organization's admins, in the order they became such, with when that was."""
    table = organization_admins
    query = select(table).where(table.c.organization == organization).order_by(table.c.created_at, table.c.user)
    return {row.user: row.created_at for row in tx.execute(query)}


def list_departures(tx: Connection) -> list[Departure]:
    """Who said that somebody left, in the order of the moments; what was taken back too."""
    guids = tx.execute(select(departures.c.user).distinct()).scalars().all()
    found = (each for user in guids for each in people.list_departures(tx, user))
    return sorted(found, key=lambda each: (each.at, each.user, each.organization))


def list_authorizations(tx: Connection, organization: str) -> list[Authorization]:
    """The apps that an organization authorized."""
    table = organization_consents
    query = select(table).where(table.c.organization == organization).order_by(table.c.given_at, table.c.key)
    found = (Authorization(row.key, frozenset(row.scopes), row.given_at, row.given_by) for row in tx.execute(query))
    return [each for each in found if each.scopes]


def list_users_with_password(tx: Connection) -> frozenset[str]:
    """The GUIDs of those who have a password."""
    return frozenset(tx.execute(select(users.c.id).where(users.c.password.is_not(None))).scalars())


def list_apps(tx: Connection) -> list[App]:
    """Every app, oldest first, deleted ones included."""
    guids = tx.execute(select(apps.c.key).order_by(apps.c.created_at, apps.c.key)).scalars().all()
    return [app for guid in guids if (app := keys.find(tx, guid))]


def list_calls(tx: Connection, key: str) -> list[Call]:
    """Every call of a key, in its order."""
    rows = tx.execute(select(calls).where(calls.c.key == key).order_by(calls.c.sequence))
    return [Call(**row._mapping) for row in rows]  # noqa: SLF001 — SQLAlchemy's documented accessor


def find_presenter(tx: Connection, key: str) -> str | None:
    """Who pressed Go Live for a key that is live."""
    where = (tickets.c.key == key) & tickets.c.received_at.is_not(None)
    return tx.execute(select(tickets.c.presenter).where(where).order_by(tickets.c.received_at).limit(1)).scalar()
