"""How is the deed played that gives an account limits of its own?"""

from keysteward.actions import limits
from keysteward.rules.limits import Wish
from tests.cast import ACME
from tests.plays.stage import Play, Scene, Stage, Told

OLGA = "Olga"


def set_limits(on: Stage) -> Scene:
    """An operator gives an account more calls."""
    told = Told("LimitsChanged", OLGA, "", ACME.demo)
    return Scene(on.demo, lambda: limits.set_limits(on.demo, ACME.demo, Wish(hourly=9_000), OLGA, "They grow."), told)


DEEDS: tuple[tuple[str, Play], ...] = (("limits.set_limits", set_limits),)
