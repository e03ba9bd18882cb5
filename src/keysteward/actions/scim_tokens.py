"""How does an organization let its identity provider speak, and what does its admin see of that?"""

from typing import NamedTuple

from keysteward.actions.context import Context
from keysteward.actions.crowds import is_too_much
from keysteward.actions.notices import announce
from keysteward.crypto.hashing import has_shape, new_secret
from keysteward.rules import access_notices
from keysteward.rules.access import Actor
from keysteward.rules.accounts import Account, Domain, Organization, Profile
from keysteward.rules.keys import checked_text
from keysteward.rules.provisioning.tokens import Heard, Home, Token, demand_harmless, demand_room
from keysteward.rules.refusals import (
    INVALID_FIELD,
    NO_SUCH_OBJECT,
    NO_SUCH_ORGANIZATION,
    NOT_A_SCIM_TOKEN,
    TOO_MANY_SCIM_REQUESTS,
    Refusal,
)
from keysteward.rules.signin import demand_fresh
from keysteward.rules.words import new_guid
from keysteward.store import accounts, audit, domains, people, scim
from keysteward.store.database import Connection, bump_epoch, lock

_MOST_NAME = 60


class NewToken(NamedTuple):
    """A token with its value, which is shown once."""

    token: Token
    value: str


class Choice(NamedTuple):
    """An account where new users may belong, with the permission profiles that they may have there."""

    account: Account
    profiles: list[Profile]


class View(NamedTuple):
    """The directory of an organization as its admins see it; `heard` are the newest requests, with names of tokens."""

    organization: Organization
    domains: list[Domain]
    tokens: list[Token]
    home: Home | None
    choices: list[Choice]
    heard: list[tuple[Heard, str]]


def view(ctx: Context, actor: Actor, organization: str) -> View:
    """The directory of an organization of the actor; a foreign and an unknown one get the same refusal."""
    with ctx.database.reading() as tx:
        own = _own(tx, actor, organization)
        opened = [each for each in accounts.list_accounts(tx, own.id) if each.state == "open"]
        return View(
            own,
            domains.list_of_organization(tx, own.id),
            scim.list_tokens(tx, own.id),
            scim.find_home(tx, own.id),
            [Choice(each, _harmless(tx, each.id)) for each in opened],
            scim.list_heard(tx, own.id),
        )


def make(ctx: Context, actor: Actor, organization: str, name: str) -> NewToken:
    """Make a token for the organization's identity provider; all its admins are told."""
    demand_fresh(actor, ctx.now, ctx.policy)
    called, value = checked_text(name, "name", most=_MOST_NAME), new_secret("ksi_")
    with ctx.database.writing() as tx:
        lock(tx, "organization", organization)
        own = _own(tx, actor, organization)
        demand_room(scim.list_tokens(tx, own.id), called)
        token = Token(new_guid(), own.id, called, ctx.now, actor.email)
        scim.save_token(tx, token, ctx.digester.digest(value))
        announce(ctx, tx, access_notices.scim_token_made(own, called, actor.email, ctx.now))
        said = {"organization": own.id, "token": token.id, "name": called}
        audit.record(tx, ctx.event("ScimTokenMade", actor.email, **said))
        bump_epoch(tx)
    return NewToken(token, value)


def revoke(ctx: Context, actor: Actor, organization: str, token: str) -> None:
    """End a token at once; what it said of people stays."""
    demand_fresh(actor, ctx.now, ctx.policy)
    with ctx.database.writing() as tx:
        lock(tx, "organization", organization)
        own = _own(tx, actor, organization)
        name = scim.remove_token(tx, own.id, token)
        if name is None:
            raise Refusal(NO_SUCH_OBJECT, thing="SCIM token")
        audit.record(tx, ctx.event("ScimTokenRevoked", actor.email, organization=own.id, token=token, name=name))
        bump_epoch(tx)


def choose_home(ctx: Context, actor: Actor, organization: str, account: str, profile: int) -> Home:
    """Say where users belong whom the provider creates: never as admins."""
    demand_fresh(actor, ctx.now, ctx.policy)
    with ctx.database.writing() as tx:
        lock(tx, "organization", organization)
        lock(tx, "account", accounts.guid_of(tx, account))
        own = _own(tx, actor, organization)
        found = accounts.find_account(tx, account)
        if found is None or found.organization != own.id or found.state != "open":
            raise Refusal(INVALID_FIELD, field="account", reason="choose an open account of the organization.")
        given = people.find_profile(tx, found.id, profile)
        if given is None:
            raise Refusal(INVALID_FIELD, field="profile", reason="choose one of the account's permission profiles.")
        demand_harmless(given)
        home = Home(own.id, found.id, given.id)
        scim.save_home(tx, home)
        said = {"organization": own.id, "accounts": found.id, "profile": given.name}
        audit.record(tx, ctx.event("ScimHomeChosen", actor.email, **said))
    return home


# ── who asks ────────────────────────────────────────────────────────────────────────────────────────────────────────
def recognize(ctx: Context, unverified_value: str) -> Token:
    """The token whose value this is, while it may ask."""
    if not has_shape("ksi_", unverified_value):
        raise Refusal(NOT_A_SCIM_TOKEN)
    token = ctx.directory.find(scim.find_token, ctx.digester.digests(unverified_value))
    if token is None:
        raise Refusal(NOT_A_SCIM_TOKEN, detail="of the right shape, and unknown")
    return token


def demand_patience(ctx: Context, token: Token) -> None:
    """Refuse a token that asks this worker too often."""
    most = ctx.policy.scim_requests_per_hour
    if is_too_much(ctx, f"SCIM token {token.id}", 1, most):
        raise Refusal(TOO_MANY_SCIM_REQUESTS, limit=most)


def note(ctx: Context, heard: Heard) -> None:
    """Remember what a provider asked, and how it was answered."""
    with ctx.database.writing() as tx:
        scim.save_heard(tx, heard)


def _harmless(tx: Connection, account: str) -> list[Profile]:
    return [each for each in people.list_profiles(tx, account) if not each.is_admin]


def _own(tx: Connection, actor: Actor, organization: str) -> Organization:
    found = accounts.find_organization(tx, organization) if actor.permissions is None else None
    if found is None or actor.user not in accounts.list_organization_admins(tx, found.id):
        raise Refusal(NO_SUCH_ORGANIZATION)
    return found
