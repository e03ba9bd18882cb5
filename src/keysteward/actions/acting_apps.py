"""Which apps act in an account, and how does its admin block one?"""

from collections import defaultdict
from datetime import datetime
from typing import NamedTuple

from keysteward.actions.context import Context
from keysteward.rules.access import BLOCK_APPS, READ_APPS, Actor, demand_admin, demand_permission
from keysteward.rules.accounts import Standing
from keysteward.rules.consent import for_users, lies_in
from keysteward.rules.refusals import ALREADY_BLOCKED, NO_SUCH_ACCOUNT, NO_SUCH_OBJECT, Refusal
from keysteward.rules.signin import demand_fresh_person
from keysteward.store import accounts, audit, consents
from keysteward.store.consents import Block
from keysteward.store.database import Connection, bump_epoch, lock


class ActingApp(NamedTuple):
    """An app that may act for members of an account, or that the account blocked.

    `users` counts the active members it may act for, `organization` is whose admins allowed it for them, if any did,
    and `since` the oldest consent of those that hold.
    """

    key: str
    name: str
    publisher: str
    users: int
    organization: str | None
    since: datetime | None
    block: Block | None


def list_acting(ctx: Context, actor: Actor, account: str) -> list[ActingApp]:
    """The apps that act in an account, those for most of its members first."""
    demand_permission(actor, READ_APPS)
    with ctx.database.reading() as tx:
        standing = _administered(tx, actor, account)
        return _list_acting(tx, standing)


def block_app(ctx: Context, actor: Actor, account: str, key: str) -> None:
    """Refuse an app's tokens in this account, and nowhere else, from now on."""
    demand_permission(actor, BLOCK_APPS)
    demand_fresh_person(actor, ctx.now, ctx.policy)
    with ctx.database.writing() as tx:
        lock(tx, "account", accounts.guid_of(tx, account))
        standing = _administered(tx, actor, account)
        if key not in {app.key for app in _list_acting(tx, standing)}:
            raise Refusal(NO_SUCH_OBJECT, thing="app")
        if not consents.block(tx, standing.account.id, key, actor.email, ctx.now):
            raise Refusal(ALREADY_BLOCKED)
        audit.record(tx, ctx.event("AppBlocked", actor.email, key=key, account=standing.account.id))
        bump_epoch(tx)


def unblock_app(ctx: Context, actor: Actor, account: str, key: str) -> None:
    """Let an app act in this account again, for those who allow it."""
    demand_permission(actor, BLOCK_APPS)
    with ctx.database.writing() as tx:
        lock(tx, "account", accounts.guid_of(tx, account))
        standing = _administered(tx, actor, account)
        if not consents.unblock(tx, standing.account.id, key):
            raise Refusal(NO_SUCH_OBJECT, thing="blocked app")
        audit.record(tx, ctx.event("AppUnblocked", actor.email, key=key, account=standing.account.id))
        bump_epoch(tx)


def _administered(tx: Connection, actor: Actor, account: str) -> Standing:
    standing = accounts.find_standing(tx, actor.user, account)
    if standing is None or not standing.is_active:
        raise Refusal(NO_SUCH_ACCOUNT)
    demand_admin(standing)
    return standing


def _list_acting(tx: Connection, standing: Standing) -> list[ActingApp]:
    account = standing.account
    people, since = _consenting(tx, account.id)
    organizations: dict[str, str] = {}
    for authorized in consents.list_authorized(tx, account.organization or ""):
        covered = _covered(tx, account.id, authorized.organization) if for_users(authorized.scopes) else set()
        if covered:
            organizations[authorized.key] = authorized.organization_name
            people[authorized.key] |= covered
            since[authorized.key].append(authorized.given_at)
    blocks = {block.key: block for block in consents.list_blocks(tx, account.id)}
    known = consents.list_publishers(tx, people.keys() | blocks.keys())
    found = [
        ActingApp(
            key, *known[key], len(people[key]), organizations.get(key), min(since[key], default=None), blocks.get(key)
        )
        for key in known
    ]
    return sorted(found, key=lambda app: (-app.users, app.name.casefold(), app.key))


def _consenting(tx: Connection, account: str) -> tuple[dict[str, set[str]], dict[str, list[datetime]]]:
    """Who of an account's active members allowed each app, and when."""
    people, since = defaultdict[str, set[str]](set), defaultdict[str, list[datetime]](list)
    for consent in consents.list_in_account(tx, account):
        people[consent.key].add(consent.user)
        since[consent.key].append(consent.given_at)
    return people, since


def _covered(tx: Connection, account: str, organization: str) -> set[str]:
    """The active members of one of the organization's accounts whom its consents cover."""
    host_names = consents.list_active_domains(tx, organization)
    members = (member for member in accounts.list_standings_in_account(tx, account) if member.is_active)
    verified = (member.user for member in members if member.user.email_verified)
    return {user.id for user in verified if lies_in(user.email, host_names)}
