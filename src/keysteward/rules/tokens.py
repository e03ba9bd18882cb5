"""What does a token say, and for how long?"""

import re
from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from keysteward.rules.accounts import User
from keysteward.rules.keys import App
from keysteward.rules.policy import Policy

_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,100}")
_MOST_SCOPES = 100

SENTENCES: dict[str, str] = {
    "signature": "Create, send and read envelopes for you",
    "extended": "Stay connected until you revoke it",
    "impersonation": "Act for you while you are away",
    "openid": "Know who you are",
    "email": "See your e-mail address",
    "profile": "See your name",
    "cors": "Call the API from a web page",
    "organization_read": "Read your organization",
    "user_read": "Read the users of your organization",
    "user_write": "Change the users of your organization",
    "account_read": "Read the accounts of your organization",
    "account_write": "Change the accounts of your organization",
    "domain_read": "Read the claimed domains of your organization",
    "permission_read": "Read the permission profiles of your accounts",
    "group_read": "Read the groups of your accounts",
    "identity_provider_read": "Read the identity providers of your organization",
}


@dataclass(frozen=True, slots=True)
class Claims:
    """What a verified access token of ours says (RFC 9068). `user` is None in an application token.

    `organizations` authorized an application token; one of the JWT grant `impersonates` its user. `credential` is the
    secret key or keypair that its client had shown; a public client shows none. `signer` is our own key that signed it.
    """

    key: str
    user: str | None
    scopes: frozenset[str]
    token_id: str
    family: str
    epoch: int
    issued_at: datetime
    expires_at: datetime
    organizations: frozenset[str] = frozenset()
    impersonates: bool = False
    credential: str | None = None
    signer: str = ""


@dataclass(frozen=True, slots=True)
class Family:
    """All tokens that stem from one consent, code or assertion; when it dies, they do."""

    id: str
    key: str
    user: str
    scopes: frozenset[str]
    is_public: bool
    created_at: datetime
    expires_at: datetime
    epoch: int
    died_at: datetime | None = None


@lru_cache(maxsize=128)
def read_scopes(text: str) -> tuple[str, ...] | None:
    """Split a scope string in its order, without doubles; None where it is empty or malformed (RFC 6749 §3.3)."""
    names = tuple(dict.fromkeys(text.split(" "))) if text else ()
    names = tuple(name for name in names if name)
    if not names or len(names) > _MOST_SCOPES or not all(_SCOPE.fullmatch(name) for name in names):
        return None
    return names


def sentence_of(scope: str) -> str:
    """What a scope lets an app do, for the consent page; a scope of somebody's own API is shown by its name."""
    return SENTENCES.get(scope, f"Use “{scope}”")


def claims_about(user: User, scopes: Container[str]) -> dict[str, str | bool]:
    """What an id token says of its user where userinfo cannot be asked (OpenID Connect Core §5.4)."""
    claims: dict[str, str | bool] = {}
    if "profile" in scopes:
        claims |= {"name": user.name, "given_name": user.first_name, "family_name": user.last_name}
    if "email" in scopes:
        claims |= {"email": user.email, "email_verified": user.email_verified}
    return claims


def covers(consented: frozenset[str], asked: frozenset[str]) -> bool:
    """Consent covers a request when it holds every scope that is asked."""
    return asked <= consented


def is_revoked(claims: Claims, app: App) -> bool:
    """A token is dead once its key stopped working, or a revocation of the key came after it."""
    return not app.works or claims.epoch < app.least_epoch


def is_withdrawn(claims: Claims, user: User, consent_epoch: int) -> bool:
    """A token is dead too once its user was closed after it, or withdrew their consent."""
    return claims.epoch < max(user.least_epoch, consent_epoch)


def refresh_expiry(family: Family, now: datetime, policy: Policy) -> datetime:
    """With `extended` every refresh restarts the 30 days; without it the first expiry stays.

    Source: Docusign, authentication overview.
    """
    return now + policy.refresh_life if "extended" in family.scopes else family.expires_at
