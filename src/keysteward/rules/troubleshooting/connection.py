"""What does a program need to say to connect, and where is that written?"""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from keysteward.rules.words import Environment, is_guid

VARIABLES: Mapping[str, str] = {
    "server": "DS_AUTH_HOST",
    "key": "DS_INTEGRATION_KEY",
    "user": "DS_USER_ID",
    "account": "DS_ACCOUNT_ID",
    "private_key_file": "DS_PRIVATE_KEY_FILE",
    "secret": "DS_SECRET_KEY",
    "redirect_uri": "DS_REDIRECT_URI",
    "ca_file": "DS_CA_FILE",
}
PREFIXES: Mapping[Environment, str] = {"demo": "", "production": "PRODUCTION_"}


@dataclass(frozen=True, slots=True)
class Connection:
    """The facts of one program in one environment; what is not known is empty. No secret is ever printed."""

    server: str = ""
    key: str = ""
    user: str = ""
    account: str = ""
    private_key_file: str = ""
    secret: str = field(default="", repr=False)
    redirect_uri: str = ""
    ca_file: str = ""
    scopes: str = "signature impersonation"

    @property
    def origin(self) -> str:
        """The account server's origin; a bare host speaks TLS."""
        return self.server.rstrip("/") if "://" in self.server else f"https://{self.server.strip('/')}"

    @property
    def host(self) -> str:
        """Host and port of the account server."""
        return urlsplit(self.origin).netloc


def read_env(text: str, environment: Environment) -> dict[str, str]:
    """What an env file says of one environment, by the names of a connection; other lines are left alone."""
    prefix, said = PREFIXES[environment], dict(filter(None, map(_assignment, text.splitlines())))
    return {name: said[prefix + variable] for name, variable in VARIABLES.items() if prefix + variable in said}


def mistakes(connection: Connection) -> list[str]:
    """What can be seen to be wrong before anybody is asked."""
    checks = (
        (not connection.server, "No account server is named: say --server or DS_AUTH_HOST."),
        (not connection.key, "No integration key is named: say --key or DS_INTEGRATION_KEY."),
        (
            bool(connection.server) and not _is_origin(connection),
            "The account server must be a host, such as HOST:PORT.",
        ),
        *_guid_checks("integration key", connection.key),
        *_guid_checks("user id", connection.user),
        *_guid_checks("account id", connection.account),
        (bool(connection.key) and connection.key == connection.user, "Key and user id are the same GUID."),
        (bool(connection.user) and connection.user == connection.account, "User id and account id are the same GUID."),
        (bool(connection.secret) and connection.secret == connection.key, "The secret key is the integration key."),
    )
    return [sentence for is_wrong, sentence in checks if is_wrong]


def _guid_checks(name: str, value: str) -> tuple[tuple[bool, str], ...]:
    is_upper = bool(value) and not is_guid(value) and is_guid(value.lower())
    return (
        (is_upper, f"The {name} has capital letters; write it in lower case."),
        (bool(value) and not is_guid(value.lower()), f"The {name} is no GUID of 36 characters."),
    )


def _is_origin(connection: Connection) -> bool:
    try:
        parts = urlsplit(connection.origin)
        is_port_good = parts.port is None or parts.port > 0
    except ValueError:
        return False
    return bool(parts.hostname) and is_port_good and parts.path == "" and parts.scheme in {"http", "https"}


def _assignment(line: str) -> tuple[str, str] | None:
    """A line as shells read it; one that they would not read is none."""
    try:
        words = shlex.split(line, comments=True)
    except ValueError:
        return None
    words = words[1:] if words[:1] == ["export"] else words
    if len(words) != 1:
        return None
    name, separator, value = words[0].partition("=")
    return (name, value) if separator and name.isidentifier() else None
