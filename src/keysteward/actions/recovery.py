"""How does somebody come back who forgot a password, lost a second factor or has another address now?"""

from datetime import timedelta

from keysteward.actions import factors, sessions
from keysteward.actions.context import Context
from keysteward.actions.crowds import is_too_much
from keysteward.actions.mailing import house, post
from keysteward.actions.notices import Recipient, admins_of, tell
from keysteward.crypto.hashing import has_shape, new_secret
from keysteward.rules import access_notices, letters
from keysteward.rules.access import Actor, demand_admin, demand_open
from keysteward.rules.accounts import Standing, User, checked_password
from keysteward.rules.refusals import (
    ADDRESS_TAKEN,
    INVALID_FIELD,
    LINK_NOT_GOOD,
    NO_SUCH_ACCOUNT,
    NO_SUCH_USER,
    NOT_YOUR_LINK,
    TOO_MANY_LINKS,
    Refusal,
)
from keysteward.rules.signin import demand_fresh, network_of
from keysteward.rules.words import is_email
from keysteward.store import accounts, audit, mails, recovery
from keysteward.store.database import Connection, bump_epoch, lock
from keysteward.store.recovery import AddressLink, PasswordLink

_HOUR = timedelta(hours=1)
_MOST_FOR_A_NETWORK = 100  # an office may share an address


# ── a forgotten password ────────────────────────────────────────────────────────────────────────────────────────────
def demand_patience(ctx: Context, address: str) -> None:
    """Refuse a network that asks this worker for too many links within an hour, for whatever addresses."""
    if is_too_much(ctx, f"links for {network_of(address)}", 1, _MOST_FOR_A_NETWORK):
        raise Refusal(TOO_MANY_LINKS)


def ask_for_password(ctx: Context, email: str) -> None:
    """Send a link to choose a new password, where the address is a user's; whether it is one, nobody is told.

    An address is sent few links within an hour, and each makes the one before useless.
    """
    with ctx.database.writing() as tx:
        lock(tx, "user", email.casefold())
        asked = mails.save_link_request(tx, "new-password", email, ctx.now, ctx.now - _HOUR)
        user, _ = accounts.find_user_by_email(tx, email) or (None, None)
        if user is None or user.state != "active" or asked > ctx.policy.links_per_hour:
            return
        life = ctx.policy.password_link_life
        value = new_secret("ksl_")
        recovery.save_password_link(tx, PasswordLink(user.id, ctx.digester.digest(value), ctx.now + life))
        letter = letters.new_password(house(ctx), user.name, f"{ctx.origin}/password/new?link={value}", life)
        post(ctx, tx, user.email, letter, life)
        audit.record(tx, ctx.event("PasswordLinkSent", "system", user=user.id))


def look_at_password_link(ctx: Context, unverified_link: str) -> User:
    """Whose password a link is for; refuses one that is not good."""
    return _password_link(ctx, unverified_link)[1]


def reset_password(ctx: Context, unverified_link: str, password: str) -> None:
    """Choose a new password with a link. Everybody who was signed in as the user is signed out, and nobody in."""
    link, _ = _password_link(ctx, unverified_link)
    hashed = ctx.passwords.hash(checked_password(password))
    with ctx.database.writing() as tx:
        lock(tx, "user", link.user)
        user = _active(tx, link.user)
        if not recovery.burn_password_link(tx, link.digest):
            raise Refusal(LINK_NOT_GOOD, detail="used meanwhile")
        sessions.set_password(tx, user.id, hashed)
        post(ctx, tx, user.email, letters.password_changed(house(ctx), user.name))
        audit.record(tx, ctx.event("PasswordReset", user.email, user=user.id))


# ── another address ─────────────────────────────────────────────────────────────────────────────────────────────────
def ask_for_address(ctx: Context, actor: Actor, email: str) -> None:
    """Send a link to an address that the actor wants to have, and a notice to the one they have."""
    demand_fresh(actor, ctx.now, ctx.policy)
    if not is_email(email):
        raise Refusal(INVALID_FIELD, field="email", reason="give an address such as ada@example.com.")
    if email == actor.email:
        raise Refusal(INVALID_FIELD, field="email", reason="this is your address already.")
    life = ctx.policy.address_link_life
    value = new_secret("ksl_")
    with ctx.database.writing() as tx:
        lock(tx, "user", actor.user)
        user = _active(tx, actor.user)
        if mails.save_link_request(tx, "new-address", user.email, ctx.now, ctx.now - _HOUR) > ctx.policy.links_per_hour:
            raise Refusal(TOO_MANY_LINKS)
        recovery.save_address_link(tx, AddressLink(user.id, ctx.digester.digest(value), email, ctx.now + life))
        link = f"{ctx.origin}/security/address/confirm?link={value}"
        post(ctx, tx, email, letters.new_address(house(ctx), user.name, link, life), life)
        post(ctx, tx, user.email, letters.address_asked(house(ctx), user.name, email))
        audit.record(tx, ctx.event("AddressLinkSent", user.email, user=user.id, email=email))


