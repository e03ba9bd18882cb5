"""Which shapes do requests and answers have on a key's way to production?"""

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
    """A rule that the evidence breaks, and what to do next."""

    rule: str
    sentence: str
    next_step: str
    call: JudgedCall | None


class CountedCall(Struct):
    """A countable call; `broken_rule` names the rule that it breaks, where it breaks one."""

    sequence: int
    method: str
    operation: str
    url: str
    status: int
    at: Instant
    ok: bool
    broken_rule: str | None


class Reason(Struct):
    """Why something cannot be done now, and what to do next."""

    code: str
    sentence: str
    next_step: str


class Readiness(Struct):
    """Where a key stands: `run` of the `needed` calls, its newest countable calls, and what a review would find now."""

    key: str
    status: Status
    run: int
    needed: int
    calls: list[CountedCall]
    findings: list[Finding]
    why_not_start: Reason | None


class Review(Struct):
    """The judgement of a key."""

    id: str
    key: str
    status: Status
    started_at: Instant
    requester: str
    settled_at: Instant | None
    expires_at: Instant | None
    run: int
    policy_version: int
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


class Sheet(Struct):
    """The settings that the key has in demo; never a secret."""

    redirect_uris: list[str]
    origins: list[str]
    privacy_url: str
    terms_url: str
    thumbprints: list[str]
    grants: list[str]


class AfterGoLive(Struct):
    """What a promoted key still lacks here, beside the settings it has in demo."""

    key: str
    missing: list[str]
    sheet: Sheet
