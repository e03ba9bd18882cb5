"""What is an integration key, and what may its app be told?"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, get_args
from urllib.parse import urlsplit

from keysteward.rules.policy import Policy
from keysteward.rules.refusals import BAD_ORIGIN, BAD_REDIRECT_URI, INVALID_FIELD, Refusal
from keysteward.rules.words import INTEGRATION_TYPES as INTEGRATION_TYPES  # noqa: PLC0414 — part of an app
from keysteward.rules.words import Environment
from keysteward.rules.words import IntegrationType as IntegrationType  # noqa: PLC0414 — likewise

Grant = Literal["confidential_code", "public_code", "implicit", "jwt"]
GRANTS: tuple[Grant, ...] = get_args(Grant)
GRANT_NAMES: Mapping[Grant, str] = {
    "confidential_code": "Authorization Code Grant",
    "public_code": "Authorization Code Grant with PKCE",
    "jwt": "JWT Grant",
    "implicit": "Implicit Grant",
}

_CONTROL = re.compile(r"[\x00-\x20\x7f-\x9f\\]")
_SCHEME = re.compile(r"[a-z][a-z0-9+\-]*(\.[a-z0-9+\-]+)+")
_AUTHORITY = re.compile(r"(?:[^@]*@)?(?:\[[0-9a-f:.]+\]|[^@:\[\]]+)(?::\d*)?", re.IGNORECASE)
_MOST_CREDENTIAL_DAYS = 3_660
_MOST_ORIGIN = 300
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_LOOPBACK_PORT = re.compile(r"\A(http://(?:127\.0\.0\.1|\[::1\])):[1-9][0-9]{0,4}(?=[/?]|\Z)")


@dataclass(frozen=True, slots=True)
class App:
    """An integration key with its settings, in one environment."""

    key: str
    account: str
    name: str
    contact: str
    integration_type: IntegrationType
    grants: frozenset[Grant]
    pkce_required: bool
    privacy_url: str
    terms_url: str
    requester: str
    created_at: datetime
    created_by: str
    version: int = 1
    stopped_at: datetime | None = None
    deleted_at: datetime | None = None
    promoted_at: datetime | None = None
    live_at: datetime | None = None
    live_account: str = ""
    least_epoch: int = 0
    implicit_until: datetime | None = None
    has_declared_secrets: bool = False

    @property
    def works(self) -> bool:
        """A key works while it is neither stopped nor deleted."""
        return self.stopped_at is None and self.deleted_at is None


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret key, known by its last characters; its value is shown once and kept as a keyed hash.

    `reason` says why it was made, in the words of whoever rotated.
    """

    id: str
    hint: str
    created_at: datetime
    created_by: str
    expires_at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Keypair:
    """The public half of an RSA keypair; a private half that we generated is shown once and not kept."""

    id: str
    public_pem: str
    thumbprint: str
    created_at: datetime
    created_by: str
    expires_at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Wish:
    """What whoever makes a secret key or keypair says of it: until when it is good, and why it is made.

    `seal` says that it is sealed to the account's recovery recipients too, which is possible only now.
    """

    expires_at: datetime | None = None
    reason: str = ""
    seal: bool = False


NO_WISH = Wish()


@dataclass(frozen=True, slots=True)
class Settings:
    """All that hangs on an app: what promotion leaves behind."""

    secrets: tuple[Secret, ...] = ()
    keypairs: tuple[Keypair, ...] = ()
    redirect_uris: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()


def checked_text(value: str, field: str, *, least: int = 1, most: int = 200) -> str:
    """A single line of text without control characters, trimmed."""
    text = " ".join(value.split())
    if not least <= len(text) <= most:
        reason = "fill it in." if not text else f"use at most {most} characters."
        raise Refusal(INVALID_FIELD, field=field, reason=reason)
    if not text.isprintable():
        raise Refusal(INVALID_FIELD, field=field, reason="leave out control characters.")
    return text


def checked_secret(value: str) -> str:
    """A secret key that somebody else chose. Clients of HTTP Basic disagree about percent signs and blanks in one."""
    if not 16 <= len(value) <= 200:
        raise Refusal(INVALID_FIELD, field="value", reason="use 16 to 200 characters.")
    if not value.isascii() or not value.isprintable() or {" ", "%"} & set(value):
        raise Refusal(INVALID_FIELD, field="value", reason="use visible ASCII characters, and no percent sign.")
    return value


def is_live(credential: Secret | Keypair, now: datetime) -> bool:
    """A secret key or keypair is good until it expires; it is asked at every use."""
    return credential.expires_at is None or now < credential.expires_at


