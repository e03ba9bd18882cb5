"""How is a twin started, found and stopped? As a person does it: with the command, in a folder of its own."""

import json
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from pytest_keysteward.asking import Api
from pytest_keysteward.person import Person

Environment = Literal["demo", "production"]

_START_SECONDS = 90
_END_SECONDS = 20
_SAID = "twin.log"


class NotStarted(Exception):
    """Why there is no twin, and what to do about it."""


@dataclass(frozen=True)
class Twin:
    """A running twin. `environ` has the variables of its `dev.env`: what a client program needs.

    Production's variables have the prefix `PRODUCTION_`.
    """

    folder: Path
    environ: Mapping[str, str]
    origins: Mapping[Environment, str]

    @cached_property
    def demo(self) -> Api:
        """Our own API of demo, asked with the personal access token of the user that `dev.env` names."""
        return self._api("demo", "")

    @cached_property
    def production(self) -> Api:
        """The same of production."""
        return self._api("production", "PRODUCTION_")

    @cached_property
    def control(self) -> Api:
        """What is under `/_dev`: the clock, faults, the outbox of demo."""
        return Api(self.origins["demo"], self.ca_file, self.environ["KEYSTEWARD_DEV_TOKEN"])

    @cached_property
    def declared(self) -> Any:  # noqa: ANN401 — whatever JSON says
        """What a seed file made (`declared.json`); None where the usual seed was played."""
        file = self.folder / "declared.json"
        return json.loads(file.read_text()) if file.exists() else None

    @property
    def ca_file(self) -> str:
        """The certificate of the authority that the twin is known by."""
        return self.environ["DS_CA_FILE"]

    def person(self, environment: Environment = "demo") -> Person:
        """The user that `dev.env` names, in front of a browser."""
        prefix = "" if environment == "demo" else "PRODUCTION_"
        email, password = (self.environ[f"{prefix}DS_LOGIN_{name}"] for name in ("EMAIL", "PASSWORD"))
        return Person(self.origins[environment], self.ca_file, email, password)

    def _api(self, environment: Environment, prefix: str) -> Api:
        token = self.environ.get(f"{prefix}KEYSTEWARD_TOKEN", "")
        return Api(self.origins[environment], self.ca_file, token, lambda: self.person(environment).personal_token())


def command_of(said: Sequence[str]) -> list[str]:
    """The command that starts Keysteward: as configured, else the one beside this Python, else the one on PATH."""
    if said:
        return list(said)
    beside = Path(sys.executable).with_name("keysteward")
    found = str(beside) if beside.exists() else shutil.which("keysteward")
    if found is None:
        raise NotStarted("there is no command keysteward. " + _ADVICE)
    return [found]


@contextmanager
def running(command: Sequence[str], folder: Path, seed: Path | None = None) -> Iterator[Twin]:
    """A twin in a new folder, on free ports, until the block ends; raises NotStarted."""
    said = folder.with_name(f"{folder.name}-{_SAID}")
    options = ["--demo-port", "0", "--production-port", "0", *(["--seed", str(seed)] if seed else [])]
    process = _start([*command, "dev", "--data", str(folder), *options], said)
    try:
        facts = _wait(process, folder / "ready.json", said)
        origins: dict[Environment, str] = {
            "demo": facts["demo"]["origin"],
            "production": facts["production"]["origin"],
        }
        yield Twin(folder, read_environ(Path(facts["env_file"])), origins)
    finally:
        _stop(process)


def read_environ(file: Path) -> dict[str, str]:
    """The variables of a file that a shell would source."""
    lines = (line.partition("=") for line in file.read_text().splitlines() if line and not line.startswith("#"))
    return {name: "".join(shlex.split(value)) for name, _, value in lines}


_ADVICE = (
    "Install it beside pytest (pip install keysteward), or say how it is started: keysteward_command, in pytest's "
    "configuration."
)


def _start(command: list[str], said: Path) -> subprocess.Popen[bytes]:
    with said.open("wb") as log:
        try:
            return subprocess.Popen(  # noqa: S603 — what the configuration names
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
            )
        except OSError as error:
            raise NotStarted(f"{command[0]} cannot be run: {error.strerror}. {_ADVICE}") from None


def _wait(process: subprocess.Popen[bytes], ready: Path, said: Path) -> Any:  # noqa: ANN401 — whatever JSON says
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise NotStarted(f"it ended with status {process.returncode}, and said:\n{_last_of(said)}")
        facts = json.loads(ready.read_text()) if ready.exists() else {}
        if facts.get("state") == "ready":
            return facts
        time.sleep(0.05)
    raise NotStarted(f"it was not ready after {_START_SECONDS} seconds, and said:\n{_last_of(said)}")


def _last_of(said: Path) -> str:
    return "\n".join(said.read_text(errors="replace").strip().splitlines()[-20:])


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ask the twin to end, and wait for it; what does not end is ended."""
    process.terminate()
    try:
        process.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
