"""In which ways do we say no?

Every refusal of the product stands here once: its code, its public sentence and what to do next. `error` and
`description` are its words on `/oauth/*` and the Admin API, `error_code` its word on `/restapi/*`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from string import Formatter
from typing import TypeVar

Subject = TypeVar("Subject")


@dataclass(frozen=True, slots=True)
class Kind:
    """One way to say no. Braces in `sentence` and `next_step` are filled with the refusal's values."""

    code: str
    status: int
    sentence: str
    next_step: str = ""
    error: str = "invalid_request"
    description: str | None = None
    error_code: str = "INVALID_REQUEST_PARAMETER"
    field: str = ""


class Refusal(Exception):
    """A `Kind` that happened, with the values of its sentence and a private detail that only the log sees."""

    def __init__(self, kind: Kind, *, detail: str = "", **values: object) -> None:
        super().__init__(kind.code)
        self.kind = kind
        self.detail = detail
        self.values = values

    @property
    def sentence(self) -> str:
        """What happened, for whoever asked."""
        return _filled(self.kind.sentence, self.values)

    @property
    def next_step(self) -> str:
        """What to do next, for whoever asked."""
        return _filled(self.kind.next_step, self.values)

    @property
    def field(self) -> str:
        """The name of the input that is wrong, or nothing."""
        return str(self.values.get("field", self.kind.field))


def demand(checks: Sequence[Callable[[Subject], Kind | None]], subject: Subject, **values: object) -> None:
    """Raise the refusal of the first check that finds something wrong; no checks at all is a mistake of ours."""
    if not checks:
        raise ValueError("an empty list of checks demands nothing")
    for check in checks:
        if kind := check(subject):
            raise Refusal(kind, detail=check.__name__, **values)


def _filled(text: str, values: dict[str, object]) -> str:
    names = {name: values.get(name, "") for _, name, _, _ in Formatter().parse(text) if name}
    return text.format(**names)


# fmt: off
# ── asking ──────────────────────────────────────────────────────────────────────────────────────────────────────────
NOT_SIGNED_IN = Kind(
    "not-signed-in", 401, "You are not signed in.",
    "Sign in, or send a personal access token that has not expired as a Bearer token.", error="invalid_token",
)
NO_DEV_TOKEN = Kind(
    "no-dev-token", 401, "The twin's control needs the token of its folder.",
    "Send the content of the file dev.token, in the twin's folder, as a Bearer token.", error="invalid_token",
)
WRONG_CREDENTIALS = Kind(
    "wrong-credentials", 401, "That e-mail address and password do not match.", "Check both and try again.",
    field="password",
)
TOO_MANY_ATTEMPTS = Kind(
    "too-many-attempts", 429, "Too many attempts to sign in failed for this address.",
    "Wait {minutes} minutes and try again.", field="password",
)
SIGN_INS_WAIT = Kind(
    "sign-ins-wait", 503, "Too many people are signing in at this moment.", "Try again in a minute.",
    error="temporarily_unavailable", error_code="SERVICE_UNAVAILABLE",
)
WRONG_CODE = Kind(
    "wrong-code", 401, "That code is not good, or was used before.",
    "Type the newest code of your authenticator app, or a recovery code that you have not used.", field="code",
)
PASSKEY_NOT_GOOD = Kind(
    "passkey-not-good", 401, "That passkey could not be checked.",
    "Try again; if it stays, use another passkey or another way.", field="passkey",
)
SIGN_IN_OVER = Kind(
    "sign-in-over", 401, "This sign-in took too long, or too many codes were wrong.",
    "Begin again with your e-mail address and password.", error="login_required",
)
FRESH_SIGN_IN_NEEDED = Kind(
    "fresh-sign-in-needed", 403, "This needs a fresh sign-in.",
    "Confirm in the console, under Security, that it is you, and ask again within {minutes} minutes.",
    error="login_required",
)
SECOND_FACTOR_NEEDED = Kind(
    "second-factor-needed", 403, "Admins need a second factor here.",
    "Open Security in the console and add an authenticator app or a passkey.", error="access_denied",
)
FACTOR_EXISTS = Kind(
    "factor-exists", 409, "You have this second factor already.", "Remove it first if you want to set it up again.",
)
TOO_MANY_PASSKEYS = Kind(
    "too-many-passkeys", 409, "You have {limit} passkeys, as many as anybody may.", "Remove one that you do not use.",
)
NO_FACTOR_YET = Kind(
    "no-second-factor-yet", 409, "Recovery codes stand in for a second factor, and you have none.",
    "Add an authenticator app or a passkey first.",
)
FORM_OF_ANOTHER = Kind(
    "form-of-another", 409, "This form was made for somebody who was signed in here before.",
    "Nothing was done. You are signed in as {email}: open the page again, or sign out and in as the other person.",
)
SETUP_OVER = Kind(
    "setup-over", 409, "Setting up this authenticator app took too long.", "Begin again with a new code to scan.",
)
CROSS_SITE = Kind(
    "cross-site", 403, "This request came from another site.", "Open the page on this site and try again there.",
)
MALFORMED = Kind(
    "malformed", 400, "The request could not be read: {reason}", "Correct the request and send it again.",
    error_code="INVALID_REQUEST_BODY",
)
INVALID_FIELD = Kind(
    "invalid-field", 422, "{field}: {reason}", "Correct the field and send the request again.",
)
INVALID_PARAMETER = Kind(
    "invalid-parameter", 400, "The parameter {name} cannot be used: {reason}",
    "Correct the parameter and send the request again.",
)
TOO_LARGE = Kind(
    "too-large", 413, "The request body is larger than {limit} bytes.", "Send a smaller body.",
    error_code="REQUEST_BODY_TOO_LARGE",
)
WRONG_TYPE = Kind(
    "unsupported-media-type", 415, "The body must be sent as {expected}.", "Set the Content-Type header and try again.",
    error_code="INVALID_CONTENT_TYPE",
)
NO_ROUTE = Kind(
    "no-such-address", 404, "There is nothing at this address.", "Check the address for a typing error.",
    error="not_found", description="The URL provided does not resolve to a resource.", error_code="RESOURCE_NOT_FOUND",
)
WRONG_METHOD = Kind(
    "method-not-allowed", 405, "This address does not answer {method}.", "Use one of: {allowed}.",
    error="invalid_request", error_code="INVALID_REQUEST_METHOD",
)
WRONG_HOST = Kind(
    "misdirected", 421, "This server does not answer for that host name.",
    "Use the environment's own address, or start it with --host-name.",
)
FAILED = Kind(
    "unexpected", 500, "Something failed on our side.", "Try again; if it stays, tell your operator the trace id.",
    error="server_error", error_code="UNSPECIFIED_ERROR",
)
NOT_RECORDED = Kind(
    "not-recorded", 503, "The call could not be recorded, so it is not answered.", "Try again in a moment.",
    error="temporarily_unavailable", error_code="SERVICE_UNAVAILABLE",
)
OUT_OF_REACH = Kind(
    "out-of-reach", 503, "The database is out of reach.", "Try again in a moment.",
    error="temporarily_unavailable", error_code="SERVICE_UNAVAILABLE",
)
NOTHING_CHANGES = Kind(
    "nothing-changes", 409, "The file says what applies already.", "Change a number in it, or leave it at that.",
)
BAD_PACK = Kind(
    "bad-pack", 422, "This pack cannot be used: {field}: {reason}",
    "Correct the file; docs/reference/rule-packs.schema.json says what a pack may say.",
)
EXAMPLE_FAILS = Kind(
    "example-fails", 422, "The example “{example}” does not hold: a review finds {found}, and it expects {expected}.",
    "Correct the rules or the example, and check the pack again.",
)
PACK_VERSION_TAKEN = Kind(
    "pack-version-taken", 409, "Version {version} of {name} is on record with other content.",
    "A version never changes: give the pack the next version.",
)
PACK_IN_FORCE = Kind("pack-in-force", 409, "This version of the pack is in force already.", "Leave it at that.")
TOO_MANY_PACKS = Kind(
    "too-many-packs", 409, "{limit} packs are in force, as many as there may be.", "Remove one that is not needed.",
)
CHECK_NOT_INSTALLED = Kind(
    "check-not-installed", 409, "The pack names a check that is not installed here: {check}.",
    "Install that version of the distribution in this environment of Python, or name the one that is installed.",
)
LIMITS_STAY = Kind("limits-stay", 409, "These limits apply already.", "Say another number, or leave it at that.")
SECOND_OPERATOR_NEEDED = Kind(
    "second-operator-needed", 409, "This loosens what guards keys: {numbers}.",
    "Propose it in the console at /policy, or name with --second the operator who looked at it.",
)
PROPOSAL_OVER = Kind(
    "proposal-over", 409, "This proposal does not wait any more: it is {state}.",
    "Look at the policy as it is now, and propose the change anew where it is still needed.",
)
OWN_PROPOSAL = Kind(
    "own-proposal", 403, "You proposed this change, so somebody else has to approve it.",
    "Ask another operator. Whoever runs the environment names one on its host: keysteward operator add.",
    error="access_denied",
)
PROPOSER_GONE = Kind(
    "proposer-gone", 409, "Whoever proposed this change is no operator any more.",
    "Decline it, and propose the change yourself where it is still needed.",
)
CONFLICT = Kind(
    "changed-meanwhile", 412, "Somebody else changed this meanwhile.", "Load it again and repeat your change.",
)
IDEMPOTENCY_KEY_REUSED = Kind(
    "idempotency-key-reused", 422, "This Idempotency-Key came before with another request.",
    "Use a new key for a new request.", field="Idempotency-Key",
)
IDEMPOTENCY_KEY_IN_USE = Kind(
    "idempotency-key-in-use", 409, "The first request with this Idempotency-Key has not finished.",
    "Send it again in a moment. If it stays so, the first request was cut off: look whether it took effect, then use "
    "a new key.",
    field="Idempotency-Key",
)

