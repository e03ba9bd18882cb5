"""Is the history of an environment what was sealed and signed?

Nothing is believed but the public paper keys: every digest, hash and signature is worked out again.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import combinations

from keysteward.crypto.papers import read_checkpoint, unverified_checkpoint
from keysteward.crypto.signing import BadToken, PublicKey, load_public_key
from keysteward.rules.chain import Break, Checkpoint, Link, Seal, first_break, swapped, was_put_in
from keysteward.rules.events import Entry
from keysteward.store import audit, seals
from keysteward.store.database import Connection, Database
from keysteward.store.seals import SignedRow, Tail

_MOST_NAMED = 100

Tell = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What an auditor brings along: the paper keys (None for those of the database), and checkpoints they kept.

    `copy` is the copy that Keysteward wrote outside of the database, line by line; it is read as often as needed.
    """

    keys: Mapping[str, PublicKey] | None = None
    kept: tuple[str, ...] = ()
    copy: Iterable[str] = ()


@dataclass(slots=True)
class Verdict:
    """What came of it. `broken` counts every break, of which the first hundred are named."""

    environment: str
    tail: Tail
    events: int = 0
    checkpoints: int = 0
    newest: Checkpoint | None = None
    kept: int = 0
    copied: int = 0
    copied_to: int = 0
    erased_fields: int = 0
    told_fields: int = 0
    signed_with: set[str] = field(default_factory=set)
    breaks: list[Break] = field(default_factory=list)
    broken: int = 0

    @property
    def is_good(self) -> bool:
        """Whether nothing is broken."""
        return not self.broken

    def note(self, found: Break) -> None:
        """Keep a break, or only count it where many were kept."""
        self.broken += 1
        if len(self.breaks) < _MOST_NAMED:
            self.breaks.append(found)


class NoHistory(Exception):
    """The database was never founded."""


def verify(database: Database, evidence: Evidence, tell: Tell) -> Verdict:
    """Verify all of a database's history in one snapshot of it; `tell` hears how many links of how many are done."""
    with database.reading() as tx:
        stamp = audit.find_stamp(tx)
        if stamp is None:
            raise NoHistory
        verdict = Verdict(stamp.environment, seals.load_tail(tx))
        last = _verify_links(tx, verdict, tell)
        keys = _paper_keys(tx) if evidence.keys is None else evidence.keys
        _verify_checkpoints(tx, verdict, keys, last)
        _verify_kept(tx, verdict, keys, evidence.kept, last)
        _verify_copy(tx, verdict, keys, evidence.copy, last)
        _verify_erasures(tx, verdict)
    return verdict


def newest_checkpoint(database: Database) -> str | None:
    """The last checkpoint that was signed, as a paper to keep elsewhere."""
    with database.reading() as tx:
        newest = seals.newest_checkpoint(tx)
    return newest.paper if newest else None


# ── the links ───────────────────────────────────────────────────────────────────────────────────────────────────────
@dataclass(slots=True)
class _Walk:
    """What is remembered on the way along the chain: little, however long it is."""

    last: Seal | None = None
    highest_event: int = 0
    changed: list[Link] = field(default_factory=list)
    late: list[Seal] = field(default_factory=list)


def _verify_links(tx: Connection, verdict: Verdict, tell: Tell) -> int:
    walk, total, done = _Walk(), seals.count_seals(tx), 0
    for batch in seals.walk_links(tx):
        for link in batch:
            _verify_link(verdict, walk, link)
        done += len(batch)
        tell(done, total)
    _name_swaps(verdict, walk.changed)
    _find_put_in(tx, verdict, walk)
    return walk.last.position if walk.last else 0


def _verify_link(verdict: Verdict, walk: _Walk, link: Link) -> None:
    if link.seal.event < walk.highest_event and len(walk.late) < _MOST_NAMED:
        walk.late.append(link.seal)
    walk.highest_event = max(walk.highest_event, link.seal.event)
    walk.last = link.seal
    found = first_break(link)
    if found is None and link.entry is not None:
        verdict.events += 1
        verdict.erased_fields += len(link.entry.erased)
        verdict.told_fields += _told(link.entry)
    elif found is not None:
        verdict.note(found)
        if found.code == "event-changed" and len(walk.changed) < _MOST_NAMED:
            walk.changed.append(link)


def _name_swaps(verdict: Verdict, changed: list[Link]) -> None:
    for one, other in combinations(changed, 2):
        if swapped(one, other):
            places = one.seal.position, other.seal.position
            verdict.breaks = [found for found in verdict.breaks if found.position not in places]
            sentence = "The events at positions {} and {} have changed places.".format(*places)
            verdict.breaks.append(Break("events-swapped", places[0], sentence))
            verdict.broken -= 1


def _find_put_in(tx: Connection, verdict: Verdict, walk: _Walk) -> None:
    """Events whose number is lower than that of others which were sealed long before they came."""
    places: dict[int, int | None] = {seal.event: seal.position for seal in walk.late}
    places |= dict.fromkeys(seals.list_loose(tx, walk.highest_event, _MOST_NAMED))
    for event, position in places.items():
        signed_at = seals.last_checkpoint_before(tx, position)
        if was_put_in(seals.first_checkpoint_over(tx, event), signed_at):
            sentence = f"Event {event} was put in: events of higher numbers were sealed long before it came."
            verdict.note(Break("event-put-in", position or 0, sentence))


