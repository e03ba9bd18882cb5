"""How is each deed played that has to do with sealed credentials and drills?"""

from datetime import timedelta

from keysteward.actions import drills, releases, sealed_credentials
from keysteward.rules.events import Name
from tests.cast import ACME, ADA, BO
from tests.plays.stage import Play, Scene, Stage, Told
from tests.recovering import REASON, add_recipient, approved, ask, planned, seal_secret

_SYSTEM = "system"


def of_account(name: Name, actor: str = ADA.email) -> Told:
    """What is told of a deed on Acme's demo account."""
    return Told(name, actor, "", ACME.demo)


def add(on: Stage) -> Scene:
    """Ada adds a recipient."""
    return Scene(on.demo, lambda: add_recipient(on.town), of_account("RecoveryRecipientAdded"))


def remove(on: Stage) -> Scene:
    """She removes it."""
    added = add_recipient(on.town)
    deed = lambda: sealed_credentials.remove_recipient(on.demo, on.ada, ACME.demo, added.id)  # noqa: E731 — a scene takes one
    return Scene(on.demo, deed, of_account("RecoveryRecipientRemoved"))


def ask_for_it(on: Stage) -> Scene:
    """Ada asks for a sealed secret key."""
    new = seal_secret(on.town, on.made)
    deed = lambda: releases.ask(on.demo, on.ada, ACME.demo, new.secret.id, REASON)  # noqa: E731
    return Scene(on.demo, deed, on.of_key("ReleaseAsked"))


def approve(on: Stage) -> Scene:
    """Bo approves."""
    release, bo = ask(on.town, on.made), on.town.actor(BO)
    deed = lambda: releases.approve(on.demo, bo, release.id)  # noqa: E731
    return Scene(on.demo, deed, on.of_key("ReleaseApproved", BO.email))


def refuse(on: Stage) -> Scene:
    """Or he refuses."""
    release, bo = ask(on.town, on.made), on.town.actor(BO)
    deed = lambda: releases.refuse(on.demo, bo, release.id, "")  # noqa: E731
    return Scene(on.demo, deed, on.of_key("ReleaseRefused", BO.email))


def cancel(on: Stage) -> Scene:
    """Or she takes it back."""
    release = ask(on.town, on.made)
    return Scene(on.demo, lambda: releases.cancel(on.demo, on.ada, release.id), on.of_key("ReleaseCancelled"))


def download(on: Stage) -> Scene:
    """She downloads the file."""
    release = approved(on.town, on.made)
    return Scene(on.demo, lambda: releases.download(on.demo, on.ada, release.id), on.of_key("CredentialReleased"))


def expire(on: Stage) -> Scene:
    """Nobody approves in time."""
    release = ask(on.town, on.made)
    on.town.clock.now = release.expires_at
    return Scene(on.demo, lambda: releases.settle_due(on.demo), on.of_key("ReleaseExpired", _SYSTEM))


def plan(on: Stage) -> Scene:
    """Ada plans a drill."""
    return Scene(on.demo, lambda: planned(on.town), of_account("DrillPlanned"))


def record(on: Stage) -> Scene:
    """Both have recorded, and it is planned anew."""
    drill, bo = planned(on.town, months=3), on.town.actor(BO)
    drills.record(on.demo, bo, drill.id, "done", "")
    return Scene(on.demo, lambda: drills.record(on.demo, on.ada, drill.id, "done", ""), of_account("DrillRecorded"))


def give_up(on: Stage) -> Scene:
    """It will not be held."""
    drill = planned(on.town)
    return Scene(on.demo, lambda: drills.cancel(on.demo, on.ada, drill.id), of_account("DrillCancelled"))


def remind(on: Stage) -> Scene:
    """It is due soon."""
    on.town.clock.now = planned(on.town).due_at - timedelta(days=1)
    return Scene(on.demo, lambda: drills.remind_due(on.demo), of_account("DrillReminded", _SYSTEM))


DEEDS: tuple[tuple[str, Play], ...] = (
    ("sealed_credentials.add_recipient", add),
    ("sealed_credentials.remove_recipient", remove),
    ("releases.ask", ask_for_it),
    ("releases.approve", approve),
    ("releases.refuse", refuse),
    ("releases.cancel", cancel),
    ("releases.download", download),
    ("releases.expire", expire),
    ("drills.plan", plan),
    ("drills.record", record),
    ("drills.cancel", give_up),
    ("drills._remind", remind),
)
