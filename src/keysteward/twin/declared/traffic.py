"""How do accounts get the limits, and proxies the credentials, that operators would give them?"""

from keysteward.actions import gateways, limits
from keysteward.rules.limits import Wish
from keysteward.twin.declared.people import MOMENT, opened_at
from keysteward.twin.declared.shapes import Account, Limits
from keysteward.twin.declared.stage import Stage, at


def limit(stage: Stage) -> None:
    """Set the accounts' own limits, one after the other. They count from now on: no call that is played is refused."""
    for number, account in enumerate(stage.known.declared.accounts):
        _limit(stage, f"{stage.environment}.accounts[{number}].limits", account)


def add_gateways(stage: Stage) -> None:
    """Name the proxies that ask before each call."""
    for number, gateway in enumerate(stage.known.declared.gateways):
        when = stage.when(gateway.created, stage.now)
        with at(f"{stage.environment}.gateways[{number}]"):
            added = gateways.add(stage.on(when), gateway.name, gateway.by)
        stage.made.gateways.append(added.credential)


def wish_of(said: Limits) -> Wish:
    """What some declared limits ask for."""
    return Wish(said.hourly, said.burst, said.candidate_hourly, said.candidate_burst)


def _limit(stage: Stage, path: str, account: Account) -> None:
    guid = stage.known.account_guid(account)
    when = opened_at(stage, guid)
    for number, each in enumerate(account.limits):
        when = stage.when(each.created, when + MOMENT)
        with at(f"{path}[{number}]"):
            limits.set_limits(stage.on(when), guid, wish_of(each), each.by, each.reason)
