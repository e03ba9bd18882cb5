"""How is each deed on the way to production played?"""

from keysteward.actions import golive, promotion, receipts, reminders, smoke
from tests.cast import ACME, ADA, SMALL
from tests.plays.apps import on_key
from tests.plays.stage import Play, Scene, Stage, Told
from tests.tickets import mix_up_tickets


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
    return Scene(ctx, lambda: receipts.deliver_receipts(ctx), told)


def accept_receipt(on: Stage) -> Scene:
    """Demo hears it."""
    on.town.pass_review(on.made)
    receipt = on.town.promote(on.town.present(on.made)).receipt
    return Scene(on.demo, lambda: receipts.accept_receipt(on.demo, receipt), on.of_key("ReceiptAccepted", "production"))


def refuse_receipt(on: Stage) -> Scene:
    """Demo refuses it for good."""
    key, ctx = promoted(on), on.town.production
    mix_up_tickets(on.demo, key, on.town.create_app(name="Other").key)
    told = Told("ReceiptRefused", "demo", key, ACME.production)
    return Scene(ctx, lambda: receipts.deliver_receipts(ctx), told)


def send_again(on: Stage) -> Scene:
    """An admin has it sent again."""
    scene = refuse_receipt(on)
    scene.deed()
    ctx, actor = scene.ctx, on.town.actor(ADA, scene.ctx)
    told = Told("ReceiptSentAgain", ADA.email, on.made.key, ACME.production)
    return Scene(ctx, lambda: receipts.send_again(ctx, actor, on.made.key), told)


def keep_smoke_test(on: Stage) -> Scene:
    """An admin keeps what is seen of a key."""
    key, ctx = promoted(on), on.town.production
    told = Told("SmokeTestKept", ADA.email, key, ACME.production)
    return Scene(ctx, lambda: smoke.keep(ctx, on.town.actor(ADA, ctx), key), told)


def remind_of_a_pass(on: Stage) -> Scene:
    """Nobody pressed Go Live for two weeks."""
    on.town.pass_review(on.made)
    on.town.clock.advance(days=14)
    return Scene(on.demo, lambda: reminders.remind(on.demo), on.of_key("Reminded", "system"))


def remind_of_a_live_key(on: Stage) -> Scene:
    """Nobody set a live key up for three days."""
    key, ctx = promoted(on), on.town.production
    on.town.clock.advance(days=3)
    return Scene(ctx, lambda: reminders.remind(ctx), Told("Reminded", "system", key, ACME.production))


def promoted(on: Stage) -> str:
    """Ada's app, freshly in production."""
    on.town.pass_review(on.made)
    return on.town.promote(on.town.present(on.made)).key


DEEDS: tuple[tuple[str, Play], ...] = (
    ("golive.start_review", start_review),
    ("golive._settle", settle_review),
    ("promotion.present", present),
    ("promotion.exchange", exchange_handle),
    ("promotion._fetch", open_promotion),
    ("promotion.promote", promote),
    ("promotion.promote in vain", promote_in_vain),
    ("receipts._deliver", deliver_receipt),
    ("receipts._refused", refuse_receipt),
    ("receipts.send_again", send_again),
    ("receipts.accept_receipt", accept_receipt),
    ("smoke.keep", keep_smoke_test),
    ("reminders._remind", remind_of_a_pass),
    ("reminders._remind in production", remind_of_a_live_key),
)
