"""What may a file declare? Every field with its sentence; the reference page is printed from here."""

from typing import Annotated, Any, Literal

from msgspec import Meta, field

from keysteward.rules.access import PERMISSIONS
from keysteward.rules.accounts import AccountState, DomainState, MembershipState
from keysteward.rules.policy import DEFAULT
from keysteward.twin.cast import PASSWORD
from keysteward.twin.declared.fields import AppName, Guid, Moment, Scopes, Shape, UserName, said
from keysteward.twin.declared.shapes_apps import DemoApp, ProductionApp
from keysteward.twin.declared.shapes_custody import (
    AccountName,
    AccountRequest,
    Departure,
    Finding,
    Invitation,
    LinkedAccount,
    OrganizationAdmin,
    Profile,
    ProfileName,
    Transfer,
)
from keysteward.twin.declared.shapes_programs import Directory, Webhook
from keysteward.twin.declared.shapes_ways_back import Drill, RecoveryContact, RecoveryRecipient, Retirement


class Clock(Shape):
    """Where the twin's clock stands once the file was applied; give one of the two. Ages are counted from there."""

    now: Annotated[str | None, said("An instant with its zone.", "2026-11-21T12:00:00Z")] = None
    offset_seconds: Annotated[float | None, said("How far it is ahead of the machine's clock.")] = None


class PolicyVersion(Shape):
    """A version of the policy: it sets numbers, or installs a rule pack, or removes one.

    What is played happens under the version that is in force at its moment.
    """

    numbers: Annotated[
        dict[str, Any],
        said("The [numbers](policy.md) that it sets, as `keysteward policy apply` takes them; the others stay."),
    ] = {}
    installs: Annotated[
        dict[str, Any],
        said("The [rule pack](rule-packs.md) that it brings into force, as `keysteward packs install` takes it."),
    ] = {}
    removes: Annotated[str, said("The name of the rule pack that it takes out of force.", "orders")] = ""
    author: Annotated[str, said("The operator who applied it.")] = "operator"
    approved_by: Annotated[
        str, said("Who else approved it; somebody must have where it loosens a number that guards keys.")
    ] = ""
    reason: Annotated[str, said("Why.")] = "Declared in a file."
    created: Annotated[
        Moment,
        said("When. Left out, right after the version before it; the first one when the oldest account was opened."),
    ] = None


class BlockedApp(Shape):
    """An app that may not act in an account."""

    app: AppName
    by: Annotated[str | None, said("The admin of the account who blocked it. Left out, its first admin.")] = None
    created: Annotated[Moment, said("When. Left out, when the file is applied.")] = None


class Limits(Shape):
    """Limits of an account's own, as `keysteward limits set` takes them: 0 is the policy's, what is left out stays."""

    hourly: Annotated[int | None, said("Calls in a clock hour.")] = None
    burst: Annotated[int | None, said("Calls in a burst window.")] = None
    candidate_hourly: Annotated[int | None, said("Calls in a clock hour, tried: counted, never refused.")] = None
    candidate_burst: Annotated[int | None, said("Calls in a burst window, tried likewise.")] = None
    by: Annotated[str, said("The operator who set them.")] = "operator"
    reason: Annotated[str, said("Why; the account's admins see it.")] = "Declared in a file."
    created: Annotated[
        Moment, said("When. Left out, right after those before them; the first when the account was opened.")
    ] = None


