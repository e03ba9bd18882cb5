"""Which options do the commands that open a database share? Each is a setting too, by its variable."""

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NoReturn
from urllib.parse import urlsplit

import typer
from rich.console import Console
from rich.markup import escape

_PANEL = "This environment"
_WHERE = "Where it answers"
_BEHIND = "What stands around it"
_MAIL = "How mail leaves"

complaints = Console(stderr=True, soft_wrap=True)


class EnvironmentName(StrEnum):
    """One of the two."""

    demo = "demo"
    production = "production"


class AlgorithmName(StrEnum):
    """What access tokens may be signed with."""

    RS256 = "RS256"
    ES256 = "ES256"


Author = Annotated[str, typer.Option("--author", help="Who you are; it stays on record.")]
EnvironmentOption = Annotated[
    EnvironmentName,
    typer.Option("--environment", envvar="KEYSTEWARD_ENVIRONMENT", rich_help_panel=_PANEL, help="Which one this is."),
]
DatabaseOption = Annotated[
    str,
    typer.Option(
        "--database",
        envvar="KEYSTEWARD_DATABASE",
        rich_help_panel=_PANEL,
        help="postgresql://USER@HOST/NAME, or sqlite:///FILE for one worker.",
    ),
]
MasterKeyOption = Annotated[
    str,
    typer.Option(
        "--master-key-file",
        envvar="KEYSTEWARD_MASTER_KEY_FILE",
        rich_help_panel=_PANEL,
        help=f"The file of 32 random bytes that every other key is derived from. Several, with {os.pathsep} between "
        "them: the first makes, all recognize.",
    ),
]

