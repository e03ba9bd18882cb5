"""What are the custody facts of accounts or of an organization, as the database has them now?"""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, exists, func, select, union

from keysteward.rules.access import READ_KEYS
from keysteward.rules.accounts import ADMIN, DEVELOPER
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
from keysteward.rules.golive import Review
from keysteward.rules.keys import Grant
from keysteward.rules.usage import JWT
from keysteward.rules.words import Environment
from keysteward.store import drill_facts
from keysteward.store.golive import REVIEWS, review_of
from keysteward.store.replacements import RETIRED
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
    profiles,
    promotions,
    recovery_contacts,
    redirect_uris,
    reviews,
    secrets,
    token_uses,
    users,
)

SAID: frozenset[Fact] = frozenset(FACTS) - {"second factors"}
"""What a database tells of: whose devices second factors are, it does not know."""

_IMPERSONATED_LATELY = timedelta(days=90)
_OF_AN_ORGANIZATION: frozenset[Fact] = frozenset({"keys", "requesters", "organizations", "domains"})
_IN_USE = apps.c.deleted_at.is_(None) & apps.c.key.not_in(RETIRED)
_Ids = Collection[str]
_Profiles = Collection[int]


# Whatever is asked of keys is asked by the accounts that manage them: their own GUIDs would be too many to name.
def of_accounts(
    tx: Connection, ids: _Ids, environment: Environment, now: datetime, acted_for: _Ids | None = None
) -> Inventory:
    """Some accounts with their admins and keys, and the organizations they belong to.

    Of the users that a key acts for, it has those of `acted_for`; without it, those who can sign in no more.
    """
    rows = list(tx.execute(select(accounts).where(accounts.c.id.in_(ids)).order_by(accounts.c.number)))
    found = [row.id for row in rows]
    named = {row.organization for row in rows if row.organization}
    keys = _keys(tx, found, environment, now, acted_for)
    developing = _developing(tx, found)
    led, members = _organizations(tx, named), _members(tx, found, developing)
    others = _others(tx, found, developing)
    wanted = {member.person for member in members} | {admin for each in led for admin in each.admins}
    wanted |= {user for key in keys for user in key.impersonates}
    return Inventory(
        at=now,
        accounts=tuple(_account(row, environment, others.get(row.id, 0)) for row in rows),
        people=drill_facts.tried(tx, found, _people(tx, wanted, {key.requester for key in keys if key.requester})),
        members=members,
        organizations=led,
        domains=_domains(tx, named),
        keys=keys,
        drills=drill_facts.of_accounts(tx, found),
        says=SAID,
    )


def of_organization(tx: Connection, organization: str, environment: Environment, now: datetime) -> Inventory:
    """What an organization has beside what each account has by itself: its admins, its domains, and whose keys it is.

    However many users its accounts have, none of them is looked at.
    """
    managing = exists().where(apps.c.account == accounts.c.id, apps.c.deleted_at.is_(None))
    query = select(accounts).where(accounts.c.organization == organization, managing).order_by(accounts.c.number)
    led = _organizations(tx, {organization})
    return Inventory(
        at=now,
        accounts=tuple(_account(row, environment, 0) for row in tx.execute(query)),
        people=_people(tx, {admin for each in led for admin in each.admins}, ()),
        organizations=led,
        domains=_domains(tx, {organization}),
        keys=_keys_of_organization(tx, organization, environment),
        says=_OF_AN_ORGANIZATION,
    )


def _account(row: Row[Any], environment: Environment, others: int) -> AccountFacts:
    closed_at = row.state_since if row.state == "closed" else None
    return AccountFacts(row.id, row.name, environment, row.plan, row.state, row.organization or "", closed_at, others)


# ── people ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def _members(tx: Connection, ids: _Ids, developing: _Profiles) -> tuple[Member, ...]:
    """Admins and developers, one by one; of everybody else only how many there are is told, by `_others`."""
    where = memberships.c.account.in_(ids) & memberships.c.profile.in_([ADMIN.id, *developing])
    rows = tx.execute(select(memberships).where(where).order_by(memberships.c.created_at, memberships.c.user))
    return tuple(
        Member(
            row.account,
            row.user,
            is_admin=row.profile == ADMIN.id,
            active=row.state == "active",
            is_developer=row.profile != ADMIN.id,
        )
        for row in rows
    )


