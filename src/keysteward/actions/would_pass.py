"""Would a call pass now? It is held against everything that stands before the API, and counted nowhere.

In the order of a call: the key works, its user is active and allows the app, is a member of the account, the account is
open and has not blocked the app, and no limit stands against one call more.
"""

from typing import NamedTuple

from keysteward.actions import calls, limits
from keysteward.actions.callers import Caller
from keysteward.actions.context import Context
from keysteward.rules import limits as rules
from keysteward.rules.access import READ_KEYS, Actor, demand_admin, demand_open, demand_permission
from keysteward.rules.limits import Count, Measure
from keysteward.rules.refusals import BAD_TOKEN, NO_SUCH_ACCOUNT, NOT_A_MEMBER, Refusal
from keysteward.rules.tokens import Claims
from keysteward.store import accounts, consents, keys

_SCOPES = frozenset({"signature"})
_NO_KEY = "No app with this key works here."
_NO_USER = "The user is closed, or in no open account, so no token speaks for them."
_NO_CONSENT = "The user does not allow this app to act for them, so it gets no token."


class Preview(NamedTuple):
    """What a call would get: no refusal where it passes; `why` says more than the refusal may tell a caller."""

    refusal: Refusal | None
    why: str
    measure: Measure
    counted: Count


def preview(ctx: Context, actor: Actor, account: str, key: str, user: str = "") -> Preview:
    """What a call of a key for a member of the account would get; without a user, for whoever asks."""
    demand_permission(actor, READ_KEYS)
    standing = ctx.directory.find(accounts.find_standing, actor.user, account)
    if standing is None or not standing.is_active:
        raise Refusal(NO_SUCH_ACCOUNT)
    demand_admin(standing)
    asked = limits.question_of(ctx, standing.account.id, counts=False)
    count = limits.look(ctx, standing.account.id)
    try:
        _demand_admitted(ctx, standing.account.id, key.lower(), user.lower() or actor.user)
        if count.excess:
            raise rules.refusal(count.excess, asked.measure, ctx.policy)
    except Refusal as refusal:
        return Preview(refusal, refusal.detail or refusal.next_step, asked.measure, count)
    return Preview(None, "", asked.measure, count)


def _demand_admitted(ctx: Context, account: str, key: str, user: str) -> None:
    """Refuse as the gateway would; of users who are no members here, nothing more is said than that."""
    find = ctx.directory.find
    member = find(accounts.find_standing, user, account)
    if member is None or not member.is_active:
        raise Refusal(NOT_A_MEMBER)
    app = find(keys.find, key)
    if app is None or not app.works:
        raise Refusal(BAD_TOKEN, detail=_NO_KEY)
    acting = find(accounts.find_acting_user, user)
    epoch = ctx.directory.epoch
    if acting is None:
        raise Refusal(BAD_TOKEN, detail=_NO_USER)
    if not find(consents.find, user, key).cover(_SCOPES, epoch):
        raise Refusal(BAD_TOKEN, detail=_NO_CONSENT)
    claims = Claims(key, user, _SCOPES, "", "", epoch, ctx.now, ctx.now)
    demand_open(calls.demand_member(ctx, Caller(claims, app, acting), account))
