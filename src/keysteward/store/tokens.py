"""What is remembered of consents, codes, token families, refresh tokens and assertions?"""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, select, update

from keysteward.rules.grants import Code
from keysteward.rules.tokens import Family
from keysteward.store.database import upsert
from keysteward.store.tables import (
    apps,
    assertions,
    codes,
    consents,
    families,
    organization_consents,
    refresh_tokens,
)


class Consent(NamedTuple):
    """What a user allowed an app, and when."""

    key: str
    app_name: str
    scopes: frozenset[str]
    given_at: datetime


def list_consents(tx: Connection, user: str) -> list[Consent]:
    """The consents of a user, newest first; withdrawn ones are none."""
    columns = (consents.c.key, apps.c.name, consents.c.scopes, consents.c.given_at)
    query = select(*columns).join(apps).where(consents.c.user == user).order_by(consents.c.given_at.desc(), apps.c.key)
    return [Consent(key, name, frozenset(scopes), at) for key, name, scopes, at in tx.execute(query) if scopes]


def save_consent(tx: Connection, user: str, key: str, scopes: frozenset[str], now: datetime) -> None:
    """Remember that a user allowed these scopes, in the place of what they allowed before."""
    values = {"scopes": sorted(scopes), "given_at": now}
    statement = upsert(tx, consents).values(user=user, key=key, least_epoch=0, **values)
    tx.execute(statement.on_conflict_do_update(index_elements=["user", "key"], set_=values))


def find_consent(tx: Connection, user: str, key: str) -> frozenset[str]:
    """The scopes that a user allowed an app; none where there is no consent."""
    where = (consents.c.user == user) & (consents.c.key == key)
    row = tx.execute(select(consents.c.scopes).where(where)).one_or_none()
    return frozenset(row.scopes) if row else frozenset()


def withdraw_consent(tx: Connection, user: str, key: str, least_epoch: int) -> None:
    """Forget the scopes that a user allowed an app; tokens from before this epoch are dead, whatever comes later."""
    where = (consents.c.user == user) & (consents.c.key == key)
    tx.execute(update(consents).where(where).values(scopes=[], least_epoch=least_epoch))


def consent_epoch(tx: Connection, user: str, key: str) -> int:
    """The epoch from which on tokens for this user and app are good; it rises when a consent is withdrawn."""
    where = (consents.c.user == user) & (consents.c.key == key)
    return tx.execute(select(consents.c.least_epoch).where(where)).scalar() or 0


def save_organization_consent(
    tx: Connection, organization: str, key: str, scopes: frozenset[str], by: str, now: datetime
) -> None:
    """Remember that an organization authorized an app for application tokens."""
    values = {"scopes": sorted(scopes), "given_at": now, "given_by": by}
    statement = upsert(tx, organization_consents).values(organization=organization, key=key, **values)
    tx.execute(statement.on_conflict_do_update(index_elements=["organization", "key"], set_=values))


def list_organization_consents(tx: Connection, key: str) -> dict[str, frozenset[str]]:
    """The organizations that authorized an app, with the scopes of each."""
    query = select(organization_consents).where(organization_consents.c.key == key)
    return {row.organization: frozenset(row.scopes) for row in tx.execute(query)}


def save_family(tx: Connection, family: Family) -> None:
    """Begin a token family."""
    tx.execute(
        insert(families).values(
            id=family.id,
            key=family.key,
            user=family.user,
            scopes=sorted(family.scopes),
            is_public=family.is_public,
            created_at=family.created_at,
            expires_at=family.expires_at,
            epoch=family.epoch,
            died_at=family.died_at,
        )
    )


def find_family(tx: Connection, family: str) -> Family | None:
    """A token family."""
    row = tx.execute(select(families).where(families.c.id == family)).one_or_none()
    if row is None:
        return None
    scopes, dates = frozenset(row.scopes), (row.created_at, row.expires_at)
    return Family(row.id, row.key, row.user, scopes, row.is_public, *dates, row.epoch, row.died_at)