def _developing(tx: Connection, ids: _Ids) -> _Profiles:
    """The permission profiles with which members see keys without managing them."""
    rows = tx.execute(select(profiles.c.id, profiles.c.permissions).where(profiles.c.account.in_(ids)))
    return {DEVELOPER.id, *(row.id for row in rows if READ_KEYS in row.permissions)}


def _others(tx: Connection, ids: _Ids, developing: _Profiles) -> dict[str, int]:
    """How many members besides these can sign in, by account."""
    listed = memberships.c.profile.in_([ADMIN.id, *developing])
    works = (memberships.c.state == "active") & (users.c.state == "active") & ~listed
    joined = memberships.join(users, users.c.id == memberships.c.user)
    query = select(memberships.c.account, func.count()).select_from(joined)
    rows = tx.execute(query.where(memberships.c.account.in_(ids) & works).group_by(memberships.c.account))
    return {account: int(count) for account, count in rows}


def _people(tx: Connection, ids: _Ids, addresses: _Ids) -> tuple[Person, ...]:
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


def _organizations(tx: Connection, ids: _Ids) -> tuple[OrganizationFacts, ...]:
    query = select(organization_admins).where(organization_admins.c.organization.in_(ids))
    admins = defaultdict[str, list[str]](list)
    for row in tx.execute(query.order_by(organization_admins.c.created_at, organization_admins.c.user)):
        admins[row.organization].append(row.user)
    rows = tx.execute(select(organizations).where(organizations.c.id.in_(ids)).order_by(organizations.c.id))
    return tuple(OrganizationFacts(row.id, row.name, tuple(admins[row.id]), row.admin_removed_at) for row in rows)


def _domains(tx: Connection, ids: _Ids) -> tuple[ClaimedDomain, ...]:
    query = select(domains).where(domains.c.organization.in_(ids)).order_by(domains.c.host_name)
    return tuple(ClaimedDomain(row.organization, row.host_name, row.state) for row in tx.execute(query))


# ── keys ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def _managed(ids: _Ids) -> Select[Any]:
    """The keys that accounts manage."""
    return select(apps.c.key).where(apps.c.account.in_(ids), _IN_USE)


