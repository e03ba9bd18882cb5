"""What must be true for a key to enter production?

PRESENT is what demo demands before it makes a ticket, PROMOTE what production demands before it makes the key.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from keysteward.rules.accounts import Account, Standing
from keysteward.rules.golive import Review, is_expired
from keysteward.rules.keys import App, IntegrationType, Settings
from keysteward.rules.policy import Policy
from keysteward.rules.refusals import (
    ACCOUNT_NOT_OPEN,
    ALREADY_LIVE,
    KEY_DELETED,
    KEY_EXISTS,
    MALFORMED,
    NOT_AN_ADMIN,
    NOT_THE_PRESENTER,
    PENDING_APPROVAL,
    REVIEW_DECLINED,
    REVIEW_EXPIRED,
    REVIEW_NOT_PASSED,
    TICKET_NOT_GOOD,
    TOO_LARGE,
    WRONG_PLAN,
    Kind,
)


@dataclass(frozen=True, slots=True)
class Person:
    """A user of the other environment, as a ticket names them."""

    user: str
    email: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """The settings that production may be offered line by line; never a secret."""

    redirect_uris: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    privacy_url: str = ""
    terms_url: str = ""
    thumbprints: tuple[str, ...] = ()
    grants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ticket:
    """What demo says of a key that passed: signed there, burnt in production."""

    id: str
    key: str
    name: str
    contact: str
    integration_type: IntegrationType
    review: str
    evidence_digest: str
    requester: Person
    presenter: Person
    sheet: Sheet
    issued_at: datetime
    expires_at: datetime
    account: str | None = None
    predecessor: str = ""
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What production answers: the key is there."""

    ticket: str
    key: str
    account_name: str
    plan: str
    admins: int
    service_admin: bool
    promoted_at: datetime


@dataclass(frozen=True, slots=True)
class Presentation:
    """A key that somebody wants to present to production."""

    app: App
    review: Review | None
    now: datetime
    policy: Policy


def app_deleted(presentation: Presentation) -> Kind | None:
    """The key is gone."""
    return KEY_DELETED if presentation.app.deleted_at is not None else None


def already_live(presentation: Presentation) -> Kind | None:
    """The key is in production."""
    return ALREADY_LIVE if presentation.app.live_at is not None else None


def review_not_passed(presentation: Presentation) -> Kind | None:
    """The newest review has not passed."""
    review = presentation.review
    return None if review is not None and review.verdict == "passed" else REVIEW_NOT_PASSED


def review_pending(presentation: Presentation) -> Kind | None:
    """A person has yet to look at it."""
    return PENDING_APPROVAL if presentation.review and presentation.review.is_pending else None


def review_declined(presentation: Presentation) -> Kind | None:
    """A person looked at it, and declined."""
    ruling = presentation.review.ruling if presentation.review else None
    return REVIEW_DECLINED if ruling is not None and ruling.choice == "declined" else None


def review_expired(presentation: Presentation) -> Kind | None:
    """The pass is older than 90 days."""
    review = presentation.review
    return REVIEW_EXPIRED if review and is_expired(review, presentation.now, presentation.policy) else None


PRESENT: tuple[Callable[[Presentation], Kind | None], ...] = (
    app_deleted,
    already_live,
    review_not_passed,
    review_declined,
    review_expired,
    review_pending,
)


@dataclass(frozen=True, slots=True)
class Promotion:
    """A ticket, the person who brings it and the account that they chose."""

    ticket: Ticket
    standing: Standing
    email: str
    key_exists: bool
    policy: Policy


def not_an_admin(promotion: Promotion) -> Kind | None:
    """The person is no admin of the account."""
    return None if promotion.standing.is_admin else NOT_AN_ADMIN


def not_the_presenter(promotion: Promotion) -> Kind | None:
    """Their verified address equals the presenter's, or the ticket names this account."""
    ticket = promotion.ticket
    is_same = promotion.email.casefold() == ticket.presenter.email.casefold()
    is_presenter = is_same and promotion.standing.user.email_verified
    return None if is_presenter or ticket.account == promotion.standing.account.id else NOT_THE_PRESENTER


def account_not_open(promotion: Promotion) -> Kind | None:
    """The account is suspended or closed."""
    return None if promotion.standing.account.state == "open" else ACCOUNT_NOT_OPEN


def wrong_plan(promotion: Promotion) -> Kind | None:
    """The account's plan ranks below the least plan."""
    return None if promotion.policy.is_eligible(promotion.standing.account.plan) else WRONG_PLAN


def key_exists(promotion: Promotion) -> Kind | None:
    """A key with this GUID is there already, tombstones included."""
    return KEY_EXISTS if promotion.key_exists else None


PROMOTE: tuple[Callable[[Promotion], Kind | None], ...] = (
    not_an_admin,
    not_the_presenter,
    account_not_open,
    wrong_plan,
    key_exists,
)


def why_not(promotion: Promotion) -> Kind | None:
    """The first reason why this account cannot take the key, or None where it can."""
    return next((kind for check in PROMOTE if (kind := check(promotion))), None)


_FOR_GOOD = frozenset(kind.code for kind in (MALFORMED, TICKET_NOT_GOOD, TOO_LARGE))


def is_for_good(code: str) -> bool:
    """Whether demo would refuse the same receipt again, whenever it comes; whatever else was said may pass."""
    return code in _FOR_GOOD


def needed_in_production(app: App, sheet: Sheet) -> tuple[str, ...]:
    """What an app needs before it works in production; where it registers no grant yet, as it was in demo."""
    grants = frozenset[str](app.grants or sheet.grants)
    needed = (
        ("grants", True),
        ("redirect_uris", bool(grants - {"jwt"})),
        ("secrets", "confidential_code" in grants),
        ("keypairs", "jwt" in grants),
    )
    return tuple(name for name, is_needed in needed if is_needed)


def still_missing(app: App, settings: Settings, sheet: Sheet) -> tuple[str, ...]:
    """What of it is not there yet."""
    present = {
        "grants": app.grants,
        "redirect_uris": settings.redirect_uris,
        "secrets": settings.secrets,
        "keypairs": settings.keypairs,
    }
    return tuple(name for name in needed_in_production(app, sheet) if not present[name])


@dataclass(frozen=True, slots=True)
class Choice:
    """An account that somebody may choose as management account, or the reason why not."""

    account: Account
    refused: Kind | None
