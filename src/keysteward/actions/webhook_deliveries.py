"""How does a notice reach webhooks, sooner or later, at least once each?

What is told goes on its way in one transaction with the mark that it was handed over. Sending comes later: whoever
sends takes a lease on the webhook first, so a worker that dies between sending and writing leaves a repeat with the
same id, never a loss.
"""

from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

import structlog

from keysteward.actions.context import Context
from keysteward.actions.leases import machine_now
from keysteward.actions.notices import announce
from keysteward.actions.webhooks import lock_webhooks, locked, own_webhook, signing_secrets
from keysteward.crypto.webhook_signatures import signature
from keysteward.outgoing.safe_https import Unanswered, Unasked
from keysteward.rules import webhook_notices
from keysteward.rules.access import READ_WEBHOOKS, REPLAY_WEBHOOKS, Actor
from keysteward.rules.letters import spoken
from keysteward.rules.listing import Part, Wanted
from keysteward.rules.notices import Notice
from keysteward.rules.refusals import INVALID_FIELD, NO_SUCH_OBJECT, WEBHOOK_OFF, Refusal
from keysteward.rules.webhooks import (
    MOST_ANSWER_BYTES,
    TEST,
    Attempt,
    Delivery,
    Message,
    Webhook,
    demand_repeats,
    failure_of,
    gap_after,
    is_worn_out,
    message_of,
    payload,
    repeated,
    wants,
)
from keysteward.rules.words import new_guid
from keysteward.store import accounts, audit, notices, webhooks
from keysteward.store import webhook_deliveries as deliveries
from keysteward.store.database import Connection
from keysteward.store.webhook_deliveries import Turn

_LEASE = timedelta(seconds=30)
_MOST_NOTICES = 200
_MOST_WEBHOOKS_AT_ONCE = 50
_THREADS = 4
_MOST_IN_A_ROW = 20
_SECONDS_IN_A_ROW = 2.0
_SHOWN = 50

log = structlog.get_logger()


class Told(NamedTuple):
    """A delivery with what came of its tries."""

    delivery: Delivery
    attempts: list[Attempt]


class View(NamedTuple):
    """A webhook, whose it is, how much waits, and its newest deliveries; `older` is the number to go on below."""

    webhook: Webhook
    name: str
    waiting: int
    deliveries: list[Told]
    older: int | None


class Log(NamedTuple):
    """A webhook, whose it is, how much waits, and a page of its deliveries."""

    webhook: Webhook
    name: str
    waiting: int
    part: Part[Told]


class Again(NamedTuple):
    """How many deliveries are on their way again; `next_since` is when the first one was told that has to wait."""

    deliveries: int
    next_since: datetime | None


def view(ctx: Context, actor: Actor, webhook: str, before: int | None = None) -> View:
    """A webhook of the actor's with its log, from below a number on."""
    with ctx.database.reading() as tx:
        found, name = own_webhook(tx, actor, webhook, READ_WEBHOOKS)
        listed = deliveries.list_newest(tx, found.id, _SHOWN + 1, before)
        attempts = deliveries.list_attempts(tx, [each.id for each in listed])
        told = [Told(each, attempts.get(each.id, [])) for each in listed[:_SHOWN]]
        older = told[-1].delivery.number if len(listed) > _SHOWN else None
        return View(found, name, deliveries.count_waiting(tx, found.id), told, older)


def show_log(ctx: Context, actor: Actor, webhook: str, wanted: Wanted) -> Log:
    """A webhook of the actor's with a page of its deliveries, narrowed by `stage`, `kind` and words."""
    with ctx.database.reading() as tx:
        found, name = own_webhook(tx, actor, webhook, READ_WEBHOOKS)
        part = deliveries.list_part(tx, found.id, wanted)
        attempts = deliveries.list_attempts(tx, [each.id for each in part.rows])
        told = [Told(each, attempts.get(each.id, [])) for each in part.rows]
        return Log(found, name, deliveries.count_waiting(tx, found.id), Part(told, part.total, part.page))


def note_waiting(ctx: Context) -> None:
    """Count the open deliveries for whoever watches this house."""
    with ctx.database.reading() as tx:
        ctx.counts.note_webhooks(deliveries.count_waiting(tx), ctx.machine_clock())


# ── what is to be sent ──────────────────────────────────────────────────────────────────────────────────────────────
def hand_over(ctx: Context) -> int:
    """Put what was told since the last time on its way, to each webhook that wants it; return how many notices."""
    with ctx.database.reading() as tx:
        waiting = notices.list_waiting(tx, _MOST_NOTICES)
        reached = {each.id: _reached(tx, each) for each in waiting}
    if not waiting:
        return 0
    with ctx.database.writing() as tx:
        lock_webhooks(tx, *sorted({each for found in reached.values() for each in found}))
        for notice in waiting:
            if notices.hand_over(tx, notice.id, ctx.now):
                _deliver_to(ctx, tx, notice, reached[notice.id])
    return len(waiting)


