"""What is remembered of sign-ins, sessions and personal access tokens?"""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from keysteward.store.database import upsert
from keysteward.store.tables import form_nonces, personal_tokens, sessions, setup_codes, sign_in_failures


class Session(NamedTuple):
    """A browser that somebody signed in with, and the account it looks at."""

    user: str
    account: str | None
    signed_in_at: datetime
    expires_at: datetime


class PersonalToken(NamedTuple):
    """A personal access token: whose, for what, until when."""

    id: str
    user: str
    name: str
    permissions: frozenset[str]
    created_at: datetime
    expires_at: datetime


def save_session(tx: Connection, digest: str, session: Session) -> None:
    """Remember a session by its hash."""
    tx.execute(insert(sessions).values(digest=digest, **session._asdict()))


def find_session(tx: Connection, digest: str) -> Session | None:
    """A session by its hash."""
    row = tx.execute(select(sessions).where(sessions.c.digest == digest)).one_or_none()
    return None if row is None else Session(row.user, row.account, row.signed_in_at, row.expires_at)


def choose_account(tx: Connection, digest: str, account: str) -> None:
    """Let a session look at another account."""
    tx.execute(update(sessions).where(sessions.c.digest == digest).values(account=account))


def end_session(tx: Connection, digest: str) -> bool:
    """Forget a session."""
    return tx.execute(delete(sessions).where(sessions.c.digest == digest)).rowcount == 1


def save_failure(tx: Connection, email: str, now: datetime, since: datetime) -> None:
    """Remember a failed attempt for an address, known or not, and forget those before the window."""
    tx.execute(insert(sign_in_failures).values(email_folded=email.casefold()[:320], at=now))
    tx.execute(delete(sign_in_failures).where(sign_in_failures.c.at < since))


def count_failures(tx: Connection, email: str, since: datetime) -> int:
    """How often sign-in failed for an address."""
    where = (sign_in_failures.c.email_folded == email.casefold()[:320]) & (sign_in_failures.c.at >= since)
    return tx.execute(select(func.count()).select_from(sign_in_failures).where(where)).scalar_one()


def forget_expired(tx: Connection, before: datetime) -> None:
    """Forget sessions that ended and form nonces that were used before a moment."""
    tx.execute(delete(sessions).where(sessions.c.expires_at < before))
    tx.execute(delete(form_nonces).where(form_nonces.c.used_at < before))


def save_personal_token(tx: Connection, digest: str, token: PersonalToken) -> None:
    """Remember a personal access token by its keyed hash."""
    values = {**token._asdict(), "permissions": sorted(token.permissions)}
    tx.execute(insert(personal_tokens).values(digest=digest, **values))


def find_personal_token(tx: Connection, digests: tuple[str, ...]) -> PersonalToken | None:
    """A personal access token, by one of these keyed hashes, that was not revoked."""
    where = personal_tokens.c.digest.in_(digests) & personal_tokens.c.revoked_at.is_(None)
    row = tx.execute(select(personal_tokens).where(where)).one_or_none()
    return None if row is None else _personal_token(row)


def list_personal_tokens(tx: Connection, user: str) -> list[PersonalToken]:
    """The personal access tokens of a user that were not revoked, newest first."""
    where = (personal_tokens.c.user == user) & personal_tokens.c.revoked_at.is_(None)
    query = select(personal_tokens).where(where).order_by(personal_tokens.c.created_at.desc(), personal_tokens.c.id)
    return [_personal_token(row) for row in tx.execute(query)]


def revoke_personal_token(tx: Connection, user: str, token: str, now: datetime) -> bool:
    """Revoke a personal access token of a user; False where there is none."""
    where = (personal_tokens.c.id == token) & (personal_tokens.c.user == user) & personal_tokens.c.revoked_at.is_(None)
    return tx.execute(update(personal_tokens).where(where).values(revoked_at=now)).rowcount == 1


def save_setup_code(tx: Connection, digest: str, now: datetime) -> None:
    """Remember the code that opens the setup page, in the place of every older one."""
    tx.execute(delete(setup_codes))
    tx.execute(insert(setup_codes).values(digest=digest, made_at=now))


def burn_setup_code(tx: Connection, digest: str) -> bool:
    """Use the code of the setup page once; False where it is another."""
    return tx.execute(delete(setup_codes).where(setup_codes.c.digest == digest)).rowcount == 1


def burn_nonce(tx: Connection, nonce: str, now: datetime) -> bool:
    """Use a form's nonce once; only one caller is told True."""
    statement = upsert(tx, form_nonces).values(nonce=nonce, used_at=now).on_conflict_do_nothing()
    return tx.execute(statement).rowcount == 1


def _personal_token(row: Row[Any]) -> PersonalToken:
    return PersonalToken(row.id, row.user, row.name, frozenset(row.permissions), row.created_at, row.expires_at)
