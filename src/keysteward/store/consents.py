"""What is remembered of consents: of users, of organizations, and of the accounts that block an app?"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, bindparam, delete, select, update

from keysteward.rules.consent import Allowed, Consents, for_users, lies_in
from keysteward.store.database import upsert
from keysteward.store.tables import (
    accounts,
    apps,
    blocked_apps,
    consents,
    domains,
    memberships,
    organization_consents,
    organizations,
    users,
)

_publishers = accounts.alias("publishers")

_AUTHORIZED: Select[Any] = (
    select(
        organization_consents.c.organization,
        organizations.c.name,
        organization_consents.c.key,
        apps.c.name,
        _publishers.c.name,
        organization_consents.c.scopes,
        organization_consents.c.given_at,
        organization_consents.c.given_by,
        organization_consents.c.least_epoch,
    )
    .join(organizations, organizations.c.id == organization_consents.c.organization)
    .join(apps, apps.c.key == organization_consents.c.key)
    .join(_publishers, _publishers.c.id == apps.c.account)
    .order_by(organization_consents.c.given_at.desc(), organization_consents.c.key)
)
_IS_MEMBER = (
    select(memberships.c.user)
    .join(accounts)
    .where(memberships.c.user == bindparam("user"), memberships.c.state == "active", accounts.c.state != "closed")
    .where(accounts.c.organization == organization_consents.c.organization)
    .exists()
)
_OF_MEMBER = _AUTHORIZED.where(_IS_MEMBER)
_OF_MEMBER_TO_APP = _OF_MEMBER.where(organization_consents.c.key == bindparam("key"))
_OWN = select(consents.c.scopes, consents.c.least_epoch).where(
    consents.c.user == bindparam("user"), consents.c.key == bindparam("key")
)
_VERIFIED_ADDRESS = select(users.c.email).where(users.c.id == bindparam("user"), users.c.email_verified_at.is_not(None))


class Consent(NamedTuple):
    """What a user allowed an app, and when. The publisher is the account that manages its key."""

    key: str
    app_name: str
    publisher: str
    scopes: frozenset[str]
    given_at: datetime


class AuthorizedApp(NamedTuple):
    """What an organization allowed an app, who said so, and when."""

    organization: str
    organization_name: str
    key: str
    app_name: str
    publisher: str
    scopes: frozenset[str]
    given_at: datetime
    given_by: str
    least_epoch: int


class MemberConsent(NamedTuple):
    """That a member of an account allowed an app to act for them, and when."""

    key: str
    user: str
    given_at: datetime


class Block(NamedTuple):
    """That an account blocked an app, who did so, and when."""

    key: str
    blocked_at: datetime
    blocked_by: str


# ── what lets an app act for a user ─────────────────────────────────────────────────────────────────────────────────
def find(tx: Connection, user: str, key: str) -> Consents:
    """All that lets an app act for a user now, the consents of organizations that cover the user included."""
    row = tx.execute(_OWN, {"user": user, "key": key}).one_or_none()
    own = Allowed(frozenset(row.scopes), row.least_epoch) if row else Allowed()
    covering = _list_covering(tx, _OF_MEMBER_TO_APP, user=user, key=key)
    return Consents(own, tuple(Allowed(for_users(each.scopes), each.least_epoch) for each in covering))


def list_covering(tx: Connection, user: str) -> list[AuthorizedApp]:
    """What organizations allow apps for a user whom they cover, newest first; without what no user is covered for."""
    covering = (each._replace(scopes=for_users(each.scopes)) for each in _list_covering(tx, _OF_MEMBER, user=user))
    return [each for each in covering if each.scopes]


def list_active_domains(tx: Connection, organization: str) -> list[str]:
    """The claimed domains of an organization whose proof is seen."""
    where = (domains.c.organization == organization) & (domains.c.state == "active")
    return list(tx.execute(select(domains.c.host_name).where(where)).scalars())


def _list_covering(tx: Connection, query: Select[Any], **asked: str) -> list[AuthorizedApp]:
    """Those of some organizations' consents whose organization covers the user.

    The user is an active member of one of its accounts, and their verified address lies in one of its active domains.
    """
    found = _read(tx, query, **asked)
    if not found:
        return []
    address = tx.execute(_VERIFIED_ADDRESS, asked).scalar_one_or_none() or ""
    return [each for each in found if lies_in(address, list_active_domains(tx, each.organization))]


# ── users ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def list_of_user(tx: Connection, user: str) -> list[Consent]:
    """The consents of a user, newest first; withdrawn ones are none."""
    query = (
        select(consents.c.key, apps.c.name, _publishers.c.name, consents.c.scopes, consents.c.given_at)
        .join(apps, apps.c.key == consents.c.key)
        .join(_publishers, _publishers.c.id == apps.c.account)
        .where(consents.c.user == user)
        .order_by(consents.c.given_at.desc(), apps.c.key)
    )
    return [
        Consent(key, name, publisher, frozenset(scopes), at)
        for key, name, publisher, scopes, at in tx.execute(query)
        if scopes
    ]


def save(tx: Connection, user: str, key: str, scopes: frozenset[str], now: datetime) -> None:
    """Remember that a user allowed these scopes, in the place of what they allowed before."""
    values = {"scopes": sorted(scopes), "given_at": now}
    statement = upsert(tx, consents).values(user=user, key=key, least_epoch=0, **values)
    tx.execute(statement.on_conflict_do_update(index_elements=["user", "key"], set_=values))


def withdraw(tx: Connection, user: str, key: str, least_epoch: int) -> None:
    """Forget the scopes that a user allowed an app; tokens from before this epoch are dead, whatever comes later."""
    where = (consents.c.user == user) & (consents.c.key == key)
    tx.execute(update(consents).where(where).values(scopes=[], least_epoch=least_epoch))


# ── organizations ───────────────────────────────────────────────────────────────────────────────────────────────────
def list_of_organizations(tx: Connection, key: str) -> dict[str, Allowed]:
    """What each organization allowed an app, with the epoch from which on its tokens are good."""
    query = select(organization_consents).where(organization_consents.c.key == key)
    return {row.organization: Allowed(frozenset(row.scopes), row.least_epoch) for row in tx.execute(query)}


def list_authorized(tx: Connection, organization: str) -> list[AuthorizedApp]:
    """The apps that an organization allows something, newest first."""
    return _read(tx, _AUTHORIZED.where(organization_consents.c.organization == organization))


def save_of_organization(
    tx: Connection, organization: str, key: str, allowed: Allowed, by: tuple[str, datetime]
) -> None:
    """Remember what an organization allows an app, in the place of what it allowed before; `by` says who and when."""
    given = {"given_by": by[0], "given_at": by[1]}
    values = {"scopes": sorted(allowed.scopes), "least_epoch": allowed.least_epoch, **given}
    statement = upsert(tx, organization_consents).values(organization=organization, key=key, **values)
    tx.execute(statement.on_conflict_do_update(index_elements=["organization", "key"], set_=values))


def withdraw_of_organization(tx: Connection, organization: str, key: str, least_epoch: int) -> None:
    """Forget what an organization allowed an app; what was issued before this epoch is not of what comes later."""
    where = (organization_consents.c.organization == organization) & (organization_consents.c.key == key)
    tx.execute(update(organization_consents).where(where).values(scopes=[], least_epoch=least_epoch))


def _read(tx: Connection, query: Select[Any], **asked: str) -> list[AuthorizedApp]:
    """What was withdrawn is none."""
    found = (AuthorizedApp(*row) for row in tx.execute(query, asked))
    return [each._replace(scopes=frozenset(each.scopes)) for each in found if each.scopes]


# ── accounts ────────────────────────────────────────────────────────────────────────────────────────────────────────
def list_in_account(tx: Connection, account: str) -> list[MemberConsent]:
    """The consents of everybody who is an active member of an account."""
    query = (
        select(consents.c.key, consents.c.user, consents.c.given_at, consents.c.scopes)
        .join(memberships, memberships.c.user == consents.c.user)
        .where(memberships.c.account == account, memberships.c.state == "active")
    )
    return [MemberConsent(key, user, at) for key, user, at, scopes in tx.execute(query) if scopes]


def list_publishers(tx: Connection, keys: Iterable[str]) -> dict[str, tuple[str, str]]:
    """The name of each of these apps, and of the account that manages its key."""
    query = select(apps.c.key, apps.c.name, _publishers.c.name).join(_publishers, _publishers.c.id == apps.c.account)
    return {key: (name, publisher) for key, name, publisher in tx.execute(query.where(apps.c.key.in_(list(keys))))}


def list_blocks(tx: Connection, account: str) -> list[Block]:
    """The apps that an account blocked."""
    query = select(blocked_apps.c.key, blocked_apps.c.blocked_at, blocked_apps.c.blocked_by)
    return [Block(*row) for row in tx.execute(query.where(blocked_apps.c.account == account))]


def list_blocked(tx: Connection, account: str) -> frozenset[str]:
    """The keys of the apps that an account blocked."""
    return frozenset(block.key for block in list_blocks(tx, account))


def block(tx: Connection, account: str, key: str, by: str, now: datetime) -> bool:
    """Remember that an account blocked an app; False where it had."""
    values = {"account": account, "key": key, "blocked_by": by, "blocked_at": now}
    return tx.execute(upsert(tx, blocked_apps).values(**values).on_conflict_do_nothing()).rowcount == 1


def unblock(tx: Connection, account: str, key: str) -> bool:
    """Forget that an account blocked an app; False where it had not."""
    where = (blocked_apps.c.account == account) & (blocked_apps.c.key == key)
    return tx.execute(delete(blocked_apps).where(where)).rowcount == 1
