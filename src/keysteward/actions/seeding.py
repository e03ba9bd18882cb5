"""What does a seed ask for that nobody else may: whom its calls speak for, and second factors of its own choice?"""

import base64
from dataclasses import replace

from keysteward.actions import callers, factors, tokens
from keysteward.actions.callers import Caller
from keysteward.actions.context import Context
from keysteward.actions.tokens import Bearings
from keysteward.crypto.totp import code_at, step_at
from keysteward.rules.access import Actor
from keysteward.rules.refusals import BAD_TOKEN, NO_SUCH_KEY, Refusal
from keysteward.store import accounts, keys
from keysteward.store.database import current_epoch

_SCOPES = ("signature",)
_A_WHILE_SECONDS = 120  # so that the code that an app shows when the twin is ready was not used


def speak_for(ctx: Context, key: str, user: str | None) -> Caller:
    """A caller as an access token of the app speaks for them: a user, or the app itself.

    Only the seed of a twin asks: the calls that it plays were made with tokens that nobody kept, on consents that the
    file need not say.
    """
    with ctx.database.reading() as tx:
        epoch, app = current_epoch(tx), keys.find(tx, key)
        acting = accounts.find_acting_user(tx, user) if user else None
    if app is None:
        raise Refusal(NO_SUCH_KEY)
    answer = tokens.issue(ctx, app, user, _SCOPES, ctx.policy.user_token_life, Bearings(epoch))
    claims = callers.read_claims(ctx, answer.access_token)
    if claims is None or not app.works or (user and acting is None):
        raise Refusal(BAD_TOKEN, detail="the key does not work, or its user is closed")
    return Caller(claims, app, acting)


def add_authenticator_app(ctx: Context, actor: Actor, secret: bytes | None) -> tuple[str, list[str]]:
    """Set up an authenticator app as its user does, who types what it showed a while ago.

    Answers with the letters of its secret, and the recovery codes that come with it.
    """
    then = ctx.machine_clock() - _A_WHILE_SECONDS
    draft = factors.draft_app(ctx, actor, secret)
    code = code_at(base64.b32decode(draft.letters), step_at(then))
    earlier = replace(ctx, machine_clock=lambda: then)
    return draft.letters, factors.add_app(earlier, actor, draft.sealed, code)
