"""What is remembered of policies: every version that ever applied.

A version names the rule packs in force with it; they are read along, and what they need of installed checks.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, insert, select

from keysteward.rules.policy import Policy
from keysteward.rules.policy_text import recall, write
from keysteward.store import checks, packs
from keysteward.store.tables import policies

_PACKS = "packs"


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
    values = {"version": policy.version, "applied_at": version.applied_at, "numbers": _numbers(policy)}
    tx.execute(insert(policies).values(**values, **said))


def find_newest(tx: Connection) -> Version | None:
    """The version in force."""
    row = tx.execute(select(policies).order_by(policies.c.version.desc()).limit(1)).one_or_none()
    return None if row is None else _version(tx, row)


def find(tx: Connection, number: int) -> Version | None:
    """One version."""
    row = tx.execute(select(policies).where(policies.c.version == number)).one_or_none()
    return None if row is None else _version(tx, row)


def list_versions(tx: Connection) -> list[Version]:
    """Every version, newest first."""
    return [_version(tx, row) for row in tx.execute(select(policies).order_by(policies.c.version.desc()))]


def _numbers(policy: Policy) -> dict[str, Any]:
    named = [[pack.name, pack.version] for pack in policy.packs]
    return write(policy) | ({_PACKS: named} if named else {})


def _version(tx: Connection, row: Row[Any]) -> Version:
    policy = recall(row.numbers, row.version)
    if named := row.numbers.get(_PACKS):
        found = packs.load(tx, named)
        policy = replace(policy, packs=found, checks=checks.installed_for(found))
    return Version(policy, row.applied_at, row.author, row.second, row.reason)
