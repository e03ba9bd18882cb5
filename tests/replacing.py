"""How does a new key of these tests take the place of one that nobody can be given?"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from keysteward.actions import keys, leavers, operators, receipts, replacements, retirements
from keysteward.actions.leavers import Operating
from keysteward.actions.retirements import Wish
from keysteward.assembly import close
from keysteward.rules.keys import GRANTS, App
from keysteward.rules.replacements import Hand, Retirement, Status
from keysteward.store import keys as stored
from tests.cast import ADA, BO, CY, MALLORY, ROBIN, STRANGE, VERA, Made, Person, Town
from tests.conftest import Founded

WHY = "Nobody is left at Acme."


class Replaced(NamedTuple):
    """The founded town once Ada's app is live and Mallory's replaces it, to copy for each test."""

    founded: Founded
    old: Made
    new: Made

    def copy(self, folder: Path) -> Town:
        """The same town again, to play in."""
        return self.founded.copy(folder)


@contextmanager
def replaced_town(founded: Founded, folder: Path) -> Iterator[Replaced]:
    """Both keys live and configured in production; nothing else happened yet."""
    files = shutil.copytree(founded.folder, folder)
    homes = founded.homes.copied(files)
    town = Town(files, model=founded.town, homes=homes)
    old = town.go_live(founded.made)
    new = replace_key(town, old)
    for ctx in (town.demo, town.production):
        close(ctx)
    yield Replaced(Founded(founded.town, files, old, homes), old, new)
    homes.close()


def replace_key(town: Town, old: Made) -> Made:
    """Let Mallory make a new key in demo that names the old one, and take it live at Strange."""
    mallory = town.actor(MALLORY)
    draft = keys.Draft(
        "New signer", "team@strange.example", grants=frozenset(GRANTS), predecessor=old.key.upper(), remark=WHY
    )
    app = keys.create(town.demo, mallory, STRANGE.demo, draft)
    made = town.configure(town.demo, app.key, by=MALLORY)
    town.pass_review(made, by=MALLORY)
    town.promote(town.present(made, by=MALLORY), by=MALLORY, firm=STRANGE)
    receipts.deliver_receipts(town.production)
    return town.configure(town.production, made.key, by=MALLORY)


def retire(town: Town, new: Made, *, by: Person = ADA, hand: Hand = "admin", despite_use: bool = False) -> Retirement:
    """Retire the old key."""
    ctx = town.production
    return retirements.retire(ctx, town.actor(by, ctx), new.key, Wish(hand, "All have moved.", despite_use))


def bring_back(town: Town, new: Made, *, by: Person = ADA) -> None:
    """Take it back."""
    ctx = town.production
    retirements.bring_back(ctx, town.actor(by, ctx), new.key, "The billing job needs it.")


def stand_in(town: Town, new: Made, *, by: Person = CY) -> Retirement:
    """Let the organization ask for it in the place of Acme's lost admin."""
    return retire(town, new, by=by, hand="stand-in")


def name_operator(town: Town, who: Person = VERA) -> None:
    """Make somebody an operator of production."""
    operators.add(town.production, who.email, "the tests")


def old_key(town: Town, pair: Replaced) -> App:
    """The old key as it stands."""
    with town.production.database.reading() as tx:
        found = stored.find(tx, pair.old.key)
    assert found is not None
    return found


def status(town: Town, new: Made) -> Status | None:
    """Where retiring it stands."""
    return replacements.view(town.production, town.actor(ADA, town.production), new.key).status


def approve(town: Town, new: Made, by: Person) -> None:
    """Give the word of a second organization admin."""
    retirements.approve(town.production, town.actor(by, town.production), new.key)


def lose_all_admins(town: Town) -> None:
    """Everybody who administers Acme has left."""
    for each in (ADA, BO, ROBIN):
        leavers.report(town.production, Operating("the tests"), each.production, "Left.")
