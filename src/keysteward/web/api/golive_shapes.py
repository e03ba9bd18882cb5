"""Which shapes do requests and answers have on a key's way to production?"""

from typing import Literal

from msgspec import Struct

from keysteward.rules.golive import Status
from keysteward.web.api.shapes import AccountId, Guid, Handle, Instant, Paper, Request


# ── Go-Live ─────────────────────────────────────────────────────────────────────────────────────────────────────────
class JudgedCall(Struct):
    """The call that a finding is about."""

    sequence: int
    method: str
    url: str
    status: int
    at: Instant | None


class Finding(Struct):
    """A rule that the evidence breaks, and what to do next; `help` is the path of its page here."""

    rule: str
    sentence: str
    next_step: str
    call: JudgedCall | None
    help: str


class CountedCall(Struct):
    """A countable call; `broken_rule` names the rule that it breaks, where it breaks one.

    `place` says what it is for the run: it counts, it broke it, or it lies before the break. How long it took is known
    a moment after its answer left.
    """

    sequence: int
    method: str
    operation: str
    url: str
    status: int
    at: Instant
    ok: bool
    broken_rule: str | None
    place: Literal["counts", "broken", "spent"]
    duration_microseconds: int | None


class UncountedCall(Struct):
    """A recent call that does not count, and why."""

    sequence: int
    method: str
    operation: str
    url: str
    status: int
    at: Instant
    why: str
    duration_microseconds: int | None


class RuleState(Struct):
    """A rule as it stands now: what it allows, what is there, what is left, and the calls that broke it.

    `until` is the moment that the margin speaks of.
    """

    code: str
    asks: str
    source: str
    limit: str
    observed: str
    margin: str
    until: Instant | None
    verdict: Literal["met", "not_met", "waiting"]
    calls: list[int]


class Rest(Struct):
    """A resource that must not be read again before a moment."""

    method: str
    url: str
    until: Instant


class Plan(Struct):
    """The shortest way to pass: so many good calls, the last at `calls_by`, then Start.

    Without `calls_by` the calls must only lie within the window of each other. `start_by` is known once no call is
    missing. What is `unmet` no number of further good calls will change.
    """

    calls: int
    calls_by: Instant | None
    start_by: Instant | None
    mend: list[Finding]
    rests: list[Rest]
    unmet: list[Finding]


class Read(Struct):
    """One read of a polled resource; `after_seconds` since the one before, where that one is known."""

    sequence: int
    at: Instant
    after_seconds: float | None
    too_soon: bool


class ReadResource(Struct):
    """The reads of one polled resource, oldest first, and from when on it may be read again."""

    method: str
    url: str
    free_from: Instant
    reads: list[Read]


class Peak(Struct):
    """The most calls in one window and account, beside the limit of production.

    `at_least` says that there were more calls than were looked at.
    """

    name: Literal["hourly", "burst"]
    calls: int
    limit: int
    window_seconds: int
    since: Instant | None
    at_least: bool
    verdict: Literal["good", "look", "bad"]


class Remark(Struct):
    """Something that no rule of the review asks for, and that production will not like or not take."""

    topic: str
    verdict: Literal["good", "look", "bad"]
    sentence: str
    next_step: str


class Reason(Struct):
    """Why something cannot be done now, and what to do next."""

    code: str
    sentence: str
    next_step: str


class Readiness(Struct):
    """Where a key stands: `run` of the `needed` calls, its newest countable calls, and what a review would find now.

    `polling` and the burst among `peaks` are made from the newest `calls_looked_at` calls. `custody` is what production
    said of a live key.
    """

    key: str
    status: Status
    run: int
    needed: int
    policy_version: int
    calls: list[CountedCall]
    uncounted: list[UncountedCall]
    findings: list[Finding]
    rules: list[RuleState]
    plan: Plan
    polling: list[ReadResource]
    peaks: list[Peak]
    security: list[Remark]
    custody: list[Remark]
    calls_looked_at: int
    why_not_start: Reason | None


class Review(Struct):
    """The judgement of a key. `packs` are the rule packs that were in force when it started, with their versions."""

    id: str
    key: str
    status: Status
    started_at: Instant
    requester: str
    settled_at: Instant | None
    expires_at: Instant | None
    run: int
    policy_version: int
    packs: list[str]
    findings: list[Finding]
    evidence_digest: str


class Reviews(Struct):
    """The reviews of a key, newest first."""

    reviews: list[Review]


# ── promotion ───────────────────────────────────────────────────────────────────────────────────────────────────────
class NewTicket(Request):
    """The production account that may take the key, where the presenter names one."""

    account: Guid | None = None


class Ticket(Struct):
    """A handle, good once and until it expires, and the page of production to open with it."""

    handle: str
    production_url: str
    expires_at: Instant


class HandleToExchange(Request):
    """The handle that production was given."""

    handle: Handle


class SignedTicket(Struct):
    """What demo says of a key that passed, signed."""

    ticket: str


class SignedReceipt(Request):
    """What production says of a key that arrived, signed."""

    receipt: Paper


class Acknowledgement(Struct):
    """The receipt was taken."""


class NewPromotion(Request):
    """The handle that demo gave, and the account that will manage the key here."""

    handle: Handle
    account: AccountId


class Promotion(Struct):
    """A key that is in production now, and the signed receipt of it."""

    key: str
    account: str
    receipt: str
