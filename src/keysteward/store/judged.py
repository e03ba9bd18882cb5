"""What did a review judge? Its calls are kept with its verdict, so that it can be looked at again for ever."""

from typing import NamedTuple

from sqlalchemy import Connection, insert, select

from keysteward.rules.judging import Counted, Evidence
from keysteward.rules.told_calls import facts_of, read_facts
from keysteward.store.database import upsert
from keysteward.store.tables import judged_calls, promotion_papers


class JudgedCalls(NamedTuple):
    """The calls that a review judged, newest first, and the version of the built-in rules that it was judged by."""

    rules_version: int
    calls: tuple[Counted, ...]


class Papers(NamedTuple):
    """The signed ticket of a promotion, and the signed receipt once it came."""

    ticket: str
    receipt: str | None


def save(tx: Connection, review: str, rules_version: int, evidence: Evidence) -> None:
    """Keep what a review judged."""
    told = [facts_of(each) for each in evidence.every]
    tx.execute(insert(judged_calls).values(review=review, rules_version=rules_version, calls=told))


def find(tx: Connection, review: str) -> JudgedCalls | None:
    """What a review judged; None where it was settled before that was kept."""
    row = tx.execute(select(judged_calls).where(judged_calls.c.review == review)).one_or_none()
    return None if row is None else JudgedCalls(row.rules_version, tuple(map(read_facts, row.calls)))


def save_ticket(tx: Connection, ticket: str, review: str, paper: str) -> None:
    """Keep the signed ticket that a review led to."""
    statement = upsert(tx, promotion_papers).values(ticket=ticket, review=review, paper=paper)
    tx.execute(statement.on_conflict_do_nothing())


def save_receipt(tx: Connection, ticket: str, receipt: str) -> None:
    """Keep the signed receipt that answered a ticket."""
    where = promotion_papers.c.ticket == ticket
    tx.execute(promotion_papers.update().where(where).values(receipt=receipt))


def list_papers(tx: Connection, review: str) -> list[Papers]:
    """The papers of the promotions that a review led to."""
    query = select(promotion_papers).where(promotion_papers.c.review == review).order_by(promotion_papers.c.ticket)
    return [Papers(row.paper, row.receipt) for row in tx.execute(query)]
