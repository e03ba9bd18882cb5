"""Whom do the calls of a seed speak for?"""

from keysteward.actions import callers, tokens
from keysteward.actions.callers import Caller
from keysteward.actions.context import Context
from keysteward.actions.tokens import Bearings
from keysteward.rules.refusals import NO_SUCH_KEY, Refusal
from keysteward.store import keys
from keysteward.store.database import current_epoch

_SCOPES = ("signature",)


def speak_for(ctx: Context, key: str, user: str | None) -> Caller:
    """A caller as an access token of the app speaks for them: a user, or the app itself.

    Only the seed of a twin asks: the calls that it plays were made with tokens that nobody kept.
    """
    with ctx.database.reading() as tx:
        epoch, app = current_epoch(tx), keys.find(tx, key)
    if app is None:
        raise Refusal(NO_SUCH_KEY)
    answer = tokens.issue(ctx, app, user, _SCOPES, ctx.policy.user_token_life, Bearings(epoch))
    return callers.recognize(ctx, answer.access_token)
