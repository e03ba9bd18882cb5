"""How does a database come to have the tables that this version works with?"""

from pathlib import Path

from sqlalchemy import inspect

from keysteward.store import migrations
from keysteward.store.database import Connection, Database, lock

_FOLDER = Path(migrations.__path__[0])


class TooNew(Exception):
    """A newer release made the tables, and there is no way back. The message is their version."""


def newest_version() -> str:
    """The version of the tables that this program works with."""
    return max(file.stem[:4] for file in (_FOLDER / "versions").glob("[0-9]*.py"))


def is_newer(version: str | None) -> bool:
    """Whether tables of this version were made by a newer release than this program."""
    return version is not None and version > newest_version()


def version_of(database: Database) -> str | None:
    """The version of the tables that a database has; None where it has none of ours."""
    with database.reading() as tx:
        return _version(tx)


def migrate(database: Database) -> str | None:
    """Bring the tables to the newest version, all or nothing; answer with the version they had before.

    Several processes that start together wait for one another, and the first does the work. Raises TooNew.
    """
    with database.writing() as tx:
        lock(tx, "record", "migration")
        before = _version(tx)
        if is_newer(before):
            raise TooNew(before)
        if before != newest_version():
            _upgrade(tx)
    return before


def _upgrade(tx: Connection) -> None:
    from alembic import command  # noqa: PLC0415 — half a second to import, needed once a version
    from alembic.config import Config  # noqa: PLC0415 — likewise

    if tx.dialect.name == "postgresql":
        tx.exec_driver_sql("SET LOCAL statement_timeout = 0")  # a step over a large table takes its time
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    config.attributes["connection"] = tx
    command.upgrade(config, "head")


def _version(tx: Connection) -> str | None:
    if not inspect(tx).has_table("alembic_version"):
        return None
    return tx.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
