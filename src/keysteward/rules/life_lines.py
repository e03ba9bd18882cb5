"""What has a key lived through, and what is to come?

A life line has the moments of one key in one environment, the oldest first. Of secret keys and keypairs it has those
that are there; of what happened again and again, such as stopping and starting, it has every time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from keysteward.rules.events import Event, Name
from keysteward.rules.golive import Review, is_expired
from keysteward.rules.keys import App, Keypair, Secret, Settings, restore_until
from keysteward.rules.policy import Policy
from keysteward.rules.replacements import Retirement

Tone = Literal["good", "change", "bad"]

TOLD: dict[Name, tuple[str, Tone]] = {
    "KeyStopped": ("Stopped", "bad"),
    "KeyStarted": ("Started again", "good"),
    "KeyDeleted": ("Deleted", "bad"),
    "KeyRestored": ("Restored", "good"),
    "KeyMoved": ("Moved to this account", "change"),
    "KeyRetired": ("Retired", "bad"),
    "KeyBroughtBack": ("Brought back", "good"),
    "KeyRetiredForGood": ("Retired for good", "bad"),
}
"""What a life line takes from the history of a key."""


class Moment(NamedTuple):
    """Something that happened to a key, or that will unless somebody sees to it."""

    at: datetime
    what: str
    tone: Tone
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a key: `first_call` as far as calls are still counted, and the events that TOLD names."""

    app: App
    settings: Settings
    first_call: datetime | None = None
    reviews: tuple[Review, ...] = ()
    events: tuple[Event, ...] = ()
    retirement: Retirement | None = None


@dataclass(frozen=True, slots=True)
class LifeLine:
    """The moments of a key until now, and those that lie ahead, each the oldest first."""

    now: datetime
    past: tuple[Moment, ...]
    ahead: tuple[Moment, ...]

    @property
    def next(self) -> Moment | None:
        """What comes next."""
        return self.ahead[0] if self.ahead else None


def life_line(facts: Facts, now: datetime, policy: Policy) -> LifeLine:
    """All moments of a key, in the order of time."""
    every = sorted(
        (
            *_beginnings(facts),
            *_reviewed(facts, now, policy),
            *_credentials(facts),
            *(Moment(event.at, *TOLD[event.name]) for event in facts.events if event.name in TOLD),
            *_endings(facts, policy),
        ),
        key=lambda moment: moment.at,
    )
    past = tuple(_as_past(moment, now) for moment in every if moment.at <= now)
    return LifeLine(now, past, tuple(moment for moment in every if moment.at > now))


def _beginnings(facts: Facts) -> Iterator[Moment]:
    app = facts.app
    if app.promoted_at is None:
        yield Moment(app.created_at, "Created", "good", f"by {app.created_by}")
    else:
        yield Moment(app.promoted_at, "Came into production", "good")
    if facts.first_call is not None:
        yield Moment(facts.first_call, "First call", "good", "the oldest that is still counted")
    if app.live_at is not None:
        yield Moment(app.live_at, "Live in production", "good")


def _reviewed(facts: Facts, now: datetime, policy: Policy) -> Iterator[Moment]:
    """How each review came out, and until when the newest pass may be used."""
    for review in facts.reviews:
        if review.passed_at is not None:
            yield Moment(review.passed_at, "Review passed", "good")
        elif review.ruling is not None:
            yield Moment(review.ruling.at, "Review declined", "bad")
        elif review.verdict == "failed" and review.settled_at is not None:
            yield Moment(review.settled_at, "Review failed", "bad")
    newest = max(facts.reviews, key=lambda review: review.started_at, default=None)
    if newest is None or facts.app.live_at is not None or is_expired(newest, now, policy):
        return
    expires_at = newest.expires_at(policy)
    if expires_at is not None:
        yield Moment(expires_at, "Review expires", "bad", "unless the key goes live before")


def _credentials(facts: Facts) -> Iterator[Moment]:
    secrets = ((f"Secret key …{each.hint}", each) for each in facts.settings.secrets)
    keypairs = ((f"Keypair {each.thumbprint[:8]}…", each) for each in facts.settings.keypairs)
    named: tuple[tuple[str, Secret | Keypair], ...] = (*secrets, *keypairs)
    for name, credential in named:
        yield Moment(credential.created_at, f"{name} made", "change")
        if credential.expires_at is not None:
            yield Moment(credential.expires_at, f"{name} ends", "bad", "requests with it are refused from then on")


def _endings(facts: Facts, policy: Policy) -> Iterator[Moment]:
    app, retirement = facts.app, facts.retirement
    until = restore_until(app, policy)
    if until is not None:
        yield Moment(until, "Last day to restore it", "bad")
    if app.implicit_until is not None:
        yield Moment(app.implicit_until, "Implicit Grant no longer allowed", "change")
    if retirement is None or retirement.ended is not None:
        return
    if retirement.retired_at is not None:
        yield Moment(retirement.retired_at + policy.retired_key_life, "Last day to bring it back", "bad")
    elif retirement.waits_until is not None:
        yield Moment(retirement.waits_until, "Retirement takes effect", "bad")


def _as_past(moment: Moment, now: datetime) -> Moment:
    """In the words of afterwards."""
    word, _, rest = moment.what.rpartition(" ")
    if rest == "ends" and moment.at <= now:
        return moment._replace(what=f"{word} ended", detail="")
    return moment
