"""What may a file declare of an app? Every field with its sentence."""

from typing import Annotated, Literal

from msgspec import Meta, field

from keysteward.rules.golive import Choice, Verdict
from keysteward.rules.keys import Grant, IntegrationType
from keysteward.twin.declared.fields import Moment, Shape, said
from keysteward.twin.declared.shapes_ways_back import Replaced

ReviewState = Literal["none", "failed", "passed", "live"]

Key = Annotated[str | None, said("The integration key, a GUID. Left out, one is made from the name.")]
By = Annotated[
    str | None,
    said("The admin of the account who does all this, by address or GUID. Left out, the account's first admin."),
]
Stopped = Annotated[bool | str, said("Whether the key is stopped, or when it was.")]
Deleted = Annotated[bool | str, said("Whether the key is deleted, or when it was; it can be restored for 15 days.")]
Grants = Annotated[list[Grant], said("The grants that the app registers.")]
PkceRequired = Annotated[bool, said("Whether every code must be bound to a challenge.")]
PrivacyUrl = Annotated[str, said("The https address of its privacy policy, or nothing.")]
TermsUrl = Annotated[str, said("The https address of its terms of use, or nothing.")]
RedirectUris = Annotated[list[str], said("The addresses that codes and tokens may be sent to.")]
Origins = Annotated[list[str], said("The web origins that may call the API from a browser.", "https://app.example.com")]
Expires = Annotated[
    str | None,
    said("Until when it is good: an instant, or a time counted from `created`.", "90 days", "2027-03-01T00:00:00Z"),
]
Until = Annotated[
    str, said("Until when: an instant, or a time counted from `created`.", "90 days", "2027-03-01T00:00:00Z")
]
Sealed = Annotated[
    bool,
    said(
        "Whether it is sealed to those recovery recipients of the app's account that were there when it was made. Of "
        "a keypair, only a private half that is generated can be."
    ),
]
CredentialReason = Annotated[str, said("Why it was made.", "The yearly rotation.")]


class Successor(Shape):
    """What became of the secret key or keypair that was made in the place of one that leaked."""

    leaked: Annotated["Leak | None", said("That it leaked too.")] = None
    deleted: Annotated[bool, said("Whether it was deleted since.")] = False


class Leak(Shape):
    """That a secret key or keypair leaked. An admin says so, and another one is made in its place at that moment."""

    reported: Annotated[Moment, said("When somebody said so. Left out, when the file is applied.")] = None
    dies: Annotated[
        str | None,
        said(
            "Until when it still works: an instant, or a time counted from `reported`, of at most 24 hours. Left out, "
            "it dies at once.",
            "12 hours",
        ),
    ] = None
    reason: Annotated[str, said("What the admin says of it.", "It was in a public repository.")] = ""
    found_at: Annotated[
        str | None,
        said(
            "Where somebody found it who reported the value, or empty where they did not say. It dies at once, and no "
            "other one is made. Only a secret key without a `value` of its own can be reported so.",
            "https://gist.example/1",
        ),
    ] = None
    by: Annotated[str | None, said("The admin who said so. Left out, whoever created the app.")] = None
    successor: Annotated[Successor | None, said("What became of the other one. Left out, it is there, and works.")] = (
        None
    )


class Secret(Shape):
    """A secret key."""

    value: Annotated[
        str | None,
        said(
            "16 to 200 visible ASCII characters without a percent sign. Left out, one is made; "
            "`declared.json` names it."
        ),
    ] = None
    created: Annotated[Moment, said("When it was added. Left out, with the app.")] = None
    expires: Expires = None
    reason: CredentialReason = ""
    sealed: Sealed = False
    leaked: Annotated[Leak | None, said("That it leaked: `declared.json` then names the one in its place.")] = None


class Keypair(Shape):
    """An RSA keypair."""

    public_key: Annotated[
        str | None,
        said(
            "The public half as PEM. Left out, a keypair is generated; its private half is in the folder `keys`, "
            "in a file that `declared.json` names."
        ),
    ] = None
    created: Annotated[Moment, said("When it was added. Left out, with the app.")] = None
    expires: Expires = None
    reason: CredentialReason = ""
    sealed: Sealed = False
    leaked: Annotated[Leak | None, said("That it leaked: `declared.json` then names the one in its place.")] = None


