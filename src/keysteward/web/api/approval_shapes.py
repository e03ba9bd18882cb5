"""Which shapes do requests and answers have where a person looks at a review?"""

from typing import Literal

from msgspec import Struct

from keysteward.rules.golive import Choice, Status
from keysteward.rules.keys import IntegrationType
from keysteward.web.api.golive_shapes import JudgedCall, Reason
from keysteward.web.api.shapes import Instant, Lines, Request


class ReviewNote(Struct):
    """A question of an operator or an answer of the developer."""

    number: int
    kind: Literal["question", "answer"]
    text: str
    by: str
    at: Instant


class ReviewRuling(Struct):
    """What an operator decided, and why."""

    choice: Choice
    reason: str
    by: str
    at: Instant


class ReviewThread(Struct):
    """All that was asked, answered and decided about a review, and whether you may answer now."""

    review: str
    status: Status
    notes: list[ReviewNote]
    ruling: ReviewRuling | None
    may_answer: bool


class ReviewCase(Struct):
    """A review that waits for a person, or did. `is_asked` says that its developer owes an answer."""

    review: str
    key: str
    name: str
    contact: str
    integration_type: IntegrationType
    account: str
    account_name: str
    requester: str
    status: Status
    pending_since: Instant | None
    expires_at: Instant | None
    is_asked: bool
    ruling: ReviewRuling | None


class ReviewQueue(Struct):
    """The reviews that wait for a person, the longest wait first, and those that were decided last."""

    waiting: list[ReviewCase]
    decided: list[ReviewCase]


class ReviewDossier(Struct):
    """One review with all that an operator needs to decide it; `why_not` says why you cannot now."""

    case: ReviewCase
    notes: list[ReviewNote]
    calls: list[JudgedCall]
    why_not: Reason | None


class NewQuestion(Request):
    """What an operator asks a developer."""

    question: Lines


class NewAnswer(Request):
    """What a developer answers."""

    answer: Lines


class NewRuling(Request):
    """What an operator decides; a reason is needed to decline."""

    choice: Choice
    reason: Lines = ""


class RuleChange(Struct):
    """How often a rule was broken in the review before and in this one, and what became of it."""

    rule: str
    before: int
    after: int
    turn: Literal["gone", "new", "fewer", "more", "same"]


class ReviewChanges(Struct):
    """What changed since the review before."""

    review: str
    before: str
    run_before: int
    run: int
    policy_version_before: int
    policy_version: int
    calls_between: int
    rules: list[RuleChange]
