"""Whose keys are judged at scale? Very many accounts of a production environment, loaded in bulk and kept for later.

The rows are what deeds would have left. They go past every deed, so nothing but a bench may be founded so; what is
kept lies in a folder of the bench that git does not see, by the shape of the tables, this program and the week.
"""

import hashlib
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import psycopg
from sqlalchemy import Table
from sqlalchemy.schema import CreateTable

from keysteward.assembly import found
from keysteward.rules.accounts import ADMIN, SENDER
from keysteward.rules.usage import JWT
from keysteward.settings import Settings
from keysteward.store import tables
from keysteward.store.tables import metadata, microseconds

KEYS, USERS = 10, 100
"""How many keys and users an account has."""

_CACHE = Path(__file__).parent / ".cache"
_TOGETHER, _ADMINS = 100, 3
_DAY = timedelta(days=1)
Row = tuple[Any, ...]


class Crowd(NamedTuple):
    """An environment of very many accounts."""

    settings: Settings
    accounts: int

    @property
    def says(self) -> str:
        """How large it is."""
        return f"{self.accounts:,} accounts, {self.accounts * KEYS:,} keys, {self.accounts * USERS:,} users"


def gathered(folder: Path, accounts: int) -> Crowd:
    """A crowd on SQLite: a copy of the one that is kept, which is made where there is none."""
    kept, here = _kept(accounts), Crowd(_settings(folder, f"sqlite:///{folder / 'crowd.db'}"), accounts)
    if not kept.exists():
        _make(kept, accounts)
    shutil.copytree(kept, folder)
    return here


def gathered_on_postgresql(folder: Path, url: str, accounts: int) -> Crowd:
    """A crowd on PostgreSQL, loaded anew: it takes its rows faster than it copies a database."""
    folder.mkdir()
    settings = _settings(folder, url)
    found(settings)
    with psycopg.connect(url.replace("+psycopg", "")) as connection, connection.cursor() as cursor:
        for table, columns, rows in _everything(accounts):
            names = ", ".join(f'"{name}"' for name in columns)
            with cursor.copy(f'COPY "{table.name}" ({names}) FROM STDIN') as copy:  # the names are our own
                for row in rows:
                    copy.write_row(row)
        cursor.execute("ANALYZE")
    return Crowd(settings, accounts)


def user_id(number: int) -> str:
    """A user: the first of an account are its admins, and the very first asked for its keys."""
    return _guid(3, number)


def _make(kept: Path, accounts: int) -> None:
    _CACHE.mkdir(exist_ok=True)
    making = Path(tempfile.mkdtemp(prefix="making-", dir=_CACHE))
    found(_settings(making, f"sqlite:///{making / 'crowd.db'}"))
    connection = sqlite3.connect(making / "crowd.db")
    connection.execute("PRAGMA synchronous=OFF")
    for table, columns, rows in _everything(accounts):
        names, marks = ", ".join(f'"{name}"' for name in columns), ", ".join("?" * len(columns))
        connection.executemany(f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})', rows)  # noqa: S608 — our own
    connection.execute("ANALYZE")
    connection.commit()
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    try:
        making.rename(kept)
    except FileExistsError:  # another bench made it meanwhile
        shutil.rmtree(making)


def _kept(accounts: int) -> Path:
    """Where a crowd is kept: under another name once the tables, this program or the week are others."""
    year, week, _ = datetime.now(UTC).isocalendar()
    said = [str(CreateTable(table)) for table in metadata.sorted_tables] + [Path(__file__).read_text(), sys.version]
    return _CACHE / f"crowd-{accounts}-{year}-{week}-{hashlib.sha256(''.join(said).encode()).hexdigest()[:12]}"


def _settings(folder: Path, database: str) -> Settings:
    return Settings(
        "production", "serve", database, (folder / "master.key",), "http://localhost", "http://other.localhost"
    )


# ── the rows ────────────────────────────────────────────────────────────────────────────────────────────────────────
def _guid(kind: int, number: int) -> str:
    return f"{kind:08x}-0000-4000-8000-{number:012x}"


def _ago(days: int) -> int:
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return microseconds(today - days * _DAY)


def _everything(accounts: int) -> Iterator[tuple[Table, list[str], Iterable[Row]]]:
    """Every table with its columns and rows; whatever refers to another comes after it."""
    for table, rows in (
        (tables.users, _users(accounts)),
        (tables.organizations, _organizations(accounts)),
        (tables.organization_admins, _organization_admins(accounts)),
        (tables.domains, _domains(accounts)),
        (tables.accounts, _accounts(accounts)),
        (tables.memberships, _memberships(accounts)),
        (tables.known_sources, _known_sources(accounts)),
        (tables.apps, _apps(accounts)),
        (tables.secrets, _secrets(accounts)),
        (tables.redirect_uris, _redirect_uris(accounts)),
        (tables.call_hours, _call_hours(accounts)),
        (tables.token_uses, _token_uses(accounts)),
    ):
        first = next(rows)
        yield table, list(first), _values(first, rows)


def _values(first: dict[str, Any], others: Iterator[dict[str, Any]]) -> Iterator[Row]:
    yield tuple(first.values())
    for row in others:
        yield tuple(row.values())


def _users(accounts: int) -> Iterator[dict[str, Any]]:
    since = _ago(400)
    for number in range(accounts * USERS):
        email = f"user{number}@{_host(number // USERS)}"
        yield {
            "id": user_id(number), "email": email, "email_folded": email, "first_name": "User",
            "last_name": str(number), "password": None, "state": "active", "service": number % USERS == 1,
            "created_at": since, "default_account": None, "least_epoch": 0, "email_verified_at": since,
        }  # fmt: skip


