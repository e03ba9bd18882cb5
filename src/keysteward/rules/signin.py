"""Who may try to sign in, from where, and how fresh must a sign-in be?

Read ATTEMPT from top to bottom: it is the whole rule of what guesses meet. Failures are counted for a while, by network
and user together, by network, and by user. Only a source that the user never signed in from is held to the
last two, so nobody can lock a user out by guessing from elsewhere. A known device keeps a count of its own, so not even
somebody in the same network can.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import NamedTuple

from keysteward.rules.access import Actor
from keysteward.rules.accounts import Standing
from keysteward.rules.policy import Policy
from keysteward.rules.refusals import FRESH_SIGN_IN_NEEDED, TOO_MANY_ATTEMPTS, Kind, Refusal

_MOST_AGENT = 300


class Source(NamedTuple):
    """Where an attempt comes from: the client's address, what its browser calls itself, and the device's cookie.

    `is_fresh` says that the browser had kept none, and is to keep this one.
    """

    address: str = ""
    agent: str = ""
    unverified_device: str = ""
    is_fresh: bool = False

    @property
    def in_words(self) -> str:
        """How people are told of it; empty where nothing is known."""
        browser = f" with {browser_in_words(self.agent)}" if self.agent else ""
        return browser + (f" from {self.address}" if self.address else "")


NOWHERE = Source()


class Proof(NamedTuple):
    """What somebody shows to prove that it is them, whatever of it they have."""

    unverified_password: str = ""
    unverified_code: str = ""
    unverified_passkey: str = ""


@dataclass(frozen=True, slots=True)
class Attempt:
    """What is known of an attempt before anything is checked: recent failures, and whether its source is known."""

    failures_from_here: int
    failures_in_network: int
    failures_of_user: int
    is_known: bool
    policy: Policy


def too_many_from_here(attempt: Attempt) -> Kind | None:
    """From one network, or one known device, few failures are allowed for each user."""
    return TOO_MANY_ATTEMPTS if attempt.failures_from_here >= attempt.policy.sign_in_failures else None


def too_many_in_a_strange_network(attempt: Attempt) -> Kind | None:
    """A network from which many users were guessed at serves only those who have signed in from it before."""
    many = attempt.failures_in_network >= attempt.policy.sign_in_failures_per_network
    return TOO_MANY_ATTEMPTS if many and not attempt.is_known else None


def too_many_by_strangers(attempt: Attempt) -> Kind | None:
    """A user who is guessed at from many networks signs in from where they did before, and from nowhere else."""
    many = attempt.failures_of_user >= attempt.policy.sign_in_failures_per_user
    return TOO_MANY_ATTEMPTS if many and not attempt.is_known else None


ATTEMPT: Sequence[Callable[[Attempt], Kind | None]] = (
    too_many_from_here,
    too_many_in_a_strange_network,
    too_many_by_strangers,
)


def demand_fresh(actor: Actor, now: datetime, policy: Policy) -> None:
    """Refuse a dangerous deed to whoever did not just prove who they are; a program never did."""
    if actor.permissions is not None:
        raise _stale(policy)
    demand_fresh_person(actor, now, policy)


def demand_fresh_person(actor: Actor, now: datetime, policy: Policy) -> None:
    """Likewise, but programs pass: whoever made their token had just proved who they are."""
    if actor.permissions is None and now - actor.signed_in_at > policy.fresh_sign_in:
        raise _stale(policy)


def needs_second_factor(standings: Sequence[Standing], policy: Policy) -> bool:
    """Whether policy wants a second factor of somebody with these standings."""
    return policy.second_factor == "admins" and any(standing.is_admin for standing in standings)


def _stale(policy: Policy) -> Refusal:
    return Refusal(FRESH_SIGN_IN_NEEDED, minutes=in_minutes(policy.fresh_sign_in))


def in_minutes(span: timedelta) -> int:
    """A time as people are told to wait it: in whole minutes, never too few."""
    return -(-int(span.total_seconds()) // 60)


# ── where somebody is ───────────────────────────────────────────────────────────────────────────────────────────────
def network_of(address: str) -> str:
    """What counts as one place: an IPv4 address, or the /64 of an IPv6 address; the text itself where it is neither."""
    found = _ip(address)
    if isinstance(found, IPv6Address):
        return str(IPv6Network((found, 64), strict=False))
    return str(found or address)


def client_address(peer: str, forwarded: Sequence[str], proxies: Sequence[str]) -> str:
    """The address of a client: the connection's, or behind trusted proxies the last that no trusted proxy added."""
    nearest = peer
    for unverified_hop in reversed(forwarded):
        if not is_trusted(nearest, proxies) or _ip(unverified_hop.strip()) is None:
            return nearest
        nearest = unverified_hop.strip()
    return nearest


def is_trusted(address: str, proxies: Sequence[str]) -> bool:
    """Whether an address lies in one of the networks of trusted proxies."""
    found = _ip(address)
    return found is not None and any(found in ip_network(proxy, strict=False) for proxy in proxies)


def is_network(text: str) -> bool:
    """Whether text names an address or a network, such as 10.0.0.0/8."""
    try:
        ip_network(text, strict=False)
    except ValueError:
        return False
    return True


def is_near(address: str) -> bool:
    """Whether an address is of this host or of a private network."""
    found = _ip(address)
    return found is not None and found.is_private


def _ip(text: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


# ── what somebody uses ──────────────────────────────────────────────────────────────────────────────────────────────
_BROWSERS = (
    ("Edge", r"Edg(?:e|A|iOS)?/"),
    ("Opera", r"OPR/"),
    ("Samsung Internet", r"SamsungBrowser/"),
    ("Firefox", r"Firefox/|FxiOS/"),
    ("Chrome", r"Chrome/|Chromium/|CriOS/|HeadlessChrome/"),
    ("Safari", r"Safari/"),
)
_SYSTEMS = (
    ("iPhone", r"iPhone"),
    ("iPad", r"iPad"),
    ("Android", r"Android"),
    ("Windows", r"Windows"),
    ("macOS", r"Mac OS X|Macintosh"),
    ("ChromeOS", r"CrOS"),
    ("Linux", r"Linux|X11"),
)


def kept_agent(agent: str) -> str:
    """As much of a browser's name for itself as is kept."""
    return "".join(character for character in agent if character.isprintable())[:_MOST_AGENT]


def browser_in_words(agent: str) -> str:
    """What somebody uses, as they would say it: Firefox on Windows."""
    browser = next((name for name, pattern in _BROWSERS if re.search(pattern, agent)), None)
    system = next((name for name, pattern in _SYSTEMS if re.search(pattern, agent)), None)
    if browser is None:
        return agent.partition("/")[0][:40] or "Unknown browser"
    return f"{browser} on {system}" if system else browser
