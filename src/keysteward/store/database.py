"""How is a database opened, read and written?

SQLite: a writing transaction begins IMMEDIATE on the one writer connection, under the one lock of the process.
PostgreSQL: writers run beside one another and take named locks before they read (docs/decisions/0009). On both a
reading transaction is one snapshot.
"""

import contextlib
import threading
import time
from collections.abc import Iterator
from typing import Any, Literal, get_args

from sqlalchemy import URL, Engine, Table, create_engine, event, func, literal, make_url, select, text, update
from sqlalchemy import Connection as Connection  # noqa: PLC0414 — what a transaction is handed to deeds as
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.pool import NullPool, QueuePool

from keysteward.store.tables import Words, epoch

Unreadable = SQLAlchemyError
Unreachable = (OperationalError, InterfaceError, NoConnection)  # gone, silent or full: the statement itself was good
Kind = Literal["organization", "account", "user", "key", "record"]

CHANNEL = "keysteward_epoch"

_SQLITE_READERS = 40
_POSTGRESQL_CONNECTIONS = 16
_RANK = {kind: rank for rank, kind in enumerate(get_args(Kind), start=1)}
_SESSION = "-c statement_timeout=30s -c lock_timeout=20s -c idle_in_transaction_session_timeout=60s"

_REACHING = {  # how soon a host that went away is noticed
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}


class NoDatabase(Exception):
    """The address names no database that we can use. The message is for whoever wrote it."""


class Lost(SQLAlchemyError):
    """The connection that listens is gone."""


class Listener:
    """One connection of its own that asks for the epoch, and on PostgreSQL hears of it."""

    def __init__(self, connection: Connection, *, is_sqlite: bool) -> None:
        self._connection = connection
        self._is_sqlite = is_sqlite
        self._version_read: int | None = None
        self._epoch_read = 0
        if not is_sqlite:
            with connection.begin():
                connection.execute(text(f"LISTEN {CHANNEL}"))

    def epoch(self) -> int:
        """The epoch as it is committed now."""
        version = self._version()
        if version is None or version != self._version_read:
            with self._connection.begin():
                self._epoch_read = current_epoch(self._connection)
            self._version_read = version
        return self._epoch_read

    def _version(self) -> int | None:
        """What SQLite changes with every commit of another connection, at a tenth of what asking for the epoch costs.

        None where that cannot be told; asking for the epoch says why.
        """
        if not self._is_sqlite:
            return None
        driver = self._connection.connection.driver_connection
        try:
            found = driver.execute("PRAGMA data_version").fetchone()  # type: ignore[union-attr]
        except self._connection.dialect.loaded_dbapi.Error:
            return None
        return int(found[0])

    def wait(self, seconds: float) -> None:
        """Wait this long, or until somebody raised the epoch."""
        if self._is_sqlite:
            time.sleep(seconds)
            return
        driver = self._connection.connection.driver_connection
        try:
            for _ in driver.notifies(timeout=seconds, stop_after=1):  # type: ignore[union-attr]
                return
        except self._connection.dialect.loaded_dbapi.Error as error:
            self._connection.invalidate()
            raise Lost(type(error).__name__) from error


