"""Which secret keys and keypairs are about to expire, and nobody was told so at this step?"""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Connection, Select, String, Table, cast, literal, select, type_coerce, union_all

from keysteward.rules.notices import EXPIRY_STEPS
from keysteward.store.tables import Words, apps, keypairs, leaks, notices, secrets


class Due(NamedTuple):
    """A secret key or keypair of a key."""

    id: str
    key: str


def list_untold(tx: Connection, now: datetime, most: int) -> list[Due]:
    """The secret keys and keypairs whose admins have to be told now, in no order.

    Those that are known to have leaked are left out, and steps that had come before they were made.
    """
    ends = (*EXPIRY_STEPS[1:], timedelta(0))
    parts = [
        _untold(table, now + end, now + step, step)
        for table in (secrets, keypairs)
        for step, end in zip(EXPIRY_STEPS, ends, strict=True)
    ]
    return [Due(row.id, row.key) for row in tx.execute(union_all(*parts).limit(most))]


def _untold(table: Table, after: datetime, until: datetime, step: timedelta) -> Select[Any]:
    made_at, expires_at = (type_coerce(column, BigInteger) for column in (table.c.created_at, table.c.expires_at))
    said = literal("expiry ", Words) + table.c.id + " " + cast(expires_at, String) + f" {step.days}"
    was_told = select(notices.c.id).where(notices.c.occasion == said).exists()
    has_leaked = select(leaks.c.id).where(leaks.c.id == table.c.id).exists()
    return (
        select(table.c.id, table.c.key)
        .join(apps, apps.c.key == table.c.key)
        .where(table.c.expires_at > after, table.c.expires_at <= until, apps.c.deleted_at.is_(None))
        .where(expires_at - made_at >= step // timedelta(microseconds=1), ~has_leaked, ~was_told)
    )
