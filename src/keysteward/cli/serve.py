"""What does `keysteward serve` do? It runs one environment for real."""

import logging
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from rich.console import Console

from keysteward.actions import setup
from keysteward.assembly import CannotStart, assemble, close
from keysteward.cli.options import (
    AlgorithmName,
    AlgorithmOption,
    AuthorityOption,
    CertificateOption,
    CheckpointCopyOption,
    DatabaseOption,
    DnsServersOption,
    DomainPrefixOption,
    DomainTargetOption,
    EnvironmentOption,
    HostNamesOption,
    ListenOption,
    MailFromOption,
    MasterKeyOption,
    OriginOption,
    OtherOriginOption,
    ProviderHostsOption,
    SampleFileOption,
    SmtpOption,
    SmtpPasswordOption,
    TrustedProxiesOption,
    UpstreamOption,
    ValkeyOption,
    ValkeyPasswordOption,
    WebhookHostsOption,
    WorkersOption,
    files_of,
    names_of,
    origin_of,
    stop,
)
from keysteward.outgoing.dns import read_server
from keysteward.rules.signin import is_network
from keysteward.serve.logs import log_to_stderr
from keysteward.serve.workers import Post, serve_alone, serve_together
from keysteward.settings import Settings

_NOT_STARTED = "Not started."
_APART = "Each worker counts calls by itself, so limits hold for each. Say --valkey to count them together."

console = Console()


def serve(
    environment: EnvironmentOption,
    database: DatabaseOption,
    master_key_file: MasterKeyOption,
    origin: OriginOption,
    other_origin: OtherOriginOption,
    listen: ListenOption = "127.0.0.1:8443",
    certificate_file: CertificateOption = None,
    host_names: HostNamesOption = "",
    trusted_proxies: TrustedProxiesOption = "",
    workers: WorkersOption = 1,
    algorithm: AlgorithmOption = AlgorithmName.RS256,
    ca_file: AuthorityOption = None,
    upstream: UpstreamOption = "", sample_file: SampleFileOption = Path("keysteward-sample.db"),
    smtp: SmtpOption = "", smtp_password_file: SmtpPasswordOption = None, mail_from: MailFromOption = "",
    provider_hosts: ProviderHostsOption = "", webhook_hosts: WebhookHostsOption = "",
    dns_servers: DnsServersOption = "",
    domain_prefix: DomainPrefixOption = "keysteward",
    domain_target: DomainTargetOption = "",
    checkpoint_copy: CheckpointCopyOption = None,
    valkey: ValkeyOption = "",
    valkey_password_file: ValkeyPasswordOption = None,
) -> None:  # fmt: skip
    """Run one environment: its OAuth server, console, API and gateway."""
    settings = Settings(
        environment=environment.value,
        profile="serve",
        database=database,
        master_key_files=files_of(master_key_file),
        origin=_origin(origin, "--origin"),
        other_origin=_origin(other_origin, "--other-origin"),
        host_names=tuple(name.strip() for name in host_names.split(",") if name.strip()),
        trusted_proxies=_networks(trusted_proxies),
        algorithm=algorithm.value,
        ca_file=ca_file,
        smtp=smtp,
        smtp_password_file=smtp_password_file,
        mail_from=mail_from,
        provider_hosts=names_of(provider_hosts),
        webhook_hosts=names_of(webhook_hosts),
        dns_servers=_servers(dns_servers),
        domain_prefix=domain_prefix,
        domain_target=domain_target,
        checkpoint_copy=checkpoint_copy,
        workers=workers,
        valkey=valkey,
        valkey_password_file=valkey_password_file,
    )
    _demand_workable(settings, certificate_file)
    _run(settings, Post(settings, (_bound(listen),), certificate_file, _behind(upstream, sample_file)), workers)


def _run(settings: Settings, post: Post, workers: int) -> None:
    os.umask(0o077)
    log_to_stderr(logging.INFO)
    try:
        ready = _prepare(settings, post, workers)
        if workers == 1:
            serve_alone(post, ready)
        else:
            serve_together(post, workers, ready)
    except CannotStart as error:
        _stop(str(error), "Mend that and start again; nothing was changed.")
    console.print("Stopped.")


def _demand_workable(settings: Settings, certificate_file: Path | None) -> None:
    if settings.workers > 1 and settings.database.startswith("sqlite"):
        _stop(
            "Several workers need PostgreSQL; writers in several processes starve one another on SQLite.",
            "Say --database postgresql://USER@HOST/NAME, or --workers 1.",
        )
    if certificate_file is not None and not certificate_file.is_file():
        _stop(f"There is no certificate in {certificate_file}.", "Say a PEM file with key and chain.")
    _demand_private(settings.master_key_files)


def _demand_private(master_keys: tuple[Path, ...]) -> None:
    """A group may read a master key, as where secrets are mounted into a container; everybody else must not."""
    for file in master_keys:
        if file.is_file() and file.stat().st_mode & 0o027:
            _stop(f"Others on this host may read or change the master key in {file}.", f"Run chmod 600 {file}.")


def _prepare(settings: Settings, post: Post, workers: int) -> Callable[[], None]:
    """Look at everything once before the first worker starts, and make what is made once."""
    ctx = assemble(settings)
    try:
        code = setup.make_code(ctx)
    finally:
        close(ctx)
    host, port = post.sockets[0].getsockname()[:2]

    def ready() -> None:
        scheme = "https" if post.certificate else "http"
        console.print(
            f"[bold]Keysteward {settings.environment} is ready[/] as {settings.origin}, "
            f"listening on {scheme}://{host}:{port} with {workers} {'worker' if workers == 1 else 'workers'}.",
            highlight=False,
        )
        if workers > 1 and not settings.valkey:
            console.print(_APART, highlight=False)
        if code is not None:
            console.print(
                f"Nobody is here yet. Open {settings.origin}/setup and give this code: [bold]{code}[/]", highlight=False
            )

    return ready


def _origin(text: str, option: str) -> str:
    return origin_of(text, option, done=_NOT_STARTED)


def _behind(upstream: str, sample_file: Path) -> str | Path:
    return _origin(upstream, "--upstream") if upstream else sample_file


def _networks(text: str) -> tuple[str, ...]:
    named = tuple(each.strip() for each in text.split(",") if each.strip())
    for network in named:
        if not is_network(network):
            _stop(f"--trusted-proxies {network} is no address.", "Say addresses or networks, such as 10.0.0.0/8.")
    return named


def _servers(text: str) -> tuple[str, ...]:
    named = names_of(text)
    for server in named:
        try:
            read_server(server)
        except ValueError:
            _stop(f"--dns-servers {server} is no address.", "Say ADDRESS or ADDRESS:PORT, such as 10.0.0.2:53.")
    return named


def _bound(listen: str) -> socket.socket:
    address, _, port = listen.rpartition(":")
    if not port.isdigit() or int(port) > 65_535 or not address:
        _stop(f"--listen {listen} cannot be read.", "Say ADDRESS:PORT, such as 127.0.0.1:8443 or [::]:8443.")
    host = address.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, int(port)), family=family, backlog=2_048)
    except OSError as error:
        reason = str(error.strerror).partition(" (")[0]  # Python repeats the address behind the reason
        _stop(f"{listen} cannot be opened: {reason}.", "Choose another address or port with --listen.")


def _stop(sentence: str, next_step: str) -> NoReturn:
    stop(sentence, next_step, done=_NOT_STARTED)
