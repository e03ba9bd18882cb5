"""How are an account's calls counted?"""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from keysteward.rules.limits import Window, counted, headers
from keysteward.rules.policy import DEFAULT, Policy
from tests.rules.examples import NOW

gaps = st.lists(
    st.one_of(st.sampled_from([0, 1, 29.999999, 30, 30.000001, 1800, 3599.999999, 3600]), st.floats(0, 7200)).map(
        lambda seconds: timedelta(seconds=seconds)
    ),
    min_size=1,
    max_size=60,
)


def at_each(steps: list[timedelta]) -> list[datetime]:
    """Turn gaps into instants."""
    instants = [NOW]
    for step in steps:
        instants.append(instants[-1] + step)
    return instants


def last(instants: list[datetime], policy: Policy = DEFAULT) -> Window:
    """Count calls one by one, as a meter does."""
    window = None
    for instant in instants:
        window = counted(window, instant, policy)
    assert window is not None
    return window


@given(gaps)
def test_hours_are_clock_hours(steps: list[timedelta]) -> None:
    """The hourly count is the number of calls in the clock hour of the newest."""
    instants = at_each(steps)
    hour = instants[-1].replace(minute=0, second=0, microsecond=0)

    window = last(instants)

    assert (window.hour, window.hourly) == (hour, sum(instant >= hour for instant in instants))


@given(gaps)
def test_a_burst_window_opens_with_the_first_call_after_the_last_one_closed(steps: list[timedelta]) -> None:
    """The burst count equals that of somebody who cuts the calls into windows of 30 s by hand."""
    instants = at_each(steps)
    windows: list[list[datetime]] = []
    for instant in instants:
        if windows and instant - windows[-1][0] < timedelta(seconds=30):
            windows[-1].append(instant)
        else:
            windows.append([instant])

    window = last(instants)

    assert (window.burst_from, window.burst) == (windows[-1][0], len(windows[-1]))


def test_exactly_thirty_seconds_open_a_new_window() -> None:
    """A call 30 s after the window opened is the first of the next one."""
    just_before, exactly = timedelta(seconds=30, microseconds=-1), timedelta(seconds=30)

    assert last([NOW, NOW + just_before]).burst == 2
    assert last([NOW, NOW + exactly]).burst == 1


def test_a_clock_that_is_set_back_counts_on() -> None:
    """Where time goes back, a new window opens and nothing breaks."""
    assert last([NOW, NOW - timedelta(hours=2)]) == Window(
        (NOW - timedelta(hours=2)).replace(minute=0), 1, NOW - timedelta(hours=2), 1
    )


def test_headers_tell_what_is_left() -> None:
    """The headers name limit, what remains and when the hour ends, as an epoch second."""
    window = Window(NOW.replace(minute=0), 7, NOW, 3)

    assert headers(window, DEFAULT, "demo") == {
        "X-RateLimit-Limit": "3000",
        "X-RateLimit-Remaining": "2993",
        "X-RateLimit-Reset": str(int(NOW.replace(hour=10, minute=0).timestamp())),
        "X-BurstLimit-Limit": "200",
        "X-BurstLimit-Remaining": "197",
    }


def test_production_has_the_larger_burst() -> None:
    """A burst is 500 calls in production."""
    window = Window(NOW.replace(minute=0), 7, NOW, 3)

    assert headers(window, DEFAULT, "production")["X-BurstLimit-Limit"] == "500"


def test_nothing_less_than_nothing_is_left() -> None:
    """Whoever calls more than the limit is told that 0 remain."""
    window = Window(NOW.replace(minute=0), 3_001, NOW, 201)
    told = headers(window, DEFAULT, "demo")

    assert (told["X-RateLimit-Remaining"], told["X-BurstLimit-Remaining"]) == ("0", "0")
