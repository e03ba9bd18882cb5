"""What is remembered of limits: each account's own, where counting stopped, and what candidates would have refused?"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, delete, func, insert, select

from keysteward.rules.limits import LONGEST_WINDOW, Limits, Override, Window
from keysteward.store.database import lock, upsert
from keysteward.store.tables import limit_overrides, limit_trials, limit_windows


class Trial(NamedTuple):
    """A candidate that is tried on an account, in one clock hour."""

    account: str
    hour: datetime
    candidate: Limits


class Tried(NamedTuple):
    """How many calls came during a trial, and how many of them the candidate would have refused."""

    trial: Trial
    calls: int
    refused: int


# ── an account's own limits ─────────────────────────────────────────────────────────────────────────────────────────
def find_override(tx: Connection, account: str) -> Override | None:
    """The override that applies to an account."""
    found = list_overrides(tx, account, most=1)
    return found[0] if found else None


def list_overrides(tx: Connection, account: str, most: int = 1_000) -> list[Override]:
    """The overrides of an account, the newest first."""
    numbered = limit_overrides.c.number.desc()
    query = select(limit_overrides).where(limit_overrides.c.account == account).order_by(numbered).limit(most)
    return [Override(*row) for row in tx.execute(query)]


def save_override(tx: Connection, override: Override) -> None:
    """Add an override."""
    names = [column.name for column in limit_overrides.columns]
    tx.execute(insert(limit_overrides).values(**{name: getattr(override, name) for name in names}))


# ── where counting stopped ──────────────────────────────────────────────────────────────────────────────────────────
def list_windows(tx: Connection) -> dict[str, Window]:
    """The windows of each account, as they were when the last process stopped cleanly."""
    return {row[0]: Window(*row[1:]) for row in tx.execute(select(limit_windows))}


def save_windows(tx: Connection, windows: Mapping[str, Window]) -> None:
    """Keep the windows of a process that stops; of several processes that stop together the fullest counts are kept."""
    lock(tx, "record", "limit windows")
    kept, newest = list_windows(tx), max(window.hour for window in windows.values())
    fullest = kept | {account: max(window, kept.get(account, window)) for account, window in windows.items()}
    rows = [
        {"account": account, **window._asdict()}
        for account, window in fullest.items()
        if abs(window.hour - newest) <= LONGEST_WINDOW
    ]
    tx.execute(delete(limit_windows))
    tx.execute(insert(limit_windows), rows)


# ── candidates ──────────────────────────────────────────────────────────────────────────────────────────────────────
def add_trials(tx: Connection, tried: Iterable[Tried]) -> None:
    """Add what was counted, in one order everywhere, so that workers do not wait for each other in a circle."""
    statement = upsert(tx, limit_trials)
    new, old = statement.excluded, limit_trials.c
    added = {"calls": old.calls + new.calls, "refused": old.refused + new.refused}
    statement = statement.on_conflict_do_update(index_elements=list(limit_trials.primary_key.columns), set_=added)
    rows = [
        {"account": trial.account, "hour": trial.hour, **trial.candidate._asdict(), "calls": calls, "refused": refused}
        for trial, calls, refused in sorted(tried)
    ]
    tx.execute(statement, rows)


def sum_trials(tx: Connection, since: datetime, account: str = "") -> list[Tried]:
    """What each candidate would have refused of one account, or of all, since a moment, the most first.

    The hour is the latest that a call came in.
    """
    trials = limit_trials.c
    refused = func.sum(trials.refused)
    query = (
        select(trials.account, trials.hourly, trials.burst, func.max(trials.hour, type_=trials.hour.type),
               func.sum(trials.calls), refused)
        .where(trials.hour >= since, *([trials.account == account] if account else []))
        .group_by(trials.account, trials.hourly, trials.burst)
        .order_by(refused.desc(), trials.account, trials.hourly, trials.burst)
    )  # fmt: skip
    return [
        Tried(Trial(account, hour, Limits(hourly, burst)), int(calls), int(refused))
        for account, hourly, burst, hour, calls, refused in tx.execute(query)
    ]


def forget_trials(tx: Connection, before: datetime) -> None:
    """Forget the hours before a moment."""
    tx.execute(delete(limit_trials).where(limit_trials.c.hour < before))
