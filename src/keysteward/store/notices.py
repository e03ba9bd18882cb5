"""Which notices are there, who was told of which, and which mails does somebody not want?

A notice with an occasion is written once, whoever tries: the unique column says so.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Text,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
    type_coerce,
    update,
)

from keysteward.rules.listing import Part
from keysteward.rules.listing import Wanted as Listed
from keysteward.rules.notice_kinds import NoticeKind
from keysteward.rules.notices import Notice
from keysteward.store.database import upsert
from keysteward.store.listing import read_part
from keysteward.store.tables import apps, muted_notices, notice_receipts, notices


class Scope(NamedTuple):
    """What somebody may see: their own notices, and those of the accounts and organizations they administer now."""

    user: str
    accounts: tuple[str, ...] = ()
    organizations: tuple[str, ...] = ()


class Receipt(NamedTuple):
    """That somebody was told, as an admin of an account or of an organization; of neither: for themselves."""

    user: str
    account: str = ""
    organization: str = ""


class Received(NamedTuple):
    """A notice in somebody's inbox."""

    notice: Notice
    read_at: datetime | None


class Wanted(NamedTuple):
    """Which notices of an inbox are asked for: of one kind, of one key, unread only; an empty text asks for all."""

    kind: str = ""
    key: str = ""
    unread: bool = False


# ── telling ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def save(tx: Connection, notice: Notice) -> bool:
    """Write a notice; False where its occasion was told before."""
    values = {
        "id": notice.id,
        "kind": notice.kind,
        "account": notice.account,
        "organization": notice.organization,
        "key": notice.key,
        "user": notice.user,
        "at": notice.at,
        "facts": dict(notice.facts),
        "occasion": notice.occasion or None,
    }
    return tx.execute(upsert(tx, notices).values(values).on_conflict_do_nothing()).rowcount == 1


def save_receipts(tx: Connection, notice: Notice, receipts: Iterable[Receipt]) -> None:
    """Put a notice into inboxes."""
    rows = [each._asdict() | {"notice": notice.id, "at": notice.at} for each in receipts]
    if rows:
        tx.execute(insert(notice_receipts), rows)


def was_told(tx: Connection, occasion: str) -> bool:
    """Whether an occasion was told before."""
    return tx.execute(select(notices.c.id).where(notices.c.occasion == occasion)).first() is not None


# ── handing over to webhooks ────────────────────────────────────────────────────────────────────────────────────────
def list_waiting(tx: Connection, most: int) -> list[Notice]:
    """The notices that nobody made webhooks of yet, the oldest first; one that is committed late is no later missed."""
    query = select(notices).where(notices.c.handed_over_at.is_(None)).order_by(notices.c.at, notices.c.id).limit(most)
    return [_notice(row) for row in tx.execute(query)]


def hand_over(tx: Connection, notice: str, now: datetime) -> bool:
    """Take a notice to make webhooks of it, in the same transaction; only one caller is told True."""
    where = (notices.c.id == notice) & notices.c.handed_over_at.is_(None)
    return tx.execute(update(notices).where(where).values(handed_over_at=now)).rowcount == 1


# ── an inbox ────────────────────────────────────────────────────────────────────────────────────────────────────────
def list_received(tx: Connection, scope: Scope, wanted: Wanted, most: int, skipped: int = 0) -> list[Received]:
    """What stands in an inbox: unread first, then the newest."""
    receipts = notice_receipts.c
    query = (
        select(notices, receipts.read_at)
        .join(notice_receipts, receipts.notice == notices.c.id)
        .where(_seen(scope), *_asked(wanted))
        .order_by(receipts.read_at.is_not(None), notices.c.at.desc(), notices.c.id)
        .limit(most)
        .offset(skipped)
    )
    return [Received(_notice(row), row.read_at) for row in tx.execute(query)]


def list_part(tx: Connection, scope: Scope, wanted: Listed) -> Part[Received]:
    """A page of an inbox: unread first, then the newest. Filters: `kind`, `key` and `unread`, which is yes."""
    receipts = notice_receipts.c
    asked = Wanted(wanted.choice("kind"), wanted.choice("key"), wanted.choice("unread") == "yes")
    query = (
        select(notices, receipts.read_at)
        .join(notice_receipts, receipts.notice == notices.c.id)
        .where(_seen(scope), *_asked(asked))
        .order_by(receipts.read_at.is_not(None), notices.c.at.desc(), notices.c.id)
    )
    if wanted.words:
        query = query.where(type_coerce(notices.c.facts, Text).icontains(wanted.words, autoescape=True))
    part = read_part(tx, query, wanted, {"at": notices.c.at, "kind": notices.c.kind}, notices.c.id)
    return Part([Received(_notice(row), row.read_at) for row in part.rows], part.total, part.page)


