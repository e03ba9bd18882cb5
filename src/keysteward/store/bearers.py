"""Who bore an address before, or bears it now, besides the one who is asked about?

The history tells: every change of an address is an event about its user. Addresses are few, and so are their changes.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, Text, func, or_, select, type_coerce

from keysteward.rules.accounts import User
from keysteward.rules.audit_log import needle_of
from keysteward.rules.events import Entry, Tenure
from keysteward.store.audit import entry_of
from keysteward.store.tables import events, users

_A_MOMENT = timedelta(microseconds=1)
_c = events.c


class _Move(NamedTuple):
    """A user went from one address to another."""

    user: str
    sequence: int
    at: datetime
    before: str
    after: str


def list_former_addresses(tx: Connection, user: User) -> list[str]:
    """The addresses that somebody had before, as far as the history still says."""
    known = {address for move in _moves_of(tx, user.id) for address in (move.before, move.after) if address}
    return sorted(known - {user.email.casefold(), user.email})


def list_other_tenures(tx: Connection, user: str, addresses: Iterable[str]) -> tuple[Tenure, ...]:
    """When other users bore these addresses; what was said of one between two bearers meant the one who came."""
    own, found = _tenures(tx, user), list[Tenure]()
    for address in sorted({each.casefold() for each in addresses if "@" in each}):
        for other in sorted(_bearers(tx, address) - {user}):
            found += [_since_theirs(each, own) for each in _tenures(tx, other) if each.address == address]
    return tuple(found)


def _since_theirs(tenure: Tenure, own: Iterable[Tenure]) -> Tenure:
    """A tenure from the end of the one before it, where that was the person's own."""
    for each in own:
        if each.last is None or each.until is None or each.address != tenure.address:
            continue
        if each.last < tenure.first:
            tenure = replace(tenure, first=each.last + 1, since=each.until + _A_MOMENT)
    return tenure


def _bearers(tx: Connection, address: str) -> set[str]:
    """The users who bear an address, or went to it or from it."""
    now = tx.execute(select(users.c.id).where(users.c.email_folded == address)).scalars()
    needle = needle_of(address)
    said = [each.icontains(needle, autoescape=True) for each in (_c.actor, type_coerce(_c.data, Text))]
    rows = tx.execute(select(events).where((_c.name == "AddressChanged") & or_(*said)))
    moves = [_move(entry_of(row)) for row in rows]
    return {*now, *(move.user for move in moves if address in {move.before.casefold(), move.after.casefold()})}


def _moves_of(tx: Connection, user: str) -> list[_Move]:
    query = select(events).where((_c.about == user) & (_c.name == "AddressChanged")).order_by(_c.sequence)
    return [_move(entry_of(row)) for row in tx.execute(query)]


def _move(entry: Entry) -> _Move:
    """Who changes their address themselves is named by the one of before; where something was erased, it is empty."""
    event = entry.event
    before = event.data.get("before") or (event.actor if "@" in event.actor else "")
    return _Move(event.data.get("user", ""), entry.sequence, event.at, before, event.data.get("email", ""))


def _tenures(tx: Connection, user: str) -> list[Tenure]:
    """Every address that a user had, one after the other, from the first event about them on."""
    moves = _moves_of(tx, user)
    row = tx.execute(select(users.c.email_folded, users.c.created_at).where(users.c.id == user)).one_or_none()
    if row is None:
        return []
    first = tx.execute(select(func.min(_c.sequence)).where(_c.about == user)).scalar() or 0
    bore, since = moves[0].before.casefold() if moves else row.email_folded, row.created_at
    tenures = list[Tenure]()
    for move in moves:
        tenures.append(Tenure(bore, first, since, move.sequence, move.at))
        bore, first, since = move.after.casefold(), move.sequence, move.at
    return [*tenures, Tenure(row.email_folded, first, since)]
