"""Which identity provider does an organization run, as its admins set it up?"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import NamedTuple

from keysteward.actions import sessions
from keysteward.actions.context import Context
from keysteward.actions.notices import announce
from keysteward.crypto.sealing import Sealer
from keysteward.outgoing.safe_https import Unanswered, Unasked
from keysteward.rules import access_notices
from keysteward.rules.access import Actor
from keysteward.rules.accounts import Domain, Organization, User
from keysteward.rules.keys import checked_text
from keysteward.rules.providers import Places, Provider, checked_issuer, discovery_address, read_discovery
from keysteward.rules.refusals import (
    CONFLICT,
    INVALID_FIELD,
    NO_SUCH_OBJECT,
    NOT_AN_ORGANIZATION_ADMIN,
    PROVIDER_NOT_USABLE,
    PROVIDER_SILENT,
    Refusal,
)
from keysteward.rules.signin import demand_fresh
from keysteward.rules.versions import is_other
from keysteward.store import accounts, audit, domains, providers
from keysteward.store.database import Connection, lock
from keysteward.store.providers import Link

_BELIEVED_SECONDS = 60.0
_SILENT_SECONDS = 5.0


class Draft(NamedTuple):
    """What an admin types. An empty secret keeps the one before; `seen` is the version of what they looked at."""

    name: str
    issuer: str
    client_id: str
    client_secret: str
    seen: str | None = None


class View(NamedTuple):
    """An organization with its provider and whom that speaks for."""

    organization: Organization
    domains: list[Domain]
    provider: Provider | None
    linked: list[tuple[Link, User]]


def view(ctx: Context, actor: Actor, organization: str) -> View:
    """An organization that the actor administers; a foreign and an unknown one get the same refusal."""
    with ctx.database.reading() as tx:
        return _view(tx, _own(tx, actor, organization))


def configure(ctx: Context, actor: Actor, organization: str, draft: Draft) -> None:
    """Set up an organization's provider, once it answered."""
    demand_fresh(actor, ctx.now, ctx.policy)
    with ctx.database.reading() as tx:
        _own(tx, actor, organization)
    asked(ctx, checked_issuer(draft.issuer.strip()))
    keep(ctx, actor, organization, draft)


def keep(ctx: Context, actor: Actor, organization: str, draft: Draft) -> None:
    """Keep a provider that was asked. Another issuer ends every link of the one before."""
    demand_fresh(actor, ctx.now, ctx.policy)
    name = checked_text(draft.name, "name", most=60)
    client_id = checked_text(draft.client_id, "client_id", most=200)
    issuer = checked_issuer(draft.issuer.strip())
    with ctx.database.writing() as tx:
        lock(tx, "organization", organization)
        own = _own(tx, actor, organization)
        before = providers.find_provider(tx, organization)
        if before is not None and is_other(draft.seen, before.name, before.issuer, before.client_id, before.changed_at):
            raise Refusal(CONFLICT, by=before.changed_by, at=before.changed_at)
        sealed = _sealed(ctx, organization, draft.client_secret.strip(), before, issuer)
        providers.save_provider(tx, Provider(organization, name, issuer, client_id, sealed, ctx.now, actor.email))
        if before is not None and before.issuer != issuer:
            _end_links(tx, actor, organization)
        _tell_admins(ctx, tx, own, actor)
        audit.record(tx, ctx.event("ProviderChanged", actor.email, organization=organization, name=name, issuer=issuer))


def remove(ctx: Context, actor: Actor, organization: str) -> None:
    """Take an organization's provider away: every link ends, and every session of whoever was linked."""
    demand_fresh(actor, ctx.now, ctx.policy)
    with ctx.database.writing() as tx:
        lock(tx, "organization", organization)
        own = _own(tx, actor, organization)
        if not providers.remove_provider(tx, organization):
            raise Refusal(NO_SUCH_OBJECT, thing="identity provider")
        _end_links(tx, actor, organization)
        _tell_admins(ctx, tx, own, actor)
        audit.record(tx, ctx.event("ProviderRemoved", actor.email, organization=organization))


