"""What may a file declare? Every field with its sentence; the reference page is printed from here."""

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from keysteward.rules.access import PERMISSIONS
from keysteward.rules.accounts import AccountState, DomainState, MembershipState
from keysteward.rules.golive import Verdict
from keysteward.rules.keys import Grant, IntegrationType
from keysteward.rules.policy import DEFAULT
from keysteward.twin.cast import PASSWORD

ProfileName = Literal["DS Admin", "DS Sender", "DS Viewer"]
ReviewState = Literal["none", "failed", "passed", "live"]


def _said(sentence: str, *examples: str, enum: tuple[str, ...] = ()) -> Meta:
    extra = {"examples": list(examples)} if examples else {"enum": list(enum)} if enum else None
    return Meta(description=sentence, extra_json_schema=extra)


Guid = Annotated[
    str | None, _said("Its GUID. Left out, one is made from the environment and the name: the same every time.")
]
Key = Annotated[str | None, _said("The integration key, a GUID. Left out, one is made from the name.")]
Moment = Annotated[
    str | None,
    Meta(extra_json_schema={"title": "a moment", "examples": ["3 days", "2 hours ago", "2026-11-20T09:30:00Z"]}),
]
User_ = Annotated[str, _said("Who: the e-mail address or GUID of a declared user.", "ada@acme.example")]
App_ = Annotated[str, _said("The app: its integration key or its name.", "Lease signer")]
Scopes = Annotated[list[str], _said("The scopes, each by its name.")]
By = Annotated[
    str | None,
    _said("The admin of the account who does all this, by address or GUID. Left out, the account's first admin."),
]
Stopped = Annotated[bool | str, _said("Whether the key is stopped, or when it was.")]
Deleted = Annotated[bool | str, _said("Whether the key is deleted, or when it was; it can be restored for 15 days.")]
Grants = Annotated[list[Grant], _said("The grants that the app registers.")]
PkceRequired = Annotated[bool, _said("Whether every code must be bound to a challenge.")]
PrivacyUrl = Annotated[str, _said("The https address of its privacy policy, or nothing.")]
TermsUrl = Annotated[str, _said("The https address of its terms of use, or nothing.")]
RedirectUris = Annotated[list[str], _said("The addresses that codes and tokens may be sent to.")]
Origins = Annotated[
    list[str], _said("The web origins that may call the API from a browser.", "https://app.example.com")
]


Expires = Annotated[
    str | None,
    _said("Until when it is good: an instant, or a time counted from `created`.", "90 days", "2027-03-01T00:00:00Z"),
]
CredentialReason = Annotated[str, _said("Why it was made.", "The yearly rotation.")]


class Shape(Struct, kw_only=True, forbid_unknown_fields=True):
    """What a table of the file may hold: nothing but its fields."""


class Clock(Shape):
    """Where the twin's clock stands once the file was applied; give one of the two. Ages are counted from there."""

    now: Annotated[str | None, _said("An instant with its zone.", "2026-11-21T12:00:00Z")] = None
    offset_seconds: Annotated[float | None, _said("How far it is ahead of the machine's clock.")] = None


class Account(Shape):
    """An account: it owns keys and users."""

    name: Annotated[str, _said("Its name.", "Acme")]
    guid: Guid = None
    plan: Annotated[
        str | None, _said("Its plan. Left out, Developer in demo and Business Pro in production.", enum=DEFAULT.plans)
    ] = None
    state: Annotated[AccountState, _said("What state it is in once everything was applied.")] = "open"
    created: Annotated[Moment, _said("When it was opened. Left out, 60 days ago.")] = None


class Membership(Shape):
    """A user in an account."""

    account: Annotated[str, _said("The account, by name or GUID.", "Acme")]
    profile: Annotated[ProfileName, _said("The permission profile; DS Admin makes an admin.")] = "DS Admin"
    state: Annotated[MembershipState, _said("Closed, once everything was applied, if so.")] = "active"
    created: Annotated[Moment, _said("When they joined. Left out, when the account was opened.")] = None


class User(Shape):
    """Somebody who signs in, or a service admin."""

    email: Annotated[str, _said("Their address.", "ada@acme.example")]
    guid: Annotated[Guid, _said("Their GUID. Left out, one is made from the environment and the address.")] = None
    first_name: Annotated[str | None, _said("Left out, made from the address.")] = None
    last_name: Annotated[str, _said("Their last name.")] = ""
    password: Annotated[str, _said("What they sign in with; nothing for somebody who cannot.")] = PASSWORD
    service: Annotated[bool, _said("Whether this is a service admin: no person, but a way back to the keys.")] = False
    memberships: Annotated[
        list[Membership] | None,
        _said("Their accounts, the default account first. Left out, they are an admin of the first account."),
    ] = None


class Domain(Shape):
    """A domain that an organization claims."""

    name: Annotated[str, _said("The host name.", "acme.example")]
    state: Annotated[DomainState, _said("Whether its proof was seen in DNS.")] = "active"


