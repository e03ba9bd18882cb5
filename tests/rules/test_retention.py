"""Is what may be forgotten never what a verdict rests on?"""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from keysteward.rules.calls import Call
from keysteward.rules.golive import Counted, Evidence, Review, judge
from keysteward.rules.policy import DEFAULT
from keysteward.rules.retention import Judged, is_needed, kept_since, must_stay
from tests.rules.examples import KEY, NOW, a_call

STEPS = st.lists(
    st.tuples(st.sampled_from(["read", "write", "error", "login"]), st.sampled_from([0, 60, 899, 900, 5_000]),
              st.sampled_from("abc")),
    max_size=50,
)  # fmt: skip
FACTS: dict[str, dict[str, object]] = {
    "read": {"method": "GET", "polled": True, "status": 200}, "write": {}, "error": {"status": 400},
    "login": {"countable": False},
}  # fmt: skip


def calls_of(steps: list[tuple[str, int, str]]) -> list[Call]:
    """The calls of a story, oldest first."""
    at, found = NOW, []
    for number, (kind, gap, url) in enumerate(steps, 1):
        at += timedelta(seconds=gap)
        found.append(a_call(at=at, sequence=number, url_digest=url, **FACTS[kind]))
    return found


def evidence_of(calls: list[Call]) -> Evidence:
    """What a review loads of these calls."""
    counted = [
        Counted(call, next((each.at for each in reversed(calls[:position]) if _is_same_get(each, call)), None))
        for position, call in enumerate(calls)
        if call.countable
    ]
    return Evidence(tuple(reversed(counted[-20:])), NOW + timedelta(days=1))


def _is_same_get(before: Call, call: Call) -> bool:
    return call.polled and before.polled and before.countable and before.url_digest == call.url_digest


@given(STEPS)
def test_a_verdict_stays_what_it_was(steps: list[tuple[str, int, str]]) -> None:
    """When everything that is not needed is forgotten, the same evidence is judged the same."""
    calls = calls_of(steps)
    before = evidence_of(calls)
    kept = [call for call in calls if is_needed(call, [Judged(before, DEFAULT)])]
    after = evidence_of(kept)

    assert judge(after, DEFAULT) == judge(before, DEFAULT)
    assert [each.call for each in after.calls] == [each.call for each in before.calls]
    assert len(kept) <= 2 * len(before.calls)


@given(st.integers(1, 3_650), st.integers(1, 366))
def test_what_a_new_review_could_judge_is_kept(kept_days: int, window_days: int) -> None:
    """However short the policy keeps calls."""
    policy = replace(DEFAULT, calls_kept=timedelta(days=kept_days), call_window=timedelta(days=window_days))
    since = kept_since(policy, NOW)

    assert since <= NOW - policy.calls_kept
    assert since < NOW - policy.call_window - policy.polling_gap


def test_whose_evidence_stays() -> None:
    """That of reviews that passed, or wait for their verdict; a failed one says itself what it found."""
    waiting = Review("id", KEY, NOW, "user", "ada@acme.example", 20, 1)

    assert must_stay(waiting)
    assert must_stay(replace(waiting, verdict="passed"))
    assert not must_stay(replace(waiting, verdict="failed"))
