"""Are reads and peaks what somebody would count by hand?"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keysteward.rules.pace import HourSum, Peak, Sight, busiest_burst, busiest_hour, resting, timelines
from keysteward.rules.policy import DEFAULT
from tests.rules.examples import ACCOUNT, NOW

OTHER_ACCOUNT = "acc00002-de30-4000-8000-000000000000"
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def sight(number: int, at: datetime, account: str = ACCOUNT, url: str = "", error: str = "") -> Sight:
    """A call; one with a URL reads a polled resource."""
    return Sight(number, at, account, "GET", url, url, "GET /envelopes/{id}", 200, error, True, bool(url))


def reads(*minutes: float, url: str = "a", first: int = 1) -> list[Sight]:
    """Reads of a resource, so many minutes from now."""
    return [sight(first + number, NOW + MINUTE * each, url=url) for number, each in enumerate(minutes)]


# ── reads ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_timeline_holds_the_reads_of_one_resource() -> None:
    """Oldest first, each with the time since the one before, and whether that was too short."""
    (found,) = timelines(reversed(reads(0, 15, 20)), DEFAULT)

    assert [(each.sequence, each.after, each.too_soon) for each in found.reads] == [
        (1, None, False), (2, 15 * MINUTE, False), (3, 5 * MINUTE, True),
    ]  # fmt: skip
    assert (found.violations, found.free_from) == (1, NOW + 35 * MINUTE)


def test_a_clock_that_was_set_back_makes_no_gap() -> None:
    """A read that seems to come before the one before it is as near to it."""
    (found,) = timelines(reads(0, -5), DEFAULT)

    assert [each.too_soon for each in found.reads] == [False, True]


def test_resources_that_were_read_too_soon_come_first() -> None:
    """Then those that were read last."""
    kept, read_last = reads(0, 20, url="kept"), reads(60, url="last", first=7)
    found = timelines([*kept, *reads(0, 1, url="polled", first=3), *read_last], DEFAULT)

    assert [each.url for each in found] == ["polled", "last", "kept"]


def test_what_does_not_poll_or_count_has_no_timeline() -> None:
    """Only what a review would look at is drawn."""
    uncounted = [each._replace(countable=False) for each in reads(0, 1)]

    assert timelines([sight(9, NOW), *uncounted], DEFAULT) == ()


def test_a_resource_rests_until_and_not_longer() -> None:
    """The next to be free comes first; at its moment it is free."""
    found = timelines([*reads(0, url="a"), *reads(-5, url="b", first=5)], DEFAULT)

    assert [each.url for each in resting(found, NOW)] == ["b", "a"]
    assert [each.url for each in resting(found, NOW + 10 * MINUTE)] == ["a"]


# ── peaks ───────────────────────────────────────────────────────────────────────────────────────────────────────────
bursts = st.lists(st.tuples(st.floats(0, 40), st.sampled_from([ACCOUNT, OTHER_ACCOUNT])), max_size=60)


@given(bursts)
def test_the_fullest_window_is_what_somebody_would_count(story: Sequence[tuple[float, str]]) -> None:
    """A window opens with the first call after the last one closed, for each account by itself."""
    at, begins, counts = NOW, dict[str, datetime](), Counter[tuple[str, datetime]]()
    calls = list[Sight]()
    for number, (gap, account) in enumerate(story):
        at += timedelta(seconds=gap)
        if account not in begins or at >= begins[account] + timedelta(seconds=30):
            begins[account] = at
        counts[account, begins[account]] += 1
        calls.append(sight(number, at, account))

    assert busiest_burst(calls, DEFAULT).calls == max(counts.values(), default=0)


def test_a_call_that_a_limit_refused_is_in_no_window() -> None:
    """It used up nothing."""
    refused = [sight(number, NOW, error="BURST_APIINVOCATION_LIMIT_EXCEEDED") for number in range(5)]

    assert busiest_burst([*refused, sight(9, NOW)], DEFAULT).calls == 1
    assert busiest_hour([], refused, DEFAULT, at_least=False).calls == 0


def test_no_call_has_no_peak() -> None:
    """There is nothing to look at, and that is fine."""
    for peak in (busiest_burst([], DEFAULT), busiest_hour([], [], DEFAULT, at_least=False)):
        assert (peak.calls, peak.since, peak.verdict) == (0, None, "good")


def test_the_busiest_hour_joins_sums_with_what_is_not_summed() -> None:
    """An hour that is half summed counts whole; another account's calls do not."""
    hour = NOW.replace(minute=0)
    sums = [HourSum(hour, ACCOUNT, 5), HourSum(hour, OTHER_ACCOUNT, 6), HourSum(hour - HOUR, ACCOUNT, 6)]
    found = busiest_hour(sums, [sight(1, NOW), sight(2, NOW + MINUTE)], DEFAULT, at_least=True)

    assert (found.calls, found.since, found.limit, found.at_least) == (7, hour, 3_000, True)


@pytest.mark.parametrize(("calls", "verdict"), [(400, "good"), (401, "look"), (500, "look"), (501, "bad")])
def test_a_peak_near_the_limit_is_to_be_looked_at(calls: int, verdict: str) -> None:
    """From four fifths on somebody should look, beyond the limit calls would be refused."""
    assert Peak("burst", calls, 500, NOW, DEFAULT.burst_window).verdict == verdict
