"""Who races over keys that change their holder?"""

from collections import Counter
from collections.abc import Generator

from keysteward.actions import accounts, keys, leavers, moving, organizations, stand_ins, transfers
from keysteward.rules.transfers import Transfer
from tests.cast import ADA, BO, COUNCIL, CY, MALLORY, ORGANIZATION, SAM, STRANGE
from tests.peers.databases import rows
from tests.races.course import Came, Ground, Runner, events_of, race, taking_turns
from tests.transferring import AWAY, HOME, accepted, add_second, confirm, holder, offer, ready, stand_in

Story = Generator[Runner, Came, None]

OURS = ORGANIZATION["production"]


def both_confirmed(on: Ground) -> Transfer:
    """A key whose transfer nothing stops any more."""
    on.town.go_live(on.made)
    transfer = accepted(on.town, on.made)
    ready(on.town, transfer)
    return transfer


def status(on: Ground, transfer: Transfer) -> str:
    """How a transfer ended."""
    query = f"SELECT ending FROM transfers WHERE id = '{transfer.id}'"  # noqa: S608 — our own GUIDs
    ((ending,),) = rows(on.production.database, query)
    return str(ending)


@race(transfers.start)
def one_transfer_begins(on: Ground) -> Story:
    """A hundred who offer a key, to two accounts, offer it to one."""
    on.town.go_live(on.made)
    came = yield taking_turns(
        lambda _: offer(on.town, on.made, to=STRANGE), lambda _: offer(on.town, on.made, to=COUNCIL)
    )

    came.once("transfer-pending")
    assert events_of(on.production, "TransferStarted") == 1


@race(transfers.accept)
def an_offer_is_accepted_once(on: Ground) -> Story:
    """A hundred who accept accept once."""
    on.town.go_live(on.made)
    transfer, mallory = offer(on.town, on.made), on.town.actor(MALLORY, on.production)
    came = yield lambda _: transfers.accept(on.production, mallory, transfer.id)

    came.once("step-taken")


@race(transfers.confirm, moving.move_if_ready)
def both_confirm_and_it_moves_once(on: Ground) -> Story:
    """Both sides confirm a hundred times at once while the job looks: the key moves once, with one word of each."""
    on.town.go_live(on.made)
    transfer = accepted(on.town, on.made)
    came = yield taking_turns(
        lambda _: confirm(on.town, transfer, "source", ADA),
        lambda _: confirm(on.town, transfer, "destination", MALLORY),
        lambda _: moving.move_if_ready(on.production, transfer.id),
    )

    moving.move_if_ready(on.production, transfer.id)
    assert (holder(on.production, on.key), events_of(on.production, "KeyMoved")) == ([AWAY], 1)
    assert events_of(on.production, "TransferConfirmed") == 2
    assert set(came.refusals) <= {"step-taken", "transfer-over", "not-your-step"}


@race(moving.move, moving.settle_due)
def a_key_moves_once(on: Ground) -> Story:
    """A hundred who move a key move it once."""
    transfer = both_confirmed(on)
    came = yield taking_turns(
        lambda _: moving.move(on.production, transfer.id), lambda _: moving.settle_due(on.production)
    )

    assert (holder(on.production, on.key), events_of(on.production, "KeyMoved")) == ([AWAY], 1)
    assert set(came.refusals) <= {"transfer-over"}


@race(moving.move, accounts.close_membership, accounts.change_account, keys.delete)
def nothing_moves_without_standing(on: Ground) -> Story:
    """While a signer leaves, the destination is suspended or the key is deleted, it moves before all that or never."""
    transfer, bo = both_confirmed(on), on.town.actor(BO, on.production)

    def change(number: int) -> None:
        if number == 44:
            accounts.close_membership(on.production, HOME, ADA.production, "x")
        elif number == 48:
            accounts.change_account(on.production, AWAY, "x", state="suspended")
        elif number == 52:
            keys.delete(on.production, bo, on.key)

    came = yield taking_turns(change, lambda _: moving.move(on.production, transfer.id))

    order = [name for (name,) in rows(on.production.database, "SELECT name FROM events ORDER BY sequence")]
    assert "KeyMoved" not in order[order.index("UserClosed") :]
    assert set(came.refusals) <= {
        "transfer-over", "signer-gone", "account-not-open", "key-deleted", "no-such-key", "conflict",
    }  # fmt: skip


