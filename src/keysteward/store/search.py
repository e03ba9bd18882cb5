"""Where does something stand that somebody looks for?

GUIDs, addresses and numbers are read off their indexes, however much there is. Names are looked for in a bounded number
of rows, of the accounts that are asked about.
"""

from collections.abc import Collection
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, case, func, or_, select

from keysteward.rules.accounts import Account, Standing
from keysteward.rules.calls import Call
from keysteward.rules.keys import App
from keysteward.rules.search import Asked, ways_to_write
from keysteward.rules.words import is_guid
from keysteward.store.accounts import account_of, standing_of, standings
from keysteward.store.keys import app_of
from keysteward.store.tables import accounts, apps, calls, events, memberships, users

SIFTED = 20_000
"""How many names of a kind are looked at."""

_BEHIND_HEXADECIMAL = "g"  # in whatever order a database has letters, it follows every digit of a GUID
_a, _u, _m, _c, _e = apps.c, users.c, memberships.c, calls.c, events.c


class Seen(NamedTuple):
    """Whose calls somebody may see: those of the keys that some accounts manage, and those in some accounts."""

    of_keys: Collection[str]
    in_accounts: Collection[str]


def find_apps(tx: Connection, wanted: Asked, managed_by: Collection[str], most: int) -> tuple[list[App], bool]:
    """Apps of some accounts, and whether every name was looked at."""
    ours = _a.account.in_(managed_by)
    near = select(apps).where(ours).limit(SIFTED).subquery()
    order = _order(wanted, near.c.deleted_at.is_not(None), near.c.name)
    named = select(near).where(_holds(wanted, near.c.name, near.c.contact)).order_by(*order)
    exactly = select(apps).where(ours, _begins(_a.key, wanted.guid)) if wanted.guid else None
    rows = _found(tx, wanted, exactly, named, most)
    return [app_of(row) for row in rows], not _is_behind(tx, select(_a.key).where(ours))


def find_members(tx: Connection, wanted: Asked, among: Collection[str], most: int) -> tuple[list[Standing], bool]:
    """Members of some accounts, closed ones too, and whether every name was looked at."""
    ours = _m.account.in_(among)
    exactly = [_u.email_folded == wanted.text.casefold()]
    if wanted.guid:
        exactly.append(_begins(_u.id, wanted.guid))
    people = select(_u.id).where(or_(*exactly))
    near = select(_m.user, _m.account).where(ours).limit(SIFTED).subquery().c
    pairs = and_(_m.user == near.user, _m.account == near.account)
    holds = _holds(wanted, _u.email, _u.first_name, _u.last_name)
    order = _order(wanted, or_(_m.state != "active", _u.state != "active"), _u.first_name, _u.email)
    named = standings().join(near.user.table, pairs).where(holds).order_by(*order)
    rows = _found(tx, wanted, standings().where(ours, _m.user.in_(people)), named, most)
    return [standing_of(row) for row in rows], not _is_behind(tx, select(_m.user).where(ours))


def find_accounts(tx: Connection, wanted: Asked, most: int) -> tuple[list[Account], bool]:
    """Accounts of the environment, the newest first, and whether every name was looked at."""
    exactly = [accounts.c.number == wanted.number] if wanted.number is not None else []
    if wanted.guid:
        exactly.append(_begins(accounts.c.id, wanted.guid))
    newest = select(accounts).order_by(accounts.c.number.desc()).limit(SIFTED).subquery()
    named = select(newest).where(_holds(wanted, newest.c.name))
    named = named.order_by(*_order(wanted, newest.c.state == "closed", newest.c.name))
    rows = _found(tx, wanted, select(accounts).where(or_(*exactly)) if exactly else None, named, most)
    return [account_of(row) for row in rows], not _is_behind(tx, select(accounts.c.id))


def find_calls(tx: Connection, trace: str, seen: Seen, most: int) -> list[tuple[Call, str]]:
    """Calls by the beginning of their trace token, the newest first, each with the account that manages its key."""
    ours = or_(_c.account.in_(seen.in_accounts), _a.account.in_(seen.of_keys))
    query = select(calls, _a.account.label("manager")).join(apps, _a.key == _c.key, isouter=True)
    rows = tx.execute(query.where(_begins(_c.trace, trace), ours).order_by(_c.sequence.desc()).limit(most))
    return [(_call(row), row.manager or "") for row in rows]


def find_traced(tx: Connection, trace: str, among: Collection[str] | None, most: int) -> list[tuple[str, str]]:
    """The trace tokens, each with an account, of events that begin so; None asks the whole environment."""
    query = select(_e.trace, _e.account).where(_begins(_e.trace, trace)).distinct()
    if among is not None:
        query = query.where(_e.account.in_(among))
    return [(row.trace, row.account) for row in tx.execute(query.order_by(_e.trace, _e.account).limit(most))]


def _found(tx: Connection, wanted: Asked, exactly: Select[Any] | None, named: Select[Any], most: int) -> list[Row[Any]]:
    """What an index found first, then what has the words; nobody has a whole GUID for a name."""
    first = [] if exactly is None else list(tx.execute(exactly.limit(most)))
    if is_guid(wanted.guid):
        return first
    rest = [row for row in tx.execute(named.limit(most)) if row not in first]
    return [*first, *rest][:most]


def _begins(column: ColumnElement[Any], guid: str) -> ColumnElement[bool]:
    """An index answers the range in any order of letters; the last word is that of the letters themselves."""
    within = column.between(guid, guid + _BEHIND_HEXADECIMAL)
    return and_(within, func.substr(column, 1, len(guid)) == guid)


def _holds(wanted: Asked, *columns: ColumnElement[Any]) -> ColumnElement[bool]:
    """Every word stands in one of some columns."""
    return and_(*(or_(*_places(word, columns)) for word in wanted.words))


def _order(wanted: Asked, is_gone: ColumnElement[bool], *columns: ColumnElement[Any]) -> tuple[ColumnElement[Any], ...]:
    """What is gone comes last, what begins with the text first."""
    starts = or_(*(column.istartswith(wanted.text, autoescape=True) for column in columns))
    return case((is_gone, 1), else_=0), case((starts, 0), else_=1), func.lower(columns[0])


def _places(word: str, columns: tuple[ColumnElement[Any], ...]) -> list[ColumnElement[bool]]:
    return [column.icontains(way, autoescape=True) for column in columns for way in ways_to_write(word)]


def _is_behind(tx: Connection, rows: Select[Any]) -> bool:
    """Whether there are more rows than are looked at."""
    return tx.execute(rows.offset(SIFTED).limit(1)).first() is not None


def _call(row: Row[Any]) -> Call:
    values = {name: value for name, value in row._mapping.items() if name != "manager"}  # noqa: SLF001 — SQLAlchemy's
    return Call(**values)
