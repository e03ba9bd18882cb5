"""When does a review need a person, and what may that person do?

Read DECIDE from top to bottom: it is all that stands between an operator and a decision. Source: FAQs, integration keys
and Go-Live, best practices for ISV applications: partners have their app reviewed as well.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from keysteward.rules.accounts import Organization, Standing
from keysteward.rules.golive import Review, is_expired
from keysteward.rules.keys import App
from keysteward.rules.policy import Policy
from keysteward.rules.refusals import (
    ALREADY_LIVE,
    INVALID_FIELD,
    KEY_DELETED,
    NOT_PENDING,
    NOTHING_ASKED,
    OWN_REVIEW,
    REVIEW_DECIDED,
    REVIEW_EXPIRED,
    Kind,
    Refusal,
)

NoteKind = Literal["question", "answer"]

MOST_LETTERS = 2_000
REMINDED = (timedelta(days=30), timedelta(days=7), timedelta(days=1))
"""How long before a passed review expires its people are told, the earliest first."""


@dataclass(frozen=True, slots=True)
class Operator:
    """A user of the environment who settles reviews, since when, and who named them."""

    user: str
    email: str
    name: str
    added_at: datetime
    added_by: str


@dataclass(frozen=True, slots=True)
class Note:
    """One question of an operator, or one answer of the developer."""

    number: int
    kind: NoteKind
    text: str
    by: str
    by_email: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Hand:
    """An operator about to lay a hand on a review, and what is known then."""

    app: App
    review: Review
    operator: str
    is_of_account: bool
    now: datetime
    policy: Policy


def needs_a_person(app: App, policy: Policy) -> bool:
    """Whether somebody looks at an app of this integration type after its automated review."""
    return app.integration_type in policy.types_for_a_person


def is_of_account(app_standing: Standing | None, organization: str | None, administers: Sequence[Organization]) -> bool:
    """Whether somebody has to do with an account: as a member, or as an admin of the organization above it."""
    is_member = app_standing is not None and app_standing.is_active
    return is_member or any(each.id == organization for each in administers)


def has_a_hand_in_it(hand: Hand) -> Kind | None:
    """An operator settles no review of a key that an account of theirs manages, nor one that they started."""
    return OWN_REVIEW if hand.is_of_account or hand.review.requester == hand.operator else None


def key_gone(hand: Hand) -> Kind | None:
    """A deleted key has nothing to decide."""
    return KEY_DELETED if hand.app.deleted_at is not None else None


def key_live(hand: Hand) -> Kind | None:
    """Nor has one that is live."""
    return ALREADY_LIVE if hand.app.live_at is not None else None


def decided(hand: Hand) -> Kind | None:
    """A decision is made once."""
    return REVIEW_DECIDED if hand.review.ruling is not None else None


def not_pending(hand: Hand) -> Kind | None:
    """Only a review that passed its automated checks, and waits, is decided."""
    return None if hand.review.is_pending else NOT_PENDING


def waited_too_long(hand: Hand) -> Kind | None:
    """A review that waited for 90 days is over: its calls say nothing of the app as it is now."""
    return REVIEW_EXPIRED if is_expired(hand.review, hand.now, hand.policy) else None


DECIDE: tuple[Callable[[Hand], Kind | None], ...] = (
    has_a_hand_in_it,
    decided,
    not_pending,
    waited_too_long,
    key_gone,
    key_live,
)


def why_not_answer(review: Review, notes: Sequence[Note], now: datetime, policy: Policy) -> Kind | None:
    """A developer answers what was asked, while the review waits."""
    if not review.is_pending:
        return REVIEW_DECIDED if review.ruling else NOT_PENDING
    if is_expired(review, now, policy):
        return REVIEW_EXPIRED
    return None if is_asked(notes) else NOTHING_ASKED


def is_asked(notes: Sequence[Note]) -> bool:
    """Whether a question waits for an answer."""
    return bool(notes) and notes[-1].kind == "question"


def due_reminder(review: Review, now: datetime, policy: Policy) -> timedelta | None:
    """Of the moments at which people are told that a review expires, the last that has come; None before the first.

    A moment that lies before the pass itself tells nobody anything.
    """
    passed, expires = review.passed_at, review.expires_at(policy)
    if passed is None or expires is None or now >= expires:
        return None
    come = [ahead for ahead in REMINDED if ahead < policy.review_life and expires - now <= ahead]
    return min(come, default=None)


def checked_lines(unverified_text: str, field: str, *, least: int = 1) -> str:
    """What somebody wrote, in as many lines as they like, without control characters."""
    text = "\n".join(line.rstrip() for line in unverified_text.strip().splitlines())
    if not least <= len(text) <= MOST_LETTERS:
        reason = "fill it in." if not text else f"use at most {MOST_LETTERS:,} characters."
        raise Refusal(INVALID_FIELD, field=field, reason=reason)
    if not all(line.isprintable() for line in text.replace("\t", " ").split("\n")):
        raise Refusal(INVALID_FIELD, field=field, reason="leave out control characters.")
    return text
