"""Which rows are held on somebody?

Calls have no index of their users, for each call would pay for it (docs/decisions/0016). They are read by the accounts
that the person ever was a member of or called in, which the sums of calls know, and what is not summed yet by number.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, LargeBinary, Row, Table, and_, false, or_, select

from keysteward.rules.events import Erasure, mentions
from keysteward.store.audit import entry_of
from keysteward.store.personal import LEFT_AS_IT_IS, date_of, is_theirs, may_name, texts_of
from keysteward.store.summing import summed_to
from keysteward.store.tables import Json, call_hours, calls, events, memberships, metadata, token_uses

_SECRETS = frozenset({"digest", "handle_digest", "password", "token", "nonce", "challenge", "salts", "credential"})
_OF_OTHERS = ("by", "email", "actor", "requester", "presenter", "owner", "contact", "recipient", "approvers")
_BY_USER = frozenset({call_hours, token_uses})
_OF_NOBODY = frozenset(LEFT_AS_IT_IS) - {table.name for table in (events, calls, *_BY_USER)}
_AT_ONCE = 500

Told = tuple[str, dict[str, Any]]


def walk_held(tx: Connection, user: str, erasure: Erasure, but: frozenset[str]) -> Iterator[Told]:
    """Every row that names somebody by GUID or address, by the name of its table, without secrets and other people.

    Some tables are left out: `but` names them.
    """
    mine = frozenset({user, erasure.address.casefold()})
    for table in metadata.sorted_tables:
        if table.name in but or table.name in _OF_NOBODY:
            continue
        for where in _places(tx, table, user, erasure):
            rows = tx.execute(select(table).where(where).execution_options(yield_per=_AT_ONCE))
            found = (row for row in rows if _is_held(table, row, user, erasure))
            yield from ((str(table.name), _told(table.columns, row._mapping, mine)) for row in found)  # noqa: SLF001 — SQLAlchemy's documented accessor


def _places(tx: Connection, table: Table, user: str, erasure: Erasure) -> Iterator[ColumnElement[bool]]:
    """Where to look in a table; in a large one by its indexes, one after the other."""
    if table is events:
        yield or_(events.c.about == user, events.c.actor.in_((erasure.address, *erasure.names)))
    elif table is calls:
        yield from _calls_of(tx, user)
    elif table in _BY_USER:
        yield table.c.user == user
    else:
        yield or_(false(), *(_names_them(each, user, erasure) for each in texts_of(table)))


def _calls_of(tx: Connection, user: str) -> Iterator[ColumnElement[bool]]:
    """Each of their calls once."""
    newest, own = summed_to(tx), calls.c.user == user
    member = select(memberships.c.account).where(memberships.c.user == user)
    called = select(call_hours.c.account).where(call_hours.c.user == user)
    for account in tx.execute(member.union(called).order_by("account")).scalars().all():
        yield and_(calls.c.account == account, own, calls.c.sequence <= newest)
    yield and_(calls.c.sequence > newest, own)


def _names_them(column: Column[Any], user: str, erasure: Erasure) -> ColumnElement[bool]:
    address = Erasure(erasure.address)
    return may_name(column, address) if isinstance(column.type, Json) else is_theirs(column, user, address)


def _is_held(table: Table, row: Row[Any], user: str, erasure: Erasure) -> bool:
    """Whether a row that was found means this person, and nobody who bore their address before or since."""
    if table is events:
        entry = entry_of(row)
        known = erasure.of_entry(entry)
        return row.about == user or entry.event.actor in {known.address, *known.names} - {""}
    return table in {calls, *_BY_USER} or any(_means(each, row, user, erasure) for each in texts_of(table))


def _means(column: Column[Any], row: Row[Any], user: str, erasure: Erasure) -> bool:
    value = row._mapping[column.name]  # noqa: SLF001 — SQLAlchemy's documented accessor
    said_at = date_of(column)
    address = erasure.of_moment(None if said_at is None else row._mapping[said_at.name]).address  # noqa: SLF001 — likewise
    if isinstance(column.type, Json):
        return bool(address) and _says(value, Erasure(address))
    return value == user or (bool(address) and str(value).casefold() == address.casefold())


def _says(value: object, known: Erasure) -> bool:
    """Whether a text anywhere in a value that JSON holds names somebody."""
    if isinstance(value, dict):
        return _says([*value.keys(), *value.values()], known)
    if isinstance(value, list):
        return any(_says(each, known) for each in value)
    return isinstance(value, str) and mentions(value, known)


def _told(columns: Iterable[Column[Any]], row: Any, mine: frozenset[str]) -> dict[str, Any]:  # noqa: ANN401 — a row
    told = {}
    for column in columns:
        value = row[column.name]
        is_secret = isinstance(column.type, LargeBinary) or column.name in _SECRETS
        is_of_another = column.name.endswith(_OF_OTHERS) and str(value).casefold() not in mine
        if not is_secret and not is_of_another and value not in (None, ""):
            told[str(column.name)] = value
    return told
