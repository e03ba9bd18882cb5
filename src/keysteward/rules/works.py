"""Which work takes long enough to be left and found again, how far is it, and what came of it?"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple, get_args

WorkKind = Literal["audit-export", "audit-verification", "custody-audit", "person-export", "what-if"]
WorkEnd = Literal["done", "refused", "cancelled"]
Status = Literal["waiting", "under way", "done", "refused", "cancelled", "gone"]

WORK_KINDS: tuple[WorkKind, ...] = get_args(WorkKind)
KEPT = timedelta(days=1)
"""How long what came of it can be taken along."""
MOST_TRIES = 3
MOST_BYTES = 256 * 1024 * 1024
LONG_LIST = 200
"""What would happen if more than so many left an account at once is answered as long work."""


class Words(NamedTuple):
    """How a kind of work is said: its name, what it counts, and the file that comes of it."""

    title: str
    counted: str
    file: str
    media_type: str


WORDS: dict[WorkKind, Words] = {
    "audit-export": Words("Audit log as CSV", "events looked through", "audit.csv", "text/csv; charset=utf-8"),
    "audit-verification": Words(
        "Verification of the audit log", "events verified", "audit-verification.txt", "text/plain; charset=utf-8"
    ),
    "custody-audit": Words(
        "Complete custody audit", "accounts judged", "custody-findings.csv", "text/csv; charset=utf-8"
    ),
    "person-export": Words("All that is held on somebody", "kB gathered", "personal-data.json", "application/json"),
    "what-if": Words("What if these people leave", "accounts looked at", "what-if.csv", "text/csv; charset=utf-8"),
}


@dataclass(frozen=True, slots=True)
class Work:
    """A piece of work as it is kept.

    `asked` is what was asked, by plain values; `way` the job that does it now. `total` is 0 where nobody knows it.
    `says` are the sentences of its end: what came of it, or why it was refused and what to do next.
    """

    id: str
    kind: WorkKind
    user: str
    account: str
    organization: str
    asked: dict[str, Any]
    asked_at: datetime
    way: str | None = None
    begun_at: datetime | None = None
    tries: int = 0
    done: int = 0
    total: int = 0
    ended_at: datetime | None = None
    ending: WorkEnd | None = None
    says: tuple[str, ...] = field(default=())
    size: int = 0

    @property
    def kept_until(self) -> datetime | None:
        """Until when its file can be taken along."""
        return self.ended_at + KEPT if self.ended_at is not None and self.ending == "done" else None


class Stopped(Exception):
    """Whoever asked does not want it any more, or somebody else does it."""


class TooMuch(Exception):
    """What came of it is larger than is kept."""


def status(work: Work, now: datetime) -> Status:
    """How a piece of work stands; its file goes by itself."""
    if work.ending is None:
        return "waiting" if work.begun_at is None else "under way"
    if work.kept_until is not None and now >= work.kept_until:
        return "gone"
    return work.ending


def is_over(work: Work) -> bool:
    """Whether nothing more comes of it."""
    return work.ended_at is not None


def has_file(work: Work, now: datetime) -> bool:
    """Whether there is something to take along."""
    return status(work, now) == "done" and work.size > 0
