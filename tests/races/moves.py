"""Who races for the one moment in which a key changes its holder?"""

from collections.abc import Generator

from keysteward.actions import moving, transfers
from tests.cast import ADA, MALLORY
from tests.races.course import Came, Ground, Runner, events_of, race, taking_turns
from tests.races.transfers import both_confirmed, status
from tests.transferring import AWAY, HOME, holder

Story = Generator[Runner, Came, None]


@race(transfers.cancel, moving.move)
def cancelled_or_moved(on: Ground) -> Story:
    """Both sides cancel while the key moves: one of them came first, and the holder is who that makes it."""
    transfer = both_confirmed(on)
    ada, mallory = on.town.actor(ADA, on.production), on.town.actor(MALLORY, on.production)
    came = yield taking_turns(
        lambda _: transfers.cancel(on.production, ada, transfer.id, ""),
        lambda _: moving.move(on.production, transfer.id),
        lambda _: transfers.cancel(on.production, mallory, transfer.id, ""),
    )

    came.once("transfer-over")
    expected = {"moved": [AWAY], "cancelled": [HOME]}[status(on, transfer)]
    assert holder(on.production, on.key) == expected
    assert events_of(on.production, "KeyMoved") + events_of(on.production, "TransferCancelled") == 1
