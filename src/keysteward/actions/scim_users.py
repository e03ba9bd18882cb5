"""What may an identity provider do about the people of its organization?

It sees members of the organization's accounts whose verified address lies in a domain that is the organization's now,
and nobody else. It lets people go and come back, creates users without rights, and names them. It never makes an admin,
and gives none another address, for a new password could be sent there.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from keysteward.actions import leavers
from keysteward.actions.context import Context
from keysteward.actions.mailing import house, post
from keysteward.rules import letters
from keysteward.rules.accounts import Account, Membership, Profile, User
from keysteward.rules.provisioning.documents import (
    Document,
    Kept,
    Wanted,
    document_of,
    read_document,
    version_of,
    wanted_of,
)
from keysteward.rules.provisioning.filters import Filter, equalities
from keysteward.rules.provisioning.patches import Change, changed, moves_along
from keysteward.rules.provisioning.tokens import Token
from keysteward.rules.refusals import (
    ADMIN_KEEPS_ADDRESS,
    CONFLICT,
    NO_SUCH_USER,
    NOT_A_SCIM_TOKEN,
    SCIM_NOT_SET_UP,
    SCIM_TOO_MANY,
    SCIM_USER_TAKEN,
    Refusal,
)
from keysteward.rules.words import new_guid
from keysteward.store import accounts, approvals, audit, domains, people, recovery, scim
from keysteward.store.database import Connection, bump_epoch, lock
from keysteward.store.scim import Seen

MOST_SEARCHED = 10_000
_LEFT = "The identity provider says that they left."


class Shown(NamedTuple):
    """A user as the provider sees them."""

    user: User
    document: Document

    @property
    def version(self) -> str:
        """The entity tag."""
        return version_of(self.document)


class Page(NamedTuple):
    """Some of the users that fit, and how many do altogether."""

    users: list[Shown]
    total: int


class _Place(NamedTuple):
    """Whose word is heard in a transaction, and the domains that are its organization's now."""

    token: Token
    directory: leavers.Directory
    host_names: tuple[str, ...]


# ── reading ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def find(ctx: Context, token: Token, user: str) -> Shown:
    """One user; whoever is out of sight and who is unknown get one and the same refusal."""
    with ctx.database.reading() as tx:
        return _shown(_found(tx, _place(tx, token), user))


def search(ctx: Context, token: Token, wanted: Filter | None, skipped: int, most: int) -> Page:
    """The users that fit a filter, the oldest first; refuses one that leaves too many to look through."""
    with ctx.database.reading() as tx:
        place = _place(tx, token)
        if wanted is None:
            seen = scim.list_seen(tx, token.organization, place.host_names, {}, skipped, most)
            return Page([_shown(each) for each in seen], scim.count_seen(tx, token.organization, place.host_names))
        equal = equalities(wanted)
        seen = scim.list_seen(tx, token.organization, place.host_names, equal, 0, MOST_SEARCHED + 1)
    if len(seen) > MOST_SEARCHED:
        raise Refusal(SCIM_TOO_MANY, limit=MOST_SEARCHED)
    fitting = [each for each in map(_shown, seen) if wanted.fits({**each.document, "id": each.user.id})]
    return Page(fitting[skipped : skipped + most], len(fitting))


# ── creating ────────────────────────────────────────────────────────────────────────────────────────────────────────
def create(ctx: Context, token: Token, unverified: Mapping[str, Any]) -> Shown:
    """Create a user where new ones belong, or bring one back whom the provider took away.

    Somebody who proved an address of the organization and is in none of its accounts joins with the user they have.
    """
    document = read_document(unverified)
    with ctx.database.writing() as tx:
        place = _entered(tx, token)
        wanted = wanted_of(document, place.host_names)
        known, _ = accounts.find_user_by_email(tx, wanted.email) or (None, None)
        home = _lock_home(tx, token, known)
        lock(tx, "user", wanted.email.casefold(), *([known.id] if known else []))
        known = _demand_free(tx, place, wanted, known)
        user = _come_back(ctx, tx, place, known) if known else _new(ctx, tx, wanted, home[0])
        _join(ctx, tx, home, user)
        _rename(tx, user, wanted)
        scim.save_kept(tx, token.organization, user.id, wanted.kept)
        said = {"organization": token.organization, "token": token.id, "user": user.id, "profile": home[1].name}
        audit.record(tx, ctx.event("ScimUserCreated", token.hand, account=home[0].id, **said))
        if wanted.is_active:
            bump_epoch(tx)
        else:
            leavers.report_within(ctx, tx, place.directory, user, _LEFT)
        return _shown(_found(tx, place, user.id))