def kill_family(tx: Connection, family: str, death: str, now: datetime) -> bool:
    """End a family and every token of it; False where it was dead, or never began."""
    where = (families.c.id == family) & families.c.died_at.is_(None)
    return tx.execute(update(families).where(where).values(died_at=now, death=death)).rowcount == 1


def kill_families(tx: Connection, user: str, key: str, death: str, now: datetime) -> None:
    """End every family of a user and an app."""
    where = (families.c.user == user) & (families.c.key == key) & families.c.died_at.is_(None)
    tx.execute(update(families).where(where).values(died_at=now, death=death))


def list_dead_families(tx: Connection) -> frozenset[str]:
    """The families that died and are not forgotten yet: few, so they are looked at together."""
    return frozenset(tx.execute(select(families.c.id).where(families.c.died_at.is_not(None))).scalars())


def save_code(tx: Connection, digest: str, code: Code) -> None:
    """Remember a code by its hash."""
    tx.execute(
        insert(codes).values(
            digest=digest,
            key=code.key,
            user=code.user,
            scopes=list(code.scopes),
            redirect_uri=code.redirect_uri,
            challenge=code.challenge,
            nonce=code.nonce,
            family=code.family,
            signed_in_at=code.signed_in_at,
            expires_at=code.expires_at,
            epoch=code.epoch,
        )
    )


def find_code(tx: Connection, digest: str) -> Code | None:
    """A code by its hash."""
    row = tx.execute(select(codes).where(codes.c.digest == digest)).one_or_none()
    return (
        None
        if row is None
        else Code(
            row.key,
            row.user,
            tuple(row.scopes),
            row.redirect_uri,
            row.challenge,
            row.nonce,
            row.family,
            row.signed_in_at,
            row.expires_at,
            row.epoch,
            row.used_at,
        )
    )


def burn_code(tx: Connection, digest: str, now: datetime) -> bool:
    """Use a code once; only one caller is told True."""
    where = (codes.c.digest == digest) & codes.c.used_at.is_(None)
    return tx.execute(update(codes).where(where).values(used_at=now)).rowcount == 1


def forget_expired(tx: Connection, before: datetime) -> None:
    """Forget codes, refresh tokens and assertion ids that expired before a moment, and families that died by then."""
    for table in (codes, refresh_tokens, assertions):
        tx.execute(delete(table).where(table.c.expires_at < before))
    dead = select(families.c.id).where(families.c.died_at < before)
    tx.execute(delete(refresh_tokens).where(refresh_tokens.c.family.in_(dead)))
    tx.execute(delete(families).where(families.c.died_at < before))


def save_refresh_token(tx: Connection, digest: str, family: str, now: datetime, expires_at: datetime) -> None:
    """Remember a refresh token by its hash."""
    tx.execute(insert(refresh_tokens).values(digest=digest, family=family, created_at=now, expires_at=expires_at))


def find_refresh_token(tx: Connection, digest: str) -> tuple[str, datetime, datetime | None] | None:
    """The family, expiry and earlier use of a refresh token."""
    row = tx.execute(select(refresh_tokens).where(refresh_tokens.c.digest == digest)).one_or_none()
    return None if row is None else (row.family, row.expires_at, row.used_at)


def burn_refresh_token(tx: Connection, digest: str, now: datetime) -> bool:
    """Use a refresh token once; only one caller is told True."""
    where = (refresh_tokens.c.digest == digest) & refresh_tokens.c.used_at.is_(None)
    return tx.execute(update(refresh_tokens).where(where).values(used_at=now)).rowcount == 1


def burn_assertion(tx: Connection, key: str, jti: str, expires_at: datetime) -> bool:
    """Use an assertion's id once; only one caller is told True."""
    statement = upsert(tx, assertions).values(key=key, jti=jti, expires_at=expires_at).on_conflict_do_nothing()
    return tx.execute(statement).rowcount == 1
