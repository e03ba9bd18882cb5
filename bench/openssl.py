"""How fast does OpenSSL itself sign? The limit that the rest of a run is held against."""

import re
import subprocess

from bench.machine import SERVER_CORE, on_cores


def signatures_per_second(seconds: int) -> float:
    """RSA-2048 signatures per second of one core's work, as `openssl speed rsa2048` says it."""
    command = ["openssl", "speed", "-mr", "-seconds", str(seconds), "rsa2048"]
    with on_cores(SERVER_CORE):
        said = subprocess.run(command, capture_output=True, text=True, check=True)
    found = re.search(r"^\+F2:\d+:2048:([\d.]+):", said.stdout + said.stderr, re.MULTILINE)
    assert found is not None, said
    return float(found[1])
