"""What is remembered of sign-ins, sessions and personal access tokens?"""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from keysteward.store.database import upsert
from keysteward.store.tables import (
    form_nonces,
    known_sources,
    personal_tokens,
    second_steps,
    sessions,
    setup_codes,
    sign_in_failures,
)


class Session(NamedTuple):
    """A browser that somebody signed in with, the account it looks at, and where it is.

    `signed_in_at` is when its user last proved who they are, `seen_at` a moment at most minutes before they last came.
    """

    id: str
    user: str
    account: str | None
    began_at: datetime
    signed_in_at: datetime
    seen_at: datetime
    expires_at: datetime
    address: str
    agent: str


class SecondStep(NamedTuple):
    """A sign-in whose password was right, and that waits for a second factor."""

    user: str
    tries: int
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
    return None if row is None else _session(row)


def list_sessions(tx: Connection, user: str, now: datetime) -> list[Session]:
    """The sessions of a user that have not expired, the one that was seen last first."""
    where = (sessions.c.user == user) & (sessions.c.expires_at > now)
    query = select(sessions).where(where).order_by(sessions.c.seen_at.desc(), sessions.c.id)
    return [_session(row) for row in tx.execute(query)]


def change_session(tx: Connection, session: str, **values: object) -> bool:
    """Change some columns of a session, by its id; False where it is over."""
    return tx.execute(update(sessions).where(sessions.c.id == session).values(**values)).rowcount == 1


def choose_account(tx: Connection, digest: str, account: str) -> None:
    """Let a session look at another account."""
    tx.execute(update(sessions).where(sessions.c.digest == digest).values(account=account))


def end_session(tx: Connection, digest: str) -> bool:
    """Forget a session."""
    return tx.execute(delete(sessions).where(sessions.c.digest == digest)).rowcount == 1


def end_sessions(tx: Connection, user: str, *, only: str | None = None, but: str | None = None) -> int:
    """Forget a user's sessions, or one of them, or all but one, by their ids; return how many there were."""
    where = sessions.c.user == user
    if only is not None:
        where &= sessions.c.id == only
    if but is not None:
        where &= sessions.c.id != but
    return tx.execute(delete(sessions).where(where)).rowcount


def forget_expired(tx: Connection, before: datetime) -> None:
    """Forget sessions that ended, form nonces that were used and steps that nobody took before a moment."""
    tx.execute(delete(sessions).where(sessions.c.expires_at < before))
    tx.execute(delete(form_nonces).where(form_nonces.c.used_at < before))
    tx.execute(delete(second_steps).where(second_steps.c.expires_at < before))


# ── guesses ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def save_failure(tx: Connection, email: str, source: str, now: datetime, since: datetime) -> None:
    """Remember a failed attempt for an address, known or not, and forget those before the window."""
    tx.execute(insert(sign_in_failures).values(email_folded=_folded(email), source=source, at=now))
    tx.execute(delete(sign_in_failures).where(sign_in_failures.c.at < since))


def count_failures(tx: Connection, since: datetime, *, email: str | None = None, source: str | None = None) -> int:
    """How often sign-in failed for an address, from a source, or both."""
    where = sign_in_failures.c.at >= since
    if email is not None:
        where &= sign_in_failures.c.email_folded == _folded(email)
    if source is not None:
        where &= sign_in_failures.c.source == source
    return tx.execute(select(func.count()).select_from(sign_in_failures).where(where)).scalar_one()


def save_known_source(tx: Connection, user: str, source: str, now: datetime) -> None:
    """Remember that a user signed in from a source."""
    statement = upsert(tx, known_sources).values(user=user, source=source, seen_at=now)
    tx.execute(statement.on_conflict_do_update(index_elements=["user", "source"], set_={"seen_at": now}))


def is_known_source(tx: Connection, user: str, source: str, since: datetime) -> bool:
    """Whether a user signed in from a source since a moment."""
    known = known_sources.c
    where = (known.user == user) & (known.source == source) & (known.seen_at >= since)
    return tx.execute(select(known.source).where(where)).first() is not None


def forget_known_sources(tx: Connection, before: datetime) -> None:
    """Forget sources that nobody signed in from since a moment."""
    tx.execute(delete(known_sources).where(known_sources.c.seen_at < before))


# ── the second step ─────────────────────────────────────────────────────────────────────────────────────────────────
def save_second_step(tx: Connection, digest: str, step: SecondStep) -> None:
    """Remember a sign-in whose second step is to come."""
    tx.execute(insert(second_steps).values(digest=digest, **step._asdict()))


def find_second_step(tx: Connection, digest: str) -> SecondStep | None:
    """A sign-in whose second step is to come."""
    row = tx.execute(select(second_steps).where(second_steps.c.digest == digest)).one_or_none()
    return None if row is None else SecondStep(row.user, row.tries, row.expires_at)


def count_try(tx: Connection, digest: str, most: int) -> bool:
    """Count one more try at a second step; False where it has had them all, or is over."""
    where = (second_steps.c.digest == digest) & (second_steps.c.tries < most)
    return tx.execute(update(second_steps).where(where).values(tries=second_steps.c.tries + 1)).rowcount == 1


def burn_second_step(tx: Connection, digest: str) -> bool:
    """Use a second step once."""
    return tx.execute(delete(second_steps).where(second_steps.c.digest == digest)).rowcount == 1


def forget_second_steps(tx: Connection, user: str) -> None:
    """End the sign-ins of a user that wait for their second step."""
    tx.execute(delete(second_steps).where(second_steps.c.user == user))


# ── personal access tokens ──────────────────────────────────────────────────────────────────────────────────────────
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


def revoke_personal_tokens(tx: Connection, user: str, now: datetime) -> int:
    """Revoke every personal access token of a user; return how many there were."""
    where = (personal_tokens.c.user == user) & personal_tokens.c.revoked_at.is_(None)
    return tx.execute(update(personal_tokens).where(where).values(revoked_at=now)).rowcount


def last_signed_in(tx: Connection, user: str) -> datetime | None:
    """When a user last signed in from anywhere that is still remembered."""
    query = select(func.max(known_sources.c.seen_at)).where(known_sources.c.user == user)
    found: datetime | None = tx.execute(query).scalar()
    return found


# ── what is used once ───────────────────────────────────────────────────────────────────────────────────────────────
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


def _folded(email: str) -> str:
    return email.casefold()[:320]


def _session(row: Row[Any]) -> Session:
    kept: tuple[Any, ...] = tuple(row)
    return Session._make(kept[1:])  # its digest stays here


def _personal_token(row: Row[Any]) -> PersonalToken:
    return PersonalToken(row.id, row.user, row.name, frozenset(row.permissions), row.created_at, row.expires_at)
