"""With which words are statuses, deeds and grants shown?"""

import re
from datetime import datetime
from typing import TypedDict

from keysteward.actions.context import Context
from keysteward.rules.events import ERASED, Event, Name
from keysteward.rules.golive import Review, Status, status_of_review
from keysteward.rules.keys import App
from keysteward.rules.policy import Policy

_DEEDS: dict[Name, str] = {
    "UserAdded": "Added",
    "ScimUserCreated": "Created by the identity provider",
    "UserClosed": "Membership closed",
    "UserJoined": "Joined with an invitation",
    "MemberProfileChanged": "Permission profile changed",
    "UserReactivated": "Reactivated",
    "AccountOpened": "Opened the account",
    "SecondFactorReset": "Second factor reset",
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
    "ReviewQuestioned": "Question of an operator about the review",
    "ReviewAnswered": "Answer to an operator's question",
    "ReviewApproved": "Review approved",
    "ReviewDeclined": "Review declined",
    "ReviewExpiryTold": "Admins told that the review expires",
    "TicketMade": "Go Live pressed",
    "TicketExchanged": "Ticket handed to production",
    "KeyPromoted": "Promoted to production",
    "ReceiptAccepted": "Live in production",
    "ReceiptDelivered": "Demo told that the key is live",
    "ReceiptRefused": "Demo refused to hear that the key is live",
    "ReceiptSentAgain": "Demo is told once more",
    "SmokeTestKept": "Smoke test kept",
    "Reminded": "Admins reminded by mail",
}
_INITIALS = {"cors": "CORS", "scim": "SCIM", "uri": "URI"}
_DETAILS = ("uri", "origin", "verdict", "thumbprint", "profile")
_HANDS = {"system": "Keysteward", "demo": "Demo", "production": "Production", ERASED: "Somebody who was erased"}


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
    is_of_live_key = app.live_at is not None and review.id == newest.id and review.passed_at is not None
    return "live" if is_of_live_key else code_of(status_of_review(review, now, policy))


def history(event: Event) -> dict[str, object]:
    """A deed as the history of an app shows it."""
    detail = next((event.data[name] for name in _DETAILS if name in event.data), "")
    return {
        "at": event.at,
        "who": hand(event.actor),
        "what": _DEEDS.get(event.name) or title_of(event.name),
        "detail": detail,
    }


def title_of(kind: str) -> str:
    """The name of a kind of event in words: `KeyMoved` is "Key moved"."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind).capitalize()
    return " ".join(_INITIALS.get(word.lower(), word) for word in words.split())


def hand(actor: str) -> str:
    """Whoever caused an event, as pages say it."""
    return _HANDS.get(actor, actor)


def as_sentence(text: str) -> str:
    """Words that began in the middle of a sentence, standing alone."""
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?", "…")) or not text else f"{text}."
