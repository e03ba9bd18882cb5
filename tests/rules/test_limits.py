"""How are an account's calls counted, and which one is too many?"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keysteward.rules.limits import (
    LATE,
    Count,
    Counters,
    Excess,
    Limits,
    Measure,
    Override,
    Question,
    Window,
    Wish,
    count,
    headers,
    measure,
    refusal,
)
from keysteward.rules.policy import DEFAULT
from keysteward.rules.policy_text import read
from tests.rules.examples import NOW

BURST_WINDOW = timedelta(seconds=30)
SMALL = Measure(Limits(7, 3), Limits(5, 2), BURST_WINDOW)

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


def asked(instants: list[datetime], measured: Measure = SMALL) -> list[Count]:
    """Ask for one call after the other, as a meter does."""
    counters, found = Counters(), []
    for instant in instants:
        counters, one = count(counters, Question("account", instant, measured))
        found.append(one)
    return found


def model(instants: list[datetime], limits: Limits) -> list[Excess | None]:
    """What somebody with a list of the calls that passed would say of each call."""
    passed: list[datetime] = []
    windows: list[list[datetime]] = []
    said: list[Excess | None] = []
    for instant in instants:
        hour = instant.replace(minute=0, second=0, microsecond=0)
        opened = windows[-1] if windows and instant - windows[-1][0] < BURST_WINDOW else []
        is_over = sum(each >= hour for each in passed) >= limits.hourly
        said.append("hourly" if is_over else "burst" if len(opened) >= limits.burst else None)
        if said[-1] is None:
            passed.append(instant)
            windows += [] if opened else [opened]
            opened.append(instant)
    return said


@given(gaps)
def test_each_call_is_judged_as_by_a_list_of_all_calls(steps: list[timedelta]) -> None:
    """Clock hours, and burst windows that open with the first call that passes after the last one closed."""
    instants = at_each(steps)

    assert model(instants, SMALL.limits) == [each.excess for each in asked(instants)]


@given(gaps)
def test_a_candidate_judges_every_call_by_itself(steps: list[timedelta]) -> None:
    """What a candidate says does not depend on what the limits in force refused."""
    instants = at_each(steps)

    assert model(instants, Limits(5, 2)) == [each.candidate_excess for each in asked(instants)]


@pytest.mark.parametrize(("limits", "excess"), [(Limits(3_000, 9_999), "hourly"), (Limits(9_999, 3_000), "burst")])
def test_the_last_call_within_a_limit_passes_and_the_next_does_not(limits: Limits, excess: Excess) -> None:
    """Call 3,000 passes, call 3,001 is refused, and so is the one after it."""
    found = asked([NOW] * 3_002, Measure(limits, None, BURST_WINDOW))

    assert [each.excess for each in found[2_998:]] == [None, None, excess, excess]


def test_a_refused_call_counts_nowhere() -> None:
    """Calls that the burst limit refused leave the hour as it was, and open no window."""
    found = asked([NOW] * 50)
    after = asked([NOW] * 50 + [NOW + BURST_WINDOW])

    assert (found[-1].window.hourly, found[-1].window.burst) == (3, 3)
    assert after[-1] == Count(Window(NOW.replace(minute=0), 4, NOW + BURST_WINDOW, 1), None, None)


def test_a_new_hour_lets_calls_pass_again() -> None:
    """At the last microsecond of the hour the limit holds, and a microsecond later it is a new hour's."""
    next_hour = NOW.replace(hour=NOW.hour + 1, minute=0)
    large = Measure(Limits(3, 100), None, BURST_WINDOW)
    found = asked([NOW, NOW, NOW, next_hour - timedelta(microseconds=1), next_hour], large)

    assert [each.excess for each in found] == [None, None, None, "hourly", None]
    assert (found[-1].window.hour, found[-1].window.hourly) == (next_hour, 1)


def test_exactly_thirty_seconds_open_a_new_window() -> None:
    """A call 30 s after the window opened is the first of the next one."""
    just_before, exactly = timedelta(seconds=30, microseconds=-1), timedelta(seconds=30)

    assert asked([NOW, NOW + just_before])[-1].window.burst == 2
    assert asked([NOW, NOW + exactly])[-1].window.burst == 1


def test_a_call_that_was_slower_than_others_counts_with_them() -> None:
    """A worker whose clock is a little behind opens no hour and no window of its own."""
    hour = NOW.replace(minute=0)
    found = asked([hour, hour - LATE])[-1]

    assert found.window == Window(hour, 2, hour, 2)


