"""How is a key's life line drawn: marks along an axis of time, and the same as a list below?"""

from typing import Any

from keysteward.rules.life_lines import LifeLine, Moment

Shown = dict[str, Any]

_LEAST, _MOST = 2.0, 98.0
_APART, _MOST_DRAWN, _MOST_LISTED = 2.8, 34, 8


def life_line(line: LifeLine) -> Shown:
    """What the macro `line` of life_line.html takes; without a moment that lies ahead, now is the end."""
    past = line.past if len(line.past) < _MOST_DRAWN else (line.past[0], *line.past[1 - _MOST_DRAWN :])
    moments = [*past, *line.ahead[: _MOST_DRAWN // 3]]
    places, now_at = _places(line, moments)
    return {
        "marks": [{**_shown(moment, line), "x": x} for moment, x in zip(moments, places, strict=True)],
        "now": line.now,
        "now_at": now_at,
        "begin": moments[0].at,
        "end": moments[-1].at if line.ahead else None,
        "ahead": [_shown(moment, line) for moment in line.ahead],
        "newest": [_shown(moment, line) for moment in reversed(line.past[-_MOST_LISTED:])],
        "older": [_shown(moment, line) for moment in reversed(line.past[:-_MOST_LISTED])],
        "says": _says(line),
    }


def _places(line: LifeLine, moments: list[Moment]) -> tuple[list[float], float]:
    """Where each mark stands, in percent of the width: by its time, and never on top of the one before it."""
    begin, end = moments[0].at, max(moments[-1].at, line.now)
    span = (end - begin).total_seconds() or 1.0
    instants = [(moment.at - begin).total_seconds() / span for moment in moments]
    is_past = [moment.at <= line.now for moment in moments]
    with_now = [*instants[: sum(is_past)], (line.now - begin).total_seconds() / span, *instants[sum(is_past) :]]
    spread = _apart([_LEAST + share * (_MOST - _LEAST) for share in with_now])
    now_at = spread.pop(sum(is_past))
    return spread, now_at


def _apart(wanted: list[float]) -> list[float]:
    """The same places, each as far from the one before as a mark is wide: first from the left, then from the right."""
    placed = wanted[:1]
    for place in wanted[1:]:
        placed.append(max(place, placed[-1] + _APART))
    placed[-1] = min(placed[-1], _MOST)
    for at in range(len(placed) - 2, -1, -1):
        placed[at] = min(placed[at], placed[at + 1] - _APART)
    return [round(place, 2) for place in placed]


def _shown(moment: Moment, line: LifeLine) -> Shown:
    sign = "ahead" if moment.at > line.now else moment.tone
    return {"at": moment.at, "what": moment.what, "detail": moment.detail, "sign": sign}


def _says(line: LifeLine) -> str:
    """The picture in a sentence, for whoever does not see it."""
    first, last = (*line.past, *line.ahead)[0], line.past[-1] if line.past else None
    told = [f"{first.what} on {first.at:%-d %B %Y}"]
    if last is not None and last is not first:
        told.append(f"the newest of {len(line.past)} moments is {_lowered(last.what)} on {last.at:%-d %B %Y}")
    if line.next is not None:
        told.append(f"what comes next is {_lowered(line.next.what)} on {line.next.at:%-d %B %Y}")
    return f"{'; '.join(told)}."


def _lowered(words: str) -> str:
    return words[:1].lower() + words[1:]
