"""What makes a Go-Live review pass?

Read REVIEW from top to bottom: it is the whole policy, one line per rule. A review answers with all findings.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from keysteward.rules import pack_rules
from keysteward.rules.judging import Counted as Counted  # noqa: PLC0414 — read as part of this page
from keysteward.rules.judging import Evidence as Evidence  # noqa: PLC0414
from keysteward.rules.judging import Finding as Finding  # noqa: PLC0414
from keysteward.rules.judging import Rule as Rule  # noqa: PLC0414
from keysteward.rules.judging import finding_of
from keysteward.rules.keys import App
from keysteward.rules.packs import calls_of, quick
from keysteward.rules.policy import Policy
from keysteward.rules.refusals import ALREADY_LIVE, ALREADY_PASSED, ALREADY_UNDER_REVIEW, PENDING_APPROVAL, Kind

Verdict = Literal["passed", "failed"]
Choice = Literal["approved", "declined"]
Status = Literal[
    "not ready", "ready", "Under Review", "Pending approval", "Review Passed", "Review Failed", "Declined",
    "Review Expired", "Live",
]  # fmt: skip

FAQ = "FAQs: integration keys and Go-Live"


@dataclass(frozen=True, slots=True)
class Ruling:
    """What an operator decided of a review that waited for a person, and why."""

    choice: Choice
    reason: str
    by: str
    by_email: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Review:
    """The judgement of one key: who started it, at which call the evidence was cut, and what came of it.

    `verdict` is that of the automated review; `pending_since` says since when one that passed waits for a person.
    """

    id: str
    key: str
    started_at: datetime
    requester: str
    requester_email: str
    cut_sequence: int
    policy_version: int
    settled_at: datetime | None = None
    verdict: Verdict | None = None
    run: int = 0
    findings: tuple[Finding, ...] = ()
    evidence_digest: str = ""
    pending_since: datetime | None = None
    ruling: Ruling | None = None
    packs: tuple[str, ...] = ()

    @property
    def passed_at(self) -> datetime | None:
        """Since when it is Review Passed: with its verdict, or where a person is needed with their approval."""
        if self.verdict != "passed":
            return None
        if self.pending_since is None:
            return self.settled_at
        return self.ruling.at if self.ruling and self.ruling.choice == "approved" else None

    @property
    def is_pending(self) -> bool:
        """Whether it waits for a person."""
        return self.pending_since is not None and self.ruling is None

    def expires_at(self, policy: Policy) -> datetime | None:
        """A review is good for 90 days from when it passed; so long it may wait for a person, too."""
        since = self.pending_since if self.is_pending else self.passed_at
        return since + policy.review_life if since else None


def too_few_calls_in_a_row(evidence: Evidence, policy: Policy) -> list[Finding]:
    """The run is shorter than the number that is asked."""
    run = len(evidence.run(policy))
    if run >= policy.calls_needed:
        return []
    more = policy.calls_needed - run
    sentence = f"{run} of {policy.calls_needed} calls in a row succeeded within the rules."
    return [Finding("calls-in-a-row", sentence, f"Make {more} more good {'call' if more == 1 else 'calls'} in a row.")]


def call_failed(evidence: Evidence, policy: Policy) -> list[Finding]:
    """A call among the newest was answered with an error."""
    return [
        finding_of(
            "no-errors",
            f"{counted.call.method} was answered {counted.call.status}"
            + (f" {counted.call.error_code}." if counted.call.error_code else "."),
            f"Mend the call, then make {policy.calls_needed} good calls in a row.",
            counted,
        )
        for counted in evidence.calls
        if counted.fails(policy)
    ]


def polls_too_often(evidence: Evidence, policy: Policy) -> list[Finding]:
    """The same resource was read again too soon."""
    minutes = int(policy.polling_gap.total_seconds() // 60)
    return [
        finding_of(
            "no-polling",
            f"The same resource was read again after {_spoken(counted)}, sooner than {minutes} minutes.",
            f"Read it at most once in {minutes} minutes, or let the API notify you instead.",
            counted,
        )
        for counted in evidence.calls
        if counted.polls(policy)
    ]


def calls_too_far_apart(evidence: Evidence, policy: Policy) -> list[Finding]:
    """The calls of the run were spread over more than 24 hours."""
    run = evidence.run(policy)
    if len(run) < policy.calls_needed:
        return []
    oldest = run[policy.calls_needed - 1]
    if run[0].call.at - oldest.call.at <= policy.call_window:
        return []
    hours = int(policy.call_window.total_seconds() // 3600)
    sentence = f"The newest {policy.calls_needed} calls lie more than {hours} hours apart."
    return [finding_of("within-a-day", sentence, f"Make {policy.calls_needed} calls within {hours} hours.", oldest)]


def newest_call_too_old(evidence: Evidence, policy: Policy) -> list[Finding]:
    """The newest call was made more than 24 hours before the review was started."""
    if not evidence.calls or evidence.cut_at - evidence.calls[0].call.at <= policy.call_window:
        return []
    hours = int(policy.call_window.total_seconds() // 3600)
    sentence = f"The newest call was made more than {hours} hours before the review was started."
    next_step = f"Make {policy.calls_needed} calls and start the review within {hours} hours of the last one."
    return [finding_of("recent", sentence, next_step, evidence.calls[0])]


REVIEW: tuple[Rule, ...] = (
    Rule(
        "calls-in-a-row",
        "20 or more calls in a row succeeded",
        f"{FAQ}: What constitutes 20+ successful calls?",
        too_few_calls_in_a_row,
    ),
    Rule(
        "no-errors", "No error among the newest 20 calls", f"{FAQ}: What constitutes 20+ successful calls?", call_failed
    ),
    Rule(
        "no-polling",
        "The same resource is not read more than once in 15 minutes",
        "API rules and limits: polling",
        polls_too_often,
    ),
    Rule(
        "within-a-day",
        "The 20 calls were made within 24 hours",
        f"{FAQ}: What is required to go live?",
        calls_too_far_apart,
    ),
    Rule(
        "recent", "The newest call is at most 24 hours old", f"{FAQ}: What is required to go live?", newest_call_too_old
    ),
)


REVIEWS: dict[int, tuple[Rule, ...]] = {1: REVIEW}
"""Every version of the built-in rules: a changed rule makes a new version, and the old ones stay."""

RULES_VERSION = max(REVIEWS)


def rules_of(policy: Policy, version: int = RULES_VERSION) -> tuple[Rule, ...]:
    """The rules of a review: the built-in ones of a version, then those of the policy's packs."""
    return (*REVIEWS[version], *(rule for pack in policy.packs for rule in pack_rules.rules_of(pack)))


