"""What is there still to do between a new app and its first call that succeeds?

STEPS is the way, from top to bottom; each step knows from what is there whether it is done.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple, get_args
from urllib.parse import urlencode

from keysteward.rules.keys import App, Keypair, Secret, Settings, is_live
from keysteward.rules.smoke import Traffic

Way = Literal["code", "jwt"]
WAYS: tuple[Way, ...] = get_args(Way)
StepCode = Literal["app", "grant", "credential", "redirect_uri", "consent", "call"]
SCOPES: dict[Way, tuple[str, ...]] = {"code": ("signature",), "jwt": ("signature", "impersonation")}


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of an app, and whether the user who looks has allowed it what this way needs."""

    app: App
    settings: Settings
    way: Way
    is_allowed: bool
    traffic: Traffic
    now: datetime


class Step(NamedTuple):
    """One step of the way."""

    code: StepCode
    is_done: bool


def steps(facts: Facts) -> tuple[Step, ...]:
    """The whole way, with what is done of it."""
    return tuple(Step(code, is_done(facts)) for code, is_done in STEPS)


def way_of(app: App, settings: Settings, now: datetime) -> Way:
    """Which way an app is on: that of the grant that it has a live credential for, or else that it registers."""
    if "jwt" not in app.grants or _any_live(settings.secrets, now):
        return "code"
    return "code" if "confidential_code" in app.grants and not _any_live(settings.keypairs, now) else "jwt"


def consent_url(origin: str, app: App, redirect_uri: str, way: Way) -> str:
    """Where a user signs in and allows the app what its first call needs."""
    said = {
        "response_type": "code",
        "scope": " ".join(SCOPES[way]),
        "client_id": app.key,
        "redirect_uri": redirect_uri,
    }
    return f"{origin}/oauth/auth?{urlencode(said)}"


def _is_made(facts: Facts) -> bool:
    return facts.app.deleted_at is None


def _has_grant(facts: Facts) -> bool:
    """Whether users can allow the app, too: they do so on the page of a code grant, if nobody did it for them."""
    if facts.way == "code":
        return "confidential_code" in facts.app.grants
    has_page = not facts.app.grants.isdisjoint({"confidential_code", "public_code"})
    return "jwt" in facts.app.grants and (has_page or facts.is_allowed)


def _has_credential(facts: Facts) -> bool:
    found = facts.settings.secrets if facts.way == "code" else facts.settings.keypairs
    return _any_live(found, facts.now)


def _has_redirect_uri(facts: Facts) -> bool:
    return bool(facts.settings.redirect_uris)


def _is_allowed(facts: Facts) -> bool:
    return facts.is_allowed


def _has_called(facts: Facts) -> bool:
    return facts.traffic.call is not None


def _any_live(credentials: Iterable[Secret | Keypair], now: datetime) -> bool:
    return any(is_live(each, now) for each in credentials)


STEPS: tuple[tuple[StepCode, Callable[[Facts], bool]], ...] = (
    ("app", _is_made),
    ("grant", _has_grant),
    ("credential", _has_credential),
    ("redirect_uri", _has_redirect_uri),
    ("consent", _is_allowed),
    ("call", _has_called),
)
