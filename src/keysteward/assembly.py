"""How is an environment put together? Once, from its settings."""

import os
import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from keysteward.actions.calls import CALL, CALLER_FACTS
from keysteward.actions.context import Context, Counterpart, Meter
from keysteward.crypto.hashing import Digester, Passwords, fingerprint
from keysteward.crypto.sealing import Sealer
from keysteward.crypto.signing import (
    Algorithm,
    BadToken,
    SigningKey,
    load_public_key,
    load_signing_key,
    new_signing_key,
    public_keys_of,
    public_pem,
    verify,
)
from keysteward.outgoing.https import Peer
from keysteward.rules.policy import DEFAULT
from keysteward.settings import Settings
from keysteward.store import audit
from keysteward.store.audit import SigningKeyRow, Stamp
from keysteward.store.database import Database, Unreadable
from keysteward.store.recorder import Recorder

_KEY_BYTES = 32
_ALGORITHMS: dict[str, Algorithm] = {"access": "RS256", "paper": "EdDSA", "call": "EdDSA"}


class CannotStart(Exception):
    """Why an environment cannot start, and what to do about it: a sentence for whoever started it."""


def assemble(settings: Settings, clock: Callable[[], datetime] | None = None) -> Context:
    """One environment, ready to act; its database and keys are made where they are not there yet."""
    now = clock or _machine_now
    master_key = _master_key(settings.master_key_file)
    database = Database(settings.database)
    try:
        database.create()
    except Unreadable:
        raise CannotStart(f"{settings.database} cannot be read.") from None
    _check_stamp(database, settings, fingerprint(master_key), now())
    sealer = Sealer(master_key)
    signing = _signing_keys(database, sealer, now())
    access = signing["access"]
    return Context(
        environment=settings.environment,
        origin=settings.origin,
        hosts=settings.host_names,
        policy=DEFAULT,
        clock=now,
        machine_clock=time.time,
        database=database,
        recorder=Recorder(database),
        digester=Digester(master_key),
        passwords=Passwords(light=settings.profile == "twin"),
        sealer=sealer,
        access_key=access,
        access_keys={access.kid: load_public_key(public_pem(access.public))},
        paper_key=signing["paper"],
        call_key=signing["call"],
        counterpart=_counterpart(settings),
        meter=Meter(DEFAULT),
    )


def close(ctx: Context) -> None:
    """Write what waits and close the database."""
    ctx.recorder.close()
    ctx.database.close()


def _machine_now() -> datetime:
    return datetime.now(UTC)


def _master_key(file: Path) -> bytes:
    if not file.exists():
        _write_once(file, secrets.token_bytes(_KEY_BYTES))
    key = file.read_bytes()
    if len(key) != _KEY_BYTES:
        raise CannotStart(f"The master key in {file} is not {_KEY_BYTES} bytes long. Put the right file in its place.")
    return key


def _write_once(file: Path, content: bytes) -> None:
    """Write a private file whole or not at all; where two start together, the first wins."""
    draft = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())
    try:
        os.link(draft, file)
    except FileExistsError:
        return
    finally:
        draft.unlink()


def _check_stamp(database: Database, settings: Settings, print_of_key: str, now: datetime) -> None:
    wanted = Stamp(settings.environment, settings.profile, print_of_key)
    with database.writing() as tx:
        found = audit.find_stamp(tx)
        if found is None:
            audit.save_stamp(tx, wanted, now)
            return
    if found.fingerprint != wanted.fingerprint:
        raise CannotStart(
            f"The master key in {settings.master_key_file} is not the one that {settings.database} was made with. "
            "Put the right key in its place."
        )
    if found != wanted:
        raise CannotStart(
            f"{settings.database} is a {found.profile} database of the {found.environment} environment, "
            f"not a {wanted.profile} database of {wanted.environment}. Name another file."
        )


def _signing_keys(database: Database, sealer: Sealer, now: datetime) -> dict[str, SigningKey]:
    with database.reading() as tx:
        rows = {row.use: row for row in audit.list_signing_keys(tx) if row.retired_at is None}
    return {
        use: _opened(rows[use], algorithm, sealer) if use in rows else _made(database, use, algorithm, sealer, now)
        for use, algorithm in _ALGORITHMS.items()
    }


def _opened(row: SigningKeyRow, algorithm: Algorithm, sealer: Sealer) -> SigningKey:
    return load_signing_key(row.kid, algorithm, sealer.open(row.private_sealed, row.kid))


def _made(database: Database, use: str, algorithm: Algorithm, sealer: Sealer, now: datetime) -> SigningKey:
    key = new_signing_key(algorithm)
    sealed = sealer.seal(key.sealed_form(), key.kid)
    with database.writing() as tx:
        audit.save_signing_key(tx, SigningKeyRow(key.kid, use, algorithm, sealed, public_pem(key.public), now))
    return key


def _counterpart(settings: Settings) -> Counterpart:
    peer = Peer(settings.other_origin, settings.ca_file)
    return Counterpart(
        origin=settings.other_origin,
        exchange=lambda handle: str(peer.post("/api/v1/tickets/exchange", {"handle": handle})["ticket"]),
        deliver=lambda receipt: _deliver(peer, receipt),
        paper_keys=lambda: public_keys_of(peer.get("/.well-known/keysteward-papers")),
    )


def _deliver(peer: Peer, receipt: str) -> None:
    peer.post("/api/v1/receipts", {"receipt": receipt})


def call_verifier(ctx: Context, audience: str) -> Callable[[str], dict[str, str] | None]:
    """What the sample upstream checks the gateway's signed word with: the caller's facts, or None."""
    keys = {ctx.call_key.kid: ctx.call_key.public}

    def verify_word(word: str) -> dict[str, str] | None:
        try:
            claims = verify(word, CALL, keys)
        except BadToken:
            return None
        is_good = claims["aud"] == audience and claims["iss"] == ctx.issuer and claims["exp"] > ctx.now.timestamp()
        return {name: claims[name] for name in CALLER_FACTS} if is_good else None

    return verify_word
