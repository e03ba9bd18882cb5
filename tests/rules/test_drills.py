"""When is a drill due, overdue, done and due again?"""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keysteward.rules.drills import (
    ABOUT,
    DRILL_KINDS,
    REMINDED_AT,
    Drill,
    Outcome,
    checked_plan,
    due_reminders,
    months_later,
    next_due,
    status_of,
)
from keysteward.rules.refusals import INVALID_FIELD
from tests.cast import refused

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
DONE, FAILED = Outcome("ada", "done", "", NOW), Outcome("bo", "failed", "", NOW)


def drill(due_at: datetime = NOW + 30 * DAY, months: int = 0, **values: object) -> Drill:
    """A drill of Ada and Bo."""
    made = Drill("drill", "account", "reach-second-admin", "", ("ada", "bo"), due_at, months, NOW, "ada@acme.example")
    return Drill(**{name: values.get(name, getattr(made, name)) for name in made.__slots__})  # type: ignore[arg-type]


def test_every_kind_has_its_sentence() -> None:
    """The list is closed, and each says what the two do."""
    assert set(ABOUT) == set(DRILL_KINDS)
    assert all(about.title and about.sentence.endswith(".") for about in ABOUT.values())


HOW = {
    "before its day": (drill(), NOW, "planned"),
    "at its last moment": (drill(), NOW + 30 * DAY - SECOND, "planned"),
    "after it": (drill(), NOW + 30 * DAY, "overdue"),
    "one has recorded": (drill(outcomes=(DONE,)), NOW + 31 * DAY, "overdue"),
    "both have": (drill(outcomes=(DONE, DONE), ended_at=NOW), NOW + 31 * DAY, "done"),
    "one failed": (drill(outcomes=(DONE, FAILED), ended_at=NOW), NOW, "failed"),
    "cancelled": (drill(outcomes=(FAILED,), ended_at=NOW, ended_by="ada@acme.example"), NOW, "cancelled"),
}


@pytest.mark.parametrize(("one", "now", "expected"), HOW.values(), ids=HOW.keys())
def test_how_it_stands(one: Drill, now: datetime, expected: str) -> None:
    """By the clock and by what both said."""
    assert status_of(one, now) == expected


LATER = [
    (datetime(2026, 1, 31, tzinfo=UTC), 1, datetime(2026, 2, 28, tzinfo=UTC)),
    (datetime(2026, 11, 30, tzinfo=UTC), 3, datetime(2027, 2, 28, tzinfo=UTC)),
    (datetime(2026, 12, 1, tzinfo=UTC), 12, datetime(2027, 12, 1, tzinfo=UTC)),
    (datetime(2027, 12, 31, tzinfo=UTC), 2, datetime(2028, 2, 29, tzinfo=UTC)),
]


@pytest.mark.parametrize(("at", "months", "expected"), LATER)
def test_months_later(at: datetime, months: int, expected: datetime) -> None:
    """The same day, or the last one where a month is shorter."""
    assert months_later(at, months) == expected


@given(st.integers(1, 24), st.timedeltas(min_value=timedelta(0), max_value=2_000 * DAY))
def test_it_is_due_again_ahead(months: int, late: timedelta) -> None:
    """However late it was held, the next day lies ahead, and a whole number of intervals after the last."""
    due_at = next_due(drill(months=months), NOW + late)

    assert due_at is not None
    assert due_at > NOW + late
    assert due_at in {months_later(NOW + 30 * DAY, months * times) for times in range(1, 100)}


def test_a_single_one_is_not_due_again() -> None:
    """Nor is one that repeats never."""
    assert next_due(drill(), NOW) is None


def test_people_are_reminded_three_times() -> None:
    """Fourteen days and one day before, and when it is overdue."""
    due_at = NOW + 30 * DAY
    moments = [due_at - before + late for before in REMINDED_AT for late in (-SECOND, timedelta(0))]

    assert [due_reminders(drill(due_at), moment) for moment in moments] == [0, 1, 1, 2, 2, 3]


WRONG = {
    "in the past": ((NOW, 0, ("ada", "bo")), "due_at"),
    "too far ahead": ((NOW + 1_099 * DAY, 0, ("ada", "bo")), "due_at"),
    "too seldom": ((NOW + DAY, 25, ("ada", "bo")), "every_months"),
    "one person twice": ((NOW + DAY, 0, ("ada", "ada")), "second"),
}


@pytest.mark.parametrize(("plan", "field"), WRONG.values(), ids=WRONG.keys())
def test_what_no_drill_can_be(plan: tuple[datetime, int, tuple[str, str]], field: str) -> None:
    """It needs a day ahead and two people."""
    with refused(INVALID_FIELD, field):
        checked_plan(*plan, NOW)
