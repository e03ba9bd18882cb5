"""How does a file say when, and for how long?"""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keysteward.twin.declared.moments import (
    HOW_TO_SAY_HOW_LONG,
    HOW_TO_SAY_WHEN,
    BadMoment,
    read_duration,
    read_moment,
    say_duration,
    say_moment,
)

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
YEARS = "stay between the years 1971 and 9000."

SAID = [
    ("now", NOW),
    ("3 days", NOW - timedelta(days=3)),
    ("3 days ago", NOW - timedelta(days=3)),
    ("1 week 1 day 2 hours 3 minutes 4 seconds", NOW - timedelta(days=8, hours=2, minutes=3, seconds=4)),
    ("1.5 hours", NOW - timedelta(minutes=90)),
    (" 1 day ", NOW - timedelta(days=1)),
    ("2026-11-20T09:30:00Z", NOW),
    ("2026-11-20T10:30:00+01:00", NOW),
    ("2026-11-20 09:30:00.000001Z", NOW + timedelta(microseconds=1)),
    ("2030-01-01T00:00:00Z", datetime(2030, 1, 1, tzinfo=UTC)),
]
UNSAID = [
    ("", HOW_TO_SAY_WHEN),
    ("yesterday", HOW_TO_SAY_WHEN),
    ("3", HOW_TO_SAY_WHEN),
    ("-3 days", HOW_TO_SAY_WHEN),
    ("3 months", HOW_TO_SAY_WHEN),
    ("3 days and 2 hours", HOW_TO_SAY_WHEN),
    ("2026-13-01T00:00:00Z", HOW_TO_SAY_WHEN),
    ("0001-01-01T00:00:00+14:00", HOW_TO_SAY_WHEN),
    ("2026-11-20T09:30:00", "give the instant its zone, such as the Z in 2026-11-20T09:30:00Z."),
    ("1970-01-01T00:00:00Z", YEARS),
    ("9999-01-01T00:00:00Z", YEARS),
    ("60 weeks 99999 days", YEARS),
    ("9999999 days", YEARS),
    ("999999999999 days", "say a shorter time."),
]


@pytest.mark.parametrize(("text", "expected"), SAID, ids=[text for text, _ in SAID])
def test_a_moment_is_read(text: str, expected: datetime) -> None:
    """An age is counted back from now; an instant is taken with its zone."""
    assert read_moment(text, NOW) == expected


@pytest.mark.parametrize(("text", "sentence"), UNSAID, ids=[text for text, _ in UNSAID])
def test_what_says_no_moment_is_told_how_to(text: str, sentence: str) -> None:
    """Whoever writes something else learns what to write."""
    with pytest.raises(BadMoment) as caught:
        read_moment(text, NOW)
    assert sentence == str(caught.value)


@pytest.mark.parametrize("text", ["", "now", "3", "soon", "3 days ago"])
def test_what_says_no_time_is_told_how_to(text: str) -> None:
    """A time has a number and a unit."""
    with pytest.raises(BadMoment) as caught:
        read_duration(text)
    assert str(caught.value) == HOW_TO_SAY_HOW_LONG


@given(st.datetimes(datetime(1971, 1, 2), datetime(8999, 12, 30), timezones=st.just(timezone(timedelta(hours=5)))))  # noqa: DTZ001 — the zone is drawn apart
def test_an_instant_comes_back(instant: datetime) -> None:
    """What an export says is read as the same instant, to the microsecond."""
    assert read_moment(say_moment(instant), NOW) == instant


@given(st.timedeltas(timedelta(0), timedelta(days=10_000)))
def test_a_time_comes_back(duration: timedelta) -> None:
    """What an export says is read as the same time, to the microsecond."""
    assert read_duration(say_duration(duration)) == duration


@pytest.mark.parametrize(
    ("duration", "expected"),
    [
        (timedelta(0), "0 seconds"),
        (timedelta(minutes=2), "2 minutes"),
        (timedelta(days=1, hours=1, seconds=1), "1 day 1 hour 1 second"),
        (timedelta(seconds=13, microseconds=482_113), "13.482113 seconds"),
        (timedelta(microseconds=5), "0.000005 seconds"),
    ],
)
def test_a_time_is_said_as_people_say_it(duration: timedelta, expected: str) -> None:
    """Days, hours, minutes and seconds, each in the singular where there is one."""
    assert say_duration(duration) == expected