ORIGIN_NOT_REGISTERED = Kind(
    "origin-not-registered", 403, "No app lists this web origin.",
    "An admin of the app's management account can add the origin on the app's page.",
    error="access_denied", error_code="USER_LACKS_PERMISSIONS",
)

ROTATION_UNDER_WAY = Kind(
    "rotation-under-way", 409, "A new signing key waits to take over already.",
    "Look with keysteward signing-keys list, and rotate again once it signs.",
)

# ── standing ────────────────────────────────────────────────────────────────────────────────────────────────────────
NO_MAIL_SERVER = Kind(
    "no-mail-server", 409, "This environment has no mail server.",
    "Name one with KEYSTEWARD_SMTP and KEYSTEWARD_MAIL_FROM, and start keysteward serve anew.",
)
ALREADY_SET_UP = Kind(
    "already-set-up", 409, "This environment has users already.",
    "Sign in, or ask an admin of your account to add you.",
)
WRONG_SETUP_CODE = Kind(
    "wrong-setup-code", 403, "That is not the code that was printed last.",
    "Copy the newest code from where keysteward serve prints, and try again.", field="code",
)
NO_SUCH_ACCOUNT = Kind(
    "no-such-account", 404, "You are not a member of such an account.",
    "Check the account id; it is shown under Apps and Keys.",
    error="invalid_request", error_code="USER_DOES_NOT_BELONG_TO_SPECIFIED_ACCOUNT",
)
NO_ACCOUNT = Kind(
    "no-account", 403, "You are not a member of any account here.", "Ask an admin of an account to invite {email}.",
    error="access_denied",
)
NOT_AN_ADMIN = Kind(
    "not-an-admin", 403, "Only an admin of this account may do this.", "Ask an admin of the account.",
    error="access_denied", error_code="USER_LACKS_PERMISSIONS",
)
TOKEN_LACKS_PERMISSION = Kind(
    "token-lacks-permission", 403, "This personal access token lacks the permission {permission}.",
    "Create a token that has it.", error="access_denied",
)
SESSION_NEEDED = Kind(
    "session-needed", 403, "Only a person may do this, with a console session; a personal access token is not enough.",
    "Sign in to the console, and call this address with its session.",
)
SCOPE_MISSING = Kind(
    "scope-missing", 403, "The access token lacks the scope {scope}.", "Ask for the scope and for consent to it.",
    error="access_denied", description="The access token lacks a scope that this call needs.",
    error_code="USER_LACKS_PERMISSIONS",
)
ACCOUNT_NOT_OPEN = Kind(
    "account-not-open", 403, "This account is {state}.", "Choose an open account, or ask its operator to open it.",
    error_code="ACCOUNT_LACKS_PERMISSIONS",
)
NO_SUCH_OBJECT = Kind(
    "no-such-object", 404, "There is no such {thing} here.", "It may have been deleted; look at the list again.",
    error="not_found", error_code="RESOURCE_NOT_FOUND",
)
NO_SUCH_ORGANIZATION = Kind(
    "no-such-organization", 404, "There is no such organization for you.", "List your organizations first.",
    error="invalid_request", description="The organization was not found.",
)
APP_BLOCKED = Kind(
    "app-blocked", 403, "An admin of this account blocked the app.",
    "Ask an admin of the account; they see it in the console, under Apps acting here.",
    error="access_denied", error_code="USER_LACKS_PERMISSIONS",
)
ALREADY_BLOCKED = Kind(
    "already-blocked", 409, "This app is blocked in the account already.", "Nothing needs to be done.",
)
LAST_ADMIN = Kind(
    "last-admin", 409, "This is the last active admin of the account.", "Make somebody else an admin first.",
)
LINK_NOT_GOOD = Kind(
    "link-not-good", 410, "This link is unknown, used, expired or replaced by a newer one.",
    "Ask for a new one, and open the newest mail.",
)
TOO_MANY_LINKS = Kind(
    "too-many-links", 429, "You asked for several links within an hour.", "Open the newest mail, or wait an hour.",
    field="email",
)
TOO_MANY_EXPORTS = Kind(
    "too-many-exports", 429, "You took your data along {limit} times within the hour.",
    "Use the newest file, or wait an hour.",
)
ADDRESS_TAKEN = Kind(
    "address-taken", 409, "Somebody else here has this address meanwhile.", "Ask for another address.", field="email",
)
NOT_YOUR_LINK = Kind(
    "not-your-link", 403, "This link was sent for another user.",
    "Sign in as the user who asked for it, and open it again.",
)
NOT_AN_ORGANIZATION_ADMIN = Kind(
    "not-an-organization-admin", 404, "There is no such organization for you.",
    "Ask an admin of your organization.", error="access_denied",
)
ACCOUNT_LINKED = Kind(
    "account-linked", 409, "This account belongs to an organization already.",
    "An admin of that organization or of the account asks to unlink it first.", field="account",
)
ALREADY_ASKED = Kind(
    "already-asked", 409, "This was asked already, and the other side has yet to agree.",
    "Wait for their answer, or remind them.", field="account",
)
ASKED_TOO_OFTEN = Kind(
    "asked-too-often", 429, "This account was asked several times within an hour.",
    "Give the other side time to answer, and ask again in an hour.", field="account",
)
LAST_ORGANIZATION_ADMIN = Kind(
    "last-organization-admin", 409, "This is the last active admin of the organization.",
    "Make somebody else an admin first.",
)
ALREADY_AN_ADMIN = Kind(
    "already-an-admin", 409, "They are an admin of the organization already.", "Nothing needs to be done.",
    field="email",
)
DOMAIN_TAKEN = Kind(
    "domain-taken", 409, "Another organization holds {domain}.",
    "Ask its admins to give it up, or take their record out of DNS; then check again within a day.", field="host_name",
)
DOMAIN_CLAIMED = Kind(
    "domain-claimed", 409, "Your organization claims this domain already.", "Look at it in the list.",
    field="host_name",
)
TOO_MANY_DOMAINS = Kind(
    "too-many-domains", 409, "The organization claims {limit} domains already.", "Give one up first.",
    field="host_name",
)
DOMAIN_NOT_ACTIVE = Kind(
    "domain-not-active", 409, "{domain} is no active domain of the organization: {reason}.",
    "Publish the record that the organization's page shows for it, and check it there.",
)
PROVIDER_SILENT = Kind(
    "provider-silent", 502, "The identity provider could not be asked: {reason}.",
    "Try again in a moment; if it stays, tell the admins of your organization.", field="issuer",
)
PROVIDER_NOT_USABLE = Kind(
    "provider-not-usable", 422, "This identity provider cannot be used: {reason}.",
    "Check the issuer with whoever runs the provider.", field="issuer",
)
NO_PROVIDER = Kind(
    "no-provider", 404, "No identity provider is set up for this address.",
    "Sign in with your password, or ask the admins of your organization.", field="email",
)
PROVIDER_ANSWER_NOT_GOOD = Kind(
    "provider-answer-not-good", 403, "The identity provider's answer is not good: {reason}.",
    "Begin again from the sign-in page; if it stays, tell the admins of your organization.",
)
PROVIDER_SAID_NO = Kind(
    "provider-said-no", 403, "The identity provider did not sign you in: {reason}.",
    "Begin again from the sign-in page, or sign in with your password.",
)
SIGN_IN_NOT_BEGUN_HERE = Kind(
    "sign-in-not-begun-here", 403, "This sign-in did not begin in this browser, took too long or was finished before.",
    "Begin again from the sign-in page.",
)
IDENTITY_NOT_LINKED = Kind(
    "identity-not-linked", 403, "The identity provider knows you, but no user here can be yours: {reason}.",
    "Ask the admins of your organization.", error="access_denied",
)
EMAIL_TAKEN = Kind("email-taken", 409, "A user with this address exists already.", "Invite that user instead.")
NO_SUCH_USER = Kind(
    "no-such-user", 404, "There is no such user here.", "List the account's users first.",
    error="invalid_request", error_code="USER_NOT_FOUND",
)
ALREADY_A_MEMBER = Kind(
    "already-a-member", 409, "They are a member of this account already.",
    "Change their permission profile on their page instead.", field="email",
)
USER_CLOSED = Kind(
    "user-closed", 409, "The user with this address was closed.",
    "An operator, or an admin of the organization that reported them, brings them back.", field="email",
)
HAS_A_USER = Kind(
    "has-a-user", 409, "There is a user with this address already.", "Sign in as that user, and open the link again.",
)
SIGN_UP_CLOSED = Kind(
    "sign-up-closed", 403, "Nobody opens an account here by themselves.",
    "Ask an admin of an account to invite you, or whoever runs this environment to open one for you.",
    error="access_denied",
)
TOO_MANY_SIGN_UPS = Kind(
    "too-many-sign-ups", 429, "Too many people asked for an account within the hour.", "Try again in an hour.",
)
TOO_MANY_INVITATIONS = Kind(
    "too-many-invitations", 409, "This account has {limit} invitations that nobody has accepted yet.",
    "Withdraw those that are not needed, or wait for them to expire.", field="email",
)
TOO_MANY_STRANGERS = Kind(
    "too-many-strangers", 429, "This account had many people outside it written to within an hour.",
    "Wait an hour, then go on.",
)
PROFILE_IN_USE = Kind(
    "profile-in-use", 409, "{count} members or invitations have this permission profile.",
    "Give them another profile first.",
)
PROFILE_FIXED = Kind(
    "profile-fixed", 409, "Every account has this permission profile as it is.", "Make one of your own.",
)
ACCOUNT_STATE = Kind(
    "account-state", 409, "This account is {state}, so it cannot {deed}.",
    "Look at its state again; somebody may have been faster.", field="state",
)
ACCOUNT_HAS_LIVE_KEYS = Kind(
    "account-has-live-keys", 409, "This account manages live keys: {keys}.",
    "Transfer, replace or retire each of them first. An operator may force it with a reason: the keys keep working, "
    "and nobody can manage them.", field="state",
)