class AuthorizedApp(Shape):
    """An app that may act for an organization with application tokens."""

    app: App_
    scopes: Scopes
    by: Annotated[str | None, _said("The organization admin who authorized it. Left out, the first.")] = None
    created: Annotated[Moment, _said("When. Left out, when the organization and the app were both there.")] = None


class Organization(Shape):
    """An organization: it groups accounts of one environment."""

    name: Annotated[str, _said("Its name.", "Acme Group")]
    guid: Guid = None
    admins: Annotated[
        list[str] | None, _said("Its admins, the founder first. Left out, the first admin of its first account.")
    ] = None
    accounts: Annotated[
        list[str] | None, _said("Its accounts, by name or GUID, the default account first. Left out, every account.")
    ] = None
    domains: Annotated[list[str | Domain], _said("The domains it claims: a host name alone is an active one.")] = []
    authorized_apps: Annotated[list[AuthorizedApp], _said("The apps that may act for it with application tokens.")] = []
    created: Annotated[Moment, _said("When it was created. Left out, when its newest account was opened.")] = None


class Secret(Shape):
    """A secret key."""

    value: Annotated[
        str | None,
        _said(
            "16 to 200 visible ASCII characters without a percent sign. Left out, one is made; "
            "`declared.json` names it."
        ),
    ] = None
    created: Annotated[Moment, _said("When it was added. Left out, with the app.")] = None
    expires: Expires = None
    reason: CredentialReason = ""


class Keypair(Shape):
    """An RSA keypair."""

    public_key: Annotated[
        str | None,
        _said(
            "The public half as PEM. Left out, a keypair is generated; its private half is in the folder `keys`, "
            "in a file that `declared.json` names."
        ),
    ] = None
    created: Annotated[Moment, _said("When it was added. Left out, with the app.")] = None
    expires: Expires = None
    reason: CredentialReason = ""


class Calls(Shape):
    """Some calls of the app, one like the other."""

    count: Annotated[int, Meta(ge=1, le=100_000), _said("How many.")] = 1
    method: Annotated[str, _said("The HTTP method.")] = "POST"
    path: Annotated[
        str | None,
        _said(
            "The path, with its query. `{account}` stands for the account's GUID. Left out, the account's envelopes.",
            "/restapi/v2.1/accounts/{account}/envelopes?from_date=2026-01-01",
        ),
    ] = None
    status: Annotated[
        Annotated[int, Meta(ge=100, le=599)] | None, _said("The answer. Left out, 201 to POST, else 200.")
    ] = None
    error_code: Annotated[str, _said("The code of an answer that says no.", "INVALID_REQUEST_PARAMETER")] = ""
    by_gateway: Annotated[
        bool, _said("Whether the gateway answered itself: the API was not reached, or the caller left before.")
    ] = False
    user: Annotated[
        str | None,
        _said("Whose token it was. Left out, that of whoever created the app; empty for an application token."),
    ] = None
    account: Annotated[
        str | None,
        _said("The account that was called. Left out, the one in the path; empty where it was not found."),
    ] = None
    sdk: Annotated[str, _said("What the client called itself.")] = ""
    last: Annotated[
        Moment,
        _said(
            "When the last of them arrived. Left out, right before the next calls in the list; "
            "the very last ones an hour ago, of a live app in demo an hour before its promotion."
        ),
    ] = None
    spacing: Annotated[str, _said("The time from one to the next.")] = "2 minutes"


class Review(Shape):
    """One Go-Live review. Its verdict is judged anew from the calls; another one than declared is an error."""

    verdict: Annotated[Verdict, _said("What must come of it.")]
    after_calls: Annotated[
        Annotated[int, Meta(ge=0)] | None,
        _said("How many of the app's calls were made before it was started. Left out, all."),
    ] = None
    by: Annotated[str | None, _said("Who started it. Left out, whoever created the app.")] = None
    started: Annotated[Moment, _said("When it was started. Left out, 5 minutes after the last of those calls.")] = None
    settled: Annotated[Moment, _said("When it got its verdict. Left out, a minute later.")] = None


class Waiver(Shape):
    """Why, and until when, production takes the implicit grant for a key."""

    reason: Annotated[str, _said("Why.")]
    until: Annotated[
        str, _said("Until when: an instant, or a time counted from `created`.", "90 days", "2027-03-01T00:00:00Z")
    ]
    created: Annotated[Moment, _said("When it was given. Left out, with the promotion.")] = None


