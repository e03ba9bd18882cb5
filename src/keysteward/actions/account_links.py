"""How is an account linked to an organization, and unlinked again? One side asks, an admin of the other agrees."""

from datetime import timedelta
from typing import NamedTuple

from keysteward.actions.context import Context
from keysteward.actions.mailing import house, post
from keysteward.actions.organizations import Asked, asked
from keysteward.rules import organization_letters as letters
from keysteward.rules.access import Actor, demand_admin
from keysteward.rules.accounts import Account, Organization, Standing, User
from keysteward.rules.events import Name
from keysteward.rules.organizations import OTHER_SIDE, Request, Side, Wish, demand_possible
from keysteward.rules.refusals import (
    ACCOUNT_LINKED,
    ACCOUNT_NOT_OPEN,
    ALREADY_ASKED,
    ASKED_TOO_OFTEN,
    INVALID_FIELD,
    NO_SUCH_ACCOUNT,
    NO_SUCH_OBJECT,
    NO_SUCH_ORGANIZATION,
    Refusal,
)
from keysteward.rules.signin import demand_fresh
from keysteward.rules.words import is_guid
from keysteward.store import accounts, audit, mails, organizations
from keysteward.store.database import Connection, bump_epoch, lock
from keysteward.store.organizations import Link

_HOUR = timedelta(hours=1)


class AccountView(NamedTuple):
    """The organization of an account, if it has one, since when, and what waits for an answer."""

    account: Account
    organization: Organization | None
    link: Link | None
    asked: list[Asked]


def view(ctx: Context, actor: Actor, account: str) -> AccountView:
    """What an admin of an account sees of its organization."""
    with ctx.database.reading() as tx:
        standing = _standing(tx, actor, account)
        own = standing.account
        organization = accounts.find_organization(tx, own.organization) if own.organization else None
        waiting = asked(tx, organizations.list_requests(tx, account=own.id))
        return AccountView(own, organization, organizations.find_link(tx, own.id), waiting)


def ask_to_link(ctx: Context, actor: Actor, organization: str, account: str) -> None:
    """Ask for an account, named by its GUID, to belong to the actor's organization; its admins are told."""
    _ask(ctx, actor, (organization, account, "link"), "organization")


def ask_to_unlink(ctx: Context, actor: Actor, organization: str, account: str, side: Side) -> None:
    """Ask the other side for an account to belong to an organization no more."""
    _ask(ctx, actor, (organization, account, "unlink"), side)


def ask_to_leave(ctx: Context, actor: Actor, account: str) -> None:
    """Ask the organization of an account to let it go."""
    with ctx.database.reading() as tx:
        own = _standing(tx, actor, account).account
    if own.organization is None:
        raise Refusal(NO_SUCH_OBJECT, thing="linked account")
    ask_to_unlink(ctx, actor, own.organization, own.id, "account")


def agree(ctx: Context, actor: Actor, request: tuple[str, str, str], side: Side) -> None:
    """Agree, for one side, to what the other asked: an organization, an account and the wish, as the actor read them.

    The account is linked or unlinked, once.
    """
    demand_fresh(actor, ctx.now, ctx.policy)
    organization, account, wish = request
    with ctx.database.writing() as tx:
        lock(tx, "organization", organization)
        standing = _speak(tx, actor, organization, account, side)
        found = _load(tx, organization, standing.id)
        if (found.side, found.wish) != (OTHER_SIDE[side], wish):
            raise Refusal(NO_SUCH_OBJECT, thing="request")
        demand_possible(found.wish, organization, standing)
        _perform(ctx, tx, found, standing, actor)
        name: Name = "AccountLinked" if found.wish == "link" else "AccountUnlinked"
        audit.record(tx, ctx.event(name, actor.email, account=standing.id, organization=organization))
        bump_epoch(tx)


def end_request(ctx: Context, actor: Actor, organization: str, account: str, side: Side) -> None:
    """Decline what the other side asked, or withdraw what one's own did."""
    with ctx.database.writing() as tx:
        lock(tx, "organization", organization)
        found = _speak(tx, actor, organization, account, side)
        request = _load(tx, organization, found.id)
        organizations.take_request(tx, organization, found.id)
        said = {"organization": organization, "wish": request.wish}
        audit.record(tx, ctx.event("AccountLinkDeclined", actor.email, account=found.id, **said))


def _ask(ctx: Context, actor: Actor, about: tuple[str, str, Wish], side: Side) -> None:
    demand_fresh(actor, ctx.now, ctx.policy)
    organization, account, wish = about
    with ctx.database.writing() as tx:
        lock(tx, "organization", organization)
        found = _speak(tx, actor, organization, account.strip(), side)
        demand_possible(wish, organization, found)
        request = Request(organization, found.id, wish, side, ctx.now, actor.user)
        if not organizations.save_request(tx, request):
            raise Refusal(ALREADY_ASKED)
        if mails.save_link_request(tx, "account-asked", found.id, ctx.now, ctx.now - _HOUR) > ctx.policy.links_per_hour:
            raise Refusal(ASKED_TOO_OFTEN)
        _tell(ctx, tx, request, found, actor)
        said = {"organization": organization, "wish": wish}
        audit.record(tx, ctx.event("AccountLinkAsked", actor.email, account=found.id, **said))


def _load(tx: Connection, organization: str, account: str) -> Request:
    request = organizations.find_request(tx, organization, account)
    if request is None:
        raise Refusal(NO_SUCH_OBJECT, thing="request")
    return request


def _speak(tx: Connection, actor: Actor, organization: str, account: str, side: Side) -> Account:
    """An account, once the actor may speak for a side of what concerns it; nobody changes it until this deed ends."""
    lock(tx, "account", accounts.guid_of(tx, account))
    if side == "account":
        return _standing(tx, actor, account).account
    if actor.user not in accounts.list_organization_admins(tx, organization):
        raise Refusal(NO_SUCH_ORGANIZATION)
    found = accounts.find_account(tx, account) if is_guid(account.lower()) else None
    if found is None:
        raise Refusal(INVALID_FIELD, field="account", reason="give the GUID of an account of this environment.")
    return found


def _standing(tx: Connection, actor: Actor, account: str) -> Standing:
    standing = accounts.find_standing(tx, actor.user, account)
    if standing is None or not standing.is_active:
        raise Refusal(NO_SUCH_ACCOUNT)
    demand_admin(standing)
    return standing


def _perform(ctx: Context, tx: Connection, request: Request, account: Account, actor: Actor) -> None:
    organizations.take_request(tx, request.organization, account.id)
    if request.wish == "unlink":
        organizations.unlink(tx, request.organization, account.id)
        return
    if account.state != "open":
        raise Refusal(ACCOUNT_NOT_OPEN, state=account.state)
    if not organizations.link(tx, Link(account.id, request.organization, ctx.now, actor.user)):
        raise Refusal(ACCOUNT_LINKED)
    organizations.forget_requests(tx, account.id)


def _tell(ctx: Context, tx: Connection, request: Request, account: Account, actor: Actor) -> None:
    """Write to every admin of the other side."""
    organization = accounts.find_organization(tx, request.organization)
    if organization is None:
        raise Refusal(NO_SUCH_ORGANIZATION)
    for user in _asked_people(tx, request):
        letter = letters.account_asked(house(ctx), user.name, organization, account, actor.email, request)
        post(ctx, tx, user.email, letter)


def _asked_people(tx: Connection, request: Request) -> list[User]:
    if request.side == "account":
        return organizations.list_active_admins(tx, request.organization)
    members = accounts.list_standings_in_account(tx, request.account)
    return [member.user for member in members if member.is_admin]
