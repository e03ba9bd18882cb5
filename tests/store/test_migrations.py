"""Do the migrations lead to the tables that the program works with?"""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from keysteward.store.database import Database
from keysteward.store.migrating import TooNew, migrate, newest_version, version_of
from keysteward.store.tables import metadata


def test_the_steps_lead_to_the_tables(database: Database) -> None:
    """Whatever `tables.py` lists is there after the last step, column by column, and nothing else is."""
    with database.reading() as tx:
        differences = compare_metadata(MigrationContext.configure(tx), metadata)

    assert differences == []


def test_migrating_again_changes_nothing(database: Database) -> None:
    """A database of the newest version is left alone."""
    assert migrate(database) == newest_version() == version_of(database)


def test_tables_of_a_newer_release_are_left_alone(database: Database) -> None:
    """Whoever goes back to an older release is told, and nothing is changed."""
    with database.writing() as tx:
        tx.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(TooNew, match="9999"):
        migrate(database)
    assert version_of(database) == "9999"
