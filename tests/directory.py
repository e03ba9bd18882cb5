"""How does an identity provider speak for Acme in these tests?"""

from typing import Any, NamedTuple

import requests

from keysteward.actions import scim_tokens
from keysteward.actions.context import Context
from keysteward.rules.accounts import SENDER
from keysteward.rules.provisioning.documents import CORE
from keysteward.rules.provisioning.tokens import Token
from tests.cast import ACME, CY, ORGANIZATION, Town

PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
NELL = "nell@acme.example"
FAR = "far@elsewhere.example"


def group(ctx: Context) -> str:
    """The organization of Acme in an environment."""
    return ORGANIZATION[ctx.environment]


def introduce(town: Town, ctx: Context | None = None, name: str = "Entra ID") -> scim_tokens.NewToken:
    """Let Acme's provider speak: Cy says where new users belong, and makes a token."""
    ctx = ctx or town.demo
    cy, account = town.actor(CY, ctx), ACME.id_in(ctx.environment)
    scim_tokens.choose_home(ctx, cy, group(ctx), account, SENDER.id)
    return scim_tokens.make(ctx, cy, group(ctx), name)


def token_of(town: Town, ctx: Context | None = None) -> Token:
    """The same, where its value does not matter."""
    return introduce(town, ctx).token


def described(user_name: str = NELL, **more: object) -> dict[str, Any]:
    """A user as providers send them."""
    first = user_name.partition("@")[0].capitalize()
    return {"schemas": [CORE], "userName": user_name, "name": {"givenName": first, "familyName": "Newcomer"}, **more}


class Answer(NamedTuple):
    """What a provider is told."""

    status: int
    said: Any
    headers: Any

    @property
    def refusal(self) -> tuple[int, str]:
        """How it was refused: the status and what SCIM calls it; checks the shape of the error."""
        assert self.said["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]
        assert self.said["status"] == str(self.status)
        assert self.said["detail"]
        assert self.headers["Content-Type"] == "application/scim+json"
        return self.status, self.said.get("scimType", "")


class Speaker:
    """A provider, with a token of the organization."""

    def __init__(self, address: str, value: str, ca_file: str = "") -> None:
        self._base = f"{address}/scim/v2"
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.verify = ca_file or True
        self._session.headers["Authorization"] = f"Bearer {value}"

    def ask(self, method: str, path: str, body: object = None, **options: Any) -> Answer:  # noqa: ANN401 — of requests
        """Ask for something."""
        if body is not None:
            options["json"] = body
        answer = self._session.request(method, self._base + path, timeout=30, **options)
        return Answer(answer.status_code, answer.json() if answer.content else None, answer.headers)

    def patch(self, user: str, *operations: dict[str, object]) -> Answer:
        """Change a user by operations."""
        return self.ask("PATCH", f"/Users/{user}", {"schemas": [PATCH], "Operations": list(operations)})

    def names(self, **query: object) -> list[str]:
        """The names of the users that a query finds."""
        found = self.ask("GET", "/Users", params=query)
        assert found.status == 200, found.said
        return [each["userName"] for each in found.said["Resources"]]
