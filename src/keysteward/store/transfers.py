"""What is remembered of transfers and of the steps that were taken in them?

One row is the transfer, which a unique index lets be under way once for each key; each step is a row of its own.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, func, or_, select, update

from keysteward.rules.transfers import SIDES, Act, Confirmation, Ending, Transfer
from keysteward.store.database import upsert
from keysteward.store.tables import apps, consents, families, organization_consents, transfer_steps, transfers

ACCEPTED, APPROVED = "accepted", "approved"


def save(tx: Connection, transfer: Transfer) -> bool:
    """Add a transfer; False where one of its key is under way."""
    started = transfer.started
    values = {
        "id": transfer.id,
        "key": transfer.key,
        "source": transfer.source,
        "destination": transfer.destination,
        "hand": transfer.hand,
        "started_by": started.by,
        "started_by_email": started.email,
        "started_at": started.at,
        "expires_at": transfer.expires_at,
        "waits_until": transfer.waits_until,
        "organization": transfer.organization,
        "requester": transfer.requester,
        "needs_second": transfer.needs_second,
        "ended_by": "",
        "ended_by_email": "",
        "reason": "",
        "record": "",
    }
    return tx.execute(upsert(tx, transfers).values(values).on_conflict_do_nothing()).rowcount == 1


def find(tx: Connection, transfer: str) -> Transfer | None:
    """A transfer by its id."""
    found = _found(tx, transfers.c.id == transfer)
    return found[0] if found else None


def find_pending(tx: Connection, key: str) -> Transfer | None:
    """The transfer of a key that nobody has ended, one whose time is up included."""
    found = _found(tx, (transfers.c.key == key) & transfers.c.ended_at.is_(None))
    return found[0] if found else None


def list_of(tx: Connection, accounts: Iterable[str], organizations: Iterable[str], most: int) -> list[Transfer]:
    """The transfers from or to some accounts, or by some organizations, the newest first."""
    of_accounts = list(accounts)
    where = or_(
        transfers.c.source.in_(of_accounts),
        transfers.c.destination.in_(of_accounts),
        transfers.c.organization.in_(list(organizations)),
    )
    return _found(tx, where, most)


def list_pending(tx: Connection) -> list[Transfer]:
    """Every transfer that nobody has ended."""
    return _found(tx, transfers.c.ended_at.is_(None))


def count_called_off(tx: Connection, key: str, since: datetime) -> int:
    """How many transfers of a key people ended since a moment."""
    ended = transfers.c
    return _count(
        tx, transfers, (ended.key == key) & ended.ending.in_(("cancelled", "vetoed")) & (ended.ended_at > since)
    )


def take_step(tx: Connection, transfer: str, step: str, act: Act, statement: str = "", paper: str = "") -> None:
    """Note a step; a later one of the same name takes the place of what counts no more."""
    said = {"by": act.by, "by_email": act.email, "at": act.at, "statement": statement, "paper": paper}
    adding = upsert(tx, transfer_steps).values(transfer=transfer, step=step, **said)
    tx.execute(adding.on_conflict_do_update(index_elements=["transfer", "step"], set_=said))


def end(tx: Connection, transfer: str, ending: Ending, record: str = "") -> bool:
    """End a transfer; only one caller is told True."""
    act = ending.act
    values = {
        "ending": ending.end,
        "ended_at": act.at,
        "ended_by": act.by,
        "ended_by_email": act.email,
        "reason": ending.reason,
        "record": record,
    }
    where = (transfers.c.id == transfer) & transfers.c.ended_at.is_(None)
    return tx.execute(update(transfers).where(where).values(**values)).rowcount == 1


def move_key(tx: Connection, key: str, source: str, destination: str) -> bool:
    """Give a key another holder; False where the source does not hold it."""
    values = {"account": destination, "version": apps.c.version + 1}
    where = (apps.c.key == key) & (apps.c.account == source) & apps.c.deleted_at.is_(None)
    return tx.execute(update(apps).where(where).values(**values)).rowcount == 1


def count_moving(tx: Connection, key: str) -> tuple[int, int, int]:
    """How many users and organizations allow a key something, and how many refresh tokens live."""
    living = (families.c.key == key) & families.c.died_at.is_(None)
    return (
        _count(tx, consents, consents.c.key == key),
        _count(tx, organization_consents, organization_consents.c.key == key),
        _count(tx, families, living),
    )


def _count(tx: Connection, table: Table, where: ColumnElement[bool]) -> int:
    return tx.execute(select(func.count()).select_from(table).where(where)).scalar_one()


def _found(tx: Connection, where: ColumnElement[bool], most: int | None = None) -> list[Transfer]:
    query = select(transfers).where(where).order_by(transfers.c.started_at.desc(), transfers.c.id).limit(most)
    rows = tx.execute(query).all()
    steps = _steps(tx, [row.id for row in rows])
    return [_transfer(row, steps.get(row.id, {})) for row in rows]


def _steps(tx: Connection, of: list[str]) -> dict[str, dict[str, Row[Any]]]:
    found: dict[str, dict[str, Row[Any]]] = {}
    for row in tx.execute(select(transfer_steps).where(transfer_steps.c.transfer.in_(of))):
        found.setdefault(row.transfer, {})[row.step] = row
    return found


def _transfer(row: Row[Any], steps: dict[str, Row[Any]]) -> Transfer:
    return Transfer(
        id=row.id,
        key=row.key,
        source=row.source,
        destination=row.destination,
        hand=row.hand,
        started=Act(row.started_by, row.started_by_email, row.started_at),
        expires_at=row.expires_at,
        waits_until=row.waits_until,
        organization=row.organization,
        requester=row.requester,
        needs_second=row.needs_second,
        accepted=_act(steps.get(ACCEPTED)),
        approved=_act(steps.get(APPROVED)),
        confirmations=tuple(
            Confirmation(side, Act(each.by, each.by_email, each.at), each.statement, each.paper)
            for side in SIDES
            if (each := steps.get(side)) is not None
        ),
        ending=_ending(row),
        record=row.record,
    )


def _act(step: Row[Any] | None) -> Act | None:
    return None if step is None else Act(step.by, step.by_email, step.at)


def _ending(row: Row[Any]) -> Ending | None:
    if row.ended_at is None:
        return None
    return Ending(row.ending, Act(row.ended_by, row.ended_by_email, row.ended_at), row.reason)