# ── changing ────────────────────────────────────────────────────────────────────────────────────────────────────────
def change(ctx: Context, token: Token, user: str, wish: Change, versions: tuple[str, ...]) -> Shown:
    """Change a user, if it is one of the versions that are named; none named, any will do.

    Whoever is reported gone is out at once, whatever else was asked, which then counts no more.
    """
    with ctx.database.writing() as tx:
        place = _entered(tx, token)
        before = _found(tx, place, user)
        email = before.user.email if _goes(before, wish) else _asked(before, wish, place).email
        seen = _locked(tx, place, user, email)
        _demand_version(seen, versions)
        if not _goes(seen, wish):
            _apply(ctx, tx, place, seen, _asked(seen, wish, place, {email, seen.user.email}))
        if wish.leaves:
            leavers.report_within(ctx, tx, place.directory, seen.user, _LEFT)
        else:
            bump_epoch(tx)
        return _shown(_found(tx, place, user))


def remove(ctx: Context, token: Token, user: str, versions: tuple[str, ...]) -> None:
    """Take a user out of the provider's sight: they left."""
    with ctx.database.writing() as tx:
        place = _entered(tx, token)
        seen = _locked(tx, place, user, _found(tx, place, user).user.email)
        _demand_version(seen, versions)
        scim.save_kept(tx, token.organization, user, seen.kept or Kept(seen.user.email))
        scim.hide(tx, token.organization, user, ctx.now)
        if seen.user.state != "active":
            said = {"organization": token.organization, "token": token.id, "user": user}
            audit.record(tx, ctx.event("ScimUserRemoved", token.hand, **said))
        leavers.report_within(ctx, tx, place.directory, seen.user, _LEFT)


# ── whose word, about whom ──────────────────────────────────────────────────────────────────────────────────────────
def _entered(tx: Connection, token: Token) -> _Place:
    """Hold the organization, so that its provider says one thing at a time; refuse a token that was revoked."""
    lock(tx, "organization", token.organization)
    if not scim.is_live(tx, token.id):
        raise Refusal(NOT_A_SCIM_TOKEN, detail="revoked meanwhile")
    return _place(tx, token)


def _place(tx: Connection, token: Token) -> _Place:
    claimed = domains.list_of_organization(tx, token.organization)
    host_names = tuple(each.host_name for each in claimed if each.state == "active")
    return _Place(token, leavers.Directory(token.hand, token.organization), host_names)


def _found(tx: Connection, place: _Place, user: str) -> Seen:
    seen = scim.find_seen(tx, place.token.organization, place.host_names, user)
    if seen is None:
        raise Refusal(NO_SUCH_USER)
    return seen


def _locked(tx: Connection, place: _Place, user: str, email: str) -> Seen:
    """Hold a user with all their accounts and the address that they may come to have, and look once more."""
    lock(tx, "account", *(each.account.id for each in accounts.list_standings_of_user(tx, user)))
    own = accounts.find_user(tx, user)
    lock(tx, "user", user, email.casefold(), *([own.email.casefold()] if own else []))
    return _found(tx, place, user)


def _demand_version(seen: Seen, versions: tuple[str, ...]) -> None:
    if versions and _shown(seen).version not in versions:
        raise Refusal(CONFLICT)


def _shown(seen: Seen) -> Shown:
    return Shown(seen.user, document_of(seen.user, seen.kept))


# ── where new users belong ──────────────────────────────────────────────────────────────────────────────────────────
def _lock_home(tx: Connection, token: Token, known: User | None) -> tuple[Account, Profile]:
    """Hold the account where new users belong, and those of somebody who is known."""
    home = scim.find_home(tx, token.organization)
    if home is None:
        raise Refusal(SCIM_NOT_SET_UP, detail="nothing was chosen")
    own = accounts.list_standings_of_user(tx, known.id) if known else []
    lock(tx, "account", home.account, *(each.account.id for each in own))
    account, profile = accounts.find_account(tx, home.account), people.find_profile(tx, home.account, home.profile)
    if account is None or account.organization != token.organization or account.state != "open":
        raise Refusal(SCIM_NOT_SET_UP, detail="the account is not open, or not the organization's")
    if profile is None or profile.is_admin:
        raise Refusal(SCIM_NOT_SET_UP, detail="the permission profile is gone")
    return account, profile


def _demand_free(tx: Connection, place: _Place, wanted: Wanted, known: User | None) -> User | None:
    """Who has the address, if that is nobody whom the provider sees or who never proved it."""
    found, _ = accounts.find_user_by_email(tx, wanted.email) or (None, None)
    is_the_same = (found and found.id) == (known and known.id)
    if found is not None and (not is_the_same or not found.email_verified or _is_seen(tx, place, found.id)):
        raise Refusal(SCIM_USER_TAKEN, field="emails.value")
    _demand_name(tx, place, wanted.kept.user_name, "")
    return found


def _is_seen(tx: Connection, place: _Place, user: str) -> bool:
    return scim.find_seen(tx, place.token.organization, place.host_names, user) is not None


