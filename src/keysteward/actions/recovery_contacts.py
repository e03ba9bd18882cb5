"""Who is told when an account loses its last admin, and how do they ask for help?

An admin names an address while they still are one; whoever reads its mail agrees with a link. A contact manages
nothing: with a link of the mail that tells them, they have the admins of the organization written to, or the operators.
"""

from datetime import timedelta
from typing import NamedTuple

from keysteward.actions import people as members
from keysteward.actions.context import Context
from keysteward.actions.mailing import demand_few_strangers, house, post
from keysteward.actions.notices import announce
from keysteward.crypto.hashing import has_shape, new_secret
from keysteward.rules import replacement_letters as letters
from keysteward.rules.access import Actor, demand_open
from keysteward.rules.accounts import Account, User
from keysteward.rules.recovery_contacts import RecoveryContact, checked_address
from keysteward.rules.refusals import (
    CONTACT_KNOWN,
    LINK_NOT_GOOD,
    NO_SUCH_OBJECT,
    TOO_MANY_CONTACTS,
    TOO_MANY_LINKS,
    Refusal,
)
from keysteward.rules.signin import demand_fresh_person
from keysteward.store import accounts, approvals, audit, mails, organizations
from keysteward.store import recovery_contacts as contacts
from keysteward.store.database import Connection, lock

_HOUR = timedelta(hours=1)


class Named(NamedTuple):
    """A contact as their link shows them, with the account, and whether it has an admin now."""

    contact: RecoveryContact
    account: Account
    has_admin: bool


# ── what an account's admins do ─────────────────────────────────────────────────────────────────────────────────────
def list_contacts(ctx: Context, actor: Actor, account: str) -> list[RecoveryContact]:
    """The recovery contacts of an account, for those who see its members."""
    with ctx.database.reading() as tx:
        own = members.reader(ctx, tx, actor, account)
        return contacts.list_of_account(tx, own.account.id)


def name_contact(ctx: Context, actor: Actor, account: str, unverified_email: str) -> RecoveryContact:
    """Name an address as a recovery contact, and send it a link; it counts once that is confirmed."""
    demand_fresh_person(actor, ctx.now, ctx.policy)
    email, value = checked_address(unverified_email), new_secret("ksl_")
    now, life = ctx.now, ctx.policy.recovery_link_life
    with ctx.database.writing() as tx:
        lock(tx, "account", accounts.guid_of(tx, account))
        lock(tx, "user", email.casefold())
        own = members.administered(tx, actor, account)
        demand_open(own)
        _demand_room(ctx, tx, own.account, email)
        digest = ctx.digester.digest(value)
        named = RecoveryContact(own.account.id, email, actor.email, now, digest, now + life)
        contacts.save(tx, named)
        by, link = f"{own.user.name} ({own.user.email})", f"{ctx.origin}/recovery-contacts/confirm?link={value}"
        post(ctx, tx, email, letters.contact_named(house(ctx), own.account.name, by, link, life), life)
        announce(ctx, tx, letters.new_contact(own.account, email, actor.email, now), but=actor.user)
        audit.record(tx, ctx.event("RecoveryContactNamed", actor.email, account=own.account.id, email=email))
    return named


def remove_contact(ctx: Context, actor: Actor, account: str, unverified_email: str) -> None:
    """Forget a recovery contact; their links are good for nothing any more."""
    demand_fresh_person(actor, ctx.now, ctx.policy)
    email = unverified_email.strip()
    with ctx.database.writing() as tx:
        lock(tx, "account", accounts.guid_of(tx, account))
        own = members.administered(tx, actor, account)
        if not contacts.remove(tx, own.account.id, email):
            raise Refusal(NO_SUCH_OBJECT, thing="recovery contact")
        announce(ctx, tx, letters.contact_gone(own.account, email, actor.email, ctx.now), but=actor.user)
        audit.record(tx, ctx.event("RecoveryContactRemoved", actor.email, account=own.account.id, email=email))


# ── what a contact does ─────────────────────────────────────────────────────────────────────────────────────────────
def look_at(ctx: Context, unverified_link: str) -> Named:
    """Whose contact a link makes its reader, or may ask for help; refuses one that is not good."""
    with ctx.database.reading() as tx:
        return _looked_at(ctx, tx, unverified_link)


def confirm(ctx: Context, unverified_link: str) -> Named:
    """Agree to be a recovery contact."""
    seen = look_at(ctx, unverified_link)
    with ctx.database.writing() as tx:
        lock(tx, "account", seen.account.id)
        named = _looked_at(ctx, tx, unverified_link)
        contact = named.contact
        if not contacts.confirm(tx, contact.digest, _spent(ctx), ctx.now):
            raise Refusal(LINK_NOT_GOOD, detail="used meanwhile")
        audit.record(tx, ctx.event("RecoveryContactConfirmed", contact.email, account=contact.account))
    return named


def ask_for_help(ctx: Context, unverified_link: str) -> int:
    """Have those written to who can help an account without an admin; return how many that are."""
    seen = look_at(ctx, unverified_link)
    with ctx.database.writing() as tx:
        lock(tx, "account", seen.account.id)
        named = _looked_at(ctx, tx, unverified_link)
        contact, account = named.contact, named.account
        if not contacts.burn_link(tx, contact.digest, _spent(ctx)):
            raise Refusal(LINK_NOT_GOOD, detail="used meanwhile, or never confirmed")
        helpers, page = _helpers(tx, account)
        for each in helpers:
            letter = letters.recovery_asked(
                house(ctx), each.name, account, contact.email, page, has_admin=named.has_admin
            )
            post(ctx, tx, each.email, letter)
        audit.record(tx, ctx.event("RecoveryAsked", contact.email, account=account.id))
    return len(helpers)


def _demand_room(ctx: Context, tx: Connection, account: Account, email: str) -> None:
    named, limit = contacts.list_of_account(tx, account.id), ctx.policy.recovery_contacts_per_account
    if any(each.email.casefold() == email.casefold() for each in named):
        raise Refusal(CONTACT_KNOWN)
    if len(named) >= limit:
        raise Refusal(TOO_MANY_CONTACTS, limit=limit)
    if mails.save_link_request(tx, "recovery-contact", email, ctx.now, ctx.now - _HOUR) > ctx.policy.links_per_hour:
        raise Refusal(TOO_MANY_LINKS)
    demand_few_strangers(ctx, tx, account.id)


def _looked_at(ctx: Context, tx: Connection, unverified_link: str) -> Named:
    digests = ctx.digester.digests(unverified_link) if has_shape("ksl_", unverified_link) else ()
    contact = contacts.find_by_link(tx, digests)
    account = accounts.find_account(tx, contact.account) if contact else None
    if contact is None or account is None or account.state == "closed" or ctx.now >= contact.expires_at:
        raise Refusal(LINK_NOT_GOOD)
    return Named(contact, account, accounts.count_admins(tx, account.id) > 0)


def _helpers(tx: Connection, account: Account) -> tuple[list[User], str]:
    """The organization's admins where there are any, else the operators; and the page on which they go on."""
    if account.organization and (council := organizations.list_active_admins(tx, account.organization)):
        return council, f"/organizations/{account.organization}"
    operators = (accounts.find_user(tx, each.user) for each in approvals.list_operators(tx))
    return [each for each in operators if each and each.state == "active"], f"/accounts/{account.id}"


def _spent(ctx: Context) -> str:
    """The keyed hash of something nobody has."""
    return ctx.digester.digest(new_secret("ksl_"))
