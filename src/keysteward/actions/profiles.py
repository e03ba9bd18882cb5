"""Which permission profiles does an account have, and how does its admin make some of its own?"""

from typing import NamedTuple

from keysteward.actions import people as members
from keysteward.actions.context import Context
from keysteward.rules.access import Actor
from keysteward.rules.accounts import PROFILES, Profile
from keysteward.rules.events import Name
from keysteward.rules.keys import checked_text
from keysteward.rules.people import checked_permissions
from keysteward.rules.refusals import INVALID_FIELD, NO_SUCH_OBJECT, PROFILE_FIXED, PROFILE_IN_USE, Refusal
from keysteward.rules.signin import demand_fresh_person
from keysteward.rules.versions import changed_meanwhile, is_other
from keysteward.store import accounts, audit, people, request_logs
from keysteward.store.database import Connection, bump_epoch, lock

_BUILT_IN = {profile.id: profile for profile in PROFILES}
_NAMES = {profile.name.casefold() for profile in PROFILES}


class Draft(NamedTuple):
    """What a permission profile is to be called, and what it allows.

    `seen` is the version of what its maker looked at, if they say (`rules/versions.py`).
    """

    name: str
    permissions: frozenset[str]
    seen: str | None = None


def list_profiles(ctx: Context, actor: Actor, account: str) -> list[Profile]:
    """The permission profiles that members of an account may have, those of every account first."""
    with ctx.database.reading() as tx:
        own = members.reader(ctx, tx, actor, account)
        return people.list_profiles(tx, own.account.id)


def list_of_account(ctx: Context, account: str) -> list[Profile]:
    """Likewise, for whoever was let in already."""
    with ctx.database.reading() as tx:
        return people.list_profiles(tx, account)


def make(ctx: Context, actor: Actor, account: str, draft: Draft) -> Profile:
    """Add a permission profile to an account; it never makes an admin."""
    demand_fresh_person(actor, ctx.now, ctx.policy)
    name, permissions = _checked(draft)
    with ctx.database.writing() as tx:
        lock(tx, "account", accounts.guid_of(tx, account))
        own = members.administered(tx, actor, account)
        lock(tx, "record", "the next permission profile")
        made = Profile(people.next_profile(tx), name, is_admin=False, permissions=permissions, account=own.account.id)
        if not people.save_profile(tx, made, ctx.now, actor.email):
            raise Refusal(INVALID_FIELD, field="name", reason="another permission profile of the account has it.")
        _record(ctx, tx, "ProfileMade", actor, made)
        bump_epoch(tx)
    return made


def change(ctx: Context, actor: Actor, account: str, profile: int, draft: Draft) -> Profile:
    """Give a permission profile another name and other permissions; whoever has it may do that at once."""
    demand_fresh_person(actor, ctx.now, ctx.policy)
    name, permissions = _checked(draft)
    with ctx.database.writing() as tx:
        found = _own(tx, actor, account, profile)
        changed = Profile(found.id, name, is_admin=False, permissions=permissions, account=found.account)
        if changed != found and is_other(draft.seen, found.name, found.permissions):
            raise changed_meanwhile(audit.find_newest_in(tx, found.account, "ProfileChanged"))
        if not people.change_profile(tx, changed):
            raise Refusal(INVALID_FIELD, field="name", reason="another permission profile of the account has it.")
        _record(ctx, tx, "ProfileChanged", actor, changed)
        bump_epoch(tx)
    return changed


def remove(ctx: Context, actor: Actor, account: str, profile: int) -> None:
    """Remove a permission profile that nobody has, neither a member nor an invitation."""
    with ctx.database.writing() as tx:
        found = _own(tx, actor, account, profile)
        count = people.count_with_profile(tx, found.account, found.id)
        if count:
            raise Refusal(PROFILE_IN_USE, count=count)
        request_logs.allow(tx, found.account, found.id)
        people.remove_profile(tx, found.id)
        _record(ctx, tx, "ProfileRemoved", actor, found)
        bump_epoch(tx)


def _checked(draft: Draft) -> tuple[str, frozenset[str]]:
    name = checked_text(draft.name, "name", most=100)
    if name.casefold() in _NAMES:
        raise Refusal(INVALID_FIELD, field="name", reason="another permission profile of the account has it.")
    return name, checked_permissions(draft.permissions)


def _own(tx: Connection, actor: Actor, account: str, profile: int) -> Profile:
    lock(tx, "account", accounts.guid_of(tx, account))
    own = members.administered(tx, actor, account)
    found = people.find_profile(tx, own.account.id, profile)
    if found is None:
        raise Refusal(NO_SUCH_OBJECT, thing="permission profile")
    if found.id in _BUILT_IN:
        raise Refusal(PROFILE_FIXED)
    return found


def _record(ctx: Context, tx: Connection, what: Name, actor: Actor, profile: Profile) -> None:
    said = {"profile": profile.name, "permissions": " ".join(sorted(profile.permissions))}
    audit.record(tx, ctx.event(what, actor.email, account=profile.account, **said))
