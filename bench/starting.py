"""How soon does Keysteward answer, and how much memory does it hold then?"""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from bench import provider
from bench.lines import Line, Missing, middle
from bench.machine import SERVER_CORE, children_of, on_cores, resident_mebibytes
from bench.place import make_place
from bench.run import Run
from bench.servers import BIN, keysteward
from tests.peers.postgres import Postgres

_KEYSTEWARD = str(BIN / "keysteward")


def measure(run: Run) -> Iterator[Line]:
    """The command line, the twin, and a worker of `serve`."""
    interpreter = _seconds(run, sys.executable, "-c", "")
    yield _line("keysteward --version", _seconds(run, _KEYSTEWARD, "--version"), interpreter)
    yield _line("keysteward dev in a new folder", _first_start(run), interpreter)
    yield _line("keysteward dev once more", _later_start(run), interpreter)
    yield from _memory(run)


def _line(name: str, seconds: float, interpreter: float) -> Line:
    return Line(f"start: {name}", f"{seconds:.2f} s", f"{seconds / interpreter:.0f} × that of an empty Python program")


def _seconds(run: Run, *command: str) -> float:
    """The median of some starts, on the server's core."""
    return middle([_wait(command) for _ in range(run.sizes.times)])


def _wait(command: tuple[str, ...]) -> float:
    began = time.perf_counter()
    with on_cores(SERVER_CORE):
        subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - began


def _first_start(run: Run) -> float:
    return middle([_twin(run.folder / f"twin-{number}") for number in range(run.sizes.times)])


def _later_start(run: Run) -> float:
    return middle([_twin(run.folder / "twin-0") for _ in range(run.sizes.times)])


def _twin(folder: Path) -> float:
    """Seconds until the twin of a folder says that it is ready."""
    command = [_KEYSTEWARD, "dev", "--data", str(folder), "--demo-port", "0", "--production-port", "0"]
    began = time.perf_counter()
    with on_cores(SERVER_CORE):
        twin = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while not _is_ready(folder / "ready.json", twin.pid):
            if twin.poll() is not None:
                raise RuntimeError(f"the twin ended with {twin.returncode}")
            time.sleep(0.005)
        return time.perf_counter() - began
    finally:
        twin.send_signal(signal.SIGINT)
        twin.wait(20)


def _is_ready(file: Path, process: int) -> bool:
    try:
        said = json.loads(file.read_text())
    except FileNotFoundError:  # not there yet, or taken away by a twin that begins anew
        return False
    return bool(said["state"] == "ready" and said["process"] == process)


def _memory(run: Run) -> Iterator[Line]:
    place = make_place(run.folder / "memory", f"sqlite:///{run.folder / 'memory.db'}")
    with keysteward(place) as server:
        alone = resident_mebibytes(server.process)
    with Postgres() as postgres:
        postgres.create_database("bench")
        with keysteward(make_place(run.folder / "memory-2", postgres.url("bench")), workers=2) as server:
            worker = max(map(resident_mebibytes, children_of(server.process)))
    try:
        with provider.provider(place, "RS256") as server:
            other = f"{alone / resident_mebibytes(server.process):.1f} of oidc-provider in Node"
    except Missing as missing:
        other = f"oidc-provider not measured; first run {missing}"
    yield Line("memory: serve on SQLite, idle", f"{alone:.0f} MiB", other)
    yield Line("memory: one worker of two on PostgreSQL, idle", f"{worker:.0f} MiB", f"{worker / alone:.1f} of that")
