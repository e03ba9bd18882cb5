"""Who makes, changes and ends webhooks, and who learns of it?"""

import pytest

from keysteward.actions import webhook_deliveries, webhooks
from keysteward.actions.webhooks import Draft
from keysteward.crypto.sealing import Sealer
from keysteward.rules.access import READ_WEBHOOKS, REPLAY_WEBHOOKS
from keysteward.rules.policy import DEFAULT
from keysteward.rules.refusals import (
    FRESH_SIGN_IN_NEEDED,
    INVALID_FIELD,
    NO_SUCH_ACCOUNT,
    NO_SUCH_OBJECT,
    NO_SUCH_ORGANIZATION,
    NOT_AN_ADMIN,
    TOKEN_LACKS_PERMISSION,
    TOO_MANY_WEBHOOKS,
)
from keysteward.rules.webhooks import Owner
from keysteward.store import webhooks as stored
from tests.cast import ACME, ADA, BO, CY, MALLORY, ORGANIZATION, SAM, UNKNOWN, refused
from tests.hooking import OF_ACME, Hooks
from tests.mails import letters_to
from tests.peers.databases import kept_in, rows

OF_GROUP = Owner(organization=ORGANIZATION["demo"])


def test_the_other_admins_are_told(hooks: Hooks) -> None:
    """Of a new webhook, a new secret and a removal, by mail; whoever did it is not."""
    webhook = hooks.make()
    webhooks.rotate(hooks.ctx, hooks.town.actor(ADA), webhook.id)
    webhooks.remove(hooks.ctx, hooks.town.actor(ADA), webhook.id)

    assert letters_to(hooks.ctx, BO.email).count("webhook") == 3
    assert letters_to(hooks.ctx, ADA.email).count("webhook") == 0


def test_secrets_are_sealed(hooks: Hooks) -> None:
    """Neither is in the database, nor what anybody could sign with."""
    first = hooks.made()
    second = webhooks.rotate(hooks.ctx, hooks.town.actor(ADA), first.webhook.id)

    assert first.secret != second.secret
    for secret in (first.secret, second.secret):
        assert secret.removeprefix("whsec_").encode() not in kept_in(hooks.ctx)


def test_another_master_key_takes_secrets_over(hooks: Hooks) -> None:
    """What was sealed with the old one is sealed anew, and opened with the new one alone."""
    made = hooks.made()
    old, new = b"o" * 32, b"n" * 32
    label = webhooks.label(made.webhook.id)
    with hooks.ctx.database.writing() as tx:
        sealed = {"secret_sealed": b"new", "old_secret_sealed": b"old"}
        stored.change(tx, made.webhook.id, **{name: Sealer(old).seal(text, label) for name, text in sealed.items()})
        webhooks.seal_webhooks_anew(tx, Sealer(new, old))
        (kept,) = stored.list_all(tx)

    assert Sealer(new).open(kept.secret_sealed, label) == b"new"
    assert kept.old_secret_sealed is not None
    assert Sealer(new).open(kept.old_secret_sealed, label) == b"old"


def test_who_may_make_one(hooks: Hooks) -> None:
    """Admins of the account or organization, freshly signed in, as people."""
    draft = Draft(hooks.receiver.origin)
    for person, owner, kind in (
        (SAM, OF_ACME, NOT_AN_ADMIN), (MALLORY, OF_ACME, NO_SUCH_ACCOUNT), (ADA, OF_GROUP, NO_SUCH_ORGANIZATION),
        (CY, Owner(account=UNKNOWN), NO_SUCH_ACCOUNT),
    ):  # fmt: skip
        with refused(kind):
            webhooks.make(hooks.ctx, hooks.town.actor(person), owner, draft)
        with refused(kind):
            webhooks.keep(hooks.ctx, hooks.town.actor(person), owner, draft)
        with refused(kind):
            webhooks.list_webhooks(hooks.ctx, hooks.town.actor(person), owner)
    with refused(FRESH_SIGN_IN_NEEDED):
        webhooks.make(hooks.ctx, hooks.town.actor(ADA, permissions=frozenset({READ_WEBHOOKS})), OF_ACME, draft)
    stale = hooks.town.actor(ADA)
    hooks.town.clock.advance(hours=1)
    with refused(FRESH_SIGN_IN_NEEDED):
        webhooks.make(hooks.ctx, stale, OF_ACME, draft)

    assert rows(hooks.ctx.database, "SELECT * FROM webhooks") == []


