"""How is each deed on a replacement, a retirement and a recovery contact played?"""

from datetime import timedelta

from keysteward.actions import leavers, recovery_contacts, replacements, retirements, retiring
from keysteward.actions.leavers import Operating
from keysteward.actions.replacements import Shown
from keysteward.rules.events import Name
from keysteward.rules.signin import NOWHERE
from tests.cast import ACME, ADA, BO, CY, MALLORY, ROBIN, SAM, Made
from tests.mails import link_to
from tests.plays.stage import Play, Scene, Stage, Told
from tests.replacing import bring_back, replace_key, retire, stand_in
from tests.transferring import add_second

_BOX = "recovery@acme.example"
_SYSTEM = "system"


def _replaced(on: Stage) -> Made:
    return replace_key(on.town, on.town.go_live(on.made))


def _told(on: Stage, name: Name, actor: str) -> Told:
    return Told(name, actor, on.made.key, ACME.production)


def prove(on: Stage) -> Scene:
    """Somebody shows a secret key of the old app."""
    old = on.town.go_live(on.made)
    new, ctx = replace_key(on.town, old), on.town.production
    mallory = on.town.actor(MALLORY, ctx)
    deed = lambda: replacements.prove(ctx, mallory, new.key, Shown(old.secret), NOWHERE)  # noqa: E731
    return Scene(ctx, deed, _told(on, "PredecessorProved", MALLORY.email))


def retire_it(on: Stage) -> Scene:
    """An admin retires it."""
    new = _replaced(on)
    deed = lambda: retire(on.town, new)  # noqa: E731 — as short as it gets
    return Scene(on.town.production, deed, _told(on, "KeyRetired", ADA.email))


def ask(on: Stage) -> Scene:
    """An organization asks for it."""
    new = _replaced(on)
    deed = lambda: stand_in(on.town, new)  # noqa: E731 — as short as it gets
    return Scene(on.town.production, deed, _told(on, "RetirementAsked", CY.email))


def approve(on: Stage) -> Scene:
    """A second admin of it approves."""
    new, ctx = _replaced(on), on.town.production
    add_second(on.town)
    stand_in(on.town, new)
    sam = on.town.actor(SAM, ctx)
    deed = lambda: retirements.approve(ctx, sam, new.key)  # noqa: E731
    return Scene(ctx, deed, _told(on, "RetirementApproved", SAM.email))


def come_back(on: Stage) -> Scene:
    """It is brought back."""
    new = _replaced(on)
    retire(on.town, new)
    deed = lambda: bring_back(on.town, new, by=BO)  # noqa: E731
    return Scene(on.town.production, deed, _told(on, "KeyBroughtBack", BO.email))


def call_off(on: Stage) -> Scene:
    """It is called off before it happens."""
    new = _replaced(on)
    stand_in(on.town, new)
    deed = lambda: bring_back(on.town, new, by=BO)  # noqa: E731
    return Scene(on.town.production, deed, _told(on, "RetirementEnded", BO.email))


def take_effect(on: Stage) -> Scene:
    """The wait is over."""
    asked = stand_in(on.town, _replaced(on))
    on.town.clock.now += timedelta(hours=72)
    deed = lambda: retiring.take_effect(on.town.production, asked)  # noqa: E731
    return Scene(on.town.production, deed, _told(on, "KeyRetired", _SYSTEM))


def remind(on: Stage) -> Scene:
    """Soon nobody can bring it back."""
    retired = retire(on.town, _replaced(on))
    on.town.clock.now += timedelta(days=12)
    deed = lambda: retiring.remind(on.town.production, retired)  # noqa: E731
    return Scene(on.town.production, deed, _told(on, "RetirementReminded", _SYSTEM))


def expire(on: Stage) -> Scene:
    """Nobody approved in time."""
    asked = stand_in(on.town, _replaced(on))
    on.town.clock.now += timedelta(days=7)
    deed = lambda: retiring.expire(on.town.production, asked)  # noqa: E731
    return Scene(on.town.production, deed, _told(on, "RetirementEnded", _SYSTEM))


def finish(on: Stage) -> Scene:
    """It is gone for good."""
    retired = retire(on.town, _replaced(on))
    on.town.clock.now += timedelta(days=15)
    deed = lambda: retiring.finish(on.town.production, retired)  # noqa: E731
    return Scene(on.town.production, deed, _told(on, "KeyRetiredForGood", _SYSTEM))


# ── recovery contacts ───────────────────────────────────────────────────────────────────────────────────────────────
def _of_contact(name: Name, actor: str) -> Told:
    return Told(name, actor, "", ACME.production)


def name_contact(on: Stage) -> Scene:
    """An admin names an address."""
    ctx = on.town.production
    ada = on.town.actor(ADA, ctx)
    deed = lambda: recovery_contacts.name_contact(ctx, ada, ACME.production, _BOX)  # noqa: E731
    return Scene(ctx, deed, _of_contact("RecoveryContactNamed", ADA.email))


def remove_contact(on: Stage) -> Scene:
    """And forgets it."""
    named, ada = name_contact(on), on.town.actor(ADA, on.town.production)
    named.deed()
    deed = lambda: recovery_contacts.remove_contact(named.ctx, ada, ACME.production, _BOX)  # noqa: E731
    return Scene(named.ctx, deed, _of_contact("RecoveryContactRemoved", ADA.email))


def confirm_contact(on: Stage) -> Scene:
    """Whoever reads its mail agrees."""
    named = name_contact(on)
    named.deed()
    link = link_to(named.ctx, _BOX)
    deed = lambda: recovery_contacts.confirm(named.ctx, link)  # noqa: E731
    return Scene(named.ctx, deed, _of_contact("RecoveryContactConfirmed", _BOX))


def ask_for_help(on: Stage) -> Scene:
    """The last admin is gone, and the contact asks."""
    confirmed = confirm_contact(on)
    confirmed.deed()
    on.town.clock.advance(seconds=1)
    for each in (ADA, BO, ROBIN):
        leavers.report(confirmed.ctx, Operating("the tests"), each.production, "Left.")
    link = link_to(confirmed.ctx, _BOX)
    deed = lambda: recovery_contacts.ask_for_help(confirmed.ctx, link)  # noqa: E731
    return Scene(confirmed.ctx, deed, _of_contact("RecoveryAsked", _BOX))


DEEDS: tuple[tuple[str, Play], ...] = (
    ("replacements.prove", prove),
    ("retirements.retire", retire_it),
    ("retirements.retire for an organization", ask),
    ("retirements.approve", approve),
    ("retirements.bring_back", come_back),
    ("retirements.bring_back before it happens", call_off),
    ("retiring.take_effect", take_effect),
    ("retiring.remind", remind),
    ("retiring.expire", expire),
    ("retiring.finish", finish),
    ("recovery_contacts.name_contact", name_contact),
    ("recovery_contacts.remove_contact", remove_contact),
    ("recovery_contacts.confirm", confirm_contact),
    ("recovery_contacts.ask_for_help", ask_for_help),
)
