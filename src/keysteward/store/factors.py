"""What is remembered of second factors: authenticator apps, passkeys, recovery codes and their ceremonies?"""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, delete, func, insert, select, update

from keysteward.store.database import upsert
from keysteward.store.tables import ceremonies, passkeys, recovery_codes, totp_secrets


class TotpSecret(NamedTuple):
    """The sealed secret of a user's authenticator app, and the last step whose code was used."""

    user: str
    secret_sealed: bytes
    last_step: int
    created_at: datetime


class Passkey(NamedTuple):
    """A user's passkey: the name of its credential, its public key, and how often it says it was used."""

    id: str
    user: str
    credential: str
    public_key: bytes
    uses: int
    name: str
    created_at: datetime
    used_at: datetime | None = None


def save_totp_secret(tx: Connection, secret: TotpSecret) -> bool:
    """Keep the secret of an authenticator app; False where the user has one already."""
    statement = upsert(tx, totp_secrets).values(**secret._asdict()).on_conflict_do_nothing()
    return tx.execute(statement).rowcount == 1


def find_totp_secret(tx: Connection, user: str) -> TotpSecret | None:
    """The secret of a user's authenticator app."""
    row = tx.execute(select(totp_secrets).where(totp_secrets.c.user == user)).one_or_none()
    return None if row is None else TotpSecret(row.user, row.secret_sealed, row.last_step, row.created_at)


def burn_totp_step(tx: Connection, user: str, step: int) -> bool:
    """Use the code of a step once; steps before it are gone too."""
    where = (totp_secrets.c.user == user) & (totp_secrets.c.last_step < step)
    return tx.execute(update(totp_secrets).where(where).values(last_step=step)).rowcount == 1


def delete_totp_secret(tx: Connection, user: str) -> bool:
    """Forget a user's authenticator app."""
    return tx.execute(delete(totp_secrets).where(totp_secrets.c.user == user)).rowcount == 1


def list_totp_secrets(tx: Connection) -> list[TotpSecret]:
    """The secrets of all authenticator apps."""
    rows = tx.execute(select(totp_secrets).order_by(totp_secrets.c.user))
    return [TotpSecret(row.user, row.secret_sealed, row.last_step, row.created_at) for row in rows]


def change_totp_secret(tx: Connection, user: str, secret_sealed: bytes) -> None:
    """Keep the secret of an authenticator app sealed anew."""
    tx.execute(update(totp_secrets).where(totp_secrets.c.user == user).values(secret_sealed=secret_sealed))


def save_passkey(tx: Connection, passkey: Passkey) -> bool:
    """Keep a passkey; False where its credential is kept already."""
    statement = upsert(tx, passkeys).values(**passkey._asdict()).on_conflict_do_nothing()
    return tx.execute(statement).rowcount == 1


def list_passkeys(tx: Connection, user: str) -> list[Passkey]:
    """A user's passkeys, oldest first."""
    query = select(passkeys).where(passkeys.c.user == user).order_by(passkeys.c.created_at, passkeys.c.id)
    return [Passkey(*row) for row in tx.execute(query)]


def use_passkey(tx: Connection, passkey: Passkey, uses: int, now: datetime) -> bool:
    """Remember that a passkey was used; False where it was used meanwhile, or is gone."""
    where = (passkeys.c.id == passkey.id) & (passkeys.c.uses == passkey.uses)
    return tx.execute(update(passkeys).where(where).values(uses=uses, used_at=now)).rowcount == 1


def delete_passkey(tx: Connection, user: str, passkey: str) -> bool:
    """Forget one of a user's passkeys."""
    where = (passkeys.c.user == user) & (passkeys.c.id == passkey)
    return tx.execute(delete(passkeys).where(where)).rowcount == 1


def delete_passkeys(tx: Connection, user: str) -> int:
    """Forget a user's passkeys; return how many there were."""
    return tx.execute(delete(passkeys).where(passkeys.c.user == user)).rowcount


def save_recovery_codes(tx: Connection, user: str, digests: list[str], now: datetime) -> None:
    """Keep a user's recovery codes in the place of those before."""
    delete_recovery_codes(tx, user)
    for digest in digests:
        tx.execute(insert(recovery_codes).values(digest=digest, user=user, created_at=now))


def count_recovery_codes(tx: Connection, user: str) -> int:
    """How many recovery codes a user has left."""
    query = select(func.count()).select_from(recovery_codes).where(recovery_codes.c.user == user)
    return tx.execute(query).scalar_one()


def burn_recovery_code(tx: Connection, user: str, digests: tuple[str, ...]) -> bool:
    """Use a recovery code once, by one of these keyed hashes."""
    where = (recovery_codes.c.user == user) & recovery_codes.c.digest.in_(digests)
    return tx.execute(delete(recovery_codes).where(where)).rowcount == 1


def delete_recovery_codes(tx: Connection, user: str) -> None:
    """Forget a user's recovery codes."""
    tx.execute(delete(recovery_codes).where(recovery_codes.c.user == user))


def save_ceremony(tx: Connection, digest: str, user: str, purpose: str, expires_at: datetime) -> None:
    """Remember the challenge of a passkey ceremony by its hash."""
    tx.execute(insert(ceremonies).values(digest=digest, user=user, purpose=purpose, expires_at=expires_at))


def burn_ceremony(tx: Connection, digest: str, user: str, purpose: str, now: datetime) -> bool:
    """Use a challenge once, for whom and what it was made, in time."""
    made_for = (ceremonies.c.user == user) & (ceremonies.c.purpose == purpose)
    where = (ceremonies.c.digest == digest) & made_for & (ceremonies.c.expires_at > now)
    return tx.execute(delete(ceremonies).where(where)).rowcount == 1


def forget_ceremonies(tx: Connection, before: datetime) -> None:
    """Forget challenges that expired before a moment."""
    tx.execute(delete(ceremonies).where(ceremonies.c.expires_at < before))
