"""When is a checkpoint due, and when did an event come too late to be true?"""

from datetime import datetime, timedelta

import pytest

from keysteward.rules.chain import BEGINNING, CHAIN, Link, Seal, first_break, is_checkpoint_due, was_put_in
from tests.rules.examples import NOW

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


@pytest.mark.parametrize(
    ("newest", "is_due"),
    [
        pytest.param(None, True, id="never signed"),
        pytest.param(NOW, False, id="just now"),
        pytest.param(NOW - MINUTE + SECOND, False, id="59 seconds ago"),
        pytest.param(NOW - MINUTE, True, id="a minute ago"),
        pytest.param(NOW + SECOND, True, id="by a clock that was set back"),
    ],
)
def test_a_checkpoint_is_due_after_a_minute(newest: datetime | None, is_due: bool) -> None:
    """Not sooner, and a wrong clock does not hold it up."""
    assert is_checkpoint_due(newest, NOW) == is_due


@pytest.mark.parametrize(
    ("covered_at", "signed_at", "is_put_in"),
    [
        pytest.param(None, None, False, id="nothing was signed"),
        pytest.param(NOW, None, False, id="nothing was signed before it"),
        pytest.param(NOW, NOW, False, id="the same checkpoint"),
        pytest.param(NOW, NOW + 10 * MINUTE, False, id="ten minutes"),
        pytest.param(NOW, NOW + 10 * MINUTE + SECOND, True, id="longer than any deed"),
    ],
)
def test_a_deed_commits_within_ten_minutes(
    covered_at: datetime | None, signed_at: datetime | None, is_put_in: bool
) -> None:
    """What came later than that after events of higher numbers was put in."""
    assert was_put_in(covered_at, signed_at) == is_put_in


@pytest.mark.parametrize(
    ("position", "sentence"),
    [
        (0, "Position 0 was put before the first."),
        (-3, "Position -3 was put before the first."),
        (2, "Position 1 is missing: its seal was deleted."),
        (5, "Positions 1 to 4 are missing: their seals were deleted."),
    ],
)
def test_positions_are_counted_from_one(position: int, sentence: str) -> None:
    """A chain that begins elsewhere is broken there."""
    found = first_break(Link(Seal(position, 1, BEGINNING, BEGINNING), None, None))

    assert found == ("position-missing", position, sentence)


def test_every_check_has_a_code_of_its_own() -> None:
    """The list can be read, and what it finds can be told apart."""
    codes = [check.code for check in CHAIN]

    assert codes == ["position-missing", "event-missing", "event-changed", "does-not-follow"]
