"""How is somebody invited into an account, and how do they come?

An invitation is a link in a mail: it works once, and only while whoever sent it still administers the account. Until
then the invited person counts as nobody, least of all as an admin.
"""

from datetime import timedelta
from typing import NamedTuple

from keysteward.actions import people as members
from keysteward.actions.context import Context
from keysteward.actions.mailing import demand_few_strangers, house, post
from keysteward.actions.notices import announce_admin
from keysteward.crypto.hashing import has_shape, new_secret
from keysteward.rules import letters
from keysteward.rules.access import Actor, demand_open
from keysteward.rules.accounts import ADMIN, Account, Membership, Standing, User, checked_password
from keysteward.rules.keys import checked_text
from keysteward.rules.people import Invitation
from keysteward.rules.refusals import (
    ACCOUNT_NOT_OPEN,
    ALREADY_A_MEMBER,
    HAS_A_USER,
    INVALID_FIELD,
    LINK_NOT_GOOD,
    NO_SUCH_OBJECT,
    NOT_YOUR_LINK,
    TOO_MANY_INVITATIONS,
    TOO_MANY_LINKS,
    USER_CLOSED,
    Refusal,
)
from keysteward.rules.signin import demand_fresh, demand_fresh_person
from keysteward.rules.words import is_email, new_guid
from keysteward.store import accounts, audit, mails, people
from keysteward.store.database import Connection, bump_epoch, lock

_HOUR = timedelta(hours=1)


class Draft(NamedTuple):
    """Whom an admin invites, as what. `is_service` asks for an admin identity that is tied to no person."""

    email: str
    profile: int
    is_service: bool = False


class Newcomer(NamedTuple):
    """What somebody without a user here says of themselves."""

    first_name: str
    last_name: str
    password: str


class Invited(NamedTuple):
    """What an invitation says to whoever holds its link. `has_user` says that they sign in to accept it."""

    invitation: Invitation
    account: Account
    inviter: User
    has_user: bool


def invite(ctx: Context, actor: Actor, account: str, draft: Draft) -> Invitation:
    """Send somebody a link to join; a newer one makes the older useless. A service admin is a person's deed."""
    (demand_fresh if draft.is_service else demand_fresh_person)(actor, ctx.now, ctx.policy)
    email, value = draft.email.strip(), new_secret("ksl_")
    with ctx.database.writing() as tx:
        lock(tx, "account", accounts.guid_of(tx, account))
        lock(tx, "user", email.casefold())
        own = members.administered(tx, actor, account)
        demand_open(own)
        made = _drafted(ctx, tx, own, draft._replace(email=email), ctx.digester.digest(value))
        people.save_invitation(tx, made)
        life, link = ctx.policy.invitation_life, f"{ctx.origin}/join?link={value}"
        by = f"{own.user.name} ({own.user.email})"
        post(ctx, tx, email, letters.invitation(house(ctx), own.account.name, by, link, life), life)
        said = {"invitation": made.id, "profile": made.profile.name, "email": email}
        service = {"service_admin": "true"} if made.service else {}
        audit.record(tx, ctx.event("UserInvited", actor.email, account=own.account.id, **said, **service))
    return made


def withdraw(ctx: Context, actor: Actor, account: str, invitation: str) -> None:
    """Make the link of an invitation useless."""
    with ctx.database.writing() as tx:
        lock(tx, "account", accounts.guid_of(tx, account))
        own = members.administered(tx, actor, account)
        if not people.burn_invitation(tx, own.account.id, invitation):
            raise Refusal(NO_SUCH_OBJECT, thing="invitation")
        audit.record(tx, ctx.event("InvitationWithdrawn", actor.email, account=own.account.id, invitation=invitation))


def list_waiting(ctx: Context, actor: Actor, account: str) -> list[Invitation]:
    """The invitations to an account that nobody has accepted, newest first."""
    with ctx.database.reading() as tx:
        own = members.reader(ctx, tx, actor, account)
        return people.list_invitations(tx, own.account.id, ctx.now)


def look_at(ctx: Context, unverified_link: str) -> Invited:
    """What an invitation says; refuses one that is not good."""
    with ctx.database.reading() as tx:
        return _looked_at(ctx, tx, unverified_link)


def accept(ctx: Context, unverified_link: str, newcomer: Newcomer) -> Standing:
    """Come as a new user. Whoever has one already signs in and joins with it."""
    first = checked_text(newcomer.first_name, "first_name", most=100)
    last = checked_text(newcomer.last_name, "last_name", least=0, most=100)
    email = look_at(ctx, unverified_link).invitation.email
    hashed = ctx.passwords.hash(checked_password(newcomer.password))
    with ctx.database.writing() as tx:
        invited = _burned(ctx, tx, unverified_link, email.casefold())
        if invited.has_user:
            raise Refusal(HAS_A_USER)
        made = invited.invitation
        user = User(new_guid(), made.email, first, last, "active", ctx.now, made.account, made.service)
        accounts.save_user(tx, user, hashed)
        return _joined(ctx, tx, invited, user)


