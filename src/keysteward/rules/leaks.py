"""What happens to a secret that became known to others, and to what was made with it?

A leak is a record of its own: what leaked, and the minute at which it dies. A secret key or keypair expires at that
minute. Every access token says with which credential it was made, and so does every refresh token's row: from that
minute on both are dead, wherever they are shown. Nothing runs at that minute; the clock is compared at each use.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from keysteward.rules.keys import Keypair, Secret, is_live
from keysteward.rules.refusals import INVALID_FIELD, Refusal

Kind = Literal["secret key", "keypair", "refresh token"]
Status = Literal["live", "expired", "leaked"]

LONGEST_RESPITE = timedelta(hours=24)
MOST_REPORTED = 100
REPORTS_AN_HOUR = 600
ALERT_FOR = timedelta(days=30)
REPORTER = "leak report"


@dataclass(frozen=True, slots=True)
class Leak:
    """A credential, or the family of a refresh token, that others know. `found_at` says where, if somebody said."""

    id: str
    key: str
    kind: Kind
    hint: str
    dies_at: datetime
    reported_at: datetime
    reported_by: str
    reason: str
    found_at: str


@dataclass(frozen=True, slots=True)
class Found:
    """A value that somebody found where it should not be, and where that was."""

    unverified_value: str
    url: str = ""
    source: str = ""


def checked_death(dies_at: datetime | None, now: datetime) -> datetime:
    """The minute at which what leaked dies: at once unless said, and within a day."""
    if dies_at is None or now - timedelta(minutes=1) <= dies_at <= now:
        return now
    if not now <= dies_at <= now + LONGEST_RESPITE:
        raise Refusal(INVALID_FIELD, field="dies_at", reason="choose a moment within the next 24 hours.")
    return dies_at


def status(credential: Secret | Keypair, deaths: Mapping[str, datetime], now: datetime) -> Status:
    """Where a secret key or keypair stands now. A leaked one is good until the minute at which it dies."""
    if credential.id in deaths:
        return "leaked"
    return "live" if is_live(credential, now) else "expired"


def is_alarming(leak: Leak, now: datetime) -> bool:
    """The admins of a key are told of a leak for some weeks."""
    return now < leak.reported_at + ALERT_FOR
