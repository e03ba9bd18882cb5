"""Are hours gathered into bars, and windows cut, as somebody would by hand?"""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keysteward.rules.call_usage import HOUR, PERIODS, Hour, Tally, bars, between, busiest, total, window_of
from keysteward.rules.refusals import INVALID_FIELD
from tests.cast import refused

MOMENTS = st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 — Hypothesis asks for naive bounds
TALLIES = st.integers(0, 5).flatmap(lambda failed: st.builds(Tally, st.integers(failed, 9), st.just(failed)))


@given(st.sampled_from(sorted(PERIODS)), MOMENTS)
def test_a_period_ends_with_the_present_hour(period: str, now: datetime) -> None:
    """It holds now, begins and ends on whole hours, and is as long as it says."""
    window = window_of(period, now)

    assert window.until - HOUR <= now < window.until
    assert (window.since.minute, window.since.second, window.since.microsecond) == (0, 0, 0)
    assert window.until - window.since == PERIODS[period]


@given(st.data(), MOMENTS, st.integers(1, 366 * 86_400))
def test_bars_hold_every_hour_once(data: st.DataObject, since: datetime, seconds: int) -> None:
    """Bars touch, cover the window, are few, and hold each call of the hours that lie in them."""
    window = between(since, since + timedelta(seconds=seconds))
    most = (window.until - window.since) // HOUR - 1
    found = {data.draw(st.integers(0, most)): data.draw(TALLIES) for _ in range(data.draw(st.integers(0, 6)))}
    hours = [Hour(window.since + HOUR * number, tally) for number, tally in sorted(found.items())]
    shown = bars(hours, window)

    assert (shown[0].since, shown[-1].until) == (window.since, window.until)
    assert [bar.since for bar in shown[1:]] == [bar.until for bar in shown[:-1]]
    assert len(shown) <= 61
    for bar in shown:
        inside = [hour.tally for hour in hours if bar.since <= hour.begins_at < bar.until]
        assert bar.tally == Tally(sum(each.calls for each in inside), sum(each.failed for each in inside))


@given(st.lists(TALLIES, max_size=20))
def test_totals_and_the_busiest_hour(tallies: list[Tally]) -> None:
    """The total is the sum; of several busiest hours the latest is named."""
    hours = [Hour(datetime(2026, 11, 20, tzinfo=UTC) + HOUR * number, tally) for number, tally in enumerate(tallies)]
    most = max((tally.calls for tally in tallies), default=0)
    found = busiest(hours)

    assert total(hours) == Tally(sum(each.calls for each in tallies), sum(each.failed for each in tallies))
    assert found == next((hour for hour in reversed(hours) if hour.tally.calls == most), None)


@pytest.mark.parametrize("days", [0, -1, 366.1])
def test_a_window_that_is_none(days: float) -> None:
    """Nothing, the past before the past, and more than a year are refused."""
    now = datetime(2026, 11, 20, tzinfo=UTC)
    with refused(INVALID_FIELD, "until"):
        between(now, now + timedelta(days=days))
