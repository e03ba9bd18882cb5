"""How do tests make webhooks, tell something, and let it be delivered?"""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from keysteward.actions import notices as telling
from keysteward.actions import webhook_deliveries, webhooks
from keysteward.actions.context import Context, InForce
from keysteward.actions.webhook_deliveries import Told
from keysteward.actions.webhooks import Draft
from keysteward.outgoing.safe_https import Outside
from keysteward.rules.notice_kinds import NoticeKind
from keysteward.rules.notices import notice
from keysteward.rules.webhooks import Owner, Webhook
from tests.cast import ACME, ADA, Person, Town
from tests.peers.receiver import Receiver

OF_ACME = Owner(account=ACME.demo)


@dataclass
class Hooks:
    """An environment whose webhooks lead to a receiver."""

    town: Town
    receiver: Receiver
    ctx: Context = field(init=False)

    def __post_init__(self) -> None:
        self.ctx = reaching(self.town.demo, self.receiver)

    def make(self, path: str = "/", *kinds: str, by: Person = ADA, owner: Owner = OF_ACME) -> Webhook:
        """A webhook whose deliveries come to a path of the receiver; its secret is kept nowhere."""
        return self.made(path, *kinds, by=by, owner=owner).webhook

    def made(self, path: str = "/", *kinds: str, by: Person = ADA, owner: Owner = OF_ACME) -> webhooks.Made:
        """Likewise, with its secret."""
        return webhooks.make(self.ctx, self.town.actor(by), owner, Draft(self.receiver.origin + path, kinds))

    def tell(self, kind: NoticeKind = "custody-finding", account: str = ACME.demo, **about: Any) -> str:  # noqa: ANN401
        """Something is told; answer with its id."""
        told = notice(kind, self.ctx.now, account=account, **about, subject="Something", what="It happened.")
        with self.ctx.database.writing() as tx:
            telling.announce(self.ctx, tx, told)
        return told.id

    def change_policy(self, **numbers: Any) -> None:  # noqa: ANN401
        """Let this environment run by other numbers."""
        self.ctx = replace(self.ctx, in_force=InForce(replace(self.ctx.policy, **numbers)))

    def deliver(self, *, failing: bool = False) -> None:
        """What the jobs do, once."""
        webhook_deliveries.hand_over(self.ctx)
        webhook_deliveries.deliver_due(self.ctx, failing=failing)

    def retry(self, after: timedelta = timedelta(0)) -> None:
        """Let time pass, and try again what failed."""
        self.town.clock.advance(seconds=after.total_seconds())
        webhook_deliveries.deliver_due(self.ctx, failing=True)

    def log(self, webhook: Webhook) -> list[Told]:
        """The deliveries of a webhook, the first first."""
        view = webhook_deliveries.view(self.ctx, self.town.actor(ADA), webhook.id)
        return list(reversed(view.deliveries))

    def stages(self, webhook: Webhook) -> list[str]:
        """How far each of them is."""
        return [each.delivery.stage for each in self.log(webhook)]

    def state(self, webhook: Webhook) -> Webhook:
        """A webhook as it is now."""
        return webhook_deliveries.view(self.ctx, self.town.actor(ADA), webhook.id).webhook


def reaching(ctx: Context, made: Receiver) -> Context:
    """An environment that may tell a receiver on loopback."""
    return replace(ctx, receivers=Outside((), made.ca_file, allows_loopback=True))
