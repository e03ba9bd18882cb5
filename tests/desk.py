"""Who stands at the desk where an organization's people come from its provider?"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from keysteward.actions import identity_providers, providers
from keysteward.actions.context import Context
from keysteward.actions.identity_providers import Draft
from tests.cast import CY, ORGANIZATION, SAM, Town
from tests.peers.provider import CLIENT_ID, CLIENT_SECRET, Provider

ACME = ORGANIZATION["demo"]


@dataclass
class Desk:
    """An environment whose organization runs a provider, and that provider."""

    ctx: Context
    town: Town
    provider: Provider

    def configure(self, **typed: str) -> None:
        """Set the provider up as Cy does."""
        draft = Draft("Acme Login", self.provider.origin, CLIENT_ID, CLIENT_SECRET)._replace(**typed)
        identity_providers.configure(self.ctx, self.town.actor(CY), ACME, draft)

    def begin(self) -> tuple[str, dict[str, str]]:
        """Begin a sign-in: the browser's cookie, and what the provider is asked."""
        begun = providers.begin(self.ctx, ACME, "/apps")
        return begun.cookie, dict(parse_qsl(urlsplit(begun.url).query))

    def says(self, asked: dict[str, str], **claims: Any) -> dict[str, str]:  # noqa: ANN401 — a claim may be any JSON
        """Let the provider answer for Sam, but for claims that a test sets anew; a claim that is None is left out."""
        now = int(self.ctx.machine_clock())
        said = {
            "iss": self.provider.origin, "aud": CLIENT_ID, "sub": "sam-1", "email": SAM.email, "email_verified": True,
            "nonce": asked["nonce"], "iat": now, "exp": now + 300,
        } | claims  # fmt: skip
        self.provider.claims = {name: value for name, value in said.items() if value is not None}
        return {"code": "the code", "state": asked["state"]}

    def sign_in(self, **claims: Any) -> str:  # noqa: ANN401 — likewise
        """A whole sign-in: the token of the session."""
        cookie, asked = self.begin()
        return providers.finish(self.ctx, ACME, cookie, self.says(asked, **claims)).token
