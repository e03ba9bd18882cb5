"""Whom do the calls of a seed speak for?"""

from keysteward.actions import callers, tokens
from keysteward.actions.callers import Caller
from keysteward.actions.context import Context
from keysteward.actions.tokens import Bearings
from keysteward.rules.refusals import BAD_TOKEN, NO_SUCH_KEY, Refusal
from keysteward.store import accounts, keys
from keysteward.store.database import current_epoch

_SCOPES = ("signature",)


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
