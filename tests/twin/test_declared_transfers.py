"""Is a key where it was, and still on its way, where a file cannot say all of how it got there?"""

import json
from pathlib import Path

import pytest

from keysteward.actions import account_links, accounts, moving, stand_ins, transfer_views, transfers
from tests.cast import ACME, ADA, BO, CY, MALLORY, ORGANIZATION, SAM, Made, Town
from tests.transferring import accepted, add_second, confirm, ready, stand_in
from tests.twin.declaring import again, app_in, essence, snapshots

OURS = ORGANIZATION["production"]


@pytest.mark.long
def test_what_nobody_could_do_again_leads_to_the_same(town: Town, made: Made, second: Town, tmp_path: Path) -> None:
    """An organization that could stand in no more, a key that moved later than it could have, one that has yet to."""
    live = town.go_live(made)
    _stand_in_and_leave(town, live)
    _move_late(town, live)
    ready(town, accepted(town, live))

    first, then = again(town, second, tmp_path)

    assert then == first
    said = json.loads(first)["production"]["transfers"]
    assert [(each.get("hand", "admin"), (each.get("ended") or {}).get("how", "moved")) for each in said] == [
        ("admin", "moved")
    ] * 3
    (_, one), (_, other) = snapshots(town), snapshots(second)
    assert essence(other.apps) == essence(one.apps)
    assert essence(other.transfers[-2:]) == essence(one.transfers[-2:])
    assert app_in(other).app.account == ACME.production
    ada = town.actor(ADA, town.production)
    assert transfer_views.load_seen(second.production, ada, other.transfers[-1].id).status == "ready"
    assert moving.settle_due(second.production) == 1


def _stand_in_and_leave(town: Town, live: Made) -> None:
    """The organization stands in twice, once for good; then the account belongs to it no more."""
    production = town.production
    stand_ins.veto(production, town.actor(BO, production), stand_in(town, live).id, "I am still here.")
    town.clock.advance(hours=1)
    add_second(town)
    standing_in = stand_in(town, live)
    transfers.accept(production, town.actor(MALLORY, production), standing_in.id)
    confirm(town, standing_in, "destination", MALLORY)
    confirm(town, standing_in, "source", CY)
    stand_ins.approve(production, town.actor(SAM, production), standing_in.id)
    town.clock.advance(days=4)
    assert moving.settle_due(production) == 1
    account_links.ask_to_unlink(production, town.actor(CY, production), OURS, ACME.production, "organization")
    account_links.agree(production, town.actor(ADA, production), (OURS, ACME.production, "unlink"), "account")


def _move_late(town: Town, live: Made) -> None:
    """Both confirmed while the account that was to have it was suspended."""
    production, ada = town.production, town.actor(ADA, town.production)
    back = transfers.start(production, town.actor(MALLORY, production), live.key, ACME.production)
    transfers.accept(production, ada, back.id)
    confirm(town, back, "source", MALLORY)
    accounts.change_account(production, ACME.production, "the tests", state="suspended")
    assert not confirm(town, back, "destination", ADA)
    accounts.change_account(production, ACME.production, "the tests", state="open")
    town.clock.advance(hours=1)
    assert moving.settle_due(production) == 1
