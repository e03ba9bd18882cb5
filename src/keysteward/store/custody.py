"""What is remembered of custody: findings with their life, scores by the day, and when who was judged?"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, insert, or_, select, update

from keysteward.rules.custody.findings import Finding
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
    domains,
    events,
    memberships,
    organizations,
    seals,
)

_HISTORY, _OPEN = ("history", ""), custody_findings.c.fixed_at.is_(None)


class Unit(NamedTuple):
    """What is judged at once: an account, or what an organization has beside its accounts."""

    kind: str
    id: str


# ── findings ────────────────────────────────────────────────────────────────────────────────────────────────────────
def list_open(tx: Connection, unit: Unit) -> list[Life]:
    """The findings of a unit that were not fixed."""
    return [_life(row) for row in tx.execute(select(custody_findings).where(_of(unit), _OPEN))]


def list_lives(tx: Connection, unit: Unit, most: int) -> list[Life]:
    """The findings of a unit, fixed ones too, the newest first."""
    query = (
        select(custody_findings).where(_of(unit)).order_by(custody_findings.c.found_at.desc(), custody_findings.c.id)
    )
    return [_life(row) for row in tx.execute(query.limit(most))]


def list_everywhere(tx: Connection, severities: Iterable[str], most: int) -> list[Life]:
    """The open findings of all accounts and organizations, the newest first."""
    c = custody_findings.c
    query = select(custody_findings).where(_OPEN, c.severity.in_(severities)).order_by(c.found_at.desc(), c.id)
    return [_life(row) for row in tx.execute(query.limit(most))]


def find(tx: Connection, unit: Unit, finding: str) -> Life | None:
    """One finding of a unit."""
    row = tx.execute(select(custody_findings).where(_of(unit), custody_findings.c.id == finding)).one_or_none()
    return None if row is None else _life(row)


def open_finding(tx: Connection, id_: str, finding: Finding, now: datetime) -> None:
    """Add a finding."""
    tx.execute(
        insert(custody_findings).values(
            id=id_,
            name=finding.name,
            account=finding.account,
            organization="" if finding.account else finding.organization,
            code=finding.code,
            **_said(finding),
            found_at=now,
            owner="",
            accepted_why="",
            accepted_by="",
        )
    )


def change(tx: Connection, id_: str, **values: object) -> None:
    """Change some columns of a finding."""
    tx.execute(update(custody_findings).where(custody_findings.c.id == id_).values(**values))


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
def save_score(tx: Connection, unit: Unit, day: str, score: int) -> None:
    """Keep the score of a day; a later one of the same day takes its place."""
    row = upsert(tx, custody_scores).values(kind=unit.kind, id=unit.id, day=day, score=score)
    tx.execute(row.on_conflict_do_update(index_elements=["kind", "id", "day"], set_={"score": score}))


def find_score(tx: Connection, unit: Unit, day: str) -> int | None:
    """The score of a day."""
    c = custody_scores.c
    where = (c.kind == unit.kind) & (c.id == unit.id) & (c.day == day)
    found: int | None = tx.execute(select(c.score).where(where)).scalar_one_or_none()
    return found


def list_scores(tx: Connection, unit: Unit, since: str) -> list[tuple[str, int]]:
    """The scores of a unit from a day on, the oldest first."""
    c = custody_scores.c
    query = select(c.day, c.score).where((c.kind == unit.kind) & (c.id == unit.id) & (c.day >= since)).order_by(c.day)
    return [(day, score) for day, score in tx.execute(query)]


# ── what is to be judged ────────────────────────────────────────────────────────────────────────────────────────────
def list_due(tx: Connection, before: datetime, most: int) -> list[Unit]:
    """Accounts with keys or open findings, and organizations, that were not judged since a moment."""
    managing = select(apps.c.account).where(apps.c.deleted_at.is_(None))
    spoilt = select(custody_findings.c.account).where(_OPEN)
    kept = or_(accounts.c.id.in_(managing), accounts.c.id.in_(spoilt))
    due = [
        Unit("account", each)
        for each in tx.execute(_due("account", accounts, before).where(kept).limit(most)).scalars()
    ]
    query = _due("organization", organizations, before).limit(most - len(due))
    return due + [Unit("organization", each) for each in tx.execute(query).scalars()]


def _due(kind: str, table: Any, before: datetime) -> Any:  # noqa: ANN401 — a table and a select of it
    marked = (custody_marks.c.kind == kind) & (custody_marks.c.id == table.c.id)
    late = or_(custody_marks.c.at.is_(None), custody_marks.c.at <= before)
    return select(table.c.id).outerjoin(custody_marks, marked).where(late).order_by(custody_marks.c.at, table.c.id)


def mark(tx: Connection, unit: Unit, now: datetime, position: int = 0) -> None:
    """Note that a unit was judged, or the history read up to a position."""
    row = upsert(tx, custody_marks).values(kind=unit.kind, id=unit.id, at=now, position=position)
    tx.execute(row.on_conflict_do_update(index_elements=["kind", "id"], set_={"at": now, "position": position}))


def find_mark(tx: Connection) -> int | None:
    """How far the history was read; None where nobody began."""
    where = (custody_marks.c.kind == _HISTORY[0]) & (custody_marks.c.id == _HISTORY[1])
    position: int | None = tx.execute(select(custody_marks.c.position).where(where)).scalar_one_or_none()
    return position


def mark_history(tx: Connection, now: datetime, position: int) -> None:
    """Note how far the history was read."""
    mark(tx, Unit(*_HISTORY), now, position)


def newest_position(tx: Connection) -> int:
    """The position of the newest event that has one."""
    return tx.execute(select(seals.c.position).order_by(seals.c.position.desc()).limit(1)).scalar() or 0


def list_events_behind(tx: Connection, position: int, most: int) -> list[tuple[int, Event]]:
    """The events behind a position, in the order in which they were committed."""
    query = select(seals.c.position, events).join(events, events.c.sequence == seals.c.event)
    rows = tx.execute(query.where(seals.c.position > position).order_by(seals.c.position).limit(most))
    return [(row.position, shown(entry_of(row))) for row in rows]


def list_units_of(
    tx: Connection, users: Iterable[str], organizations_: Iterable[str], keys: Iterable[str]
) -> set[Unit]:
    """The accounts that users and keys belong to, and all accounts of organizations, with these themselves."""
    led, found = set(organizations_), set[str]()
    found |= set(tx.execute(select(memberships.c.account).where(memberships.c.user.in_(set(users)))).scalars())
    found |= set(tx.execute(select(apps.c.account).where(apps.c.key.in_(set(keys)))).scalars())
    found |= set(tx.execute(select(accounts.c.id).where(accounts.c.organization.in_(led))).scalars())
    of_accounts = select(accounts.c.organization).where(accounts.c.id.in_(found), accounts.c.organization.is_not(None))
    led |= set(tx.execute(of_accounts).scalars())
    return {Unit("account", each) for each in found} | {Unit("organization", each) for each in led}


def list_organizations_of_domain(tx: Connection, host_name: str) -> list[str]:
    """The organization that holds a domain."""
    return list(tx.execute(select(domains.c.organization).where(domains.c.host_name == host_name)).scalars())
