"""Which identity providers do organizations run, and who was linked by them?"""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, delete, select

from keysteward.rules.providers import Provider
from keysteward.store.database import upsert
from keysteward.store.tables import identities, providers


class Link(NamedTuple):
    """That a provider's subject is one of our users, since when, and for which domain it spoke."""

    organization: str
    issuer: str
    subject: str
    user: str
    domain: str
    linked_at: datetime


def find_provider(tx: Connection, organization: str) -> Provider | None:
    """The provider of an organization."""
    row = tx.execute(select(providers).where(providers.c.organization == organization)).one_or_none()
    return None if row is None else Provider(*row)


def list_providers(tx: Connection) -> list[Provider]:
    """The providers of all organizations."""
    return [Provider(*row) for row in tx.execute(select(providers))]


def save_provider(tx: Connection, provider: Provider) -> None:
    """Keep the provider of an organization, in the place of the one before."""
    values = {name: getattr(provider, name) for name in Provider.__dataclass_fields__}
    statement = upsert(tx, providers).values(**values)
    changed = {name: value for name, value in values.items() if name != "organization"}
    tx.execute(statement.on_conflict_do_update(index_elements=["organization"], set_=changed))


def remove_provider(tx: Connection, organization: str) -> bool:
    """Forget the provider of an organization."""
    return tx.execute(delete(providers).where(providers.c.organization == organization)).rowcount == 1


def find_link(tx: Connection, organization: str, issuer: str, subject: str) -> Link | None:
    """Who a provider's subject is."""
    where = (identities.c.organization == organization) & (identities.c.issuer == issuer)
    row = tx.execute(select(identities).where(where & (identities.c.subject == subject))).one_or_none()
    return None if row is None else Link(*row)


def save_link(tx: Connection, link: Link) -> bool:
    """Link a subject to a user; False where either is linked already."""
    statement = upsert(tx, identities).values(**link._asdict()).on_conflict_do_nothing()
    return tx.execute(statement).rowcount == 1


def list_links(tx: Connection, organization: str) -> list[Link]:
    """Whom an organization's provider speaks for, newest first."""
    where = identities.c.organization == organization
    query = select(identities).where(where).order_by(identities.c.linked_at.desc(), identities.c.user)
    return [Link(*row) for row in tx.execute(query)]


def remove_link(tx: Connection, organization: str, user: str) -> bool:
    """Forget who somebody is at an organization's provider."""
    where = (identities.c.organization == organization) & (identities.c.user == user)
    return tx.execute(delete(identities).where(where)).rowcount == 1


def remove_links(tx: Connection, organization: str) -> None:
    """Forget everybody whom an organization's provider spoke for."""
    tx.execute(delete(identities).where(identities.c.organization == organization))
