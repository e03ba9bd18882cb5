"""How does nginx carry the same calls, when it does nothing else, and when it asks Keysteward before each?"""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bench.lines import Missing
from bench.machine import SERVER_CORE, on_cores
from bench.servers import Server

_INSTALL = "sudo apt-get install -y nginx-light"
_CONFIGURATION = """
daemon off;
master_process off;
pid {folder}/pid;
error_log {folder}/errors;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    keepalive_requests 10000000;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    upstream api {{ server 127.0.0.1:{upstream}; keepalive 64; keepalive_requests 10000000; }}
    {carrying}
}}
"""
_ONLY_CARRYING = """
    server {{
        listen 127.0.0.1:{port};
        location / {{ proxy_pass http://api; proxy_http_version 1.1; proxy_set_header Connection ""; }}
    }}
"""
_ASKING = """
    upstream keysteward {{ server 127.0.0.1:{asked}; keepalive 64; keepalive_requests 10000000; }}
    map "" $keysteward_host {{ default localhost; }}
    map "" $keysteward_credential {{ default "{credential}"; }}
    include {shipped}/keysteward-http.conf;
    server {{
        listen 127.0.0.1:{port};
        include {shipped}/keysteward-server.conf;
        access_log {folder}/calls keysteward if=$keysteward_decision;
        location / {{ include {shipped}/keysteward-location.conf; proxy_pass http://api; }}
    }}
"""
_SHIPPED = Path(__file__).parents[1] / "deploy" / "nginx"


@contextmanager
def nginx(folder: Path, upstream: int) -> Iterator[Server]:
    """One nginx process on the server's core, with kept connections on both sides and no log."""
    port = _free_port()
    with _running(folder, upstream, port, _ONLY_CARRYING.format(port=port)) as process:
        yield Server(process, port)


@contextmanager
def checking_nginx(folder: Path, upstream: int, asked: Server, credential: str) -> Iterator[Server]:
    """Likewise, with the configuration that we ship: it asks before each call, and logs how the call ended."""
    port = _free_port()
    asking = _ASKING.format(port=port, folder=folder, shipped=_SHIPPED, asked=asked.port, credential=credential)
    with _running(folder, upstream, port, asking) as process:
        yield Server(process, port, (asked.process,))


@contextmanager
def _running(folder: Path, upstream: int, port: int, carrying: str) -> Iterator[int]:
    program = shutil.which("nginx", path=f"{os.defpath}:/usr/sbin:{os.environ.get('PATH', '')}")
    if program is None:
        raise Missing(_INSTALL)
    folder.mkdir()
    configuration = folder / "nginx.conf"
    configuration.write_text(_CONFIGURATION.format(folder=folder, upstream=upstream, carrying=carrying))
    with on_cores(SERVER_CORE):
        process = subprocess.Popen([program, "-p", folder, "-c", configuration], stderr=subprocess.DEVNULL)
    try:
        _wait_until_up(process, port)
        yield process.pid
    finally:
        process.terminate()
        process.wait(20)


def _free_port() -> int:
    """A port that was free a moment ago: nginx can neither choose one nor say which it got."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _wait_until_up(process: "subprocess.Popen[bytes]", port: int) -> None:
    while process.poll() is None:
        with suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.01)
    raise RuntimeError(f"nginx ended with {process.returncode}")