def _keys(
    tx: Connection, ids: _Ids, environment: Environment, now: datetime, acted_for: _Ids | None
) -> tuple[KeyFacts, ...]:
    managed = _managed(ids)
    rows = tx.execute(select(apps).where(apps.c.key.in_(managed)).order_by(apps.c.created_at, apps.c.key)).all()
    used, credentials, uris = _uses(tx, managed), _credentials(tx, managed), _uris(tx, managed)
    legacy, acting = _legacy(tx, managed, now), _impersonated(tx, managed, now, acted_for)
    contacts = _contacts(tx, ids)
    return tuple(
        KeyFacts(
            key=row.key,
            account=row.account,
            name=row.name,
            integration_type=row.integration_type,
            live=environment == "production" or row.live_at is not None,
            requester=row.requester,
            recovery_contacts=tuple(contacts[row.account]),
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


def _keys_of_organization(tx: Connection, organization: str, environment: Environment) -> tuple[KeyFacts, ...]:
    """The keys of all accounts of an organization, by what they are called and who asked for them."""
    c = apps.c
    query = select(c.key, c.account, c.name, c.integration_type, c.requester, c.live_at)
    of_it = (accounts.c.organization == organization) & _IN_USE
    rows = tx.execute(query.join(accounts, accounts.c.id == c.account).where(of_it).order_by(c.created_at, c.key))
    return tuple(
        KeyFacts(
            key=row.key,
            account=row.account,
            name=row.name,
            integration_type=row.integration_type,
            live=environment == "production" or row.live_at is not None,
            requester=row.requester,
        )
        for row in rows
    )


def _contacts(tx: Connection, ids: _Ids) -> dict[str, list[str]]:
    """Further addresses on record, confirmed by whoever reads there; each is good for all keys of its account."""
    c, found = recovery_contacts.c, defaultdict[str, list[str]](list)
    where = c.account.in_(ids) & c.confirmed_at.is_not(None)
    for row in tx.execute(select(c.account, c.email).where(where).order_by(c.email_folded)):
        found[row.account].append(row.email)
    return found


def _uses(tx: Connection, managed: Select[Any]) -> dict[str, datetime]:
    """When each key was called with last: by its newest call, or the newest hour that was summed."""
    newest = select(calls.c.at).where(calls.c.key == apps.c.key).order_by(calls.c.sequence.desc()).limit(1)
    summed = select(call_hours.c.last_at).where(call_hours.c.key == apps.c.key).order_by(call_hours.c.hour.desc())
    query = select(apps.c.key, newest.scalar_subquery(), summed.limit(1).scalar_subquery())
    rows = tx.execute(query.where(apps.c.key.in_(managed)))
    found = {key: [at for at in (call, hour) if at is not None] for key, call, hour in rows}
    return {key: max(moments) for key, moments in found.items() if moments}


def _credentials(tx: Connection, managed: Select[Any]) -> dict[str, list[Credential]]:
    found = defaultdict[str, list[Credential]](list)
    s, pairs = secrets.c, keypairs.c
    made = select(s.key, s.hint, s.expires_at).where(s.key.in_(managed)).order_by(s.created_at, s.id)
    for row in tx.execute(made):
        found[row.key].append(Credential("secret key", row.hint, row.expires_at))
    added = select(pairs.key, pairs.thumbprint, pairs.expires_at).where(pairs.key.in_(managed))
    for row in tx.execute(added.order_by(pairs.created_at, pairs.id)):
        found[row.key].append(Credential("keypair", row.thumbprint, row.expires_at, row.thumbprint))
    return found


def _uris(tx: Connection, managed: Select[Any]) -> dict[str, int]:
    query = select(redirect_uris.c.key, func.count()).where(redirect_uris.c.key.in_(managed))
    return {key: int(count) for key, count in tx.execute(query.group_by(redirect_uris.c.key))}


def _legacy(tx: Connection, managed: Select[Any], now: datetime) -> dict[str, tuple[int, int]]:
    c, since = legacy_calls.c, f"{now - LEGACY_LOOKED_BACK:%Y-%m-%d}"
    made, people = func.sum(c.passed + c.refused), func.count(c.user.distinct())
    query = select(c.key, made, people).where(c.key.in_(managed) & (c.day >= since)).group_by(c.key)
    return {key: (int(count or 0), int(who)) for key, count, who in tx.execute(query)}


def _impersonated(tx: Connection, managed: Select[Any], now: datetime, acted_for: _Ids | None) -> dict[str, list[str]]:
    """Which of some users each key acted for by JWT of late; without any named, which of those who left."""
    c = token_uses.c
    where = c.key.in_(managed) & (c.grant == JWT) & (c.hour >= now - _IMPERSONATED_LATELY)
    query = select(c.key, c.user).where(where).distinct().order_by(c.key, c.user)
    if acted_for is None:
        query = query.join(users, users.c.id == c.user).where(users.c.state != "active")
    else:
        query = query.where(c.user.in_(acted_for))
    found = defaultdict[str, list[str]](list)
    for key, user in tx.execute(query):
        found[key].append(user)
    return found


# ── what reviews and papers tell ────────────────────────────────────────────────────────────────────────────────────
def list_newest_reviews(tx: Connection, ids: _Ids) -> dict[str, Review]:
    """The newest review of each key that accounts manage."""
    newest = reviews.alias()
    last = select(func.max(newest.c.number)).where(newest.c.key == reviews.c.key).scalar_subquery()
    rows = tx.execute(REVIEWS.where(reviews.c.key.in_(_managed(ids)), reviews.c.number == last))
    return {row.key: review_of(row) for row in rows}


def list_papers(tx: Connection, ids: _Ids) -> dict[str, str]:
    """The ticket that brought each key here which has a keypair, of the keys that accounts manage."""
    has_keypair = exists().where(keypairs.c.key == promotions.c.key)
    where = promotions.c.key.in_(_managed(ids)) & promotions.c.done_at.is_not(None) & has_keypair
    return {row.key: row.paper for row in tx.execute(select(promotions.c.key, promotions.c.paper).where(where))}
