"""What does every deed need?"""

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from keysteward.actions.counts import Counts
from keysteward.actions.keyring import Keyring
from keysteward.crypto.hashing import Digester, Passwords
from keysteward.crypto.sealing import Sealer
from keysteward.crypto.signing import PublicKey, SigningKey
from keysteward.outgoing.dns import Dns
from keysteward.outgoing.mail import MailServer
from keysteward.outgoing.probing import Server
from keysteward.outgoing.safe_https import Outside
from keysteward.rules.domains import Proving
from keysteward.rules.events import Event, Name
from keysteward.rules.policy import Policy
from keysteward.rules.providers import Places
from keysteward.rules.refusals import Refusal
from keysteward.rules.tokens import Claims
from keysteward.rules.words import Environment
from keysteward.store.attempted import Attempts
from keysteward.store.database import Database
from keysteward.store.database import Unreachable as Unreachable  # noqa: PLC0414 — doors refuse what it stopped
from keysteward.store.directory import Directory, Recent
from keysteward.store.directory import NotHere as NotHere  # noqa: PLC0414 — doors catch it
from keysteward.store.meters import Meter, Trials
from keysteward.store.recorder import Recorder
from keysteward.store.usage import Tally

TRACE: ContextVar[str] = ContextVar("trace", default="")
"""The trace token of the request that a deed is done for; its event carries it."""


@dataclass(frozen=True, slots=True)
class Counterpart:
    """The other environment, as deeds ask it: over HTTPS in the product, in process while the twin plays its seed."""

    origin: str
    exchange: Callable[[str], str]
    deliver: Callable[[str], None]
    paper_keys: Callable[[], Mapping[str, PublicKey]]


class InForce:
    """The policy that this process goes by. Whoever hears of a newer version says so here.

    Its value is read for every token and call, so it is an attribute and asks nobody.
    """

    __slots__ = ("policy",)

    def __init__(self, policy: Policy) -> None:
        self.policy = policy


class Word(NamedTuple):
    """A signed word to an upstream, and the epoch second it was said at."""

    text: str
    said_at: int


@dataclass(frozen=True)
class Context:
    """One environment, ready to act. Built once by the assembly.

    `resolver` answers for DNS. The twin asks no network: there somebody says what DNS answers, and the states of all
    other domains are as they were declared; None answers for none. `itself` is this environment as others reach it,
    `own_authority` the file of the certificate authority that a twin made for itself, for programs to trust it.
    """

    environment: Environment
    origin: str
    hosts: tuple[str, ...]
    in_force: InForce
    clock: Callable[[], datetime]
    machine_clock: Callable[[], float]
    database: Database
    directory: Directory
    recorder: Recorder
    usage: Tally
    attempts: Attempts
    digester: Digester
    passwords: Passwords
    sealer: Sealer
    keyring: Keyring
    paper_key: SigningKey
    call_key: SigningKey
    counterpart: Counterpart
    meter: Meter
    trials: Trials
    seen_tokens: Recent[bytes, Claims]
    words: Recent[tuple[str, ...], Word]
    askers: Recent[str, tuple[datetime, int]]
    discoveries: Recent[str, tuple[float, Places | Refusal]]
    outside: Outside
    receivers: Outside
    proving: Proving
    itself: Server
    resolver: Dns | None
    mail_server: MailServer | None = None
    checkpoint_copy: Path | None = None
    proxies: tuple[str, ...] = ()
    own_authority: Path | None = None
    counts: Counts = field(default_factory=Counts)

    @property
    def policy(self) -> Policy:
        """The numbers that apply now; a deed that reads several keeps the value."""
        return self.in_force.policy

    @property
    def now(self) -> datetime:
        """The time, in UTC."""
        return self.clock()

    @property
    def access_key(self) -> SigningKey:
        """The key that signs access tokens and id tokens now."""
        return self.keyring.signing(self.directory, self.now)

    @property
    def access_keys(self) -> Mapping[str, PublicKey]:
        """The public halves of all keys whose access tokens and id tokens may be good."""
        return self.keyring.believed(self.directory, self.now, self.longest_token_life)

    @property
    def longest_token_life(self) -> timedelta:
        """How long the longest-lived token may be shown, clock skew included."""
        return self.policy.user_token_life + self.policy.clock_skew

    @property
    def issuer(self) -> str:
        """The issuer of every token: the origin with a trailing slash."""
        return self.origin + "/"

    @property
    def authority(self) -> str:
        """Host and port of the origin."""
        return urlsplit(self.origin).netloc

    @cached_property
    def without_waiting(self) -> "Context":
        """The same environment for the event loop: a deed that would have to wait for the database raises NotHere."""
        return replace(self, directory=self.directory.without_waiting())

    def under(self, policy: Policy) -> "Context":
        """The same environment under another policy, whatever is applied meanwhile."""
        return replace(self, in_force=InForce(policy))

    def at(self, instant: datetime, counterpart: Counterpart | None = None) -> "Context":
        """The same environment at another time; only the seed travels."""
        return replace(self, clock=lambda: instant, counterpart=counterpart or self.counterpart)

    def event(self, name: Name, actor: str, /, *, key: str = "", account: str = "", **data: str) -> Event:
        """An event that happens now."""
        trace = TRACE.get()
        return Event(name, self.now, actor, key, account, {**data, "trace": trace} if trace else data)
