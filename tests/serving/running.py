"""How do the tests run `keysteward serve`, and how do they ask each of its workers?"""

import http.client
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Self
from urllib.parse import urlencode
from uuid import uuid4

from keysteward.rules.words import Environment
from keysteward.settings import Settings
from keysteward.store.database import Database
from keysteward.store.migrating import migrate
from tests.cast import DEMO_ORIGIN, PRODUCTION_ORIGIN
from tests.polling import until

COMMAND = Path(sys.executable).parent / "keysteward"
NO_HEADERS: dict[str, str] = {}
_START_SECONDS = 100
_READY = re.compile(r"listening on https?://([0-9.]+):([0-9]+) with")
_CODE = re.compile(r"Nobody is here yet\. Open (\S+) and give this code: (\S+)")

Headers = dict[str, str]


@dataclass(frozen=True)
class Home:
    """Where one environment lives: its folder, with its master key in it, and its database."""

    folder: Path
    database: str
    environment: Environment = "demo"
    origin: str = DEMO_ORIGIN
    other_origin: str = PRODUCTION_ORIGIN
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def master_key(self) -> Path:
        """The file of the master key."""
        return self.folder / f"{self.environment}.key"

    @property
    def settings(self) -> Settings:
        """What the environment is put together from in this process, which is one more beside the workers."""
        files = self.surroundings["KEYSTEWARD_MASTER_KEY_FILE"].split(os.pathsep)
        keys = tuple(map(Path, files))
        return Settings(self.environment, "serve", self.database, keys, self.origin, self.other_origin)

    @property
    def surroundings(self) -> dict[str, str]:
        """The environment variables that a command of this home is started with."""
        ours = {
            "KEYSTEWARD_ENVIRONMENT": self.environment,
            "KEYSTEWARD_DATABASE": self.database,
            "KEYSTEWARD_MASTER_KEY_FILE": str(self.master_key),
            "KEYSTEWARD_ORIGIN": self.origin,
            "KEYSTEWARD_OTHER_ORIGIN": self.other_origin,
            "KEYSTEWARD_LISTEN": "127.0.0.1:0",
            "KEYSTEWARD_SAMPLE_FILE": str(self.folder / f"{self.environment}-sample.db"),
        }
        kept = {name: value for name, value in os.environ.items() if not name.startswith("KEYSTEWARD_")}
        return kept | ours | {"COLUMNS": "1000"} | self.variables

    def make_master_key(self) -> Self:
        """Make the master key, as its operator does."""
        self.master_key.write_bytes(os.urandom(32))
        self.master_key.chmod(0o600)
        return self

    def run(self, *arguments: str, **variables: str) -> tuple[int, str]:
        """Run a command of ours to its end: its exit status, and all that it said on one line."""
        done = subprocess.run(
            [COMMAND, *arguments], env=self.surroundings | variables, stdin=subprocess.DEVNULL, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=_START_SECONDS, check=False,
        )  # fmt: skip
        return done.returncode, " ".join(done.stdout.split())

    def migrate(self) -> Self:
        """Make the tables, as `keysteward migrate` does."""
        database = Database(self.database)
        migrate(database)
        database.close()
        return self


class Answer(NamedTuple):
    """What came back for a request."""

    status: int
    headers: dict[str, str]
    body: bytes
    cookies: tuple[str, ...] = ()

    @property
    def json(self) -> Any:  # noqa: ANN401 — whatever JSON says
        """The body, read as JSON."""
        return json.loads(self.body)

    @property
    def trace(self) -> str:
        """The id of the request, as the record of the call has it."""
        return self.headers["x-docusign-tracetoken"]


class Line:
    """One connection that stays open, and so leads to one and the same worker."""

    def __init__(self, server: "Server", seconds: float = 30) -> None:
        self._server = server
        self._connection = http.client.HTTPConnection(*server.address, timeout=seconds)
        self._connection.connect()

    def ask(self, method: str, path: str, body: bytes | None = None, headers: Headers = NO_HEADERS) -> Answer:
        """Ask, and read the whole answer."""
        self._connection.request(method, path, body, {"Host": self._server.host, **headers})
        answer = self._connection.getresponse()
        told = {name.lower(): value for name, value in answer.getheaders()}
        cookies = answer.headers.get_all("Set-Cookie", [])
        return Answer(answer.status, told, answer.read(), tuple(each.partition(";")[0] for each in cookies))

    def post(self, path: str, fields: Mapping[str, str], headers: Headers = NO_HEADERS) -> Answer:
        """Send a form."""
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.ask("POST", path, urlencode(fields).encode(), form | headers)

    def send(self, method: str, path: str, body: object, headers: Headers = NO_HEADERS) -> Answer:
        """Send JSON."""
        return self.ask(method, path, json.dumps(body).encode(), {"Content-Type": "application/json"} | headers)

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    @property
    def worker(self) -> int | None:
        """The process at the other end, as the kernel knows it; None while nobody has picked up."""
        own_port = self._connection.sock.getsockname()[1]
        inode = _inode_of(self._server.address[1], own_port)
        return next((worker for worker in self._server.workers if _holds(worker, inode)), None)


