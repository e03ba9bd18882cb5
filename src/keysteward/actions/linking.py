"""Which user is it whom an organization's identity provider names, and may they come in?

A first sign-in links the provider's subject to a user; later ones go by that link alone. The provider speaks only as
long as the domain that it spoke for is the organization's.
"""

from keysteward.actions import signin
from keysteward.actions.context import Context
from keysteward.actions.domains import Confirmed, confirm, demand_active
from keysteward.actions.mailing import house, post
from keysteward.rules import letters
from keysteward.rules import providers as rules
from keysteward.rules.accounts import User
from keysteward.rules.providers import Identity, Match, Provider
from keysteward.rules.refusals import IDENTITY_NOT_LINKED, NO_PROVIDER, SIGN_IN_NOT_BEGUN_HERE, Refusal
from keysteward.rules.signin import NOWHERE, Source
from keysteward.store import accounts, audit, domains, providers
from keysteward.store import signin as signins
from keysteward.store.database import Connection, lock
from keysteward.store.providers import Link


def burn_state(ctx: Context, state: str) -> None:
    """Use the state of a sign-in once; refuse one that came back before."""
    with ctx.database.writing() as tx:
        if not signins.burn_nonce(tx, ctx.digester.digest(f"state {state}"), ctx.now):
            raise Refusal(SIGN_IN_NOT_BEGUN_HERE, detail="the state came back twice")


def come_in(ctx: Context, provider: Provider, identity: Identity, source: Source = NOWHERE) -> str:
    """Begin the session of whom a provider named; return its token, as `signin.sign_in` does."""
    with ctx.database.reading() as tx:
        known = providers.find_link(tx, provider.organization, identity.issuer, identity.subject)
    if known is None:
        link(ctx, provider, identity)
    return enter(ctx, provider, identity, source)


def link(ctx: Context, provider: Provider, identity: Identity) -> User:
    """Link a new identity to the user who has its address, and tell them."""
    organization, confirmed = provider.organization, _confirmed(ctx, provider, identity)
    with ctx.database.writing() as tx:
        lock(tx, "organization", organization)
        _demand_same(tx, provider)
        user, _ = accounts.find_user_by_email(tx, identity.email) or (None, None)
        standings = tuple(accounts.list_standings_of_user(tx, user.id)) if user else ()
        claimed = tuple(domains.list_of_organization(tx, organization))
        user = rules.demand_match(Match(identity, user, organization, claimed, standings))
        domain = rules.domain_of(identity.email, claimed)
        if confirmed is None:
            raise Refusal(IDENTITY_NOT_LINKED, reason=f"{domain} was proved only this moment")
        demand_active(ctx, tx, confirmed)
        if not providers.save_link(tx, Link(organization, identity.issuer, identity.subject, user.id, domain, ctx.now)):
            raise Refusal(IDENTITY_NOT_LINKED, reason="somebody else at the provider is linked to your user")
        post(ctx, tx, user.email, letters.identity_linked(house(ctx), user.name, provider.name))
        said = {"organization": organization, "user": user.id, "domain": domain}
        audit.record(tx, ctx.event("IdentityLinked", user.email, issuer=identity.issuer, **said))
    return user


def enter(ctx: Context, provider: Provider, identity: Identity, source: Source = NOWHERE) -> str:
    """Take the first step of a sign-in for whoever is linked; a second factor that they have here is asked for too."""
    organization = provider.organization
    with ctx.database.reading() as tx:
        found = providers.find_link(tx, organization, identity.issuer, identity.subject)
    guid = found.user if found else ""
    with ctx.database.writing() as tx:
        lock(tx, "organization", organization)
        lock(tx, "user", guid)
        _demand_same(tx, provider)
        known = providers.find_link(tx, organization, identity.issuer, identity.subject)
        user = accounts.find_user(tx, guid)
        if known is None or known.user != guid or user is None or user.state != "active":
            raise Refusal(IDENTITY_NOT_LINKED, reason="you are linked to no active user")
        domain = domains.find_holder(tx, known.domain)
        if domain is None or domain.organization != organization or domain.state != "active":
            raise Refusal(IDENTITY_NOT_LINKED, reason=f"{known.domain} is no domain of the organization any more")
        if not rules.is_member(accounts.list_standings_of_user(tx, guid), organization):
            raise Refusal(IDENTITY_NOT_LINKED, reason="you are in no account of the organization")
        proved_at = rules.signed_in_at(identity, ctx.machine_clock(), ctx.now, ctx.policy)
        return signin.first_step(ctx, tx, user, source, proved_at)


def _confirmed(ctx: Context, provider: Provider, identity: Identity) -> Confirmed | None:
    """What DNS says now of the domain that the provider speaks for; None where the address lies in none of its own."""
    with ctx.database.reading() as tx:
        claimed = domains.list_of_organization(tx, provider.organization)
    host_name = rules.domain_of(identity.email, claimed)
    return confirm(ctx, provider.organization, host_name) if host_name else None


def _demand_same(tx: Connection, provider: Provider) -> None:
    """Refuse what a provider said that was removed or changed meanwhile."""
    now = providers.find_provider(tx, provider.organization)
    if now is None or (now.issuer, now.client_id) != (provider.issuer, provider.client_id):
        raise Refusal(NO_PROVIDER, detail="changed meanwhile")
