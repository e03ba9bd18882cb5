"""How is each deed on the way to production played?"""

from keysteward.actions import golive, promotion
from tests.cast import ACME, ADA, SMALL
from tests.plays.apps import on_key
from tests.plays.stage import Play, Scene, Stage, Told


# ── reviews and promotion ───────────────────────────────────────────────────────────────────────────────────────────
def start_review(on: Stage) -> Scene:
    """A review of good calls begins."""
    on.town.call(on.made, on.demo.policy.calls_needed)
    return on_key(golive.start_review, "ReviewStarted")(on)


def settle_review(on: Stage) -> Scene:
    """A review gets its verdict."""
    on.town.call(on.made, on.demo.policy.calls_needed)
    golive.start_review(on.demo, on.ada, on.made.key)
    on.town.clock.advance(seconds=1)
    told = on.of_key("ReviewSettled", "system")
    return Scene(on.demo, lambda: golive.settle_due(on.demo), told)


def present(on: Stage) -> Scene:
    """Go Live is pressed."""
    on.town.pass_review(on.made)
    return Scene(on.demo, lambda: on.town.present(on.made), on.of_key("TicketMade"))


def exchange_handle(on: Stage) -> Scene:
    """A handle becomes a ticket."""
    on.town.pass_review(on.made)
    handle = on.town.present(on.made)
    return Scene(on.demo, lambda: promotion.exchange(on.demo, handle), on.of_key("TicketExchanged", "production"))


def open_promotion(on: Stage) -> Scene:
    """A ticket arrives in production."""
    on.town.pass_review(on.made)
    handle, ctx = on.town.present(on.made), on.town.production
    told = Told("TicketReceived", "demo", on.made.key, "")
    return Scene(ctx, lambda: promotion.open_promotion(ctx, handle), told)


def promote(on: Stage) -> Scene:
    """A key arrives in production."""
    on.town.pass_review(on.made)
    handle, ctx = on.town.present(on.made), on.town.production
    promotion.open_promotion(ctx, handle)
    return Scene(ctx, lambda: on.town.promote(handle), Told("KeyPromoted", ADA.email, on.made.key, ACME.production))


def promote_in_vain(on: Stage) -> Scene:
    """An account cannot take the key; the ticket is kept for who brought it."""
    on.town.pass_review(on.made)
    handle, ctx = on.town.present(on.made), on.town.production
    promotion.open_promotion(ctx, handle)
    told = Told("PromotionClaimed", ADA.email, on.made.key, "")
    return Scene(ctx, lambda: on.town.promote(handle, firm=SMALL), told)


def deliver_receipt(on: Stage) -> Scene:
    """Demo is told."""
    on.town.pass_review(on.made)
    on.town.promote(on.town.present(on.made))
    ctx = on.town.production
    told = Told("ReceiptDelivered", "system", on.made.key, ACME.production)
    return Scene(ctx, lambda: promotion.deliver_receipts(ctx), told)


def accept_receipt(on: Stage) -> Scene:
    """Demo hears it."""
    on.town.pass_review(on.made)
    receipt = on.town.promote(on.town.present(on.made)).receipt
    return Scene(
        on.demo, lambda: promotion.accept_receipt(on.demo, receipt), on.of_key("ReceiptAccepted", "production")
    )


DEEDS: tuple[tuple[str, Play], ...] = (
    ("golive.start_review", start_review),
    ("golive._settle", settle_review),
    ("promotion.present", present),
    ("promotion.exchange", exchange_handle),
    ("promotion._fetch", open_promotion),
    ("promotion.promote", promote),
    ("promotion.promote in vain", promote_in_vain),
    ("promotion.deliver_receipts", deliver_receipt),
    ("promotion.accept_receipt", accept_receipt),
)