def _demand_name(tx: Connection, place: _Place, user_name: str, user: str) -> None:
    named = scim.find_named(tx, place.token.organization, place.host_names, user_name)
    if any(each.user.id != user for each in named):
        raise Refusal(SCIM_USER_TAKEN, field="userName")


def _new(ctx: Context, tx: Connection, wanted: Wanted, account: Account) -> User:
    """A user without a password: they sign in at the organization's provider, or ask for a link to choose one."""
    named = (wanted.first_name, wanted.last_name)
    user = User(new_guid(), wanted.email, *named, "active", ctx.now, account.id)
    accounts.save_user(tx, user, None)
    return user


def _come_back(ctx: Context, tx: Connection, place: _Place, known: User) -> User:
    if known.state != "active":
        leavers.bring_back_within(ctx, tx, place.directory, known)
    return known


def _join(ctx: Context, tx: Connection, home: tuple[Account, Profile], user: User) -> None:
    """Make somebody a member who is none of the organization's accounts; never with rights of before."""
    account, profile = home
    own = accounts.list_standings_of_user(tx, user.id)
    if any(each.membership.state == "active" and each.account.organization == account.organization for each in own):
        return
    if any(each.account.id == account.id for each in own):
        accounts.change_membership(tx, account.id, user.id, state="active", profile=profile.id)
    else:
        accounts.save_membership(tx, Membership(account.id, user.id, profile, "active", ctx.now))


# ── what is asked ───────────────────────────────────────────────────────────────────────────────────────────────────
def _goes(seen: Seen, wish: Change) -> bool:
    """Whether this is the moment at which somebody leaves."""
    return wish.leaves and seen.user.state == "active"


def _asked(seen: Seen, wish: Change, place: _Place, held: Collection[str] = ()) -> Wanted:
    """What a user is to become; refuses an address that is not among those that are held, where any are."""
    before = document_of(seen.user, seen.kept)
    after = changed(before, wish.operations)
    wanted = wanted_of(after, place.host_names, moves=moves_along(before, after, wish.operations))
    if held and wanted.email.casefold() not in {each.casefold() for each in held}:
        raise Refusal(CONFLICT)
    return wanted


def _apply(ctx: Context, tx: Connection, place: _Place, seen: Seen, wanted: Wanted) -> None:
    """Do what differs; the event names the attributes."""
    if wanted.is_active and seen.user.state != "active":
        leavers.bring_back_within(ctx, tx, place.directory, seen.user)
    fields = _differences(seen, wanted)
    if not fields:
        return
    _demand_name(tx, place, wanted.kept.user_name, seen.user.id)
    if wanted.email != seen.user.email:
        _readdress(ctx, tx, place, seen.user, wanted.email)
    _rename(tx, seen.user, wanted)
    scim.save_kept(tx, place.token.organization, seen.user.id, wanted.kept)
    said = {"organization": place.token.organization, "token": place.token.id, "user": seen.user.id}
    audit.record(tx, ctx.event("ScimUserChanged", place.token.hand, **said, fields=" ".join(fields)))


def _differences(seen: Seen, wanted: Wanted) -> list[str]:
    """Which attributes change, but for `active`."""
    user = replace(seen.user, email=wanted.email, first_name=wanted.first_name, last_name=wanted.last_name)
    before, after = document_of(*seen), document_of(user, wanted.kept)
    return sorted(name for name in {*before, *after} if before.get(name) != after.get(name))


def _readdress(ctx: Context, tx: Connection, place: _Place, user: User, email: str) -> None:
    """Give somebody another address, which the organization proved with its domain; the one of before is told."""
    if _is_powerful(tx, user) and email.casefold() != user.email.casefold():
        raise Refusal(ADMIN_KEEPS_ADDRESS)
    if not recovery.change_address(tx, user.id, email, ctx.now):
        raise Refusal(SCIM_USER_TAKEN, field="emails.value")
    recovery.forget_links(tx, user.id)
    post(ctx, tx, user.email, letters.address_changed(house(ctx), user.name, email))
    said = {"user": user.id, "email": email, "before": user.email}
    audit.record(tx, ctx.event("AddressChanged", place.token.hand, **said))


def _is_powerful(tx: Connection, user: User) -> bool:
    """Whether a stranger who could choose a new password for them would gain rights, here or elsewhere."""
    administers = any(each.membership.profile.is_admin for each in accounts.list_standings_of_user(tx, user.id))
    return administers or approvals.is_operator(tx, user.id) or bool(accounts.list_organizations_of_admin(tx, user.id))


def _rename(tx: Connection, user: User, wanted: Wanted) -> None:
    if (user.first_name, user.last_name) != (wanted.first_name, wanted.last_name):
        accounts.change_user(tx, user.id, first_name=wanted.first_name, last_name=wanted.last_name)
