"""How is each deed played that keeps findings about custody?"""

from datetime import timedelta

from keysteward.actions import audit, custody, leases
from keysteward.rules.custody.lives import Life
from keysteward.rules.events import Name
from keysteward.store.custody import Unit
from tests.cast import ACME, ADA, BO
from tests.plays.stage import Play, Scene, Stage, Told

ACCOUNT = Unit("account", ACME.demo)


def a_finding(on: Stage) -> Life:
    """Ada's app was never used in 91 days."""
    on.town.clock.advance(days=91)
    custody.judge(on.demo, ACCOUNT)
    lives = custody.view(on.demo, on.ada, ACME.demo).lives
    return next(life for life in lives if life.code == "unused-key")


def of_account(name: Name, actor: str = ADA.email) -> Told:
    """What is told of a deed on Acme's demo account."""
    return Told(name, actor, "", ACME.demo)


def judge(on: Stage) -> Scene:
    """The app was not used for long."""
    on.town.clock.advance(days=91)
    return Scene(on.demo, lambda: custody.judge(on.demo, ACCOUNT), of_account("CustodyChanged", "system"))


def judge_due(on: Stage) -> Scene:
    """Likewise, when everything is judged."""
    on.town.clock.advance(days=91)
    return Scene(on.demo, lambda: custody.judge_due(on.demo), of_account("CustodyChanged", "system"))


def accept(on: Stage) -> Scene:
    """Ada accepts a finding."""
    life, until = a_finding(on), on.demo.now + timedelta(days=9)
    deed = lambda: custody.accept(on.demo, on.ada, ACME.demo, life.id, until, "For the fair.")  # noqa: E731 — a scene takes one
    return Scene(on.demo, deed, of_account("FindingAccepted"))


def reopen(on: Stage) -> Scene:
    """She takes it back."""
    life, until = a_finding(on), on.demo.now + timedelta(days=9)
    custody.accept(on.demo, on.ada, ACME.demo, life.id, until, "For the fair.")
    return Scene(on.demo, lambda: custody.reopen(on.demo, on.ada, ACME.demo, life.id), of_account("FindingReopened"))


def assign(on: Stage) -> Scene:
    """Bo sees to it."""
    life = a_finding(on)
    return Scene(
        on.demo, lambda: custody.assign(on.demo, on.ada, ACME.demo, life.id, BO.demo), of_account("FindingAssigned")
    )


def read_history(on: Stage) -> Scene:
    """The history is read to its end, and tells nothing of custody."""
    custody.judge_changed(on.demo)
    audit.seal_events(on.demo, leases.keep(on.demo, "play", ["seal"])["seal"], everything=True)
    return Scene(on.demo, lambda: custody.judge_changed(on.demo), None)


DEEDS: tuple[tuple[str, Play], ...] = (
    ("custody.judge", judge),
    ("custody.judge_due", judge_due),
    ("custody.accept", accept),
    ("custody.reopen", reopen),
    ("custody.assign", assign),
)

SILENT: tuple[tuple[str, str, Play], ...] = (
    (
        "custody.judge_changed",
        "it notes how far it read; each judgement that it makes tells what changed",
        read_history,
    ),
)
