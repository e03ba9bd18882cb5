"""How is a history carried in a file, so that it can be verified without the database that it comes from?

One JSON object to a line, each with the name of its table and the values as they stand in it; the last line says how
many there are. To be verified the lines become tables again.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Connection, Table, text
from sqlalchemy.schema import CreateTable

from keysteward.store.database import Database
from keysteward.store.tables import checkpoints, events, seals, signing_keys, stamp

_MOST = 2_000
_AT_ONCE = 5_000
_TABLES: dict[str, tuple[Table, str, str]] = {
    # with the column that orders it, and which rows are carried: of the keys those that sign papers
    "stamp": (stamp, "id", "1 = 1"),
    "signing_keys": (signing_keys, "kid", "\"use\" = 'paper'"),
    "events": (events, "sequence", "1 = 1"),
    "seals": (seals, "position", "1 = 1"),
    "checkpoints": (checkpoints, "number", "1 = 1"),
}
_LEFT_OUT = frozenset({"private_sealed", "fingerprint"})


class Damaged(Exception):
    """A file that holds something else than was written. The message is the rest of a sentence about it."""


def walk_lines(tx: Connection) -> Iterator[bytes]:
    """Everything that verifying needs, line by line."""
    carried: Counter[str] = Counter()
    for name in _TABLES:
        for row in _rows(tx, name):
            carried[name] += 1
            yield msgspec.json.encode({"table": name} | row) + b"\n"
    yield msgspec.json.encode({"table": "end"} | carried) + b"\n"


def load_lines(lines: Iterable[bytes], file: Path) -> Database:
    """A new SQLite file with what was carried; raises Damaged where lines are missing or twice there."""
    database = Database(f"sqlite:///{file}")
    with database.writing() as tx:
        for table, *_ in _TABLES.values():
            tx.execute(CreateTable(table))
    try:
        with closing(sqlite3.connect(file)) as connection:  # without foreign keys: what is missing is to be found later
            _load(connection, map(_decoded, lines))
            connection.commit()
    except (sqlite3.Error, OverflowError) as error:
        raise Damaged(f"cannot be taken apart: {error}") from None
    return database


def _rows(tx: Connection, name: str) -> Iterator[dict[str, Any]]:
    table, order, where = _TABLES[name]
    names = ", ".join(f'"{column.name}"' for column in table.columns if column.name not in _LEFT_OUT)
    key = f'"{order}"'
    first = text(f"SELECT {names} FROM {name} WHERE {where} ORDER BY {key} LIMIT :most")  # noqa: S608 — our own names
    next_ = text(f"SELECT {names} FROM {name} WHERE {where} AND {key} > :after ORDER BY {key} LIMIT :most")  # noqa: S608
    rows = tx.execute(first, {"most": _MOST}).mappings().all()
    while rows:
        yield from map(dict, rows)
        rows = tx.execute(next_, {"most": _MOST, "after": rows[-1][order]}).mappings().all()


def _decoded(line: bytes) -> dict[str, Any]:
    try:
        return msgspec.json.decode(line, type=dict[str, Any])
    except msgspec.MsgspecError:
        raise Damaged("holds a line that is none of an audit log") from None


def _load(connection: sqlite3.Connection, rows: Iterator[dict[str, Any]]) -> None:
    found: Counter[str] = Counter()
    said: dict[str, Any] | None = None
    while batch := list(islice(rows, _AT_ONCE)):
        for row in batch:
            name = row.pop("table", "")
            if name == "end":
                said = row
            else:
                _insert(connection, str(name), row)
                found[str(name)] += 1
    if said != dict(found):
        raise Damaged(
            f"holds {found['events']:,} events, and its last line speaks of {(said or {}).get('events', 'none')}"
        )


def _insert(connection: sqlite3.Connection, name: str, row: dict[str, Any]) -> None:
    if name not in _TABLES:
        raise Damaged("holds a line that is none of an audit log")
    known = {column.name for column in _TABLES[name][0].columns}
    values = {key: value for key, value in row.items() if key in known} | dict.fromkeys(_LEFT_OUT & known, "")
    names, places = ", ".join(f'"{key}"' for key in values), ", ".join("?" * len(values))
    connection.execute(f"INSERT INTO {name} ({names}) VALUES ({places})", list(values.values()))  # noqa: S608
