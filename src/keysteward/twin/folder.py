"""What lies in the twin's folder, and what do programs find there?"""

import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from keysteward.rules.words import ENVIRONMENTS, Environment
from keysteward.twin import cast
from keysteward.twin.clock import TwinClock
from keysteward.twin.dns import TwinDns
from keysteward.twin.files import write_private
from keysteward.twin.seed import Credential, Played

_DATABASE_PARTS = ("", "-wal", "-shm")
_PREFIXES: dict[Environment, str] = {"demo": "", "production": "PRODUCTION_"}


class Busy(Exception):
    """Another twin runs on this folder; the message names it."""


class Damaged(Exception):
    """A file of the folder is not what was written there; the message names it."""


class NotOurs(Exception):
    """The folder holds something else."""


@dataclass(frozen=True, slots=True)
class Folder:
    """The twin's folder, mode 0700."""

    path: Path

    def prepare(self) -> None:
        """Make the folder; refuse one that holds other things."""
        if self.path.exists() and any(self.path.iterdir()) and not self._marker.exists():
            raise NotOurs(str(self.path))
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.path.chmod(0o700)
        self._marker.touch(mode=0o600)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the folder while the twin runs; the kernel lets go of it when the process ends, however it ends."""
        with self._marker.open("r+") as marker:
            try:
                fcntl.flock(marker, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Busy(marker.read().strip()) from None
            marker.truncate(0)
            marker.write(f"{os.getpid()}\n")
            marker.flush()
            yield

    def database(self, environment: Environment) -> Path:
        """The environment's database."""
        return self.path / f"{environment}.db"

    def address(self, environment: Environment) -> str:
        """The address of the environment's database."""
        return f"sqlite:///{self.database(environment)}"

    def sample_database(self, environment: Environment) -> Path:
        """The database of the environment's sample API."""
        return self.path / f"{environment}-sample.db"

    def master_key(self, environment: Environment) -> Path:
        """The environment's master key."""
        return self.path / f"{environment}-master.key"

    @property
    def certificates(self) -> Path:
        """Where the authority and the certificates lie."""
        folder = self.path / "tls"
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder

    def load_clock(self) -> TwinClock:
        """The twin's clock, from where it was left."""
        try:
            return TwinClock(self.clock)
        except (ValueError, KeyError, TypeError, OverflowError):
            raise Damaged(str(self.clock)) from None

    def load_dns(self) -> TwinDns:
        """What DNS says in the twin, as it was said last."""
        try:
            return TwinDns(self.dns)
        except msgspec.MsgspecError:
            raise Damaged(str(self.dns)) from None

    @property
    def clock(self) -> Path:
        """How far the clock was moved."""
        return self.path / "clock.json"

    @property
    def dns(self) -> Path:
        """What DNS says in the twin."""
        return self.path / "dns.json"

    @property
    def ready(self) -> Path:
        """What programs read to know where the twin answers."""
        return self.path / "ready.json"

    @property
    def env(self) -> Path:
        """What programs source to talk to the twin."""
        return self.path / "dev.env"

    def private_key(self, environment: Environment) -> Path:
        """The private half of the Toolbox app's keypair."""
        return self.path / f"{environment}-private-key.pem"

    def token(self) -> str:
        """The token of the control under `/_dev`."""
        file = self.path / "dev.token"
        if not file.exists():
            write_private(file, secrets.token_urlsafe(32) + "\n")
        return file.read_text().strip()

    def is_seeded(self) -> bool:
        """Whether a seed was played to its end; the last thing that a seed writes says so."""
        return self._seed.exists()

    def applied(self) -> str | None:
        """The digest of the file that the twin was filled with; None for the usual seed."""
        digest: str | None = self._kept().get("digest")
        return digest

    def clear(self) -> None:
        """Forget all data; the certificate authority stays, so that it need not be trusted anew."""
        self._seed.unlink(missing_ok=True)
        self.declared.unlink(missing_ok=True)
        if self.keys.exists():
            shutil.rmtree(self.keys)
        for environment in ENVIRONMENTS:
            for database in (self.database(environment), self.sample_database(environment)):
                for part in _DATABASE_PARTS:
                    database.with_name(database.name + part).unlink(missing_ok=True)
            self.master_key(environment).unlink(missing_ok=True)
            self.private_key(environment).unlink(missing_ok=True)
        for file in (self.clock, self.dns, self.ready, self.env):
            file.unlink(missing_ok=True)

    @property
    def declared(self) -> Path:
        """What a file declared, secrets included, for test suites and people."""
        return self.path / "declared.json"

    @property
    def keys(self) -> Path:
        """Where the private halves of declared keypairs lie."""
        return self.path / "keys"

    def keep(self, played: Played, tokens: dict[Environment, str]) -> None:
        """Keep what is shown once, for `dev.env`."""
        credentials: dict[Environment, Credential] = {"demo": played.demo, "production": played.production}
        for environment, credential in credentials.items():
            write_private(self.private_key(environment), credential.private_pem)
        kept = {
            environment: {
                "secret": credentials[environment].secret,
                "thumbprint": credentials[environment].thumbprint,
                "token": tokens[environment],
            }
            for environment in ENVIRONMENTS
        }
        write_private(self._seed, json.dumps(kept))

    def keep_declared(
        self, digest: str, variables: dict[Environment, dict[str, str]], tokens: dict[Environment, str]
    ) -> None:
        """Note that a file was applied to its end, and what `dev.env` says of it."""
        kept = {each: {"variables": variables[each], "token": tokens.get(each)} for each in ENVIRONMENTS}
        write_private(self._seed, json.dumps({**kept, "digest": digest}))

    def named(self, environment: Environment) -> dict[str, str]:
        """The app and the user that `dev.env` names."""
        if self.applied() is None:
            return {"DS_INTEGRATION_KEY": cast.TOOLBOX, "DS_USER_ID": cast.ada(environment).id or ""}
        variables: dict[str, str] = self._kept()[environment]["variables"]
        return variables

    def thumbprint(self, environment: Environment) -> str | None:
        """That of the Toolbox app's keypair, whose private half lies here."""
        thumbprint: str | None = self._kept()[environment].get("thumbprint")
        return thumbprint

    def renew_token(self, environment: Environment, token: str) -> None:
        """Keep another personal access token."""
        kept = self._kept()
        kept[environment]["token"] = token
        write_private(self._seed, json.dumps(kept))

    def kept_token(self, environment: Environment) -> str | None:
        """The personal access token of `dev.env`, where somebody is there to have one."""
        token: str | None = self._kept()[environment]["token"]
        return token

    def write_env(self, hosts: dict[Environment, str], ca_file: Path) -> None:
        """Write `dev.env`: the variables of the client programs, for both environments."""
        kept = self._kept()
        lines = ["# Written by keysteward dev at every start. Source it: set -a; . dev.env; set +a"]
        for environment, prefix in _PREFIXES.items():
            values = self._variables(environment, hosts[environment], ca_file, kept[environment])
            lines += ["", f"# {environment}", *(f"{prefix}{name}={_quoted(value)}" for name, value in values.items())]
        lines += ["", "# the twin's clock, under /_dev", f"KEYSTEWARD_DEV_TOKEN={_quoted(self.token())}", ""]
        write_private(self.env, "\n".join(lines))

    def _variables(self, environment: Environment, host: str, ca_file: Path, kept: dict[str, Any]) -> dict[str, str]:
        if "variables" in kept:
            return self._declared_variables(host, ca_file, kept)
        ada = cast.ada(environment)
        return {
            "DS_AUTH_HOST": host,
            "DS_INTEGRATION_KEY": cast.TOOLBOX,
            "DS_SECRET_KEY": kept["secret"],
            "DS_USER_ID": ada.id or "",
            "DS_PRIVATE_KEY_FILE": str(self.private_key(environment).resolve()),
            "DS_REDIRECT_URI": cast.REDIRECT_URIS[environment],
            "DS_LOGIN_EMAIL": ada.email,
            "DS_LOGIN_PASSWORD": cast.PASSWORD,
            "DS_CA_FILE": str(ca_file.resolve()),
            "DS_ADMIN_BASE": f"https://{host}/management",
            "DS_ORG_ID": cast.TOWNS[environment].organization,
            "KEYSTEWARD_TOKEN": kept["token"],
        }

    def _declared_variables(self, host: str, ca_file: Path, kept: dict[str, Any]) -> dict[str, str]:
        """What a declared environment has of it; what it has not is left out."""
        said: dict[str, str] = kept["variables"]
        files = {name: str((self.path / value).resolve()) for name, value in said.items() if name.endswith("_FILE")}
        usual = {
            "DS_AUTH_HOST": host,
            "DS_CA_FILE": str(ca_file.resolve()),
            "DS_ADMIN_BASE": f"https://{host}/management",
        }
        return usual | said | files | ({"KEYSTEWARD_TOKEN": kept["token"]} if kept["token"] else {})

    def _kept(self) -> Any:  # noqa: ANN401 — JSON that only this module writes
        try:
            return json.loads(self._seed.read_text())
        except ValueError:
            raise Damaged(str(self._seed)) from None

    @property
    def _seed(self) -> Path:
        return self.path / "seed.json"

    @property
    def _marker(self) -> Path:
        return self.path / ".keysteward-twin"


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "'\\''") + "'"