def send_test(ctx: Context, actor: Actor, webhook: str) -> None:
    """Put a test on its way, which says nothing but that it is one."""
    with ctx.database.writing() as tx:
        found = _sendable(ctx, tx, actor, webhook)
        facts = {"what": f"{actor.email} sent a test.", "page": f"/webhooks/{found.id}"}
        message = Message(new_guid(), TEST, ctx.now, found.owner, "", facts)
        deliveries.add(tx, _delivery(ctx, found.id, message))
        _count(ctx, tx, found, 1)
        said = {"organization": found.owner.organization, "webhook": found.id}
        audit.record(tx, ctx.event("WebhookTested", actor.email, account=found.owner.account, **said))


def replay(ctx: Context, actor: Actor, webhook: str, delivery: str) -> None:
    """Send one delivery again, with the same id; what is still on its way is sent now."""
    with ctx.database.writing() as tx:
        found = _sendable(ctx, tx, actor, webhook)
        if not deliveries.send_again(tx, found.id, [delivery], machine_now(ctx)):
            raise Refusal(NO_SUCH_OBJECT, thing="delivery")
        _count(ctx, tx, found, 1)
        said = {"organization": found.owner.organization, "webhook": found.id, "delivery": delivery}
        audit.record(tx, ctx.event("WebhookReplayed", actor.email, account=found.owner.account, **said))


def replay_since(ctx: Context, actor: Actor, webhook: str, since: datetime) -> Again:
    """Send again what was told since a moment, and what was never on its way to this webhook, the oldest first.

    No more than may be sent within the hour; the rest can follow from `next_since` on.
    """
    kept = ctx.policy.webhook_deliveries_kept
    if not ctx.now - kept <= since <= ctx.now:
        raise Refusal(INVALID_FIELD, field="since", reason=f"say a moment of the last {spoken(kept)}.")
    with ctx.database.writing() as tx:
        found = _sendable(ctx, tx, actor, webhook)
        most = demand_repeats(found, ctx.now, ctx.policy)
        told: list[tuple[datetime, str | Notice]] = [*deliveries.list_told(tx, found.id, since, most + 1)]
        told += [(each.at, each) for each in deliveries.list_missed(tx, found, since, most + 1)]
        told.sort(key=lambda each: each[0])
        count = _send_again(ctx, tx, found, [each for _, each in told[:most]])
        said = {"organization": found.owner.organization, "webhook": found.id, "since": since.isoformat()}
        audit.record(tx, ctx.event("WebhookReplayed", actor.email, account=found.owner.account, **said))
    return Again(count, told[most][0] if len(told) > most else None)


def _send_again(ctx: Context, tx: Connection, webhook: Webhook, told: Collection[str | Notice]) -> int:
    """Let deliveries be sent once more, by their ids, and notices that were never on their way."""
    known = [each for each in told if isinstance(each, str)]
    count = deliveries.send_again(tx, webhook.id, known, machine_now(ctx))
    missed = [message_of(each) for each in told if not isinstance(each, str)]
    count += sum(deliveries.add(tx, _delivery(ctx, webhook.id, each)) for each in missed)
    _count(ctx, tx, webhook, count)
    return count


def _count(ctx: Context, tx: Connection, webhook: Webhook, count: int) -> None:
    repeats, since = repeated(webhook, ctx.now, count)
    webhooks.change(tx, webhook.id, repeats=repeats, repeats_since=since)


def _reached(tx: Connection, notice: Notice) -> list[str]:
    """The webhooks that want a notice: its account's, and its organization's, or that of the account."""
    account = accounts.find_account(tx, notice.account)
    above = account.organization if account and account.organization else ""
    found = webhooks.list_reached(tx, notice.account, (notice.organization, above))
    return [each.id for each in found if wants(each, notice)]


def _deliver_to(ctx: Context, tx: Connection, notice: Notice, reached: Sequence[str]) -> None:
    for webhook in reached:
        found = webhooks.find(tx, webhook)
        if found is not None and wants(found, notice):
            deliveries.add(tx, _delivery(ctx, webhook, message_of(notice)))


def _sendable(ctx: Context, tx: Connection, actor: Actor, webhook: str) -> Webhook:
    """A webhook of the actor's that is on, and to which somebody may ask for more this hour."""
    found = locked(tx, actor, webhook, REPLAY_WEBHOOKS)
    if found.off_at is not None:
        raise Refusal(WEBHOOK_OFF)
    demand_repeats(found, ctx.now, ctx.policy)
    return found


def _delivery(ctx: Context, webhook: str, message: Message) -> Delivery:
    body = payload(message, ctx.environment)
    return Delivery(new_guid(), 0, webhook, message.id, message.kind, body, message.at, machine_now(ctx))


# ── sending ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def deliver_due(ctx: Context, *, failing: bool) -> None:
    """Send what is due to the webhooks that took what they were sent last, or to those that did not.

    They are two jobs, and each sends to several at once: whoever is dead or slow holds up few others, and not for
    long.
    """
    with ctx.database.reading() as tx:
        due = deliveries.list_due(tx, machine_now(ctx), _MOST_WEBHOOKS_AT_ONCE, failing=failing)
    if due:
        with ThreadPoolExecutor(_THREADS, "webhooks") as pool:
            list(pool.map(partial(_serve, ctx), due))


