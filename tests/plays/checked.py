"""How is each deed played that concerns proxies which ask before each call?"""

from keysteward.actions import gateways
from tests.checked import OLGA, decide, edge, ended, tell
from tests.plays.stage import Play, Scene, Stage, Told


def add(on: Stage) -> Scene:
    """An operator adds a gateway."""
    return Scene(on.demo, lambda: edge(on.demo), Told("GatewayAdded", OLGA, "", ""))


def remove(on: Stage) -> Scene:
    """And removes it."""
    edge(on.demo)
    told = Told("GatewayRemoved", OLGA, "", "")
    return Scene(on.demo, lambda: gateways.remove(on.demo, "edge", OLGA), told)


def take_outcomes(on: Stage) -> Scene:
    """A proxy says how a call ended."""
    gateway = edge(on.demo).gateway
    (decision,) = decide(on.town, on.made, gateway)
    return Scene(on.demo, lambda: tell(on.demo, gateway, [ended(decision)]), None)


DEEDS: tuple[tuple[str, Play], ...] = (("gateways.add", add), ("gateways.remove", remove))

SILENT: tuple[tuple[str, str, Play], ...] = (
    ("decisions.take_outcomes", "calls are evidence, and are no deeds of a key's managers", take_outcomes),
)