# ── keys ────────────────────────────────────────────────────────────────────────────────────────────────────────────
KEYS_START_IN_DEMO = Kind(
    "keys-start-in-demo", 409, "Integration keys are created in the demo environment only.",
    "Create the app in demo, pass its Go-Live review there and promote the key to this account.",
)
NO_SUCH_KEY = Kind(
    "no-such-key", 404, "This account manages no such integration key.",
    "Look under Apps and Keys, or in the account that manages the key.", error_code="RESOURCE_NOT_FOUND",
)
TOO_MANY_KEYS = Kind(
    "too-many-keys", 409, "The account has {limit} integration keys already.", "Delete one that is no longer used.",
)
TOO_MANY_SECRETS = Kind("too-many-secrets", 409, "The app has {limit} secret keys already.", "Delete an old one first.")
ALREADY_LEAKED = Kind(
    "already-leaked", 409, "It is known already that this {thing} leaked.",
    "Another one was made then. To end this one at once, delete it.",
)
TOO_MANY_REPORTS = Kind(
    "too-many-reports", 429, "Too many leaked values were reported from this network within the hour.",
    "Wait an hour and report the rest.",
)
TOO_MANY_KEYPAIRS = Kind("too-many-keypairs", 409, "The app has {limit} keypairs already.", "Delete an old one first.")
WAIVERS_ARE_IN_PRODUCTION = Kind(
    "waivers-are-in-production", 409, "Demo takes the implicit grant without a waiver.",
    "Register the grant with the app; production asks for the waiver.",
)
BAD_PUBLIC_KEY = Kind(
    "bad-public-key", 422, "That is not a public key that we can use: {reason}",
    "Upload a PEM that begins with -----BEGIN PUBLIC KEY-----: RSA of 2,048 to 8,192 bits, or the curve P-256.",
    field="public_key",
)
KEYPAIR_OF_DEMO = Kind(
    "keypair-of-demo", 409, "Demo knew this public key when the key went live, so its private half has been there too.",
    "Make a new keypair for production, and keep its private half there only.",
)
KEYPAIR_EXISTS = Kind("keypair-exists", 409, "The app has this public key already.", "Nothing needs to be done.")
BAD_REDIRECT_URI = Kind(
    "bad-redirect-uri", 422, "This redirect URI cannot be used: {reason}.",
    "Give the exact address that your app listens on.", field="uri",
)
BAD_ORIGIN = Kind(
    "bad-origin", 422, "This origin cannot be used: {reason}.", "Give scheme, host and port only: https://example.com.",
    field="origin",
)
ALREADY_THERE = Kind("already-there", 409, "The app has this {thing} already.", "Nothing needs to be done.")
KEY_DELETED = Kind(
    "key-deleted", 409, "This integration key is deleted.", "Restore it first; that is possible for {days} days.",
)
KEY_NOT_DELETED = Kind("key-not-deleted", 409, "This integration key is not deleted.", "Nothing needs to be done.")
TOO_LATE_TO_RESTORE = Kind(
    "too-late-to-restore", 409, "This integration key was deleted more than {days} days ago.",
    "It cannot come back; create a new key.",
)
ALREADY_SHOWN = Kind(
    "already-created", 409, "This form was sent before, so it was created already.",
    "Its value was shown once and is not kept. Add another if you lost it, and delete this one.",
)

