"""Does every notice reach its webhooks, whatever receivers do and whoever dies?"""

import re
import socket
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from keysteward.actions import housekeeping, metrics, webhook_deliveries, webhooks
from keysteward.actions.webhooks import Draft
from keysteward.crypto.webhook_signatures import signature
from keysteward.outgoing.safe_https import Outside
from keysteward.rules.policy import DEFAULT
from keysteward.rules.refusals import INVALID_FIELD, WEBHOOK_OFF
from keysteward.rules.webhooks import GAPS, JITTER, Owner
from tests.cast import ACME, ADA, COUNCIL, CY, ORGANIZATION, STRANGE, refused
from tests.hooking import OF_ACME, Hooks, reaching
from tests.peers.databases import rows
from tests.peers.receiver import Manner, receiver

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


def told(hooks: Hooks, kind: str = "webhook-failing") -> int:
    """How often a kind of notice was told."""
    return len(rows(hooks.ctx.database, f"SELECT id FROM notices WHERE kind = '{kind}'"))  # noqa: S608 — our own words


# ── what comes ──────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_notice_comes_once_and_signed(hooks: Hooks) -> None:
    """With the notice's id and a signature over what came; the log has the answer's first bytes."""
    made = hooks.made("/", "custody-finding")
    notice = hooks.tell(code="R1")
    hooks.deliver()
    hooks.deliver()

    (came,) = hooks.receiver.came
    at = int(hooks.ctx.machine_clock())
    assert came.headers["webhook-signature"] == signature(made.secret, notice, at, came.body)
    assert (came.message, came.headers["webhook-timestamp"], came.said["id"]) == (notice, str(at), notice)
    assert (came.said["type"], came.said["account_id"]) == ("custody-finding", ACME.demo)
    assert came.said["facts"] == {"code": "R1", "subject": "Something", "what": "It happened."}
    ((delivery, (attempt,)),) = hooks.log(made.webhook)
    assert (delivery.stage, attempt.status, attempt.failure) == ("delivered", 200, "")
    assert attempt.answer == "Thank you, \ufffd\ufffd received."


@pytest.mark.parametrize(
    ("manner", "stage", "failure"),
    [("floods", "delivered", ""), (500, "trying again", "it answered 500"), (204, "delivered", ""),
     (302, "trying again", "leads elsewhere"), ("dies", "trying again", "localhost: "),
     ("hangs", "trying again", "localhost: it did not answer within 0.5 seconds")],
)  # fmt: skip
def test_what_receivers_do(hooks: Hooks, manner: Manner | int, stage: str, failure: str) -> None:
    """Only a status of success takes a delivery, however long the answer is; nothing is followed."""
    webhook = hooks.make("/", "custody-finding")
    hooks.receiver.manners["/"] = manner
    hooks.tell()
    if manner == "hangs":
        hooks.change_policy(webhook_patience=0.5 * SECOND)
    hooks.deliver()

    ((delivery, (attempt,)),) = hooks.log(webhook)
    assert (delivery.stage, failure in attempt.failure, len(attempt.answer) <= 1_000) == (stage, True, True)
    assert {each.path for each in hooks.receiver.came} == {"/"}


def test_who_is_told_of_what(hooks: Hooks) -> None:
    """An account's webhook of its account, an organization's of itself and its linked accounts; kinds as chosen."""
    own, chosen = hooks.make("/own"), hooks.make("/chosen", "new-admin")
    hooks.make("/above", by=CY, owner=Owner(organization=ORGANIZATION["demo"]))
    hooks.deliver()
    hooks.receiver.came.clear()
    finding, admin = hooks.tell(), hooks.tell("new-admin")
    linked, strange = hooks.tell(account=COUNCIL.demo), hooks.tell(account=STRANGE.demo)
    above = hooks.tell("domain-lapsed", account="", organization=ORGANIZATION["demo"])
    hooks.deliver()

    assert set(hooks.receiver.messages("/own")) == {finding, admin}
    assert set(hooks.receiver.messages("/chosen")) == {admin}
    assert set(hooks.receiver.messages("/above")) == {finding, admin, linked, above}
    assert strange not in [each.message for each in hooks.receiver.came]
    assert (hooks.state(own).state, hooks.state(chosen).state) == ("on", "on")


