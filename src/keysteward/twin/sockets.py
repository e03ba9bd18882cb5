"""Where does the twin listen? On IPv4 and IPv6 loopback, on one port for both."""

import errno
import socket

_BACKLOG = 2_048
_TRIES = 20


class PortForbidden(Exception):
    """The system keeps this port for others; the message is the port."""


class PortTaken(Exception):
    """Somebody else listens there; the message is the port."""


def listen(port: int) -> list[socket.socket]:
    """Sockets on 127.0.0.1 and ::1; port 0 picks one that is free on both."""
    for _ in range(_TRIES):
        first = _bind(socket.AF_INET, "127.0.0.1", port)
        try:
            return [first, *_second(first.getsockname()[1])]
        except PortTaken:
            first.close()
            if port:
                raise
    raise PortTaken(str(port))


def _second(port: int) -> list[socket.socket]:
    if not socket.has_ipv6:
        return []
    try:
        return [_bind(socket.AF_INET6, "::1", port)]
    except OSError as error:
        if error.errno in {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}:
            return []
        raise


def _bind(family: socket.AddressFamily, address: str, port: int) -> socket.socket:
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family is socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        bound.bind((address, port))
        bound.listen(_BACKLOG)
        bound.setblocking(False)  # noqa: FBT003 — the standard library takes it by position only
    except OSError as error:
        bound.close()
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(str(port)) from None
        if error.errno == errno.EACCES:
            raise PortForbidden(str(port)) from None
        raise
    return bound