# ── OAuth, on the page ──────────────────────────────────────────────────────────────────────────────────────────────
DOUBLED_PARAMETER = Kind(
    "doubled-parameter", 400, "The parameter {name} was sent more than once.", "Send each parameter once.",
    description="A parameter was sent more than once.",
)
UNKNOWN_CLIENT = Kind(
    "unknown-client", 400, "This integration key is not known in this environment.",
    "Check client_id, and whether the key was promoted to this environment.",
    error="unauthorized_client", description="issuer_not_found",
)
REDIRECT_URI_NOT_REGISTERED = Kind(
    "redirect-uri-not-registered", 400, "The redirect URI is not registered properly with DocuSign.",
    "Register exactly this address with the app, in this environment. If the app is not yours, send the full "
    "address of this page to whoever runs it.",
)
UNSUPPORTED_RESPONSE_TYPE = Kind(
    "unsupported-response-type", 400, "The response type must be code, token, id_token or id_token token.",
    "Ask for one of these.",
    error="unsupported_response_type", description="The response type must be code, token, id_token or id_token token.",
)
UNSUPPORTED_RESPONSE_MODE = Kind(
    "unsupported-response-mode", 400, "The response mode is unknown, or would put tokens into a query.",
    "Use query, fragment or form_post for a code, and fragment or form_post for tokens.",
    description="The response mode is not supported for this response type.",
)
NONCE_REQUIRED = Kind(
    "nonce-required", 400, "An id token without a code needs the scope openid and a nonce.",
    "Send scope=openid and a fresh random nonce.",
    description="The scope openid and a nonce are required for an id token.",
)
BAD_MAX_AGE = Kind(
    "bad-max-age", 400, "max_age must be a number of seconds.", "Send whole seconds, for instance max_age=300.",
    description="max_age must be a number of seconds.",
)
REQUEST_OBJECT = Kind(
    "request-object", 400, "Request objects are not supported.", "Send the parameters themselves.",
    error="request_not_supported", description="The parameter request is not supported.",
)
REQUEST_URI = Kind(
    "request-uri", 400, "Request objects are not supported.", "Send the parameters themselves.",
    error="request_uri_not_supported", description="The parameter request_uri is not supported.",
)
GRANT_NOT_REGISTERED = Kind(
    "grant-not-registered", 400, "The app is not registered for this grant.",
    "An admin of its management account can add the grant on the app's page.",
    error="unauthorized_client", description="The integration key is not registered for this grant.",
)
IMPLICIT_NEEDS_WAIVER = Kind(
    "implicit-needs-waiver", 400, "Production takes the implicit grant only with a waiver.",
    "Use the authorization code grant with PKCE.",
    error="unauthorized_client", description="The implicit grant is not enabled for this key in production.",
)
INVALID_SCOPE = Kind(
    "invalid-scope", 400, "The scope is missing or malformed.", "Send scope names separated by spaces.",
    error="invalid_scope", description="The scope is missing or malformed.",
)
PKCE_REQUIRED = Kind(
    "pkce-required", 400, "This app must use PKCE.", "Send code_challenge and code_challenge_method=S256.",
    description="code challenge and code challenge method required",
)
BAD_CHALLENGE = Kind(
    "bad-challenge", 400, "The code challenge is malformed or its method is not S256.",
    "Send the base64url SHA-256 of the verifier and code_challenge_method=S256.",
    description="The code challenge must be 43 characters of base64url and its method S256.",
)
CONSENT_DENIED = Kind(
    "consent-denied", 403, "You did not allow the app to act for you.", "Start again from the app to change your mind.",
    error="access_denied", description="The user denied the request.",
)
NOT_FOR_AN_ORGANIZATION = Kind(
    "not-for-an-organization", 403, "Only an admin of an organization may allow this for its users.",
    "Ask an admin of your organization to open this link.",
    error="access_denied", description="The user is not an organization admin.",
)
LOGIN_REQUIRED = Kind(
    "login-required", 400, "Nobody is signed in.", "Ask again without prompt=none.",
    error="login_required", description="The user is not signed in.",
)
INTERACTION_REQUIRED = Kind(
    "consent-needed", 400, "The user has not consented yet.", "Ask again without prompt=none.",
    error="consent_required", description="The user has not consented.",
)