class DemoApp(Shape):
    """An app in demo, where every key begins."""

    name: Annotated[str, _said("Its name.", "Lease signer")]
    key: Key = None
    account: Annotated[str | None, _said("Its management account. Left out, the first.")] = None
    by: By = None
    contact: Annotated[str | None, _said("Its contact's address. Left out, that of whoever created it.")] = None
    created: Annotated[Moment, _said("When it was created. Left out, when the account was opened.")] = None
    integration_type: Annotated[IntegrationType, _said("What kind of integration it is.")] = (
        "Private custom integration"
    )
    grants: Annotated[list[Grant], _said("The grants that it registers. Left out, confidential_code and jwt.")] = field(
        default_factory=lambda: ["confidential_code", "jwt"]
    )
    pkce_required: PkceRequired = False
    privacy_url: PrivacyUrl = ""
    terms_url: TermsUrl = ""
    redirect_uris: RedirectUris = []
    origins: Origins = []
    secrets: Annotated[list[str | Secret], _said("Its secret keys: text alone is the value.")] = []
    keypairs: Annotated[list[str | Keypair], _said("Its keypairs: text alone is the public half as PEM.")] = []
    calls: Annotated[list[Calls], _said("Its calls, oldest first. A passed review left alone makes 20 good ones.")] = []
    review: Annotated[
        ReviewState | None,
        _said("Where its last review left it; `live` also promotes it, to what production declares of it."),
    ] = None
    reviews: Annotated[list[Review], _said("Its reviews, oldest first. Left out, the one that `review` asks for.")] = []
    presented_by: Annotated[
        str | None,
        _said(
            "Who pressed Go Live. Left out, the admin with the address of who promoted it, "
            "else whoever created the app."
        ),
    ] = None
    stopped: Stopped = False
    deleted: Deleted = False


class ProductionApp(Shape):
    """An app in production. It is live in demo; promotion brings key, name and contact, and nothing else."""

    key: Annotated[str, _said("The app in demo, by its integration key or its name.")]
    account: Annotated[str | None, _said("Its management account. Left out, the first.")] = None
    by: Annotated[
        str | None,
        _said("The admin who promoted it. Left out, one who is an admin in demo too, else the account's first admin."),
    ] = None
    created: Annotated[Moment, _said("When it was promoted. Left out, an hour after its review passed.")] = None
    name: Annotated[str | None, _said("Its name. Left out, as in demo.")] = None
    contact: Annotated[str | None, _said("Its contact's address. Left out, as in demo.")] = None
    grants: Grants = []
    pkce_required: PkceRequired = False
    privacy_url: PrivacyUrl = ""
    terms_url: TermsUrl = ""
    redirect_uris: RedirectUris = []
    origins: Origins = []
    secrets: Annotated[list[str | Secret], _said("Its secret keys: text alone is the value.")] = []
    keypairs: Annotated[list[str | Keypair], _said("Its keypairs: text alone is the public half as PEM.")] = []
    calls: Annotated[list[Calls], _said("Its calls, oldest first.")] = []
    implicit_waiver: Annotated[Waiver | None, _said("Whether, and until when, it may use the implicit grant.")] = None
    stopped: Stopped = False
    deleted: Deleted = False


class Consent(Shape):
    """A user allows an app some scopes."""

    user: User_
    app: App_
    scopes: Scopes
    created: Annotated[Moment, _said("When. Left out, with the app.")] = None


class PersonalToken(Shape):
    """A personal access token of a user; `declared.json` names its value."""

    user: User_
    name: Annotated[str, _said("Its name.", "Build server")]
    permissions: Annotated[
        list[Annotated[str, Meta(extra_json_schema={"enum": list(PERMISSIONS)})]] | None,
        _said("What it may do. Left out, everything."),
    ] = None
    days: Annotated[int, _said("How long it is good for: 1 to 90 days.")] = 90
    created: Annotated[Moment, _said("When it was made. Left out, when the file is applied.")] = None


class DevEnv(Shape):
    """Whom and what `dev.env` names. Left out, the first user and the first app; in production the same app."""

    app: Annotated[str | None, _said("An app, by its integration key or its name.")] = None
    user: Annotated[str | None, _said("A user, by address or GUID.")] = None


class Demo(Shape):
    """The demo environment."""

    accounts: list[Account] = []
    users: list[User] = []
    organizations: list[Organization] = []
    apps: list[DemoApp] = []
    consents: list[Consent] = []
    personal_access_tokens: list[PersonalToken] = []
    dev_env: DevEnv | None = None


class Production(Shape):
    """The production environment."""

    accounts: list[Account] = []
    users: list[User] = []
    organizations: list[Organization] = []
    apps: list[ProductionApp] = []
    consents: list[Consent] = []
    personal_access_tokens: list[PersonalToken] = []
    dev_env: DevEnv | None = None


class Declaration(Shape):
    """A declared twin."""

    schema: Annotated[str, _said("For editors: where the JSON Schema is.")] = field(default="", name="$schema")
    note: Annotated[str, _said("For people; nothing reads it.")] = ""
    clock: Annotated[Clock | None, _said("Where the twin's clock stands. Left out, at the machine's time.")] = None
    demo: Demo = field(default_factory=Demo)
    production: Production = field(default_factory=Production)


AnyApp = DemoApp | ProductionApp
AnyEnvironment = Demo | Production
