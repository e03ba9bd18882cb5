"""What is remembered of custody: findings with their life, scores by the day, and when who was judged?"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, case, delete, exists, func, insert, or_, select, update

from keysteward.rules.custody.findings import SEVERITIES, Finding
from keysteward.rules.custody.lives import Life
from keysteward.rules.events import Event, shown
from keysteward.store.audit import entry_of
from keysteward.store.database import upsert
from keysteward.store.tables import (
    accounts,
    apps,
    custody_findings,
    custody_marks,
    custody_scores,
    events,
    organizations,
    seals,
)

NOBODY = "nobody"
_OPEN = custody_findings.c.fixed_at.is_(None)


class Unit(NamedTuple):
    """What is judged at once: an account, or what an organization has beside its accounts."""

    kind: str
    id: str


class Asked(NamedTuple):
    """Which findings somebody asks for, and which page of them; what is empty narrows nothing."""

    status: str = "open"
    severity: str = ""
    account: str = ""
    owner: str = ""
    page: int = 1
    most: int = 50


class Scored(NamedTuple):
    """An account with its newest score, and of how many keys that is."""

    id: str
    name: str
    score: int
    keys: int


_HISTORY = Unit("history", "")


# ── findings ────────────────────────────────────────────────────────────────────────────────────────────────────────
def list_open(tx: Connection, unit: Unit) -> list[Life]:
    """The findings of a unit that were not fixed."""
    return [_life(row) for row in tx.execute(select(custody_findings).where(_of(unit), _OPEN))]


def list_open_of_accounts(tx: Connection, ids: Collection[str]) -> list[Life]:
    """The findings of some accounts that were not fixed."""
    where = custody_findings.c.account.in_(ids) & _OPEN
    return [_life(row) for row in tx.execute(select(custody_findings).where(where))]


def list_open_above(tx: Connection, ids: Collection[str]) -> list[Life]:
    """What the organizations of some accounts have that was not fixed."""
    above = select(accounts.c.organization).where(accounts.c.id.in_(ids))
    where = custody_findings.c.organization.in_(above) & (custody_findings.c.account == "") & _OPEN
    return [_life(row) for row in tx.execute(select(custody_findings).where(where))]


def list_lives(tx: Connection, unit: Unit, most: int) -> list[Life]:
    """The findings of a unit, the newest first; fixed ones come last, so that no open one is among those left out."""
    c = custody_findings.c
    query = select(custody_findings).where(_of(unit)).order_by(c.fixed_at.is_not(None), c.found_at.desc(), c.id)
    return [_life(row) for row in tx.execute(query.limit(most))]


def list_everywhere(tx: Connection, severities: Iterable[str], most: int) -> list[Life]:
    """The open findings of all accounts and organizations, the newest first."""
    c = custody_findings.c
    query = select(custody_findings).where(_OPEN, c.severity.in_(severities)).order_by(c.found_at.desc(), c.id)
    return [_life(row) for row in tx.execute(query.limit(most))]


def list_page(tx: Connection, organization: str, asked: Asked, now: datetime) -> tuple[list[Life], int]:
    """A page of the findings of an organization and its accounts, the gravest first, and how many there are."""
    c, where = custody_findings.c, _asked_for(organization, asked, now)
    total = int(tx.execute(select(func.count()).select_from(custody_findings).where(where)).scalar_one())
    rank = case({severity: place for place, severity in enumerate(SEVERITIES)}, value=c.severity)
    query = select(custody_findings).where(where).order_by(rank, c.found_at, c.id)
    rows = tx.execute(query.limit(asked.most).offset(asked.most * (asked.page - 1)))
    return [_life(row) for row in rows], total


def count_open(tx: Connection, organization: str, now: datetime) -> dict[str, int]:
    """How many open findings of each severity an organization and its accounts have."""
    c, where = custody_findings.c, _asked_for(organization, Asked(status="open"), now)
    rows = tx.execute(select(c.severity, func.count()).where(where).group_by(c.severity))
    return {severity: int(count) for severity, count in rows}


def list_owners(tx: Connection, organization: str) -> list[str]:
    """Who sees to findings of an organization and its accounts."""
    c, where = custody_findings.c, _within(organization) & _OPEN & (custody_findings.c.owner != "")
    return list(tx.execute(select(c.owner).where(where).distinct().order_by(c.owner)).scalars())


def _asked_for(organization: str, asked: Asked, now: datetime) -> Any:  # noqa: ANN401 — a condition
    c = custody_findings.c
    where = _within(organization)
    is_accepted = c.accepted_until.is_not(None) & (c.accepted_until > now)
    if asked.status == "fixed":
        where &= c.fixed_at.is_not(None)
    elif asked.status == "accepted":
        where &= _OPEN & is_accepted
    else:
        where &= _OPEN & ~is_accepted
    if asked.severity:
        where &= c.severity == asked.severity
    if asked.account:
        where &= c.account == asked.account
    if asked.owner:
        where &= c.owner == ("" if asked.owner == NOBODY else asked.owner)
    return where


def _within(organization: str) -> Any:  # noqa: ANN401 — a condition
    c, linked = custody_findings.c, select(accounts.c.id).where(accounts.c.organization == organization)
    return ((c.organization == organization) & (c.account == "")) | c.account.in_(linked)


def names_of_keys(tx: Connection, keys: Collection[str]) -> dict[str, str]:
    """What some keys are called."""
    rows = tx.execute(select(apps.c.key, apps.c.name).where(apps.c.key.in_(keys)))
    return {row.key: row.name for row in rows}


def find_account_of(tx: Connection, key: str) -> str:
    """The account that manages a key; empty where there is no such key."""
    where = (apps.c.key == key) & apps.c.deleted_at.is_(None)
    return tx.execute(select(apps.c.account).where(where)).scalar_one_or_none() or ""


def find_organization_of(tx: Connection, account: str) -> str:
    """The organization of an account; empty where it belongs to none."""
    return tx.execute(select(accounts.c.organization).where(accounts.c.id == account)).scalar_one_or_none() or ""


def find(tx: Connection, unit: Unit, finding: str) -> Life | None:
    """One finding of a unit."""
    row = tx.execute(select(custody_findings).where(_of(unit), custody_findings.c.id == finding)).one_or_none()
    return None if row is None else _life(row)


def open_findings(tx: Connection, found: Iterable[tuple[str, Finding]], now: datetime) -> None:
    """Add findings, each with its id."""
    rows = [
        {
            "id": id_,
            "name": finding.name,
            "account": finding.account,
            "organization": "" if finding.account else finding.organization,
            "code": finding.code,
            **_said(finding),
            "found_at": now,
            "owner": "",
            "accepted_why": "",
            "accepted_by": "",
        }
        for id_, finding in found
    ]
    if rows:
        tx.execute(insert(custody_findings), rows)


def change(tx: Connection, id_: str, **values: object) -> None:
    """Change some columns of a finding."""
    tx.execute(update(custody_findings).where(custody_findings.c.id == id_).values(**values))


def forget_fixed(tx: Connection, before: datetime) -> None:
    """Forget findings that were fixed before a moment; the events about them stay."""
    tx.execute(delete(custody_findings).where(custody_findings.c.fixed_at < before))


def say_again(tx: Connection, id_: str, finding: Finding) -> None:
    """Keep what a finding says now."""
    change(tx, id_, **_said(finding))


def _said(finding: Finding) -> dict[str, Any]:
    return {
        "severity": finding.severity,
        "kind": finding.kind,
        "subject": finding.subject,
        "sentence": finding.sentence,
        "keys": list(finding.keys),
    }


def _of(unit: Unit) -> Any:  # noqa: ANN401 — a condition
    c = custody_findings.c
    if unit.kind == "account":
        return c.account == unit.id
    return (c.organization == unit.id) & (c.account == "")


def _life(row: Row[Any]) -> Life:
    return Life(
        id=row.id, name=row.name, account=row.account, organization=row.organization, code=row.code,
        severity=row.severity, kind=row.kind, subject=row.subject, sentence=row.sentence, keys=tuple(row.keys),
        found_at=row.found_at, fixed_at=row.fixed_at, owner=row.owner, accepted_until=row.accepted_until,
        accepted_why=row.accepted_why, accepted_by=row.accepted_by,
    )  # fmt: skip


# ── scores ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def save_scores(tx: Connection, kind: str, scores: Mapping[str, tuple[int, int]], day: str) -> None:
    """Keep scores of a day, each with of how many keys it is; a later one of the same day takes its place."""
    if not scores:
        return
    rows = [{"kind": kind, "id": id_, "day": day, "score": score, "keys": of} for id_, (score, of) in scores.items()]
    insertion = upsert(tx, custody_scores)
    new = {"score": insertion.excluded.score, "keys": insertion.excluded["keys"]}
    tx.execute(insertion.on_conflict_do_update(index_elements=["kind", "id", "day"], set_=new), rows)


def newest_scores(tx: Connection, ids: Collection[str]) -> dict[str, tuple[int, int]]:
    """The newest score of some accounts, each with of how many keys it is."""
    query = _newest("account", accounts.c.id, accounts).where(accounts.c.id.in_(ids))
    return {id_: (score, of) for id_, score, of in tx.execute(query)}


def newest_key_scores(tx: Connection, ids: Collection[str]) -> dict[str, int]:
    """The newest score of each key of some accounts that has one."""
    query = _newest("key", apps.c.key, apps).where(apps.c.account.in_(ids), apps.c.deleted_at.is_(None))
    return {key: score for key, score, _ in tx.execute(query)}


def newest_score(tx: Connection, unit: Unit) -> int | None:
    """The newest score of a unit."""
    c = custody_scores.c
    query = select(c.score).where((c.kind == unit.kind) & (c.id == unit.id)).order_by(c.day.desc()).limit(1)
    found: int | None = tx.execute(query).scalar_one_or_none()
    return found


def list_scored(tx: Connection, organization: str, most: int) -> list[Scored]:
    """The accounts of an organization that were judged, the lowest score first."""
    newest = _newest("account", accounts.c.id, accounts).add_columns(accounts.c.name)
    query = newest.where(accounts.c.organization == organization, custody_scores.c["keys"] > 0)
    rows = tx.execute(query.order_by(custody_scores.c.score, accounts.c.name).limit(most))
    return [Scored(id_, name, score, of) for id_, score, of, name in rows]


def count_scored(tx: Connection, organization: str) -> int:
    """How many of them there are."""
    newest = _newest("account", accounts.c.id, accounts)
    where = (accounts.c.organization == organization) & (custody_scores.c["keys"] > 0)
    return tx.execute(select(func.count()).select_from(newest.where(where).subquery())).scalar_one()


def mean_of_accounts(tx: Connection, organization: str) -> tuple[int, int] | None:
    """The mean of the keys of an organization's accounts, and how many keys these are; None where there are none."""
    newest = _newest("account", accounts.c.id, accounts).where(accounts.c.organization == organization).subquery()
    points, of = tx.execute(select(func.sum(newest.c.score * newest.c["keys"]), func.sum(newest.c["keys"]))).one()
    return (int(points) // int(of), int(of)) if of else None


def _newest(kind: str, id_: Any, table: Any) -> Any:  # noqa: ANN401 — a column, its table, and a select of it
    """The newest row of each thing of a table; one seek for each, however many days are kept."""
    later = custody_scores.alias()
    last = (
        select(later.c.day)
        .where(later.c.kind == kind, later.c.id == id_)
        .order_by(later.c.day.desc())
        .limit(1)
        .correlate(table)
        .scalar_subquery()
    )
    c = custody_scores.c
    joined = table.join(custody_scores, (c.kind == kind) & (c.id == id_) & (c.day == last))
    return select(c.id, c.score, c["keys"]).select_from(joined)


def list_scores(tx: Connection, unit: Unit, since: str) -> list[tuple[str, int]]:
    """The days on which a unit's score changed, from a day on, the oldest first; before them the one it had then."""
    c = custody_scores.c
    query = select(c.day, c.score).where((c.kind == unit.kind) & (c.id == unit.id))
    before = tx.execute(query.where(c.day < since).order_by(c.day.desc()).limit(1)).one_or_none()
    found = [(row.day, row.score) for row in tx.execute(query.where(c.day >= since).order_by(c.day))]
    had = [(since, before.score)] if before is not None and since not in dict(found) else []
    return had + found


def list_key_scores(tx: Connection, account: str, since: str) -> dict[str, list[tuple[str, int]]]:
    """Likewise for each key of an account, from a day on."""
    c, found = custody_scores.c, defaultdict[str, list[tuple[str, int]]](list)
    own = select(apps.c.key).where(apps.c.account == account, apps.c.deleted_at.is_(None))
    where = (c.kind == "key") & c.id.in_(own) & (c.day >= since)
    for row in tx.execute(select(c.id, c.day, c.score).where(where).order_by(c.id, c.day)):
        found[row.id].append((row.day, row.score))
    return found


# ── what is to be judged ────────────────────────────────────────────────────────────────────────────────────────────
def list_due(tx: Connection, before: datetime, most: int) -> list[Unit]:
    """Organizations, then accounts with keys or open findings, that were not judged since a moment."""
    query = _due("organization", organizations, before)
    due = [Unit("organization", each) for each in tx.execute(query.limit(most)).scalars()]
    managing = exists().where(apps.c.account == accounts.c.id, apps.c.deleted_at.is_(None))
    spoilt = exists().where(custody_findings.c.account == accounts.c.id, _OPEN)
    query = _due("account", accounts, before).where(managing | spoilt)
    return due + [Unit("account", each) for each in tx.execute(query.limit(most - len(due))).scalars()]


def _due(kind: str, table: Any, before: datetime) -> Any:  # noqa: ANN401 — a table and a select of it
    marked = (custody_marks.c.kind == kind) & (custody_marks.c.id == table.c.id)
    late = or_(custody_marks.c.at.is_(None), custody_marks.c.at <= before)
    longest = custody_marks.c.at.asc().nulls_first()
    return select(table.c.id).outerjoin(custody_marks, marked).where(late).order_by(longest, table.c.id)


def mark(tx: Connection, units: Iterable[Unit], now: datetime, position: int = 0) -> None:
    """Note that units were judged, or the history read up to a position."""
    rows = [{"kind": unit.kind, "id": unit.id, "at": now, "position": position} for unit in units]
    insertion = upsert(tx, custody_marks)
    new = {"at": insertion.excluded.at, "position": insertion.excluded.position}
    if rows:
        tx.execute(insertion.on_conflict_do_update(index_elements=["kind", "id"], set_=new), rows)


def forget_marks(tx: Connection) -> None:
    """Let everything be due, as if nothing was ever judged."""
    tx.execute(delete(custody_marks).where(custody_marks.c.kind != _HISTORY.kind))


def find_mark(tx: Connection) -> int | None:
    """How far the history was read; None where nobody began."""
    where = (custody_marks.c.kind == _HISTORY.kind) & (custody_marks.c.id == _HISTORY.id)
    position: int | None = tx.execute(select(custody_marks.c.position).where(where)).scalar_one_or_none()
    return position


def mark_history(tx: Connection, now: datetime, position: int) -> None:
    """Note how far the history was read."""
    mark(tx, [_HISTORY], now, position)


def newest_position(tx: Connection) -> int:
    """The position of the newest event that has one."""
    return tx.execute(select(seals.c.position).order_by(seals.c.position.desc()).limit(1)).scalar() or 0


def list_events_behind(tx: Connection, position: int, most: int) -> list[tuple[int, Event]]:
    """The events behind a position, in the order in which they were committed."""
    query = select(seals.c.position, events).join(events, events.c.sequence == seals.c.event)
    rows = tx.execute(query.where(seals.c.position > position).order_by(seals.c.position).limit(most))
    return [(row.position, shown(entry_of(row))) for row in rows]
