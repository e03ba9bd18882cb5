"""How is each step of a transfer played?"""

from datetime import timedelta

from keysteward.actions import moving, stand_ins, transfers
from keysteward.rules.access import Actor
from keysteward.rules.events import Name
from tests.cast import ADA, CY, MALLORY, SAM, Person
from tests.plays.stage import Play, Scene, Stage, Told
from tests.transferring import AWAY, HOME, accepted, add_second, offer, ready, sentence, stand_in

_SYSTEM = "system"


def _told(on: Stage, name: Name, actor: str = ADA.email, account: str = HOME) -> Told:
    return Told(name, actor, on.made.key, account)


def _of(on: Stage, person: Person) -> Actor:
    return on.town.actor(person, on.town.production)


def start(on: Stage) -> Scene:
    """The source offers a key."""
    on.town.go_live(on.made)
    deed = lambda: offer(on.town, on.made)  # noqa: E731 — as short as it gets
    return Scene(on.town.production, deed, _told(on, "TransferStarted"))


def accept(on: Stage) -> Scene:
    """The destination looks at it."""
    on.town.go_live(on.made)
    transfer, mallory = offer(on.town, on.made), _of(on, MALLORY)
    deed = lambda: transfers.accept(on.town.production, mallory, transfer.id)  # noqa: E731
    return Scene(on.town.production, deed, _told(on, "TransferAccepted", MALLORY.email, AWAY))


def confirm_first(on: Stage) -> Scene:
    """One side confirms, and nothing moves yet."""
    on.town.go_live(on.made)
    transfer, ctx = accepted(on.town, on.made), on.town.production
    said, ada = sentence(ctx, transfer, "source"), _of(on, ADA)
    deed = lambda: transfers.confirm(ctx, ada, transfer.id, "source", said)  # noqa: E731
    return Scene(ctx, deed, _told(on, "TransferConfirmed"))


def cancel(on: Stage) -> Scene:
    """The destination declines."""
    on.town.go_live(on.made)
    transfer, mallory = offer(on.town, on.made), _of(on, MALLORY)
    deed = lambda: transfers.cancel(on.town.production, mallory, transfer.id, "")  # noqa: E731
    return Scene(on.town.production, deed, _told(on, "TransferCancelled", MALLORY.email, AWAY))


def move(on: Stage) -> Scene:
    """The key changes its holder."""
    on.town.go_live(on.made)
    transfer = accepted(on.town, on.made)
    ready(on.town, transfer)
    deed = lambda: moving.move(on.town.production, transfer.id)  # noqa: E731
    return Scene(on.town.production, deed, _told(on, "KeyMoved", _SYSTEM, AWAY))


def expire(on: Stage) -> Scene:
    """Nobody finishes."""
    on.town.go_live(on.made)
    transfer = offer(on.town, on.made)
    on.town.clock.now = transfer.expires_at
    deed = lambda: moving.expire(on.town.production, transfer.id)  # noqa: E731
    return Scene(on.town.production, deed, _told(on, "TransferExpired", _SYSTEM))


def remind(on: Stage) -> Scene:
    """It is about to expire."""
    on.town.go_live(on.made)
    on.town.clock.now = offer(on.town, on.made).expires_at - timedelta(days=1)
    deed = lambda: moving.settle_due(on.town.production)  # noqa: E731
    return Scene(on.town.production, deed, _told(on, "TransferReminded", _SYSTEM))


def begin_standing_in(on: Stage) -> Scene:
    """An organization acts for a lost admin."""
    on.town.go_live(on.made)
    deed = lambda: stand_in(on.town, on.made)  # noqa: E731
    return Scene(on.town.production, deed, _told(on, "TransferStarted", CY.email))


def approve(on: Stage) -> Scene:
    """Another admin of the organization approves."""
    on.town.go_live(on.made)
    add_second(on.town)
    transfer, sam = stand_in(on.town, on.made), _of(on, SAM)
    deed = lambda: stand_ins.approve(on.town.production, sam, transfer.id)  # noqa: E731
    return Scene(on.town.production, deed, _told(on, "TransferApproved", SAM.email))


def veto(on: Stage) -> Scene:
    """An admin of the source stops it."""
    on.town.go_live(on.made)
    transfer, ada = stand_in(on.town, on.made), _of(on, ADA)
    deed = lambda: stand_ins.veto(on.town.production, ada, transfer.id, "")  # noqa: E731
    return Scene(on.town.production, deed, _told(on, "TransferVetoed"))


DEEDS: tuple[tuple[str, Play], ...] = (
    ("transfers.start", start),
    ("transfers.accept", accept),
    ("transfers.confirm", confirm_first),
    ("transfers.cancel", cancel),
    ("moving.move", move),
    ("moving.expire", expire),
    ("moving._remind", remind),
    ("stand_ins.stand_in", begin_standing_in),
    ("stand_ins.approve", approve),
    ("stand_ins.veto", veto),
)
