"""What does each grant demand before a token is issued?

CODE, REFRESH and ASSERTION are the checks of each grant, read top to bottom; the first that finds something wrong
is the answer. Signatures, single use and look-ups stand before them, in `actions/tokens.py`.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from keysteward.rules.accounts import User
from keysteward.rules.keys import App
from keysteward.rules.policy import Policy
from keysteward.rules.refusals import (
    ASSERTION_EXPIRED,
    AUDIENCE_WRONG,
    CODE_NOT_GOOD,
    CONSENT_REQUIRED,
    GRANT_NOT_REGISTERED,
    INVALID_CLIENT,
    INVALID_SCOPE,
    NO_VALID_KEYS_OR_SIGNATURES,
    PKCE_REQUIRED,
    REDIRECT_URI_DIFFERS,
    REFRESH_NOT_GOOD,
    SCOPE_WIDENED,
    SUBJECT_MALFORMED,
    USER_NOT_FOUND,
    VERIFIER_WRONG,
    Kind,
)
from keysteward.rules.tokens import Family, covers, read_scopes
from keysteward.rules.words import is_guid

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


@dataclass(frozen=True, slots=True)
class Code:
    """An authorization code as it was issued."""

    key: str
    user: str
    scopes: tuple[str, ...]
    redirect_uri: str
    challenge: str | None
    nonce: str | None
    family: str
    signed_in_at: datetime
    expires_at: datetime
    epoch: int
    used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CodeRequest:
    """A code that comes back, with what came along."""

    code: Code
    app: App
    user: User | None
    is_authenticated: bool
    redirect_uri: str | None
    verifier: str | None
    consented: frozenset[str]
    consent_epoch: int
    now: datetime


def code_revoked(request: CodeRequest) -> Kind | None:
    """A revocation of the key's tokens, or of the user's consent, reaches the codes that were issued before it."""
    is_live = request.app.works and request.code.epoch >= max(request.app.least_epoch, request.consent_epoch)
    return None if is_live else CODE_NOT_GOOD


def code_of_another_client(request: CodeRequest) -> Kind | None:
    """A code is good only for the key it was issued to."""
    return None if request.code.key == request.app.key else CODE_NOT_GOOD


def code_expired(request: CodeRequest) -> Kind | None:
    """A code lives two minutes."""
    return CODE_NOT_GOOD if request.now >= request.code.expires_at else None


def grant_missing(request: CodeRequest) -> Kind | None:
    """With a secret the app needs the confidential grant, without one the public grant."""
    wanted = "confidential_code" if request.is_authenticated else "public_code"
    return None if wanted in request.app.grants else GRANT_NOT_REGISTERED


def redirect_uri_differs(request: CodeRequest) -> Kind | None:
    """It may be missing (the official SDKs send none) and must match where it is sent."""
    return None if request.redirect_uri in {None, request.code.redirect_uri} else REDIRECT_URI_DIFFERS


def challenge_was_missing(request: CodeRequest) -> Kind | None:
    """Without client authentication the code must have been bound by a challenge."""
    needs = not request.is_authenticated or request.app.pkce_required
    return PKCE_REQUIRED if needs and request.code.challenge is None else None


def verifier_wrong(request: CodeRequest) -> Kind | None:
    """The verifier must hash to the challenge; one without a challenge is refused too (RFC 9700 §4.8.2)."""
    if request.code.challenge is None:
        return VERIFIER_WRONG if request.verifier is not None else None
    return None if matches_challenge(request.verifier or "", request.code.challenge) else VERIFIER_WRONG


def user_gone(request: CodeRequest) -> Kind | None:
    """The user must still be active, and not have been closed since."""
    user = request.user
    is_good = user is not None and user.state == "active" and request.code.epoch >= user.least_epoch
    return None if is_good else CODE_NOT_GOOD


def consent_ended(request: CodeRequest) -> Kind | None:
    """What the code is for must still be allowed, by the user or by an organization that covers them."""
    return None if covers(request.consented, frozenset(request.code.scopes)) else CODE_NOT_GOOD


CODE: tuple[Callable[[CodeRequest], Kind | None], ...] = (
    code_of_another_client,
    code_revoked,
    consent_ended,
    code_expired,
    grant_missing,
    redirect_uri_differs,
    challenge_was_missing,
    verifier_wrong,
    user_gone,
)


@dataclass(frozen=True, slots=True)
class RefreshRequest:
    """A refresh token that comes back. `used_at` tells of an earlier use, `dies_at` of a leak."""

    family: Family
    app: App
    user: User | None
    is_authenticated: bool
    consented: frozenset[str]
    consent_epoch: int
    scope: str | None
    expires_at: datetime
    used_at: datetime | None
    now: datetime
    dies_at: datetime | None = None


def family_revoked(request: RefreshRequest) -> Kind | None:
    """A revocation of the key's tokens, or of the user's consent, reaches the families that began before it."""
    is_live = request.app.works and request.family.epoch >= max(request.app.least_epoch, request.consent_epoch)
    return None if is_live else REFRESH_NOT_GOOD


def family_of_another_client(request: RefreshRequest) -> Kind | None:
    """A refresh token is good only for the key it was issued to."""
    return None if request.family.key == request.app.key else REFRESH_NOT_GOOD


def family_dead(request: RefreshRequest) -> Kind | None:
    """A family that died stays dead."""
    return REFRESH_NOT_GOOD if request.family.died_at is not None else None


def refresh_expired(request: RefreshRequest) -> Kind | None:
    """A refresh token lives 30 days."""
    return REFRESH_NOT_GOOD if request.now >= request.expires_at else None


def made_with_what_leaked(request: RefreshRequest) -> Kind | None:
    """A refresh token dies with the secret key or keypair that it was made with, at the minute that was chosen."""
    return REFRESH_NOT_GOOD if request.dies_at is not None and request.now >= request.dies_at else None


def client_type_differs(request: RefreshRequest) -> Kind | None:
    """Without client authentication only a family that began that way is refreshed."""
    return None if request.is_authenticated or request.family.is_public else REFRESH_NOT_GOOD


def refresh_grant_missing(request: RefreshRequest) -> Kind | None:
    """The app must still be registered for the grant that began the family."""
    wanted = "public_code" if request.family.is_public else "confidential_code"
    return None if wanted in request.app.grants else GRANT_NOT_REGISTERED


def refreshed_user_gone(request: RefreshRequest) -> Kind | None:
    """The user must still be active, not closed since, and their consent must still cover the family."""
    user = request.user
    is_active = user is not None and user.state == "active" and request.family.epoch >= user.least_epoch
    return None if is_active and covers(request.consented, request.family.scopes) else REFRESH_NOT_GOOD


def scope_widened(request: RefreshRequest) -> Kind | None:
    """A refresh may ask for the same scopes or fewer (RFC 6749 §6)."""
    if request.scope is None:
        return None
    scopes = read_scopes(request.scope)
    if scopes is None:
        return INVALID_SCOPE
    return None if covers(request.family.scopes, frozenset(scopes)) else SCOPE_WIDENED


REFRESH: tuple[Callable[[RefreshRequest], Kind | None], ...] = (
    family_of_another_client,
    family_revoked,
    family_dead,
    refresh_expired,
    made_with_what_leaked,
    client_type_differs,
    refresh_grant_missing,
    refreshed_user_gone,
    scope_widened,
)


@dataclass(frozen=True, slots=True)
class Assertion:
    """A JWT of a client whose signature is good, with what its claims are judged by. Times are epoch seconds."""

    app: App
    policy: Policy
    audiences: frozenset[str]
    clock: float
    audience: object
    subject: object
    issued: object
    not_before: object
    expires: object


@dataclass(frozen=True, slots=True)
class AssertionRequest(Assertion):
    """An assertion that asks for a token."""

    scope: object
    user: User | None
    consented: frozenset[str]


def assertion_grant_missing(request: AssertionRequest) -> Kind | None:
    """The app must be registered for the JWT grant."""
    return None if "jwt" in request.app.grants else GRANT_NOT_REGISTERED


def audience_wrong(request: Assertion) -> Kind | None:
    """`aud` names this environment's host, in one of the forms that clients use; a list may hold just that."""
    audience = request.audience
    if isinstance(audience, list) and len(audience) == 1:
        audience = audience[0]
    return None if isinstance(audience, str) and audience in request.audiences else AUDIENCE_WRONG