# ── again and again ─────────────────────────────────────────────────────────────────────────────────────────────────
def test_it_is_tried_again_with_growing_gaps_and_given_up(hooks: Hooks) -> None:
    """Nine tries with one id and body, none before its time; of the first that is given up the admins are told."""
    webhook = hooks.make("/", "custody-finding")
    hooks.receiver.manners["/"] = 503
    first, second = hooks.tell(), hooks.tell()
    hooks.deliver()
    hooks.retry(GAPS[0] - SECOND)
    assert len(hooks.receiver.came) == 1
    for gap in (2 * SECOND, *GAPS, DAY):
        hooks.retry(gap * (1 + JITTER))
        hooks.retry()
        hooks.retry()
    hooks.deliver()

    assert {each: hooks.receiver.messages().count(each) for each in (first, second)} == {first: 9, second: 9}
    assert hooks.stages(webhook) == ["given up", "given up"]
    assert (told(hooks), hooks.state(webhook).state) == (1, "failing")
    assert len({each.body for each in hooks.receiver.came if each.message == first}) == 1


def test_order_is_kept_over_one_failure(hooks: Hooks) -> None:
    """What comes next waits for one more try of what failed."""
    hooks.make("/", "custody-finding")
    hooks.receiver.manners["/"] = 500
    first = hooks.tell()
    hooks.deliver()
    hooks.town.clock.advance(seconds=1)
    second = hooks.tell()
    hooks.receiver.manners.clear()
    hooks.deliver()
    hooks.retry()
    assert hooks.receiver.messages() == [first]
    hooks.retry(GAPS[0] * (1 + JITTER))
    hooks.deliver()

    assert hooks.receiver.messages() == [first, first, second]


def test_what_fails_often_steps_aside(hooks: Hooks) -> None:
    """After its second failure others overtake it, and it comes when its time is there."""
    webhook = hooks.make("/", "custody-finding")
    hooks.receiver.manners["/"] = 500
    first = hooks.tell()
    hooks.deliver()
    hooks.retry(GAPS[0] * (1 + JITTER))
    second = hooks.tell()
    hooks.receiver.manners.clear()
    webhook_deliveries.hand_over(hooks.ctx)
    hooks.retry()
    assert hooks.receiver.messages() == [first, first, second]
    hooks.town.clock.advance(seconds=GAPS[1].total_seconds() * (1 + JITTER))
    hooks.deliver()

    assert hooks.receiver.messages() == [first, first, second, first]
    assert hooks.stages(webhook) == ["delivered", "delivered"]


def test_a_dead_receiver_holds_up_no_other(hooks: Hooks) -> None:
    """While one hangs, another is told; from then on they are tried apart."""
    dead, alive = hooks.make("/dead", "custody-finding"), hooks.make("/alive", "custody-finding")
    hooks.receiver.manners["/dead"] = "hangs"
    hooks.change_policy(webhook_patience=3 * SECOND)
    first = hooks.tell()
    hooks.deliver()
    assert hooks.receiver.messages("/alive") == [first]
    hooks.town.clock.advance(seconds=60)
    second = hooks.tell()
    hooks.deliver()

    assert hooks.receiver.messages("/alive") == [first, second]
    assert hooks.receiver.messages("/dead") == [first]
    assert (hooks.state(dead).state, hooks.state(alive).state) == ("failing", "on")


