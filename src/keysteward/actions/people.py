"""Who belongs to an account, what may they do there, and how does its admin change that?

No deed here takes the last active admin away from an account, however many do it at once.
"""

from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from keysteward.actions import factors
from keysteward.actions.accounts import closed
from keysteward.actions.context import Context
from keysteward.actions.notices import announce_admin, watch_admins
from keysteward.rules.access import (
    READ_MEMBERS,
    WRITE_MEMBERS,
    Actor,
    demand_admin,
    demand_open,
    demand_permission,
)
from keysteward.rules.accounts import Account, Profile, Standing
from keysteward.rules.events import Event
from keysteward.rules.people import Departure, concerns, demand_another_admin, demand_reader
from keysteward.rules.refusals import (
    ALREADY_A_MEMBER,
    CLOSED_BY_OTHERS,
    INVALID_FIELD,
    NO_SUCH_ACCOUNT,
    NO_SUCH_USER,
    USER_CLOSED,
    Refusal,
)
from keysteward.rules.signin import demand_fresh_person
from keysteward.rules.versions import changed_meanwhile, is_other
from keysteward.store import accounts, audit, people, signin
from keysteward.store.database import Connection, bump_epoch, lock

_EVENTS_SHOWN = 50


class Member(NamedTuple):
    """A member of an account, and what its admins should know of their signing in."""

    standing: Standing
    has_factor: bool
    signed_in_at: datetime | None


class MemberView(NamedTuple):
    """A member with their history in the account; `departure` says who reported that they left, if that stands here.

    Its `by` is empty where another organization said so. `is_last_admin` says that no member can take them away or
    demote them.
    """

    member: Member
    is_last_admin: bool
    departure: Departure | None
    events: list[Event]


def list_members(ctx: Context, actor: Actor, account: str) -> list[Member]:
    """The members of an account, closed ones too, in the order they joined."""
    with ctx.database.reading() as tx:
        own = reader(ctx, tx, actor, account)
        return [member_of(tx, each) for each in accounts.list_standings_in_account(tx, own.account.id)]


def view(ctx: Context, actor: Actor, account: str, user: str) -> MemberView:
    """One member of an account."""
    with ctx.database.reading() as tx:
        own = reader(ctx, tx, actor, account)
        standing = _found(tx, own.account.id, user)
        departures = [_told_to(own.account, each) for each in _departures(tx, own.account, user)]
        events = people.list_events_of_member(tx, own.account.id, user, _EVENTS_SHOWN)
        is_last = standing.is_admin and accounts.count_admins(tx, own.account.id) == 1
        return MemberView(member_of(tx, standing), is_last, next(iter(departures), None), events)


def change_profile(
    ctx: Context, actor: Actor, account: str, user: str, profile: int, seen: str | None = None
) -> Standing:
    """Give a member another permission profile; the last active admin keeps theirs.

    `seen` is the version of the profile that the actor looked at, if they say (`rules/versions.py`).
    """
    demand_fresh_person(actor, ctx.now, ctx.policy)
    with ctx.database.writing() as tx:
        standing = _locked(tx, actor, account, user)
        if not standing.is_active:
            raise Refusal(NO_SUCH_USER)
        wanted = named_profile(tx, standing.account.id, profile)
        if wanted.id == standing.membership.profile.id:
            return standing
        if is_other(seen, standing.membership.profile.id):
            raise changed_meanwhile(_newest_change(tx, standing))
        if not wanted.is_admin:
            demand_another_admin(standing, accounts.count_admins(tx, standing.account.id))
        accounts.change_membership(tx, standing.account.id, user, profile=wanted.id)
        said = {"user": user, "profile": wanted.name, "before": standing.membership.profile.name}
        audit.record(tx, ctx.event("MemberProfileChanged", actor.email, account=standing.account.id, **said))
        changed = _found(tx, standing.account.id, user)
        announce_admin(ctx, tx, changed, actor.email, but=actor.user)
        if standing.is_admin:
            watch_admins(ctx, tx, standing.account.id)
        bump_epoch(tx)
        return changed


