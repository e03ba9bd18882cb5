"""Which keys may need a reminder, and whose admins were reminded of what?"""

from datetime import datetime

from sqlalchemy import Connection, select

from keysteward.store.database import upsert
from keysteward.store.tables import apps, key_reminders, promotions, reviews


def list_passed(tx: Connection, since: datetime, until: datetime) -> list[str]:
    """The keys that are not live and have a review that passed within a time and was not reminded of.

    Where a person had to approve it, that may have been later.
    """
    reminded = select(key_reminders.c.occasion).where(key_reminders.c.occasion == reviews.c.id)
    query = (
        select(reviews.c.key)
        .join(apps, apps.c.key == reviews.c.key)
        .where(reviews.c.verdict == "passed", reviews.c.settled_at > since, reviews.c.settled_at <= until)
        .where(apps.c.live_at.is_(None), apps.c.deleted_at.is_(None), ~reminded.exists())
        .distinct()
    )
    return list(tx.execute(query).scalars())


def list_promoted_before(tx: Connection, until: datetime) -> list[str]:
    """The keys that arrived before a moment and were not reminded of since."""
    reminded = select(key_reminders.c.occasion).where(key_reminders.c.occasion == promotions.c.ticket)
    query = (
        select(promotions.c.key)
        .join(apps, apps.c.key == promotions.c.key)
        .where(promotions.c.done_at <= until, apps.c.stopped_at.is_(None), apps.c.deleted_at.is_(None))
        .where(~reminded.exists())
    )
    return list(tx.execute(query).scalars())


def save(tx: Connection, about: str, occasion: str, key: str, now: datetime) -> bool:
    """Note a reminder; only one caller is told True, whoever comes again is not."""
    values = {"about": about, "occasion": occasion, "key": key, "at": now}
    return tx.execute(upsert(tx, key_reminders).values(**values).on_conflict_do_nothing()).rowcount == 1


def list_of(tx: Connection, occasion: str) -> set[str]:
    """What was reminded of for one occasion."""
    return set(tx.execute(select(key_reminders.c.about).where(key_reminders.c.occasion == occasion)).scalars())
