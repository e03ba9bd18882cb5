"""What must hold of a history that was sealed?

Read CHAIN from top to bottom: it is all that a link is asked. The format is spelled out here a second time, apart from
the code that writes it (`crypto/chain.py`), so that a mistake there is not repeated here (docs/decisions/0008).
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from json.encoder import encode_basestring as _quoted
from typing import NamedTuple

from keysteward.rules.events import PLAIN, Entry
from keysteward.rules.words import Environment

BEGINNING = "0" * 64
CHECKPOINT_EVERY = timedelta(minutes=1)
LONGEST_DEED = timedelta(minutes=10)
"""No deed stays open so long between its event and its commit: an event that comes later was put in."""

_MICROSECOND = timedelta(microseconds=1)
_SALT = re.compile("[0-9a-f]{32}")
_HASH = re.compile("[0-9a-f]{64}")
_UNIX = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Seal:
    """The place of an event in the chain, the digest of what it said then, and the hash of all that came up to it."""

    position: int
    event: int
    digest: str
    hash: str


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What the sealer signed: that the chain had this hash at this position, at an instant of the machine's clock."""

    environment: Environment
    number: int
    position: int
    hash: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Link:
    """A seal with the event it names, as that is now, and the seal before it (None before the first)."""

    seal: Seal
    entry: Entry | None
    previous: Seal | None


def is_checkpoint_due(newest: datetime | None, now: datetime) -> bool:
    """Whether a minute has passed since the last checkpoint; a clock that was set back does not hold it up."""
    return newest is None or not timedelta(0) <= now - newest < CHECKPOINT_EVERY


# ── what may be wrong with a link ───────────────────────────────────────────────────────────────────────────────────
def position_is_missing(link: Link) -> str | None:
    """Positions are counted from 1, without a gap."""
    expected, found = _position_before(link) + 1, link.seal.position
    if found == expected:
        return None
    if found < expected:
        return f"Position {found} was put before the first."
    if found == expected + 1:
        return f"Position {expected} is missing: its seal was deleted."
    return f"Positions {expected} to {found - 1} are missing: their seals were deleted."


def event_is_missing(link: Link) -> str | None:
    """The event that a seal names is there."""
    if link.entry is not None:
        return None
    return f"Event {link.seal.event} at position {link.seal.position} is missing: it was deleted."


def event_was_changed(link: Link) -> str | None:
    """The event says what it said when it was sealed."""
    if link.entry is None or digest_of(link.entry) == link.seal.digest:
        return None
    return f"Event {link.seal.event} at position {link.seal.position} was changed after it was sealed."


def seal_does_not_follow(link: Link) -> str | None:
    """The hash takes in the one before, the digest and the position."""
    if _hash_of(link) == link.seal.hash:
        return None
    before = _position_before(link)
    where = f"from position {before}" if before else "from the beginning"
    return f"Position {link.seal.position} does not follow {where}: a seal was changed, moved or put in."


class Check(NamedTuple):
    """One thing asked of a link; `wrong` answers with a sentence where it does not hold."""

    code: str
    wrong: Callable[[Link], str | None]


CHAIN: tuple[Check, ...] = (
    Check("position-missing", position_is_missing),
    Check("event-missing", event_is_missing),
    Check("event-changed", event_was_changed),
    Check("does-not-follow", seal_does_not_follow),
)


class Break(NamedTuple):
    """Where a history is not what was sealed. `position` is 0 where no one place can be named."""

    code: str
    position: int
    sentence: str


def first_break(link: Link) -> Break | None:
    """The first check that a link fails."""
    for check in CHAIN:
        if sentence := check.wrong(link):
            return Break(check.code, link.seal.position, sentence)
    return None


def swapped(one: Link, other: Link) -> bool:
    """Whether two events that were changed stand in each other's place."""
    return _belongs(one, other) and _belongs(other, one)


def was_put_in(covered_at: datetime | None, signed_at: datetime | None) -> bool:
    """Whether an event came too long after later ones were sealed.

    `covered_at` is the first checkpoint over an event of a higher number, `signed_at` the last before it came.
    """
    return covered_at is not None and signed_at is not None and signed_at - covered_at > LONGEST_DEED


# ── the format ──────────────────────────────────────────────────────────────────────────────────────────────────────
def digest_of(entry: Entry) -> str:
    """SHA-256 of the event as JSON: keys sorted, no spaces, UTF-8; no digest at all where a personal field is odd.

    It is written out by hand: a million events take half the time, and nothing but the escapes is anybody else's.
    """
    event, personal = entry.event, _personal(entry)
    if personal is None:
        return ""
    at = (event.at - _UNIX) // _MICROSECOND
    plain = _object({name: value for name, value in event.data.items() if name in PLAIN})
    said = (
        f'{{"account":{_quoted(event.account)},"at":{at},"data":{plain},"key":{_quoted(event.key)},'
        f'"name":{_quoted(event.name)},"personal":{_object(personal)},"sequence":{entry.sequence},"version":1}}'
    )
    return _sha256(said.encode())


def _personal(entry: Entry) -> dict[str, str] | None:
    values = {f"data.{name}": value for name, value in entry.event.data.items() if name not in PLAIN}
    if "actor" not in entry.erased or entry.event.actor:
        values["actor"] = entry.event.actor
    if values.keys() != entry.salts.keys() or values.keys() & entry.erased.keys():
        return None
    digests = dict(entry.erased)
    for name, value in values.items():
        if not _SALT.fullmatch(entry.salts[name]):
            return None
        digests[name] = _sha256(bytes.fromhex(entry.salts[name]), name.encode(), b"\x00", value.encode())
    return digests


def _object(texts: Mapping[str, str]) -> str:
    return "{" + ",".join([f"{_quoted(name)}:{_quoted(texts[name])}" for name in sorted(texts)]) + "}"


def _hash_of(link: Link) -> str:
    before = link.previous.hash if link.previous else BEGINNING
    if not (_HASH.fullmatch(before) and _HASH.fullmatch(link.seal.digest)):
        return ""
    place = link.seal.position.to_bytes(8, "big", signed=True)
    return _sha256(bytes.fromhex(before), bytes.fromhex(link.seal.digest), place)


def _sha256(*parts: bytes) -> str:
    return hashlib.sha256(b"".join(parts)).hexdigest()


def _position_before(link: Link) -> int:
    return link.previous.position if link.previous else 0


def _belongs(one: Link, other: Link) -> bool:
    """Whether the event at one place is what was sealed at the other; it may have taken the other's number."""
    if one.entry is None:
        return False
    renumbered = replace(one.entry, sequence=other.seal.event)
    return other.seal.digest in {digest_of(one.entry), digest_of(renumbered)}
