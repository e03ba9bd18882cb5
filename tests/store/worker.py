"""What does one of several processes on a database believe?"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from keysteward.store import accounts
from keysteward.store.database import Connection, Database, bump_epoch, current_epoch
from keysteward.store.directory import Directory
from tests.rules.examples import ACCOUNT


@dataclass
class Shelf:
    """A query of the store that a test can watch: how often it was asked, and what happens while it is.

    `meanwhile` runs after the query read, before its answer is kept.
    """

    asked: int = 0
    meanwhile: Callable[[], None] | None = None

    def plan(self, tx: Connection, account: str) -> str:
        """The account's plan in this snapshot."""
        self.asked += 1
        found = accounts.find_account(tx, account)
        assert found is not None
        if self.meanwhile is not None:
            meanwhile, self.meanwhile = self.meanwhile, None
            meanwhile()
        return found.plan


@dataclass
class Worker:
    """One process of several on a database: what it knows is its own. Nothing watches for it but the test.

    One that `concludes` remembers what follows from the plan, and may believe it no longer than the plan itself.
    """

    database: Database
    concludes: bool = False
    shelf: Shelf = field(default_factory=Shelf)
    directory: Directory = field(init=False)

    def __post_init__(self) -> None:
        self.directory = Directory(self.database)
        self._query, self._conclusion = self.shelf.plan, self._conclude

    def look(self) -> str:
        """What the worker takes the plan for."""
        return self._look(self.directory)

    def look_from_the_loop(self) -> str:
        """The same on the event loop, where nothing may wait."""
        return self._look(self.directory.without_waiting())

    def _look(self, directory: Directory) -> str:
        return directory.conclude(self._conclusion, ACCOUNT) if self.concludes else directory.find(self._query, ACCOUNT)

    def _conclude(self, directory: Directory, account: str) -> str:
        return directory.find(self._query, account)

    def change(self, plan: str) -> None:
        """Change the plan, as a deed does."""
        with self.database.writing() as tx:
            accounts.change_account(tx, ACCOUNT, plan=plan)
            bump_epoch(tx)

    def listen(self, seconds_ago: float = -30) -> None:
        """Hear what the database says now, in answer to a question of some time ago.

        Where nobody says when, of a while to come: a machine that stalls between two lines makes no worker doubt.
        """
        with self.database.reading() as tx:
            self.directory.heard(current_epoch(tx), time.monotonic() - seconds_ago)
