"""Which recovery contacts do accounts name, and which link does each have?"""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from keysteward.rules.recovery_contacts import RecoveryContact
from keysteward.store.tables import recovery_contacts

_c = recovery_contacts.c


def save(tx: Connection, contact: RecoveryContact) -> None:
    """Add a contact."""
    values = {
        "account": contact.account,
        "email_folded": contact.email.casefold(),
        "email": contact.email,
        "named_by": contact.named_by,
        "named_at": contact.named_at,
        "confirmed_at": contact.confirmed_at,
        "digest": contact.digest,
        "expires_at": contact.expires_at,
    }
    tx.execute(insert(recovery_contacts).values(**values))


def list_of_account(tx: Connection, account: str) -> list[RecoveryContact]:
    """The contacts of an account, in the order in which they were named."""
    query = select(recovery_contacts).where(_c.account == account).order_by(_c.named_at, _c.email_folded)
    return [_contact(row) for row in tx.execute(query)]


def list_of_record(tx: Connection, account: str) -> list[str]:
    """The confirmed addresses of an account, in the order in which they were named."""
    return [each.email for each in list_of_account(tx, account) if each.confirmed_at is not None]


def find_by_link(tx: Connection, digests: tuple[str, ...]) -> RecoveryContact | None:
    """The contact whose newest link has one of these keyed hashes."""
    row = tx.execute(select(recovery_contacts).where(_c.digest.in_(digests))).one_or_none()
    return None if row is None else _contact(row)


def confirm(tx: Connection, digest: str, spent: str, now: datetime) -> bool:
    """Note that a contact agreed, and burn their link by giving it a hash of nothing; only one caller is told True."""
    values = {"confirmed_at": now, "digest": spent}
    where = (_c.digest == digest) & _c.confirmed_at.is_(None)
    return tx.execute(update(recovery_contacts).where(where).values(**values)).rowcount == 1


def give_link(tx: Connection, contact: RecoveryContact, digest: str, expires_at: datetime) -> None:
    """Give a contact a new link in the place of the older one."""
    where = (_c.account == contact.account) & (_c.email_folded == contact.email.casefold())
    tx.execute(update(recovery_contacts).where(where).values(digest=digest, expires_at=expires_at))


def burn_link(tx: Connection, digest: str, spent: str) -> bool:
    """Use the link of a confirmed contact once; only one caller is told True."""
    where = (_c.digest == digest) & _c.confirmed_at.is_not(None)
    return tx.execute(update(recovery_contacts).where(where).values(digest=spent)).rowcount == 1


def remove(tx: Connection, account: str, email: str) -> bool:
    """Forget a contact; False where there was none."""
    where = (_c.account == account) & (_c.email_folded == email.casefold())
    return tx.execute(delete(recovery_contacts).where(where)).rowcount == 1


def forget_unconfirmed(tx: Connection, before: datetime) -> None:
    """Forget contacts who never agreed, once their link expired before a moment."""
    tx.execute(delete(recovery_contacts).where(_c.confirmed_at.is_(None), _c.expires_at < before))


def _contact(row: Row[Any]) -> RecoveryContact:
    return RecoveryContact(
        row.account, row.email, row.named_by, row.named_at, row.digest, row.expires_at, row.confirmed_at
    )
