"""What is remembered of policies: every version that ever applied."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, insert, select

from keysteward.rules.policy import Policy
from keysteward.rules.policy_text import recall, write
from keysteward.store.tables import policies


class Version(NamedTuple):
    """A policy with who applied it when and why; `second` approved what it loosened, or is empty."""

    policy: Policy
    applied_at: datetime
    author: str
    second: str
    reason: str


def save(tx: Connection, version: Version) -> None:
    """Add a version."""
    policy, said = version.policy, {"author": version.author, "second": version.second, "reason": version.reason}
    values = {"version": policy.version, "applied_at": version.applied_at, "numbers": write(policy)}
    tx.execute(insert(policies).values(**values, **said))


def find_newest(tx: Connection) -> Version | None:
    """The version in force."""
    row = tx.execute(select(policies).order_by(policies.c.version.desc()).limit(1)).one_or_none()
    return None if row is None else _version(row)


def find(tx: Connection, number: int) -> Version | None:
    """One version."""
    row = tx.execute(select(policies).where(policies.c.version == number)).one_or_none()
    return None if row is None else _version(row)


def list_versions(tx: Connection) -> list[Version]:
    """Every version, newest first."""
    return [_version(row) for row in tx.execute(select(policies).order_by(policies.c.version.desc()))]


def _version(row: Row[Any]) -> Version:
    return Version(recall(row.numbers, row.version), row.applied_at, row.author, row.second, row.reason)
