"""What is known of the key that somebody asks about, and how is it named in a text?

A check is named after what it finds; without an app nothing is known, and nothing is found.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

from keysteward.rules.keys import App, Keypair, Secret, Settings, is_live
from keysteward.rules.policy import DEFAULT, Policy
from keysteward.rules.words import OTHER, Environment

NAMES: dict[str, str] = {
    "key": "integration key",
    "name": "your app",
    "account": "account id",
    "user": "user id",
    "environment": "this environment",
    "other": "the other environment",
    "origin": "https://HOST",
    "host": "HOST",
    "other_origin": "https://HOST of the other environment",
    "other_host": "HOST of the other environment",
    "redirect_uri": "redirect URI",
    "consent_url": "consent URL",
    "calls_needed": "calls",
    "window_hours": "hours",
    "polling_minutes": "minutes",
    "review_days": "days",
    "restore_days": "days",
    "handle_minutes": "minutes",
    "least_plan": "plan",
    "hourly": "calls",
    "burst": "calls",
    "skew_seconds": "seconds",
}
CODES = frozenset({"key", "account", "user", "origin", "host", "other_origin", "other_host", "redirect_uri"})
_CONSENT = "{origin}/oauth/auth?response_type=code&scope=signature%20impersonation&client_id={key}&redirect_uri={uri}"
_NOTHING_SET = Settings()
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a key here."""

    environment: Environment = "demo"
    app: App | None = None
    settings: Settings = _NOTHING_SET
    now: datetime = _NEVER


@dataclass(frozen=True, slots=True)
class Place:
    """Where a reader reads: both origins, the policy in force, and who they are, or nothing."""

    origin: str = ""
    other_origin: str = ""
    policy: Policy = DEFAULT
    user: str = ""


def values_of(facts: Facts, place: Place) -> dict[str, str]:
    """What the names in braces stand for; what is unknown is missing."""
    policy, app = place.policy, facts.app
    said = {
        "environment": facts.environment if place.origin else "",
        "other": OTHER[facts.environment] if place.origin else "",
        "origin": place.origin,
        "host": urlsplit(place.origin).netloc,
        "other_origin": place.other_origin,
        "other_host": urlsplit(place.other_origin).netloc,
        "user": place.user,
        "key": app.key if app else "",
        "name": app.name if app else "",
        "account": app.account if app else "",
        "redirect_uri": next(iter(facts.settings.redirect_uris), ""),
        "calls_needed": str(policy.calls_needed),
        "window_hours": f"{policy.call_window.total_seconds() / 3600:g}",
        "polling_minutes": f"{policy.polling_gap.total_seconds() / 60:g}",
        "review_days": str(policy.review_life.days),
        "restore_days": str(policy.restore_days),
        "handle_minutes": f"{policy.handle_life.total_seconds() / 60:g}",
        "least_plan": policy.least_plan,
        "hourly": str(policy.hourly_calls),
        "burst": str(policy.burst_calls_demo if facts.environment == "demo" else policy.burst_calls_production),
        "skew_seconds": f"{policy.clock_skew.total_seconds():g}",
    }
    return {name: value for name, value in (said | {"consent_url": _consent_url(said)}).items() if value}


def key_stopped(facts: Facts) -> bool:
    """An admin stopped the key, or deleted it."""
    return facts.app is not None and not facts.app.works


def no_keypair(facts: Facts) -> bool:
    """No keypair of the app is good now."""
    return facts.app is not None and not _any_good(facts.settings.keypairs, facts)


def keypair_expired(facts: Facts) -> bool:
    """A keypair of the app has expired."""
    return any(not is_live(each, facts.now) for each in facts.settings.keypairs)


def no_secret(facts: Facts) -> bool:
    """No secret key of the app is good now."""
    return facts.app is not None and not _any_good(facts.settings.secrets, facts)


def secret_expired(facts: Facts) -> bool:
    """A secret key of the app has expired."""
    return any(not is_live(each, facts.now) for each in facts.settings.secrets)


def no_redirect_uri(facts: Facts) -> bool:
    """The app has no redirect URI here."""
    return facts.app is not None and not facts.settings.redirect_uris


def no_jwt_grant(facts: Facts) -> bool:
    """The app does not register the JWT grant."""
    return facts.app is not None and "jwt" not in facts.app.grants


def no_code_grant(facts: Facts) -> bool:
    """The app registers no authorization code grant."""
    return facts.app is not None and facts.app.grants.isdisjoint({"confidential_code", "public_code"})


def no_public_code(facts: Facts) -> bool:
    """The app does not register the public code grant, so that it has to prove itself."""
    return facts.app is not None and "public_code" not in facts.app.grants


def no_grant(facts: Facts) -> bool:
    """The app registers no grant at all, as it is right after Go-Live."""
    return facts.app is not None and not facts.app.grants


def pkce_demanded(facts: Facts) -> bool:
    """The app demands PKCE of every code."""
    return facts.app is not None and facts.app.pkce_required


def not_live_yet(facts: Facts) -> bool:
    """The app is in demo and never went live."""
    return facts.environment == "demo" and facts.app is not None and facts.app.live_at is None


def no_origin(facts: Facts) -> bool:
    """The app has no web origin, so that no browser app may call with it."""
    return facts.app is not None and not facts.settings.origins


def _any_good(credentials: Iterable[Secret | Keypair], facts: Facts) -> bool:
    return any(is_live(each, facts.now) for each in credentials)


def _consent_url(said: Mapping[str, str]) -> str:
    if not said["origin"]:
        return ""
    known = {name: said[name] or f"<{NAMES[name]}>" for name in ("origin", "key", "redirect_uri")}
    uri = quote(known["redirect_uri"], safe="<> ")
    return _CONSENT.format(origin=known["origin"], key=known["key"], uri=uri)
