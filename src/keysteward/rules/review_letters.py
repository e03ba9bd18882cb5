"""What do our mails about reviews say?"""

from dataclasses import dataclass
from datetime import datetime

from keysteward.rules.golive import Review
from keysteward.rules.keys import App
from keysteward.rules.letters import House, Letter

_FINDINGS_TOLD = 5


@dataclass(frozen=True, slots=True)
class About:
    """Who writes to whom, about which app and review."""

    house: House
    name: str
    app: App
    review: Review

    @property
    def page(self) -> str:
        """Where the review stands."""
        return f"{self.house.origin}/apps/{self.app.key}/reviews/{self.review.id}"


def passed(about: About, expires: datetime | None) -> Letter:
    """Review Passed."""
    by = f" by {_day(expires)}" if expires else ""
    return about.house.letter(
        "review-passed",
        f"{about.app.name} passed its review",
        _to(about),
        f"The Go-Live review of {about.app.name} has passed. Go live{by}; after that a new review is needed.",
        f"Press Go Live here: {about.page}",
    )


def pending(about: About) -> Letter:
    """The automated review passed, and a person looks next."""
    return about.house.letter(
        "review-pending",
        f"{about.app.name} waits for approval",
        _to(about),
        f"The automated checks of {about.app.name} have passed. Its integration type is {about.app.integration_type}, "
        "which an operator looks at before the key may go live. We write again when they ask something, and when "
        "they have decided.",
        f"Follow it here: {about.page}",
    )


def failed(about: About) -> Letter:
    """Review Failed."""
    findings = about.review.findings
    told = [f"- {each.sentence} {each.next_step}" for each in findings[:_FINDINGS_TOLD]]
    more = len(findings) - len(told)
    return about.house.letter(
        "review-failed",
        f"{about.app.name} did not pass its review",
        _to(about),
        f"The Go-Live review of {about.app.name} found what has to be mended first:",
        "\n".join([*told, *([f"- and {more} more"] if more else [])]),
        f"Every finding stands here: {about.page}\nThen start again, as often as you like.",
    )


def approved(about: About, expires: datetime | None) -> Letter:
    """An operator approved."""
    by = f" by {_day(expires)}" if expires else ""
    return about.house.letter(
        "review-approved",
        f"{about.app.name} was approved",
        _to(about),
        f"An operator approved {about.app.name}, so its review has passed. Go live{by}; after that a new review is "
        "needed.",
        *_reason(about.review),
        f"Press Go Live here: {about.page}",
    )


def declined(about: About) -> Letter:
    """An operator declined."""
    return about.house.letter(
        "review-declined",
        f"{about.app.name} was declined",
        _to(about),
        f"An operator looked at {about.app.name} and declined that it goes live.",
        *_reason(about.review),
        f"The whole conversation stands here: {about.page}\nMend what it says, then start a review again.",
    )


def asked(about: About, question: str) -> Letter:
    """An operator asks something."""
    return about.house.letter(
        "review-question",
        f"A question about {about.app.name}",
        _to(about),
        f"The operator who looks at {about.app.name} asks:",
        question,
        f"Any admin of the account answers here: {about.page}",
    )


def answered(about: About, answer: str) -> Letter:
    """A developer answered; this one goes to the operator who asked."""
    return about.house.letter(
        "review-answer",
        f"An answer about {about.app.name}",
        _to(about),
        f"You asked about {about.app.name}, and its developer answers:",
        answer,
        f"Decide here: {about.house.origin}/reviews/{about.review.id}",
    )


def expires(about: About, at: datetime, days: int) -> Letter:
    """A pass is not used yet, and ends."""
    left = "tomorrow" if days <= 1 else f"in {days} days"
    return about.house.letter(
        "review-expires",
        f"The review of {about.app.name} expires {left}",
        _to(about),
        f"{about.app.name} passed its review and did not go live yet. The review expires on {_day(at)}; after that the "
        "key needs a new one.",
        f"Press Go Live here: {about.page}",
    )


def live(house: House, name: str, app: App, where: str) -> Letter:
    """The key arrived in production."""
    return house.letter(
        "key-live",
        f"{app.name} is live",
        f"Hello {name},",
        f"The integration key {app.key} of {app.name} is live in {where}. Only the key itself went there: redirect "
        "URIs, secret keys and keypairs are set up in production.",
        f"What is left to do is listed in production, below After Go-Live. Here: {house.origin}/apps/{app.key}",
        "If nobody of you did this, tell the admins of your production account now.",
    )


def _reason(review: Review) -> tuple[str, ...]:
    return (f"They say:\n{review.ruling.reason}",) if review.ruling and review.ruling.reason else ()


def _to(about: About) -> str:
    return f"Hello {about.name},"


def _day(at: datetime) -> str:
    return f"{at:%-d %B %Y}"
