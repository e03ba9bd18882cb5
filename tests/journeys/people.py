"""Who takes part in the journeys beside the people of the twin's seed?"""

from dataclasses import dataclass

from keysteward.actions import accounts, limits, organization_consents
from keysteward.actions.context import Context
from keysteward.rules.access import Actor
from keysteward.rules.accounts import ADMIN, AccountState, NewUser
from keysteward.rules.limits import MOST_CALLS, Wish
from keysteward.rules.words import ENVIRONMENTS, Environment
from keysteward.twin import cast
from tests.journeys.stage import Stage

UNKNOWN = "00000000-0000-4000-8000-000000000000"
TAILSPIN: dict[Environment, str] = {
    "demo": "d0000000-0000-4000-8000-00000000000d",
    "production": "b0000000-0000-4000-8000-00000000000d",
}
CLOSED = "b0000000-0000-4000-8000-0000000000cc"
SUSPENDED = "b0000000-0000-4000-8000-0000000000ca"


@dataclass(frozen=True)
class Member:
    """Somebody with one address, a user in each environment and an account there."""

    email: str
    users: dict[Environment, str]
    accounts: dict[Environment, str]


def _member(user: NewUser, production_user: NewUser, accounts_of: dict[Environment, str]) -> Member:
    return Member(user.email, {"demo": user.id or "", "production": production_user.id or ""}, accounts_of)


def tess(environment: Environment) -> NewUser:
    """Tess, the only member of a third account, which is none of Northwind's."""
    guid = f"{'d' if environment == 'demo' else 'b'}0000000-0000-4000-8000-0000000000e9"
    return NewUser("tess@tailspin.example", "Tess", "Tailor", ADMIN, cast.PASSWORD, id=guid)


_NORTHWIND: dict[Environment, str] = {each: cast.TOWNS[each].account for each in ENVIRONMENTS}
_SECOND: dict[Environment, str] = {each: cast.TOWNS[each].second_account for each in ENVIRONMENTS}

ADA = _member(cast.ada("demo"), cast.ada("production"), _NORTHWIND)
CY, ROBIN, SAM = (
    _member(*each, _NORTHWIND) for each in zip(cast.others("demo"), cast.others("production"), strict=True)
)
DANA = _member(cast.dana("demo"), cast.dana("production"), _SECOND)
TESS = _member(tess("demo"), tess("production"), TAILSPIN)


def settle(stage: Stage) -> None:
    """Open the accounts that the seed lacks: Tess's in both environments, a closed and a suspended one of Ada's.

    All stories of a file come in one burst, so Ada's account may call as often as it likes.
    """
    for environment in ENVIRONMENTS:
        with stage.opened(environment) as ctx:
            limits.set_limits(ctx, cast.TOWNS[environment].account, Wish(burst=MOST_CALLS), "Olga", "Many stories.")
            plan = "Developer" if environment == "demo" else "Business Pro"
            accounts.open_account(ctx, "Tailspin Toys", plan, tess(environment), account=TAILSPIN[environment])
            if environment == "production":
                _open_and_change(ctx, "Northwind Closed", CLOSED, "closed")
                _open_and_change(ctx, "Northwind Suspended", SUSPENDED, "suspended")


def authorize_application(stage: Stage, environment: Environment, key: str, scopes: tuple[str, ...]) -> None:
    """Let Ada's organization authorize an app for application tokens, in a stopped twin."""
    organization, ada = cast.TOWNS[environment].organization, ADA.users[environment]
    with stage.opened(environment) as ctx:
        actor = Actor(ada, ADA.email, ctx.now)
        organization_consents.authorize_application(ctx, actor, organization, key, frozenset(scopes))


def _open_and_change(ctx: Context, name: str, account: str, state: AccountState) -> None:
    accounts.open_account(ctx, name, "Business Pro", cast.ada("production"), account=account)
    accounts.change_account(ctx, account, "operator", state=state)
