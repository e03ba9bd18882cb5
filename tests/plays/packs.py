"""How is each deed played that brings rule packs into force?"""

from keysteward.actions import packs
from tests.packs import a_document
from tests.plays.stage import Play, Scene, Stage, Told

OLGA = "Olga"


def install(on: Stage) -> Scene:
    """An operator installs a pack."""
    told = Told("PackInstalled", OLGA, "", "")
    return Scene(on.demo, lambda: packs.install(on.demo, a_document(), author=OLGA, reason="Our API."), told)


def remove(on: Stage) -> Scene:
    """An operator takes it out of force."""
    install(on).deed()
    told = Told("PackRemoved", OLGA, "", "")
    return Scene(on.demo, lambda: packs.remove(on.demo, "envelopes", author=OLGA, reason="Never mind."), told)


DEEDS: tuple[tuple[str, Play], ...] = (("packs.install", install), ("packs.remove", remove))
