"""How do we ask an address that somebody else typed in?

Only by https, only public addresses or hosts that the operator lists (in the twin loopback too), resolved once and
pinned, without following redirects, within five seconds in all, and never more than 64 KiB.
"""

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import cache, partial
from http.client import HTTPResponse
from pathlib import Path
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlencode, urlsplit

import msgspec

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Said = TypeVar("Said")

_SECONDS = 5.0
_MOST_BYTES = 65_536
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_HEADERS = {
    "Accept": "application/json",
    "Accept-Encoding": "identity",
    "User-Agent": "Keysteward",
    "Connection": "close",
}


class Unasked(Exception):
    """An address that we do not ask; the message names the reason and may be shown to whoever typed it."""


class Unanswered(Exception):
    """The other side gave no answer that we can use; the message names the reason and may be shown too."""


class Answer(NamedTuple):
    """What came back: a status and a JSON object."""

    status: int
    body: dict[str, Any]


class Heard(NamedTuple):
    """What came back of any kind: a status, and the first bytes of the rest."""

    status: int
    first_bytes: bytes


class _Target(NamedTuple):
    host: str
    port: int
    authority: str
    path: str


@dataclass(frozen=True, slots=True)
class Outside:
    """The world beyond the operator's own hosts.

    `listed_hosts` may be asked whatever their addresses are. For them, and on the twin's loopback, the authority in
    `ca_file` is trusted beside the system's; it never vouches for a public host.
    """

    listed_hosts: tuple[str, ...] = ()
    ca_file: Path | None = None
    allows_loopback: bool = False
    seconds: float = field(default=_SECONDS)

    def get(self, url: str, *, bearer: str = "") -> Answer:
        """Read a JSON object; raises Unasked or Unanswered."""
        return self._ask(("GET", url, None), {"Authorization": f"Bearer {bearer}"} if bearer else {}, _answer)

    def post_form(self, url: str, form: Mapping[str, str], *, basic: str = "") -> Answer:
        """Send a form and read a JSON object; raises Unasked or Unanswered."""
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if basic:
            headers["Authorization"] = f"Basic {basic}"
        return self._ask(("POST", url, urlencode(form).encode()), headers, _answer)

    def post(self, url: str, body: bytes, headers: dict[str, str], most_bytes: int) -> Heard:
        """Send a body as it is, and hear the status and the first bytes of any answer; raises Unasked or Unanswered."""
        return self._ask(("POST", url, body), headers, partial(_heard, most_bytes=most_bytes))

    def judge(self, url: str) -> None:
        """See that an address may be asked, without asking it; raises Unasked, or Unanswered where it leads nowhere."""
        try:
            self._judged(_target(url), time.monotonic() + self.seconds)
        except TimeoutError:
            raise Unanswered(f"its name was not resolved within {self.seconds:g} seconds") from None

    def _ask(
        self, asked: tuple[str, str, bytes | None], headers: dict[str, str], read: Callable[[HTTPResponse], Said]
    ) -> Said:
        """Ask by a method an address with a body, and read what it says."""
        method, url, body = asked
        target, deadline = _target(url), time.monotonic() + self.seconds
        try:
            with self._connected(target, deadline) as connection:
                connection.request(method, target.path, body, _HEADERS | {"Host": target.authority} | headers)
                with connection.getresponse() as response:
                    return read(response)
        except (OSError, http.client.HTTPException, Unanswered) as error:
            is_late = time.monotonic() >= deadline  # what was cut then looks like many things
            reason = f"it did not answer within {self.seconds:g} seconds" if is_late else _reason(error)
            raise Unanswered(f"{target.host}: {reason}") from None

    @contextlib.contextmanager
    def _connected(self, target: _Target, deadline: float) -> Iterator[http.client.HTTPConnection]:
        """A connection to an address that was judged, and to no other; at the deadline it is cut."""
        addresses, is_own = self._judged(target, deadline)
        context = _trusting(self.ca_file if is_own else None)
        plain = _reached(addresses, target.port, deadline)
        with context.wrap_socket(plain, server_hostname=target.host, do_handshake_on_connect=False) as secure:
            timer = threading.Timer(_left(deadline), _cut, [secure])
            timer.daemon = True
            timer.start()
            try:
                secure.do_handshake()
                connection = http.client.HTTPConnection(target.host, target.port)
                connection.sock = secure
                yield connection
            finally:
                timer.cancel()

    def _judged(self, target: _Target, deadline: float) -> tuple[list[Address], bool]:
        """The addresses of a host, once all of them may be asked, and whether they are the operator's own."""
        addresses = _resolved(target, deadline)
        if target.host in self.listed_hosts or (
            self.allows_loopback and all(_inner(address).is_loopback for address in addresses)
        ):
            return addresses, True
        if not all(_is_public(address) for address in addresses):
            raise Unasked(f"{target.host} has an address that is not public")
        return addresses, False


