"""What does DNS say of a name, asked now?"""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import dns.exception
import dns.resolver
from dns.nameserver import Do53Nameserver

RecordType = Literal["TXT", "CNAME"]

_PORT = 53
_SECONDS = 5.0
_TRY_SECONDS = 2.0
_DATAGRAM_BYTES = 1_232


class Unanswered(Exception):
    """DNS gave no answer, which says nothing of the name; the message names the reason and may be shown."""


class Dns(Protocol):
    """Whoever answers for DNS: a resolver, or in the twin what somebody says there."""

    def knows(self, names: Iterable[str]) -> bool:
        """Whether it can be asked about any of these names."""

    def ask(self, name: str, record_type: RecordType) -> tuple[str, ...]:
        """The values of a name's own records, none where there are none; raises Unanswered."""


@dataclass(frozen=True, slots=True)
class Resolver:
    """Whom we ask: `servers` as ADDRESS or ADDRESS:PORT, or where none is named those of this host."""

    servers: tuple[str, ...] = ()
    seconds: float = field(default=_SECONDS)

    def knows(self, names: Iterable[str]) -> bool:
        """The world's names are all known to DNS, if only as names that are not there."""
        return any(names)

    def ask(self, name: str, record_type: RecordType) -> tuple[str, ...]:
        """The values of a name's own records, none where there are none; raises Unanswered.

        What another name has counts for nothing, though this one be its alias: somebody else may hold that name.
        """
        try:
            answer = self._resolver().resolve(name, record_type, raise_on_no_answer=False, search=False)
        except dns.resolver.NXDOMAIN:
            return ()
        except dns.exception.DNSException as error:
            raise _unanswered(error, self.seconds) from None
        if answer.rrset is None or answer.rrset.name != answer.qname:
            return ()
        return tuple(_value(each, record_type) for each in answer.rrset)

    def _resolver(self) -> dns.resolver.Resolver:
        """One for a single question, so that nothing is remembered between two."""
        resolver = dns.resolver.Resolver(configure=not self.servers)
        if self.servers:
            resolver.nameservers = [Do53Nameserver(*read_server(server)) for server in self.servers]
        resolver.lifetime, resolver.timeout = self.seconds, min(_TRY_SECONDS, self.seconds)
        resolver.use_edns(0, 0, _DATAGRAM_BYTES)
        return resolver


def read_server(text: str) -> tuple[str, int]:
    """The address and port of a resolver: 10.0.0.2, 10.0.0.2:5353, 2001:db8::2 or [2001:db8::2]:5353."""
    host, _, port = text.rpartition(":")
    if not host or (":" in host and not host.startswith("[")):
        host, port = text, str(_PORT)
    address = str(ipaddress.ip_address(host.strip("[]")))
    if not port.isdigit() or not 0 < int(port) < 65_536:
        raise ValueError(f"{port} is no port")
    return address, int(port)


def timed_out(seconds: float = _SECONDS) -> Unanswered:
    """No answer came in time."""
    return Unanswered(f"the resolver did not answer within {seconds:g} seconds")


def failed() -> Unanswered:
    """The resolver answered that it does not know."""
    return Unanswered("the resolver could not find it out (SERVFAIL or refused)")


def _value(record: Any, record_type: RecordType) -> str:  # noqa: ANN401 — each type has attributes of its own
    if record_type == "CNAME":
        return str(record.target.to_text(omit_final_dot=True)).lower()
    return b"".join(record.strings).decode("utf-8", "replace")


def _unanswered(error: dns.exception.DNSException, seconds: float) -> Unanswered:
    if isinstance(error, dns.exception.Timeout):
        return timed_out(seconds)
    if isinstance(error, dns.resolver.NoResolverConfiguration):
        return Unanswered("this host names no resolver")
    if isinstance(error, dns.resolver.NoNameservers):
        return failed()
    return Unanswered(f"the resolver's answer cannot be used ({type(error).__name__})")