def _newest_change(tx: Connection, standing: Standing) -> Event | None:
    events = people.list_events_of_member(tx, standing.account.id, standing.user.id, _EVENTS_SHOWN)
    return next((event for event in events if event.name == "MemberProfileChanged"), None)


def close_member(ctx: Context, actor: Actor, account: str, user: str) -> None:
    """End a membership, also of a user whom others closed meanwhile; the last active admin stays."""
    demand_fresh_person(actor, ctx.now, ctx.policy)
    with ctx.database.writing() as tx:
        standing = _locked(tx, actor, account, user)
        if standing.membership.state != "active":
            raise Refusal(NO_SUCH_USER)
        closed(ctx, tx, standing, actor.email)


def reactivate(ctx: Context, actor: Actor, account: str, user: str) -> Standing:
    """Let a membership that ended begin again, with its permission profile; tokens of before stay dead.

    While the word stands that ended it, only those who said it take it back.
    """
    demand_fresh_person(actor, ctx.now, ctx.policy)
    with ctx.database.writing() as tx:
        standing = _locked(tx, actor, account, user)
        if standing.user.state != "active":
            raise Refusal(USER_CLOSED)
        if standing.is_active:
            raise Refusal(ALREADY_A_MEMBER)
        if reported := _departures(tx, standing.account, user):
            raise Refusal(CLOSED_BY_OTHERS, by=f"by the word of an {reported[0].source}")
        accounts.change_membership(tx, standing.account.id, user, state="active")
        said = {"user": user, "profile": standing.membership.profile.name}
        audit.record(tx, ctx.event("UserReactivated", actor.email, account=standing.account.id, **said))
        changed = _found(tx, standing.account.id, user)
        announce_admin(ctx, tx, changed, actor.email, but=actor.user)
        bump_epoch(tx)
        return changed


# ── who asks ────────────────────────────────────────────────────────────────────────────────────────────────────────
def reader(ctx: Context, tx: Connection, actor: Actor, account: str, permission: str = READ_MEMBERS) -> Standing:
    """The actor's standing in an account of which they may see something."""
    demand_permission(actor, permission)
    own = _own(tx, actor, account)
    demand_reader(own, permission, ctx.policy)
    return own


def administered(tx: Connection, actor: Actor, account: str) -> Standing:
    """The actor's standing in an account whose members they may change."""
    demand_permission(actor, WRITE_MEMBERS)
    own = _own(tx, actor, account)
    demand_admin(own)
    demand_open(own)
    return own


def demand_manager(ctx: Context, actor: Actor, account: str) -> None:
    """Refuse whoever may not change the members of an account now."""
    with ctx.database.reading() as tx:
        administered(tx, actor, account)


def named_profile(tx: Connection, account: str, profile: int) -> Profile:
    """A permission profile that members of an account may have."""
    found = people.find_profile(tx, account, profile)
    if found is None:
        raise Refusal(INVALID_FIELD, field="profile", reason="choose one of the account's permission profiles.")
    return found


def _own(tx: Connection, actor: Actor, account: str) -> Standing:
    own = accounts.find_standing(tx, actor.user, account)
    if own is None or not own.is_active:
        raise Refusal(NO_SUCH_ACCOUNT)
    return own


def _locked(tx: Connection, actor: Actor, account: str, user: str) -> Standing:
    lock(tx, "account", accounts.guid_of(tx, account))
    lock(tx, "user", user)
    own = administered(tx, actor, account)
    return _found(tx, own.account.id, user)


def _departures(tx: Connection, account: Account, user: str) -> list[Departure]:
    """The words that stand and keep a user out of an account."""
    return [each for each in people.list_departures(tx, user) if each.ended_at is None and concerns(each, account)]


def _told_to(account: Account, departure: Departure) -> Departure:
    return departure if departure.organization in {"", account.organization} else replace(departure, by="")


def _found(tx: Connection, account: str, user: str) -> Standing:
    standing = accounts.find_standing(tx, user, account)
    if standing is None:
        raise Refusal(NO_SUCH_USER)
    return standing


def member_of(tx: Connection, standing: Standing) -> Member:
    """A member with what is known of their signing in."""
    user = standing.user.id
    return Member(standing, factors.of(tx, user).has_any, signin.last_signed_in(tx, user))