# ── whoever dies ────────────────────────────────────────────────────────────────────────────────────────────────────
def test_who_dies_before_writing_leaves_a_repeat(hooks: Hooks) -> None:
    """Sent and not written down, it comes again after the lease, with the same id; who wakes late is ignored."""
    webhook = hooks.make("/", "custody-finding")
    notice = hooks.tell()
    webhook_deliveries.hand_over(hooks.ctx)
    claimed = webhook_deliveries._claimed(hooks.ctx, webhook.id)
    assert claimed is not None
    attempt = webhook_deliveries._tried(hooks.ctx, webhook, claimed[1].delivery)
    hooks.deliver()
    assert hooks.receiver.messages() == [notice]
    hooks.town.clock.advance(seconds=30)
    hooks.receiver.manners["/"] = 500
    hooks.deliver()
    webhook_deliveries._keep(hooks.ctx, claimed[1], attempt)

    assert hooks.receiver.messages() == [notice, notice]
    ((delivery, attempts),) = hooks.log(webhook)
    assert (delivery.stage, delivery.tries, [each.status for each in attempts]) == ("trying again", 2, [500])


def test_two_workers_send_one_after_the_other(hooks: Hooks) -> None:
    """Ten who deliver at once send each notice once, in its order."""
    webhook = hooks.make("/", "custody-finding")
    notices = []
    for _ in range(8):
        notices.append(hooks.tell())
        hooks.town.clock.advance(seconds=1)
    workers = [threading.Thread(target=hooks.deliver) for _ in range(10)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    hooks.deliver()

    assert hooks.receiver.messages() == notices
    assert set(hooks.stages(webhook)) == {"delivered"}


# ── off, on and again ───────────────────────────────────────────────────────────────────────────────────────────────
def test_it_is_switched_off_after_days_of_failures(hooks: Hooks) -> None:
    """What waits is given up, the admins are told once, and nothing more is sent until somebody switches it on."""
    webhook = hooks.make("/", "custody-finding")
    hooks.receiver.manners["/"] = 500
    missed = [hooks.tell()]
    hooks.deliver()
    hooks.town.clock.advance(days=4, hours=23)
    missed.append(hooks.tell())
    hooks.deliver(failing=True)
    hooks.retry(DEFAULT.webhook_off_after - timedelta(days=4, hours=23))
    assert hooks.state(webhook).state == "off"
    came = len(hooks.receiver.came)
    missed.append(hooks.tell())
    hooks.deliver()
    hooks.retry(DAY)
    assert len(hooks.receiver.came) == came
    assert hooks.stages(webhook) == ["given up", "given up"]
    assert (told(hooks), hooks.state(webhook).off_why) == (1, "nothing that was sent in 5 days was taken.")

    actor = hooks.town.actor(ADA)
    with refused(WEBHOOK_OFF):
        webhook_deliveries.send_test(hooks.ctx, actor, webhook.id)
    hooks.receiver.reset()
    webhooks.switch_on(hooks.ctx, actor, webhook.id)
    assert webhook_deliveries.replay_since(hooks.ctx, actor, webhook.id, hooks.ctx.now - 10 * DAY) == (3, None)
    hooks.deliver()
    assert sorted(hooks.receiver.messages()) == sorted(missed)
    assert (hooks.state(webhook).state, set(hooks.stages(webhook))) == ("on", {"delivered"})


def test_gone_is_believed_at_once(hooks: Hooks) -> None:
    """410 asks for nothing more."""
    webhook = hooks.make("/", "custody-finding")
    hooks.receiver.manners["/"] = 410
    hooks.tell()
    hooks.deliver()

    assert (hooks.state(webhook).state, hooks.stages(webhook), told(hooks)) == ("off", ["given up"], 1)


# ── secrets ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_both_secrets_sign_for_a_day(hooks: Hooks) -> None:
    """After a rotation the new one first and the one before; a day later the new one alone."""
    first = hooks.made("/", "custody-finding")
    second = webhooks.rotate(hooks.ctx, hooks.town.actor(ADA), first.webhook.id)
    hooks.tell()
    hooks.deliver()
    hooks.town.clock.advance(seconds=DEFAULT.webhook_secret_overlap.total_seconds())
    hooks.tell()
    hooks.deliver()

    said = [
        [signature(secret, each.message, int(each.headers["webhook-timestamp"]), each.body) for secret in known]
        for each, known in zip(hooks.receiver.came, ([second.secret, first.secret], [second.secret]), strict=True)
    ]
    assert [each.headers["webhook-signature"].split(" ") for each in hooks.receiver.came] == said


# ── where it leads ──────────────────────────────────────────────────────────────────────────────────────────────────
def test_private_addresses_are_told_nothing(hooks: Hooks) -> None:
    """Outside the twin none is taken, and one that was is not asked any more."""
    webhook = hooks.make("/", "custody-finding")
    serving = replace(hooks.ctx, receivers=Outside((), hooks.receiver.ca_file))
    for url in (hooks.receiver.origin, "https://10.0.0.1/", "https://169.254.169.254/latest"):
        with refused(INVALID_FIELD, "url"):
            webhooks.make(serving, hooks.town.actor(ADA), OF_ACME, Draft(url))
    hooks.tell()
    hooks.ctx = serving
    hooks.deliver()

    assert hooks.receiver.came == []
    assert "not public" in hooks.log(webhook)[0].attempts[0].failure
    listed = replace(serving, receivers=Outside(("localhost",), hooks.receiver.ca_file))
    assert webhooks.make(listed, hooks.town.actor(ADA), OF_ACME, Draft(hooks.receiver.origin)).secret


def test_a_name_is_resolved_once_for_each_try(hooks: Hooks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The connection goes to the address that was judged; one that is private at the next try is not connected."""
    said, real = iter(["127.0.0.1", "127.0.0.1", "10.0.0.1"]), socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", answering("hooks.example", said, real))
    with receiver(tmp_path / "tls", "hooks.example") as made:
        hooks.ctx = reaching(hooks.ctx, made)
        made.origin = made.origin.replace("localhost", "hooks.example")
        hooks.receiver = made
        webhook = hooks.make("/", "custody-finding")
        notice = hooks.tell()
        hooks.deliver()
        hooks.tell()
        hooks.deliver()

    assert made.messages() == [notice]
    assert hooks.log(webhook)[1].attempts[0].failure == "hooks.example has an address that is not public"
    assert list(said) == []


def answering(name: str, said: Any, real: Callable[..., Any]) -> Callable[..., Any]:  # noqa: ANN401 — an iterator
    """A resolver of the system that says something else of one name each time."""

    def resolve(host: str, *rest: object, **more: object) -> Any:  # noqa: ANN401 — as the system says it
        return real(next(said) if host == name else host, *rest, **more)

    return resolve


# ── housekeeping ────────────────────────────────────────────────────────────────────────────────────────────────────
def test_what_waits_is_measured_and_what_ended_is_forgotten(hooks: Hooks) -> None:
    """A gauge of open deliveries, from the worker that sends; the log goes after thirty days, what is open stays."""
    webhook = hooks.make("/", "custody-finding")
    hooks.tell()
    webhook_deliveries.hand_over(hooks.ctx)
    webhook_deliveries.note_waiting(hooks.ctx)
    assert re.search(r'_webhook_deliveries_waiting\{environment="demo",process="\d+"\} 1\n', metrics.page(hooks.ctx))
    hooks.deliver()
    hooks.town.clock.advance(seconds=(DEFAULT.webhook_deliveries_kept - DAY).total_seconds())
    hooks.tell()
    webhook_deliveries.hand_over(hooks.ctx)
    housekeeping.forget_what_expired(hooks.ctx)
    assert hooks.stages(webhook) == ["delivered", "waiting"]
    hooks.town.clock.advance(days=1, seconds=1)
    housekeeping.forget_what_expired(hooks.ctx)

    assert hooks.stages(webhook) == ["waiting"]
    assert rows(hooks.ctx.database, "SELECT count(*) FROM webhook_tries") == [(0,)]