def judge(evidence: Evidence, policy: Policy, rules: Sequence[Rule] | None = None) -> tuple[Finding, ...]:
    """All findings of all rules, in the order of the rules; none means passed."""
    asked = rules_of(policy) if rules is None else rules
    if not asked:
        raise ValueError("a review without rules proves nothing")
    return tuple(finding for rule in asked for finding in rule.check(evidence, policy))


def standing(evidence: Evidence, policy: Policy) -> str:
    """Where a key stands, for a header: its run, and the rule that broke the run, or that is still missing."""
    run = len(evidence.run(policy))
    if run < len(evidence.calls):
        rule = "errors" if evidence.calls[run].fails(policy) else "polling"
    else:
        rule = next((finding.rule for finding in judge(evidence, policy, _told_rules(policy))), "")
    return f"{run}/{policy.calls_needed}" + (f"; rule={rule}" if rule else "")


def told_calls(policy: Policy) -> int:
    """How many calls are looked at for a header."""
    return calls_of(map(quick, policy.packs), policy.calls_needed) if policy.packs else policy.calls_needed


def _told_rules(policy: Policy) -> tuple[Rule, ...]:
    """What is asked at every call: every rule but checks in Python, and rules that look at more than 100 calls."""
    if not policy.packs:
        return REVIEW
    return (*REVIEW, *(rule for pack in policy.packs for rule in pack_rules.rules_of(quick(pack))))


def status(app: App, review: Review | None, run: int, now: datetime, policy: Policy) -> Status:
    """Where a key stands on its way to production; `review` is its newest one."""
    if app.live_at is not None:
        return "Live"
    if review is None:
        return "ready" if run >= policy.calls_needed else "not ready"
    return status_of_review(review, now, policy)


def status_of_review(review: Review, now: datetime, policy: Policy) -> Status:
    """Where one review stands, whatever became of its key."""
    if review.verdict is None:
        return "Under Review"
    if review.verdict == "failed":
        return "Review Failed"
    if review.ruling is not None and review.ruling.choice == "declined":
        return "Declined"
    if is_expired(review, now, policy):
        return "Review Expired"
    return "Pending approval" if review.is_pending else "Review Passed"


def is_expired(review: Review, now: datetime, policy: Policy) -> bool:
    """A pass that was not used within 90 days expires; likewise one that nobody approved or declined."""
    expires = review.expires_at(policy)
    return expires is not None and now >= expires


def is_due(review: Review, now: datetime, policy: Policy) -> bool:
    """A review is settled once the delay of the policy has passed, or its clock was set back behind its start."""
    return review.verdict is None and abs(now - review.started_at) >= policy.review_delay


def why_not_start(current: Status) -> Kind | None:
    """Failed, declined and expired keys may start again; so may any that was never reviewed."""
    refusals: dict[Status, Kind] = {
        "Live": ALREADY_LIVE,
        "Under Review": ALREADY_UNDER_REVIEW,
        "Pending approval": PENDING_APPROVAL,
        "Review Passed": ALREADY_PASSED,
    }
    return refusals.get(current)


def _spoken(counted: Counted) -> str:
    gap = counted.call.at - (counted.previous_same_get or counted.call.at)
    minutes, seconds = divmod(int(max(gap, timedelta()).total_seconds()), 60)
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
