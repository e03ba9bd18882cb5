"""What is remembered of requests in an app's name that were refused?

Refusing must cost the token endpoint no more than a look into a list, so a scribe writes them, a second apart. Only the
newest of each key are kept: whoever sends many displaces no other key's.
"""

import threading
from collections import deque
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from keysteward.rules.troubleshooting.attempted import KEPT_PER_KEY, Attempt
from keysteward.rules.usage import Asker
from keysteward.store.database import Database
from keysteward.store.scribe import Scribe
from keysteward.store.tables import app_attempts, apps

_MOST_KEYS = 200


class Attempts:
    """Takes refused requests in memory, the newest of each key, and writes them within a second."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._waiting: dict[str, deque[Attempt]] = {}
        self._scribe = Scribe("attempts", self._write)

    def note(self, attempt: Attempt) -> None:
        """Take one; where too many keys wait to be written it is left out."""
        with self._lock:
            if len(self._waiting) >= _MOST_KEYS and attempt.key not in self._waiting:
                return
            self._waiting.setdefault(attempt.key, deque(maxlen=KEPT_PER_KEY)).append(attempt)
        self._scribe.tell()

    def close(self) -> None:
        """Write what waits, then stop."""
        self._scribe.close()

    def _write(self) -> None:
        """What cannot be written is let go: it helps somebody look for a mistake, and nothing rests on it."""
        with self._lock:
            waiting, self._waiting = self._waiting, {}
        if waiting:
            with self._database.writing() as tx:
                _save(tx, waiting)


def list_of_key(tx: Connection, key: str) -> list[Attempt]:
    """The newest refused requests of a key, the newest first."""
    columns = app_attempts.c
    query = select(app_attempts).where(columns.key == key).order_by(columns.number.desc()).limit(KEPT_PER_KEY)
    return [
        Attempt(
            row.key, row.at, row.grant, row.code, row.detail, row.redirect_uri,
            Asker(row.address, row.agent, row.sdk), row.number,
        )
        for row in tx.execute(query)
    ]  # fmt: skip


def forget(tx: Connection, before: datetime) -> None:
    """Forget what was refused before a moment."""
    tx.execute(delete(app_attempts).where(app_attempts.c.at < before))


def _save(tx: Connection, waiting: dict[str, deque[Attempt]]) -> None:
    """Write those of keys that exist, and let go of the oldest beyond what is kept."""
    known = set(tx.scalars(select(apps.c.key).where(apps.c.key.in_(waiting))))
    kept = [_row(attempt) for key in sorted(known) for attempt in waiting[key]]
    if kept:
        tx.execute(insert(app_attempts), kept)
    for key in sorted(known):
        _trim(tx, key)


def _trim(tx: Connection, key: str) -> None:
    columns = app_attempts.c
    newest = select(columns.number).where(columns.key == key).order_by(columns.number.desc())
    oldest_kept = tx.scalar(newest.offset(KEPT_PER_KEY - 1).limit(1))
    if oldest_kept is not None:
        tx.execute(delete(app_attempts).where((columns.key == key) & (columns.number < oldest_kept)))


def _row(attempt: Attempt) -> dict[str, object]:
    said = attempt._asdict()
    del said["asker"], said["number"]
    return said | attempt.asker._asdict()