OriginOption = Annotated[
    str,
    typer.Option(
        envvar="KEYSTEWARD_ORIGIN", rich_help_panel=_WHERE, help="What people and programs call it: https://HOST."
    ),
]
OtherOriginOption = Annotated[
    str,
    typer.Option(envvar="KEYSTEWARD_OTHER_ORIGIN", rich_help_panel=_BEHIND, help="The other environment's origin."),
]
ListenOption = Annotated[
    str, typer.Option(envvar="KEYSTEWARD_LISTEN", rich_help_panel=_WHERE, help="ADDRESS:PORT; port 0 picks one.")
]
CertificateOption = Annotated[
    Path | None,
    typer.Option(
        envvar="KEYSTEWARD_CERTIFICATE_FILE",
        rich_help_panel=_WHERE,
        help="PEM with key and chain. Without it, plain HTTP to a proxy in front that holds the certificate.",
    ),
]
HostNamesOption = Annotated[
    str,
    typer.Option(
        envvar="KEYSTEWARD_HOST_NAMES", rich_help_panel=_WHERE, help="Further host names, with commas between."
    ),
]
TrustedProxiesOption = Annotated[
    str,
    typer.Option(
        envvar="KEYSTEWARD_TRUSTED_PROXIES",
        rich_help_panel=_WHERE,
        help="Addresses or networks of the proxies in front, with commas between: only they are believed when they say "
        "where a client is (X-Forwarded-For).",
    ),
]
WorkersOption = Annotated[
    int,
    typer.Option(envvar="KEYSTEWARD_WORKERS", min=1, max=64, rich_help_panel=_WHERE, help="How many processes."),
]
AlgorithmOption = Annotated[
    AlgorithmName,
    typer.Option(
        envvar="KEYSTEWARD_ALGORITHM",
        rich_help_panel=_WHERE,
        help="What signs access tokens; every client takes RS256.",
    ),
]
AuthorityOption = Annotated[
    Path | None,
    typer.Option(
        envvar="KEYSTEWARD_CA_FILE",
        rich_help_panel=_BEHIND,
        help="An authority to trust when asking the other environment or an API behind the gateway.",
    ),
]
UpstreamOption = Annotated[
    str,
    typer.Option(
        envvar="KEYSTEWARD_UPSTREAM",
        rich_help_panel=_BEHIND,
        help="The API behind the gateway: https://HOST. Without it a sample API answers.",
    ),
]
SampleFileOption = Annotated[
    Path,
    typer.Option(
        envvar="KEYSTEWARD_SAMPLE_FILE", rich_help_panel=_BEHIND, help="Where the sample API keeps its envelopes."
    ),
]
SmtpOption = Annotated[
    str,
    typer.Option(
        envvar="KEYSTEWARD_SMTP",
        rich_help_panel=_MAIL,
        help="The mail server: smtp://USER@HOST:587 (STARTTLS), smtps://USER@HOST:465 (TLS) or smtp+plain://HOST:25. "
        "Without it no mail leaves.",
    ),
]
SmtpPasswordOption = Annotated[
    Path | None,
    typer.Option(
        envvar="KEYSTEWARD_SMTP_PASSWORD_FILE", rich_help_panel=_MAIL, help="A file with the password for that USER."
    ),
]
MailFromOption = Annotated[
    str,
    typer.Option(
        envvar="KEYSTEWARD_MAIL_FROM", rich_help_panel=_MAIL, help="The address that mail comes from: keys@example.com."
    ),
]
ValkeyOption = Annotated[
    str,
    typer.Option(
        envvar="KEYSTEWARD_VALKEY",
        rich_help_panel=_WHERE,
        help="Where several workers count calls together: valkey://USER@HOST:6379/0, valkeys:// with TLS, or "
        "unix://FILE. Without it each worker counts by itself, and limits hold for each.",
    ),
]
ValkeyPasswordOption = Annotated[
    Path | None,
    typer.Option(
        envvar="KEYSTEWARD_VALKEY_PASSWORD_FILE", rich_help_panel=_WHERE, help="A file with the password for it."
    ),
]
ProviderHostsOption = Annotated[
    str,
    typer.Option(
        envvar="KEYSTEWARD_PROVIDER_HOSTS",
        rich_help_panel=_BEHIND,
        help="Hosts of identity providers that may be asked although their addresses are not public, with commas "
        "between.",
    ),
]
WebhookHostsOption = Annotated[
    str,
    typer.Option(
        envvar="KEYSTEWARD_WEBHOOK_HOSTS",
        rich_help_panel=_BEHIND,
        help="Hosts that may be told by webhook although their addresses are not public, with commas between. Every "
        "admin of an account may name them.",
    ),
]
DnsServersOption = Annotated[
    str,
    typer.Option(
        envvar="KEYSTEWARD_DNS_SERVERS",
        rich_help_panel=_BEHIND,
        help="Who answers for DNS when a claimed domain is checked: ADDRESS or ADDRESS:PORT, with commas between. "
        "Without it the resolvers of this host.",
    ),
]
DomainPrefixOption = Annotated[
    str,
    typer.Option(
        envvar="KEYSTEWARD_DOMAIN_PREFIX",
        rich_help_panel=_BEHIND,
        help="What stands before the token in the TXT record that proves a claimed domain.",
    ),
]
DomainTargetOption = Annotated[
    str,
    typer.Option(
        envvar="KEYSTEWARD_DOMAIN_TARGET",
        rich_help_panel=_BEHIND,
        help="Where the CNAME record leads that proves one. Without it domain-proof. and the origin's host.",
    ),
]

CheckpointCopyOption = Annotated[
    Path | None,
    typer.Option(
        envvar="KEYSTEWARD_CHECKPOINT_COPY",
        rich_help_panel=_BEHIND,
        help="A file that every signed checkpoint of the audit log is appended to, where whoever writes to the "
        "database cannot: a share of another machine, or a file that only grows.",
    ),
]


def files_of(paths: str) -> tuple[Path, ...]:
    """The files that a list of paths names."""
    return tuple(Path(path) for path in paths.split(os.pathsep) if path)


def origin_of(text: str, option: str, *, done: str) -> str:
    """The origin that an option names, as it is compared: scheme, host and port."""
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path not in {"", "/"} or parts.query:
        stop(f"{option} {text} is no origin.", "Say scheme and host, such as https://keys.example.com.", done=done)
    return f"{parts.scheme}://{parts.netloc.lower()}"


def names_of(text: str) -> tuple[str, ...]:
    """The names of a list with commas, in small letters."""
    return tuple(name.strip().lower() for name in text.split(",") if name.strip())


def stop(sentence: str, next_step: str, *, done: str, status: int = 1) -> NoReturn:
    """End with what was not done, why, and what to do next."""
    complaints.print(f"[bold red]{done}[/]", escape(sentence), highlight=False)
    complaints.print(escape(next_step), highlight=False)
    raise typer.Exit(status)
