"""Who are the operators of an environment? Users of it that were named on its host; they settle what needs a person."""

from keysteward.actions.context import Context
from keysteward.rules.access import HANDLE_REVIEWS, Actor, demand_permission
from keysteward.rules.approvals import Operator
from keysteward.rules.keys import checked_text
from keysteward.rules.refusals import INVALID_FIELD, NO_SUCH_OBJECT, NO_SUCH_USER, NOT_AN_OPERATOR, Refusal
from keysteward.store import accounts, approvals, audit
from keysteward.store.database import Connection, lock

Hand = Actor | str
"""Whose deed it is: an operator's in the console or by their program, or by name that of whoever is on the host."""


def add(ctx: Context, email: str, by: str) -> Operator:
    """Name a user of this environment as operator."""
    hand = checked_text(by, "by", most=100)
    user = _user(ctx, email)
    with ctx.database.writing() as tx:
        lock(tx, "user", user)
        found = accounts.find_user(tx, user)
        if found is None or found.state != "active":
            raise Refusal(NO_SUCH_USER)
        if not approvals.save_operator(tx, user, ctx.now, hand):
            raise Refusal(INVALID_FIELD, field="email", reason="they are an operator already.")
        audit.record(tx, ctx.event("OperatorAdded", hand, user=user))
    return Operator(user, found.email, found.name, ctx.now, hand)


def remove(ctx: Context, email: str, by: str) -> None:
    """Name a user as operator no more; what they decided stays."""
    hand = checked_text(by, "by", most=100)
    user = _user(ctx, email)
    with ctx.database.writing() as tx:
        lock(tx, "user", user)
        if not approvals.remove_operator(tx, user):
            raise Refusal(NO_SUCH_OBJECT, thing="operator")
        audit.record(tx, ctx.event("OperatorRemoved", hand, user=user))


def list_operators(ctx: Context) -> list[Operator]:
    """Every operator, by address."""
    with ctx.database.reading() as tx:
        return approvals.list_operators(tx)


def is_operator(ctx: Context, user: str) -> bool:
    """Whether somebody settles reviews here."""
    with ctx.database.reading() as tx:
        return approvals.is_operator(tx, user)


def demand_operator(tx: Connection, actor: Actor, permission: str = HANDLE_REVIEWS) -> None:
    """Refuse whoever is no operator, and a program that was not made for it."""
    demand_permission(actor, permission)
    if not approvals.is_operator(tx, actor.user):
        raise Refusal(NOT_AN_OPERATOR)


def demand_hand(tx: Connection, hand: Hand, permission: str) -> str:
    """By which name an operator's deed is recorded; refuses whoever is none."""
    if isinstance(hand, str):
        return f"operator {checked_text(hand, 'author', most=100)}"
    demand_operator(tx, hand, permission)
    return hand.email


def _user(ctx: Context, email: str) -> str:
    with ctx.database.reading() as tx:
        found = accounts.find_user_by_email(tx, email.strip())
    if found is None:
        raise Refusal(NO_SUCH_USER)
    return found[0].id
