"""What does DNS say, however its server behaves?"""

from collections.abc import Iterator

import pytest

from keysteward.outgoing.dns import Resolver, Unanswered, read_server
from tests.peers.names import Mood, Names, names

NAME = "acme.example"


@pytest.fixture(scope="module")
def running() -> Iterator[Names]:
    """One server for all."""
    with names() as server:
        yield server


@pytest.fixture
def server(running: Names) -> Iterator[Names]:
    """The server, with a TXT record and an alias."""
    running.mood = "well"
    running.zone = {(NAME, "TXT"): ["v=spf1 -all", "keysteward=1"], ("proof." + NAME, "CNAME"): ["Target.Example."]}
    running.asked.clear()
    running.awake.clear()
    yield running
    running.awake.set()


def test_the_values_of_a_name(server: Names) -> None:
    """All TXT records of a name come back, and the alias in small letters without its final dot."""
    assert set(server.resolver.ask(NAME, "TXT")) == {"v=spf1 -all", "keysteward=1"}
    assert server.resolver.ask("proof." + NAME, "CNAME") == ("target.example",)


def test_nothing_there(server: Names) -> None:
    """An unknown name and a name without such a record are the same answer: nothing."""
    assert server.resolver.ask("unknown.example", "TXT") == ()
    assert server.resolver.ask(NAME, "CNAME") == ()


def test_what_an_alias_leads_to_counts_for_nothing(server: Names) -> None:
    """Whoever holds the name that another is an alias of proves nothing for that other one."""
    server.zone["shop." + NAME, "CNAME"] = ["host.elsewhere.example"]
    server.zone["host.elsewhere.example", "TXT"] = ["keysteward=1"]

    assert server.resolver.ask("host.elsewhere.example", "TXT") == ("keysteward=1",)
    assert server.resolver.ask("shop." + NAME, "TXT") == ()


def test_a_truncated_answer_is_asked_for_over_tcp(server: Names) -> None:
    """What does not fit into a datagram is fetched whole."""
    server.mood = "truncated"
    server.zone[NAME, "TXT"] = [f"filler {number} " + "x" * 200 for number in range(40)] + ["keysteward=1"]

    assert "keysteward=1" in server.resolver.ask(NAME, "TXT")
    assert {way for _, _, way in server.asked} == {"udp", "tcp"}


@pytest.mark.parametrize(
    ("mood", "reason"),
    [
        ("servfail", "could not find it out"),
        ("refused", "could not find it out"),
        ("slow", "did not answer within"),
        ("garbled", "not"),
    ],
)
def test_no_answer_is_not_nothing(server: Names, mood: Mood, reason: str) -> None:
    """A resolver that fails, refuses, is silent or talks nonsense says nothing of a name, and why is told."""
    server.mood = mood

    with pytest.raises(Unanswered) as raised:
        server.resolver.ask(NAME, "TXT")

    assert reason in str(raised.value)


def test_a_host_that_nobody_serves_at() -> None:
    """Where no server listens there is no answer either."""
    with pytest.raises(Unanswered):
        Resolver(("127.0.0.1:1",), seconds=0.3).ask(NAME, "TXT")


@pytest.mark.parametrize(
    ("text", "server"),
    [
        ("10.0.0.2", ("10.0.0.2", 53)),
        ("10.0.0.2:5353", ("10.0.0.2", 5353)),
        ("2001:db8::2", ("2001:db8::2", 53)),
        ("[2001:db8::2]:5353", ("2001:db8::2", 5353)),
    ],
)
def test_servers_as_people_write_them(text: str, server: tuple[str, int]) -> None:
    """An address of either kind, with a port or without."""
    assert read_server(text) == server


@pytest.mark.parametrize("text", ["", "resolver.example", "10.0.0.2:0", "10.0.0.2:dns", "10.0.0.2:70000", "[::1]x"])
def test_what_is_no_server(text: str) -> None:
    """A host name would need DNS to be asked for; a port is a number."""
    with pytest.raises(ValueError, match=r".*"):
        read_server(text)
