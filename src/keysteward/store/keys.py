"""What is remembered of integration keys and their settings?"""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from keysteward.rules.keys import App, Keypair, Secret, Settings
from keysteward.store.database import upsert
from keysteward.store.tables import apps, keypairs, origins, redirect_uris, secrets


def save(tx: Connection, app: App) -> None:
    """Add an app."""
    tx.execute(insert(apps).values(**_values(app)))


def change(tx: Connection, app: App) -> bool:
    """Write an app back over the version it was read at; False where somebody else changed it meanwhile."""
    where = (apps.c.key == app.key) & (apps.c.version == app.version)
    values = {**_values(app), "version": app.version + 1}
    return tx.execute(update(apps).where(where).values(**values)).rowcount == 1


def mark_live(tx: Connection, key: str, promoted_at: datetime, account: str) -> None:
    """Note in demo that the key is live in production, and in which account."""
    values = {"live_at": promoted_at, "live_account": account, "version": apps.c.version + 1}
    tx.execute(update(apps).where(apps.c.key == key).values(**values))


def find(tx: Connection, key: str) -> App | None:
    """An app by its key, deleted ones included; the key is compared exactly."""
    row = tx.execute(select(apps).where(apps.c.key == key)).one_or_none()
    return None if row is None else app_of(row)


def list_of_account(tx: Connection, account: str) -> list[App]:
    """The apps that an account manages, newest first, deleted ones included."""
    query = select(apps).where(apps.c.account == account).order_by(apps.c.created_at.desc(), apps.c.key)
    return [app_of(row) for row in tx.execute(query)]


def count_of_account(tx: Connection, account: str) -> int:
    """How many apps an account manages, deleted ones not counted."""
    where = (apps.c.account == account) & apps.c.deleted_at.is_(None)
    return tx.execute(select(func.count()).select_from(apps).where(where)).scalar_one()


def load_settings(tx: Connection, key: str) -> Settings:
    """Everything that hangs on an app."""
    return Settings(
        secrets=tuple(list_secrets(tx, key)),
        keypairs=tuple(list_keypairs(tx, key)),
        redirect_uris=list_redirect_uris(tx, key),
        origins=list_origins(tx, key),
    )


def save_secret(tx: Connection, key: str, secret: Secret, digest: str) -> None:
    """Add a secret key by its keyed hash."""
    tx.execute(
        insert(secrets).values(
            id=secret.id,
            key=key,
            digest=digest,
            hint=secret.hint,
            created_at=secret.created_at,
            created_by=secret.created_by,
            expires_at=secret.expires_at,
            reason=secret.reason,
        )
    )


def mark_declared(tx: Connection, key: str) -> None:
    """Note that an app has secret keys that somebody else chose, which may have any shape."""
    tx.execute(update(apps).where(apps.c.key == key).values(has_declared_secrets=True))


def list_secrets(tx: Connection, key: str) -> list[Secret]:
    """The secret keys of an app, oldest first."""
    query = select(secrets).where(secrets.c.key == key).order_by(secrets.c.created_at, secrets.c.id)
    return [_secret(row) for row in tx.execute(query)]


def map_secrets(tx: Connection, key: str) -> dict[str, Secret]:
    """The secret keys of an app by their keyed hashes."""
    return {row.digest: _secret(row) for row in tx.execute(select(secrets).where(secrets.c.key == key))}


def find_owner_of_secret(tx: Connection, digests: tuple[str, ...]) -> tuple[str, str] | None:
    """The key and the id of the secret key, of any app, that has one of these keyed hashes."""
    row = tx.execute(select(secrets.c.key, secrets.c.id).where(secrets.c.digest.in_(digests))).one_or_none()
    return None if row is None else (row.key, row.id)


def expire(tx: Connection, credential: str, at: datetime) -> None:
    """Let a secret key or keypair expire at a moment, if it would not before."""
    for table in (secrets, keypairs):
        later = table.c.expires_at.is_(None) | (table.c.expires_at > at)
        tx.execute(update(table).where((table.c.id == credential) & later).values(expires_at=at))


def delete_secret(tx: Connection, key: str, secret: str) -> bool:
    """Remove a secret key; False where there was none."""
    return tx.execute(delete(secrets).where((secrets.c.id == secret) & (secrets.c.key == key))).rowcount == 1


