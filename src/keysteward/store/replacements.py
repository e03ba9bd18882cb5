"""What is remembered of the keys that replace others, of proofs, and of keys that retire?

A retirement is one row; a unique index lets one of a key be under way, or in force, at most.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, func, insert, select, update

from keysteward.rules.replacements import Ended, Replacement, Retirement
from keysteward.rules.transfers import Act
from keysteward.rules.usage import USERINFO, Asker
from keysteward.store.database import upsert
from keysteward.store.tables import (
    Instant,
    apps,
    families,
    predecessor_proofs,
    predecessors,
    refresh_tokens,
    retirements,
    token_uses,
)

RETIRED = select(retirements.c.key).where(retirements.c.retired_at.is_not(None), retirements.c.ended_at.is_(None))
"""The keys that are retired and can come back."""


class Still(NamedTuple):
    """A program that still gets tokens with a key: how many of late, and when the last one."""

    asker: Asker
    tokens: int
    last_at: datetime


# ── what new keys say ───────────────────────────────────────────────────────────────────────────────────────────────
def save(tx: Connection, replacement: Replacement) -> None:
    """Note which key a new one replaces."""
    values = {
        "key": replacement.key,
        "predecessor": replacement.predecessor,
        "remark": replacement.remark,
        "named_by": replacement.named_by,
        "named_at": replacement.named_at,
    }
    tx.execute(insert(predecessors).values(**values))


def find(tx: Connection, key: str) -> Replacement | None:
    """Which key this one replaces."""
    row = tx.execute(select(predecessors).where(predecessors.c.key == key)).one_or_none()
    return None if row is None else Replacement(*row)


def list_of(tx: Connection, accounts: Iterable[str], user: str, most: int) -> list[Replacement]:
    """The replacements by and of keys of some accounts, and those of which a user proved a credential, newest first."""
    own = select(apps.c.key).where(apps.c.account.in_(list(accounts)))
    proven = select(predecessor_proofs.c.key).where(predecessor_proofs.c.user == user)
    where = predecessors.c.key.in_(own) | predecessors.c.predecessor.in_(own) | predecessors.c.key.in_(proven)
    query = select(predecessors).where(where).order_by(predecessors.c.named_at.desc(), predecessors.c.key).limit(most)
    return [Replacement(*row) for row in tx.execute(query)]


def list_successors(tx: Connection, predecessor: str) -> list[Replacement]:
    """The keys that say they replace this one, the newest first."""
    query = select(predecessors).where(predecessors.c.predecessor == predecessor)
    return [Replacement(*row) for row in tx.execute(query.order_by(predecessors.c.named_at.desc(), predecessors.c.key))]


# ── who proved a credential ─────────────────────────────────────────────────────────────────────────────────────────
def save_proof(tx: Connection, key: str, user: str, credential: str, now: datetime) -> None:
    """Note that somebody proved a credential of the key that `key` replaces."""
    row = upsert(tx, predecessor_proofs).values(key=key, user=user, credential=credential, at=now)
    tx.execute(row.on_conflict_do_nothing())


def list_proofs(tx: Connection, key: str, user: str) -> list[str]:
    """The credentials that somebody proved, by their ids."""
    c = predecessor_proofs.c
    return list(tx.execute(select(c.credential).where((c.key == key) & (c.user == user))).scalars())


# ── what still uses a key ───────────────────────────────────────────────────────────────────────────────────────────
def count_refresh_tokens(tx: Connection, key: str, least_epoch: int, now: datetime) -> tuple[int, datetime | None]:
    """How many refresh tokens of a key somebody could still come with, and until when the last of them is good."""
    alive = (families.c.key == key) & families.c.died_at.is_(None) & (families.c.epoch >= least_epoch)
    good = refresh_tokens.c.used_at.is_(None) & (refresh_tokens.c.expires_at > now)
    query = select(func.count(), func.max(refresh_tokens.c.expires_at, type_=Instant))
    joined = query.select_from(refresh_tokens).join(families, families.c.id == refresh_tokens.c.family)
    count, until = tx.execute(joined.where(alive & good)).one()
    return int(count), until


def list_still(tx: Connection, key: str, since: datetime, most: int) -> list[Still]:
    """The programs that got tokens with a key since a moment, the latest first."""
    c = token_uses.c
    told_apart = (c.address, c.agent, c.sdk)
    last_at = func.max(c.last_at, type_=Instant)
    where = (c.key == key) & (c.last_at >= since) & (c.grant != USERINFO)
    query = select(*told_apart, func.sum(c.tokens), last_at).where(where).group_by(*told_apart)
    rows = tx.execute(query.order_by(last_at.desc(), *told_apart).limit(most))
    return [Still(Asker(address, agent, sdk), int(tokens), at) for address, agent, sdk, tokens, at in rows]


# ── retirements ─────────────────────────────────────────────────────────────────────────────────────────────────────
def save_retirement(tx: Connection, retirement: Retirement) -> bool:
    """Add a retirement; False where one of its key is under way or in force."""
    values = {
        "id": retirement.id,
        "key": retirement.key,
        "successor": retirement.successor,
        "hand": retirement.hand,
        "asked_by": retirement.asked.by,
        "asked_by_email": retirement.asked.email,
        "asked_at": retirement.asked.at,
        "reason": retirement.reason,
        "retired_at": retirement.retired_at,
        "was_stopped": retirement.was_stopped,
        "waits_until": retirement.waits_until,
        "expires_at": retirement.expires_at,
        "organization": retirement.organization,
        "requester": retirement.requester,
        "needs_second": retirement.needs_second,
        "approved_by": "",
        "approved_by_email": "",
        "ended_by": "",
        "ended_by_email": "",
        "ended_why": "",
    }
    return tx.execute(upsert(tx, retirements).values(values).on_conflict_do_nothing()).rowcount == 1


def find_retirement(tx: Connection, key: str) -> Retirement | None:
    """The retirement of a key that is under way or in force, or else the one that ended last."""
    query = select(retirements).where(retirements.c.key == key)
    newest = query.order_by(retirements.c.ended_at.is_(None).desc(), retirements.c.ended_at.desc(), retirements.c.id)
    row = tx.execute(newest.limit(1)).one_or_none()
    return None if row is None else _retirement(row)


def list_retirements_under_way(tx: Connection) -> list[Retirement]:
    """Every retirement that nobody ended, those in force included."""
    query = select(retirements).where(retirements.c.ended_at.is_(None)).order_by(retirements.c.asked_at)
    return [_retirement(row) for row in tx.execute(query)]


def is_retired(tx: Connection, key: str) -> bool:
    """Whether a key is retired now, for a while or for good."""
    where = (retirements.c.key == key) & retirements.c.retired_at.is_not(None)
    for_good = retirements.c.ending == "final"
    query = select(retirements.c.id).where(where & (retirements.c.ended_at.is_(None) | for_good))
    return tx.execute(query).first() is not None


def is_retired_for_good(tx: Connection, key: str) -> bool:
    """Whether a key is gone for good."""
    where = (retirements.c.key == key) & (retirements.c.ending == "final")
    return tx.execute(select(retirements.c.id).where(where)).first() is not None


def note_approval(tx: Connection, retirement: str, act: Act) -> None:
    """Note the word of a second organization admin; a later one takes the place of what counts no more."""
    values = {"approved_by": act.by, "approved_by_email": act.email, "approved_at": act.at}
    tx.execute(update(retirements).where(retirements.c.id == retirement).values(**values))


def take_effect(tx: Connection, retirement: str, now: datetime, *, was_stopped: bool) -> bool:
    """Let a retirement that waited be in force; only one caller is told True."""
    where = _under_way(retirement) & retirements.c.retired_at.is_(None)
    values = {"retired_at": now, "was_stopped": was_stopped}
    return tx.execute(update(retirements).where(where).values(**values)).rowcount == 1


def end_retirement(tx: Connection, retirement: str, ended: Ended) -> bool:
    """End a retirement; only one caller is told True."""
    values = {
        "ended_at": ended.act.at,
        "ending": ended.end,
        "ended_by": ended.act.by,
        "ended_by_email": ended.act.email,
        "ended_why": ended.reason,
    }
    return tx.execute(update(retirements).where(_under_way(retirement)).values(**values)).rowcount == 1


def _under_way(retirement: str) -> ColumnElement[bool]:
    return (retirements.c.id == retirement) & retirements.c.ended_at.is_(None)


def _retirement(row: Row[Any]) -> Retirement:
    approved = None if row.approved_at is None else Act(row.approved_by, row.approved_by_email, row.approved_at)
    ended = None
    if row.ended_at is not None:
        ended = Ended(row.ending, Act(row.ended_by, row.ended_by_email, row.ended_at), row.ended_why)
    return Retirement(
        id=row.id,
        key=row.key,
        successor=row.successor,
        hand=row.hand,
        asked=Act(row.asked_by, row.asked_by_email, row.asked_at),
        reason=row.reason,
        retired_at=row.retired_at,
        was_stopped=row.was_stopped,
        waits_until=row.waits_until,
        expires_at=row.expires_at,
        organization=row.organization,
        requester=row.requester,
        needs_second=row.needs_second,
        approved=approved,
        ended=ended,
    )
