"""Who races over webhooks: those who make and end them, and those who send?"""

from collections.abc import Generator
from dataclasses import replace
from datetime import timedelta

from keysteward.actions import notices, webhook_deliveries, webhooks
from keysteward.actions.context import Context
from keysteward.actions.webhooks import Draft
from keysteward.outgoing.safe_https import Outside
from keysteward.rules.notices import notice
from keysteward.rules.policy import DEFAULT
from keysteward.rules.webhooks import Owner
from tests.cast import ACME
from tests.peers.databases import rows
from tests.races.course import Came, Ground, Runner, events_of, race, taking_turns

Story = Generator[Runner, Came, None]

OF_ACME = Owner(account=ACME.demo)
DRAFT = Draft("https://127.0.0.1:9/", ("custody-finding",))


def reaching(on: Ground) -> Context:
    """Demo, whose webhooks lead to where nobody answers."""
    return replace(on.demo, receivers=Outside((), allows_loopback=True))


def told(ctx: Context, times: int = 1) -> None:
    """Something was told."""
    with ctx.database.writing() as tx:
        for _ in range(times):
            notices.announce(
                ctx, tx, notice("custody-finding", ctx.now, account=ACME.demo, subject="Something", what="So.")
            )


@race(webhooks.make, webhooks.keep)
def at_most_ten_are_made(on: Ground) -> Story:
    """However many are made at once, an account has ten."""
    ctx = reaching(on)
    came = yield taking_turns(
        lambda _: webhooks.make(ctx, on.ada, OF_ACME, DRAFT),
        lambda _: webhooks.keep(ctx, on.ada, OF_ACME, DRAFT),
    )

    assert (len(came.answers), set(came.refusals)) == (DEFAULT.webhooks_per_owner, {"too-many-webhooks"})
    assert events_of(ctx, "WebhookMade") == DEFAULT.webhooks_per_owner


@race(webhook_deliveries.hand_over, webhook_deliveries.deliver_next)
def a_notice_goes_on_its_way_once(on: Ground) -> Story:
    """A hundred workers hand over and send: one delivery for each notice, one try for each turn, one after another."""
    ctx = reaching(on)
    webhook = webhooks.keep(ctx, on.ada, OF_ACME, DRAFT).webhook.id
    told(ctx, 5)
    yield taking_turns(
        lambda _: webhook_deliveries.hand_over(ctx),
        lambda _: webhook_deliveries.deliver_next(ctx, webhook),
        lambda number: webhook_deliveries.deliver_due(ctx, failing=bool(number % 2)),
    )

    assert rows(ctx.database, "SELECT count(*), count(DISTINCT message) FROM webhook_deliveries") == [(5, 5)]
    assert rows(ctx.database, "SELECT max(tries), max(step) FROM webhook_deliveries")[0] in {(0, 0), (1, 1)}
    assert rows(ctx.database, "SELECT count(*) FROM webhook_tries")[0][0] <= 1
    numbers = [number for (number,) in rows(ctx.database, "SELECT number FROM webhook_deliveries ORDER BY number")]
    assert numbers == [1, 2, 3, 4, 5]


@race(webhooks.remove)
def removing_meets_sending(on: Ground) -> Story:
    """Whoever hands over, sends, tests or rotates meanwhile, a webhook is removed once and leaves nothing behind."""
    ctx = reaching(on)
    webhook = webhooks.keep(ctx, on.ada, OF_ACME, DRAFT).webhook.id
    told(ctx, 5)
    came = yield taking_turns(
        lambda _: webhook_deliveries.hand_over(ctx),
        lambda _: webhook_deliveries.deliver_next(ctx, webhook),
        lambda _: webhooks.rotate(ctx, on.ada, webhook),
        lambda _: webhook_deliveries.send_test(ctx, on.ada, webhook),
        lambda _: webhooks.remove(ctx, on.ada, webhook),
    )

    assert set(came.refusals) <= {"no-such-object"}
    assert events_of(ctx, "WebhookRemoved") == 1
    for table in ("webhooks", "webhook_deliveries", "webhook_tries"):
        assert rows(ctx.database, f"SELECT * FROM {table}") == []  # noqa: S608 — our own tables


@race(
    webhooks.rotate, webhooks.switch_on, webhook_deliveries.send_test, webhook_deliveries.replay,
    webhook_deliveries.replay_since,
)  # fmt: skip
def everything_at_once(on: Ground) -> Story:
    """Rotations, tests and replays beside sending: every test has one delivery, and no message two."""
    ctx = reaching(on)
    webhook = webhooks.keep(ctx, on.ada, OF_ACME, DRAFT).webhook.id
    told(ctx)
    webhook_deliveries.hand_over(ctx)
    delivery = webhook_deliveries.view(ctx, on.ada, webhook).deliveries[0].delivery.id
    since = ctx.now - timedelta(days=1)
    yield taking_turns(
        lambda _: webhooks.rotate(ctx, on.ada, webhook),
        lambda _: webhooks.switch_on(ctx, on.ada, webhook),
        lambda _: webhook_deliveries.send_test(ctx, on.ada, webhook),
        lambda _: webhook_deliveries.replay(ctx, on.ada, webhook, delivery),
        lambda _: webhook_deliveries.replay_since(ctx, on.ada, webhook, since),
        lambda _: webhook_deliveries.deliver_next(ctx, webhook),
    )

    tests = events_of(ctx, "WebhookTested")
    assert rows(ctx.database, "SELECT count(*), count(DISTINCT message) FROM webhook_deliveries") == [
        (1 + tests, 1 + tests)
    ]
    assert len(webhooks.signing_secrets(ctx, webhook_deliveries.view(ctx, on.ada, webhook).webhook)) == 2
