"""How is an event chained to those before it? This is the format that is written (docs/decisions/0008).

`rules/chain.py` spells it out a second time for whoever verifies, so that a mistake here is found there.
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import msgspec

from keysteward.rules.chain import BEGINNING, Seal
from keysteward.rules.events import PLAIN, Entry, personal_fields

_VERSION = 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def salted(salt: str, field: str, value: str) -> str:
    """The salted hash of a personal field: it says nothing of the value to whoever lacks the salt."""
    return hashlib.sha256(bytes.fromhex(salt) + field.encode() + b"\0" + value.encode()).hexdigest()


def salted_fields(entry: Entry) -> dict[str, str]:
    """The salted hash of each personal field that is still there."""
    return {field: salted(entry.salts[field], field, value) for field, value in personal_fields(entry.event).items()
            if field not in entry.erased}  # fmt: skip


def digest_of(entry: Entry) -> str:
    """The digest of all that an event says."""
    event = entry.event
    said: Mapping[str, object] = {
        "account": event.account,
        "at": (event.at - _EPOCH) // timedelta(microseconds=1),
        "data": {name: value for name, value in event.data.items() if name in PLAIN},
        "key": event.key,
        "name": event.name,
        "personal": {**entry.erased, **salted_fields(entry)},
        "sequence": entry.sequence,
        "version": _VERSION,
    }
    return hashlib.sha256(msgspec.json.encode(said, order="sorted")).hexdigest()


def seal(previous: Seal | None, sequence: int, digest: str) -> Seal:
    """The next link: its hash takes in the one before, the event's digest and the position."""
    before, last = (previous.hash, previous.position) if previous else (BEGINNING, 0)
    position = last + 1
    said = bytes.fromhex(before) + bytes.fromhex(digest) + position.to_bytes(8, "big")
    return Seal(position, sequence, digest, hashlib.sha256(said).hexdigest())