class Server:
    """The command `keysteward serve`, started as its operator starts it."""

    def __init__(self, home: Home, *options: str, **variables: str) -> None:
        self.home = home
        self.host = home.origin.partition("://")[2]
        self._lines: list[Line] = []
        self._said = home.folder / f"{uuid4()}.said"
        with self._said.open("w") as said:
            self.process = subprocess.Popen(
                [COMMAND, "serve", *options], env=home.surroundings | variables,
                stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT,
            )  # fmt: skip

    @property
    def said(self) -> str:
        """All that the command has said so far."""
        return self._said.read_text()

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens."""
        found = _READY.search(self.said)
        assert found is not None, self.said
        return found[1], int(found[2])

    @property
    def workers(self) -> list[int]:
        """The processes that answer."""
        children = _children(self.process.pid)
        nurseries = [child for child in children if b"forkserver" in _command_of(child)]
        return [worker for nursery in nurseries for worker in _children(nursery)] or [self.process.pid]

    def wait_until_ready(self) -> Self:
        """Wait until it says that it is ready."""
        until(lambda: _READY.search(self.said) or self.process.poll() is not None, _START_SECONDS)
        assert self.process.poll() is None, self.said
        return self

    def line(self, seconds: float = 30) -> Line:
        """A new connection, to whichever worker picks up; it is closed with the server at the latest."""
        self._lines.append(Line(self, seconds))
        return self._lines[-1]

    def stop(self, kind: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to end, wait for it and return its exit status."""
        self.process.send_signal(kind)
        return self.end()

    def end(self, seconds: float = 30) -> int:
        """Wait until it has ended and return its exit status."""
        try:
            return self.process.wait(seconds)
        finally:
            self.process.kill()
            self.process.wait()
            for line in self._lines:
                line.close()


@contextmanager
def serving(home: Home, *options: str, **variables: str) -> Iterator[Server]:
    """A served environment that is ready, until the block ends; then it must end by itself and well."""
    server = Server(home, *options, **variables)
    try:
        yield server.wait_until_ready()
    finally:
        if server.process.poll() is None:
            status = server.stop()
            assert status == 0, server.said
        server.end()


def printed_code(server: Server) -> str:
    """The code for the setup page, as it stands on the host's terminal, below the line that says it is ready."""
    found = until(lambda: _CODE.search(server.said))
    assert found[1] == f"{server.home.origin}/setup"
    return found[2]


@contextmanager
def lines_to_each_worker(server: Server, each: int = 1) -> Iterator[list[Line]]:
    """Connections of which each worker holds as many, once all of them pick up."""
    held: dict[int, list[Line]] = {worker: [] for worker in server.workers}

    def all_are_held() -> bool:
        for line in [server.line() for _ in range(10)]:
            assert line.ask("GET", "/livez").status == 200
            mine = held.get(line.worker or 0, [])
            if len(mine) < each:
                mine.append(line)
            else:
                line.close()
        return all(len(lines) == each for lines in held.values())

    try:
        until(all_are_held, _START_SECONDS)
        yield [line for lines in zip(*held.values(), strict=True) for line in lines]
    finally:
        for line in (line for lines in held.values() for line in lines):
            line.close()


def _children(process: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def _command_of(process: int) -> bytes:
    return Path(f"/proc/{process}/cmdline").read_bytes()


def _inode_of(server_port: int, client_port: int) -> str:
    """The server's end of a loopback connection, as the kernel numbers it."""
    ends = f":{server_port:04X}", f":{client_port:04X}"
    rows = (row.split() for row in Path("/proc/net/tcp").read_text().splitlines()[1:])
    return next((row[9] for row in rows if row[1].endswith(ends[0]) and row[2].endswith(ends[1])), "")


def _holds(process: int, inode: str) -> bool:
    """Whether a process holds a socket."""
    for descriptor in Path(f"/proc/{process}/fd").iterdir():
        try:
            if str(descriptor.readlink()) == f"socket:[{inode}]":
                return True
        except FileNotFoundError:  # closed while we looked
            continue
    return False
