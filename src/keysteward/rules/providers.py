"""When does an organization's identity provider speak for a user?

Read ANSWER from top to bottom: it is all that an id token must prove. Then LINK: whom a new identity may be.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid5

from keysteward.rules.accounts import Domain, Standing, User
from keysteward.rules.consent import lies_in
from keysteward.rules.policy import Policy
from keysteward.rules.refusals import (
    IDENTITY_NOT_LINKED,
    INVALID_FIELD,
    PROVIDER_ANSWER_NOT_GOOD,
    PROVIDER_NOT_USABLE,
    Refusal,
)

SKEW_SECONDS = 60
_MOST_ADDRESS = 500
_MOST_SUBJECT = 255


@dataclass(frozen=True, slots=True)
class Provider:
    """An OpenID Connect provider that an organization runs, as its admins set it up."""

    organization: str
    name: str
    issuer: str
    client_id: str
    client_secret_sealed: bytes = field(repr=False)
    changed_at: datetime
    changed_by: str

    @property
    def id(self) -> str:
        """Its GUID: another issuer is another provider."""
        return str(uuid5(UUID(self.organization), self.issuer))


@dataclass(frozen=True, slots=True)
class Places:
    """Where a provider is asked, as its discovery document says. `says_iss` promises its issuer in every answer."""

    authorization: str
    token: str
    jwks: str
    userinfo: str
    takes_basic: bool
    says_iss: bool


@dataclass(frozen=True, slots=True)
class Told:
    """The claims of an id token whose signature is good, with what they must match."""

    claims: Mapping[str, Any]
    issuer: str
    client_id: str
    nonce: str
    now: float


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody as their organization's provider knows them. `signed_in` is when it saw them sign in, if it says so."""

    issuer: str
    subject: str
    email: str
    email_verified: bool
    signed_in: float | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """A new identity with what we know of the user who has its address."""

    identity: Identity
    user: User | None
    organization: str
    domains: tuple[Domain, ...]
    standings: tuple[Standing, ...]


# ── setting one up ──────────────────────────────────────────────────────────────────────────────────────────────────
def checked_issuer(text: str) -> str:
    """An issuer as an admin types it: https, without query and fragment, just as the provider calls itself."""
    if reason := _wrong_with_address(text):
        raise Refusal(INVALID_FIELD, field="issuer", reason=reason)
    if "?" in text or "#" in text:
        raise Refusal(INVALID_FIELD, field="issuer", reason="leave out query and fragment.")
    return text


def discovery_address(issuer: str) -> str:
    """Where a provider describes itself (OpenID Connect Discovery 4)."""
    return issuer.removesuffix("/") + "/.well-known/openid-configuration"


def read_discovery(issuer: str, document: Mapping[str, Any]) -> Places:
    """What a provider says of itself; refuses one that calls itself otherwise, or lacks what we need."""
    if document.get("issuer") != issuer:
        raise Refusal(PROVIDER_NOT_USABLE, reason=f"it calls itself {str(document.get('issuer'))[:200]}")
    methods = document.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    return Places(
        authorization=_place(document, "authorization_endpoint"),
        token=_place(document, "token_endpoint"),
        jwks=_place(document, "jwks_uri"),
        userinfo=_place(document, "userinfo_endpoint") if "userinfo_endpoint" in document else "",
        takes_basic="client_secret_basic" in methods if isinstance(methods, list) else True,
        says_iss=document.get("authorization_response_iss_parameter_supported") is True,
    )


def _place(document: Mapping[str, Any], name: str) -> str:
    address = document.get(name)
    if not isinstance(address, str) or _wrong_with_address(address):
        raise Refusal(PROVIDER_NOT_USABLE, reason=f"its {name} is no https address")
    return address


def _wrong_with_address(text: str) -> str:
    try:
        parts = urlsplit(text)
        is_good = parts.scheme == "https" and parts.hostname and parts.port != 0 and parts.username is None
    except ValueError:
        is_good = False
    if not is_good or not text.isascii() or any(ord(each) < 33 for each in text) or len(text) > _MOST_ADDRESS:
        return "give an address such as https://login.example.com."
    return ""


# ── what an id token must prove (OpenID Connect Core 3.1.3.7) ───────────────────────────────────────────────────────
def another_issuer(told: Told) -> str | None:
    """Only the provider that was asked may answer."""
    return None if told.claims.get("iss") == told.issuer else "it was issued by somebody else"


