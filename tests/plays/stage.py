"""Where are deeds played, and what is told of them?"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from keysteward.actions.context import Context
from keysteward.rules.access import Actor
from keysteward.rules.events import Name
from tests.cast import ACME, ADA, Made, Town

ANY = "any"


class Told(NamedTuple):
    """What an event says of its deed."""

    name: str
    actor: str
    key: str
    account: str


@dataclass
class Stage:
    """Where a deed is played: the town, Ada's app, and a folder for more."""

    town: Town
    made: Made
    folder: Path
    opened: list[Town]

    @property
    def demo(self) -> Context:
        """The demo environment."""
        return self.town.demo

    @property
    def ada(self) -> Actor:
        """Ada in demo."""
        return self.town.actor(ADA)

    def empty(self) -> Context:
        """A demo environment with nobody in it."""
        self.opened.append(Town(self.folder / "empty"))
        (self.folder / "empty").mkdir()
        return self.opened[-1].demo

    def of_key(self, name: Name, actor: str = ADA.email) -> Told:
        """What is told of a deed on Ada's app in demo."""
        return Told(name, actor, self.made.key, ACME.demo)


class Scene(NamedTuple):
    """A deed that is ready to be done, where it happens, and what its event must say (None for silence)."""

    ctx: Context
    deed: Callable[[], object]
    told: Told | None


Play = Callable[[Stage], Scene]