def count_unread(tx: Connection, scope: Scope, most: int) -> int:
    """How many notices of an inbox are unread; no more than that are counted."""
    unread = select(notice_receipts.c.notice).where(_seen(scope), notice_receipts.c.read_at.is_(None)).limit(most)
    return tx.execute(select(func.count()).select_from(unread.subquery())).scalar_one()


def list_keys(tx: Connection, scope: Scope) -> list[tuple[str, str]]:
    """The keys that notices of an inbox are about, each with its name."""
    about = select(notices.c.key).join(notice_receipts, notice_receipts.c.notice == notices.c.id).where(_seen(scope))
    query = select(apps.c.key, apps.c.name).where(apps.c.key.in_(about)).order_by(apps.c.name, apps.c.key)
    return [(row.key, row.name) for row in tx.execute(query)]


def find_received(tx: Connection, scope: Scope, notice: str) -> Received | None:
    """One notice of an inbox."""
    query = select(notices, notice_receipts.c.read_at).join(notice_receipts, notice_receipts.c.notice == notices.c.id)
    row = tx.execute(query.where(_seen(scope), notices.c.id == notice)).one_or_none()
    return None if row is None else Received(_notice(row), row.read_at)


def mark_read(tx: Connection, scope: Scope, now: datetime, notice: str = "") -> int:
    """Mark a notice of an inbox as read, or all of them; return how many were unread."""
    where = _seen(scope) & notice_receipts.c.read_at.is_(None)
    if notice:
        where &= notice_receipts.c.notice == notice
    return tx.execute(update(notice_receipts).where(where).values(read_at=now)).rowcount


# ── wishes ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def mute(tx: Connection, user: str, kinds: Collection[NoticeKind]) -> None:
    """Say of which kinds somebody wants no mails, in the place of what they said before."""
    tx.execute(delete(muted_notices).where(muted_notices.c.user == user))
    if kinds:
        tx.execute(insert(muted_notices), [{"user": user, "kind": kind} for kind in sorted(kinds)])


def list_muted(tx: Connection, user: str) -> set[str]:
    """The kinds of which somebody wants no mails."""
    return set(tx.execute(select(muted_notices.c.kind).where(muted_notices.c.user == user)).scalars())


def list_muters(tx: Connection, kind: NoticeKind, users: Collection[str]) -> set[str]:
    """Who of some users wants no mails of a kind."""
    where = (muted_notices.c.kind == kind) & muted_notices.c.user.in_(users)
    return set(tx.execute(select(muted_notices.c.user).where(where)).scalars())


# ── forgetting ──────────────────────────────────────────────────────────────────────────────────────────────────────
def forget(tx: Connection, before: datetime) -> None:
    """Forget the notices of before a moment."""
    old = select(notices.c.id).where(notices.c.at < before)
    tx.execute(delete(notice_receipts).where(notice_receipts.c.notice.in_(old)))
    tx.execute(delete(notices).where(notices.c.at < before))


def forget_person(tx: Connection, user: str) -> None:
    """Empty somebody's inbox, and forget what was told them alone and which mails they did not want."""
    own = select(notices.c.id).where(notices.c.user == user)
    tx.execute(delete(notice_receipts).where((notice_receipts.c.user == user) | notice_receipts.c.notice.in_(own)))
    tx.execute(delete(notices).where(notices.c.user == user))
    tx.execute(delete(muted_notices).where(muted_notices.c.user == user))


def list_saying(tx: Connection, words: str) -> list[Notice]:
    """The notices whose facts hold some words, whatever their letter case."""
    said = type_coerce(notices.c.facts, Text)
    return [_notice(row) for row in tx.execute(select(notices).where(said.icontains(words, autoescape=True)))]


def change_facts(tx: Connection, notice: str, facts: Mapping[str, str]) -> None:
    """Let a notice say something else."""
    tx.execute(update(notices).where(notices.c.id == notice).values(facts=dict(facts)))


def _seen(scope: Scope) -> ColumnElement[bool]:
    """Which receipts somebody may see: as long as they are an admin of what they were told of, and their own."""
    receipts = notice_receipts.c
    own = and_(receipts.account == "", receipts.organization == "")
    as_admin = or_(receipts.account.in_(scope.accounts), receipts.organization.in_(scope.organizations))
    return and_(receipts.user == scope.user, or_(own, as_admin))


def _asked(wanted: Wanted) -> list[ColumnElement[bool]]:
    asked: list[ColumnElement[bool]] = []
    if wanted.kind:
        asked.append(notices.c.kind == wanted.kind)
    if wanted.key:
        asked.append(notices.c.key == wanted.key)
    if wanted.unread:
        asked.append(notice_receipts.c.read_at.is_(None))
    return asked


def _notice(row: Row[Any]) -> Notice:
    return Notice(
        row.id, row.kind, row.account, row.organization, row.key, row.at, row.facts, row.user, row.occasion or ""
    )
