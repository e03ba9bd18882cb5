"""What are the custody facts of an account or an organization, as the database has them now?"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, select, union

from keysteward.rules.accounts import ADMIN
from keysteward.rules.custody.inventory import (
    FACTS,
    AccountFacts,
    ClaimedDomain,
    Credential,
    Fact,
    Inventory,
    KeyFacts,
    Member,
    OrganizationFacts,
    Person,
)
from keysteward.rules.fitness import LEGACY_LOOKED_BACK
from keysteward.rules.keys import Grant
from keysteward.rules.usage import JWT
from keysteward.rules.words import Environment
from keysteward.store.tables import (
    Instant,
    accounts,
    apps,
    call_hours,
    calls,
    domains,
    keypairs,
    known_sources,
    legacy_calls,
    memberships,
    organization_admins,
    organizations,
    redirect_uris,
    secrets,
    token_uses,
    users,
)

SAID: frozenset[Fact] = frozenset(FACTS) - {"second factors", "drills"}
"""What a database tells of: whose devices second factors are, and what was drilled, it does not know."""

_IMPERSONATED_LATELY = timedelta(days=90)
_Keys = Collection[str]


def of_account(tx: Connection, account: str, environment: Environment, now: datetime) -> Inventory:
    """One account with its admins and keys, and the organization it belongs to."""
    return _inventory(tx, select(accounts).where(accounts.c.id == account), environment, now)


def of_organization(tx: Connection, organization: str, environment: Environment, now: datetime) -> Inventory:
    """All accounts of an organization that manage keys."""
    query = select(accounts).where(accounts.c.organization == organization)
    found = _inventory(tx, query.order_by(accounts.c.number), environment, now)
    return found if found.organizations else replace(found, organizations=_organizations(tx, {organization}))


def _inventory(tx: Connection, query: Any, environment: Environment, now: datetime) -> Inventory:  # noqa: ANN401 — a select
    rows = list(tx.execute(query))
    ids = [row.id for row in rows]
    named = {row.organization for row in rows if row.organization}
    keys = _keys(tx, ids, environment, now)
    led, members = _organizations(tx, named), _admins(tx, ids)
    wanted = {member.person for member in members} | {admin for each in led for admin in each.admins}
    wanted |= {user for key in keys for user in key.impersonates}
    return Inventory(
        at=now,
        accounts=tuple(_account(row, environment, _others(tx, row.id)) for row in rows),
        people=_people(tx, wanted, {key.requester for key in keys if key.requester}),
        members=members,
        organizations=led,
        domains=_domains(tx, named),
        keys=keys,
        says=SAID,
    )


def _account(row: Row[Any], environment: Environment, others: int) -> AccountFacts:
    closed_at = row.state_since if row.state == "closed" else None
    return AccountFacts(row.id, row.name, environment, row.plan, row.state, row.organization or "", closed_at, others)


# ── people ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def _admins(tx: Connection, ids: _Keys) -> tuple[Member, ...]:
    where = memberships.c.account.in_(ids) & (memberships.c.profile == ADMIN.id)
    rows = tx.execute(select(memberships).where(where).order_by(memberships.c.created_at, memberships.c.user))
    return tuple(Member(row.account, row.user, is_admin=True, active=row.state == "active") for row in rows)


def _others(tx: Connection, account: str) -> int:
    """How many members besides its admins can sign in."""
    works = (memberships.c.state == "active") & (users.c.state == "active") & (memberships.c.profile != ADMIN.id)
    query = select(func.count()).select_from(memberships.join(users, users.c.id == memberships.c.user))
    return int(tx.execute(query.where((memberships.c.account == account) & works)).scalar_one())


def _people(tx: Connection, ids: Collection[str], addresses: Collection[str]) -> tuple[Person, ...]:
    seen_at = (
        select(func.max(known_sources.c.seen_at, type_=Instant))
        .where(known_sources.c.user == users.c.id)
        .scalar_subquery()
        .label("seen_at")
    )
    columns = (users.c.id, users.c.email, users.c.first_name, users.c.last_name, users.c.service, users.c.state)
    folded = {address.casefold() for address in addresses}
    found = union(
        select(users.c.id).where(users.c.id.in_(ids)), select(users.c.id).where(users.c.email_folded.in_(folded))
    ).subquery()
    query = select(*columns, users.c.created_at, seen_at).where(users.c.id.in_(select(found.c.id)))
    return tuple(
        Person(
            row.id,
            row.email,
            f"{row.first_name} {row.last_name}".strip(),
            service=row.service,
            active=row.state == "active",
            seen_at=row.seen_at,
            since=row.created_at,
        )
        for row in tx.execute(query.order_by(users.c.email_folded))
    )


def _organizations(tx: Connection, ids: Collection[str]) -> tuple[OrganizationFacts, ...]:
    query = select(organization_admins).where(organization_admins.c.organization.in_(ids))
    admins = defaultdict[str, list[str]](list)
    for row in tx.execute(query.order_by(organization_admins.c.created_at, organization_admins.c.user)):
        admins[row.organization].append(row.user)
    rows = tx.execute(select(organizations).where(organizations.c.id.in_(ids)).order_by(organizations.c.id))
    return tuple(OrganizationFacts(row.id, row.name, tuple(admins[row.id])) for row in rows)


def _domains(tx: Connection, ids: Collection[str]) -> tuple[ClaimedDomain, ...]:
    query = select(domains).where(domains.c.organization.in_(ids)).order_by(domains.c.host_name)
    return tuple(ClaimedDomain(row.organization, row.host_name, row.state) for row in tx.execute(query))


# ── keys ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def _keys(tx: Connection, ids: _Keys, environment: Environment, now: datetime) -> tuple[KeyFacts, ...]:
    query = select(apps).where(apps.c.account.in_(ids) & apps.c.deleted_at.is_(None))
    rows = list(tx.execute(query.order_by(apps.c.created_at, apps.c.key)))
    keys = [row.key for row in rows]
    used, credentials, uris = _uses(tx, keys), _credentials(tx, keys, now), _uris(tx, keys)
    legacy, acting = _legacy(tx, keys, now), _impersonated(tx, keys, now)
    return tuple(
        KeyFacts(
            key=row.key,
            account=row.account,
            name=row.name,
            integration_type=row.integration_type,
            live=environment == "production" or row.live_at is not None,
            requester=row.requester,
            since=row.created_at,
            used_at=used.get(row.key),
            legacy_calls=legacy.get(row.key, (0, 0))[0],
            legacy_people=legacy.get(row.key, (0, 0))[1],
            grants=frozenset[Grant](row.grants),
            redirect_uris=uris.get(row.key, 0),
            credentials=tuple(credentials[row.key]),
            impersonates=tuple(acting[row.key]),
        )
        for row in rows
    )


def _uses(tx: Connection, keys: _Keys) -> dict[str, datetime]:
    """When each key was called with last: by its newest call, or the newest hour that was summed."""
    newest = select(calls.c.at).where(calls.c.key == apps.c.key).order_by(calls.c.sequence.desc()).limit(1)
    summed = select(call_hours.c.last_at).where(call_hours.c.key == apps.c.key).order_by(call_hours.c.hour.desc())
    query = select(apps.c.key, newest.scalar_subquery(), summed.limit(1).scalar_subquery())
    rows = tx.execute(query.where(apps.c.key.in_(keys)))
    found = {key: [at for at in (call, hour) if at is not None] for key, call, hour in rows}
    return {key: max(moments) for key, moments in found.items() if moments}


def _credentials(tx: Connection, keys: _Keys, now: datetime) -> dict[str, list[Credential]]:
    found = defaultdict[str, list[Credential]](list)
    for row in tx.execute(select(secrets.c.key, secrets.c.hint, secrets.c.expires_at).where(secrets.c.key.in_(keys))):
        found[row.key].append(Credential("secret key", row.hint, row.expires_at))
    columns = (keypairs.c.key, keypairs.c.thumbprint, keypairs.c.expires_at)
    for row in tx.execute(select(*columns).where(keypairs.c.key.in_(keys))):
        found[row.key].append(Credential("keypair", row.thumbprint, row.expires_at, row.thumbprint))
    return found


def _uris(tx: Connection, keys: _Keys) -> dict[str, int]:
    query = select(redirect_uris.c.key, func.count()).where(redirect_uris.c.key.in_(keys))
    return {key: int(count) for key, count in tx.execute(query.group_by(redirect_uris.c.key))}


def _legacy(tx: Connection, keys: _Keys, now: datetime) -> dict[str, tuple[int, int]]:
    c, since = legacy_calls.c, f"{now - LEGACY_LOOKED_BACK:%Y-%m-%d}"
    made, people = func.sum(c.passed + c.refused), func.count(c.user.distinct())
    query = select(c.key, made, people).where(c.key.in_(keys) & (c.day >= since)).group_by(c.key)
    return {key: (int(count or 0), int(who)) for key, count, who in tx.execute(query)}


def _impersonated(tx: Connection, keys: _Keys, now: datetime) -> dict[str, list[str]]:
    """Whom each key acted for by JWT of late."""
    c = token_uses.c
    where = c.key.in_(keys) & (c.grant == JWT) & (c.hour >= now - _IMPERSONATED_LATELY) & (c.user != "")
    found = defaultdict[str, list[str]](list)
    for key, user in tx.execute(select(c.key, c.user).where(where).distinct().order_by(c.key, c.user)):
        found[key].append(user)
    return found


def list_environment(tx: Connection) -> Iterable[str]:
    """Every account that manages keys, oldest first."""
    managing = select(apps.c.account).where(apps.c.deleted_at.is_(None)).distinct()
    return tx.execute(select(accounts.c.id).where(accounts.c.id.in_(managing)).order_by(accounts.c.number)).scalars()