class Calls(Shape):
    """Some calls of the app, one like the other."""

    count: Annotated[int, Meta(ge=1, le=100_000), said("How many.")] = 1
    method: Annotated[str, said("The HTTP method.")] = "POST"
    path: Annotated[
        str | None,
        said(
            "The path, with its query. `{account}` stands for the account's GUID. Left out, the account's envelopes.",
            "/restapi/v2.1/accounts/{account}/envelopes?from_date=2026-01-01",
        ),
    ] = None
    status: Annotated[
        Annotated[int, Meta(ge=100, le=599)] | None, said("The answer. Left out, 201 to POST, else 200.")
    ] = None
    error_code: Annotated[str, said("The code of an answer that says no.", "INVALID_REQUEST_PARAMETER")] = ""
    by_gateway: Annotated[
        bool, said("Whether the gateway answered itself: the API was not reached, or the caller left before.")
    ] = False
    user: Annotated[
        str | None,
        said("Whose token it was. Left out, that of whoever created the app; empty for an application token."),
    ] = None
    account: Annotated[
        str | None,
        said("The account that was called. Left out, the one in the path; empty where it was not found."),
    ] = None
    sdk: Annotated[str, said("What the client called itself.")] = ""
    last: Annotated[
        Moment,
        said(
            "When the last of them arrived. Left out, right before the next calls in the list; "
            "the very last ones an hour ago, of a live app in demo an hour before its promotion."
        ),
    ] = None
    spacing: Annotated[str, said("The time from one to the next.")] = "2 minutes"


class Answer(Shape):
    """What the developer answered."""

    text: Annotated[str, said("The answer.", "Law firms, each with an account of its own.")]
    by: Annotated[str | None, said("The admin who answered. Left out, whoever created the app.")] = None
    at: Annotated[Moment, said("When. Left out, a minute after the question.")] = None


class Question(Shape):
    """What an operator asked the developer about a review that waits for a person."""

    text: Annotated[str, said("The question.", "Who are your customers?")]
    answer: Annotated[
        str | Answer | None, said("What was answered: text alone is the answer. Left out, nothing yet.")
    ] = None
    by: Annotated[str | None, said("Which operator. Left out, the first in the file.")] = None
    at: Annotated[Moment, said("When. Left out, a minute after what came before it.")] = None


class Ruling(Shape):
    """What an operator decided of a review that passed its automated checks and waits for a person."""

    choice: Annotated[Choice, said("What they decided.")] = "approved"
    by: Annotated[str | None, said("Which operator. Left out, the first in the file.")] = None
    reason: Annotated[str, said("Why, for the developer; to decline takes a reason.")] = ""
    at: Annotated[Moment, said("When. Left out, a minute after the verdict, or after what was said last.")] = None


class Review(Shape):
    """One Go-Live review. Its verdict is judged anew from the calls; another one than declared is an error."""

    verdict: Annotated[Verdict, said("What must come of it.")]
    after_calls: Annotated[
        Annotated[int, Meta(ge=0)] | None,
        said("How many of the app's calls were made before it was started. Left out, all."),
    ] = None
    by: Annotated[str | None, said("Who started it. Left out, whoever created the app.")] = None
    started: Annotated[Moment, said("When it was started. Left out, 5 minutes after the last of those calls.")] = None
    policy: Annotated[
        int | None, said("The version of the policy that it was started under. Left out, the one in force then.")
    ] = None
    settled: Annotated[
        Moment,
        said("When it got its verdict. Left out, a minute later, or as late as the policy's `review_delay` asks."),
    ] = None
    questions: Annotated[
        list[str | Question],
        said("What operators asked meanwhile, oldest first: text alone is a question. They take a person too."),
    ] = []
    ruling: Annotated[
        Ruling | None,
        said(
            "What an operator decided, where the integration type needs a person. Left out, nothing yet; but the last "
            "review of an app that passed or is live is approved."
        ),
    ] = None