def unlink(ctx: Context, actor: Actor, organization: str, user: str) -> None:
    """End the link of one user, and their sessions; they may be linked anew when they sign in there again."""
    with ctx.database.writing() as tx:
        lock(tx, "organization", organization)
        _own(tx, actor, organization)
        if not providers.remove_link(tx, organization, user):
            raise Refusal(NO_SUCH_OBJECT, thing="link")
        _sign_out(tx, actor, user)
        audit.record(tx, ctx.event("IdentityUnlinked", actor.email, organization=organization, user=user))


def asked(ctx: Context, issuer: str) -> Places:
    """Where a provider is asked, by its own word of this moment."""
    with reasons():
        answer = ctx.outside.get(discovery_address(issuer))
    if answer.status != 200:
        raise Refusal(PROVIDER_NOT_USABLE, reason=f"its discovery document answers {answer.status}")
    return read_discovery(issuer, answer.body)


def asked_lately(ctx: Context, issuer: str) -> Places:
    """Likewise, by its word of the last minute, or its silence of the last seconds: anybody may make us ask."""
    now = ctx.machine_clock()
    until, said = ctx.discoveries.get(issuer) or (now, None)
    if said is None or now >= until:
        try:
            until, said = now + _BELIEVED_SECONDS, asked(ctx, issuer)
        except Refusal as refusal:
            until, said = now + _SILENT_SECONDS, refusal
        ctx.discoveries.add(issuer, (until, said))
    if isinstance(said, Refusal):
        raise Refusal(said.kind, detail=said.detail, **said.values)
    return said


def opened_secret(ctx: Context, provider: Provider) -> str:
    """The client secret of a provider."""
    return ctx.sealer.open(provider.client_secret_sealed, _label(provider.organization)).decode()


def seal_secrets_anew(tx: Connection, sealer: Sealer) -> None:
    """Another master key comes first: what providers gave us is sealed with it from now on."""
    for provider in providers.list_providers(tx):
        label = _label(provider.organization)
        sealed = sealer.seal(sealer.open(provider.client_secret_sealed, label), label)
        providers.save_provider(tx, replace(provider, client_secret_sealed=sealed))


@contextmanager
def reasons() -> Iterator[None]:
    """Say why a provider was not asked, or did not answer."""
    try:
        yield
    except Unasked as error:
        raise Refusal(PROVIDER_NOT_USABLE, reason=str(error)) from None
    except Unanswered as error:
        raise Refusal(PROVIDER_SILENT, reason=str(error)) from None


def _sealed(ctx: Context, organization: str, secret: str, before: Provider | None, issuer: str) -> bytes:
    """The secret to keep. It is never sent to another issuer than the one that it was typed for."""
    if secret:
        return ctx.sealer.seal(checked_text(secret, "client_secret", most=500).encode(), _label(organization))
    if before is None or before.issuer != issuer:
        raise Refusal(INVALID_FIELD, field="client_secret", reason="say the secret that this provider gave you.")
    return before.client_secret_sealed


def _label(organization: str) -> str:
    return f"client secret of the provider of {organization}"


def _end_links(tx: Connection, actor: Actor, organization: str) -> None:
    for link in providers.list_links(tx, organization):
        _sign_out(tx, actor, link.user)
    providers.remove_links(tx, organization)


def _sign_out(tx: Connection, actor: Actor, user: str) -> None:
    """End what the provider's word may have begun. Who ends it just proved who they are, and stays."""
    if user != actor.user:
        sessions.end_all(tx, user)


def _tell_admins(ctx: Context, tx: Connection, organization: Organization, actor: Actor) -> None:
    announce(ctx, tx, access_notices.provider_changed(organization, actor.email, ctx.now))


def _view(tx: Connection, organization: Organization) -> View:
    links = providers.list_links(tx, organization.id)
    linked = [(link, user) for link in links if (user := accounts.find_user(tx, link.user))]
    claimed = domains.list_of_organization(tx, organization.id)
    return View(organization, claimed, providers.find_provider(tx, organization.id), linked)


def _own(tx: Connection, actor: Actor, organization: str) -> Organization:
    found = accounts.list_organizations_of_admin(tx, actor.user) if actor.permissions is None else []
    own = next((each for each in found if each.id == organization), None)
    if own is None:
        raise Refusal(NOT_AN_ORGANIZATION_ADMIN)
    return own
