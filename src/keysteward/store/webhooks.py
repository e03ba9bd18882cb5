"""Which addresses are told of notices?"""

from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, insert, or_, select, update

from keysteward.rules.webhooks import Owner, Webhook
from keysteward.store.tables import webhook_deliveries, webhook_tries, webhooks


def save(tx: Connection, webhook: Webhook) -> None:
    """Add a webhook; nobody sends to it yet."""
    tx.execute(
        insert(webhooks).values(
            id=webhook.id,
            account=webhook.owner.account,
            organization=webhook.owner.organization,
            url=webhook.url,
            kinds=list(webhook.kinds),
            made_at=webhook.made_at,
            made_by=webhook.made_by,
            secret_sealed=webhook.secret_sealed,
            off_why="",
            busy_until=webhook.made_at,
            fence=0,
            repeats=0,
        )
    )


def find(tx: Connection, webhook: str) -> Webhook | None:
    """A webhook by its id."""
    row = tx.execute(select(webhooks).where(webhooks.c.id == webhook)).one_or_none()
    return None if row is None else _webhook(row)


def list_of(tx: Connection, owner: Owner) -> list[Webhook]:
    """The webhooks of an account or an organization, the oldest first."""
    query = select(webhooks).where(_of(owner)).order_by(webhooks.c.made_at, webhooks.c.id)
    return [_webhook(row) for row in tx.execute(query)]


def list_reached(tx: Connection, account: str, organizations: tuple[str, ...]) -> list[Webhook]:
    """The webhooks that a notice of an account or of organizations reaches, if they want it."""
    reached = [webhooks.c.organization == each for each in organizations if each]
    reached += [webhooks.c.account == account] if account else []
    return [_webhook(row) for row in tx.execute(select(webhooks).where(or_(*reached)))] if reached else []


def list_all(tx: Connection) -> list[Webhook]:
    """Every webhook."""
    return [_webhook(row) for row in tx.execute(select(webhooks))]


def change(tx: Connection, webhook: str, **values: object) -> None:
    """Change some columns of a webhook."""
    tx.execute(update(webhooks).where(webhooks.c.id == webhook).values(**values))


def remove(tx: Connection, webhook: str) -> bool:
    """Take a webhook away with all its deliveries, open ones too; False where there is none."""
    own = select(webhook_deliveries.c.id).where(webhook_deliveries.c.webhook == webhook)
    tx.execute(delete(webhook_tries).where(webhook_tries.c.delivery.in_(own)))
    tx.execute(delete(webhook_deliveries).where(webhook_deliveries.c.webhook == webhook))
    return tx.execute(delete(webhooks).where(webhooks.c.id == webhook)).rowcount == 1


def _of(owner: Owner) -> ColumnElement[bool]:
    return (webhooks.c.account == owner.account) & (webhooks.c.organization == owner.organization)


def _webhook(row: Row[Any]) -> Webhook:
    return Webhook(
        row.id,
        Owner(row.account, row.organization),
        row.url,
        tuple(row.kinds),
        row.made_at,
        row.made_by,
        row.secret_sealed,
        row.old_secret_sealed,
        row.old_secret_until,
        row.failing_since,
        row.told_at,
        row.off_at,
        row.off_why,
        row.repeats,
        row.repeats_since,
    )