def checked_wish(wish: Wish, now: datetime, policy: Policy) -> Wish:
    """A reason of at most 200 characters, and an expiry that lies ahead and not beyond the longest life.

    Where the policy has a longest life, whoever says no expiry gets that.
    """
    reason = checked_text(wish.reason, "reason", least=0)
    most = policy.longest_credential_days or _MOST_CREDENTIAL_DAYS
    latest = now + timedelta(days=most)
    if wish.expires_at is None:
        return Wish(latest if policy.longest_credential_days else None, reason)
    if not now < wish.expires_at <= latest:
        raise Refusal(INVALID_FIELD, field="expires_at", reason=f"choose a moment within the next {most:,} days.")
    return Wish(wish.expires_at.astimezone(UTC), reason)


def checked_link(value: str, field: str) -> str:
    """An https address for people to read, or nothing."""
    link = value.strip()
    if link and (_CONTROL.search(link) or not _host(link) or urlsplit(link).scheme != "https" or len(link) > 500):
        raise Refusal(INVALID_FIELD, field=field, reason="give a full https address.")
    return link


def checked_redirect_uri(uri: str, environment: Environment) -> str:
    """A redirect URI that is safe to send codes to: https; http on loopback; or a private scheme with a dot.

    Source: RFC 9700 §2.1, RFC 8252 §7; Docusign accepts localhost in demo.
    """
    if reason := wrong_with_redirect_uri(uri, environment):
        raise Refusal(BAD_REDIRECT_URI, reason=reason)
    return uri


def is_registered(uri: str, registered: tuple[str, ...]) -> bool:
    """A redirect URI matches by exact comparison, character for character (RFC 9700 §4.1.3).

    One of a loopback address that was registered without a port matches with any: native apps listen where a port is
    free (RFC 8252 §7.3).
    """
    return uri in registered or _LOOPBACK_PORT.sub(r"\1", uri) in registered


def checked_origin(origin: str) -> str:
    """A web origin: scheme, host and port, nothing behind it, lower case."""
    if reason := _wrong_with_origin(origin):
        raise Refusal(BAD_ORIGIN, reason=reason)
    return origin.lower()


def is_on_loopback(address: str) -> bool:
    """Whether an address leads to whichever machine it is opened on."""
    return _host(address) in _LOOPBACK


def could_be_origin(unverified_origin: str) -> bool:
    """Whether an app could list this origin, by its length: longer ones need not be looked up."""
    return len(unverified_origin) <= _MOST_ORIGIN


def readable_from(origin: str) -> dict[str, str]:
    """The headers that let pages of an origin read an answer, with its trace and its limits."""
    return {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Expose-Headers": "X-DocuSign-TraceToken, X-RateLimit-Limit, X-RateLimit-Remaining, "
        "X-RateLimit-Reset, X-BurstLimit-Limit, X-BurstLimit-Remaining",
        "Vary": "Origin",
    }


def restore_until(app: App, policy: Policy) -> datetime | None:
    """The last moment at which a deleted key can come back."""
    return app.deleted_at and app.deleted_at + timedelta(days=policy.restore_days)


def wrong_with_redirect_uri(uri: str, environment: Environment) -> str | None:
    """Why an environment takes no such redirect URI; None where it does."""
    if not uri or len(uri) > 2_000:
        return "it is empty or longer than 2,000 characters"
    if _CONTROL.search(uri) or not uri.isascii():
        return "it holds spaces, backslashes or characters that must be percent-encoded"
    if "*" in uri:
        return "it holds a wildcard, and only exact addresses are compared"
    if "#" in uri:
        return "it has a fragment"
    if "://" not in uri and not _SCHEME.fullmatch(uri.partition(":")[0]):
        return "it is not an absolute address"
    return _wrong_with_scheme(uri, environment)


def _wrong_with_scheme(uri: str, environment: Environment) -> str | None:
    scheme = uri.partition(":")[0]
    if _carries_user_name(uri):
        return "it carries a user name, or a host that cannot be read"
    if _SCHEME.fullmatch(scheme):
        return None
    host = _host(uri)
    if scheme not in {"https", "http"} or not host:
        return "it must name a host, and its scheme be https, or a private one such as com.example.app"
    if scheme == "http" and host not in _LOOPBACK:
        return "http is for localhost only"
    if scheme == "http" and environment == "production" and host == "localhost":
        return "in production use 127.0.0.1 or [::1] for an app on the same machine"
    return None


def _wrong_with_origin(origin: str) -> str | None:
    if _CONTROL.search(origin) or "*" in origin or len(origin) > _MOST_ORIGIN:
        return "it holds spaces or a wildcard"
    host = _host(origin)
    parts = urlsplit(origin if host else "")
    if not host or "@" in parts.netloc or origin.partition("://")[2] != parts.netloc:
        return "it must be scheme, host and port, with nothing behind them"
    if parts.scheme != "https" and not (parts.scheme == "http" and host in _LOOPBACK):
        return "its scheme must be https"
    return None


def _carries_user_name(address: str) -> bool:
    try:
        return "@" in urlsplit(address).netloc
    except ValueError:
        return True


def _host(address: str) -> str | None:
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return None
    return None if port == 0 or not _AUTHORITY.fullmatch(parts.netloc) else parts.hostname
