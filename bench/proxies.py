"""How does the bench run a proxy of this machine: on which port, on which core, and until when?"""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from bench.lines import Missing
from bench.machine import SERVER_CORE, on_cores


def program(name: str, package: str) -> str:
    """The path of a proxy; raises Missing with the one command that brings it."""
    found = shutil.which(name, path=f"{os.defpath}:/usr/sbin:{os.environ.get('PATH', '')}")
    if found is None:
        raise Missing(f"sudo apt-get install -y {package}")
    return found


def free_port() -> int:
    """A port that was free a moment ago: these programs can neither choose one nor say which they got."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def running(command: Sequence[str | Path], port: int, log: Path) -> Iterator[int]:
    """A proxy on the server's core, once it answers; what it says goes into its log."""
    with log.open("wb") as said, on_cores(SERVER_CORE):
        process = subprocess.Popen(command, stdout=said, stderr=subprocess.DEVNULL)
    try:
        _wait_until_up(process, port)
        yield process.pid
    finally:
        process.terminate()
        process.wait(20)


def _wait_until_up(process: "subprocess.Popen[bytes]", port: int) -> None:
    while process.poll() is None:
        with suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.01)
    raise RuntimeError(f"{process.args!r} ended with {process.returncode}")
