"""How is an environment put together? Once, from its settings."""

import os
import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version as release
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from keysteward.actions.calls import CALL, CALLER_FACTS
from keysteward.actions.context import Context, Counterpart, InForce
from keysteward.actions.factors import seal_apps_anew
from keysteward.actions.identity_providers import seal_secrets_anew
from keysteward.actions.keyring import Keyring
from keysteward.actions.policy import catch_up
from keysteward.actions.request_logs import seal_entries_anew
from keysteward.actions.sealing import seal_files_anew
from keysteward.actions.webhooks import seal_webhooks_anew
from keysteward.crypto.hashing import Digester, Passwords, fingerprint
from keysteward.crypto.sealing import Sealer
from keysteward.crypto.signing import (
    Algorithm,
    BadToken,
    SigningKey,
    load_signing_key,
    new_signing_key,
    public_keys_of,
    public_pem,
    thumbprint,
    verify,
)
from keysteward.outgoing.dns import Dns, Resolver
from keysteward.outgoing.https import Peer, Silent
from keysteward.outgoing.mail import MailServer, mail_server
from keysteward.outgoing.probing import Server
from keysteward.outgoing.safe_https import Outside
from keysteward.rules.domains import Proving
from keysteward.rules.events import Event
from keysteward.rules.policy import DEFAULT
from keysteward.settings import Settings
from keysteward.store import audit, policy
from keysteward.store.attempted import Attempts
from keysteward.store.audit import SigningKeyRow, Stamp
from keysteward.store.database import Connection, Database, NoDatabase, Unreadable, bump_epoch, lock
from keysteward.store.directory import Directory, Recent, Watcher
from keysteward.store.meters import Meter, OwnMeter, Trials
from keysteward.store.migrating import TooNew, is_newer, migrate, newest_version, version_of
from keysteward.store.policy import Version
from keysteward.store.recorder import Recorder
from keysteward.store.usage import Tally

_KEY_BYTES = 32
_REMEMBERED = 20_000


class CannotStart(Exception):
    """Why an environment cannot start, and what to do about it: a sentence for whoever started it."""


def found(settings: Settings) -> None:
    """Make the master key and the tables of a new environment, where they are not there yet."""
    for file in settings.master_key_files[:1]:
        if not file.exists():
            _write_once(file, secrets.token_bytes(_KEY_BYTES))
    database = open_database(settings.database)
    try:
        migrate(database)
    except TooNew as error:
        raise _another_version(database, str(error)) from None
    except Unreadable as error:
        raise _unreadable(database, error) from None
    finally:
        database.close()


def open_database(address: str) -> Database:
    """A database by its address; its tables are not looked at."""
    try:
        return Database(address)
    except NoDatabase as error:
        raise CannotStart(f"The database address is no good: {error}.") from None


def assemble(settings: Settings, clock: Callable[[], datetime] | None = None, dns: Dns | None = None) -> Context:
    """One environment that was founded, ready to act. Clock and `dns` are the twin's, which asks no network."""
    now = clock or _machine_now
    master_keys = [_master_key(file) for file in settings.master_key_files]
    database = open_database(settings.database)
    _check_version(database)
    sealer = Sealer(*master_keys)
    _check_stamp(database, settings, [fingerprint(key) for key in master_keys], sealer, now())
    keys = _signing_keys(database, settings.algorithm, sealer, now())
    in_force = _in_force(database, now())
    meter = _meter(settings, database)
    return Context(
        environment=settings.environment,
        origin=settings.origin,
        hosts=settings.host_names,
        in_force=in_force,
        clock=now,
        machine_clock=time.time,
        database=database,
        directory=Directory(database),
        recorder=Recorder(database),
        usage=Tally(database),
        attempts=Attempts(database),
        digester=Digester(*master_keys),
        passwords=Passwords(light=settings.profile == "twin"),
        sealer=sealer,
        keyring=Keyring(settings.algorithm, sealer),
        paper_key=keys.paper,
        call_key=keys.call,
        counterpart=counterpart_of(Peer(settings.other_origin, settings.ca_file)),
        meter=meter,
        trials=Trials(database),
        seen_tokens=Recent(_REMEMBERED),
        words=Recent(_REMEMBERED),
        askers=Recent(_REMEMBERED),
        discoveries=Recent(_REMEMBERED),
        outside=Outside(settings.provider_hosts, settings.ca_file, allows_loopback=settings.profile == "twin"),
        receivers=Outside(settings.webhook_hosts, settings.ca_file, allows_loopback=settings.profile == "twin"),
        proving=_proving(settings),
        itself=Server(settings.origin, settings.ca_file),
        resolver=dns if settings.profile == "twin" else Resolver(settings.dns_servers),
        mail_server=_mail_server(settings),
        checkpoint_copy=settings.checkpoint_copy,
        proxies=settings.trusted_proxies,
        own_authority=settings.ca_file.resolve() if settings.ca_file and settings.profile == "twin" else None,
    )


