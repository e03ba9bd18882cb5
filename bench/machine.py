"""On which machine does the bench run, on which of its cores does each party, and what did a process use?"""

import os
import platform
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE = CORES[0]
CLIENT_CORE = CORES[-1]  # another one, where there are two

_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


@contextmanager
def on_cores(*cores: int) -> Iterator[None]:
    """Keep this thread, and whatever it starts meanwhile, on some cores."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def cpu_seconds(process: int) -> float:
    """How long a process and all that it started have worked, in user and kernel together."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    ticks = int(fields[11]) + int(fields[12])
    return ticks / _TICKS_PER_SECOND + sum(map(cpu_seconds, children_of(process)))


def children_of(process: int) -> list[int]:
    """The processes that a process started, whichever of its threads did."""
    lists = Path(f"/proc/{process}/task").glob("*/children")
    return [int(child) for each in lists for child in each.read_text().split()]


def resident_mebibytes(process: int) -> float:
    """How much memory a process holds."""
    found = re.search(r"^VmRSS:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text(), re.MULTILINE)
    assert found is not None
    return int(found[1]) / 1024


@contextmanager
def peak_mebibytes() -> Iterator[list[float]]:
    """How much memory this process holds at most meanwhile; the list has it afterwards."""
    Path("/proc/self/clear_refs").write_text("5")
    peak = list[float]()
    yield peak
    found = re.search(r"^VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(), re.MULTILINE)
    assert found is not None
    peak.append(int(found[1]) / 1024)


def description() -> str:
    """The machine in one sentence."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    openssl = subprocess.run(["openssl", "version"], capture_output=True, text=True, check=True).stdout.split()[1]
    return (
        f"{len(CORES)} cores of {_processor()}{_vector_instructions()}, {memory:.0f} GiB; {_system()}, "
        f"Python {platform.python_version()}, OpenSSL {openssl}"
    )


def load_average() -> float:
    """How many others wanted a core during the last minute."""
    return os.getloadavg()[0]


def _processor() -> str:
    found = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return found[1] if found else platform.machine()


def _vector_instructions() -> str:
    """OpenSSL signs with RSA twice as fast where a processor has these; so they belong to what a share means."""
    return " with AVX-512 IFMA" if "avx512ifma" in Path("/proc/cpuinfo").read_text() else " without AVX-512 IFMA"


def _system() -> str:
    release = platform.freedesktop_os_release()
    return release.get("PRETTY_NAME", platform.system())