def _target(url: str) -> _Target:
    try:
        parts = urlsplit(url)
        port = parts.port or 443
    except ValueError:
        raise Unasked("it is no address") from None
    if parts.scheme != "https" or not parts.hostname or not url.isascii() or any(ord(each) < 33 for each in url):
        raise Unasked("it does not begin with https:// and a host")
    if parts.username is not None or parts.fragment:
        raise Unasked("it carries a user or a fragment")
    return _Target(parts.hostname, port, parts.netloc, (parts.path or "/") + (f"?{parts.query}" if parts.query else ""))


def _resolved(target: _Target, deadline: float) -> list[Address]:
    """Every address of a host. The system's resolver knows no deadline, so it is left behind at ours."""
    found: Future[list[Address]] = Future()
    threading.Thread(target=_resolve, args=(target, found), daemon=True).start()
    addresses = found.result(_left(deadline))
    if not addresses:
        raise Unanswered("it has no address")
    return addresses


def _resolve(target: _Target, found: "Future[list[Address]]") -> None:
    try:
        answers = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
        found.set_result([ipaddress.ip_address(str(each[4][0]).partition("%")[0]) for each in answers])
    except (OSError, UnicodeError):
        found.set_result([])


def _reached(addresses: list[Address], port: int, deadline: float) -> socket.socket:
    for address in addresses[:-1]:
        with contextlib.suppress(OSError):
            return socket.create_connection((str(address), port), timeout=_left(deadline))
    return socket.create_connection((str(addresses[-1]), port), timeout=_left(deadline))


def _is_public(address: Address) -> bool:
    inner = _inner(address)
    is_odd = inner.is_multicast or inner.is_reserved or getattr(inner, "is_site_local", False)
    return inner.is_global and not is_odd


def _inner(address: Address) -> Address:
    """The IPv4 address that an IPv6 address leads to, where it stands for one."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or address


def _heard(response: HTTPResponse, most_bytes: int) -> Heard:
    """The status stands, whatever becomes of the rest."""
    with contextlib.suppress(OSError, http.client.HTTPException):
        return Heard(response.status, response.read1(most_bytes)[:most_bytes])
    return Heard(response.status, b"")


def _answer(response: HTTPResponse) -> Answer:
    if 300 <= response.status < 400:
        raise Unanswered("it leads elsewhere, and we follow nowhere")
    if response.getheader("Content-Encoding", "identity") != "identity":
        raise Unanswered("it is compressed, which we did not ask for")
    body = response.read(_MOST_BYTES + 1)
    if len(body) > _MOST_BYTES:
        raise Unanswered(f"it is longer than {_MOST_BYTES} bytes")
    try:
        return Answer(response.status, msgspec.json.decode(body, type=dict[str, Any]))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise Unanswered(f"status {response.status}, and not a JSON object") from None


def _left(deadline: float) -> float:
    return max(deadline - time.monotonic(), 0.001)


def _cut(connection: ssl.SSLSocket) -> None:
    with contextlib.suppress(OSError):  # it may have ended by itself meanwhile
        socket.socket.shutdown(connection, socket.SHUT_RDWR)  # beneath TLS, which another thread is in the middle of


def _reason(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not good: {error.verify_message}"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__


@cache
def _trusting(ca_file: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if ca_file is not None:
        context.load_verify_locations(ca_file)
    return context