# ── the checkpoints ─────────────────────────────────────────────────────────────────────────────────────────────────
def _verify_checkpoints(tx: Connection, verdict: Verdict, keys: Mapping[str, PublicKey], last: int) -> None:
    expected = 1
    for row in seals.walk_checkpoints(tx):
        if row.number != expected:
            sentence = f"Checkpoint {expected} is missing: it was deleted."
            verdict.note(Break("checkpoint-missing", 0, sentence))
        expected = row.number + 1
        checkpoint = _verified(verdict, row, keys, last)
        if checkpoint:
            verdict.checkpoints += 1
            verdict.newest = checkpoint
            verdict.signed_with.add(unverified_checkpoint(row.paper)[0])


def _verified(verdict: Verdict, row: SignedRow, keys: Mapping[str, PublicKey], last: int) -> Checkpoint | None:
    name = f"Checkpoint {row.number}"
    try:
        checkpoint = _read(row.paper, keys)
    except BadToken as error:
        verdict.note(Break("checkpoint-not-good", row.position, f"{name} {error}."))
        return None
    if (checkpoint.number, checkpoint.position, checkpoint.at) != (row.number, row.position, row.at):
        sentence = f"{name} is not what was signed: its paper speaks of checkpoint {checkpoint.number}."
        verdict.note(Break("checkpoint-not-good", row.position, sentence))
        return None
    return _seen(verdict, name, checkpoint, row.hash, last)


def _seen(verdict: Verdict, name: str, checkpoint: Checkpoint, found: str | None, last: int) -> Checkpoint | None:
    """The checkpoint, if it has seen the history that is there now."""
    position = checkpoint.position
    if checkpoint.environment != verdict.environment:
        sentence = f"{name} was signed for {checkpoint.environment}, and this is {verdict.environment}."
    elif found == checkpoint.hash:
        return checkpoint
    elif position > last:
        sentence = f"{name} has seen {position} positions, and {last} are left: the end was cut off."
    elif found is None:
        sentence = f"{name} has seen position {position}, which is missing."
    else:
        sentence = f"{name} has seen another history: position {position} had another hash."
    verdict.note(Break("checkpoint-saw-another", position, sentence))
    return None


def _verify_kept(
    tx: Connection, verdict: Verdict, keys: Mapping[str, PublicKey], kept: Sequence[str], last: int
) -> None:
    for paper in kept:
        try:
            if unverified_checkpoint(paper)[1].environment != verdict.environment:
                continue
            checkpoint = _read(paper, keys)
        except BadToken as error:
            verdict.note(Break("kept-not-good", 0, f"The checkpoint that you kept {error}."))
            continue
        name = f"The checkpoint {checkpoint.number} that you kept"
        if _seen(verdict, name, checkpoint, seals.find_hash(tx, checkpoint.position), last):
            verdict.kept += 1


def _verify_copy(
    tx: Connection, verdict: Verdict, keys: Mapping[str, PublicKey], copy: Iterable[str], last: int
) -> None:
    """The copy has every checkpoint up to one of them, and each has seen the history that is there now."""
    for place, paper in enumerate(copy, start=1):
        try:
            checkpoint = _of_here(paper, keys, verdict.environment)
        except BadToken as error:
            verdict.note(Break("copy-not-good", 0, f"Line {place} of the copy {error}."))
            continue
        if checkpoint is None:
            continue
        if verdict.copied_to and checkpoint.number > verdict.copied_to + 1:
            sentence = f"The copy lacks what comes between checkpoints {verdict.copied_to} and {checkpoint.number}."
            verdict.note(Break("copy-gap", checkpoint.position, sentence))
        verdict.copied_to = max(verdict.copied_to, checkpoint.number)
        name = f"The checkpoint {checkpoint.number} of the copy"
        if _seen(verdict, name, checkpoint, seals.find_hash(tx, checkpoint.position), last):
            verdict.copied += 1


def _of_here(paper: str, keys: Mapping[str, PublicKey], environment: str) -> Checkpoint | None:
    """A checkpoint, verified; None for one of the other environment."""
    try:
        claimed = unverified_checkpoint(paper)[1].environment
    except BadToken:
        raise BadToken("is no checkpoint") from None
    return _read(paper, keys) if claimed == environment else None


def _read(paper: str, keys: Mapping[str, PublicKey]) -> Checkpoint:
    """A checkpoint, verified; raises BadToken with the rest of a sentence."""
    try:
        kid, _ = unverified_checkpoint(paper)
    except BadToken:
        raise BadToken("is no checkpoint") from None
    if kid not in keys:
        raise BadToken("is signed with a key that is not among the paper keys") from None
    try:
        return read_checkpoint(paper, keys)
    except BadToken:
        raise BadToken("has a wrong signature") from None


def _paper_keys(tx: Connection) -> dict[str, PublicKey]:
    found = {}
    for row in audit.list_paper_keys(tx):
        with suppress(ValueError):  # a damaged key has signed nothing that can be verified
            found[row.kid] = load_public_key(row.public_pem)
    return found


# ── what was erased ─────────────────────────────────────────────────────────────────────────────────────────────────
def _verify_erasures(tx: Connection, verdict: Verdict) -> None:
    """Whoever erases says so: more that is gone than was told of was erased by nobody who may."""
    verdict.told_fields += sum(_told(entry) for entry in seals.list_loose_erasures(tx))
    if verdict.erased_fields > verdict.told_fields:
        sentence = (
            f"{verdict.erased_fields} personal fields are erased, and the history tells of {verdict.told_fields}: "
            "somebody erased the others without a trace."
        )
        verdict.note(Break("erased-untold", 0, sentence))


def _told(entry: Entry) -> int:
    fields = entry.event.data.get("fields", "")
    return int(fields) if entry.event.name == "PersonErased" and fields.isdecimal() else 0