class Waiver(Shape):
    """Why, and until when, production takes the implicit grant for a key."""

    reason: Annotated[str, said("Why.")]
    until: Until
    created: Annotated[Moment, said("When it was given. Left out, with the promotion.")] = None


class LegacyWaiver(Shape):
    """Why, and until when, a key may go on authenticating the old way."""

    owner: Annotated[str, said("The address of who answers for that it stops.", "ada@acme.example")]
    reason: Annotated[str, said("Why.")]
    until: Until
    by: Annotated[str, said("The operator who gave it.")] = "operator"
    created: Annotated[Moment, said("When it was given. Left out, when the file is applied.")] = None


class DemoApp(Shape):
    """An app in demo, where every key begins."""

    name: Annotated[str, said("Its name.", "Lease signer")]
    key: Key = None
    account: Annotated[str | None, said("Its management account. Left out, the first.")] = None
    by: By = None
    contact: Annotated[str | None, said("Its contact's address. Left out, that of whoever created it.")] = None
    created: Annotated[Moment, said("When it was created. Left out, when the account was opened.")] = None
    integration_type: Annotated[IntegrationType, said("What kind of integration it is.")] = "Private custom integration"
    replaces: Annotated[
        str | Replaced | None,
        said("The app that it replaces, in both environments: an integration key or a name alone is that app."),
    ] = None
    grants: Annotated[list[Grant], said("The grants that it registers. Left out, confidential_code and jwt.")] = field(
        default_factory=lambda: ["confidential_code", "jwt"]
    )
    pkce_required: PkceRequired = False
    privacy_url: PrivacyUrl = ""
    terms_url: TermsUrl = ""
    redirect_uris: RedirectUris = []
    origins: Origins = []
    secrets: Annotated[list[str | Secret], said("Its secret keys: text alone is the value.")] = []
    keypairs: Annotated[list[str | Keypair], said("Its keypairs: text alone is the public half as PEM.")] = []
    calls: Annotated[list[Calls], said("Its calls, oldest first. A passed review left alone makes 20 good ones.")] = []
    review: Annotated[
        ReviewState | None,
        said("Where its last review left it; `live` also promotes it, to what production declares of it."),
    ] = None
    reviews: Annotated[list[Review], said("Its reviews, oldest first. Left out, the one that `review` asks for.")] = []
    presented_by: Annotated[
        str | None,
        said(
            "Who pressed Go Live. Left out, the admin with the address of who promoted it, "
            "else whoever created the app."
        ),
    ] = None
    legacy_waiver: Annotated[LegacyWaiver | None, said("Whether, and until when, it may use passwords.")] = None
    stopped: Stopped = False
    deleted: Deleted = False


class ProductionApp(Shape):
    """An app in production. It is live in demo; promotion brings key, name and contact, and nothing else."""

    key: Annotated[str, said("The app in demo, by its integration key or its name.")]
    account: Annotated[str | None, said("Its management account. Left out, the first.")] = None
    by: Annotated[
        str | None,
        said("The admin who promoted it. Left out, one who is an admin in demo too, else the account's first admin."),
    ] = None
    created: Annotated[Moment, said("When it was promoted. Left out, an hour after its review passed.")] = None
    name: Annotated[str | None, said("Its name. Left out, as in demo.")] = None
    contact: Annotated[str | None, said("Its contact's address. Left out, as in demo.")] = None
    grants: Grants = []
    pkce_required: PkceRequired = False
    privacy_url: PrivacyUrl = ""
    terms_url: TermsUrl = ""
    redirect_uris: RedirectUris = []
    origins: Origins = []
    secrets: Annotated[list[str | Secret], said("Its secret keys: text alone is the value.")] = []
    keypairs: Annotated[list[str | Keypair], said("Its keypairs: text alone is the public half as PEM.")] = []
    calls: Annotated[list[Calls], said("Its calls, oldest first.")] = []
    implicit_waiver: Annotated[Waiver | None, said("Whether, and until when, it may use the implicit grant.")] = None
    legacy_waiver: Annotated[LegacyWaiver | None, said("Whether, and until when, it may use passwords.")] = None
    stopped: Stopped = False
    deleted: Deleted = False


AnyApp = DemoApp | ProductionApp
