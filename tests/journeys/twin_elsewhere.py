"""How does `keysteward dev` keep its data in databases of one's own? As ever, but for where the databases are."""

import sys

from keysteward.cli import dev
from keysteward.cli.app import app
from keysteward.rules.words import Environment
from keysteward.twin.folder import Folder

ADDRESSES: dict[Environment, str] = {"demo": sys.argv.pop(1), "production": sys.argv.pop(1)}


class Elsewhere(Folder):
    """A twin's folder without the databases."""

    def address(self, environment: Environment) -> str:
        """The address that this program was started with."""
        return ADDRESSES[environment]


dev.Folder = Elsewhere  # type: ignore[attr-defined]  # the one thing that differs
app()
