"""How are two counts drawn as bars over time, one on top of the other?"""

from collections.abc import Sequence
from typing import Any, NamedTuple

_HEIGHT, _WIDTH, _GAP, _LEAST = 120, 10, 2, 1.5
_STEPS = (1, 2, 5)


class Counts(NamedTuple):
    """Two counts of one time; `when` is how people call it."""

    when: str
    lower: int
    upper: int


def bar_chart(bars: Sequence[Counts], ends: tuple[str, str], nothing: str) -> dict[str, Any]:
    """What the macro `bars` of macros.html takes: bars from the left, under a scale of round numbers.

    `ends` are the words below the first and the last bar, `nothing` those of a table without a row.
    """
    top = _round_above(max((bar.lower + bar.upper for bar in bars), default=0))
    rows = [_row(bar) for bar in reversed(bars) if bar.lower or bar.upper]
    return {
        "bars": [_drawn(bar, position * _WIDTH, top) for position, bar in enumerate(bars)],
        "bar_width": _WIDTH - _GAP,
        "size": (len(bars) * _WIDTH - _GAP, _HEIGHT),
        "scale": (f"{top:,}", f"{top // 2:,}" if top % 2 == 0 else "", "0"),
        "ends": ends,
        "rows": rows or [(nothing, "0", "0")],
    }


def _row(bar: Counts) -> tuple[str, str, str]:
    return bar.when, f"{bar.lower:,}", f"{bar.upper:,}"


def _drawn(bar: Counts, x: int, top: int) -> dict[str, Any]:
    lower, upper = _height(bar.lower, top), _height(bar.upper, top)
    return {
        "x": x,
        "says": _row(bar),
        "lower": (_HEIGHT - lower, lower),
        "upper": (max(0, _HEIGHT - lower - upper), upper),
    }


def _height(count: int, top: int) -> float:
    """How high a number stands; a single call is seen beside a thousand."""
    return max(_LEAST, round(_HEIGHT * count / top, 2)) if count else 0


def _round_above(most: int) -> int:
    """The least of 1, 2, 5, 10, 20 and so on that is not below a number."""
    power: int = 10 ** (len(str(max(1, most))) - 1)
    return next(step * power for step in (*_STEPS, 10) if step * power >= most)
