"""How do declared people sign in: with authenticator apps, and with their organization's identity provider?"""

from keysteward.actions import accounts, identity_providers, linking, seeding
from keysteward.rules.accounts import checked_app_secret
from keysteward.rules.providers import Identity, Provider
from keysteward.twin.declared.organizations import organized_at
from keysteward.twin.declared.references import authenticator_of
from keysteward.twin.declared.shapes import AuthenticatorApp, IdentityProvider, Link, Organization, User
from keysteward.twin.declared.stage import MadeFactor, Stage, at


def add_authenticator_apps(stage: Stage) -> None:
    """Give the declared users their authenticator apps."""
    for number, user in enumerate(stage.known.declared.users):
        if user.authenticator_app is not None:
            with at(f"{stage.environment}.users[{number}].authenticator_app"):
                _add(stage, user, authenticator_of(user.authenticator_app))


def set_up_providers(stage: Stage) -> None:
    """Give the declared organizations their identity providers, and link whom these speak for."""
    for number, organization in enumerate(stage.known.declared.organizations):
        if organization.identity_provider is not None:
            path = f"{stage.environment}.organizations[{number}].identity_provider"
            _set_up(stage, path, organization, organization.identity_provider)


def _add(stage: Stage, user: User, declared: AuthenticatorApp) -> None:
    guid = stage.known.user_guid(user)
    when = stage.when(declared.created, accounts.load_user(stage.ctx, guid).created_at)
    secret = None if declared.secret is None else checked_app_secret(declared.secret)
    letters, codes = seeding.add_authenticator_app(stage.on(when), stage.actor(guid, when), secret)
    stage.made.factors[guid] = MadeFactor(letters, codes)


def _set_up(stage: Stage, path: str, organization: Organization, declared: IdentityProvider) -> None:
    """Keep a provider as it is said to be: nobody can ask it what it was some time ago."""
    known, guid = stage.known, stage.known.organization_guid(organization)
    when = stage.when(declared.created, organized_at(stage, organization))
    admin = stage.actor(known.users.load(declared.by or known.admins_in(organization)[0]), when)
    draft = identity_providers.Draft(declared.name, declared.issuer, declared.client_id, declared.client_secret)
    with at(path):
        identity_providers.keep(stage.on(when), admin, guid, draft)
    provider = identity_providers.view(stage.ctx, admin, guid).provider
    for number, link in enumerate(declared.links):
        with at(f"{path}.links[{number}]"):
            _link(stage, provider, link)


def _link(stage: Stage, provider: Provider | None, declared: Link) -> None:
    """Link somebody as their first sign-in would: the provider vouches for the address that they have here."""
    assert provider is not None  # noqa: S101 — it was just kept
    when = stage.when(declared.created, provider.changed_at)
    email = stage.known.emails[stage.known.users.load(declared.user)]
    identity = Identity(provider.issuer, declared.subject, email, email_verified=True)
    linking.link(stage.on(when), provider, identity)
