"""Are the promotion papers in a bundle signed, and do they speak of its review?

The ticket is demo's and the receipt production's, and each environment publishes its own keys. Where the key of a paper
is not at hand its words are compared all the same; demo checked the signature of a receipt when it came.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from keysteward.crypto.papers import (
    demand_receipt_signature,
    demand_ticket_signature,
    unverified_receipt,
    unverified_ticket,
)
from keysteward.crypto.signing import BadToken, PublicKey
from keysteward.rules.promotion import Receipt, Ticket
from keysteward.rules.shapes import known


class BundledPaper(NamedTuple):
    """A paper in a bundle: what it is, the key that it names, and whether its signature was checked and is good."""

    kind: str
    kid: str
    is_checked: bool


class _Review(msgspec.Struct):
    id: str
    key: str
    evidence_digest: str


class _Promotion(msgspec.Struct):
    ticket: str
    receipt: str | None


class _Told(msgspec.Struct):
    """The parts of a bundle that are looked at here."""

    review: _Review
    promotion: list[_Promotion]


def check(
    document: Mapping[str, Any], keys: Mapping[str, PublicKey]
) -> tuple[tuple[BundledPaper, ...], tuple[str, ...]]:
    """The papers of a bundle, and what is wrong with them: one sentence for each promotion."""
    try:
        told = msgspec.convert(document, known(_Told))
    except msgspec.ValidationError:
        return (), ()  # asking the rules again says what cannot be read
    papers: list[BundledPaper] = []
    wrong: list[str] = []
    for number, promotion in enumerate(told.promotion, 1):
        try:
            papers += _checked(promotion, told.review, keys)
        except BadToken as error:
            wrong.append(f"promotion, entry {number}: {error}.")
    return tuple(papers), tuple(wrong)


def _checked(promotion: _Promotion, review: _Review, keys: Mapping[str, PublicKey]) -> list[BundledPaper]:
    kid, ticket = unverified_ticket(promotion.ticket)
    _demand_of_review(ticket, review)
    if kid in keys:
        demand_ticket_signature(promotion.ticket, keys)
    found = [BundledPaper("ticket", kid, kid in keys)]
    return found if promotion.receipt is None else [*found, _checked_receipt(promotion.receipt, ticket, keys)]


def _checked_receipt(paper: str, ticket: Ticket, keys: Mapping[str, PublicKey]) -> BundledPaper:
    kid, receipt = unverified_receipt(paper)
    _demand_answers(receipt, ticket)
    if kid in keys:
        demand_receipt_signature(paper, keys)
    return BundledPaper("receipt", kid, kid in keys)


def _demand_of_review(ticket: Ticket, review: _Review) -> None:
    if (ticket.review, ticket.key, ticket.evidence_digest) != (review.id, review.key, review.evidence_digest):
        raise BadToken("the ticket is of another review")


def _demand_answers(receipt: Receipt, ticket: Ticket) -> None:
    if (receipt.ticket, receipt.key) != (ticket.id, ticket.key):
        raise BadToken("the receipt answers another ticket")
