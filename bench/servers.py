"""Which servers does the bench start, and when do they answer?"""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from bench.machine import CORES, SERVER_CORE, on_cores
from bench.place import Place

BIN = Path(sys.executable).parent
_PORT = re.compile(r"listening on http://127\.0\.0\.1:(\d+)")


@dataclass(frozen=True, slots=True)
class Server:
    """A program that answers on a port of this machine; `asks` are those that work for its answers beside it."""

    process: int
    port: int
    asks: tuple[int, ...] = ()


@contextmanager
def keysteward(place: Place, *, workers: int = 1, upstream: int | None = None) -> Iterator[Server]:
    """An environment as `keysteward serve` runs it: one worker on the server's core, or several on all cores."""
    settings = place.settings
    options = {
        "environment": settings.environment,
        "database": settings.database,
        "master-key-file": settings.master_key_files[0],
        "origin": settings.origin,
        "other-origin": settings.other_origin,
        "algorithm": settings.algorithm,
        "listen": "127.0.0.1:0",
        "workers": workers,
        "sample-file": place.folder / "sample.db",
        "upstream": "" if upstream is None else f"http://127.0.0.1:{upstream}",
    }
    command: list[str | Path] = [BIN / "keysteward", "serve", *(f"--{name}={value}" for name, value in options.items())]
    with started(command, cores=CORES if workers > 1 else [SERVER_CORE]) as server:
        yield server


@contextmanager
def started(command: Sequence[str | Path], cores: Sequence[int]) -> Iterator[Server]:
    """A program that says on its standard output `listening on` which port."""
    wide = os.environ | {"COLUMNS": "200"}  # or the sentence with the port could be wrapped
    with tempfile.TemporaryFile("w+") as log:
        with on_cores(*cores):
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, env=wide)
        with process:
            try:
                yield Server(process.pid, _port_of(process, log))
            finally:
                process.terminate()


def _port_of(process: "subprocess.Popen[str]", log: IO[str]) -> int:
    assert process.stdout is not None
    for line in process.stdout:
        if found := _PORT.search(line):
            return int(found[1])
    log.seek(0)
    raise RuntimeError(f"{process.args!r} ended with {process.wait()} before it listened. It said:\n{log.read()}")
