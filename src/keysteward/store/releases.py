"""What is remembered of requests for sealed credentials?

A unique index lets one of a credential be under way; every step is decided by the row that it changes, or not.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, or_, select, update

from keysteward.rules.sealed_credentials import Ending, Release
from keysteward.rules.transfers import Act
from keysteward.store.database import upsert
from keysteward.store.tables import credential_releases

_C = credential_releases.c
_OPEN = _C.ended_at.is_(None)


def save(tx: Connection, release: Release) -> bool:
    """Add a request; False where one for the same credential is under way."""
    values = {
        "id": release.id,
        "credential": release.credential,
        "account": release.account,
        "key": release.key,
        "kind": release.kind,
        "hint": release.hint,
        "reason": release.reason,
        "approvers": list(release.approvers),
        "organization": release.organization,
        "asked_by": release.asked.by,
        "asked_by_email": release.asked.email,
        "asked_at": release.asked.at,
        "expires_at": release.expires_at,
        "approved_by_email": "",
        "ended_by": "",
        "ended_by_email": "",
        "ending_reason": "",
    }
    return tx.execute(upsert(tx, credential_releases).values(values).on_conflict_do_nothing()).rowcount == 1


def find(tx: Connection, release: str) -> Release | None:
    """A request by its id."""
    row = tx.execute(select(credential_releases).where(_C.id == release)).one_or_none()
    return None if row is None else _release(row)


def find_pending(tx: Connection, credential: str) -> Release | None:
    """The request for a credential that nobody has ended, one whose time is up included."""
    row = tx.execute(select(credential_releases).where((_C.credential == credential) & _OPEN)).one_or_none()
    return None if row is None else _release(row)


def list_pending(tx: Connection, account: str) -> list[Release]:
    """Likewise those of an account, the newest first."""
    return _found(tx, (_C.account == account) & _OPEN, None)


def list_of(tx: Connection, accounts: list[str], organizations: list[str], most: int) -> list[Release]:
    """The requests of some accounts, or put to some organizations, the newest first."""
    where = or_(_C.account.in_(accounts), _C.organization.in_(organizations))
    return _found(tx, where, most)


def list_overdue(tx: Connection, now: datetime) -> list[Release]:
    """The requests whose time is up and that nobody has ended."""
    return _found(tx, _OPEN & (_C.expires_at <= now), None)


def approve(tx: Connection, release: str, act: Act, until: datetime) -> bool:
    """Note the second admin's word; only one caller is told True, and none after the time is up."""
    where = (_C.id == release) & _OPEN & _C.approved_at.is_(None) & (_C.expires_at > act.at)
    said = {"approved_by": act.by, "approved_by_email": act.email, "approved_at": act.at, "expires_at": until}
    return tx.execute(update(credential_releases).where(where).values(**said)).rowcount == 1


def take(tx: Connection, release: str, act: Act) -> bool:
    """Burn what was approved, for its one download; only one caller is told True."""
    is_approved = _C.approved_at.is_not(None) & (_C.expires_at > act.at)
    return _end(tx, (_C.id == release) & is_approved, Ending("downloaded", act, ""))


def end(tx: Connection, release: str, ending: Ending) -> bool:
    """End a request; only one caller is told True."""
    return _end(tx, _C.id == release, ending)


def expire(tx: Connection, release: str, act: Act) -> bool:
    """End a request whose time is up; only one caller is told True."""
    return _end(tx, (_C.id == release) & (_C.expires_at <= act.at), Ending("expired", act, ""))


def _end(tx: Connection, where: ColumnElement[bool], ending: Ending) -> bool:
    act = ending.act
    values = {
        "ending": ending.end,
        "ended_at": act.at,
        "ended_by": act.by,
        "ended_by_email": act.email,
        "ending_reason": ending.reason,
    }
    return tx.execute(update(credential_releases).where(where & _OPEN).values(**values)).rowcount == 1


def _found(tx: Connection, where: ColumnElement[bool], most: int | None) -> list[Release]:
    query = select(credential_releases).where(where).order_by(_C.asked_at.desc(), _C.id).limit(most)
    return [_release(row) for row in tx.execute(query)]


def _release(row: Row[Any]) -> Release:
    approved = Act(row.approved_by, row.approved_by_email, row.approved_at) if row.approved_at is not None else None
    ended = Act(row.ended_by, row.ended_by_email, row.ended_at) if row.ended_at is not None else None
    return Release(
        id=row.id,
        credential=row.credential,
        account=row.account,
        key=row.key,
        kind=row.kind,
        hint=row.hint,
        reason=row.reason,
        approvers=tuple(row.approvers),
        organization=row.organization,
        asked=Act(row.asked_by, row.asked_by_email, row.asked_at),
        expires_at=row.expires_at,
        approved=approved,
        ending=Ending(row.ending, ended, row.ending_reason) if ended is not None else None,
    )
