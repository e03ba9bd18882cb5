"""What does `keysteward migrate` do? It brings a database's tables to the version that this program works with."""

from rich.console import Console

from keysteward.assembly import CannotStart, open_database
from keysteward.cli.options import DatabaseOption, stop
from keysteward.store.database import Unreadable
from keysteward.store.migrating import TooNew, newest_version
from keysteward.store.migrating import migrate as migrate_database

console = Console()


def migrate(database: DatabaseOption) -> None:
    """Bring a database's tables to the newest version, all or nothing."""
    try:
        opened = open_database(database)
        before = migrate_database(opened)
    except CannotStart as error:
        stop(str(error), "Say it as postgresql://USER@HOST/NAME or sqlite:///FILE.", done="Not migrated.")
    except TooNew as error:
        sentence = f"The tables have version {error}, and this program works with {newest_version()}."
        stop(sentence, "Install the release that made them; nothing was changed.", done="Not migrated.")
    except Unreadable as error:
        reason = str(error.__cause__ or error).partition("\n")[0]
        stop(
            f"The database said: {reason}",
            "Check its address and that it runs; nothing was changed.",
            done="Not migrated.",
        )
    opened.close()
    if before == newest_version():
        console.print(f"The tables have version {before} already.", highlight=False)
    else:
        console.print(
            f"The tables went from {f'version {before}' if before else 'nothing'} to {newest_version()}.",
            highlight=False,
        )
