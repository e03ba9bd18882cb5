"""Does the twin listen where it says, and nowhere else?"""

import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from keysteward.twin.sockets import PortTaken, listen
from tests.twin.wire import loopback_addresses


@contextmanager
def listening(port: int) -> Iterator[list[socket.socket]]:
    """The twin's sockets, closed afterwards."""
    sockets = listen(port)
    try:
        yield sockets
    finally:
        for each in sockets:
            each.close()


def test_every_loopback_address_has_one_port() -> None:
    """IPv4 and, where the machine has it, IPv6 loopback listen on the same port, and no other address does."""
    with listening(0) as sockets:
        places = [each.getsockname()[:2] for each in sockets]

    assert [address for address, _ in places] == loopback_addresses()
    assert len({port for _, port in places}) == 1


def test_port_0_picks_another_each_time() -> None:
    """Two twins that pick their ports do not meet."""
    with listening(0) as first, listening(0) as second:
        assert first[0].getsockname()[1] != second[0].getsockname()[1]


@pytest.mark.parametrize("address", loopback_addresses())
def test_a_port_that_is_taken_on_one_address_is_taken(address: str) -> None:
    """The refusal names the port, and leaves no socket behind that would take it."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with closing(socket.create_server((address, 0), family=family)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken, match=f"^{port}$"):
            listen(port)

    with listening(port) as sockets:
        assert sockets[0].getsockname()[1] == port
