"""Which shapes does the retirement of legacy authentication have for programs?"""

from msgspec import Struct

from keysteward.rules.keys import Grant
from keysteward.rules.phases import Phase
from keysteward.web.api.shapes import Instant


class BrownOut(Struct):
    """A while in which legacy calls are refused: its end is not within it."""

    begins_at: Instant
    ends_at: Instant


class LegacyDay(Struct):
    """The legacy calls of a key on one day (UTC)."""

    day: str
    passed: int
    refused: int


class LegacyReplacement(Struct):
    """The grant that replaces the password, for whom it is, and where that is written."""

    grant: Grant
    why: str
    source: str


class LegacyCaller(Struct):
    """One user's legacy calls; `user` is null where the password was not checked, `email` where they are no member."""

    user: str | None
    email: str | None
    passed: int
    refused: int
    last_at: Instant
    address: str
    sdk: str
    replacement: LegacyReplacement


class LegacyWaiver(Struct):
    """Why a key may go on for a while, and who answers for that it stops."""

    owner: str
    reason: str
    until: Instant


class LegacyKey(Struct):
    """One key: its last 30 days, who called, and what is left to do."""

    key: str
    name: str
    passed: int
    refused: int
    days: list[LegacyDay]
    callers: list[LegacyCaller]
    replacement: LegacyReplacement
    steps: list[str]
    waiver: LegacyWaiver | None


class LegacyUse(Struct):
    """Where the retirement stands, and the keys of the account, the most used first."""

    phase: Phase
    next_phase: Phase | None
    next_phase_at: Instant | None
    brown_out: BrownOut | None
    keys: list[LegacyKey]
