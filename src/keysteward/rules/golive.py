"""What makes a Go-Live review pass?

Read REVIEW from top to bottom: it is the whole policy, one line per rule. A review answers with all findings.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from keysteward.rules.calls import Call
from keysteward.rules.keys import App
from keysteward.rules.policy import Policy
from keysteward.rules.refusals import ALREADY_LIVE, ALREADY_PASSED, ALREADY_UNDER_REVIEW, Kind

Verdict = Literal["passed", "failed"]
Status = Literal["not ready", "ready", "Under Review", "Review Passed", "Review Failed", "Review Expired", "Live"]

FAQ = "FAQs: integration keys and Go-Live"


@dataclass(frozen=True, slots=True)
class Counted:
    """A countable call, with when the same GET was made before it."""

    call: Call
    previous_same_get: datetime | None = None

    def polls(self, policy: Policy) -> bool:
        """Less than 15 minutes after the previous one is a violation; exactly 15 minutes passes."""
        previous = self.previous_same_get
        return self.call.polled and previous is not None and abs(self.call.at - previous) < policy.polling_gap

    def breaks(self, policy: Policy) -> bool:
        """A failed call and a polling violation break the run."""
        return not self.call.succeeded or self.polls(policy)


@dataclass(frozen=True, slots=True)
class Evidence:
    """The newest countable calls of a key, newest first, at most as many as a review needs."""

    calls: tuple[Counted, ...]
    cut_at: datetime

    def run(self, policy: Policy) -> tuple[Counted, ...]:
        """The newest calls back to the first that broke the run, newest first."""
        for position, counted in enumerate(self.calls):
            if counted.breaks(policy):
                return self.calls[:position]
        return self.calls


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that the evidence breaks. `call` is the sequence number of the call that broke it, where one did."""

    rule: str
    sentence: str
    next_step: str
    call: int | None = None
    method: str = ""
    url: str = ""
    status: int = 0
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One requirement: its code, what it asks, where it comes from and the check that finds what is wrong."""

    code: str
    asks: str
    source: str
    check: Callable[[Evidence, Policy], list[Finding]]


@dataclass(frozen=True, slots=True)
class Review:
    """The judgement of one key: who started it, at which call the evidence was cut, and what came of it."""

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

    def expires_at(self, policy: Policy) -> datetime | None:
        """A passed review is good for 90 days."""
        return self.settled_at + policy.review_life if self.settled_at and self.verdict == "passed" else None


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
        _finding(
            "no-errors",
            f"{counted.call.method} was answered {counted.call.status}"
            + (f" {counted.call.error_code}." if counted.call.error_code else "."),
            f"Mend the call, then make {policy.calls_needed} good calls in a row.",
            counted,
        )
        for counted in evidence.calls
        if not counted.call.succeeded
    ]


def polls_too_often(evidence: Evidence, policy: Policy) -> list[Finding]:
    """The same resource was read again too soon."""
    minutes = int(policy.polling_gap.total_seconds() // 60)
    return [
        _finding(
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
    return [_finding("within-a-day", sentence, f"Make {policy.calls_needed} calls within {hours} hours.", oldest)]


def newest_call_too_old(evidence: Evidence, policy: Policy) -> list[Finding]:
    """The newest call was made more than 24 hours before the review was started."""
    if not evidence.calls or evidence.cut_at - evidence.calls[0].call.at <= policy.call_window:
        return []
    hours = int(policy.call_window.total_seconds() // 3600)
    sentence = f"The newest call was made more than {hours} hours before the review was started."
    next_step = f"Make {policy.calls_needed} calls and start the review within {hours} hours of the last one."
    return [_finding("recent", sentence, next_step, evidence.calls[0])]


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


def judge(evidence: Evidence, policy: Policy, rules: Sequence[Rule] = REVIEW) -> tuple[Finding, ...]:
    """All findings of all rules, in the order of the rules; none means passed."""
    if not rules:
        raise ValueError("a review without rules proves nothing")
    return tuple(finding for rule in rules for finding in rule.check(evidence, policy))


def standing(evidence: Evidence, policy: Policy) -> str:
    """Where a key stands, for a header: its run, and the rule that broke the run, or that is still missing."""
    run = len(evidence.run(policy))
    if run < len(evidence.calls):
        rule = "polling" if evidence.calls[run].call.succeeded else "errors"
    else:
        rule = next((finding.rule for finding in judge(evidence, policy)), "")
    return f"{run}/{policy.calls_needed}" + (f"; rule={rule}" if rule else "")


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
    return "Review Expired" if is_expired(review, now, policy) else "Review Passed"


def is_expired(review: Review, now: datetime, policy: Policy) -> bool:
    """A pass that was not used within 90 days expires."""
    expires = review.expires_at(policy)
    return expires is not None and now >= expires


def is_due(review: Review, now: datetime, policy: Policy) -> bool:
    """A review is settled once the delay of the policy has passed, or its clock was set back behind its start."""
    return review.verdict is None and abs(now - review.started_at) >= policy.review_delay


def why_not_start(current: Status) -> Kind | None:
    """Failed and expired keys may start again; so may any that was never reviewed."""
    refusals: dict[Status, Kind] = {
        "Live": ALREADY_LIVE,
        "Under Review": ALREADY_UNDER_REVIEW,
        "Review Passed": ALREADY_PASSED,
    }
    return refusals.get(current)


def _finding(rule: str, sentence: str, next_step: str, counted: Counted) -> Finding:
    call = counted.call
    return Finding(rule, sentence, next_step, call.sequence, call.method, call.url, call.status, call.at)


def _spoken(counted: Counted) -> str:
    gap = counted.call.at - (counted.previous_same_get or counted.call.at)
    minutes, seconds = divmod(int(max(gap, timedelta()).total_seconds()), 60)
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