def times_malformed(request: Assertion) -> Kind | None:
    """`exp` must be a number; `iat` and `nbf` too where they are given."""
    times = (request.expires, request.issued, request.not_before)
    is_good = _is_time(request.expires) and all(time is None or _is_time(time) for time in times)
    return None if is_good else NO_VALID_KEYS_OR_SIGNATURES


def assertion_expired(request: Assertion) -> Kind | None:
    """`exp` lies in the past by more than the allowed skew."""
    return ASSERTION_EXPIRED if _seconds(request.expires) + _skew(request) <= request.clock else None


def assertion_from_the_future(request: Assertion) -> Kind | None:
    """`iat` and `nbf` may lie ahead by the allowed skew only."""
    latest = request.clock + _skew(request)
    is_early = _seconds(request.issued) > latest or _seconds(request.not_before) > latest
    return NO_VALID_KEYS_OR_SIGNATURES if is_early else None


def assertion_lives_too_long(request: Assertion) -> Kind | None:
    """An assertion may live up to two hours, from `iat`, or from now where it has none."""
    start = _seconds(request.issued) if request.issued is not None else request.clock
    longest = request.policy.assertion_life.total_seconds() + _skew(request)
    return NO_VALID_KEYS_OR_SIGNATURES if _seconds(request.expires) - start > longest else None


