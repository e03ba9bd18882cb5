"""What becomes of a call that a proxy carries, once it was decided here?

The proxy asks before it forwards, and says afterwards how the call ended. Between the two the call has its place in the
sequence and no outcome: it is pending for ten minutes, and then its outcome is unknown for ever. It counts once its
outcome is known, never before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from keysteward.rules.refusals import NO_SUCH_DECISION, OUTCOME_KNOWN, OUTCOME_LATE, Kind

WAIT = timedelta(minutes=10)
NO_OUTCOME = 0  # the status of a call whose outcome has not come
AWAITED = "no outcome has come from the proxy"
MOST_LINES = 1_000

Fate = Literal["taken", "repeated"]


@dataclass(frozen=True, slots=True)
class Gateway:
    """A proxy that asks before each call, by the name that an operator gave it."""

    id: str
    name: str
    created_at: datetime
    created_by: str


class Line(NamedTuple):
    """How a proxy says that a call ended. `by_upstream` is False where the proxy answered by itself."""

    decision: str
    status: int
    error_code: str
    duration_microseconds: int
    request_bytes: int
    answer_bytes: int
    completed: bool
    by_upstream: bool


class Decided(NamedTuple):
    """A call of a proxy as it is on record. `why_not` is AWAITED where its outcome will say whether it counts."""

    sequence: int
    decision: str
    at: datetime
    status: int
    why_not: str
    outcome_at: datetime | None


def is_pending(at: datetime, now: datetime) -> bool:
    """Whether an outcome may still come for a call that was decided at a moment and has none."""
    return abs(now - at) <= WAIT


def fates(lines: Sequence[Line], decided: dict[str, Decided], now: datetime) -> list[Fate | Kind]:
    """What becomes of each line: the first that says how a call ended is taken, the same again is a repetition."""
    told = {name: each.status for name, each in decided.items() if each.outcome_at is not None}
    found: list[Fate | Kind] = []
    for line in lines:
        fate = _fate(line, decided.get(line.decision), told.get(line.decision), now)
        if fate == "taken":
            told[line.decision] = line.status
        found.append(fate)
    return found


def _fate(line: Line, decided: Decided | None, told: int | None, now: datetime) -> Fate | Kind:
    if decided is None:
        return NO_SUCH_DECISION
    if told is not None and told != NO_OUTCOME:
        return "repeated" if told == line.status else OUTCOME_KNOWN
    return "taken" if told is None and is_pending(decided.at, now) else OUTCOME_LATE
