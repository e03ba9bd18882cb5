"""On which stage is a file played, and what is made there that nobody can read again?"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from keysteward.actions.context import Context
from keysteward.actions.policy import Version
from keysteward.rules.access import Actor
from keysteward.rules.accounts import PROFILES, Profile
from keysteward.rules.policy import Policy
from keysteward.rules.refusals import Refusal
from keysteward.rules.words import Environment
from keysteward.twin.declared.moments import BadMoment, read_moment
from keysteward.twin.declared.problems import Mistakes, Problem, of_refusal
from keysteward.twin.declared.references import Known


@dataclass(frozen=True)
class MadeKeypair:
    """A keypair of an app. `private_pem` is there for a generated one only."""

    thumbprint: str
    private_pem: str | None = field(repr=False)


@dataclass
class MadeApp:
    """An app's secrets, known only while the file is played, and whose it is and where it stands in the end."""

    secrets: list[str] = field(default_factory=list, repr=False)
    keypairs: list[MadeKeypair] = field(default_factory=list)
    name: str = ""
    account: str = ""
    status: str = ""


@dataclass(frozen=True)
class MadeFactor:
    """The secret of a user's authenticator app, in letters, and their recovery codes."""

    secret: str = field(repr=False)
    recovery_codes: list[str] = field(repr=False)


@dataclass
class Made:
    """What the play leaves in one environment: apps by key, authenticator apps by user, and the values of personal
    access tokens and of gateways' credentials, in the order of the file.

    Likewise the values of SCIM tokens by organization, and the signing secrets of webhooks by whose they are.
    """

    apps: dict[str, MadeApp] = field(default_factory=dict)
    factors: dict[str, MadeFactor] = field(default_factory=dict)
    tokens: list[str] = field(default_factory=list, repr=False)
    gateways: list[str] = field(default_factory=list, repr=False)
    scim_tokens: dict[str, list[str]] = field(default_factory=dict, repr=False)
    webhooks: dict[str, list[str]] = field(default_factory=dict, repr=False)


@dataclass
class Stage:
    """One environment while a file is played. `now` is when the play began.

    `versions` are those of the policy, oldest first. `created`, `creators` and `accounts` say of each app when it came
    to be, who made it and for which account; once it moved, who took it and for which. `profiles` are the permission
    profiles of accounts' own, by account and name; `added` and `drills` have by its place in the file which recovery
    recipient was added, and the id of each drill.
    """

    ctx: Context
    known: Known
    now: datetime
    made: Made = field(default_factory=Made)
    versions: list[Version] = field(default_factory=list)
    created: dict[str, datetime] = field(default_factory=dict)
    creators: dict[str, str] = field(default_factory=dict)
    accounts: dict[str, str] = field(default_factory=dict)
    profiles: dict[tuple[str, str], Profile] = field(default_factory=dict)
    added: set[str] = field(default_factory=set)
    drills: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> Environment:
        """Which of the two."""
        return self.ctx.environment

    def on(self, when: datetime, version: int | None = None) -> Context:
        """The environment at a moment, under the policy that was in force then, or under a version of it."""
        named = (each.policy for each in self.versions if each.policy.version == version)
        return self.ctx.at(when).under(next(named, self.policy_at(when)))

    def policy_at(self, when: datetime) -> Policy:
        """The policy that was in force at a moment."""
        return in_force_at(self.versions, when)

    def actor(self, user: str, at: datetime) -> Actor:
        """A declared user in the console, by GUID."""
        return Actor(user, self.known.emails[user], at)

    def came_to_be(self, key: str, account: str, user: str, when: datetime) -> None:
        """Note who makes an app, when, and for which account."""
        self.created[key], self.creators[key], self.accounts[key] = when, user, account

    def moved_to(self, key: str, account: str, user: str) -> None:
        """Note which account an app moved to, and who took it there."""
        self.creators[key], self.accounts[key] = user, account

    def profile(self, account: str, name: str) -> Profile:
        """A permission profile that members of an account may have, by its name."""
        found = next((each for each in PROFILES if each.name == name), None)
        return found or self.profiles[account, name]

    def creator(self, key: str, when: datetime | None = None) -> Actor:
        """Who created or promoted an app, as they were then, or as they came back later."""
        return self.actor(self.creators[key], when or self.created[key])

    def when(self, said: object, otherwise: datetime) -> datetime:
        """The moment that a field says, if it says one."""
        return read_moment(said, self.now) if isinstance(said, str) else otherwise


@contextmanager
def at(path: str, *, is_field: bool = False) -> Iterator[None]:
    """What is refused in this block is a mistake of the file, at this entry or field."""
    try:
        yield
    except Refusal as refusal:
        raise Mistakes([of_refusal(path, refusal, is_field=is_field)]) from None
    except BadMoment as error:
        raise Mistakes([Problem(path, str(error))]) from None


def in_force_at(versions: Sequence[Version], when: datetime) -> Policy:
    """Which of some versions, oldest first, was in force at a moment. The first was there before everything."""
    first, *others = versions
    return next((each.policy for each in reversed(others) if each.applied_at <= when), first.policy)