class Account(Shape):
    """An account: it owns keys and users."""

    name: Annotated[str, said("Its name.", "Acme")]
    guid: Guid = None
    plan: Annotated[
        str | None, said("Its plan. Left out, Developer in demo and Business Pro in production.", *DEFAULT.plans)
    ] = None
    state: Annotated[AccountState, said("What state it is in once everything was applied.")] = "open"
    state_since: Annotated[Moment, said("Since when somebody wanted it so. Left out, when the file is applied.")] = None
    created: Annotated[Moment, said("When it was opened. Left out, 60 days ago.")] = None
    blocked_apps: Annotated[
        list[str | BlockedApp], said("The apps that may not act in it: a name alone is that of an app.")
    ] = []
    limits: Annotated[list[Limits], said("Its own limits, oldest first: the last apply. Left out, the policy's.")] = []
    profiles: Annotated[list[Profile], said("The permission profiles of its own.")] = []
    invitations: Annotated[list[Invitation], said("Who was invited and has not come yet.")] = []
    findings: Annotated[list[Finding], said("What its admins say of the findings of its custody audit.")] = []
    recovery_contacts: Annotated[
        list[str | RecoveryContact], said("Who is told when it has no admin any more: an address alone agreed to it.")
    ] = []
    recovery_recipients: Annotated[
        list[str | RecoveryRecipient], said("Who can open what it seals: text alone is the public key.")
    ] = []
    drills: Annotated[list[Drill], said("The drills that were planned.")] = []
    webhooks: Annotated[list[str | Webhook], said("Which addresses are told of its notices: text alone is one.")] = []


class Membership(Shape):
    """A user in an account."""

    account: AccountName
    profile: ProfileName = "DS Admin"
    state: Annotated[MembershipState, said("Closed, once everything was applied, if so.")] = "active"
    created: Annotated[Moment, said("When they joined. Left out, when the account was opened.")] = None


class AuthenticatorApp(Shape):
    """An authenticator app: the user's sign-ins take its code as a second step."""

    secret: Annotated[
        str | None,
        said(
            "What the app and Keysteward share: 16 to 64 bytes in base32. Left out, it is made; `declared.json` names "
            "it, and the recovery codes.",
            "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
        ),
    ] = None
    created: Annotated[Moment, said("When it was added. Left out, when they joined their first account.")] = None


class User(Shape):
    """Somebody who signs in, or a service admin."""

    email: Annotated[str, said("Their address.", "ada@acme.example")]
    guid: Annotated[Guid, said("Their GUID. Left out, one is made from the environment and the address.")] = None
    first_name: Annotated[str | None, said("Left out, made from the address.")] = None
    last_name: Annotated[str, said("Their last name.")] = ""
    password: Annotated[str, said("What they sign in with; nothing for somebody who cannot.")] = PASSWORD
    service: Annotated[bool, said("Whether this is a service admin: no person, but a way back to the keys.")] = False
    memberships: Annotated[
        list[Membership] | None,
        said("Their accounts, the default account first. Left out, they are an admin of the first account."),
    ] = None
    authenticator_app: Annotated[
        str | AuthenticatorApp | None, said("Their authenticator app: text alone is its secret.")
    ] = None
    operator: Annotated[
        bool | Literal["formerly"],
        said("Whether they are an operator, and settle the reviews that need a person, or were one until now."),
    ] = False


class Domain(Shape):
    """A domain that an organization claims."""

    name: Annotated[str, said("The host name.", "acme.example")]
    state: Annotated[DomainState, said("Whether its proof was seen in DNS; a lapsed one was active before.")] = "active"
    created: Annotated[Moment, said("When it was claimed. Left out, with the organization.")] = None


class AuthorizedApp(Shape):
    """An app that may act for an organization with application tokens."""

    app: AppName
    scopes: Scopes
    by: Annotated[str | None, said("The organization admin who authorized it. Left out, the first.")] = None
    created: Annotated[Moment, said("When. Left out, when the organization and the app were both there.")] = None


class Link(Shape):
    """A user whom an identity provider speaks for."""

    user: UserName
    subject: Annotated[str, said("Who they are at the provider: its `sub`.", "248289761001")]
    created: Annotated[Moment, said("When they were linked. Left out, when the provider was set up.")] = None


class IdentityProvider(Shape):
    """The OpenID Connect provider of an organization. It need not answer while the file is applied."""

    name: Annotated[str, said("The name on the button.", "Acme ID")]
    issuer: Annotated[str, said("Its issuer, as it calls itself.", "https://id.acme.example")]
    client_id: Annotated[str, said("What it calls us.")]
    client_secret: Annotated[str, said("The secret that it gave us.")]
    by: Annotated[str | None, said("The organization admin who set it up. Left out, the first.")] = None
    created: Annotated[Moment, said("When. Left out, when the organization was created.")] = None
    links: Annotated[
        list[Link], said("Whom it speaks for; others are linked when they sign in there for the first time.")
    ] = []


