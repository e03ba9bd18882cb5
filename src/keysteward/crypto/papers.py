"""How does a paper (ticket, receipt, checkpoint, review) become a signed text, and a signed text a paper?"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from keysteward.crypto.signing import BadToken, PublicKey, SigningKey, take_apart, verify
from keysteward.rules.bundles import Manifest
from keysteward.rules.chain import Checkpoint
from keysteward.rules.promotion import Receipt, Ticket
from keysteward.rules.shapes import known

TICKET = "keysteward-ticket+jwt"
RECEIPT = "keysteward-receipt+jwt"
CHECKPOINT = "keysteward-checkpoint+jwt"
REVIEW = "keysteward-review+jwt"
_MOST_BYTES = 1_048_576  # a settings sheet may carry a hundred long redirect URIs

Paper = TypeVar("Paper", Ticket, Receipt, Checkpoint, Manifest)


def write_ticket(ticket: Ticket, key: SigningKey, issuer: str, audience: str) -> str:
    """A signed ticket, from demo to production."""
    return key.sign(TICKET, _claims(ticket, issuer, audience, ticket.expires_at))


def read_ticket(paper: str, keys: Mapping[str, PublicKey], issuer: str, audience: str, now: datetime | None) -> Ticket:
    """A verified ticket; raises BadToken. Where `now` is None the expiry was judged when the paper arrived."""
    return _converted(_open(paper, TICKET, keys, issuer, audience, now), Ticket)


def kept_ticket(paper: str) -> Ticket:
    """A ticket that was verified when it came; the other environment's keys may have rotated since."""
    return unverified_ticket(paper)[1]


def unverified_ticket(paper: str) -> tuple[str, Ticket]:
    """The key that a paper names, and the ticket it claims to be; raises BadToken where it is none."""
    return _claimed(paper, Ticket)


def demand_ticket_signature(paper: str, keys: Mapping[str, PublicKey]) -> None:
    """See that a ticket was signed, whenever and for whomever; raises BadToken otherwise."""
    verify(paper, TICKET, keys, _MOST_BYTES)


def write_receipt(receipt: Receipt, key: SigningKey, issuer: str, audience: str, expires_at: datetime) -> str:
    """A signed receipt, from production to demo."""
    return key.sign(RECEIPT, _claims(receipt, issuer, audience, expires_at))


def unverified_ticket_of(paper: str) -> str:
    """The id of the ticket that a receipt claims to answer; raises BadToken where it is no receipt."""
    claimed = take_apart(paper).unverified_claims.get("paper")
    ticket = claimed.get("ticket") if isinstance(claimed, dict) else None
    if not isinstance(ticket, str):
        raise BadToken("the paper names no ticket")
    return ticket


def read_receipt(paper: str, keys: Mapping[str, PublicKey], issuer: str, audience: str) -> Receipt:
    """A verified receipt; raises BadToken. Demo accepts the receipt of any ticket it issued, however late."""
    return _converted(_open(paper, RECEIPT, keys, issuer, audience, None), Receipt)


def unverified_receipt(paper: str) -> tuple[str, Receipt]:
    """The key that a paper names, and the receipt it claims to be; raises BadToken where it is none."""
    return _claimed(paper, Receipt)


def demand_receipt_signature(paper: str, keys: Mapping[str, PublicKey]) -> None:
    """See that a receipt was signed, whenever and for whomever; raises BadToken otherwise."""
    verify(paper, RECEIPT, keys, _MOST_BYTES)


def write_checkpoint(checkpoint: Checkpoint, key: SigningKey, issuer: str) -> str:
    """A signed checkpoint, to whoever verifies the history, whenever that is."""
    return key.sign(CHECKPOINT, {"iss": issuer, "iat": int(checkpoint.at.timestamp()), "paper": checkpoint})


def read_checkpoint(paper: str, keys: Mapping[str, PublicKey]) -> Checkpoint:
    """A verified checkpoint; raises BadToken. It may come from any origin that the environment ever had."""
    return _converted(verify(paper, CHECKPOINT, keys).get("paper"), Checkpoint)


def unverified_checkpoint(paper: str) -> tuple[str, Checkpoint]:
    """The key that a paper names, and the checkpoint it claims to be; raises BadToken where it is none."""
    return _claimed(paper, Checkpoint)


def write_manifest(manifest: Manifest, key: SigningKey, issuer: str, at: datetime) -> str:
    """The signed paper of a review's bundle, to whoever looks at the verdict, whenever that is."""
    return key.sign(REVIEW, {"iss": issuer, "iat": int(at.timestamp()), "paper": manifest})


def read_manifest(paper: str, keys: Mapping[str, PublicKey]) -> Manifest:
    """A verified paper of a bundle; raises BadToken."""
    return _converted(verify(paper, REVIEW, keys, _MOST_BYTES).get("paper"), Manifest)


def unverified_manifest(paper: str) -> tuple[str, Manifest]:
    """The key that a bundle's paper names, and what it claims was signed; raises BadToken where it is none."""
    return _claimed(paper, Manifest)


def _claimed(paper: str, kind: type[Paper]) -> tuple[str, Paper]:
    jwt = take_apart(paper, _MOST_BYTES)
    return str(jwt.unverified_header.get("kid")), _converted(jwt.unverified_claims.get("paper"), kind)


def _claims(paper: object, issuer: str, audience: str, expires_at: datetime) -> dict[str, Any]:
    return {"iss": issuer, "aud": audience, "exp": int(expires_at.timestamp()), "paper": paper}


def _open(
    paper: str, typ: str, keys: Mapping[str, PublicKey], issuer: str, audience: str, now: datetime | None
) -> object:
    claims = verify(paper, typ, keys, _MOST_BYTES)
    if claims.get("iss") != issuer or claims.get("aud") != audience:
        raise BadToken("the paper is of another environment, or for another")
    if now is not None and now.timestamp() >= claims.get("exp", 0):
        raise BadToken("the paper has expired")
    return claims.get("paper")


def _converted(paper: object, kind: type[Paper]) -> Paper:
    try:
        return msgspec.convert(paper, known(kind))
    except msgspec.ValidationError as error:
        raise BadToken(f"the paper has another shape: {error}") from error
