"""Which drills are there, how does one stand, and when are people reminded of it?

A drill is a dated task for two people who try whether a way back works, before it is needed.
"""

import calendar
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, NamedTuple, get_args

from keysteward.rules.refusals import INVALID_FIELD, Refusal

DrillKind = Literal["open-sealed", "reach-second-admin", "rehearse-transfer", "service-admin"]
DRILL_KINDS: tuple[DrillKind, ...] = get_args(DrillKind)
Result = Literal["done", "failed"]
RESULTS: tuple[Result, ...] = get_args(Result)
Status = Literal["planned", "overdue", "done", "failed", "cancelled"]
Subject = Literal["key", "service admin", ""]

MOST_MONTHS = 24
_LONGEST_AHEAD = timedelta(days=3 * 366)
_MONTHS_A_YEAR = 12
REMINDED_AT: tuple[timedelta, ...] = (timedelta(days=14), timedelta(days=1), timedelta(0))
"""How long before its day people are reminded of a drill; the last time is when it is overdue."""


class About(NamedTuple):
    """What a kind of drill is called, what the two do in it, and what it is about."""

    title: str
    sentence: str
    subject: Subject = ""


ABOUT: Mapping[DrillKind, About] = {
    "open-sealed": About(
        "Open a sealed credential",
        "One asks for a sealed credential of the key, the other approves, and both see that the file opens with a "
        "recovery identity. Whatever was in it is deleted again.",
        "key",
    ),
    "reach-second-admin": About(
        "Reach the second admin",
        "Each calls the other by a way that does not need this house, and both sign in as admins within the hour.",
    ),
    "rehearse-transfer": About(
        "Rehearse a transfer",
        "Both read the preview of a transfer of the key, and name who would sign for each side and what to rotate "
        "afterwards. Nothing is started.",
        "key",
    ),
    "service-admin": About(
        "Sign in as the service admin",
        "Both fetch the credentials of the service admin from where they are kept, sign in as it, sign out again and "
        "put them back.",
        "service admin",
    ),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one of the two recorded."""

    user: str
    result: Result
    note: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Drill:
    """A drill of an account. `subject` is the key or user that it is about, `every_months` 0 for a single one.

    It ends when both have recorded their result, or when it is cancelled; `ended_by` is empty for the former.
    """

    id: str
    account: str
    kind: DrillKind
    subject: str
    people: tuple[str, str]
    due_at: datetime
    every_months: int
    planned_at: datetime
    planned_by: str
    reminded: int = 0
    outcomes: tuple[Outcome, ...] = ()
    ended_at: datetime | None = None
    ended_by: str = ""

    @property
    def about(self) -> About:
        """What is done in it."""
        return ABOUT[self.kind]

    def outcome_of(self, user: str) -> Outcome | None:
        """What somebody recorded."""
        return next((each for each in self.outcomes if each.user == user), None)


def status_of(drill: Drill, now: datetime) -> Status:
    """How a drill stands; that it is overdue needs nobody to say so."""
    if drill.ended_at is not None and drill.ended_by:
        return "cancelled"
    if drill.ended_at is not None:
        return verdict(drill.outcomes)
    return "overdue" if now >= drill.due_at else "planned"


def verdict(outcomes: Iterable[Outcome]) -> Result:
    """A drill is done when both say so."""
    return "done" if all(each.result == "done" for each in outcomes) else "failed"


def next_due(drill: Drill, now: datetime) -> datetime | None:
    """When a repeated drill is due again: as many months after its day, and ahead; None for a single one."""
    if not drill.every_months:
        return None
    months = drill.every_months
    while months_later(drill.due_at, months) <= now:
        months += drill.every_months
    return months_later(drill.due_at, months)


def months_later(at: datetime, months: int) -> datetime:
    """The same day of a later month, or its last one."""
    years, month = divmod(at.month - 1 + months, _MONTHS_A_YEAR)
    year = at.year + years
    return at.replace(year=year, month=month + 1, day=min(at.day, calendar.monthrange(year, month + 1)[1]))


def due_reminders(drill: Drill, now: datetime) -> int:
    """How often people should have been written to by now."""
    return sum(now >= drill.due_at - before for before in REMINDED_AT)


def checked_plan(due_at: datetime, every_months: int, people: tuple[str, str], now: datetime) -> None:
    """A day ahead, two people, and not more than two years between two drills."""
    if not now < due_at <= now + _LONGEST_AHEAD:
        raise Refusal(INVALID_FIELD, field="due_at", reason="choose a day within the next three years.")
    if not 0 <= every_months <= MOST_MONTHS:
        raise Refusal(INVALID_FIELD, field="every_months", reason=f"choose 0 to {MOST_MONTHS} months.")
    if people[0] == people[1]:
        raise Refusal(INVALID_FIELD, field="second", reason="a drill needs two people; name somebody else.")
