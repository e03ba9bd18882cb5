"""How is each deed around request logs played?"""

from keysteward.actions import accounts, request_logs
from keysteward.rules.accounts import SENDER
from tests.cast import ACME, ADA, SAM
from tests.plays.stage import Play, Scene, Stage, Told
from tests.races.request_logs import passed


def turn_on(on: Stage) -> Scene:
    """Sam has his requests logged."""
    sam = accounts.load_user(on.demo, SAM.demo)
    return Scene(on.demo, lambda: request_logs.turn_on(on.demo, sam), Told("RequestLoggingChanged", SAM.email, "", ""))


def turn_off(on: Stage) -> Scene:
    """Sam has enough."""
    sam = accounts.load_user(on.demo, SAM.demo)
    request_logs.turn_on(on.demo, sam)
    return Scene(on.demo, lambda: request_logs.turn_off(on.demo, sam), Told("RequestLoggingChanged", SAM.email, "", ""))


def clear(on: Stage) -> Scene:
    """Sam clears a log that holds something."""
    keep(on).deed()
    sam = accounts.load_user(on.demo, SAM.demo)
    return Scene(on.demo, lambda: request_logs.clear(on.demo, sam), Told("RequestLogCleared", SAM.email, "", ""))


def keep(on: Stage) -> Scene:
    """A call of Sam's is logged."""
    caller = on.town.caller(on.demo, on.made, SAM)
    request_logs.turn_on(on.demo, accounts.load_user(on.demo, SAM.demo))
    return Scene(on.demo, lambda: request_logs.keep(on.demo, caller, passed()), None)


def forbid(on: Stage) -> Scene:
    """Ada lets no sender of her account log anything."""
    ada = accounts.load_user(on.demo, ADA.demo)
    told = Told("RequestLoggingForbidden", ADA.email, "", ACME.demo)
    return Scene(on.demo, lambda: request_logs.forbid(on.demo, ada, ACME.demo, SENDER.id), told)


def allow(on: Stage) -> Scene:
    """Ada lets them again."""
    forbid(on).deed()
    ada = accounts.load_user(on.demo, ADA.demo)
    told = Told("RequestLoggingAllowed", ADA.email, "", ACME.demo)
    return Scene(on.demo, lambda: request_logs.allow(on.demo, ada, ACME.demo, SENDER.id), told)


DEEDS: tuple[tuple[str, Play], ...] = (
    ("request_logs.turn_on", turn_on),
    ("request_logs.turn_off", turn_off),
    ("request_logs.clear", clear),
    ("request_logs.forbid", forbid),
    ("request_logs.allow", allow),
)
SILENT: tuple[tuple[str, str, Play], ...] = (
    ("request_logs.keep", "a request log is its user's own, and calls are recorded as calls", keep),
)
