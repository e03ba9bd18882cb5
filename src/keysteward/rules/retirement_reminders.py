"""When is somebody reminded of a retirement: one that waits for a word, or one that soon nobody can take back?"""

from datetime import datetime, timedelta

from keysteward.rules.replacements import Case, final_at, status_of

REMINDED_DAYS = (3, 1)
"""How many days before its end."""

_DAY = timedelta(days=1)


def reminder_of(case: Case) -> tuple[str, datetime] | None:
    """Which reminder is due, and of what end: a stand-in that nobody approves, or a key that soon cannot come back."""
    asked, status = case.retirement, status_of(case)
    if asked is None or status not in {"to be approved", "retired"}:
        return None
    end = asked.expires_at if asked.retired_at is None else final_at(asked.retired_at, case.policy)
    due = [days for days in REMINDED_DAYS if end is not None and end - case.now <= _DAY * days]
    return (f"retirement-{status.replace(' ', '-')}-{min(due)}", end) if end is not None and due else None
