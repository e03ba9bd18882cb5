"""How are the calls of an old and a new key drawn beside one another, day by day?"""

from typing import Any

from keysteward.rules.replacements import Day

_HEIGHT, _WIDTH, _GAP, _LEAST = 120, 10, 2, 1.5
_STEPS = (1, 2, 5)


def chart(days: tuple[Day, ...]) -> dict[str, Any]:
    """Bars from the left: the calls with the new key below, those with the old one above them."""
    top = _round_above(max(day.old + day.new for day in days))
    return {
        "bars": [_bar(day, position * _WIDTH, top) for position, day in enumerate(days)],
        "width": len(days) * _WIDTH - _GAP,
        "height": _HEIGHT,
        "top": f"{top:,}",
        "middle": f"{top // 2:,}" if top % 2 == 0 else "",
        "first": days[0].day,
        "last": days[-1].day,
        "rows": [day for day in reversed(days) if day.old or day.new],
    }


def _bar(day: Day, x: int, top: int) -> dict[str, Any]:
    new, old = _height(day.new, top), _height(day.old, top)
    return {
        "x": x,
        "day": day.day,
        "new": day.new,
        "old": day.old,
        "new_y": _HEIGHT - new,
        "new_height": new,
        "old_y": max(0, _HEIGHT - new - old),
        "old_height": old,
    }


def _height(count: int, top: int) -> float:
    """How high a number stands; a single call is seen beside a thousand."""
    return max(_LEAST, round(_HEIGHT * count / top, 2)) if count else 0


def _round_above(most: int) -> int:
    """The least of 1, 2, 5, 10, 20 and so on that is not below a number."""
    power: int = 10 ** (len(str(max(1, most))) - 1)
    return next(step * power for step in (*_STEPS, 10) if step * power >= most)