@race(moving.expire, moving.settle_due)
def it_expires_once(on: Ground) -> Story:
    """A hundred workers find that a transfer is over: one says so, and both sides hear it once."""
    on.town.go_live(on.made)
    transfer = offer(on.town, on.made)
    on.town.clock.now = transfer.expires_at
    came = yield taking_turns(
        lambda _: moving.expire(on.production, transfer.id), lambda _: moving.settle_due(on.production)
    )

    assert (sum(map(int, came.answers)), came.refusals) == (1, Counter())
    assert (status(on, transfer), events_of(on.production, "TransferExpired")) == ("expired", 1)


# ── stand-in ────────────────────────────────────────────────────────────────────────────────────────────────────────
@race(stand_ins.stand_in, organizations.remove_admin, leavers.report)
def nobody_is_removed_for_a_stand_in(on: Ground) -> Story:
    """Whoever removes the other admins beside it has begun a stand-in that needs a second word, or none."""
    on.town.go_live(on.made)
    add_second(on.town)
    cy = on.town.actor(CY, on.production)
    council = leavers.Council(cy, OURS)
    yield taking_turns(
        lambda _: stand_in(on.town, on.made),
        lambda _: organizations.remove_admin(on.production, cy, OURS, SAM.production),
        lambda _: leavers.report(on.production, council, SAM.production, "Left."),
    )

    begun = rows(on.production.database, "SELECT needs_second FROM transfers")
    assert begun in ([], [(True,)], [(1,)])


@race(stand_ins.stand_in)
def one_stand_in_begins(on: Ground) -> Story:
    """A hundred times at once an organization stands in once."""
    on.town.go_live(on.made)
    came = yield lambda _: stand_in(on.town, on.made)

    came.once("transfer-pending")


@race(stand_ins.approve)
def a_second_admin_approves_once(on: Ground) -> Story:
    """A hundred words of the second admin are one."""
    on.town.go_live(on.made)
    add_second(on.town)
    transfer, sam = stand_in(on.town, on.made), on.town.actor(SAM, on.production)
    came = yield lambda _: stand_ins.approve(on.production, sam, transfer.id)

    came.once("step-taken")


@race(stand_ins.veto, moving.settle_due)
def a_veto_in_time_wins(on: Ground) -> Story:
    """At the last moment two admins veto while workers move the key: it moved before the veto, or never."""
    on.town.go_live(on.made)
    transfer = stand_in(on.town, on.made)
    transfers.accept(on.production, on.town.actor(MALLORY, on.production), transfer.id)
    confirm(on.town, transfer, "source", CY)
    confirm(on.town, transfer, "destination", MALLORY)
    on.town.clock.now = transfer.waits_until or on.town.clock.now
    ada, bo = (on.town.actor(each, on.production) for each in (ADA, BO))
    came = yield taking_turns(
        lambda _: stand_ins.veto(on.production, ada, transfer.id, ""),
        lambda _: moving.settle_due(on.production),
        lambda _: stand_ins.veto(on.production, bo, transfer.id, ""),
    )

    expected = {"moved": ([AWAY], 1, 0), "vetoed": ([HOME], 0, 1)}[status(on, transfer)]
    told = events_of(on.production, "KeyMoved"), events_of(on.production, "TransferVetoed")
    assert (holder(on.production, on.key), *told) == expected
    assert set(came.refusals) <= {"transfer-over", "not-your-step"}