def another_audience(told: Told) -> str | None:
    """It must be meant for us, and for nobody who asked in our name."""
    audience = told.claims.get("aud")
    named = audience if isinstance(audience, list) else [audience]
    if told.client_id not in named:
        return "it is meant for another client"
    party = told.claims.get("azp")
    is_ours = party == told.client_id or (party is None and len(named) == 1)
    return None if is_ours else "it was issued to another client"


def out_of_time(told: Told) -> str | None:
    """It must not have expired, nor come from the future."""
    expires, issued = _number(told.claims.get("exp")), _number(told.claims.get("iat"))
    if expires is None or issued is None:
        return "it does not say when it was issued and expires"
    if told.now >= expires + SKEW_SECONDS:
        return "it has expired"
    return "it comes from the future" if issued > told.now + SKEW_SECONDS else None


def another_nonce(told: Told) -> str | None:
    """It must answer this very sign-in."""
    return None if told.claims.get("nonce") == told.nonce else "it answers another sign-in"


def nobody(told: Told) -> str | None:
    """It must name somebody."""
    subject = told.claims.get("sub")
    return None if isinstance(subject, str) and 0 < len(subject) <= _MOST_SUBJECT else "it names nobody"


ANSWER: Sequence[Callable[[Told], str | None]] = (another_issuer, another_audience, out_of_time, another_nonce, nobody)


def demand_good_answer(told: Told) -> None:
    """Refuse an id token for the first thing that is wrong with it."""
    for check in ANSWER:
        if reason := check(told):
            raise Refusal(PROVIDER_ANSWER_NOT_GOOD, reason=reason, detail=check.__name__)


def identity_of(issuer: str, claims: Mapping[str, Any]) -> Identity:
    """Who the claims of a provider are about."""
    email = claims.get("email")
    is_verified = claims.get("email_verified") is True
    address = email if isinstance(email, str) else ""
    return Identity(issuer, str(claims["sub"]), address, is_verified, _number(claims.get("auth_time")))


def signed_in_at(identity: Identity, clock: float, now: datetime, policy: Policy) -> datetime:
    """When somebody proved who they are, by their provider's word (OpenID Connect Core §2).

    A provider that does not say it may know them for as long as any session lasts: that is no fresh sign-in.
    """
    if identity.signed_in is None:
        return now - policy.session_life
    ago = min(max(clock - identity.signed_in, 0.0), policy.session_life.total_seconds())
    return now - timedelta(seconds=ago)


def _number(value: object) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and isinstance(value, int | float) else None


# ── whom a new identity may be ──────────────────────────────────────────────────────────────────────────────────────
def unverified_address(match: Match) -> str | None:
    """The provider must vouch for the address."""
    is_good = match.identity.email and match.identity.email_verified
    return None if is_good else "the provider does not say that your address is verified"


def outside_its_domains(match: Match) -> str | None:
    """It speaks only for the domains that the organization has proved to be its own."""
    return (
        None if domain_of(match.identity.email, match.domains) else "your address lies in no domain of the organization"
    )


def no_user(match: Match) -> str | None:
    """Somebody active must have the address here, letter for letter but for capitals, and verified."""
    user = match.user
    is_good = user and user.state == "active" and user.email_verified and _same(user.email, match.identity.email)
    return None if is_good else "nobody here has your address"


def no_member(match: Match) -> str | None:
    """They must belong to one of the organization's accounts."""
    is_good = is_member(match.standings, match.organization)
    return None if is_good else "you are in no account of the organization"


LINK: Sequence[Callable[[Match], str | None]] = (unverified_address, outside_its_domains, no_user, no_member)


def demand_match(match: Match) -> User:
    """The user that a new identity may be linked to; refuses where there is none."""
    for check in LINK:
        if reason := check(match):
            raise Refusal(IDENTITY_NOT_LINKED, reason=reason, detail=check.__name__)
    assert match.user is not None  # noqa: S101 — LINK asks for one
    return match.user


def domain_of(email: str, domains: Sequence[Domain]) -> str:
    """The active domain that an address lies in; empty where it lies in none."""
    return next((each.host_name for each in domains if each.state == "active" and lies_in(email, [each.host_name])), "")


def is_member(standings: Sequence[Standing], organization: str) -> bool:
    """Whether somebody is an active member of an account of an organization."""
    return any(each.is_active and each.account.organization == organization for each in standings)


def _same(own: str, told: str) -> bool:
    """Whether two addresses are one, capitals of ASCII aside: others have more than one small form."""
    return own == told or (own.isascii() and told.isascii() and own.lower() == told.lower())
