"""How do the tests speak TLS to one address of the twin under a name of their own?"""

import http.client
import socket
import ssl
from contextlib import closing


def loopback_addresses() -> list[str]:
    """The loopback addresses that this machine has."""
    return ["127.0.0.1", *(["::1"] if _has_ipv6() else [])]


def connect(address: str, port: int, name: str, ca_file: str) -> ssl.SSLSocket:
    """A TLS connection to an address, with the certificate checked for a name."""
    context = ssl.create_default_context(cafile=ca_file)
    plain = socket.create_connection((address, port), timeout=10)
    try:
        return context.wrap_socket(plain, server_hostname=name)
    except OSError:
        plain.close()
        raise


def ask_at(address: str, port: int, name: str, path: str, ca_file: str, host: str = "") -> int:
    """The status of a GET sent to an address, in the name of a host; the header may say another."""
    shown = f"[{name}]" if ":" in name else name
    connection = http.client.HTTPConnection(address, port)
    with closing(connection), connect(address, port, name, ca_file) as connection.sock:
        connection.request("GET", path, headers={"Host": host or f"{shown}:{port}"})
        return connection.getresponse().status


def _has_ipv6() -> bool:
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False
