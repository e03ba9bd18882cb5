"""What is remembered of the tokens that were issued: how many, to whom, with what?

Counting must not cost the token endpoint more than a look into a dict, so a tally in memory takes every use, and a
scribe adds it to the rows: every few milliseconds where that is cheap, up to a second apart where it is dear.
"""

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, ScalarSelect, case, delete, func, select

from keysteward.rules.usage import USERINFO, Asker, Program, Use
from keysteward.store.database import Database, upsert
from keysteward.store.scribe import Scribe
from keysteward.store.tables import token_uses

_MOST_USES = 10_000
_MOST_AT_ONCE = 1_000
_LEAST_PAUSE_SECONDS = 0.04


@dataclass(slots=True)
class _Counted:
    """How many tokens, and the second since 1970 of the last one."""

    tokens: int = 0
    last_at: int = 0


class Tally:
    """Counts uses in memory, and adds them to the rows soon. What it cannot write now, it writes later.

    It tells at most `most` uses apart at a time; beyond, a credential's further ones are counted together.
    """

    def __init__(self, database: Database, most: int = _MOST_USES) -> None:
        self._database = database
        self._most = most
        self._counts: dict[Use, _Counted] = {}
        self._lock = threading.Lock()
        self._scribe = Scribe("tally", self._write, _LEAST_PAUSE_SECONDS)

    def note(self, use: Use, at: int) -> None:
        """Count a token that was issued at a second since 1970. This is all that its answer waits for."""
        with self._lock:
            counted = self._counts.get(use) or self._begun(use)
            counted.tokens += 1
            counted.last_at = max(counted.last_at, at)
        self._scribe.tell()

    def close(self) -> None:
        """Write what was counted, then stop."""
        self._scribe.close()

    def _write(self) -> None:
        with self._lock:
            counts, self._counts = self._counts, {}
        try:
            _add(self._database, counts)
        except Exception:
            self._take_back(counts)
            raise

    def _begun(self, use: Use) -> "_Counted":
        """The count of a use that is not counted yet, or of all others where there are too many."""
        kept = use if len(self._counts) < self._most else use.among_others
        return self._counts.setdefault(kept, _Counted())

    def _take_back(self, counts: dict[Use, "_Counted"]) -> None:
        with self._lock:
            for use, counted in counts.items():
                kept = self._counts.get(use) or self._begun(use)
                kept.tokens += counted.tokens
                kept.last_at = max(kept.last_at, counted.last_at)


def list_programs(tx: Connection, key: str, credential: str, since: datetime, most: int) -> list[Program]:
    """The programs that got tokens with a credential since a moment, the latest first."""
    uses = token_uses.c
    told_apart = (uses.address, uses.agent, uses.sdk, uses.grant)
    last_at = func.max(uses.last_at, type_=uses.last_at.type)
    query = (
        select(*told_apart, func.sum(uses.tokens), last_at)
        .where((uses.key == key) & (uses.credential == credential) & (uses.last_at >= since) & (uses.grant != USERINFO))
        .group_by(*told_apart)
        .order_by(func.max(uses.last_at).desc(), *told_apart)
        .limit(most)
    )
    return [
        Program(Asker(address, agent, sdk), grant, int(tokens), at)
        for address, agent, sdk, grant, tokens, at in tx.execute(query)
    ]


def list_last_uses(tx: Connection, key: str) -> dict[str, datetime]:
    """When each credential of a key got its last token; public clients go by the empty text."""
    uses = token_uses.c
    last_at = func.max(uses.last_at, type_=uses.last_at.type).label("last_at")
    where = (uses.key == key) & (uses.grant != USERINFO)
    query = select(uses.credential, last_at).where(where).group_by(uses.credential)
    return {row.credential: row.last_at for row in tx.execute(query)}


def last_hours_of_grants(tx: Connection, key: str, grants: Iterable[str]) -> dict[str, datetime]:
    """In which hour a key last got a token by each of some grants; one look into the index for each."""
    hours = tx.execute(select(*(_last_hour(key, grant).label(grant) for grant in grants))).one()
    return {grant: hour for grant, hour in hours._mapping.items() if hour is not None}  # noqa: SLF001 — its accessor


def forget(tx: Connection, before: datetime) -> None:
    """Forget the hours before a moment."""
    tx.execute(delete(token_uses).where(token_uses.c.hour < before))


def _last_hour(key: str, grant: str) -> ScalarSelect[datetime]:
    uses = token_uses.c
    query = select(uses.hour).where((uses.key == key) & (uses.grant == grant)).order_by(uses.hour.desc()).limit(1)
    return query.scalar_subquery()


def _add(database: Database, counts: dict[Use, _Counted]) -> None:
    """Write what was counted, in one order everywhere, so that workers do not wait for each other in a circle.

    What was written is taken out, for a later batch may fail, and nothing may be counted twice.
    """
    waiting = sorted(counts)
    for first in range(0, len(waiting), _MOST_AT_ONCE):
        batch = waiting[first : first + _MOST_AT_ONCE]
        with database.writing() as tx:
            _upsert(tx, [_row(use, counts[use]) for use in batch])
        for use in batch:
            del counts[use]


def _upsert(tx: Connection, rows: list[dict[str, object]]) -> None:
    statement = upsert(tx, token_uses)
    new, old = statement.excluded, token_uses.c
    statement = statement.on_conflict_do_update(
        index_elements=list(token_uses.primary_key.columns),
        set_={
            "tokens": old.tokens + new.tokens,
            "last_at": case((new.last_at > old.last_at, new.last_at), else_=old.last_at),
        },
    )
    tx.execute(statement, rows)


def _row(use: Use, counted: _Counted) -> dict[str, object]:
    return {
        "key": use.key,
        "credential": use.credential,
        "user": use.user,
        "grant": use.grant,
        **use.asker._asdict(),
        "hour": use.begins_at,
        "tokens": counted.tokens,
        "last_at": datetime.fromtimestamp(counted.last_at, UTC),
    }