NO_OPEN_ACCOUNT = Kind(
    "no-open-account", 403, "You are not an active member of any open account here.",
    "Ask an admin of your account, or sign in as somebody else.",
    error="access_denied", description="The user is no active member of an open account.",
)
UNKNOWN_PROMPT = Kind(
    "unknown-prompt", 400, "The prompt is not one that is known here.", "Send login, consent, select_account or none.",
    description="The prompt must be none, login, consent or select_account.",
)
PROMPTS_CONTRADICT = Kind(
    "prompts-contradict", 400, "The prompt none was sent together with others.", "Send none alone.",
    description="prompt=none cannot be combined with other prompts.",
)

# ── OAuth, at the token endpoint ────────────────────────────────────────────────────────────────────────────────────
INVALID_CLIENT = Kind(
    "invalid-client", 400, "The client could not be authenticated.", "Check the integration key and the secret key.",
    error="invalid_client", description="The client could not be authenticated.",
)
TWO_PROOFS = Kind(
    "two-proofs", 400, "The client proves itself in more than one way.", "Send a secret key or an assertion, once.",
    description="More than one way of client authentication was used.",
)
UNSUPPORTED_GRANT = Kind(
    "unsupported-grant", 400, "This grant type is not supported.", "Use a grant that the discovery document names.",
    error="unsupported_grant_type", description="The grant type is not supported.",
)
MISSING_PARAMETER = Kind(
    "missing-parameter", 400, "The parameter {name} is missing.", "Send it.",
    description="A required parameter is missing.",
)
CODE_NOT_GOOD = Kind(
    "code-not-good", 400, "The code is unknown, expired, used or another client's.", "Ask the user to sign in again.",
    error="invalid_grant", description="expired_client_token",
)
REDIRECT_URI_DIFFERS = Kind(
    "redirect-uri-differs", 400, "The redirect URI is not the one that the code was issued for.", "Send the same one.",
    error="invalid_grant", description="redirect_uri_mismatch",
)
VERIFIER_WRONG = Kind(
    "verifier-wrong", 400, "The code verifier does not match the code challenge.", "Send the verifier of this request.",
    error="invalid_grant", description="The code verifier does not match the code challenge.",
)
REFRESH_NOT_GOOD = Kind(
    "refresh-not-good", 400, "The refresh token is unknown, expired, used or revoked.",
    "Ask the user to sign in again.",
    error="invalid_grant", description="The refresh token is unknown, expired, used or revoked.",
)
SCOPE_WIDENED = Kind(
    "scope-widened", 400, "A refresh cannot ask for more scopes than were consented.", "Ask for the same or fewer.",
    error="invalid_scope", description="The scope exceeds what was granted.",
)
TOKEN_OF_ANOTHER_CLIENT = Kind(
    "token-of-another-client", 400, "The token was issued to another client.", "Revoke your own tokens only.",
    error="invalid_grant", description="The token was issued to another client.",
)
BAD_ID_TOKEN = Kind(
    "bad-id-token", 400, "The id token is not one of this environment.", "Send the id token as it was issued, or none.",
    description="The id_token_hint is not an id token of this issuer.",
)
MALFORMED_ASSERTION = Kind(
    "malformed-assertion", 400, "The assertion is not a signed JWT.", "Send a compact JWS signed with RS256.",
    error="invalid_request", description="The assertion is malformed.",
)
ISSUER_NOT_FOUND = Kind(
    "issuer-not-found", 400, "The assertion's issuer is not a live integration key of this environment.",
    "Check iss, and whether the key was promoted to this environment.",
    error="invalid_grant", description="issuer_not_found",
)
NO_VALID_KEYS_OR_SIGNATURES = Kind(
    "no-valid-keys-or-signatures", 400, "No keypair of the app signed this assertion, or its times are not valid.",
    "Check the private key, the clock, iat, nbf and exp.",
    error="invalid_grant", description="no_valid_keys_or_signatures",
)
ASSERTION_EXPIRED = Kind(
    "assertion-expired", 400, "The assertion has expired.", "Make a new one for each request.",
    error="invalid_grant", description="expired_grant",
)
AUDIENCE_WRONG = Kind(
    "audience-wrong", 400, "The assertion is meant for another server.", "Set aud to this environment's host and port.",
    error="invalid_grant", description="issuer_not_found",
)
SUBJECT_MALFORMED = Kind(
    "subject-malformed", 400, "The assertion's subject is not a GUID.", "Set sub to the user's GUID.",
    error="invalid_grant", description="invalid_subject",
)
USER_NOT_FOUND = Kind(
    "user-not-found", 400, "The assertion's subject is no active user of this environment.",
    "Check sub; users have another GUID in each environment.",
    error="invalid_grant", description="user_not_found",
)
CONSENT_REQUIRED = Kind(
    "consent-required", 400, "The user has not consented to these scopes for this app.",
    "Send the user once to /oauth/auth with these scopes and impersonation.",
    error="consent_required",
)
ASSERTION_REUSED = Kind(
    "assertion-reused", 400, "An assertion with this jti was used before.", "Make a new assertion for each request.",
    error="invalid_grant", description="The assertion was used before.",
)

