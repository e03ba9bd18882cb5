"""On whose behalf does the bench ask? An app of a demo environment, and a user who consented to it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import jwt

from keysteward.actions import accounts, addresses, authorize, consents, credentials, keys, limits, tokens
from keysteward.actions.context import Context
from keysteward.assembly import assemble, close, found, watcher
from keysteward.crypto.signing import generate_keypair
from keysteward.rules.access import Actor
from keysteward.rules.accounts import ADMIN, NewUser
from keysteward.rules.keys import GRANTS
from keysteward.rules.limits import MOST_CALLS, Wish
from keysteward.settings import Algorithm, Settings

_ORIGIN = "http://localhost"
_CALLBACK = "https://app.example.com/callback"
_LIFE_SECONDS = 7_000
PASSWORD = "a-long-password"


@dataclass(frozen=True, slots=True)
class Place:
    """An environment that was founded, and who asks there."""

    folder: Path
    settings: Settings
    account: str
    user: str
    key: str
    private_pem: str

    @property
    def assertion(self) -> str:
        """What the official SDKs send for a token: an RS256 assertion without a `jti`, good for two hours."""
        now = int(time.time())
        claims = {"iss": self.key, "sub": self.user, "aud": "localhost", "iat": now, "exp": now + _LIFE_SECONDS}
        return jwt.encode(claims | {"scope": "signature impersonation"}, self.private_pem, "RS256")

    def access_token(self, ctx: Context) -> str:
        """A token of this app for its user."""
        return tokens.grant_assertion(ctx, self.assertion).access_token


def make_place(folder: Path, database: str, algorithm: Algorithm = "RS256") -> Place:
    """Found an environment and play in it what leads to an app that may impersonate a user."""
    folder.mkdir()
    settings = Settings(
        "demo", "serve", database, (folder / "master.key",), _ORIGIN, "http://other.localhost", algorithm=algorithm
    )
    found(settings)
    with acting(settings) as ctx:
        admin = NewUser("ada@acme.example", "Ada", "Admin", ADMIN, PASSWORD)
        standing = accounts.open_account(ctx, "Acme", "Developer", admin)
        actor = Actor(standing.user.id, standing.user.email, ctx.now)
        app = keys.create(ctx, actor, standing.account.id, keys.Draft("Bench", admin.email, grants=frozenset(GRANTS)))
        private_pem, public_pem = generate_keypair()
        credentials.add_public_key(ctx, actor, app.key, public_pem)
        addresses.add_redirect_uri(ctx, actor, app.key, _CALLBACK)
        _consent(ctx, actor, app.key)
        limits.set_limits(ctx, standing.account.id, Wish(MOST_CALLS, MOST_CALLS), "bench", "It calls all it can.")
    return Place(folder, settings, standing.account.id, standing.user.id, app.key, private_pem)


@contextmanager
def acting(settings: Settings) -> Iterator[Context]:
    """The environment in this process, with its directory kept true as while it is served."""
    ctx = assemble(settings)
    watching = watcher(ctx)
    watching.start()
    try:
        yield ctx
    finally:
        watching.stop()
        close(ctx)


def _consent(ctx: Context, actor: Actor, key: str) -> None:
    asked = {
        "client_id": key,
        "redirect_uri": _CALLBACK,
        "response_type": "code",
        "scope": "signature impersonation",
    }
    consents.consent(ctx, authorize.read_request(ctx, list(asked.items())), actor)
