"""What is a race: which deeds run against each other, a hundred at once, and what must be true afterwards?"""

from collections import Counter
from collections.abc import Callable, Generator
from typing import Any, NamedTuple

from keysteward.actions.context import Context
from keysteward.rules.access import Actor
from keysteward.store.database import Database
from tests.cast import ADA, Made, Town
from tests.peers.databases import rows

Deed = Callable[..., object]
Runner = Callable[[int], object]


class Came(NamedTuple):
    """What came of the hundred: what was answered, and how often each refusal was said."""

    answers: list[Any]
    refusals: Counter[str]

    def once(self, *refusals: str) -> Any:  # noqa: ANN401 — whatever the deed answers
        """The one answer; the other 99 were told one of these."""
        assert len(self.answers) == 1, (len(self.answers), self.refusals)
        assert set(self.refusals) <= set(refusals), self.refusals
        return self.answers[0]


class Ground(NamedTuple):
    """Where a race is run: a town, and Ada's app in its demo environment."""

    town: Town
    made: Made

    @property
    def demo(self) -> Context:
        """The demo environment."""
        return self.town.demo

    @property
    def production(self) -> Context:
        """The production environment."""
        return self.town.production

    @property
    def ada(self) -> Actor:
        """Ada in demo."""
        return self.town.actor(ADA)

    @property
    def key(self) -> str:
        """The key of the app."""
        return self.made.key


Story = Callable[[Ground], Generator[Runner, Came, None]]


class Race(NamedTuple):
    """A story with the deeds that run in it. The story prepares, yields what number n of them does, and judges.

    `times` is less than a hundred only where nothing is used once and a deed is dear.
    """

    story: Story
    deeds: tuple[Deed, ...]
    times: int
    in_an_empty_town: bool

    @property
    def name(self) -> str:
        """What it is called."""
        return self.story.__name__


RACES: list[Race] = []


def race(*deeds: Deed, times: int = 100, in_an_empty_town: bool = False) -> Callable[[Story], Story]:
    """Put a story into the list, with the deeds that run against each other in it."""

    def listed(story: Story) -> Story:
        RACES.append(Race(story, deeds, times, in_an_empty_town))
        return story

    return listed


def taking_turns(*runners: Runner) -> Runner:
    """Several deeds in one race: each number's turn is another's."""
    return lambda number: runners[number % len(runners)](number)


_LIMITS = (("secrets", 10), ("keypairs", 5), ("redirect_uris", 100), ("origins", 100))
_CHANGES = (
    "KeySettingsChanged", "KeyStopped", "KeyStarted", "TokensRevoked", "KeyDeleted", "KeyRestored", "ImplicitWaived",
    "ReceiptAccepted", "KeyMoved", "KeyRetired", "KeyBroughtBack", "KeyRetiredForGood",
)  # fmt: skip


def demand_legal(database: Database) -> None:
    """See that nothing is broken that must hold after any race, whatever ran in it."""
    for table, limit in _LIMITS:
        crowded = f"SELECT key FROM {table} GROUP BY key HAVING count(*) > {limit}"  # noqa: S608 — our own tables
        assert rows(database, crowded) == []
    assert rows(database, _ACCOUNTS_WITHOUT_ADMIN) == []
    versions = dict(rows(database, "SELECT key, version - 1 FROM apps"))
    events = rows(database, "SELECT name, key FROM events")
    changes = Counter(key for name, key in events if name in _CHANGES)
    assert {key: changes[key] for key in versions} == versions


_ACCOUNTS_WITHOUT_ADMIN = """
    SELECT id FROM accounts WHERE NOT EXISTS (
        SELECT 1 FROM memberships JOIN users ON users.id = memberships."user"
        WHERE memberships.account = accounts.id AND memberships.state = 'active' AND memberships.profile = 10001
        AND users.state = 'active')
    AND NOT EXISTS (
        SELECT 1 FROM memberships JOIN departures ON departures."user" = memberships."user"
        WHERE memberships.account = accounts.id AND memberships.profile = 10001)
"""


def events_of(ctx: Context, name: str) -> int:
    """How often something was recorded."""
    return Counter(found for (found,) in rows(ctx.database, "SELECT name FROM events"))[name]
