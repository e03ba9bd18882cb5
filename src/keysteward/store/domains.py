"""What is remembered of the domains that organizations claim?

`domains` holds each name once, for whoever proved it last; `domain_claims` holds every other claim.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, Table, delete, insert, or_, select, union_all, update

from keysteward.rules.accounts import Domain
from keysteward.store.tables import domain_claims, domains

_COLUMNS = (
    "id", "organization", "host_name", "token", "state", "created_at", "checked_at", "confirmed_at", "due_at",
    "outcome", "said",
)  # fmt: skip
_BOTH = (domains, domain_claims)

Condition = Callable[[Table], ColumnElement[bool]]


def save(tx: Connection, domain: Domain) -> None:
    """Add a claim: one that was proved once holds the name, a pending one does not."""
    _insert(tx, domain_claims if domain.state == "pending" else domains, domain)


def change(tx: Connection, domain: Domain) -> None:
    """Keep a claim as it is now, where it is."""
    for table in _BOTH:
        tx.execute(update(table).where(table.c.id == domain.id).values(_values(domain)))


def hold(tx: Connection, domain: Domain) -> None:
    """Let a claim hold its name, in the place of whoever held it and does so no more."""
    holder = find_holder(tx, domain.host_name)
    if holder is not None:
        tx.execute(delete(domains).where(domains.c.id == holder.id))
    tx.execute(delete(domain_claims).where(domain_claims.c.id == domain.id))
    _insert(tx, domains, domain)
    if holder is not None and holder.id != domain.id:
        _insert(tx, domain_claims, holder)


def remove(tx: Connection, domain: str) -> None:
    """Forget a claim."""
    for table in _BOTH:
        tx.execute(delete(table).where(table.c.id == domain))


def find(tx: Connection, organization: str, domain: str) -> Domain | None:
    """A claim of an organization by id."""
    return _first(tx, lambda table: (table.c.id == domain) & (table.c.organization == organization))


def find_named(tx: Connection, organization: str, host_name: str) -> Domain | None:
    """A claim of an organization by its name."""
    return _first(tx, lambda table: (table.c.host_name == host_name) & (table.c.organization == organization))


def find_holder(tx: Connection, host_name: str) -> Domain | None:
    """Whoever holds a name: the one claim to it that was proved last."""
    row = tx.execute(select(domains).where(domains.c.host_name == host_name)).one_or_none()
    return None if row is None else _domain(row)


def find_active(tx: Connection, host_names: Iterable[str]) -> dict[str, str]:
    """Which of some names are active domains, and of which organization each is."""
    where = domains.c.host_name.in_(list(host_names)) & (domains.c.state == "active")
    rows = tx.execute(select(domains.c.host_name, domains.c.organization).where(where))
    return {row.host_name: row.organization for row in rows}


def list_of_organization(tx: Connection, organization: str) -> list[Domain]:
    """The claims of an organization, the oldest first."""
    found = _read(tx, lambda table: table.c.organization == organization)
    return sorted(found, key=lambda each: (each.created_at, each.host_name))


def find_due(tx: Connection, now: datetime) -> Domain | None:
    """The claim that waits longest for DNS to be asked about it, if any does."""
    queries = [_columns(table).where(or_(table.c.due_at.is_(None), table.c.due_at <= now)) for table in _BOTH]
    rows = [row for query in queries for row in tx.execute(query.order_by("due_at").limit(1))]
    waiting = sorted(map(_domain, rows), key=lambda each: each.due_at or each.created_at)
    return waiting[0] if waiting else None


def _first(tx: Connection, where: Condition) -> Domain | None:
    return next(iter(_read(tx, where)), None)


def _read(tx: Connection, where: Condition) -> list[Domain]:
    return [_domain(row) for row in tx.execute(union_all(*(_columns(table).where(where(table)) for table in _BOTH)))]


def _columns(table: Table) -> Select[Any]:
    return select(*(table.c[name] for name in _COLUMNS))


def _insert(tx: Connection, table: Table, domain: Domain) -> None:
    tx.execute(insert(table).values(_values(domain)))


def _values(domain: Domain) -> dict[str, object]:
    return {name: getattr(domain, name) for name in _COLUMNS}


def _domain(row: Row[Any]) -> Domain:
    return Domain(
        row.id,
        row.organization,
        row.host_name,
        row.token,
        row.state,
        row.created_at,
        row.checked_at,
        row.confirmed_at,
        row.due_at,
        row.outcome or "",
        row.said or "",
    )
