"""How is each deed around webhooks played?"""

from dataclasses import replace
from datetime import timedelta

from keysteward.actions import notices, webhook_deliveries, webhooks
from keysteward.actions.context import Context
from keysteward.actions.webhooks import Draft
from keysteward.outgoing.safe_https import Outside
from keysteward.rules.notices import notice
from keysteward.rules.webhooks import Owner
from keysteward.store import webhooks as stored
from tests.cast import ACME, ADA
from tests.plays.stage import Play, Scene, Stage, Told

OF_ACME = Owner(account=ACME.demo)
SILENT_SERVER = "https://127.0.0.1:9/"


def told(name: str, actor: str = ADA.email) -> Told:
    """What an event of these says."""
    return Told(name, actor, "", ACME.demo)


def ready(on: Stage) -> tuple[Context, str]:
    """Demo with a webhook to where nobody answers."""
    ctx = replace(on.demo, receivers=Outside((), allows_loopback=True))
    return ctx, webhooks.keep(ctx, on.ada, OF_ACME, Draft(SILENT_SERVER, ("custody-finding",))).webhook.id


def on_its_way(on: Stage) -> tuple[Context, str]:
    """Likewise, with something to send."""
    ctx, webhook = ready(on)
    with ctx.database.writing() as tx:
        notices.announce(
            ctx, tx, notice("custody-finding", ctx.now, account=ACME.demo, subject="Something", what="So.")
        )
    webhook_deliveries.hand_over(ctx)
    return ctx, webhook


def keep(on: Stage) -> Scene:
    """Ada makes one."""
    deed = webhooks.keep
    return Scene(on.demo, lambda: deed(on.demo, on.ada, OF_ACME, Draft("https://a.example/")), told("WebhookMade"))


def rotate(on: Stage) -> Scene:
    """Ada gives it another secret."""
    ctx, webhook = ready(on)
    return Scene(ctx, lambda: webhooks.rotate(ctx, on.ada, webhook), told("WebhookSecretRotated"))


def remove(on: Stage) -> Scene:
    """Ada takes it away."""
    ctx, webhook = ready(on)
    return Scene(ctx, lambda: webhooks.remove(ctx, on.ada, webhook), told("WebhookRemoved"))


def switch_on(on: Stage) -> Scene:
    """Ada switches one on that was off."""
    ctx, webhook = ready(on)
    with ctx.database.writing() as tx:
        stored.change(tx, webhook, off_at=ctx.now, off_why="it answered 410.")
    return Scene(ctx, lambda: webhooks.switch_on(ctx, on.ada, webhook), told("WebhookSwitchedOn"))


def send_test(on: Stage) -> Scene:
    """Ada sends a test."""
    ctx, webhook = ready(on)
    return Scene(ctx, lambda: webhook_deliveries.send_test(ctx, on.ada, webhook), told("WebhookTested"))


def replay(on: Stage) -> Scene:
    """Ada sends one delivery again."""
    ctx, webhook = on_its_way(on)
    delivery = webhook_deliveries.view(ctx, on.ada, webhook).deliveries[0].delivery.id
    return Scene(ctx, lambda: webhook_deliveries.replay(ctx, on.ada, webhook, delivery), told("WebhookReplayed"))


def replay_since(on: Stage) -> Scene:
    """Ada sends all again."""
    ctx, webhook = on_its_way(on)
    deed, since = webhook_deliveries.replay_since, ctx.now - timedelta(days=1)
    return Scene(ctx, lambda: deed(ctx, on.ada, webhook, since), told("WebhookReplayed"))


def switch_off(on: Stage) -> Scene:
    """Nobody took anything for days."""
    ctx, webhook = on_its_way(on)
    with ctx.database.writing() as tx:
        stored.change(tx, webhook, failing_since=ctx.now - timedelta(days=6))
    return Scene(ctx, lambda: webhook_deliveries.deliver_next(ctx, webhook), told("WebhookSwitchedOff", "system"))


def hand_over(on: Stage) -> Scene:
    """Something was told."""
    ctx, _ = ready(on)
    with ctx.database.writing() as tx:
        notices.announce(
            ctx, tx, notice("custody-finding", ctx.now, account=ACME.demo, subject="Something", what="So.")
        )
    return Scene(ctx, lambda: webhook_deliveries.hand_over(ctx), None)


def deliver(on: Stage) -> Scene:
    """A try fails."""
    ctx, webhook = on_its_way(on)
    return Scene(ctx, lambda: webhook_deliveries.deliver_next(ctx, webhook), None)


DEEDS: tuple[tuple[str, Play], ...] = (
    ("webhooks.keep", keep),
    ("webhooks.rotate", rotate),
    ("webhooks.remove", remove),
    ("webhooks.switch_on", switch_on),
    ("webhook_deliveries.send_test", send_test),
    ("webhook_deliveries.replay", replay),
    ("webhook_deliveries.replay_since", replay_since),
    ("webhook_deliveries._keep that nothing was taken for days", switch_off),
)

SILENT: tuple[tuple[str, str, Play], ...] = (
    ("webhook_deliveries.hand_over", "what was told is the event, and its log says where it went", hand_over),
    ("webhook_deliveries._claimed", "a try changes nothing for anybody but the receiver", deliver),
    ("webhook_deliveries._keep a failure", "the log of the webhook has each try", deliver),
)
