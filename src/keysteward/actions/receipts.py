"""How does demo learn that a key arrived?

Production: `deliver_receipts` sends what demo has not acknowledged, again and again, until demo takes it or refuses it
for good; then somebody reads why, and `send_again` tries anew. Demo: `accept_receipt` shows the key as live.
"""

from datetime import timedelta

import msgspec
import structlog

from keysteward.actions.context import Context
from keysteward.actions.keys import managed
from keysteward.actions.review_notices import tell_live
from keysteward.crypto.papers import read_receipt, unverified_ticket_of, write_receipt
from keysteward.crypto.signing import BadToken
from keysteward.outgoing.https import Refused, Silent
from keysteward.rules.access import PROMOTE_KEYS, Actor
from keysteward.rules.promotion import Receipt, is_for_good
from keysteward.rules.refusals import (
    NO_SUCH_OBJECT,
    OTHER_ENVIRONMENT_SILENT,
    PROMOTIONS_ARE_IN_PRODUCTION,
    TICKET_NOT_GOOD,
    Refusal,
)
from keysteward.rules.shapes import known
from keysteward.store import audit, judged, keys, promotion
from keysteward.store.database import bump_epoch, lock
from keysteward.store.promotion import PromotionRow

_RECEIPT_LIFE = timedelta(days=3650)

log = structlog.get_logger()


def signed(ctx: Context, receipt: str) -> str:
    """A kept receipt as a paper, from and to where the environments are now."""
    facts = msgspec.json.decode(receipt, type=known(Receipt))
    expires_at = facts.promoted_at + _RECEIPT_LIFE
    return write_receipt(facts, ctx.paper_key, ctx.issuer, ctx.counterpart.origin + "/", expires_at)


def deliver_receipts(ctx: Context) -> bool:
    """Tell demo of every key that arrived; what fails is tried again by the next run. True when none is left."""
    with ctx.database.reading() as tx:
        waiting = promotion.list_undelivered(tx)
    settled = [_deliver(ctx, row) for row in waiting]
    return all(settled)


def send_again(ctx: Context, actor: Actor, key: str) -> None:
    """Let a receipt that demo refused for good be tried anew; where none was refused nothing changes."""
    if ctx.environment != "production":
        raise Refusal(PROMOTIONS_ARE_IN_PRODUCTION)
    with ctx.database.writing() as tx:
        lock(tx, "key", key.lower())
        app, _ = managed(tx, actor, key, PROMOTE_KEYS)
        row = promotion.find_promotion_of_key(tx, app.key)
        if row is None:
            raise Refusal(NO_SUCH_OBJECT, thing="receipt")
        if promotion.clear_refusal(tx, row.handle_digest):
            said = ctx.event("ReceiptSentAgain", actor.email, key=app.key, account=app.account, ticket=row.ticket)
            audit.record(tx, said)


def accept_receipt(ctx: Context, unverified_receipt: str) -> None:
    """Show a key as live in demo: for any ticket that demo issued, as often as the receipt comes."""
    receipt = _verified_receipt(ctx, unverified_receipt)
    with ctx.database.writing() as tx:
        lock(tx, "key", receipt.key)
        row = promotion.find_ticket(tx, ticket=receipt.ticket)
        app = keys.find(tx, row.key) if row else None
        if row is None or app is None or app.key != receipt.key:
            raise Refusal(TICKET_NOT_GOOD, reason="no ticket of it was issued here")
        if not promotion.mark_received(tx, row.id, ctx.now):
            return
        judged.save_receipt(tx, row.id, unverified_receipt)
        keys.mark_live(tx, app.key, receipt.promoted_at, f"{receipt.account_name} ({receipt.plan})")
        audit.record(
            tx,
            ctx.event(
                "ReceiptAccepted",
                "production",
                key=app.key,
                account=app.account,
                admins=str(receipt.admins),
                service_admin=str(receipt.service_admin).lower(),
            ),
        )
        tell_live(ctx, tx, app, receipt.account_name)
        bump_epoch(tx)


def _deliver(ctx: Context, row: PromotionRow) -> bool:
    """Tell demo of one key; False where it is to be tried again."""
    try:
        ctx.counterpart.deliver(signed(ctx, row.receipt or ""))
    except Silent:
        return False
    except Refused as error:
        return _refused(ctx, row, error)
    with ctx.database.writing() as tx:
        if promotion.mark_delivered(tx, row.handle_digest, ctx.now):
            said = ctx.event("ReceiptDelivered", "system", key=row.key, account=row.account or "", ticket=row.ticket)
            audit.record(tx, said)
    return True


def _refused(ctx: Context, row: PromotionRow, error: Refused) -> bool:
    """What demo refuses for good is recorded with its reason, and tried no more until somebody says so."""
    log.warning("demo refused a receipt", key=row.key, ticket=row.ticket, reason=str(error))
    if not is_for_good(error.code):
        return False
    with ctx.database.writing() as tx:
        if promotion.mark_refused(tx, row.handle_digest, error.sentence or error.code, ctx.now):
            account = row.account or ""
            said = ctx.event("ReceiptRefused", "demo", key=row.key, account=account, ticket=row.ticket, why=error.code)
            audit.record(tx, said)
    return True


def _verified_receipt(ctx: Context, unverified_receipt: str) -> Receipt:
    """Ask production for its keys only where the receipt names a ticket of ours."""
    try:
        named = unverified_ticket_of(unverified_receipt)
        with ctx.database.reading() as tx:
            is_known = promotion.find_ticket(tx, ticket=named) is not None
        if not is_known:
            raise Refusal(TICKET_NOT_GOOD, reason="no ticket of it was issued here")
        keys_of_production = ctx.counterpart.paper_keys()
        return read_receipt(unverified_receipt, keys_of_production, ctx.counterpart.origin + "/", ctx.issuer)
    except BadToken as error:
        raise Refusal(TICKET_NOT_GOOD, reason="its signature is not production's", detail=str(error)) from None
    except (Refused, Silent) as error:
        raise Refusal(OTHER_ENVIRONMENT_SILENT, detail=str(error)) from None
