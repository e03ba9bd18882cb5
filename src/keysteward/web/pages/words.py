"""With which words are statuses, deeds and grants shown?"""

from datetime import datetime, timedelta
from typing import TypedDict

from keysteward.actions.context import Context
from keysteward.rules.events import ERASED, Event, Name
from keysteward.rules.golive import Review, Status, is_expired
from keysteward.rules.keys import App, Grant
from keysteward.rules.policy import Policy

GRANT_NAMES: dict[Grant, str] = {
    "confidential_code": "Authorization Code Grant",
    "public_code": "Authorization Code Grant with PKCE",
    "jwt": "JWT Grant",
    "implicit": "Implicit Grant",
}

_DEEDS: dict[Name, str] = {
    "KeyCreated": "App created",
    "KeySettingsChanged": "Settings changed",
    "KeyStopped": "Stopped",
    "KeyStarted": "Started",
    "KeyDeleted": "Deleted",
    "KeyRestored": "Restored",
    "SecretAdded": "Secret key added",
    "SecretDeleted": "Secret key deleted",
    "KeypairAdded": "Keypair added",
    "KeypairDeleted": "Keypair deleted",
    "SecretLeaked": "Secret key leaked",
    "KeypairLeaked": "Keypair leaked",
    "RedirectUriAdded": "Redirect URI added",
    "RedirectUriRemoved": "Redirect URI deleted",
    "OriginAdded": "Origin added",
    "OriginRemoved": "Origin deleted",
    "TokensRevoked": "All tokens revoked",
    "TokenRevoked": "A token given back by the app",
    "ImplicitWaived": "Implicit Grant allowed until a date",
    "LegacyWaived": "Legacy authentication allowed until a date",
    "LegacyWaiverRevoked": "Waiver of legacy authentication ended",
    "LimitsChanged": "Limits changed",
    "AppBlocked": "Blocked in this account",
    "AppUnblocked": "Unblocked in this account",
    "FamilyKilled": "Tokens revoked after misuse",
    "ReviewStarted": "Go-Live review started",
    "ReviewSettled": "Go-Live review settled",
    "TicketMade": "Go Live pressed",
    "TicketExchanged": "Ticket handed to production",
    "KeyPromoted": "Promoted to production",
    "ReceiptAccepted": "Live in production",
    "ReceiptDelivered": "Demo told that the key is live",
}
_DETAILS = ("uri", "origin", "verdict", "thumbprint")
_HANDS = {"system": "Keysteward", "demo": "Demo", "production": "Production", ERASED: "Somebody who was erased"}
_SMALLEST = timedelta(seconds=1)


class Pill(TypedDict):
    """A status as the templates take it."""

    code: str
    calls: int
    needed: int


def pill(ctx: Context, app: App, status: Status, run: int) -> Pill:
    """Where a key stands: in production it is live, wherever its review stood in demo."""
    if app.deleted_at is not None:
        code = "deleted"
    elif ctx.environment == "production":
        code = "live"
    else:
        code = code_of(status)
    return Pill(code=code, calls=run, needed=ctx.policy.calls_needed)


def code_of(status: Status) -> str:
    """The code of a status."""
    return status.lower().replace(" ", "_")


def review_code(app: App, review: Review, newest: Review, now: datetime, policy: Policy) -> str:
    """The code of one review's own status; only the newest can have led to production."""
    if review.verdict is None:
        return "under_review"
    if review.verdict == "failed":
        return "review_failed"
    if app.live_at is not None and review.id == newest.id:
        return "live"
    return "review_expired" if is_expired(review, now, policy) else "review_passed"


def history(event: Event) -> dict[str, object]:
    """A deed as the history of an app shows it."""
    detail = next((event.data[name] for name in _DETAILS if name in event.data), "")
    who = _HANDS.get(event.actor, event.actor)
    return {"at": event.at, "who": who, "what": _DEEDS.get(event.name, event.name), "detail": detail}


def spoken(span: timedelta) -> str:
    """A span of time in its two largest units."""
    if span < _SMALLEST:
        return "less than a second"
    minutes, seconds = divmod(int(span.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    units = ((days, "d"), (hours, "h"), (minutes, "min"), (seconds, "s"))
    parts = [f"{count} {unit}" for count, unit in units if count]
    return " ".join(parts[:2])


def many(count: int, one: str, more: str) -> str:
    """A number with its noun."""
    return f"{count} {one if count == 1 else more}"


def as_sentence(text: str) -> str:
    """Words that began in the middle of a sentence, standing alone."""
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?", "…")) or not text else f"{text}."