# ── calls ───────────────────────────────────────────────────────────────────────────────────────────────────────────
NO_TOKEN = Kind(
    "no-token", 401,
    "The specified Integrator Key was not found or is disabled. An Integrator key was not specified.",
    "Send Authorization: Bearer with an access token.",
    error="invalid_token", description="The request carries no access token.",
    error_code="PARTNER_AUTHENTICATION_FAILED",
)
BAD_TOKEN = Kind(
    "bad-token", 401, "The access token provided is expired, revoked or malformed.", "Get a new access token.",
    error="invalid_token", description="The access token provided is expired, revoked or malformed.",
    error_code="AUTHORIZATION_INVALID_TOKEN",
)
FOREIGN_TOKEN = Kind(
    "foreign-token", 401, "One or both of Username and Password are invalid. Invalid access token",
    "Use a token of this environment.",
    error="invalid_token", description="The access token is of another environment.",
    error_code="USER_AUTHENTICATION_FAILED",
)
LEGACY_RETIRED = Kind(
    "legacy-retired", 401,
    "The specified Integrator Key was not found or is disabled. An Integrator key was not specified.",
    "Use OAuth 2.0.", error_code="PARTNER_AUTHENTICATION_FAILED",
)
LEGACY_BROWN_OUT = Kind(
    "legacy-brown-out", 401,
    "The specified Integrator Key was not found or is disabled. An Integrator key was not specified.",
    "Use OAuth 2.0. Legacy authentication is switched off for a while, before it ends for good.",
    error_code="PARTNER_AUTHENTICATION_FAILED",
)
LEGACY_NOT_KNOWN = Kind(
    "legacy-not-known", 401,
    "The specified Integrator Key was not found or is disabled. An Integrator key was not specified.",
    "Use OAuth 2.0. Keys that never authenticated the old way may not begin with it.",
    error_code="PARTNER_AUTHENTICATION_FAILED",
)
LEGACY_UNKNOWN_KEY = Kind(
    "legacy-unknown-key", 401,
    "The specified Integrator Key was not found or is disabled. An Integrator key was not specified.",
    "Check the key, and whether it was promoted to this environment.", error_code="PARTNER_AUTHENTICATION_FAILED",
)
LEGACY_WRONG_PASSWORD = Kind(
    "legacy-wrong-password", 401, "One or both of Username and Password are invalid.", "Use OAuth 2.0.",
    error_code="USER_AUTHENTICATION_FAILED",
)
LEGACY_UNREADABLE = Kind(
    "legacy-unreadable", 400, "The legacy credentials cannot be read: {reason}.", "Use OAuth 2.0.",
)
APPLICATION_TOKEN = Kind(
    "application-token", 403, "An application token is valid for the Admin API only.", "Use a user's token.",
    error="access_denied", error_code="USER_LACKS_PERMISSIONS",
)
NOT_A_MEMBER = Kind(
    "not-a-member", 400, "The user of the access token is not an active member of the specified account.",
    "Take the account from userinfo.",
    error_code="USER_DOES_NOT_BELONG_TO_SPECIFIED_ACCOUNT",
)
NOT_A_GATEWAY = Kind(
    "not-a-gateway", 401, "This is no ingest credential of this environment.",
    "An operator makes one for each gateway with keysteward gateways add; check that it is whole, and for this one.",
    error="invalid_token", error_code="PARTNER_AUTHENTICATION_FAILED",
)
UNKNOWN_REQUEST = Kind(
    "unknown-request", 400, "The gateway does not say which request it asks about: {reason}",
    "Configure it as docs/guides/check-mode.md shows.",
)
NO_SUCH_DECISION = Kind(
    "no-such-decision", 404, "This gateway asked for no decision of this id.",
    "Send each line with the decision id that the gateway was given for the call.",
)
OUTCOME_LATE = Kind(
    "outcome-late", 409, "The outcome came more than ten minutes after the decision, and stays unknown.",
    "Nothing is to be done about this call, which does not count. Let the log be followed all the time.",
)
OUTCOME_KNOWN = Kind(
    "outcome-known", 409, "Another outcome of this call came first, and stays.",
    "Send each line once, and find out who else has this gateway's credential.",
)
BAD_LINE = Kind(
    "bad-line", 400, "The line cannot be read: {reason}", "Write it as docs/guides/check-mode.md shows.",
)
BAD_PATH = Kind(
    "bad-path", 400, "The address holds encoded or relative parts that readers could take differently.",
    "Send the plain path, without dot segments, encoded slashes or control characters.",
)
HOURLY_LIMIT = Kind(
    "hourly-limit-exceeded", 429,
    "The maximum number of hourly API invocations has been exceeded. The hourly limit is {limit}.",
    "Call again when the next clock hour begins; the header X-RateLimit-Reset says when.",
    error="temporarily_unavailable", error_code="HOURLY_APIINVOCATION_LIMIT_EXCEEDED",
)
BURST_LIMIT = Kind(
    "burst-limit-exceeded", 429,
    "The maximum number of API invocations in a burst has been exceeded. The burst limit is {limit} in {seconds} "
    "seconds.",
    "Call again when the burst is over, and spread your calls.",
    error="temporarily_unavailable", error_code="BURST_APIINVOCATION_LIMIT_EXCEEDED",
)
UPSTREAM_DOWN = Kind(
    "upstream-down", 502, "The API behind this address did not answer.",
    "Try again; this call is not held against you.",
    error_code="SERVICE_UNAVAILABLE",
)
UPSTREAM_SLOW = Kind(
    "upstream-slow", 504, "The API behind this address took too long.", "Try again; this call is not held against you.",
    error_code="SERVICE_UNAVAILABLE",
)

# ── request logs ────────────────────────────────────────────────────────────────────────────────────────────────────
REQUEST_LOGGING_FORBIDDEN = Kind(
    "request-logging-forbidden", 403, "Your permission profile does not allow request logging.",
    "Ask an admin of your account to allow it for your permission profile.", error_code="USER_LACKS_PERMISSIONS",
)
REQUEST_LOG_FULL = Kind(
    "request-log-full", 409, "Your request log holds {limit} entries and is full.",
    "Download it if you need it, clear it, and turn logging on again.",
)