def deliver_next(ctx: Context, webhook: str) -> bool | None:
    """Send the next delivery of a webhook: whether it was taken, or None where there was none to send."""
    claimed = _claimed(ctx, webhook)
    if claimed is None:
        return None
    found, turn = claimed
    attempt = _tried(ctx, found, turn.delivery)
    _keep(ctx, turn, attempt)
    return attempt.is_success


def _serve(ctx: Context, webhook: str) -> None:
    """Send what is due to one webhook, in its order, until it does not take something or had its share of time."""
    until = ctx.machine_clock() + _SECONDS_IN_A_ROW
    for _ in range(_MOST_IN_A_ROW):
        if not deliver_next(ctx, webhook) or ctx.machine_clock() >= until:
            return


def _claimed(ctx: Context, webhook: str) -> tuple[Webhook, Turn] | None:
    now = machine_now(ctx)
    with ctx.database.writing() as tx:
        lock_webhooks(tx, webhook)
        found, turn = webhooks.find(tx, webhook), deliveries.claim(tx, webhook, now, now + _LEASE)
    return (found, turn) if found and turn else None


def _tried(ctx: Context, webhook: Webhook, delivery: Delivery) -> Attempt:
    """Send a delivery, signed with every secret that is good now."""
    body, at = delivery.body.encode(), int(ctx.machine_clock())
    signatures = [signature(secret, delivery.message, at, body) for secret in signing_secrets(ctx, webhook)]
    headers = {
        "Content-Type": "application/json",
        "webhook-id": delivery.message,
        "webhook-timestamp": str(at),
        "webhook-signature": " ".join(signatures),
    }
    receiver = replace(ctx.receivers, seconds=ctx.policy.webhook_patience.total_seconds())
    try:
        heard = receiver.post(webhook.url, body, headers, MOST_ANSWER_BYTES)
    except (Unasked, Unanswered) as error:
        return Attempt(ctx.now, 0, "", str(error)[:500])
    return Attempt(ctx.now, heard.status, heard.first_bytes.decode(errors="replace"), failure_of(heard.status))


def _keep(ctx: Context, turn: Turn, attempt: Attempt) -> None:
    """Write down what came of a try, unless somebody else sends to the webhook by now, or it is gone."""
    delivery = turn.delivery
    with ctx.database.writing() as tx:
        lock_webhooks(tx, delivery.webhook)
        found = webhooks.find(tx, delivery.webhook)
        if found is None or not deliveries.give_back(tx, turn, machine_now(ctx)):
            return
        deliveries.save_attempt(tx, delivery, attempt)
        if attempt.is_success:
            deliveries.end(tx, delivery, "delivered", ctx.now)
            webhooks.change(tx, found.id, failing_since=None, told_at=None)
            return
        _failed(ctx, tx, found, delivery, attempt)


def _failed(ctx: Context, tx: Connection, webhook: Webhook, delivery: Delivery, attempt: Attempt) -> None:
    log.info("webhook not delivered", environment=ctx.environment, webhook=webhook.id, delivery=delivery.id)
    now, after = machine_now(ctx), ctx.policy.webhook_off_after
    gap = gap_after(delivery, ctx.policy.webhook_tries)
    if webhook.failing_since is None:
        webhooks.change(tx, webhook.id, failing_since=now)
    if attempt.is_goodbye:
        _switch_off(ctx, tx, webhook, webhook_notices.why_gone())
    elif is_worn_out(webhook, now, after):
        _switch_off(ctx, tx, webhook, webhook_notices.why_worn_out(after))
    elif gap is not None:
        deliveries.delay(tx, delivery, now + gap)
    else:
        _give_up(ctx, tx, webhook, delivery, attempt)


def _give_up(ctx: Context, tx: Connection, webhook: Webhook, delivery: Delivery, attempt: Attempt) -> None:
    """Admins are told of the first since the webhook began to fail; each further one stands in its log."""
    deliveries.end(tx, delivery, "given up", ctx.now)
    if webhook.told_at is None:
        webhooks.change(tx, webhook.id, told_at=ctx.now)
        announce(ctx, tx, webhook_notices.given_up(webhook, delivery, attempt.failure, ctx.now))


def _switch_off(ctx: Context, tx: Connection, webhook: Webhook, why: str) -> None:
    webhooks.change(tx, webhook.id, off_at=ctx.now, off_why=why)
    deliveries.end_all(tx, webhook.id, "given up", ctx.now)
    found = webhooks.find(tx, webhook.id) or webhook
    announce(ctx, tx, webhook_notices.switched_off(found, ctx.now))
    said = {"organization": webhook.owner.organization, "webhook": webhook.id, "why": why}
    audit.record(tx, ctx.event("WebhookSwitchedOff", "system", account=webhook.owner.account, **said))