def look_at_address_link(ctx: Context, actor: Actor, unverified_link: str) -> str:
    """The address that a link of the actor proves; refuses one that is not good, or another user's."""
    return _address_link(ctx, actor, unverified_link).email


def confirm_address(ctx: Context, actor: Actor, unverified_link: str) -> str:
    """Take the address that a link proves, unless somebody else has it; return it."""
    link = _address_link(ctx, actor, unverified_link)
    with ctx.database.writing() as tx:
        lock(tx, "user", actor.user, actor.email.casefold(), link.email.casefold())
        user = _active(tx, actor.user)
        if not recovery.burn_address_link(tx, link.digest):
            raise Refusal(LINK_NOT_GOOD, detail="used meanwhile")
        if not recovery.change_address(tx, user.id, link.email, ctx.now):
            raise Refusal(ADDRESS_TAKEN)
        recovery.forget_links(tx, user.id)
        post(ctx, tx, user.email, letters.address_changed(house(ctx), user.name, link.email))
        audit.record(tx, ctx.event("AddressChanged", user.email, user=user.id, email=link.email))
        bump_epoch(tx)
    return link.email


# ── a lost second factor ────────────────────────────────────────────────────────────────────────────────────────────
def reset_factors(ctx: Context, actor: Actor, account: str, user: str) -> None:
    """Take away the second factor of another member of an account that the actor administers; everybody is told."""
    demand_fresh(actor, ctx.now, ctx.policy)
    with ctx.database.writing() as tx:
        lock(tx, "account", accounts.guid_of(tx, account))
        lock(tx, "user", user)
        own = _own_standing(tx, actor, account)
        demand_admin(own)
        demand_open(own)
        standing = accounts.find_standing(tx, user, account)
        if standing is None or not standing.is_active:
            raise Refusal(NO_SUCH_USER)
        if user == actor.user:
            raise Refusal(INVALID_FIELD, field="user", reason="ask another admin to reset your own.")
        _reset(ctx, tx, standing.user, actor.email, own.account.id)


def reset_factors_as_operator(ctx: Context, email: str, operator: str) -> User:
    """Take away the second factor of a user, on the host; they and the admins of their accounts are told."""
    with ctx.database.reading() as tx:
        found, _ = accounts.find_user_by_email(tx, email) or (None, None)
    if found is None:
        raise Refusal(NO_SUCH_USER)
    with ctx.database.writing() as tx:
        lock(tx, "user", found.id)
        user = _active(tx, found.id)
        _reset(ctx, tx, user, operator, "")
    return user


def _own_standing(tx: Connection, actor: Actor, account: str) -> Standing:
    own = accounts.find_standing(tx, actor.user, account)
    if own is None or not own.is_active:
        raise Refusal(NO_SUCH_ACCOUNT)
    return own


def _reset(ctx: Context, tx: Connection, user: User, by: str, account: str) -> None:
    factors.remove_all(tx, user.id)
    sessions.end_all(tx, user.id)
    recovery.forget_links(tx, user.id)
    tell(ctx, tx, access_notices.factors_removed(user, by, account, ctx.now), _concerned(tx, user))
    audit.record(tx, ctx.event("SecondFactorReset", by, account=account, user=user.id))


def _concerned(tx: Connection, user: User) -> list[Recipient]:
    """Every admin of an account that a user is an active member of, and the user for themselves."""
    standings = [each for each in accounts.list_standings_of_user(tx, user.id) if each.is_active]
    return [*(admin for each in standings for admin in admins_of(tx, each.account.id)), Recipient(user)]


# ── links ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def _password_link(ctx: Context, unverified_link: str) -> tuple[PasswordLink, User]:
    with ctx.database.reading() as tx:
        digests = ctx.digester.digests(unverified_link) if has_shape("ksl_", unverified_link) else ()
        link = recovery.find_password_link(tx, digests)
        user = accounts.find_user(tx, link.user) if link else None
    if link is None or user is None or user.state != "active" or ctx.now >= link.expires_at:
        raise Refusal(LINK_NOT_GOOD)
    return link, user


def _address_link(ctx: Context, actor: Actor, unverified_link: str) -> AddressLink:
    with ctx.database.reading() as tx:
        digests = ctx.digester.digests(unverified_link) if has_shape("ksl_", unverified_link) else ()
        link = recovery.find_address_link(tx, digests)
    if link is None or ctx.now >= link.expires_at:
        raise Refusal(LINK_NOT_GOOD)
    if link.user != actor.user:
        raise Refusal(NOT_YOUR_LINK)
    return link


def _active(tx: Connection, user: str) -> User:
    found = accounts.find_user(tx, user)
    if found is None or found.state != "active":
        raise Refusal(NO_SUCH_USER)
    return found
