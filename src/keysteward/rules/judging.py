"""What does a rule of a review judge, and what does it say?"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import msgspec

from keysteward.rules.calls import Call
from keysteward.rules.policy import Policy


@dataclass(frozen=True, slots=True)
class Counted:
    """A countable call, with when the same GET was made before it."""

    call: Call
    previous_same_get: datetime | None = None

    def fails(self, policy: Policy) -> bool:
        """Whether the call did not succeed: a status of 400 and above, unless a pack of the policy reads it otherwise.

        Source: FAQs: integration keys and Go-Live.
        """
        if policy.packs:
            return not policy.succeeds(self.call.operation, self.call.status)
        return not self.call.succeeded

    def polls(self, policy: Policy) -> bool:
        """Less than 15 minutes after the previous one is a violation; exactly 15 minutes passes."""
        previous = self.previous_same_get
        return self.call.polled and previous is not None and abs(self.call.at - previous) < policy.polling_gap

    def breaks(self, policy: Policy) -> bool:
        """A failed call and a polling violation break the run."""
        if not policy.packs:  # asked for twenty calls at every call
            return not self.call.succeeded or self.polls(policy)
        return self.fails(policy) or self.polls(policy)


@dataclass(frozen=True, slots=True)
class Evidence:
    """The newest countable calls of a key, newest first, at most as many as a review needs.

    `older` are the calls before them that only rules of packs look at.
    """

    calls: tuple[Counted, ...]
    cut_at: datetime
    older: tuple[Counted, ...] = ()

    @property
    def every(self) -> tuple[Counted, ...]:
        """All that a rule may look at, newest first."""
        return self.calls + self.older

    def run(self, policy: Policy) -> tuple[Counted, ...]:
        """The newest calls back to the first that broke the run, newest first."""
        return unbroken(self.calls, policy)


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


def gathered(counted: tuple[Counted, ...], cut_at: datetime, policy: Policy) -> Evidence:
    """Evidence of the newest countable calls, newest first."""
    return Evidence(counted[: policy.calls_needed], cut_at, counted[policy.calls_needed :])


def unbroken(counted: tuple[Counted, ...], policy: Policy) -> tuple[Counted, ...]:
    """The newest of these calls back to the first that broke the run."""
    for position, each in enumerate(counted):
        if each.breaks(policy):
            return counted[:position]
    return counted


def finding_of(rule: str, sentence: str, next_step: str, counted: Counted) -> Finding:
    """A finding that names the call."""
    call = counted.call
    return Finding(rule, sentence, next_step, call.sequence, call.method, call.url, call.status, call.at)


def digest_of(evidence: Evidence) -> str:
    """A SHA-256 over the evidence, so that a verdict can name exactly what it judged."""
    facts = [
        (each.call.sequence, each.call.at.isoformat(), each.call.method, each.call.url_digest, each.call.status)
        for each in evidence.every
    ]
    return hashlib.sha256(msgspec.json.encode(facts)).hexdigest()
