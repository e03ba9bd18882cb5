"""Who may try to sign in, from where, and how fresh is fresh?"""

from dataclasses import replace
from datetime import timedelta

import pytest

from keysteward.rules.access import READ_KEYS, Actor
from keysteward.rules.accounts import ADMIN, SENDER
from keysteward.rules.policy import DEFAULT
from keysteward.rules.refusals import FRESH_SIGN_IN_NEEDED, TOO_MANY_ATTEMPTS, demand
from keysteward.rules.signin import (
    ATTEMPT,
    Attempt,
    browser_in_words,
    client_address,
    demand_fresh,
    demand_fresh_person,
    is_network,
    kept_agent,
    needs_second_factor,
    network_of,
)
from tests.cast import refused
from tests.rules.examples import NOW, USER, a_standing

ADA = Actor(USER, "ada@acme.example", NOW)


def attempt(here: int = 0, network: int = 0, user: int = 0, *, known: bool = False) -> Attempt:
    """An attempt after some failures."""
    return Attempt(here, network, user, known, DEFAULT)


@pytest.mark.parametrize(
    "tried",
    [
        attempt(),
        attempt(9, 99, 49),
        attempt(9, 5_000, 5_000, known=True),
    ],
)
def test_an_attempt_is_heard(tried: Attempt) -> None:
    """Below the limits anybody is, and whoever is known, however many fail elsewhere."""
    demand(ATTEMPT, tried)


@pytest.mark.parametrize(
    "tried",
    [
        pytest.param(attempt(10), id="ten from here for this user"),
        pytest.param(attempt(10, known=True), id="ten, known or not"),
        pytest.param(attempt(0, 100), id="a network that guesses at many"),
        pytest.param(attempt(0, 0, 50), id="a user whom many guess at"),
    ],
)
def test_an_attempt_is_refused_unheard(tried: Attempt) -> None:
    """At each limit, by its own check."""
    with refused(TOO_MANY_ATTEMPTS):
        demand(ATTEMPT, tried)


@pytest.mark.parametrize(("minutes", "fresh"), [(0, True), (10, True), (10.001, False), (600, False)])
def test_a_sign_in_is_fresh_for_ten_minutes(minutes: float, fresh: bool) -> None:
    """The last moment counts in."""
    now = NOW + timedelta(minutes=minutes)
    if fresh:
        demand_fresh(ADA, now, DEFAULT)
        return
    with refused(FRESH_SIGN_IN_NEEDED):
        demand_fresh(ADA, now, DEFAULT)


def test_a_program_is_never_fresh() -> None:
    """A personal access token proves nobody's presence, however new it is."""
    with refused(FRESH_SIGN_IN_NEEDED):
        demand_fresh(replace(ADA, permissions=frozenset({READ_KEYS})), NOW, DEFAULT)


def test_a_program_goes_on_where_only_people_are_asked() -> None:
    """Whoever made its token had just signed in; a person is held to the same minutes as elsewhere."""
    late = NOW + timedelta(minutes=10, microseconds=1)
    demand_fresh_person(replace(ADA, permissions=frozenset({READ_KEYS})), late, DEFAULT)
    demand_fresh_person(ADA, NOW + timedelta(minutes=10), DEFAULT)
    with refused(FRESH_SIGN_IN_NEEDED):
        demand_fresh_person(ADA, late, DEFAULT)


def test_policy_may_want_a_second_factor_of_admins() -> None:
    """Of admins alone, and by default of nobody."""
    strict = replace(DEFAULT, second_factor="admins")

    assert needs_second_factor([a_standing(SENDER), a_standing(ADMIN)], strict)
    assert not needs_second_factor([a_standing(SENDER)], strict)
    assert not needs_second_factor([a_standing(membership="closed")], strict)
    assert not needs_second_factor([a_standing(ADMIN)], DEFAULT)


@pytest.mark.parametrize(("address", "network"), [
    ("203.0.113.7", "203.0.113.7"),
    ("::ffff:203.0.113.7", "203.0.113.7"),
    ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
    ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
    ("", ""),
    ("no address", "no address"),
])  # fmt: skip
def test_a_place_is_an_address_or_a_network_of_version_six(address: str, network: str) -> None:
    """Whoever has a /64 has as many addresses as they like; all are one place."""
    assert network_of(address) == network


@pytest.mark.parametrize(("peer", "forwarded", "proxies", "client"), [
    ("198.51.100.1", ["203.0.113.7"], [], "198.51.100.1"),
    ("198.51.100.1", ["203.0.113.7"], ["10.0.0.0/8"], "198.51.100.1"),
    ("10.0.0.1", ["203.0.113.7"], ["10.0.0.0/8"], "203.0.113.7"),
    ("10.0.0.1", ["1.1.1.1", "203.0.113.7"], ["10.0.0.0/8"], "203.0.113.7"),
    ("10.0.0.1", ["1.1.1.1", "203.0.113.7", " 10.0.0.2 "], ["10.0.0.0/8"], "203.0.113.7"),
    ("10.0.0.1", ["10.0.0.3", "10.0.0.2"], ["10.0.0.0/8"], "10.0.0.3"),
    ("10.0.0.1", ["garbage"], ["10.0.0.1"], "10.0.0.1"),
    ("10.0.0.1", [], ["10.0.0.1"], "10.0.0.1"),
    ("::ffff:10.0.0.1", ["203.0.113.7"], ["10.0.0.1"], "203.0.113.7"),
    ("", ["203.0.113.7"], ["10.0.0.1"], ""),
])  # fmt: skip
def test_only_trusted_proxies_are_believed(peer: str, forwarded: list[str], proxies: list[str], client: str) -> None:
    """What a client writes into the header itself stands left of what a trusted proxy saw, and is not read."""
    assert client_address(peer, forwarded, proxies) == client


@pytest.mark.parametrize(("text", "known"), [("10.0.0.1", True), ("10.0.0.0/8", True), ("10.1.2.3/8", True),
                                             ("fd00::/8", True), ("proxy.example", False), ("", False)])  # fmt: skip
def test_a_proxy_is_named_by_its_address(text: str, known: bool) -> None:
    """Names are no addresses: who answers for a name may change."""
    assert is_network(text) == known


_CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"


@pytest.mark.parametrize(("agent", "words"), [
    (_CHROME, "Chrome on Linux"),
    (_CHROME.replace("X11; Linux x86_64", "Windows NT 10.0; Win64; x64") + " Edg/140.0", "Edge on Windows"),
    ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on macOS"),
    ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18.0 Mobile/15E148 Safari/604.1",
     "Safari on iPhone"),
    ("python-requests/2.32.5", "python-requests"),
    ("", "Unknown browser"),
])  # fmt: skip
def test_a_browser_is_said_in_words(agent: str, words: str) -> None:
    """As people call it."""
    assert browser_in_words(agent) == words


def test_only_so_much_of_an_agent_is_kept() -> None:
    """Neither a novel nor control characters."""
    assert kept_agent("a\x00b\r\n" + "c" * 500) == "ab" + "c" * 298
