"""Does a webhook get what somebody lets be sent again, and no more than may be asked for?"""

from datetime import datetime, timedelta

from keysteward.actions import webhook_deliveries
from keysteward.rules.policy import DEFAULT
from keysteward.rules.refusals import INVALID_FIELD, NO_SUCH_OBJECT, TOO_MANY_REPEATS
from keysteward.rules.webhooks import Owner
from keysteward.store import organizations
from keysteward.store.organizations import Link
from tests.cast import ACME, ADA, COUNCIL, CY, ORGANIZATION, refused
from tests.hooking import Hooks

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


def test_one_is_sent_again(hooks: Hooks) -> None:
    """With the id it had; a foreign one is none."""
    webhook, actor = hooks.make("/", "custody-finding"), hooks.town.actor(ADA)
    notice = hooks.tell()
    hooks.deliver()
    ((delivery, _),) = hooks.log(webhook)
    webhook_deliveries.replay(hooks.ctx, actor, webhook.id, delivery.id)
    hooks.deliver()

    assert hooks.receiver.messages() == [notice, notice]
    assert [each.status for each in hooks.log(webhook)[0].attempts] == [200, 200]
    with refused(NO_SUCH_OBJECT):
        webhook_deliveries.replay(hooks.ctx, actor, webhook.id, webhook.id)
    for since in (hooks.ctx.now + SECOND, hooks.ctx.now - DEFAULT.webhook_deliveries_kept - SECOND):
        with refused(INVALID_FIELD, "since"):
            webhook_deliveries.replay_since(hooks.ctx, actor, webhook.id, since)


def test_only_so_much_is_asked_for_within_an_hour(hooks: Hooks) -> None:
    """Tests and repeats of one webhook count together, those of another apart; what happens by itself never does."""
    hooks.change_policy(webhook_repeats_per_hour=2)
    webhook, other = hooks.make("/", "custody-finding"), hooks.make("/other", "custody-finding")
    hooks.tell()
    hooks.deliver()
    actor, ((delivery, _),) = hooks.town.actor(ADA), hooks.log(other)
    webhook_deliveries.send_test(hooks.ctx, actor, other.id)
    with refused(NO_SUCH_OBJECT):
        webhook_deliveries.replay(hooks.ctx, actor, other.id, webhook.id)
    webhook_deliveries.replay(hooks.ctx, actor, other.id, delivery.id)
    for deed in (
        lambda: webhook_deliveries.send_test(hooks.ctx, actor, other.id),
        lambda: webhook_deliveries.replay(hooks.ctx, actor, other.id, delivery.id),
        lambda: webhook_deliveries.replay_since(hooks.ctx, actor, other.id, hooks.ctx.now),
    ):
        with refused(TOO_MANY_REPEATS):
            deed()
    webhook_deliveries.send_test(hooks.ctx, actor, webhook.id)
    notice = hooks.tell()
    hooks.deliver()
    assert notice in hooks.receiver.messages("/other")
    hooks.town.clock.advance(hours=1)

    webhook_deliveries.send_test(hooks.ctx, actor, other.id)


def test_a_long_replay_goes_on_where_it_stopped(hooks: Hooks) -> None:
    """The oldest go first, what was sent and what never was; the next hour goes on at the moment that is said."""
    hooks.change_policy(webhook_repeats_per_hour=3)
    told = []
    for _ in range(4):
        told.append(hooks.tell())
        hooks.town.clock.advance(seconds=60)
    webhook, actor = hooks.make("/", "custody-finding"), hooks.town.actor(ADA)
    since: datetime | None = hooks.ctx.now - DAY
    for _ in range(4):
        told.append(hooks.tell())
        hooks.deliver()
        hooks.town.clock.advance(seconds=60)
    hooks.receiver.came.clear()
    counts: list[int] = []
    while since is not None:
        count, since = webhook_deliveries.replay_since(hooks.ctx, actor, webhook.id, since)
        counts.append(count)
        hooks.deliver()
        hooks.town.clock.advance(hours=1)

    assert (counts, sorted(hooks.receiver.messages())) == ([3, 3, 2], sorted(told))


def test_an_organization_is_not_told_of_the_time_before_the_link(hooks: Hooks) -> None:
    """What happened in an account before it was linked is not sent again to the organization, whatever it asks for."""
    before = hooks.tell(account=COUNCIL.demo)
    hooks.town.clock.advance(days=1)
    with hooks.ctx.database.writing() as tx:
        assert organizations.unlink(tx, ORGANIZATION["demo"], COUNCIL.demo)
        assert organizations.link(tx, Link(COUNCIL.demo, ORGANIZATION["demo"], hooks.ctx.now, "the tests"))
    after = hooks.tell(account=COUNCIL.demo)
    hooks.deliver()
    webhook = hooks.make("/above", by=CY, owner=Owner(organization=ORGANIZATION["demo"]))
    webhook_deliveries.replay_since(hooks.ctx, hooks.town.actor(CY), webhook.id, hooks.ctx.now - 10 * DAY)
    hooks.deliver()

    assert [each for each in hooks.receiver.messages("/above") if each in {before, after}] == [after]


def test_a_test_comes(hooks: Hooks) -> None:
    """It says that it is one, and changes nothing."""
    webhook = hooks.make("/", "custody-finding")
    webhook_deliveries.send_test(hooks.ctx, hooks.town.actor(ADA), webhook.id)
    hooks.deliver()

    (came,) = hooks.receiver.came
    assert (came.said["type"], came.said["id"], came.said["account_id"]) == ("webhook-test", came.message, ACME.demo)