def join(ctx: Context, actor: Actor, unverified_link: str) -> Standing:
    """Come as the user that one is signed in as; the invitation must have gone to their address."""
    with ctx.database.writing() as tx:
        invited = _burned(ctx, tx, unverified_link, actor.email.casefold(), actor.user)
        user = accounts.find_user(tx, actor.user)
        if user is None or user.state != "active" or user.email.casefold() != invited.invitation.email.casefold():
            raise Refusal(NOT_YOUR_LINK)
        if invited.invitation.service and not user.service:
            raise Refusal(INVALID_FIELD, field="link", reason="a service admin needs an address that is no person's.")
        if not user.email_verified:
            accounts.change_user(tx, user.id, email_verified_at=ctx.now)
        return _joined(ctx, tx, invited, user)


# ── what is asked ───────────────────────────────────────────────────────────────────────────────────────────────────
def _drafted(ctx: Context, tx: Connection, own: Standing, draft: Draft, digest: str) -> Invitation:
    if not is_email(draft.email):
        raise Refusal(INVALID_FIELD, field="email", reason="give an address such as ada@example.com.")
    profile = members.named_profile(tx, own.account.id, draft.profile)
    if draft.is_service and profile.id != ADMIN.id:
        raise Refusal(INVALID_FIELD, field="profile", reason=f"a service admin has the profile {ADMIN.name}.")
    _demand_stranger(tx, own.account, draft.email)
    limit = ctx.policy.invitations_per_account
    waiting = people.list_invitations(tx, own.account.id, ctx.now)
    if sum(each.email.casefold() != draft.email.casefold() for each in waiting) >= limit:
        raise Refusal(TOO_MANY_INVITATIONS, limit=limit)
    asked = mails.save_link_request(tx, "invitation", draft.email, ctx.now, ctx.now - _HOUR)
    if asked > ctx.policy.links_per_hour:
        raise Refusal(TOO_MANY_LINKS)
    demand_few_strangers(ctx, tx, own.account.id)
    expires_at = ctx.now + ctx.policy.invitation_life
    return Invitation(
        new_guid(), own.account.id, draft.email, profile, draft.is_service, digest, ctx.now, own.user.id, expires_at
    )


def _demand_stranger(tx: Connection, account: Account, email: str) -> None:
    """Refuse whoever is an active member; who is unknown elsewhere and who is not, nobody is told."""
    user, _ = accounts.find_user_by_email(tx, email) or (None, None)
    standing = accounts.find_standing(tx, user.id, account.id) if user else None
    if standing is not None and standing.is_active:
        raise Refusal(ALREADY_A_MEMBER)


# ── who comes ───────────────────────────────────────────────────────────────────────────────────────────────────────
def _looked_at(ctx: Context, tx: Connection, unverified_link: str) -> Invited:
    digests = ctx.digester.digests(unverified_link) if has_shape("ksl_", unverified_link) else ()
    invitation = people.find_invitation(tx, digests)
    inviter = accounts.find_standing(tx, invitation.invited_by, invitation.account) if invitation else None
    if invitation is None or inviter is None or ctx.now >= invitation.expires_at:
        raise Refusal(LINK_NOT_GOOD)
    if not inviter.is_admin:
        raise Refusal(LINK_NOT_GOOD, detail="who sent it administers the account no more")
    if inviter.account.state != "open":
        raise Refusal(ACCOUNT_NOT_OPEN, state=inviter.account.state)
    user, _ = accounts.find_user_by_email(tx, invitation.email) or (None, None)
    if user is not None and user.state != "active":
        raise Refusal(USER_CLOSED)
    return Invited(invitation, inviter.account, inviter.user, user is not None)


def _burned(ctx: Context, tx: Connection, unverified_link: str, *names: str) -> Invited:
    """Lock what an invitation joins, look at it once more and use it up."""
    digests = ctx.digester.digests(unverified_link) if has_shape("ksl_", unverified_link) else ()
    unlocked = people.find_invitation(tx, digests)
    if unlocked is None:
        raise Refusal(LINK_NOT_GOOD)
    lock(tx, "account", unlocked.account)
    lock(tx, "user", *names)
    invited = _looked_at(ctx, tx, unverified_link)
    made = invited.invitation
    if not people.burn_invitation(tx, made.account, made.id, digest=made.digest):
        raise Refusal(LINK_NOT_GOOD, detail="used meanwhile")
    return invited


def _joined(ctx: Context, tx: Connection, invited: Invited, user: User) -> Standing:
    """Make the user a member, or one again, as the last statements of a deed."""
    made = invited.invitation
    known = accounts.find_standing(tx, user.id, made.account)
    if known is not None and known.is_active:
        raise Refusal(ALREADY_A_MEMBER)
    membership = Membership(made.account, user.id, made.profile, "active", ctx.now)
    if known is None:
        accounts.save_membership(tx, membership)
    else:
        accounts.change_membership(tx, made.account, user.id, state="active", profile=made.profile.id)
    said = {"user": user.id, "profile": made.profile.name, "invitation": made.id}
    service = {"service_admin": "true"} if user.service else {}
    audit.record(tx, ctx.event("UserJoined", user.email, account=made.account, **said, **service))
    joined = Standing(invited.account, user, membership)
    announce_admin(ctx, tx, joined, invited.inviter.email)
    bump_epoch(tx)
    return joined
