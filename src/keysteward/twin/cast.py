"""Who lives in the twin? The same people, accounts and keys in every twin, with fixed GUIDs."""

from dataclasses import dataclass

from keysteward.rules.accounts import ADMIN, SENDER, NewUser
from keysteward.rules.words import Environment

PASSWORD = "open-the-twin"
TOKEN_NAME = "dev.env"
REDIRECT_URIS: dict[Environment, str] = {
    "demo": "http://localhost:3000/ds/callback",
    "production": "http://127.0.0.1:3000/ds/callback",
}
SCOPES = (
    "signature",
    "extended",
    "impersonation",
    "openid",
    "cors",
    "organization_read",
    "group_read",
    "permission_read",
    "user_read",
    "user_write",
    "account_read",
    "account_write",
    "domain_read",
    "identity_provider_read",
)

TOOLBOX = "70010b0c-0000-4000-8000-000000000001"
FRESH_START = "f4e50000-0000-4000-8000-000000000002"
THIRTEEN_CALLS = "13ca1150-0000-4000-8000-000000000003"
READY_TO_GO = "4ead7000-0000-4000-8000-000000000004"


@dataclass(frozen=True, slots=True)
class Town:
    """One environment's accounts and organization."""

    account: str
    account_name: str
    plan: str
    second_account: str
    second_name: str
    second_plan: str
    organization: str
    organization_name: str
    domain: str


TOWNS: dict[Environment, Town] = {
    "demo": Town(
        "d0000000-0000-4000-8000-00000000000a",
        "Northwind Developers",
        "Developer",
        "d0000000-0000-4000-8000-00000000000b",
        "Fabrikam Sandbox",
        "Developer",
        "d0000000-0000-4000-8000-0000000000c1",
        "Northwind",
        "northwind.example",
    ),
    "production": Town(
        "b0000000-0000-4000-8000-00000000000a",
        "Northwind",
        "Business Pro",
        "b0000000-0000-4000-8000-00000000000b",
        "Northwind Shops",
        "Standard",
        "b0000000-0000-4000-8000-0000000000c1",
        "Northwind",
        "northwind.example",
    ),
}

_PREFIX: dict[Environment, str] = {"demo": "d", "production": "b"}


def ada(environment: Environment) -> NewUser:
    """Ada, admin of the account and of the organization: the user of `dev.env`."""
    return _person(environment, 1, "ada", "Ada", "Admin", is_admin=True)


def others(environment: Environment) -> tuple[NewUser, ...]:
    """The account's second admin, its service admin and its sender."""
    return (
        _person(environment, 2, "cy", "Cy", "Council", is_admin=True),
        _person(environment, 3, "keys", "Robin", "Robot", is_admin=True, service=True),
        _person(environment, 4, "sam", "Sam", "Sender", is_admin=False),
    )


def dana(environment: Environment) -> NewUser:
    """Dana, the admin of the second account."""
    return NewUser("dana@fabrikam.example", "Dana", "Doyle", ADMIN, PASSWORD, id=_user_id(environment, 5))


OPERATOR = NewUser(
    "olive@fabrikam.example", "Olive", "Operator", SENDER, PASSWORD, id="d0000000-0000-4000-8000-0000000000e6"
)
"""Olive, who settles the reviews that need a person in demo; she belongs to the second account."""


def _person(
    environment: Environment, number: int, local: str, first: str, last: str, *, is_admin: bool, service: bool = False
) -> NewUser:
    return NewUser(
        f"{local}@northwind.example",
        first,
        last,
        ADMIN if is_admin else SENDER,
        PASSWORD,
        service,
        _user_id(environment, number),
    )


def _user_id(environment: Environment, number: int) -> str:
    return f"{_PREFIX[environment]}0000000-0000-4000-8000-0000000000e{number}"
