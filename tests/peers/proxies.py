"""How do the tests run the proxies that ask before each call, with the configurations that we ship?"""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

SHIPPED = Path(__file__).parents[2] / "deploy"
_PATH = f"{os.defpath}:/usr/sbin:/usr/local/sbin:{os.environ.get('PATH', '')}"


class Around(NamedTuple):
    """What stands around a proxy: Keysteward, the API, the credential it asks with, and a folder of its own."""

    keysteward: str
    api: str
    credential: str
    folder: Path

    @property
    def log(self) -> Path:
        """Where the proxy says how calls ended."""
        return self.folder / "keysteward.log"


Proxy = Callable[[Around], AbstractContextManager[str]]


@contextmanager
def nginx(around: Around) -> Iterator[str]:
    """The nginx of deploy/nginx, without TLS, on a port of its own."""
    port, folder = free_port(), around.folder
    shutil.copytree(SHIPPED / "nginx", folder / "nginx")
    places = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in ("proxy", "fastcgi", "uwsgi", "scgi"))
    user = "user root;\n" if os.geteuid() == 0 else ""  # who may enter the folder of a test
    ours = f"{user}pid {folder}/nginx.pid; error_log {folder}/errors.log; daemon off; worker_processes 2;\n"
    credential = folder / "nginx" / "keysteward-credential.conf"
    credential.write_text(f'map "" $keysteward_credential {{ default "{around.credential}"; }}')
    configuration = folder / "nginx" / "nginx.conf"
    _change(
        configuration,
        {
            "events {": f"{ours}events {{",
            "http {\n": f"http {{\n access_log off; client_body_temp_path {folder}/body;\n{places}",
            "127.0.0.1:8080": urlsplit(around.keysteward).netloc,
            "127.0.0.1:8081": urlsplit(around.api).netloc,
            "keys.example.com": "localhost",
            "listen 443 ssl;": f"listen 127.0.0.1:{port};",
            "ssl_certificate /etc/ssl/api.example.com.pem;": "",
            "ssl_certificate_key /etc/ssl/api.example.com.key;": "",
            "/var/log/nginx/keysteward.log": str(around.log),
        },
    )
    with _running([program("nginx"), "-p", str(folder), "-c", str(configuration)], port, folder / "said"):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def haproxy(around: Around) -> Iterator[str]:
    """The HAProxy of deploy/haproxy, without TLS, on a port of its own."""
    port, folder = free_port(), around.folder
    shutil.copytree(SHIPPED / "haproxy", folder / "haproxy")
    (folder / "credential").write_text(around.credential)
    configuration = folder / "haproxy" / "haproxy.cfg"
    _change(
        configuration,
        {
            "http://127.0.0.1:8080": around.keysteward,
            "keys.example.com": "localhost",
            "/etc/haproxy/keysteward-credential": str(folder / "credential"),
            "/etc/haproxy/keysteward.lua": str(folder / "haproxy" / "keysteward.lua"),
            ":443 ssl crt /etc/haproxy/api.example.com.pem": f"127.0.0.1:{port}",
            "127.0.0.1:8081": urlsplit(around.api).netloc,
        },
    )
    with _running([program("haproxy"), "-db", "-f", str(configuration)], port, around.log):
        yield f"http://127.0.0.1:{port}"


PROXIES: tuple[Proxy, ...] = (nginx, haproxy)


def program(name: str) -> str:
    """The path of a program that tests/setup/install.py leaves on this machine."""
    found = shutil.which(name, path=_PATH)
    assert found, f"{name} is missing: run make peers"
    return found


def free_port() -> int:
    """A port that was free a moment ago: these programs can neither choose one nor say which they got."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _change(file: Path, places: Mapping[str, str]) -> None:
    """Put this machine's addresses in the place of the examples, each of which must be there."""
    text = file.read_text()
    for example, here in places.items():
        assert example in text, f"{file.name} says nothing of {example}"
        text = text.replace(example, here)
    file.write_text(text)


@contextmanager
def _running(command: list[str], port: int, said: Path) -> Iterator[None]:
    with said.open("ab") as output, said.with_suffix(".errors").open("ab") as errors:
        process = subprocess.Popen(command, stdout=output, stderr=errors)
    try:
        _wait_until_up(process, port)
        yield
    finally:
        process.terminate()
        process.wait(20)


def _wait_until_up(process: "subprocess.Popen[bytes]", port: int) -> None:
    deadline = time.monotonic() + 10
    while process.poll() is None and time.monotonic() < deadline:
        with suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.01)
    raise RuntimeError(f"the proxy did not start: {process.returncode}")
