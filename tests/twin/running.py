"""How do the tests run the real command, and how do they ask what it started?"""

import json
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import uuid4

import requests
import structlog
from typer.testing import CliRunner

from keysteward.cli.app import app
from keysteward.rules.words import Environment
from tests.polling import until

COMMAND = Path(sys.executable).parent / "keysteward"
ANY_PORTS = ("--demo-port", "0", "--production-port", "0")
_START_SECONDS = 80
_END_SECONDS = 20  # a request that is being answered has ten of them
_PREFIXES: dict[Environment, str] = {"demo": "", "production": "PRODUCTION_"}

Program = tuple[str | Path, ...]


@dataclass(frozen=True)
class Place:
    """One environment of a running twin, asked with a personal access token, Ada's unless said otherwise."""

    environment: Environment
    origin: str
    ca_file: str
    variables: dict[str, str]
    session: requests.Session

    @property
    def host(self) -> str:
        """Host and port: what the SDKs call the account server."""
        return self.variables["DS_AUTH_HOST"]

    @property
    def port(self) -> int:
        """The port."""
        return int(self.host.rpartition(":")[2])

    @property
    def token(self) -> str:
        """The personal access token."""
        return self.variables["KEYSTEWARD_TOKEN"]

    def request(self, method: str, path: str, **options: Any) -> requests.Response:  # noqa: ANN401 — as requests has it
        """Ask for anything at this origin."""
        return self.session.request(method, self.origin + path, timeout=30, **options)

    def with_token(self, token: str) -> "Place":
        """The same environment, asked with another personal access token."""
        return replace(self, variables=self.variables | {"KEYSTEWARD_TOKEN": token})

    def ask(self, method: str, path: str, body: object = None) -> requests.Response:
        """Ask our own API."""
        return self.request(method, f"/api/v1{path}", json=body, headers={"Authorization": f"Bearer {self.token}"})

    def get(self, path: str) -> Any:  # noqa: ANN401 — whatever JSON says
        """Get what must be there."""
        answer = self.ask("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def make(self, path: str, body: object = None) -> Any:  # noqa: ANN401 — whatever JSON says
        """Make something."""
        answer = self.ask("POST", path, body)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def refused(self, method: str, path: str, body: object = None) -> tuple[int, str]:
        """Be refused by our own API: the status and the refusal's code."""
        answer = self.ask(method, path, body)
        return answer.status_code, answer.json().get("code", "not refused")


class Twin:
    """The command `keysteward dev`, started on a folder as a person starts it."""

    def __init__(self, folder: Path, *options: str, program: Program = (COMMAND,)) -> None:
        self.folder = folder
        self._said = folder.with_name(f"{folder.name}-{uuid4()}.said")
        self._session = requests.Session()
        self._session.trust_env = False
        with self._said.open("w") as said:
            self.process = subprocess.Popen(
                [*program, "dev", "--data", folder, *(options or ANY_PORTS)],
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                env=os.environ | {"COLUMNS": "200", "PYTHONFAULTHANDLER": "1"},
            )

    @property
    def said(self) -> str:
        """All that the command has said so far."""
        return self._said.read_text()

    @property
    def facts(self) -> dict[str, Any]:
        """What `ready.json` says of this very process; nothing as long as it is of an earlier one."""
        try:
            facts: dict[str, Any] = json.loads((self.folder / "ready.json").read_text())
        except FileNotFoundError:
            return {}
        return facts if facts["process"] == self.process.pid else {}

    def wait_until_ready(self) -> "Twin":
        """Wait until programs are told that the twin is ready."""
        until(self._is_ready_or_over, _START_SECONDS)
        assert self.process.poll() is None, self.said
        self._session.verify = str(self.facts["ca_file"])
        return self

    @cached_property
    def demo(self) -> Place:
        """The demo environment."""
        return self.place("demo")

    @cached_property
    def production(self) -> Place:
        """The production environment."""
        return self.place("production")

    def place(self, environment: Environment) -> Place:
        """One of the two environments."""
        prefix, variables = _PREFIXES[environment], self.variables()
        names = [name for name in variables if not name.startswith("PRODUCTION_")]
        own = {name: variables[prefix + name] for name in names if prefix + name in variables}
        return Place(environment, self.facts[environment]["origin"], self.facts["ca_file"], own, self._session)

    def variables(self) -> dict[str, str]:
        """What a program finds in `dev.env`."""
        return read_env(self.folder / "dev.env")

    def control(self, method: str, path: str, body: object = None, **headers: str) -> requests.Response:
        """Ask the control of the twin, with its token unless a header says otherwise."""
        given = {"Authorization": f"Bearer {(self.folder / 'dev.token').read_text().strip()}"} | headers
        return self.demo.request(method, f"/_dev{path}", json=body, headers=given)

    def advance(self, **time_that_passes: float) -> None:
        """Let time pass in both environments."""
        answer = self.control("POST", "/clock/advances", time_that_passes)
        assert answer.status_code == 200, answer.text

    def set_clock(self, **to: object) -> None:
        """Set the clock of both environments: `now` or `offset_seconds`."""
        answer = self.control("PUT", "/clock", to)
        assert answer.status_code == 200, answer.text

    def stop(self, kind: signal.Signals = signal.SIGTERM) -> int:
        """Ask the command to end, wait for it and return its exit status."""
        self.process.send_signal(kind)
        return self.end()

    def end(self, seconds: float = _END_SECONDS) -> int:
        """Wait until the command has ended and return its exit status; one that does not end says where it stands."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGABRT)
            self.process.wait(_END_SECONDS)
            raise AssertionError(f"it did not end:\n{self.said}") from None
        finally:
            self.process.kill()
            self.process.wait()
            self._session.close()

    def _is_ready_or_over(self) -> bool:
        return self.facts.get("state") == "ready" or self.process.poll() is not None


def read_env(file: Path) -> dict[str, str]:
    """The variables of a file that a shell would source."""
    lines = [line for line in file.read_text().splitlines() if line and not line.startswith("#")]
    return {name: "".join(shlex.split(value)) for name, _, value in (line.partition("=") for line in lines)}


@contextmanager
def running(folder: Path, *options: str, program: Program = (COMMAND,)) -> Iterator[Twin]:
    """A twin that is ready, until the block ends; then it must end by itself and well."""
    twin = Twin(folder, *options, program=program)
    try:
        yield twin.wait_until_ready()
    finally:
        if twin.process.poll() is None:
            status = twin.stop()
            assert status == 0, twin.said
        twin.end()


def refused(folder: Path, *options: str) -> tuple[int, str]:
    """Start a twin that must not start: the exit status and all that it said, on one line."""
    twin = Twin(folder, *options)
    return twin.end(_START_SECONDS), " ".join(twin.said.split())


def said_here(folder: Path, *options: str) -> tuple[int, str]:
    """What the command says in this process where it ends before a twin is started: its status and all on one line."""
    before, logging = os.umask(0), structlog.get_config()
    try:
        ended = CliRunner().invoke(app, ["dev", "--data", str(folder), *options], env={"COLUMNS": "300"})
    finally:
        os.umask(before)
        structlog.configure(**logging)
    return ended.exit_code, " ".join(ended.output.split())


def state_of(demo: Place, key: str) -> tuple[str, int]:
    """Where a key stands, and its n of 20."""
    readiness = demo.get(f"/keys/{key}/readiness")
    return readiness["status"], readiness["run"]
