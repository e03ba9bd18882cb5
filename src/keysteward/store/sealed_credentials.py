"""What is remembered of recovery recipients and of what was sealed to them?"""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Table, delete, func, or_, select, update

from keysteward.rules.sealed_credentials import Credential, Recipient, Sealed
from keysteward.store.database import upsert
from keysteward.store.tables import apps, keypairs, recovery_recipients, sealed_credentials, secrets

_SHOWN = [column for column in sealed_credentials.columns if column.name != "ciphertext_sealed"]


class Unsealed(NamedTuple):
    """A secret key or keypair that works and of which nothing is sealed."""

    key: str
    name: str
    kind: Credential
    hint: str


# ── recipients ──────────────────────────────────────────────────────────────────────────────────────────────────────
def add_recipient(tx: Connection, recipient: Recipient) -> bool:
    """Add a recipient; False where the account has one with this public key."""
    values = {
        "id": recipient.id,
        "account": recipient.account,
        "label": recipient.label,
        "public_key": recipient.public_key,
        "added_at": recipient.added_at,
        "added_by": recipient.added_by,
    }
    return tx.execute(upsert(tx, recovery_recipients).values(values).on_conflict_do_nothing()).rowcount == 1


def list_recipients(tx: Connection, account: str) -> list[Recipient]:
    """The recipients of an account, oldest first; those of one moment by their labels."""
    c = recovery_recipients.c
    rows = tx.execute(select(recovery_recipients).where(c.account == account).order_by(c.added_at, c.label, c.id))
    return [Recipient(row.id, row.account, row.label, row.public_key, row.added_at, row.added_by) for row in rows]


def count_recipients(tx: Connection, account: str) -> int:
    """How many recipients an account has."""
    query = select(func.count()).select_from(recovery_recipients).where(recovery_recipients.c.account == account)
    return tx.execute(query).scalar_one()


def remove_recipient(tx: Connection, account: str, recipient: str) -> bool:
    """Remove a recipient; False where there was none."""
    where = (recovery_recipients.c.id == recipient) & (recovery_recipients.c.account == account)
    return tx.execute(delete(recovery_recipients).where(where)).rowcount == 1


# ── what is sealed ──────────────────────────────────────────────────────────────────────────────────────────────────
def save(tx: Connection, sealed: Sealed, ciphertext_sealed: bytes) -> None:
    """Keep what was sealed."""
    values = {
        "credential": sealed.credential,
        "account": sealed.account,
        "key": sealed.key,
        "kind": sealed.kind,
        "hint": sealed.hint,
        "recipients": list(sealed.recipients),
        "ciphertext_sealed": ciphertext_sealed,
        "sealed_at": sealed.sealed_at,
        "sealed_by": sealed.sealed_by,
    }
    tx.execute(sealed_credentials.insert().values(values))


def find(tx: Connection, credential: str) -> Sealed | None:
    """What was sealed of a secret key or keypair, without its ciphertext."""
    row = tx.execute(select(*_SHOWN).where(sealed_credentials.c.credential == credential)).one_or_none()
    return None if row is None else _sealed(row)


def list_of_account(tx: Connection, account: str) -> list[Sealed]:
    """All that is sealed in an account, the newest first."""
    c = sealed_credentials.c
    query = select(*_SHOWN).where(c.account == account).order_by(c.sealed_at.desc(), c.credential)
    return [_sealed(row) for row in tx.execute(query)]


def list_unsealed(tx: Connection, account: str, now: datetime, most: int) -> list[Unsealed]:
    """The secret keys and keypairs of an account's apps that work and of which nothing is sealed."""
    found = _unsealed(tx, secrets, "secret key", "hint", account, now, most)
    return (found + _unsealed(tx, keypairs, "keypair", "thumbprint", account, now, most))[:most]


def load_ciphertext(tx: Connection, credential: str) -> bytes | None:
    """The ciphertext of a secret key or keypair, as it is sealed at rest."""
    query = select(sealed_credentials.c.ciphertext_sealed).where(sealed_credentials.c.credential == credential)
    return tx.execute(query).scalar_one_or_none()


def remove(tx: Connection, credential: str) -> None:
    """Forget what was sealed of a secret key or keypair."""
    tx.execute(delete(sealed_credentials).where(sealed_credentials.c.credential == credential))


def remove_of_key(tx: Connection, key: str) -> None:
    """Forget all that was sealed of a key: another account manages it, and has recipients of its own."""
    tx.execute(delete(sealed_credentials).where(sealed_credentials.c.key == key))


def list_credentials(tx: Connection) -> list[str]:
    """Every secret key and keypair of which something is sealed."""
    return list(tx.execute(select(sealed_credentials.c.credential)).scalars())


def change_ciphertext(tx: Connection, credential: str, ciphertext_sealed: bytes) -> None:
    """Keep the same ciphertext sealed under another master key."""
    where = sealed_credentials.c.credential == credential
    tx.execute(update(sealed_credentials).where(where).values(ciphertext_sealed=ciphertext_sealed))


def _unsealed(
    tx: Connection, table: Table, kind: Credential, hint: str, account: str, now: datetime, most: int
) -> list[Unsealed]:
    is_live = or_(table.c.expires_at.is_(None), table.c.expires_at > now)
    is_sealed = select(sealed_credentials.c.credential).where(sealed_credentials.c.credential == table.c.id).exists()
    of_account = (apps.c.account == account) & apps.c.deleted_at.is_(None)
    query = select(apps.c.key, apps.c.name, table.c[hint]).select_from(table.join(apps, apps.c.key == table.c.key))
    rows = tx.execute(query.where(of_account & is_live & ~is_sealed).order_by(apps.c.name, table.c.id).limit(most))
    return [Unsealed(key, name, kind, told[:8]) for key, name, told in rows]


def _sealed(row: Row[Any]) -> Sealed:
    return Sealed(
        row.credential, row.account, row.key, row.kind, row.hint, tuple(row.recipients), row.sealed_at, row.sealed_by
    )