def scope_not_named(request: AssertionRequest) -> Kind | None:
    """An assertion names its scopes in one string."""
    is_good = isinstance(request.scope, str) and read_scopes(request.scope) is not None
    return None if is_good else INVALID_SCOPE


def subject_malformed(request: AssertionRequest) -> Kind | None:
    """`sub` is a GUID; an assertion without it asks for an application token."""
    is_good = request.subject is None or (isinstance(request.subject, str) and is_guid(request.subject))
    return None if is_good else SUBJECT_MALFORMED


def user_not_found(request: AssertionRequest) -> Kind | None:
    """`sub` is an active user of this environment."""
    if request.subject is None:
        return None
    return None if request.user is not None and request.user.state == "active" else USER_NOT_FOUND


def consent_missing(request: AssertionRequest) -> Kind | None:
    """A user consented to the scopes and to impersonation; an organization authorized an application token's."""
    needed = frozenset(read_scopes(str(request.scope)) or ())
    if request.subject is not None:
        needed |= {"impersonation"}
    return None if request.consented and covers(request.consented, needed) else CONSENT_REQUIRED


ASSERTION: tuple[Callable[[AssertionRequest], Kind | None], ...] = (
    assertion_grant_missing,
    audience_wrong,
    times_malformed,
    assertion_expired,
    assertion_from_the_future,
    assertion_lives_too_long,
    scope_not_named,
    subject_malformed,
    user_not_found,
    consent_missing,
)


@dataclass(frozen=True, slots=True)
class ClientAssertion(Assertion):
    """An assertion that proves who the client is, in the place of a secret key."""

    token_id: object


def client_not_its_subject(request: ClientAssertion) -> Kind | None:
    """`iss` and `sub` both name the client (RFC 7523 §3)."""
    return None if request.subject == request.app.key else INVALID_CLIENT


def client_assertion_without_id(request: ClientAssertion) -> Kind | None:
    """A `jti` is needed, for it is used once (OpenID Connect Core §9)."""
    return None if isinstance(request.token_id, str) and request.token_id else INVALID_CLIENT


CLIENT_ASSERTION: tuple[Callable[[ClientAssertion], Kind | None], ...] = (
    client_not_its_subject,
    audience_wrong,
    times_malformed,
    assertion_expired,
    assertion_from_the_future,
    assertion_lives_too_long,
    client_assertion_without_id,
)


def matches_challenge(verifier: str, challenge: str) -> bool:
    """PKCE with S256: base64url(SHA-256(verifier)) equals the challenge (RFC 7636 §4.6)."""
    if not _VERIFIER.fullmatch(verifier):
        return False
    hashed = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    return hmac.compare_digest(hashed, challenge)


@lru_cache(maxsize=16)
def audiences(hosts: tuple[str, ...]) -> frozenset[str]:
    """All forms in which a client may name one of our hosts: `A`, `https://A`, `https://A/`, `https://A/oauth/token`."""
    forms = ("{}", "https://{}", "https://{}/", "https://{}/oauth/token")
    return frozenset(form.format(host) for host in hosts for form in forms)


def _is_time(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e12


def _seconds(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _skew(request: Assertion) -> float:
    return request.policy.clock_skew.total_seconds()
