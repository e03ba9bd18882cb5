"""How does a key of these tests get on its way from Acme to Strange?"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from keysteward.actions import accounts, organizations, stand_ins, transfers
from keysteward.actions.context import Context
from keysteward.assembly import close
from keysteward.rules.transfer_words import statement_of
from keysteward.rules.transfers import Side, Transfer
from keysteward.store import accounts as stored
from keysteward.store import keys
from tests.cast import ACME, ADA, CY, MALLORY, ORGANIZATION, SAM, STRANGE, Firm, Made, Person, Town
from tests.conftest import Founded
from tests.peers.databases import rows


@contextmanager
def gone_live(founded: Founded, folder: Path) -> Iterator[Founded]:
    """The founded town once Ada's app is live in production and configured there, to copy for each test."""
    files = shutil.copytree(founded.folder, folder)
    homes = founded.homes.copied(files)
    town = Town(files, model=founded.town, homes=homes)
    live = town.go_live(founded.made)
    for ctx in (town.demo, town.production):
        close(ctx)
    yield Founded(founded.town, files, live, homes)
    homes.close()


def offer(town: Town, made: Made, *, by: Person = ADA, to: Firm = STRANGE) -> Transfer:
    """Start a transfer."""
    return transfers.start(town.production, town.actor(by, town.production), made.key, to.production)


def accepted(town: Town, made: Made, *, to: Firm = STRANGE, by: Person = MALLORY) -> Transfer:
    """Start one, and let the destination accept it."""
    transfer = offer(town, made, to=to)
    transfers.accept(town.production, town.actor(by, town.production), transfer.id)
    return transfer


def sentence(ctx: Context, transfer: Transfer, side: Side) -> str:
    """What a side types."""
    with ctx.database.reading() as tx:
        app = keys.find(tx, transfer.key)
        source = stored.find_account(tx, transfer.source)
        destination = stored.find_account(tx, transfer.destination)
    assert app is not None
    assert source is not None
    assert destination is not None
    return statement_of(side, app, source, destination)


def confirm(town: Town, transfer: Transfer, side: Side, by: Person) -> bool:
    """Confirm for a side; say whether the key moved."""
    ctx = town.production
    return transfers.confirm(ctx, town.actor(by, ctx), transfer.id, side, sentence(ctx, transfer, side))


def moved(town: Town, made: Made) -> Transfer:
    """Take a key all the way to Strange."""
    transfer = accepted(town, made)
    confirm(town, transfer, "source", ADA)
    assert confirm(town, transfer, "destination", MALLORY)
    return transfer


def ready(town: Town, transfer: Transfer) -> None:
    """Let both sides have confirmed, and the key not moved: the destination was suspended at that moment."""
    confirm(town, transfer, "source", ADA)
    accounts.change_account(town.production, transfer.destination, "the tests", state="suspended")
    assert not confirm(town, transfer, "destination", MALLORY)
    accounts.change_account(town.production, transfer.destination, "the tests", state="open")


def stand_in(town: Town, made: Made, *, by: Person = CY, to: str = STRANGE.production) -> Transfer:
    """Let the organization act for Acme's lost admin."""
    ctx = town.production
    return stand_ins.stand_in(ctx, town.actor(by, ctx), ORGANIZATION["production"], made.key, to)


def add_second(town: Town) -> None:
    """Make Sam a second admin of the organization."""
    organizations.add_admin(town.production, ORGANIZATION["production"], SAM.production, "the tests")


def holder(ctx: Context, key: str) -> list[str]:
    """Whoever holds a key: one account, always."""
    query = f"SELECT account FROM apps WHERE key = '{key}'"  # noqa: S608 — our own GUIDs
    return [account for (account,) in rows(ctx.database, query)]


HOME = ACME.production
AWAY = STRANGE.production