def _host(account: int) -> str:
    return f"group{account // _TOGETHER}.example"


def _groups(accounts: int) -> range:
    return range((accounts + _TOGETHER - 1) // _TOGETHER)


def _organizations(accounts: int) -> Iterator[dict[str, Any]]:
    for group in _groups(accounts):
        yield {
            "id": _guid(1, group), "name": f"Group {group}", "description": "", "created_at": _ago(400),
            "created_by": user_id(group * _TOGETHER * USERS), "default_account": None,
        }  # fmt: skip


def _organization_admins(accounts: int) -> Iterator[dict[str, Any]]:
    """Two each, of users who manage no account."""
    for group in _groups(accounts):
        for place in (_ADMINS, _ADMINS + 1):
            user = user_id(group * _TOGETHER * USERS + place)
            yield {"organization": _guid(1, group), "user": user, "created_at": _ago(400)}


def _domains(accounts: int) -> Iterator[dict[str, Any]]:
    for group in _groups(accounts):
        yield {
            "id": _guid(5, group), "organization": _guid(1, group), "host_name": _host(group * _TOGETHER),
            "token": _guid(6, group), "state": "active", "created_at": _ago(400), "checked_at": _ago(0),
            "confirmed_at": _ago(0), "due_at": _ago(-1_000), "outcome": "right", "said": "",
        }  # fmt: skip


def _accounts(accounts: int) -> Iterator[dict[str, Any]]:
    for number in range(accounts):
        yield {
            "id": _guid(2, number), "number": 1_000_000_000 + number, "name": f"Account {number}",
            "plan": "Business Pro", "state": "open", "created_at": _ago(400),
            "organization": _guid(1, number // _TOGETHER), "state_since": None,
        }  # fmt: skip


def _admins(account: int) -> int:
    """One account in ten has one admin."""
    return 1 if account % 10 == 9 else _ADMINS


def _memberships(accounts: int) -> Iterator[dict[str, Any]]:
    since = _ago(400)
    for number in range(accounts * USERS):
        account, place = divmod(number, USERS)
        yield {
            "account": _guid(2, account), "user": user_id(number),
            "profile": ADMIN.id if place < _admins(account) else SENDER.id, "state": "active", "created_at": since,
        }  # fmt: skip


def _known_sources(accounts: int) -> Iterator[dict[str, Any]]:
    """One admin in thirty did not sign in for long."""
    for account in range(accounts):
        for place in range(_admins(account)):
            number = account * USERS + place
            days = 100 if number % 30 == 0 else number % 30
            yield {"user": user_id(number), "source": "198.51.100.7", "seen_at": _ago(days)}


def _apps(accounts: int) -> Iterator[dict[str, Any]]:
    """One requester in fifty has an address elsewhere."""
    grants, since = msgspec.json.encode(["confidential_code"]).decode(), _ago(200)
    for number in range(accounts * KEYS):
        account = number // KEYS
        requester = f"user{account * USERS}@{_host(account)}" if number % 50 else "somebody@elsewhere.example"
        yield {
            "key": _guid(4, number), "account": _guid(2, account), "name": f"App {number}", "contact": requester,
            "integration_type": "Private custom integration", "grants": grants, "pkce_required": False,
            "privacy_url": "", "terms_url": "", "requester": requester, "created_at": since, "created_by": requester,
            "version": 1, "promoted_at": since, "live_account": "", "least_epoch": 0, "has_declared_secrets": False,
        }  # fmt: skip


def _secrets(accounts: int) -> Iterator[dict[str, Any]]:
    """One in ten ends soon."""
    for number in range(accounts * KEYS):
        ends_at = _ago(-20) if number % 10 == 0 else _ago(-365)
        yield {
            "id": _guid(7, number), "key": _guid(4, number), "digest": _guid(7, number), "hint": "abcd",
            "created_at": _ago(200), "created_by": user_id(0), "expires_at": ends_at, "reason": "",
        }  # fmt: skip


def _redirect_uris(accounts: int) -> Iterator[dict[str, Any]]:
    for number in range(accounts * KEYS):
        uri = f"https://app{number}.example.com/callback"
        yield {"key": _guid(4, number), "uri": uri, "created_at": _ago(200)}


def _call_hours(accounts: int) -> Iterator[dict[str, Any]]:
    """One key in twenty was never called."""
    for number in range(accounts * KEYS):
        if number % 20:
            account = number // KEYS
            yield {
                "key": _guid(4, number), "hour": _ago(number % 30 + 1), "account": _guid(2, account),
                "user": user_id(account * USERS), "operation": "GET /restapi/v2.1/accounts/{id}/envelopes",
                "status": 200, "error_code": "", "sdk": "Python", "calls": 100, "last_at": _ago(number % 30 + 1),
            }  # fmt: skip


def _token_uses(accounts: int) -> Iterator[dict[str, Any]]:
    """One key in five acts for a user of its account."""
    for number in range(0, accounts * KEYS, 5):
        yield {
            "key": _guid(4, number), "credential": _guid(7, number), "user": user_id(number // KEYS * USERS + 10),
            "grant": JWT, "address": "198.51.100.8", "agent": "", "sdk": "Python", "hour": _ago(1), "tokens": 10,
            "last_at": _ago(1),
        }  # fmt: skip
