"""Which DNS server answers the tests? A real one, on loopback, over UDP and TCP, whose answers a test changes."""

import socket
import struct
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Literal

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

from keysteward.outgoing.dns import RecordType, Resolver
from keysteward.rules.domains import Record

Mood = Literal["well", "servfail", "refused", "slow", "truncated", "garbled"]

_MOST_BYTES = 65_535
_SILENT = frozenset[Mood]({"slow", "garbled"})


@dataclass
class Names:
    """What the server says: the records of `zone`, or as its mood is. `asked` counts questions by how they came."""

    port: int
    mood: Mood = "well"
    zone: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    awake: threading.Event = field(default_factory=threading.Event)

    @property
    def resolver(self) -> "Asker":
        """Who asks it."""
        return Asker(self)

    def publish(self, record: Record) -> None:
        """Put a record into the zone, in the place of others there."""
        self.zone[record.name, record.type] = [record.value]

    def answer(self, wire: bytes, way: Literal["udp", "tcp"]) -> bytes | None:
        """What is said to one question."""
        query = dns.message.from_wire(wire)
        (question,) = query.question
        name, kind = question.name.to_text(omit_final_dot=True).lower(), dns.rdatatype.to_text(question.rdtype)
        self.asked.append((name, kind, way))
        if self.mood == "slow":
            self.awake.wait(10)
            return None
        if self.mood == "garbled":
            return wire[:2] + b"\xff" * 20
        response = dns.message.make_response(query, recursion_available=True)
        if self.mood in {"servfail", "refused"}:
            response.set_rcode(dns.rcode.SERVFAIL if self.mood == "servfail" else dns.rcode.REFUSED)
        elif self.mood == "truncated" and way == "udp":
            response.flags |= dns.flags.TC
        else:
            self._fill(response, name, kind)
        return response.to_wire(max_size=_MOST_BYTES)

    def _fill(self, response: dns.message.Message, name: str, kind: str) -> None:
        known = {each for each, _ in self.zone}
        alias = self.zone.get((name, "CNAME"))
        if alias and kind != "CNAME":
            response.answer.append(_rrset(name, "CNAME", alias))
            name = alias[0].removesuffix(".")
        values = self.zone.get((name, kind))
        if values:
            response.answer.append(_rrset(name, kind, values))
        elif name not in known:
            response.set_rcode(dns.rcode.NXDOMAIN)


@dataclass(frozen=True)
class Asker:
    """Who asks the server: with patience, for a busy machine answers late, but where it is meant to say nothing."""

    server: Names

    @property
    def servers(self) -> tuple[str]:
        """Where it listens, as settings name it."""
        return (f"127.0.0.1:{self.server.port}",)

    def knows(self, names: Iterable[str]) -> bool:
        """Likewise as the one that it is."""
        return self._resolver.knows(names)

    def ask(self, name: str, record_type: RecordType) -> tuple[str, ...]:
        """Likewise."""
        return self._resolver.ask(name, record_type)

    @property
    def _resolver(self) -> Resolver:
        return Resolver(self.servers, seconds=0.4 if self.server.mood in _SILENT else 20.0)


@contextmanager
def names() -> Iterator[Names]:
    """A DNS server for as long as the block lasts."""
    with _both_sockets() as (udp, tcp):
        server = Names(udp.getsockname()[1])
        threads = [
            threading.Thread(target=_serve_udp, args=(udp, server), daemon=True),
            threading.Thread(target=_serve_tcp, args=(tcp, server), daemon=True),
        ]
        for thread in threads:
            thread.start()
        yield server
        server.awake.set()
        for each in (udp, tcp):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        udp.close()
        tcp.close()


@contextmanager
def _both_sockets() -> Iterator[tuple[socket.socket, socket.socket]]:
    """The same port for both ways of asking."""
    while True:
        tcp = socket.create_server(("127.0.0.1", 0))
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            udp.bind(tcp.getsockname())
        except OSError:
            tcp.close()
            udp.close()
            continue
        break
    yield udp, tcp


def _serve_udp(listener: socket.socket, server: Names) -> None:
    with suppress(OSError):
        while True:
            wire, peer = listener.recvfrom(_MOST_BYTES)
            if not wire:
                return
            threading.Thread(target=_answer_udp, args=(listener, server, wire, peer), daemon=True).start()


def _answer_udp(listener: socket.socket, server: Names, wire: bytes, peer: tuple[str, int]) -> None:
    with suppress(OSError):
        if answer := server.answer(wire, "udp"):
            listener.sendto(answer, peer)


def _serve_tcp(listener: socket.socket, server: Names) -> None:
    with suppress(OSError):
        while True:
            connection, _ = listener.accept()
            with connection, connection.makefile("rb") as reader:
                (length,) = struct.unpack("!H", reader.read(2))
                if answer := server.answer(reader.read(length), "tcp"):
                    connection.sendall(struct.pack("!H", len(answer)) + answer)


def _rrset(name: str, kind: str, values: list[str]) -> dns.rrset.RRset:
    owner = dns.name.from_text(name)
    quoted = [f'"{value}"' if kind == "TXT" else value.removesuffix(".") + "." for value in values]
    return dns.rrset.from_text_list(owner, 0, "IN", kind, quoted)
