"""What is remembered of codes, token families, refresh tokens and assertions?"""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, select, update

from keysteward.rules.grants import Code
from keysteward.rules.tokens import Family
from keysteward.store.database import upsert
from keysteward.store.tables import (
    assertions,
    codes,
    dead_tokens,
    families,
    refresh_tokens,
)


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


def kill_token(tx: Connection, token: str, expires_at: datetime) -> bool:
    """End one access token by its id; False where it was dead."""
    statement = upsert(tx, dead_tokens).values(id=token, expires_at=expires_at).on_conflict_do_nothing()
    return tx.execute(statement).rowcount == 1


def list_dead(tx: Connection) -> frozenset[str]:
    """The ids of families and single tokens that died and are not forgotten yet: few, so they are read together."""
    ended = select(families.c.id).where(families.c.died_at.is_not(None)).union_all(select(dead_tokens.c.id))
    return frozenset(tx.execute(ended).scalars())


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


def forget_expired(tx: Connection, before: datetime, machine_before: datetime) -> None:
    """Forget codes, tokens and the ids of assertions that expired before a moment, and families that ended by then.

    Assertions are dated by the machine's clock. A family ends with its death, or with its last refresh token.
    """
    for table in (codes, refresh_tokens, dead_tokens):
        tx.execute(delete(table).where(table.c.expires_at < before))
    tx.execute(delete(assertions).where(assertions.c.expires_at < machine_before))
    dead = select(families.c.id).where(families.c.died_at < before)
    tx.execute(delete(refresh_tokens).where(refresh_tokens.c.family.in_(dead)))
    tx.execute(delete(families).where(families.c.died_at < before))
    has_token = select(refresh_tokens.c.digest).where(refresh_tokens.c.family == families.c.id).exists()
    tx.execute(delete(families).where((families.c.expires_at < before) & ~has_token))


class RefreshToken(NamedTuple):
    """A refresh token: its family, and the credential that its client had shown; a public client shows none."""

    family: str
    created_at: datetime
    expires_at: datetime
    credential: str | None
    used_at: datetime | None = None


def save_refresh_token(tx: Connection, digest: str, token: RefreshToken) -> None:
    """Remember a refresh token by its hash."""
    tx.execute(insert(refresh_tokens).values(digest=digest, **token._asdict()))


def find_refresh_token(tx: Connection, digest: str) -> RefreshToken | None:
    """A refresh token by its hash."""
    row = tx.execute(select(refresh_tokens).where(refresh_tokens.c.digest == digest)).one_or_none()
    return None if row is None else RefreshToken(**{name: row._mapping[name] for name in RefreshToken._fields})  # noqa: SLF001 — SQLAlchemy's documented accessor


def burn_refresh_token(tx: Connection, digest: str, now: datetime) -> bool:
    """Use a refresh token once; only one caller is told True."""
    where = (refresh_tokens.c.digest == digest) & refresh_tokens.c.used_at.is_(None)
    return tx.execute(update(refresh_tokens).where(where).values(used_at=now)).rowcount == 1


def burn_assertion(tx: Connection, key: str, jti: str, expires_at: datetime) -> bool:
    """Use an assertion's id once; only one caller is told True."""
    statement = upsert(tx, assertions).values(key=key, jti=jti, expires_at=expires_at).on_conflict_do_nothing()
    return tx.execute(statement).rowcount == 1
