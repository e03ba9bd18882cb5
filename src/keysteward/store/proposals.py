"""What is remembered of changes of the policy that need a second operator?"""

from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from keysteward.rules.proposals import Ended, Proposal
from keysteward.store.tables import policy_proposals


def save(tx: Connection, proposal: Proposal) -> None:
    """Add one."""
    values = {
        "id": proposal.id, "base": proposal.base, "numbers": dict(proposal.numbers), "proposed_by": proposal.by,
        "author": proposal.by_email, "reason": proposal.reason, "proposed_at": proposal.at, "ended_reason": "",
    }  # fmt: skip
    tx.execute(insert(policy_proposals).values(**values))


def find(tx: Connection, proposal: str) -> Proposal | None:
    """One of them."""
    row = tx.execute(select(policy_proposals).where(policy_proposals.c.id == proposal)).one_or_none()
    return None if row is None else _proposal(row)


def list_newest(tx: Connection, most: int) -> list[Proposal]:
    """The newest, newest first."""
    query = select(policy_proposals).order_by(policy_proposals.c.proposed_at.desc(), policy_proposals.c.id)
    return [_proposal(row) for row in tx.execute(query.limit(most))]


def list_open(tx: Connection, base: int) -> list[Proposal]:
    """Those that nobody ended and that change one version."""
    where = (policy_proposals.c.base == base) & policy_proposals.c.ending.is_(None)
    query = select(policy_proposals).where(where).order_by(policy_proposals.c.proposed_at, policy_proposals.c.id)
    return [_proposal(row) for row in tx.execute(query)]


def end(tx: Connection, proposal: str, ended: Ended) -> bool:
    """Say how one ended; False where it had ended."""
    where = (policy_proposals.c.id == proposal) & policy_proposals.c.ending.is_(None)
    values = {
        "ending": ended.ending, "ended_by": ended.by_email, "ended_at": ended.at, "ended_reason": ended.reason,
    }  # fmt: skip
    return tx.execute(update(policy_proposals).where(where).values(**values)).rowcount == 1


def _proposal(row: Row[Any]) -> Proposal:
    ended = None if row.ending is None else Ended(row.ending, row.ended_by, row.ended_at, row.ended_reason)
    return Proposal(row.id, row.base, row.numbers, row.proposed_by, row.author, row.reason, row.proposed_at, ended)