def watcher(ctx: Context) -> Watcher:
    """What keeps an environment's directory true while it is served."""
    return Watcher(ctx.database, ctx.directory, partial(_catch_up, ctx))


def _catch_up(ctx: Context) -> None:
    """Go by what is kept outside of the directory."""
    catch_up(ctx)
    ctx.keyring.catch_up(ctx.database)


def close(ctx: Context) -> None:
    """Write what waits and close the database."""
    ctx.recorder.close()
    ctx.usage.close()
    ctx.attempts.close()
    ctx.meter.close()
    ctx.trials.close()
    ctx.database.close()


def _machine_now() -> datetime:
    return datetime.now(UTC)


def _master_key(file: Path) -> bytes:
    try:
        key = file.read_bytes()
    except FileNotFoundError:
        raise CannotStart(
            f"There is no master key in {file}. Put the one of this environment there; for a new environment make it: "
            f"head -c {_KEY_BYTES} /dev/urandom > {file} && chmod 600 {file}"
        ) from None
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


def _check_version(database: Database) -> None:
    try:
        version = version_of(database)
    except Unreadable as error:
        raise _unreadable(database, error) from None
    if version != newest_version():
        raise _another_version(database, version)


def _another_version(database: Database, version: str | None) -> CannotStart:
    name, next_step = database.url.render_as_string(), "Run keysteward migrate first."
    if is_newer(version):
        next_step = "Install the release that made them."
    return CannotStart(
        f"The tables of {name} have version {version or 'none'}, and this program works with "
        f"{newest_version()}. {next_step}"
    )


def _unreadable(database: Database, error: Exception) -> CannotStart:
    reason = str(error.__cause__ or error).partition("\n")[0]
    return CannotStart(f"{database.url.render_as_string()} cannot be read: {reason}.")


def _check_stamp(database: Database, settings: Settings, prints: list[str], sealer: Sealer, now: datetime) -> None:
    """Stop where this is another environment's database or master key; a new master key in front takes over."""
    wanted = Stamp(settings.environment, settings.profile, prints[0])
    name = database.url.render_as_string()
    with database.writing() as tx:
        lock(tx, "record", "stamp")
        found = audit.find_stamp(tx)
        if found is None:
            audit.save_stamp(tx, wanted, now)
            return
        if found._replace(fingerprint=prints[0]) != wanted:
            raise CannotStart(
                f"{name} is a {found.profile} database of the {found.environment} environment, "
                f"not a {wanted.profile} database of {wanted.environment}. Name another one."
            )
        if found.fingerprint not in prints:
            raise CannotStart(
                f"The master key in {settings.master_key_files[0]} is not the one that {name} was made with. "
                "Put the right key in its place."
            )
        if found.fingerprint != prints[0]:
            _seal_anew(tx, sealer, prints[0])
            audit.record(tx, Event("MasterKeyChanged", now, "system", data={"fingerprint": prints[0]}))


def _in_force(database: Database, now: datetime) -> InForce:
    """The newest policy; a new environment keeps the defaults of this program as version 1."""
    with database.reading() as tx:
        newest = policy.find_newest(tx)
    if newest is not None:
        return InForce(newest.policy)
    with database.writing() as tx:
        lock(tx, "record", "policy")
        if policy.find_newest(tx) is None:
            policy.save(tx, Version(DEFAULT, now, "system", "", f"The defaults of Keysteward {release('keysteward')}."))
    return InForce(DEFAULT)