# ── Go-Live and promotion ───────────────────────────────────────────────────────────────────────────────────────────
REVIEWS_ARE_IN_DEMO = Kind(
    "reviews-are-in-demo", 409, "Keys are reviewed in the demo environment.", "Open the app in demo.",
)
ALREADY_UNDER_REVIEW = Kind(
    "already-under-review", 409, "This key is under review.", "Wait for the result; it takes a few seconds.",
)
ALREADY_PASSED = Kind(
    "already-passed", 409, "This key has passed its review.", "Press Go Live on the review results page.",
)
PENDING_APPROVAL = Kind(
    "pending-approval", 409, "An operator looks at this review before the key may go live.",
    "Wait for the decision, and answer what is asked on the review results page.",
)
REVIEW_DECLINED = Kind(
    "review-declined", 409, "An operator declined this review.",
    "Read the reason on the review results page, mend what it says and start a review again.",
)
TYPE_FIXED = Kind(
    "integration-type-fixed", 409, "The integration type was fixed when the key's first review began.",
    "Create another app in demo, and choose its type before you start a review.", field="integration_type",
)
NOT_AN_OPERATOR = Kind(
    "not-an-operator", 403, "This is for operators of this environment alone.",
    "Whoever runs the environment names operators on its host: keysteward operator add.", error="access_denied",
)
OWN_REVIEW = Kind(
    "own-review", 403, "You have a hand in this review: an account of yours manages the key, or you started it.",
    "Leave it to another operator.", error="access_denied",
)
NOT_PENDING = Kind(
    "not-pending", 409, "This review does not wait for a person.", "Look at the queue again.",
)
REVIEW_DECIDED = Kind(
    "review-decided", 409, "This review was decided already.", "Its thread says by whom, when and why.",
)
NOTHING_ASKED = Kind(
    "nothing-asked", 409, "No question of an operator waits for an answer.",
    "Look at the review results page again; it shows what was asked and answered.",
)
ALREADY_LIVE = Kind("already-live", 409, "This key is live in production.", "Open it in the production account.")
REVIEW_NOT_PASSED = Kind(
    "review-not-passed", 409, "This key has no passed review.", "Start a Go-Live review and pass it.",
)
REVIEW_EXPIRED = Kind(
    "review-expired", 409, "The review was passed more than {days} days ago.", "Start a Go-Live review again.",
)
REVIEW_NOT_SETTLED = Kind(
    "review-not-settled", 409, "This review has no verdict yet, so there is nothing to prove.",
    "Ask again when the review is settled.",
)
EVIDENCE_GONE = Kind(
    "evidence-gone", 410, "The calls of this review are not on record any more, as its verdict knew them.",
    "Start a Go-Live review again; its evidence is kept with it.",
)
HANDLE_NOT_GOOD = Kind(
    "handle-not-good", 410, "This Go-Live link is unknown, used, expired or replaced by a newer one.",
    "Press Go Live again on the review results page in demo.",
)
PROMOTIONS_ARE_IN_PRODUCTION = Kind(
    "promotions-are-in-production", 409, "Keys are promoted in the production environment.",
    "Send this to the production environment.",
)
OTHER_ENVIRONMENT_SILENT = Kind(
    "other-environment-silent", 502, "The other environment did not answer.", "Try again in a moment.",
)
TICKET_NOT_GOOD = Kind(
    "ticket-not-good", 410, "The ticket of this promotion is not valid here: {reason}.",
    "Press Go Live again on the review results page in demo.",
)
NOT_THE_PRESENTER = Kind(
    "not-the-presenter", 403, "This promotion was started by somebody else.",
    "Sign in with the address that pressed Go Live, or name this account's GUID there.",
)
WRONG_PLAN = Kind(
    "wrong-plan", 409, "The account is not the right type.", "Choose an account on {plan} or higher.",
)
KEY_EXISTS = Kind(
    "key-exists", 409, "This integration key exists in production already.", "Open it in the account that manages it.",
)

# ── transfers ───────────────────────────────────────────────────────────────────────────────────────────────────────
TRANSFERS_ARE_IN_PRODUCTION = Kind(
    "transfers-are-in-production", 409, "Keys are transferred between production accounts only.",
    "Send this to the production environment; in demo an app stays where it was made.",
)
TRANSFER_PENDING = Kind(
    "transfer-pending", 409, "A transfer of this key is under way.",
    "Go on with that one, or cancel it before you start another.",
)
TRANSFER_OVER = Kind(
    "transfer-over", 409, "This transfer is over: {status}.", "Look at it again; the source may start another one.",
)
TRANSFER_NOT_ACCEPTED = Kind(
    "transfer-not-accepted", 409, "The destination has not accepted this transfer yet.",
    "Let an admin of the destination accept it first; only then do they see what they take.",
)
TRANSFER_NOT_READY = Kind(
    "transfer-not-ready", 409, "The key cannot move yet: the transfer is {status}.",
    "Look at the transfer; it says what is missing and who does it.",
)
STEP_TAKEN = Kind(
    "step-taken", 409, "This step was taken already.", "Look at the transfer; it says by whom, and what comes next.",
)
NOT_YOUR_STEP = Kind(
    "not-your-step", 403, "This step of the transfer is for somebody else.",
    "Look at the transfer; it says who takes it.", error="access_denied",
)
SIGNER_GONE = Kind(
    "signer-gone", 409, "Somebody who confirmed this transfer may not do so any more.",
    "Let another admin of that side confirm.",
)
OFFERED_TOO_OFTEN = Kind(
    "offered-too-often", 429, "This key was offered and called off several times within an hour.",
    "Look at the transfers that ended, and offer it again in an hour.",
)
ADMIN_REMOVED_LATELY = Kind(
    "admin-removed-lately", 409, "An admin of the organization was removed less than {hours} hours ago.",
    "Stand in once these hours are over; whoever was removed has time to object until then.",
)
REQUESTER_OUTSIDE = Kind(
    "requester-outside", 403,
    "Whoever asked for this key's review has no address in a domain that the organization claims.",
    "Claim the domain of that address for the organization, or let an admin of the account start the transfer.",
    error="access_denied",
)
SOURCE_NOT_OPEN = Kind(
    "source-not-open", 403, "The account that manages this key is {state}.",
    "Ask its operator to open it; of a closed account, whoever was its admin when it closed may start a transfer for "
    "{days} days, and an organization admin may stand in.",
)

# ── replacements ────────────────────────────────────────────────────────────────────────────────────────────────────
REPLACEMENTS_ARE_IN_PRODUCTION = Kind(
    "replacements-are-in-production", 409, "Keys are cut over and retired in production only.",
    "Send this to the production environment; in demo a new key only names the one that it replaces.",
)
PROOF_NOT_GOOD = Kind(
    "proof-not-good", 403, "This proves no live credential of the key that is replaced here.",
    "Send a secret key of the old key, or a JWT that one of its private keys signed for this environment just now.",
    field="secret", error="access_denied",
)
TOO_MANY_PROOFS = Kind(
    "too-many-proofs", 429, "Too many proofs were not good.", "Wait {minutes} minutes and try again.", field="secret",
)
KEY_RETIRED = Kind(
    "key-retired", 409, "This integration key is retired, or about to be.",
    "Look at its replacement: it says by whom, and until when it can be brought back.",
)
KEY_NOT_RETIRED = Kind(
    "key-not-retired", 409, "Nothing of the kind is under way for this integration key.",
    "Look at its replacement again; somebody may have ended it meanwhile.",
)
NOT_SAFE_TO_RETIRE = Kind(
    "not-safe-to-retire", 409, "It is not safe to retire this key yet: {why}",
    "Wait, or say that you know what still uses it, and retire it all the same.", field="despite_use",
)
USED_LATELY = Kind(
    "used-lately", 409, "An operator retires a key only after {days} days without a call.",
    "Wait; until then an admin of its account or its organization retires it.",
)
NOT_YOURS_TO_RETIRE = Kind(
    "not-yours-to-retire", 403, "Retiring this key, or bringing it back, is for somebody else.",
    "Ask an admin of the account that manages it, of its organization, or an operator.", error="access_denied",
)
RETIRED_FOR_GOOD = Kind(
    "retired-for-good", 409, "This integration key was retired more than {days} days ago.",
    "It cannot come back; use its successor.",
)
CONTACT_KNOWN = Kind(
    "contact-known", 409, "This address is a recovery contact of the account already.",
    "Nothing needs to be done; remove it first to send another link.", field="email",
)
TOO_MANY_CONTACTS = Kind(
    "too-many-contacts", 409, "The account has {limit} recovery contacts already.", "Remove one you no longer need.",
    field="email",
)