def save_keypair(tx: Connection, key: str, keypair: Keypair) -> None:
    """Add the public half of a keypair."""
    tx.execute(
        insert(keypairs).values(
            id=keypair.id,
            key=key,
            public_pem=keypair.public_pem,
            thumbprint=keypair.thumbprint,
            created_at=keypair.created_at,
            created_by=keypair.created_by,
            expires_at=keypair.expires_at,
            reason=keypair.reason,
        )
    )


def list_keypairs(tx: Connection, key: str) -> list[Keypair]:
    """The keypairs of an app, oldest first."""
    query = select(keypairs).where(keypairs.c.key == key).order_by(keypairs.c.created_at, keypairs.c.id)
    return [
        Keypair(row.id, row.public_pem, row.thumbprint, row.created_at, row.created_by, row.expires_at, row.reason)
        for row in tx.execute(query)
    ]


def delete_keypair(tx: Connection, key: str, keypair: str) -> bool:
    """Remove a keypair; False where there was none."""
    return tx.execute(delete(keypairs).where((keypairs.c.id == keypair) & (keypairs.c.key == key))).rowcount == 1


def add_redirect_uri(tx: Connection, key: str, uri: str, now: datetime) -> bool:
    """Register a redirect URI; False where the app has it already."""
    statement = upsert(tx, redirect_uris).values(key=key, uri=uri, created_at=now).on_conflict_do_nothing()
    return tx.execute(statement).rowcount == 1


def remove_redirect_uri(tx: Connection, key: str, uri: str) -> bool:
    """Forget a redirect URI; False where there was none."""
    where = (redirect_uris.c.key == key) & (redirect_uris.c.uri == uri)
    return tx.execute(delete(redirect_uris).where(where)).rowcount == 1


def list_redirect_uris(tx: Connection, key: str) -> tuple[str, ...]:
    """The redirect URIs of an app, oldest first."""
    query = select(redirect_uris.c.uri).where(redirect_uris.c.key == key)
    return tuple(tx.execute(query.order_by(redirect_uris.c.created_at, redirect_uris.c.uri)).scalars())


def add_origin(tx: Connection, key: str, origin: str, now: datetime) -> bool:
    """Register a web origin; False where the app has it already."""
    statement = upsert(tx, origins).values(key=key, origin=origin, created_at=now).on_conflict_do_nothing()
    return tx.execute(statement).rowcount == 1


def remove_origin(tx: Connection, key: str, origin: str) -> bool:
    """Forget a web origin; False where there was none."""
    return tx.execute(delete(origins).where((origins.c.key == key) & (origins.c.origin == origin))).rowcount == 1


def list_origins(tx: Connection, key: str) -> tuple[str, ...]:
    """The web origins of an app, oldest first."""
    query = select(origins.c.origin).where(origins.c.key == key)
    return tuple(tx.execute(query.order_by(origins.c.created_at, origins.c.origin)).scalars())


def is_origin_known(tx: Connection, origin: str) -> bool:
    """Whether an app that works lists this origin."""
    works = apps.c.stopped_at.is_(None) & apps.c.deleted_at.is_(None)
    query = select(origins.c.key).join(apps).where((origins.c.origin == origin) & works)
    return tx.execute(query).first() is not None


def _values(app: App) -> dict[str, Any]:
    return {
        "key": app.key,
        "account": app.account,
        "name": app.name,
        "contact": app.contact,
        "integration_type": app.integration_type,
        "grants": sorted(app.grants),
        "pkce_required": app.pkce_required,
        "privacy_url": app.privacy_url,
        "terms_url": app.terms_url,
        "requester": app.requester,
        "created_at": app.created_at,
        "created_by": app.created_by,
        "version": app.version,
        "stopped_at": app.stopped_at,
        "deleted_at": app.deleted_at,
        "promoted_at": app.promoted_at,
        "live_at": app.live_at,
        "live_account": app.live_account,
        "least_epoch": app.least_epoch,
        "implicit_until": app.implicit_until,
        "has_declared_secrets": app.has_declared_secrets,
    }


def _secret(row: Row[Any]) -> Secret:
    return Secret(row.id, row.hint, row.created_at, row.created_by, row.expires_at, row.reason)


def app_of(row: Row[Any]) -> App:
    """An app as its row has it."""
    values = {**row._mapping, "grants": frozenset(row.grants)}  # noqa: SLF001 — SQLAlchemy's documented accessor
    return App(**values)
