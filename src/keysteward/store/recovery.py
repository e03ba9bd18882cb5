"""Which links to a new password or a new address are on their way? One of a kind for each user: the newest."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from keysteward.store.tables import address_links, password_links, users


class PasswordLink(NamedTuple):
    """A link with which a user chooses a new password."""

    user: str
    digest: str
    expires_at: datetime


class AddressLink(NamedTuple):
    """A link with which a user proves that they read the mail of a new address."""

    user: str
    digest: str
    email: str
    expires_at: datetime


def save_password_link(tx: Connection, link: PasswordLink) -> None:
    """Remember a link in the place of the user's older one."""
    tx.execute(delete(password_links).where(password_links.c.user == link.user))
    tx.execute(insert(password_links).values(**link._asdict()))


def find_password_link(tx: Connection, digests: tuple[str, ...]) -> PasswordLink | None:
    """A link by one of these keyed hashes."""
    row = tx.execute(select(password_links).where(password_links.c.digest.in_(digests))).one_or_none()
    return None if row is None else PasswordLink(*row)


def burn_password_link(tx: Connection, digest: str) -> bool:
    """Use a link once; only one caller is told True."""
    return tx.execute(delete(password_links).where(password_links.c.digest == digest)).rowcount == 1


def save_address_link(tx: Connection, link: AddressLink) -> None:
    """Remember a link in the place of the user's older one."""
    tx.execute(delete(address_links).where(address_links.c.user == link.user))
    tx.execute(insert(address_links).values(**link._asdict()))


def find_address_link(tx: Connection, digests: tuple[str, ...]) -> AddressLink | None:
    """A link by one of these keyed hashes."""
    row = tx.execute(select(address_links).where(address_links.c.digest.in_(digests))).one_or_none()
    return None if row is None else AddressLink(*row)


def burn_address_link(tx: Connection, digest: str) -> bool:
    """Use a link once; only one caller is told True."""
    return tx.execute(delete(address_links).where(address_links.c.digest == digest)).rowcount == 1


def forget_links(tx: Connection, user: str) -> None:
    """Make every link of a user useless."""
    tx.execute(delete(password_links).where(password_links.c.user == user))
    tx.execute(delete(address_links).where(address_links.c.user == user))


def forget_expired_links(tx: Connection, before: datetime) -> None:
    """Forget links that expired before a moment."""
    tx.execute(delete(password_links).where(password_links.c.expires_at < before))
    tx.execute(delete(address_links).where(address_links.c.expires_at < before))


def change_address(tx: Connection, user: str, email: str, now: datetime) -> bool:
    """Give a user another address, which they proved to be theirs; False where somebody has it."""
    values = {"email": email, "email_folded": email.casefold(), "email_verified_at": now}
    try:
        with tx.begin_nested():
            tx.execute(update(users).where(users.c.id == user).values(**values))
    except IntegrityError:
        return False
    return True
