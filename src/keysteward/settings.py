"""Which settings are there?"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Environment = Literal["demo", "production"]
Profile = Literal["twin", "serve"]
Algorithm = Literal["RS256", "ES256"]


@dataclass(frozen=True, slots=True)
class Settings:
    """What one environment is started with."""

    environment: Environment
    """demo or production."""
    profile: Profile
    """twin for laptops and CI; a database remembers which it is."""
    database: str
    """The database's address: `sqlite:///FILE` or `postgresql://USER@HOST/NAME`."""
    master_key_files: tuple[Path, ...]
    """Files of 32 bytes that every other key is derived from, mode 0600; the first makes, all recognize."""
    origin: str
    """Scheme, host and port that every absolute address starts with."""
    other_origin: str
    """The other environment's origin."""
    host_names: tuple[str, ...] = field(default=())
    """Further host names, with a port where one is used, that this environment answers for."""
    trusted_proxies: tuple[str, ...] = field(default=())
    """Addresses or networks of proxies whose `X-Forwarded-For` says where a client is."""
    algorithm: Algorithm = "RS256"
    """What access tokens are signed with: RS256, which every client takes, or ES256."""
    ca_file: Path | None = None
    """A certificate authority to trust when asking the other environment or an API behind the gateway."""
    smtp: str = ""
    """The mail server: `smtp://USER@HOST:587` (STARTTLS) or `smtps://USER@HOST:465` (TLS). Without it none leaves."""
    smtp_password_file: Path | None = None
    """The file that holds the password for the mail server."""
    mail_from: str = ""
    """The address that mail comes from."""
    workers: int = 1
    """How many processes of this program serve the environment on this host."""
    valkey: str = ""
    """Where all workers count calls together: `valkey://USER@HOST:6379/0`, `valkeys://` with TLS, `unix://FILE`."""
    valkey_password_file: Path | None = None
    """The file that holds the password for it."""
    provider_hosts: tuple[str, ...] = field(default=())
    """Hosts of identity providers that may be asked although their addresses are not public."""
    webhook_hosts: tuple[str, ...] = field(default=())
    """Hosts of receivers of webhooks that may be told although their addresses are not public."""
    dns_servers: tuple[str, ...] = field(default=())
    """Who answers for DNS, as ADDRESS or ADDRESS:PORT; without one the resolvers of this host."""
    domain_prefix: str = "keysteward"
    """What stands before the token in the TXT record that proves a claimed domain."""
    checkpoint_copy: Path | None = None
    """A file outside of the database that every signed checkpoint is copied to, best on another machine."""
    domain_target: str = ""
    """The name that the alias leads to which proves one; without one `domain-proof.` and the host of the origin."""
