"""How does somebody whom nobody asked open a demo account of their own?

They name an address and get a link there. Only the link opens the account: it proves the address, works once, and its
holder becomes the only admin.
"""

from datetime import timedelta
from typing import NamedTuple

from keysteward.actions.accounts import hold_new, opened
from keysteward.actions.context import Context
from keysteward.actions.invitations import Newcomer
from keysteward.actions.mailing import house, post
from keysteward.crypto.hashing import has_shape, new_secret
from keysteward.rules import letters
from keysteward.rules.access import Actor
from keysteward.rules.accounts import ADMIN, NewUser, Standing, checked_password
from keysteward.rules.keys import checked_text
from keysteward.rules.refusals import (
    INVALID_FIELD,
    LINK_NOT_GOOD,
    NOT_YOUR_LINK,
    TOO_MANY_SIGN_UPS,
    USER_CLOSED,
    Refusal,
)
from keysteward.rules.sign_ups import SignUp, demand_sign_up
from keysteward.rules.words import is_email
from keysteward.store import accounts, audit, mails, sign_ups
from keysteward.store.database import Connection, lock

_HOUR = timedelta(hours=1)


class Asked(NamedTuple):
    """What a link opens. `has_user` says that its address has a user here, who signs in to open the account."""

    wish: SignUp
    has_user: bool


def ask(ctx: Context, email: str, account: str) -> None:
    """Send a link that opens an account of this name; whether the address has a user here, nobody is told.

    An address is sent few links within an hour, everybody together `sign_ups_per_hour`, and each link makes the one
    before useless.
    """
    demand_sign_up(ctx.environment, ctx.policy)
    email, name = email.strip(), checked_text(account, "account", most=100)
    if not is_email(email):
        raise Refusal(INVALID_FIELD, field="email", reason="give an address such as ada@example.com.")
    with ctx.database.writing() as tx:
        lock(tx, "user", email.casefold())
        lock(tx, "record", "sign-ups")
        if sign_ups.count_asked(tx, ctx.now - _HOUR) >= ctx.policy.sign_ups_per_hour:
            raise Refusal(TOO_MANY_SIGN_UPS)
        asked = mails.save_link_request(tx, sign_ups.LINK, email, ctx.now, ctx.now - _HOUR)
        user, _ = accounts.find_user_by_email(tx, email) or (None, None)
        if asked > ctx.policy.links_per_hour or (user is not None and user.state != "active"):
            return
        value, life = new_secret("ksl_"), ctx.policy.address_link_life
        sign_ups.save(tx, SignUp(email, name, ctx.digester.digest(value), ctx.now, ctx.now + life))
        letter = letters.sign_up(house(ctx), f"{ctx.origin}/sign-up/open?link={value}", life)
        post(ctx, tx, email, letter, life)
        audit.record(tx, ctx.event("SignUpLinkSent", "system", email=email, name=name))


def look_at(ctx: Context, unverified_link: str) -> Asked:
    """What a link opens; refuses one that is not good."""
    demand_sign_up(ctx.environment, ctx.policy)
    with ctx.database.reading() as tx:
        return _looked_at(ctx, tx, unverified_link)


def open_account(ctx: Context, unverified_link: str, newcomer: Newcomer) -> Standing:
    """Open the account as a new user. Whoever has one already signs in and opens it with that one."""
    first = checked_text(newcomer.first_name, "first_name", most=100)
    last = checked_text(newcomer.last_name, "last_name", least=0, most=100)
    look_at(ctx, unverified_link)
    hashed = ctx.passwords.hash(checked_password(newcomer.password))
    with ctx.database.writing() as tx:
        wish = _burned(ctx, tx, unverified_link)
        creator = NewUser(wish.email, first, last, ADMIN, hashed=hashed)
        return opened(ctx, tx, wish.account, ctx.policy.sign_up_plan, creator)


def open_another(ctx: Context, actor: Actor, unverified_link: str) -> Standing:
    """Open the account as the user that one is signed in as; the link must have gone to their address."""
    look_at(ctx, unverified_link)
    with ctx.database.writing() as tx:
        wish = _burned(ctx, tx, unverified_link)
        user = accounts.find_user(tx, actor.user)
        if user is None or user.email.casefold() != wish.email.casefold():
            raise Refusal(NOT_YOUR_LINK)
        creator = NewUser(user.email, user.first_name, user.last_name, ADMIN)
        return opened(ctx, tx, wish.account, ctx.policy.sign_up_plan, creator)


def _looked_at(ctx: Context, tx: Connection, unverified_link: str) -> Asked:
    digests = ctx.digester.digests(unverified_link) if has_shape("ksl_", unverified_link) else ()
    wish = sign_ups.find(tx, digests)
    if wish is None or ctx.now >= wish.expires_at:
        raise Refusal(LINK_NOT_GOOD)
    user, _ = accounts.find_user_by_email(tx, wish.email) or (None, None)
    if user is not None and user.state != "active":
        raise Refusal(USER_CLOSED)
    return Asked(wish, user is not None)


def _burned(ctx: Context, tx: Connection, unverified_link: str) -> SignUp:
    """Hold what the account takes, look at its link once more and use it up."""
    hold_new(tx, _looked_at(ctx, tx, unverified_link).wish.email)
    wish = _looked_at(ctx, tx, unverified_link).wish
    if not sign_ups.burn(tx, wish.digest):
        raise Refusal(LINK_NOT_GOOD, detail="used meanwhile")
    return wish
