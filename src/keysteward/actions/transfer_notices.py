"""Who hears what becomes of a transfer?

Each step is told in its own transaction, to the people of both sides: a notice for each side, and whoever is on both
hears it once.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime

from keysteward.actions.context import Context
from keysteward.actions.mailing import house
from keysteward.actions.notices import Recipient, admins_of, council_of, tell
from keysteward.rules import transfer_letters as letters
from keysteward.rules.letters import Letter
from keysteward.rules.notices import notice, told_by
from keysteward.rules.transfer_letters import About
from keysteward.rules.transfers import Case, Side, needs_approval
from keysteward.store import accounts
from keysteward.store.database import Connection

Write = Callable[[About, str], Letter]


def tell_start(ctx: Context, tx: Connection, case: Case, organization: str = "") -> None:
    """A transfer began; `organization` is the name of the one that stands in."""
    _tell(ctx, tx, case, admins_of(tx, case.destination.id), letters.offered, is_offer=True)
    if organization:
        whom = [*admins_of(tx, case.source.id), *_council(tx, case), *_requester(tx, case)]
        _tell(ctx, tx, case, whom, lambda about, name: letters.stand_in_started(about, name, organization))
    else:
        _tell(ctx, tx, case, admins_of(tx, case.source.id), letters.started)


def tell_acceptance(ctx: Context, tx: Connection, case: Case) -> None:
    """The destination accepted."""
    _tell(ctx, tx, case, _of_source(tx, case), letters.accepted)


def tell_confirmation(ctx: Context, tx: Connection, case: Case, side: Side) -> None:
    """One side confirmed; the destination hears it once it has accepted."""
    whom = _of_source(tx, case)
    if case.transfer.accepted is not None:
        whom += admins_of(tx, case.destination.id)
    _tell(ctx, tx, case, whom, lambda about, name: letters.confirmed(about, name, side))


def tell_approval(ctx: Context, tx: Connection, case: Case, by: str) -> None:
    """A second organization admin approved."""
    _tell(ctx, tx, case, _of_source(tx, case), lambda about, name: letters.approved(about, name, by))


def tell_end(ctx: Context, tx: Connection, case: Case) -> None:
    """The transfer ended and nothing moved; who has not accepted it reads no word of the other side's."""
    source, destination = _of_source(tx, case), admins_of(tx, case.destination.id)
    if case.transfer.accepted is None and case.transfer.ending is not None:
        known = {each.user.id for each in source}
        strangers = [each for each in destination if each.user.id not in known]
        silent = replace(case.transfer, ending=case.transfer.ending._replace(reason=""))
        _tell(ctx, tx, replace(case, transfer=silent), strangers, letters.ended, is_offer=True)
        destination = []
    _tell(ctx, tx, case, [*source, *destination], letters.ended)


def tell_move(ctx: Context, tx: Connection, case: Case, rotate_by: datetime) -> None:
    """The key has moved."""
    whom = [*_of_source(tx, case), *admins_of(tx, case.destination.id), *_requester(tx, case)]
    _tell(ctx, tx, case, whom, lambda about, name: letters.moved(about, name, rotate_by))


def tell_reminder(ctx: Context, tx: Connection, case: Case, missing: str) -> None:
    """The transfer is about to expire: whoever can do what is missing hears it."""
    transfer, whom = case.transfer, list[Recipient]()
    if transfer.accepted is None or transfer.confirmed("destination") is None:
        whom += admins_of(tx, case.destination.id)
    if transfer.confirmed("source") is None or (needs_approval(case) and transfer.approved is None):
        whom += _of_source(tx, case)
    is_offer = transfer.accepted is None
    _tell(ctx, tx, case, whom, lambda about, name: letters.reminder(about, name, missing), is_offer=is_offer)


def _tell(
    ctx: Context, tx: Connection, case: Case, whom: Iterable[Recipient], write: Write, *, is_offer: bool = False
) -> None:
    """One notice for each side that has somebody to hear it; those of neither account count to the source's."""
    source = "" if is_offer else case.source.name
    about = About(house(ctx), case.transfer, case.app, source, case.destination.name)
    every = {each.user.id: each for each in whom}.values()
    sides = {
        case.source.id: [each for each in every if each.account != case.destination.id],
        case.destination.id: [each for each in every if each.account == case.destination.id],
    }
    facts = {"app": case.app.name, "transfer": case.transfer.id, "page": f"/transfers/{case.transfer.id}"}
    said = facts | told_by(write(about, ""))
    for account, told in sides.items():
        if told:
            new = replace(notice("transfer", ctx.now, about=None, account=account, **said), key=case.app.key)
            tell(ctx, tx, new, told, lambda name: write(about, name))


def _of_source(tx: Connection, case: Case) -> list[Recipient]:
    return [*admins_of(tx, case.source.id), *_council(tx, case)]


def _council(tx: Connection, case: Case) -> list[Recipient]:
    organization = case.transfer.organization
    return council_of(tx, organization) if organization else []


def _requester(tx: Connection, case: Case) -> list[Recipient]:
    """Whoever the key was asked for hears it for themselves: they need not administer anything."""
    found = accounts.find_user_by_email(tx, case.app.requester) if case.app.requester else None
    return [Recipient(found[0])] if found and found[0].state == "active" else []