# ── sealed credentials and drills ───────────────────────────────────────────────────────────────────────────────────
RECIPIENT_EXISTS = Kind(
    "recipient-exists", 409, "The account seals to this public key already.", "Nothing needs to be done.",
    field="public_key",
)
TOO_MANY_RECIPIENTS = Kind(
    "too-many-recipients", 409, "An account seals to at most {limit} recovery recipients.",
    "Remove one that is not needed any more.",
)
NOTHING_SEALS = Kind(
    "nothing-seals", 409, "The account has no recovery recipients, so nothing can be sealed.",
    "Add a recipient first, then make the secret key or keypair; or make it without sealing.", field="seal",
)
RELEASE_PENDING = Kind(
    "release-pending", 409, "Somebody asked for this sealed credential already.",
    "Go on with that request, or wait until it is over.",
)
RELEASE_OVER = Kind(
    "release-over", 409, "This request is over: {status}.", "Ask again where it is still needed.",
)
RELEASE_APPROVED = Kind(
    "release-approved", 409, "A second admin approved this request already.",
    "Whoever asked downloads the file before the request expires.",
)
RELEASE_NOT_APPROVED = Kind(
    "release-not-approved", 409, "Nobody has approved this request yet.",
    "Ask a second admin to approve it; the request says who may.",
)
RELEASE_SIGNER_GONE = Kind(
    "release-signer-gone", 409, "Whoever approved this request may not do so any more.",
    "Cancel it and ask again, so that another admin approves.",
)
NOT_YOUR_RELEASE = Kind(
    "not-your-release", 403, "This step of the request is for somebody else.",
    "Whoever asked cancels or downloads; another person, who could when it was asked, approves.", error="access_denied",
)
NOBODY_APPROVES = Kind(
    "nobody-approves", 409, "There is no second person who could approve this.",
    "Give somebody else the DS Admin profile, or link the account to an organization; then ask.",
)
SERVICE_ADMIN_RELEASES = Kind(
    "service-admin-releases", 403, "A service admin neither asks for a sealed credential nor approves.",
    "Sign in as yourself: who is behind a service admin cannot be told, and this takes two people.",
    error="access_denied",
)
DRILL_OVER = Kind(
    "drill-over", 409, "This drill is over.", "Plan another one where it is still needed.",
)
DRILL_RECORDED = Kind(
    "drill-recorded", 409, "You recorded your result of this drill already.",
    "What went otherwise is noted in the next drill.",
)
NOT_YOUR_DRILL = Kind(
    "not-your-drill", 403, "This drill names two others.", "They record its result; an admin may cancel it.",
    error="access_denied",
)

# ── webhooks ────────────────────────────────────────────────────────────────────────────────────────────────────────
TOO_MANY_WEBHOOKS = Kind(
    "too-many-webhooks", 409, "There are {limit} webhooks here, as many as there may be.",
    "Remove one that nobody needs.",
)
WEBHOOK_OFF = Kind(
    "webhook-off", 409, "This webhook is switched off.", "Mend its receiver, then switch it on and try again.",
)
TOO_MANY_REPEATS = Kind(
    "too-many-webhook-repeats", 429,
    "{limit} tests and repeats were asked for of this webhook within an hour, as many as there may be.",
    "Wait {minutes} minutes and go on. The policy's number webhook_repeats_per_hour says how many there may be.",
)
# ── SCIM ────────────────────────────────────────────────────────────────────────────────────────────────────────────
NOT_A_SCIM_TOKEN = Kind(
    "not-a-scim-token", 401, "This SCIM token is unknown, or was revoked.",
    "Make a new one on the organization's page of its directory, and give it to the identity provider.",
    error="invalid_token",
)
SCIM_NOT_OFFERED = Kind(
    "scim-not-offered", 501, "{what} is not offered here.",
    "Turn it off at the identity provider; ServiceProviderConfig says what is supported.",
)
SCIM_NOT_SET_UP = Kind(
    "scim-not-set-up", 403, "The organization has not said where new users belong, or its choice is gone.",
    "An admin of the organization chooses an open account and a permission profile on the page of its directory.",
)
SCIM_FILTER_NOT_GOOD = Kind(
    "scim-filter-not-good", 400, "The filter cannot be used: {reason}.",
    'Correct the filter; userName eq "ada@example.com" is one.', field="filter",
)
SCIM_TOO_MANY = Kind(
    "scim-too-many-users", 400, "The filter leaves more than {limit} users to look through.",
    "Ask for one by userName, externalId, emails.value or id with eq, or leave the filter out.", field="filter",
)
SCIM_PATH_NOT_GOOD = Kind(
    "scim-path-not-good", 400, "The path {path} cannot be used: {reason}.",
    "Correct the path of the operation; Schemas says which attributes there are.", field="path",
)
SCIM_NO_TARGET = Kind(
    "scim-no-target", 400, "The path {path} names nothing that the user has.",
    "Read the user again; an operation add makes what is missing.", field="path",
)
SCIM_ATTRIBUTE_STAYS = Kind(
    "scim-attribute-stays", 400, "{attribute} cannot be taken away or set.",
    "Leave it out of the request, or replace it with another value.",
)
OUTSIDE_CLAIMED_DOMAINS = Kind(
    "outside-claimed-domains", 400, "{address} lies in no active claimed domain of the organization.",
    "Let the provider send an address of a claimed domain, or claim the domain on the organization's page.",
)
SCIM_USER_TAKEN = Kind(
    "scim-user-taken", 409, "Another user has this {field}.",
    "Look for the user with a filter; whoever has an address without having proved it proves it first.",
)
CLOSED_BY_OTHERS = Kind(
    "closed-by-others", 403, "Somebody else closed this user: {by}.",
    "Whoever reported that they left takes it back in the console.", error="access_denied",
)
ADMIN_KEEPS_ADDRESS = Kind(
    "admin-keeps-address", 403, "They administer something here, so that only they change their address.",
    "They change it in the console, under Security; until then let the provider send the address that they have.",
    error="access_denied", field="emails.value",
)
TOO_MANY_SCIM_TOKENS = Kind(
    "too-many-scim-tokens", 409, "The organization has {limit} SCIM tokens already.",
    "Revoke the one that the identity provider does not use any more.",
)
TOO_MANY_SCIM_REQUESTS = Kind(
    "too-many-scim-requests", 429, "This token asked {limit} times within the hour.",
    "Let the identity provider wait; it goes on by itself. The policy's number scim_requests_per_hour says how often.",
)

# fmt: on

ALL: tuple[Kind, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Kind))