def test_foreign_ones_are_not_there(hooks: Hooks) -> None:
    """To whoever does not administer its owner, a webhook is as absent as one that does not exist."""
    webhook = hooks.make().id
    for person, named in ((SAM, webhook), (MALLORY, webhook), (CY, webhook), (ADA, UNKNOWN)):
        actor = hooks.town.actor(person)
        for deed in (webhooks.rotate, webhooks.remove, webhooks.switch_on, webhook_deliveries.send_test):
            with refused(NO_SUCH_OBJECT):
                deed(hooks.ctx, actor, named)
        with refused(NO_SUCH_OBJECT):
            webhook_deliveries.view(hooks.ctx, actor, named)
        with refused(NO_SUCH_OBJECT):
            webhook_deliveries.replay_since(hooks.ctx, actor, named, hooks.ctx.now)


def test_what_programs_may(hooks: Hooks) -> None:
    """Look and send again, each with its permission; rotating, removing and switching on take a person."""
    webhook = hooks.make().id
    reading = hooks.town.actor(ADA, permissions=frozenset({READ_WEBHOOKS}))
    sending = hooks.town.actor(ADA, permissions=frozenset({REPLAY_WEBHOOKS}))
    webhook_deliveries.view(hooks.ctx, reading, webhook)
    webhook_deliveries.send_test(hooks.ctx, sending, webhook)
    with refused(TOKEN_LACKS_PERMISSION):
        webhook_deliveries.send_test(hooks.ctx, reading, webhook)
    with refused(TOKEN_LACKS_PERMISSION):
        webhook_deliveries.view(hooks.ctx, sending, webhook)
    for deed in (webhooks.rotate, webhooks.remove, webhooks.switch_on):
        with refused(FRESH_SIGN_IN_NEEDED):
            deed(hooks.ctx, sending, webhook)


def test_there_are_at_most_ten(hooks: Hooks) -> None:
    """For an account, and apart from it for an organization; one that is removed makes room."""
    made = [hooks.make(f"/{number}") for number in range(DEFAULT.webhooks_per_owner)]
    with refused(TOO_MANY_WEBHOOKS):
        hooks.make("/more")
    hooks.make("/above", by=CY, owner=OF_GROUP)
    webhooks.remove(hooks.ctx, hooks.town.actor(ADA), made[0].id)
    hooks.make("/again")

    assert len(webhooks.list_webhooks(hooks.ctx, hooks.town.actor(ADA), OF_ACME).webhooks) == DEFAULT.webhooks_per_owner


def test_removing_drops_what_waits(hooks: Hooks) -> None:
    """Nothing of it is left, and nothing is sent."""
    webhook = hooks.make()
    hooks.receiver.manners["/"] = 500
    hooks.tell()
    hooks.deliver()
    came = len(hooks.receiver.came)
    webhooks.remove(hooks.ctx, hooks.town.actor(ADA), webhook.id)
    hooks.town.clock.advance(hours=1)
    hooks.deliver()
    hooks.deliver(failing=True)

    assert len(hooks.receiver.came) == came
    for table in ("webhooks", "webhook_deliveries", "webhook_tries"):
        assert rows(hooks.ctx.database, f"SELECT * FROM {table}") == []  # noqa: S608 — our own tables


@pytest.mark.parametrize("url", ["", "http://hooks.example.com/", "https://10.0.0.1/", "https://nowhere.invalid/"])
def test_an_address_is_looked_at(hooks: Hooks, url: str) -> None:
    """What is none, is not public or leads nowhere is refused at its field."""
    with refused(INVALID_FIELD, "url"):
        webhooks.make(hooks.ctx, hooks.town.actor(ADA), OF_ACME, Draft(url))


def test_the_account_may_be_named_by_its_number(hooks: Hooks) -> None:
    """As everywhere in the API."""
    number = str(rows(hooks.ctx.database, f"SELECT number FROM accounts WHERE id = '{ACME.demo}'")[0][0])  # noqa: S608

    assert hooks.make(owner=Owner(account=number)).owner == OF_ACME