class Organization(Shape):
    """An organization: it groups accounts of one environment."""

    name: Annotated[str, said("Its name.", "Acme Group")]
    guid: Guid = None
    admins: Annotated[
        list[str | OrganizationAdmin] | None,
        said("Its admins, the founder first. Left out, the first admin of its first account."),
    ] = None
    accounts: Annotated[
        list[str | LinkedAccount] | None,
        said("Its accounts, by name or GUID, the default account first. Left out, every account."),
    ] = None
    requests: Annotated[
        list[AccountRequest], said("What it asked accounts, or they it, and nobody has answered yet.")
    ] = []
    domains: Annotated[list[str | Domain], said("The domains it claims: a host name alone is an active one.")] = []
    authorized_apps: Annotated[list[AuthorizedApp], said("The apps that may act for it with application tokens.")] = []
    identity_provider: Annotated[
        IdentityProvider | None, said("The OpenID Connect provider that its people sign in with.")
    ] = None
    directory: Annotated[
        Directory | None, said("What its identity provider may say of its people, by [SCIM](../guides/directories.md).")
    ] = None
    webhooks: Annotated[list[str | Webhook], said("Which addresses are told of its notices: text alone is one.")] = []
    created: Annotated[
        Moment, said("When it was created. Left out, when the newest account that it began with was opened.")
    ] = None


class Gateway(Shape):
    """A proxy that asks before each call, as `keysteward gateways add` names it."""

    name: Annotated[str, said("Its name; `declared.json` has its ingest credential.", "edge, Frankfurt")]
    by: Annotated[str, said("The operator who added it.")] = "operator"
    created: Annotated[Moment, said("When. Left out, when the file is applied.")] = None


class Consent(Shape):
    """A user allows an app some scopes."""

    user: UserName
    app: AppName
    scopes: Scopes
    created: Annotated[Moment, said("When. Left out, with the app.")] = None


class PersonalToken(Shape):
    """A personal access token of a user; `declared.json` names its value."""

    user: UserName
    name: Annotated[str, said("Its name.", "Build server")]
    permissions: Annotated[
        list[Annotated[str, Meta(extra_json_schema={"enum": list(PERMISSIONS)})]] | None,
        said("What it may do. Left out, everything."),
    ] = None
    days: Annotated[int, said("How long it is good for: 1 to 90 days.")] = 90
    created: Annotated[Moment, said("When it was made. Left out, when the file is applied.")] = None


class DevEnv(Shape):
    """Whom and what `dev.env` names. Left out, the first user and the first app; in production the same app."""

    app: Annotated[str | None, said("An app, by its integration key or its name.")] = None
    user: Annotated[str | None, said("A user, by address or GUID.")] = None


class Demo(Shape):
    """The demo environment."""

    policies: list[PolicyVersion] = []
    gateways: list[Gateway] = []
    accounts: list[Account] = []
    users: list[User] = []
    organizations: list[Organization] = []
    departures: list[Departure] = []
    apps: list[DemoApp] = []
    consents: list[Consent] = []
    personal_access_tokens: list[PersonalToken] = []
    dev_env: DevEnv | None = None


class Production(Shape):
    """The production environment."""

    policies: list[PolicyVersion] = []
    gateways: list[Gateway] = []
    accounts: list[Account] = []
    users: list[User] = []
    organizations: list[Organization] = []
    departures: list[Departure] = []
    apps: list[ProductionApp] = []
    transfers: list[Transfer] = []
    retirements: list[Retirement] = []
    consents: list[Consent] = []
    personal_access_tokens: list[PersonalToken] = []
    dev_env: DevEnv | None = None


class Declaration(Shape):
    """A declared twin."""

    schema: Annotated[str, said("For editors: where the JSON Schema is.")] = field(default="", name="$schema")
    note: Annotated[str, said("For people; nothing reads it.")] = ""
    clock: Annotated[Clock | None, said("Where the twin's clock stands. Left out, at the machine's time.")] = None
    demo: Demo = field(default_factory=Demo)
    production: Production = field(default_factory=Production)


AnyEnvironment = Demo | Production
