"""How does nginx carry the same calls, when it does nothing else, and when it asks Keysteward before each?"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.proxies import free_port, program, running
from bench.servers import Server

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
    port = free_port()
    with _running(folder, upstream, port, _ONLY_CARRYING.format(port=port)) as process:
        yield Server(process, port)


@contextmanager
def checking_nginx(folder: Path, upstream: int, asked: Server, credential: str) -> Iterator[Server]:
    """Likewise, with the configuration that we ship: it asks before each call, and logs how the call ended."""
    port = free_port()
    asking = _ASKING.format(port=port, folder=folder, shipped=_SHIPPED, asked=asked.port, credential=credential)
    with _running(folder, upstream, port, asking) as process:
        yield Server(process, port, (asked.process,))


@contextmanager
def _running(folder: Path, upstream: int, port: int, carrying: str) -> Iterator[int]:
    found = program("nginx", "nginx-light")
    folder.mkdir()
    configuration = folder / "nginx.conf"
    configuration.write_text(_CONFIGURATION.format(folder=folder, upstream=upstream, carrying=carrying))
    with running([found, "-p", folder, "-c", configuration], port, folder / "said") as process:
        yield process
