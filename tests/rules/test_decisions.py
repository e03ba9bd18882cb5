"""What becomes of the lines that say how calls ended?"""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keysteward.rules.decisions import AWAITED, NO_OUTCOME, WAIT, Decided, Fate, Line, fates
from keysteward.rules.refusals import NO_SUCH_DECISION, OUTCOME_KNOWN, OUTCOME_LATE, Kind
from tests.cast import START

HERE, ELSEWHERE = "d0000001-0000-4000-8000-000000000000", "d0000002-0000-4000-8000-000000000000"
INSTANT = timedelta(microseconds=1)


def line(status: int = 200, decision: str = HERE) -> Line:
    """A line that says how a call ended."""
    return Line(decision, status, "", 1_000, 10, 20, completed=True, by_upstream=True)


def decided(status: int = NO_OUTCOME, outcome_at: datetime | None = None) -> dict[str, Decided]:
    """One call on record."""
    return {HERE: Decided(1, HERE, START, status, AWAITED, outcome_at)}


@pytest.mark.parametrize(
    ("known", "said", "now", "fate"),
    [
        pytest.param(decided(), line(), START, "taken", id="the first"),
        pytest.param(decided(), line(), START + WAIT, "taken", id="after exactly ten minutes"),
        pytest.param(decided(), line(), START + WAIT + INSTANT, OUTCOME_LATE, id="a moment later"),
        pytest.param(decided(), line(), START - WAIT - INSTANT, OUTCOME_LATE, id="a clock that was set far back"),
        pytest.param(decided(200, START), line(200), START, "repeated", id="the same again"),
        pytest.param(decided(200, START), line(200), START + 2 * WAIT, "repeated", id="the same again, late"),
        pytest.param(decided(404, START), line(200), START, OUTCOME_KNOWN, id="a better one"),
        pytest.param(decided(200, START), line(404), START, OUTCOME_KNOWN, id="a worse one"),
        pytest.param(decided(NO_OUTCOME, START), line(), START, OUTCOME_LATE, id="after a verdict closed it"),
        pytest.param(decided(), line(decision=ELSEWHERE), START, NO_SUCH_DECISION, id="of nobody's call"),
    ],
)
def test_one_line(known: dict[str, Decided], said: Line, now: datetime, fate: Fate | Kind) -> None:
    """The first outcome within ten minutes of the decision is taken, and no other one ever."""
    assert fates([said], known, now) == [fate]


@given(st.lists(st.sampled_from([200, 404, 500]), min_size=1))
def test_of_many_lines_the_first_wins(statuses: list[int]) -> None:
    """Lines of one call that come together are as lines that come one after another."""
    found = fates([line(status) for status in statuses], decided(), START)

    assert found == [
        "taken", *("repeated" if status == statuses[0] else OUTCOME_KNOWN for status in statuses[1:])
    ]  # fmt: skip