class Database:
    """One environment's database, by its address: `sqlite:///FILE` or `postgresql+psycopg://…`.

    `known_epoch` is the highest epoch that this process has seen committed, and `written` counts what it wrote itself.
    """

    def __init__(self, address: str) -> None:
        self.url = _checked(address)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.known_epoch = 0
        self.written = 0
        self._hearing = threading.Lock()
        self._turn: contextlib.AbstractContextManager[object] = contextlib.nullcontext()
        if self.is_sqlite:
            self._turn = threading.Lock()
            self._readers = _sqlite(self.url, "BEGIN", _SQLITE_READERS)
            self._writers = _sqlite(self.url, "BEGIN IMMEDIATE", 1)
        else:
            self._writers = _postgresql(self.url)
            snapshot = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
            self._readers = self._writers.execution_options(**snapshot)

    @contextlib.contextmanager
    def reading(self) -> Iterator[Connection]:
        """A snapshot to read from."""
        with self._readers.begin() as connection:
            yield connection

    @contextlib.contextmanager
    def writing(self, *, counts: bool = True) -> Iterator[Connection]:
        """A transaction that commits when the block ends well; an epoch that it raised is known here at once.

        What only keeps something as it is does not count as written.
        """
        with self._turn, self._writers.connect() as connection:
            connection.info.update(rank=0, epoch=0)
            with connection.begin():
                yield connection
            self.hear(connection.info["epoch"])
            self.written += counts

    @contextlib.contextmanager
    def listening(self) -> Iterator[Listener]:
        """A connection beside all others to hear of changes with."""
        engine = _sqlite(self.url, "BEGIN", 1) if self.is_sqlite else _postgresql(self.url, poolclass=NullPool)
        options = {} if self.is_sqlite else {"isolation_level": "AUTOCOMMIT"}
        try:
            with engine.connect().execution_options(**options) as connection:
                yield Listener(connection, is_sqlite=self.is_sqlite)
        finally:
            engine.dispose()

    def hear(self, epoch: int) -> None:
        """Learn of an epoch that was committed, here or by another process."""
        with self._hearing:
            self.known_epoch = max(self.known_epoch, epoch)

    def close(self) -> None:
        """Close every connection."""
        self._readers.dispose()
        self._writers.dispose()


def lock(tx: Connection, kind: Kind, *names: str) -> None:
    """Wait until no other writing transaction holds these names, and hold them until this one ends.

    Always in the order organization, account, user, key, record, and each kind at once, so that nobody waits in a
    circle. On SQLite the transaction holds everything already.
    """
    if tx.info["rank"] >= _RANK[kind]:
        raise RuntimeError(f"{kind} is locked too late: the order is {', '.join(_RANK)}, each at once")
    tx.info["rank"] = _RANK[kind]
    if tx.dialect.name != "postgresql":
        return
    for name in sorted(names):
        number = func.hashtextextended(literal(f"{kind} {name}", Words), 0)
        tx.execute(select(func.pg_advisory_xact_lock(number)))


def upsert(tx: Connection, table: Table) -> Any:  # noqa: ANN401 — the dialects' inserts share methods, not a type
    """An INSERT with `on_conflict_do_nothing` and `on_conflict_do_update`, in the dialect of this transaction."""
    return postgresql.insert(table) if tx.dialect.name == "postgresql" else sqlite.insert(table)


def bump_epoch(tx: Connection) -> int:
    """Raise the epoch, as the last statement of a deed that changes what the hot path reads, and return it."""
    raised = int(tx.execute(update(epoch).values(n=epoch.c.n + 1).returning(epoch.c.n)).scalar_one())
    tx.info["epoch"] = raised
    if tx.dialect.name == "postgresql":
        tx.execute(text(f"NOTIFY {CHANNEL}"))
    return raised


def current_epoch(tx: Connection) -> int:
    """The epoch of this snapshot."""
    return int(tx.execute(select(epoch.c.n)).scalar_one())


def _checked(address: str) -> URL:
    try:
        url = make_url(address)
    except ArgumentError:
        raise NoDatabase("it is no database address") from None
    if url.drivername in {"postgresql", "postgres"}:
        url = url.set(drivername="postgresql+psycopg")
    if url.drivername not in {"sqlite", "postgresql+psycopg"} or not url.database:
        raise NoDatabase("it is neither sqlite:///FILE nor postgresql://USER@HOST/NAME")
    return url


def _sqlite(url: URL, begin: str, size: int) -> Engine:
    engine = create_engine(
        url,
        poolclass=QueuePool,
        hide_parameters=True,
        pool_size=size,
        max_overflow=0,
        pool_timeout=30,
        connect_args={"check_same_thread": False, "timeout": 30},
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:  # noqa: ANN401 — the driver's own connection
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _postgresql(url: URL, **pool: Any) -> Engine:  # noqa: ANN401 — passed on to create_engine
    kept = {"pool_size": _POSTGRESQL_CONNECTIONS, "max_overflow": 0, "pool_timeout": 30, "pool_pre_ping": True}
    session = {"application_name": "keysteward", "options": _SESSION}
    counting = {"preserve_rowcount": True}  # or an insert's count is gone with its cursor
    return create_engine(
        url, hide_parameters=True, connect_args=_REACHING | session, execution_options=counting, **(pool or kept)
    )
