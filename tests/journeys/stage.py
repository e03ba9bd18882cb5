"""Where does a twin of the journeys keep what it keeps, so that it can be stopped, copied and started again?"""

import shutil
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from keysteward.actions.context import Context
from keysteward.assembly import assemble, close
from keysteward.rules.words import ENVIRONMENTS, Environment
from keysteward.settings import Settings
from keysteward.twin.folder import Folder
from tests.peers.databases import Copies, Files
from tests.twin.running import COMMAND, Program, Twin, running

_ELSEWHERE = Path(__file__).with_name("twin_elsewhere.py")


@dataclass(frozen=True)
class Stage:
    """A twin's folder, and its databases: in files of the folder, or in PostgreSQL."""

    folder: Path
    homes: Files | Copies

    def running(self) -> AbstractContextManager[Twin]:
        """The twin, running on this stage."""
        return running(self.folder, program=self._program)

    @contextmanager
    def opened(self, environment: Environment) -> Iterator[Context]:
        """One environment of a stopped twin, to play deeds in."""
        address, master_keys = self.homes.url(environment), (Folder(self.folder).master_key(environment),)
        ctx = assemble(Settings(environment, "twin", address, master_keys, "https://localhost", "https://localhost"))
        try:
            yield ctx
        finally:
            close(ctx)

    @contextmanager
    def copied(self, folder: Path) -> Iterator["Stage"]:
        """The same stage again, for as long as it is needed."""
        copy = Stage(shutil.copytree(self.folder, folder), self.homes.copied(folder))
        yield copy
        copy.homes.close()

    @property
    def _program(self) -> Program:
        if isinstance(self.homes, Files):
            return (COMMAND,)
        return (sys.executable, _ELSEWHERE, *map(self.homes.url, ENVIRONMENTS))
