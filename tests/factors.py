"""How do people of the cast get a second factor, and type what it shows?"""

import base64
import hashlib
import hmac

from keysteward.actions import accounts, factors, passkeys, signin
from keysteward.actions.context import Context
from keysteward.rules.access import Actor
from tests.authenticator import Authenticator
from tests.cast import ADA, PASSWORD, Person, Town


def code_of(letters: str, seconds: float) -> str:
    """What an authenticator app shows, counted as RFC 6238 says, beside the product's own way."""
    secret = base64.b32decode(letters.replace(" ", ""))
    digest = hmac.new(secret, (int(seconds) // 30).to_bytes(8), hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(int.from_bytes(digest[at : at + 4]) & 0x7FFFFFFF) % 1_000_000:06}"


def add_app(ctx: Context, actor: Actor) -> tuple[str, list[str]]:
    """Set up an authenticator app: the letters of its secret, and recovery codes where it is the first factor."""
    draft = factors.draft_app(ctx, actor)
    return draft.letters, factors.add_app(ctx, actor, draft.sealed, code_of(draft.letters, ctx.machine_clock()))


def add_passkey(ctx: Context, actor: Actor, name: str = "Blue key") -> Authenticator:
    """Make a passkey on a security key of one's own."""
    authenticator = Authenticator(ctx.origin)
    asked = passkeys.ask(ctx, accounts.load_user(ctx, actor.user), "add")
    factors.add_passkey(ctx, actor, name, authenticator.register(asked))
    return authenticator


def half(town: Town, person: Person = ADA) -> str:
    """The first step of a sign-in that takes two."""
    token = signin.sign_in(town.demo, person.email, PASSWORD)
    assert signin.is_half(token)
    return token
