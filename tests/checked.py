"""Which proxies ask in the tests, and how do their calls end?"""

from collections.abc import Sequence

from keysteward.actions import decisions, gateways
from keysteward.actions.calls import Answered, Asked
from keysteward.actions.context import Context
from keysteward.actions.decisions import Taken
from keysteward.actions.gateways import NewGateway
from keysteward.rules.decisions import Gateway, Line
from keysteward.rules.words import new_guid
from tests.cast import ACME, Made, Town

OLGA = "Olga"


def edge(ctx: Context, name: str = "edge") -> NewGateway:
    """A gateway that an operator added."""
    return gateways.add(ctx, name, OLGA)


def decide(
    town: Town, made: Made, gateway: Gateway, times: int = 1, *, method: str = "POST", below: str = "/envelopes"
) -> list[str]:
    """Let calls of the app pass that a gateway asks about; the decisions."""
    ctx = town.demo
    caller, asked = town.caller(ctx, made), [_asked(ctx, method, below) for _ in range(times)]
    for waiting in [decisions.allow(ctx, gateway, caller, each, ACME.demo) for each in asked]:
        waiting.result(10)
    return [each.trace for each in asked]


def refuse(town: Town, made: Made, gateway: Gateway, status: int = 429) -> str:
    """Refuse a call of the app that a gateway asks about; the decision."""
    asked = _asked(town.demo, "POST", "/envelopes")
    answered = Answered(status, "HOURLY_APIINVOCATION_LIMIT_EXCEEDED", ACME.demo)
    decisions.refuse(town.demo, gateway, town.caller(town.demo, made), asked, answered).result(10)
    return asked.trace


def ended(decision: str, status: int = 201, *, by_upstream: bool = True, error_code: str = "") -> Line:
    """How a proxy says that a call ended."""
    return Line(decision, status, error_code, 1_500, 100, 200, completed=True, by_upstream=by_upstream)


def tell(ctx: Context, gateway: Gateway, lines: Sequence[Line]) -> Taken:
    """A gateway says how calls ended."""
    return decisions.take_outcomes(ctx, gateway, lines)


def _asked(ctx: Context, method: str, below: str) -> Asked:
    return Asked(method, f"/restapi/v2.1/accounts/{ACME.demo}{below}", "", "Python", new_guid(), ctx.now)
