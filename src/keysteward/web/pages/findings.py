"""How are findings about custody, and scores over time, shown on every page that has them?"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from keysteward.rules.custody.findings import SEVERITIES
from keysteward.rules.custody.leavers import read_changes
from keysteward.rules.custody.lives import Life, status
from keysteward.rules.custody.mending import Reader, doors
from keysteward.rules.custody.what_if import Change
from keysteward.rules.custody.written import Misread
from keysteward.rules.refusals import INVALID_FIELD, Refusal

_TONES = {"critical": "is-bad", "high": "is-bad", "medium": "is-warn", "low": ""}
_DAYS, _HEIGHT = 90, 100
_DAY = "%-d %b %Y"


def shown(life: Life, owners: Mapping[str, str], reader: Reader, now: datetime) -> dict[str, Any]:
    """A finding as the templates take it; `owners` are names by user."""
    rule = life.rule
    return {
        "id": life.id,
        "status": status(life, now),
        "severity": life.severity,
        "severity_order": SEVERITIES.index(life.severity),
        "tone": _TONES[life.severity],
        "sentence": life.sentence,
        "who": rule.who if rule else "",
        "step": rule.step if rule else "",
        "source": rule.source if rule else "",
        "doors": [door._asdict() for door in doors(life, reader)],
        "account": life.account,
        "found_at": life.found_at,
        "fixed_at": life.fixed_at,
        "owner": owners.get(life.owner, ""),
        "owner_id": life.owner,
        "accepted_until": life.accepted_until,
        "accepted_why": life.accepted_why,
        "accepted_by": life.accepted_by,
    }


def chart(history: list[tuple[str, int]], now: datetime) -> dict[str, Any] | None:
    """A line of steps: each score stands until the day of the next one. None before there are two."""
    since = (now - timedelta(days=_DAYS)).date()
    changes = [(max((date.fromisoformat(day) - since).days, 0), score) for day, score in history]
    points = [point for at, score in changes for point in (f"H{at}", f"V{_HEIGHT - score}")]
    if len(changes) < 2:
        return None
    first = f"M{changes[0][0]} {_HEIGHT - changes[0][1]}"
    return {
        "path": " ".join([first, *points[2:], f"H{_DAYS}"]),
        "size": (_DAYS, _HEIGHT),
        "ends": (f"{since:{_DAY}}", f"{now:{_DAY}}"),
        "rows": [(f"{date.fromisoformat(day):{_DAY}}", str(score)) for day, score in reversed(history)],
    }


def end_of_day(unverified_day: str) -> datetime:
    """The end of a day, so that the day itself is still within."""
    try:
        return datetime.combine(datetime.fromisoformat(unverified_day).date(), time.max, UTC).replace(microsecond=0)
    except ValueError:
        raise Refusal(INVALID_FIELD, field="until", reason="choose a day, such as 2026-12-31.") from None


def changes(typed: Mapping[str, str]) -> tuple[Change, ...]:
    """Who leaves, as somebody typed it or by the list that they chose."""
    text = typed.get("file", "").strip() or typed.get("leavers", "").strip()
    if not text:
        raise Refusal(INVALID_FIELD, field="leavers", reason="write one address a line, or choose a list.")
    try:
        return read_changes("The list", text)
    except Misread as misread:
        reason = f"{misread.where}: {misread.sentence} {misread.next_step}"
        raise Refusal(INVALID_FIELD, field="leavers", reason=reason) from None