def _seal_anew(tx: Connection, sealer: Sealer, print_of_key: str) -> None:
    """Another master key comes first: what is sealed for long is sealed with it from now on."""
    for row in audit.list_signing_keys(tx):
        audit.change_signing_key(
            tx, row.kid, private_sealed=sealer.seal(sealer.open(row.private_sealed, row.kid), row.kid)
        )
    seal_apps_anew(tx, sealer)
    seal_secrets_anew(tx, sealer)
    seal_entries_anew(tx, sealer)
    seal_files_anew(tx, sealer)
    seal_webhooks_anew(tx, sealer)
    audit.change_stamp(tx, fingerprint=print_of_key)


class _Keys(NamedTuple):
    paper: SigningKey
    call: SigningKey


def _signing_keys(database: Database, access: Algorithm, sealer: Sealer, now: datetime) -> _Keys:
    """The keys that sign papers and calls; whoever starts first makes what is missing, the tokens' key too."""
    wanted: dict[str, Algorithm] = {"access": access, "paper": "EdDSA", "call": "EdDSA"}
    with database.reading() as tx:
        rows = audit.list_signing_keys(tx)
    if not _newest(rows).keys() >= set(wanted.items()):
        with database.writing() as tx:
            lock(tx, "record", "signing keys")
            present = _newest(audit.list_signing_keys(tx))
            for use, algorithm in wanted.items():
                if (use, algorithm) not in present:
                    _save_signing_key(tx, _new_row(use, algorithm, sealer, now))
            rows = audit.list_signing_keys(tx)
            bump_epoch(tx)
    newest = _newest(rows)
    return _Keys(*(_opened(newest[use, "EdDSA"], "EdDSA", sealer) for use in _Keys._fields))


def _save_signing_key(tx: Connection, row: SigningKeyRow) -> None:
    audit.save_signing_key(tx, row)
    said = {"kid": row.kid, "use": row.use, "thumbprint": thumbprint(row.public_pem)}
    audit.record(tx, Event("SigningKeyMade", row.created_at, "system", data=said))


def _newest(rows: list[SigningKeyRow]) -> dict[tuple[str, str], SigningKeyRow]:
    return {(row.use, row.algorithm): row for row in reversed(rows)}


def _opened(row: SigningKeyRow, algorithm: Algorithm, sealer: Sealer) -> SigningKey:
    return load_signing_key(row.kid, algorithm, sealer.open(row.private_sealed, row.kid))


def _new_row(use: str, algorithm: Algorithm, sealer: Sealer, now: datetime) -> SigningKeyRow:
    key = new_signing_key(algorithm)
    sealed = sealer.seal(key.sealed_form(), key.kid)
    return SigningKeyRow(key.kid, use, algorithm, sealed, public_pem(key.public), now, now)


def counterpart_of(peer: Peer) -> Counterpart:
    """The other environment, asked over HTTP."""
    return Counterpart(
        origin=peer.origin,
        exchange=lambda handle: _exchange(peer, handle),
        deliver=lambda receipt: _deliver(peer, receipt),
        paper_keys=lambda: public_keys_of(peer.get("/.well-known/keysteward-papers")),
    )


def _proving(settings: Settings) -> Proving:
    target = settings.domain_target or f"domain-proof.{urlsplit(settings.origin).hostname}"
    return Proving(settings.domain_prefix, target.lower().removesuffix("."))


def _mail_server(settings: Settings) -> MailServer | None:
    if not settings.smtp:
        return None
    file = settings.smtp_password_file
    try:
        password = file.read_text().strip() if file else ""
        return mail_server(settings.smtp, settings.mail_from, password, settings.ca_file)
    except (OSError, ValueError) as error:
        raise CannotStart(f"No mail can be sent with these settings: {error}.") from None


def _meter(settings: Settings, database: Database) -> Meter:
    """One process counts by itself; several count in Valkey, or each by itself where there is none."""
    if not settings.valkey:
        return OwnMeter(database, settings.workers)
    from keysteward.store.valkey import BadAddress, SharedMeter  # noqa: PLC0415 — its client takes a second to import

    try:
        file = settings.valkey_password_file
        password = file.read_text().strip() if file else ""
        return SharedMeter(settings.valkey, settings.environment, password, settings.ca_file)
    except (OSError, BadAddress) as error:
        raise CannotStart(f"Calls cannot be counted with these settings: {error}.") from None


def _exchange(peer: Peer, handle: str) -> str:
    ticket = peer.post("/api/v1/tickets/exchange", {"handle": handle}).get("ticket")
    if not isinstance(ticket, str):
        raise Silent(f"{peer.origin} answered without a ticket")
    return ticket


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
