"""Which recorded calls may be forgotten?

A call that a verdict rests on is kept however old it is, so that the verdict can be looked at again.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from keysteward.rules.calls import Call
from keysteward.rules.golive import Evidence, Review
from keysteward.rules.policy import Policy


class Judged(NamedTuple):
    """The evidence of a review, and the numbers that it was or will be judged by."""

    evidence: Evidence
    policy: Policy


def kept_since(policy: Policy, now: datetime) -> datetime:
    """Calls from then on are all kept: never less than what a review that starts now could judge."""
    judged = policy.call_window + policy.polling_gap + policy.review_delay
    return now - max(policy.calls_kept, judged)


def must_stay(review: Review) -> bool:
    """A review that waits for its verdict needs its evidence; so does one that passed, for a key goes live on it."""
    return review.verdict != "failed"


def is_needed(call: Call, judged: Iterable[Judged]) -> bool:
    """Whether a verdict rests on a call: it was counted, or a counted read came too soon after it."""
    return any(_rests_on(call, each) for each in judged)


def _rests_on(call: Call, judged: Judged) -> bool:
    counted = [each.call for each in judged.evidence.every]
    return any(call.sequence == each.sequence or _is_read_before(call, each, judged.policy) for each in counted)


def _is_read_before(call: Call, counted: Call, policy: Policy) -> bool:
    is_same = call.polled and call.countable and counted.polled and call.url_digest == counted.url_digest
    return is_same and call.sequence < counted.sequence and abs(counted.at - call.at) < policy.polling_gap
