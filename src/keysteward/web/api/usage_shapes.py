"""Which shapes do answers about usage have?"""

from msgspec import Struct

from keysteward.web.api.shapes import Instant


class Bar(Struct):
    """The calls of a part of the time that was asked for, and how many of them failed."""

    since: Instant
    until: Instant
    calls: int
    failed: int


class CallGroup(Struct):
    """Calls with something in common. `name` is its operation, GUID, or client; `title` what people call it."""

    name: str
    title: str
    calls: int
    failed: int
    share: float
    last_at: Instant


class FailedCalls(Struct):
    """Calls of one operation that were answered with one error."""

    operation: str
    status: int
    error_code: str
    calls: int
    last_at: Instant


class PolledResource(Struct):
    """A resource that was read again too soon: how often, the shortest pause, and the last time."""

    method: str
    url: str
    times: int
    shortest_pause_seconds: float
    last_at: Instant


class BusiestHour(Struct):
    """The clock hour with the most of these calls."""

    begins_at: Instant
    calls: int


class Headroom(Struct):
    """What the limits leave to the account now."""

    hourly_limit: int
    hourly_left: int
    burst_limit: int
    burst_left: int


class UnusedKey(Struct):
    """A key of the account that nobody has called with for 30 days; `last_call_at` is null where nobody ever did."""

    key: str
    name: str
    last_call_at: Instant | None


class Usage(Struct):
    """The calls of a key, or in an account. Lists hold the 25 most frequent.

    `accounts` is for keys, `apps` and `unused_keys` for accounts. `known_since` is the hour of the oldest call that is
    counted; `calls_kept_since` is null while no single call has been forgotten.
    """

    key: str | None
    account: str
    since: Instant
    until: Instant
    calls: int
    failed: int
    bars: list[Bar]
    busiest_hour: BusiestHour | None
    headroom: Headroom
    operations: list[CallGroup]
    failures: list[FailedCalls]
    users: list[CallGroup]
    accounts: list[CallGroup]
    apps: list[CallGroup]
    sdks: list[CallGroup]
    polling: list[PolledResource]
    unused_keys: list[UnusedKey]
    known_since: Instant | None
    calls_kept_since: Instant | None


class RecordedCall(Struct):
    """One call. `why_not` says why it does not count towards Go-Live, where it does not."""

    number: int
    at: Instant
    key: str
    account: str
    user: str
    method: str
    url: str
    operation: str
    status: int
    error_code: str
    countable: bool
    why_not: str
    sdk: str
    trace: str


class RecordedCalls(Struct):
    """A page of calls, newest first. Give `before` to get the next page; null says that there is none.

    A page may hold fewer calls than asked for, or none, before the end.
    """

    calls: list[RecordedCall]
    before: int | None


class Ended(Struct):
    """How an answered call ended."""

    duration_seconds: float
    request_bytes: int
    answer_bytes: int
    completed: bool


class OneCall(RecordedCall):
    """One call, how it ended where that is known, and the line for a shell that makes it again with credentials."""

    ended: Ended | None = None
    curl: str = ""
