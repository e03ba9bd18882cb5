"""Which shapes do an account's limits have for programs?"""

from msgspec import Struct

from keysteward.web.api.shapes import Guid, Instant, Request


class CallLimits(Struct):
    """Calls in a clock hour, and in a burst window."""

    hourly: int
    burst: int


class CallsPassed(Struct):
    """The calls that passed in the clock hour and in the burst window, and when the hour ends."""

    hourly: int
    burst: int
    hour_ends_at: Instant


class LimitOverride(Struct):
    """What an operator said of the account's limits, when and why; null where the policy's number applies."""

    number: int
    hourly: int | None
    burst: int | None
    candidate_hourly: int | None
    candidate_burst: int | None
    reason: str
    made_by: str
    made_at: Instant


class LimitTrial(Struct):
    """A candidate of the last seven days: how many calls it saw, and how many of them it would have refused."""

    candidate: CallLimits
    calls: int
    refused: int
    last_hour: Instant


class AccountLimits(Struct):
    """An account's limits, what is used of them, the candidate that is tried, and how they came to be."""

    limits: CallLimits
    passed: CallsPassed
    burst_window_seconds: int
    candidate: CallLimits | None
    overrides: list[LimitOverride]
    trials: list[LimitTrial]


class CallToTry(Request):
    """A call that somebody thinks of: with which key, and for which member of the account."""

    key: Guid
    user: Guid | None = None


class CallRefusal(Struct):
    """What the call would be told, and why, where that is more than a caller learns."""

    status: int
    error_code: str
    message: str
    why: str


class CallPreview(Struct):
    """Whether the call would pass; the refusal that it would get; and the account's limits."""

    passes: bool
    refusal: CallRefusal | None
    limits: CallLimits
    passed: CallsPassed