def test_a_clock_that_is_set_back_counts_on() -> None:
    """Where time goes back, new windows open and nothing breaks."""
    earlier = NOW - timedelta(hours=2)

    assert asked([NOW, earlier])[-1].window == Window(earlier.replace(minute=0), 1, earlier, 1)


def test_looking_changes_nothing() -> None:
    """A question that does not count is told what a call would be, and leaves no trace."""
    counters, _ = count(Counters(), Question("account", NOW, Measure(Limits(1, 1), None, BURST_WINDOW)))
    looked = Question("account", NOW, Measure(Limits(1, 1), None, BURST_WINDOW), counts=False)

    assert count(counters, looked) == (counters, Count(Window(NOW.replace(minute=0), 1, NOW, 1), "hourly"))


# ── which limits apply ──────────────────────────────────────────────────────────────────────────────────────────────
def override(**numbers: int) -> Override:
    """An override that says these numbers and leaves the others to the policy."""
    hourly, burst, candidate_hourly, candidate_burst = (numbers.get(name) for name in Wish._fields)
    return Override("account", 1, hourly, burst, candidate_hourly, candidate_burst, "why", "Olu", NOW)


def test_the_policy_says_the_limits() -> None:
    """A burst is 200 calls in demo and 500 in production; no candidate is tried by default."""
    assert measure(DEFAULT, "demo") == Measure(Limits(3_000, 200), None, BURST_WINDOW)
    assert measure(DEFAULT, "production") == Measure(Limits(3_000, 500), None, BURST_WINDOW)


CANDIDATES = [
    ({}, {"candidate_hourly": 50}, Limits(50, 200)),
    ({"candidate_hourly_calls": 10}, {}, Limits(10, 200)),
    ({"candidate_hourly_calls": 10}, {"candidate_burst": 5}, Limits(10, 5)),
    ({"candidate_burst_calls": 10}, {"candidate_burst": 5, "hourly": 7}, Limits(7, 5)),
]


@pytest.mark.parametrize(("policy", "own", "expected"), CANDIDATES)
def test_a_candidate_is_the_policys_or_the_accounts(
    policy: dict[str, int], own: dict[str, int], expected: Limits
) -> None:
    """What a candidate does not say is the limit in force."""
    assert measure(read(policy, DEFAULT), "demo", override(**own)).candidate == expected


def test_an_override_says_what_it_says_and_no_more() -> None:
    """A number that an override leaves out stays the policy's."""
    assert measure(DEFAULT, "demo", override(hourly=10)).limits == Limits(10, 200)
    assert measure(DEFAULT, "demo", override(burst=1)).limits == Limits(3_000, 1)


# ── what is said ────────────────────────────────────────────────────────────────────────────────────────────────────
def test_headers_tell_what_is_left() -> None:
    """The headers name limit, what remains and when the hour ends, as an epoch second."""
    window = Window(NOW.replace(minute=0), 7, NOW, 3)

    assert headers(window, Limits(3_000, 200)) == {
        "X-RateLimit-Limit": "3000",
        "X-RateLimit-Remaining": "2993",
        "X-RateLimit-Reset": str(int(NOW.replace(hour=10, minute=0).timestamp())),
        "X-BurstLimit-Limit": "200",
        "X-BurstLimit-Remaining": "197",
    }


def test_nothing_less_than_nothing_is_left() -> None:
    """Where a limit was lowered below what was called, 0 remain."""
    told = headers(Window(NOW.replace(minute=0), 3_001, NOW, 201), Limits(3_000, 200))

    assert (told["X-RateLimit-Remaining"], told["X-BurstLimit-Remaining"]) == ("0", "0")


REFUSALS: list[tuple[Excess, str, str]] = [
    (
        "hourly",
        "HOURLY_APIINVOCATION_LIMIT_EXCEEDED",
        "The maximum number of hourly API invocations has been exceeded. The hourly limit is 7.",
    ),
    (
        "burst",
        "BURST_APIINVOCATION_LIMIT_EXCEEDED",
        "The maximum number of API invocations in a burst has been exceeded. The burst limit is 3 in 30 seconds.",
    ),
]


@pytest.mark.parametrize(("excess", "code", "sentence"), REFUSALS)
@pytest.mark.parametrize("status", [400, 429])
def test_a_refusal_has_the_code_that_clients_know(
    excess: Excess, code: str, sentence: str, status: Literal[400, 429]
) -> None:
    """The code and the sentence are Docusign's, the status is the policy's."""
    said = refusal(excess, SMALL, replace(DEFAULT, limit_status=status))

    assert (said.kind.error_code, said.sentence, said.kind.status) == (code, sentence, status)
