"""What do operators and auditors ask of an environment, and how does its history become provable?"""

from dataclasses import replace

from keysteward.actions import inbox
from keysteward.actions.context import Context
from keysteward.actions.leases import machine_now
from keysteward.crypto.chain import digest_of, salted_fields, seal
from keysteward.crypto.papers import write_checkpoint
from keysteward.rules.accounts import User
from keysteward.rules.chain import Checkpoint, Seal, is_checkpoint_due
from keysteward.rules.events import Entry, Erasure, Tenure, fields_about, without
from keysteward.rules.refusals import CONFLICT, INVALID_FIELD, Refusal
from keysteward.store import accounts, audit, bearers, leases, personal, seals
from keysteward.store.database import Connection, Unreadable, bump_epoch, current_epoch, lock
from keysteward.store.leases import Lease
from keysteward.store.seals import SignedRow

_MOST_AT_ONCE = 500


def can_read(ctx: Context) -> bool:
    """Whether the database answers."""
    try:
        with ctx.database.reading() as tx:
            return current_epoch(tx) > 0
    except Unreadable:
        return False


def is_behind(ctx: Context) -> bool:
    """Whether there is anything to seal or to sign: asked twice a second, and mostly there is nothing."""
    with ctx.database.reading() as tx:
        return seals.is_behind(tx)


def seal_events(ctx: Context, lease: Lease, *, everything: bool) -> int:
    """Give every committed event that has none its position and hash, and return how many there were.

    Events come in the order in which they became visible. On PostgreSQL one of a lower number may be committed later:
    the last five hundred numbers are looked at every time, all of them where `everything` is asked.
    """
    sealed, above = 0, seals.LOWEST if everything else _lately(ctx)
    while entries := _unsealed(ctx, above):
        digests = [(entry.sequence, digest_of(entry)) for entry in entries]
        with ctx.database.writing() as tx:
            leases.demand(tx, lease)
            seals.save_seals(tx, _chained(seals.newest_seal(tx), digests))
        sealed, above = sealed + len(entries), entries[-1].sequence
    return sealed


def sign_checkpoint(ctx: Context, lease: Lease, *, at_once: bool) -> bool:
    """Sign where the chain stands, if it has grown and a minute has passed or `at_once` is asked; True where it did."""
    with ctx.database.reading() as tx:
        if _next_checkpoint(ctx, tx, at_once=at_once) is None:
            return False
    with ctx.database.writing() as tx:
        leases.demand(tx, lease)
        checkpoint = _next_checkpoint(ctx, tx, at_once=at_once)
        if checkpoint is None:
            return False
        paper = write_checkpoint(checkpoint, ctx.paper_key, ctx.issuer)
        seals.save_checkpoint(tx, SignedRow(checkpoint.number, checkpoint.position, checkpoint.at, paper))
    return True


def erase_person(ctx: Context, erasure: Erasure, by: str) -> int:
    """Erase somebody: from the history their address and names with the salts of these, and from every other table.

    The chain still verifies. Their user, who has to be closed, stays as nobody's, closed for ever. It is the one that
    `erasure` names by GUID, who has to bear the address still, or else whoever bears it now. Return how many fields of
    the history were erased.
    """
    if by.casefold() == erasure.address.casefold():
        raise Refusal(INVALID_FIELD, field="by", reason="somebody else has to erase you, or the event would name you.")
    with ctx.database.reading() as tx:
        erasure = replace(erasure, others=_others(tx, erasure))
        found, last = _found(tx, erasure, seals.LOWEST)
    with ctx.database.writing() as tx:
        known = _locked_person(tx, erasure)
        erasure = replace(erasure, others=_others(tx, erasure))
        inbox.forget_person(tx, known.id if known else "", erasure)
        if known:
            personal.forget(tx, known, erasure, ctx.now)
        since, _ = _found(tx, erasure, last - seals.LATE)
        erased = sum(_erase(tx, sequence, erasure) for sequence in sorted(found | since))
        if erased or known:
            audit.record(tx, ctx.event("PersonErased", by, fields=str(erased)))
        bump_epoch(tx)
    return erased


def _locked_person(tx: Connection, erasure: Erasure) -> User | None:
    """Whom to erase, locked with their addresses, so that nobody else takes one meanwhile; None where nobody is."""
    seen = erasure.user or _bearer(tx, erasure)
    addresses = {each.casefold() for each in (erasure.address, *erasure.names) if "@" in each}
    lock(tx, "user", *sorted({*addresses, *([seen] if seen else [])}))
    if not erasure.user and (bearer := _bearer(tx, erasure)) != seen:
        if bearer:
            raise Refusal(CONFLICT)
        return None  # they were erased meanwhile, or left this address
    known = accounts.find_user(tx, seen) if seen else None
    if known and (known.state != "closed" or known.email.casefold() != erasure.address.casefold()):
        raise Refusal(CONFLICT)
    return known


def _bearer(tx: Connection, erasure: Erasure) -> str:
    found = accounts.find_user_by_email(tx, erasure.address)
    return found[0].id if found else ""


def _others(tx: Connection, erasure: Erasure) -> tuple[Tenure, ...]:
    user = erasure.user or _bearer(tx, erasure)
    return bearers.list_other_tenures(tx, user, (erasure.address, *erasure.names)) if user else ()


def _lately(ctx: Context) -> int:
    with ctx.database.reading() as tx:
        return seals.highest_sealed_event(tx) - seals.LATE


def _unsealed(ctx: Context, above: int) -> list[Entry]:
    with ctx.database.reading() as tx:
        return seals.list_unsealed(tx, above, _MOST_AT_ONCE)


def _chained(last: Seal | None, digests: list[tuple[int, str]]) -> list[Seal]:
    made: list[Seal] = []
    for sequence, digest in digests:
        last = seal(last, sequence, digest)
        made.append(last)
    return made


def _next_checkpoint(ctx: Context, tx: Connection, *, at_once: bool) -> Checkpoint | None:
    now, last, newest = machine_now(ctx), seals.newest_seal(tx), seals.newest_checkpoint(tx)
    if last is None or (newest and newest.position == last.position):
        return None
    if not at_once and not is_checkpoint_due(newest.at if newest else None, now):
        return None
    return Checkpoint(ctx.environment, newest.number + 1 if newest else 1, last.position, last.hash, now)


def _found(tx: Connection, erasure: Erasure, above: int) -> tuple[set[int], int]:
    """The events above a number that say something of somebody, and the last number that was looked at."""
    found: set[int] = set()
    for entry in audit.walk_events(tx, above):
        above = entry.sequence
        if fields_about(entry.event, erasure.of_entry(entry)):
            found.add(above)
    return found, above


def _erase(tx: Connection, sequence: int, erasure: Erasure) -> int:
    entry = audit.load_entry(tx, sequence)
    about = fields_about(entry.event, erasure.of_entry(entry))
    hashes = salted_fields(entry)
    audit.save_erased(tx, without(entry, {field: hashes[field] for field in about}))
    return len(about)
