"""What makes a Go-Live review pass?"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keysteward.rules.golive import (
    REVIEW,
    Counted,
    Evidence,
    Review,
    Status,
    is_due,
    is_expired,
    judge,
    status,
    why_not_start,
)
from keysteward.rules.policy import DEFAULT
from keysteward.rules.refusals import ALREADY_LIVE, ALREADY_PASSED, ALREADY_UNDER_REVIEW, Kind
from tests.rules.examples import KEY, NOW, a_call, an_app

MICROSECOND = timedelta(microseconds=1)


def good(at: datetime, sequence: int = 1) -> Counted:
    """A good call."""
    return Counted(a_call(at=at, sequence=sequence))


def failed(at: datetime, sequence: int = 1, code: str = "") -> Counted:
    """A call that was answered with an error."""
    return Counted(a_call(at=at, sequence=sequence, status=400, error_code=code))


def polled(at: datetime, gap: timedelta | None, sequence: int = 1) -> Counted:
    """A read of a polled resource that was read before."""
    call = a_call(at=at, sequence=sequence, method="GET", polled=True, status=200)
    return Counted(call, None if gap is None else at - gap)


def newest_first(calls: Sequence[Counted], cut_at: datetime = NOW) -> Evidence:
    """Evidence of calls that are given oldest first."""
    return Evidence(tuple(reversed(calls)), cut_at)


def twenty(*, apart: timedelta = timedelta(seconds=1), until: datetime = NOW) -> list[Counted]:
    """Twenty good calls, oldest first, the newest at the given time."""
    return [good(until - apart * (19 - number), number + 1) for number in range(20)]


def codes(evidence: Evidence) -> list[str]:
    """The rules that the evidence breaks."""
    return [finding.rule for finding in judge(evidence, DEFAULT)]


# ── counting ────────────────────────────────────────────────────────────────────────────────────────────────────────
steps = st.lists(
    st.tuples(
        st.sampled_from(["ok", "error", "poll"]),
        st.one_of(st.sampled_from([0, 1, 899.999999, 900, 900.000001, 86_400]), st.floats(0, 2_000)),
        st.sampled_from("ab"),
    ),
    max_size=40,
)


def played(story: Sequence[tuple[str, float, str]]) -> tuple[list[Counted], list[bool]]:
    """Play a story of calls; tell of each, by hand, whether it breaks the run."""
    at, seen, calls, breaks = NOW, dict[str, datetime](), list[Counted](), list[bool]()
    for number, (kind, gap, url) in enumerate(story):
        at += timedelta(seconds=gap)
        if kind == "poll":
            previous = seen.get(url)
            calls.append(Counted(a_call(at=at, sequence=number, method="GET", polled=True), previous))
            breaks.append(previous is not None and (at - previous).total_seconds() < 900)
            seen[url] = at
        else:
            calls.append(good(at, number) if kind == "ok" else failed(at, number))
            breaks.append(kind == "error")
    return calls, breaks


@given(steps)
def test_the_run_is_what_somebody_would_count_by_hand(story: list[tuple[str, float, str]]) -> None:
    """The run goes from the newest call back to the first error or violation, whatever happened before."""
    calls, breaks = played(story)
    run = 0
    while run < len(breaks) and not breaks[-1 - run]:
        run += 1

    assert [counted.call.sequence for counted in newest_first(calls).run(DEFAULT)] == [
        counted.call.sequence for counted in reversed(calls[len(calls) - run :])
    ]


@given(steps)
def test_every_break_among_the_newest_is_a_finding_of_its_own(story: list[tuple[str, float, str]]) -> None:
    """A review names each failed call and each violation, none twice, none left out."""
    calls, breaks = played(story)
    findings = judge(newest_first(calls), DEFAULT)
    named = [finding.call for finding in findings if finding.rule in {"no-errors", "no-polling"}]

    assert sorted(named, key=str) == sorted(
        (counted.call.sequence for counted, is_break in zip(calls, breaks, strict=True) if is_break), key=str
    )


@given(steps)
def test_a_review_passes_only_with_twenty_in_a_row(story: list[tuple[str, float, str]]) -> None:
    """No order of errors and polls yields a pass unless the newest twenty calls are all good."""
    calls, breaks = played(story)
    newest = newest_first(calls[-20:], calls[-1].call.at if calls else NOW)

    if not judge(newest, DEFAULT):
        assert (len(breaks) >= 20, any(breaks[-20:])) == (True, False)


@pytest.mark.parametrize(
    ("gap", "polls"),
    [
        (None, False),
        (timedelta(0), True),
        (timedelta(minutes=3), True),
        (timedelta(seconds=900) - MICROSECOND, True),
        (timedelta(seconds=900), False),
        (timedelta(seconds=900) + MICROSECOND, False),
        (-timedelta(seconds=899), True),
        (-timedelta(seconds=900), False),
    ],
)
def test_exactly_fifteen_minutes_pass(gap: timedelta | None, polls: bool) -> None:
    """Reading again less than 900 s after the last time is a violation; exactly 900 s passes."""
    assert polled(NOW, gap).polls(DEFAULT) == polls


def test_the_second_request_carries_the_violation() -> None:
    """The first of two reads is fine, the second breaks the run."""
    first, second = polled(NOW, None, 1), polled(NOW + timedelta(minutes=3), timedelta(minutes=3), 2)

    assert [each.breaks(DEFAULT) for each in (first, second)] == [False, True]


def test_repeated_writes_never_poll() -> None:
    """A call that is not polled may follow itself at once."""
    assert not Counted(a_call(polled=False), NOW).polls(DEFAULT)


# ── judging ─────────────────────────────────────────────────────────────────────────────────────────────────────────
JUDGED: list[tuple[str, Evidence, list[str]]] = [
    ("20 good calls", newest_first(twenty()), []),
    ("more than 20", newest_first([*twenty(until=NOW - timedelta(hours=1)), *twenty()]), []),
    ("19 good calls", newest_first(twenty()[1:]), ["calls-in-a-row"]),
    ("no call at all", newest_first([]), ["calls-in-a-row"]),
    ("an error is the newest", newest_first([*twenty(), failed(NOW)]), ["calls-in-a-row", "no-errors"]),
    ("an error is the oldest of 20", newest_first([failed(NOW), *twenty()[1:]]), ["calls-in-a-row", "no-errors"]),
    ("too much polling", newest_first([*twenty(), polled(NOW, timedelta(0))]), ["calls-in-a-row", "no-polling"]),
    ("exactly 24 h apart", newest_first([good(NOW - timedelta(hours=24)), *twenty()[1:]]), []),
    ("more than 24 h apart", newest_first([good(NOW - timedelta(hours=24) - MICROSECOND), *twenty()[1:]]),
     ["within-a-day"]),
    ("exactly 24 h old", newest_first(twenty(), NOW + timedelta(hours=24)), []),
    ("more than 24 h old", newest_first(twenty(), NOW + timedelta(hours=24) + MICROSECOND), ["recent"]),
    ("old and apart", newest_first(twenty(apart=timedelta(hours=2)), NOW + timedelta(days=2)),
     ["within-a-day", "recent"]),
    ("everything at once",
     newest_first([failed(NOW), polled(NOW, timedelta(0)), good(NOW)], NOW + timedelta(days=2)),
     ["calls-in-a-row", "no-errors", "no-polling", "recent"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("story", "evidence", "broken"), JUDGED, ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_review_answers_with_all_findings(story: str, evidence: Evidence, broken: list[str]) -> None:
    """Each rule that is broken has its finding, in the order of the rules; none means passed."""
    assert codes(evidence) == broken


def test_a_finding_names_the_call_and_the_rule() -> None:
    """A finding says which call, what it was answered and what to do next."""
    (finding,) = [each for each in judge(newest_first([failed(NOW, 7, "X")]), DEFAULT) if each.rule == "no-errors"]

    assert (finding.call, finding.method, finding.url, finding.status, finding.at) == (
        7,
        "POST",
        "/envelopes",
        400,
        NOW,
    )
    assert finding.sentence == "POST was answered 400 X."
    assert finding.next_step == "Mend the call, then make 20 good calls in a row."


def test_a_polling_finding_says_how_soon_it_was() -> None:
    """The sentence names the gap in minutes and seconds."""
    (finding,) = [
        each for each in judge(newest_first([polled(NOW, timedelta(seconds=200), 9)]), DEFAULT) if each.call == 9
    ]

    assert finding.sentence == "The same resource was read again after 3 min 20 s, sooner than 15 minutes."


@pytest.mark.parametrize(
    ("missing", "asked"), [(1, "Make 1 more good call in a row."), (2, "Make 2 more good calls in a row.")]
)
def test_too_few_calls_say_how_many_more(missing: int, asked: str) -> None:
    """What is missing is a number, in good English."""
    (finding,) = judge(newest_first(twenty()[missing:]), DEFAULT)

    assert (finding.sentence, finding.next_step) == (
        f"{20 - missing} of 20 calls in a row succeeded within the rules.", asked,
    )  # fmt: skip


def test_a_review_without_rules_is_a_mistake() -> None:
    """An empty tuple of rules proves nothing, so it raises."""
    with pytest.raises(ValueError, match="without rules"):
        judge(newest_first(twenty()), DEFAULT, ())


def test_every_rule_has_its_own_code_and_source() -> None:
    """Rules are told apart by their code, and each says where it comes from."""
    assert [rule.code for rule in REVIEW] == ["calls-in-a-row", "no-errors", "no-polling", "within-a-day", "recent"]
    assert all(rule.source and rule.asks for rule in REVIEW)


# ── status ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def reviewed(verdict: str | None, settled_at: datetime = NOW) -> Review:
    """A review with a verdict, or without one yet."""
    review = Review("r", KEY, NOW, "user", "ada@acme.example", 20, 1)
    return Review(**{
        **{name: getattr(review, name) for name in review.__dataclass_fields__},
        "verdict": verdict, "settled_at": settled_at if verdict else None,
    })  # fmt: skip


DAY_90 = NOW + timedelta(days=90)
STATUSES: list[tuple[Review | None, int, datetime, Status, Kind | None]] = [
    (None, 0, NOW, "not ready", None),
    (None, 19, NOW, "not ready", None),
    (None, 20, NOW, "ready", None),
    (reviewed(None), 20, NOW, "Under Review", ALREADY_UNDER_REVIEW),
    (reviewed("failed"), 20, NOW, "Review Failed", None),
    (reviewed("passed"), 0, NOW, "Review Passed", ALREADY_PASSED),
    (reviewed("passed"), 20, DAY_90 - MICROSECOND, "Review Passed", ALREADY_PASSED),
    (reviewed("passed"), 20, DAY_90, "Review Expired", None),
    (reviewed("failed"), 20, DAY_90, "Review Failed", None),
]


@pytest.mark.parametrize(("review", "run", "now", "expected", "refused"), STATUSES)
def test_a_status_is_derived(
    review: Review | None, run: int, now: datetime, expected: Status, refused: Kind | None
) -> None:
    """Review, run and time say where a key stands and whether a review may start; nothing needs a job to expire."""
    found = status(an_app(), review, run, now, DEFAULT)

    assert (found, why_not_start(found)) == (expected, refused)


def test_a_live_key_is_live_whatever_its_reviews_say() -> None:
    """Live stays live, and is not reviewed again."""
    found = status(an_app(live_at=NOW), reviewed("failed"), 0, DAY_90, DEFAULT)

    assert (found, why_not_start(found)) == ("Live", ALREADY_LIVE)


def test_only_a_pass_expires() -> None:
    """The 90 days run from the verdict of a passed review, and no other review ever expires."""
    assert reviewed("passed").expires_at(DEFAULT) == DAY_90
    assert reviewed("failed").expires_at(DEFAULT) is None
    assert not is_expired(reviewed(None), DAY_90, DEFAULT)


def test_a_review_is_settled_after_its_delay_and_once() -> None:
    """A review is due when the delay is over, and never again once it has a verdict."""
    review = reviewed(None)

    assert not is_due(review, NOW + DEFAULT.review_delay - MICROSECOND, DEFAULT)
    assert is_due(review, NOW + DEFAULT.review_delay, DEFAULT)
    assert not is_due(reviewed("passed"), DAY_90, DEFAULT)
