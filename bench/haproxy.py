"""How does HAProxy carry the same calls, when it does nothing else, and when it asks Keysteward before each?"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.proxies import free_port, program, running
from bench.servers import Server

_ONLY_CARRYING = """
defaults
    mode http
    timeout connect 5s
    timeout client 30s
    timeout server 30s
frontend api
    bind 127.0.0.1:{port}
    default_backend api
backend api
    server api 127.0.0.1:{upstream}
"""
_SHIPPED = Path(__file__).parents[1] / "deploy" / "haproxy"


@contextmanager
def haproxy(folder: Path, upstream: int) -> Iterator[Server]:
    """One HAProxy process on the server's core, with kept connections on both sides and no log."""
    port = free_port()
    with _running(folder, port, _ONLY_CARRYING.format(port=port, upstream=upstream)) as process:
        yield Server(process, port)


@contextmanager
def checking_haproxy(folder: Path, upstream: int, asked: Server, credential: str) -> Iterator[Server]:
    """Likewise, with the configuration that we ship: it asks before each call, and logs how the call ended."""
    port, said = free_port(), (_SHIPPED / "haproxy.cfg").read_text()
    here = {
        "http://127.0.0.1:8080": f"http://127.0.0.1:{asked.port}",
        "keys.example.com": "localhost",
        "/etc/haproxy/keysteward-credential": str(folder / "credential"),
        "/etc/haproxy/keysteward.lua": str(_SHIPPED / "keysteward.lua"),
        ":443 ssl crt /etc/haproxy/api.example.com.pem": f"127.0.0.1:{port}",
        "127.0.0.1:8081": f"127.0.0.1:{upstream}",
    }
    for example, place in here.items():
        said = said.replace(example, place)
    with _running(folder, port, said, credential) as process:
        yield Server(process, port, (asked.process,))


@contextmanager
def _running(folder: Path, port: int, says: str, credential: str = "") -> Iterator[int]:
    found = program("haproxy", "haproxy")
    folder.mkdir()
    (folder / "credential").write_text(credential)
    configuration = folder / "haproxy.cfg"
    configuration.write_text(says)
    with running([found, "-db", "-f", configuration], port, folder / "calls") as process:
        yield process
