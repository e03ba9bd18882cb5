"""What does a review's bundle say, and is what it says as it was signed?

A bundle is JSON in one form, sorted and indented, and carries a signed paper with the digest of each of its parts. So
whoever changes a byte is found out, and where.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from difflib import SequenceMatcher
from typing import Any, NamedTuple

import msgspec

from keysteward.rules import policy_text
from keysteward.rules.golive import REVIEWS, Review
from keysteward.rules.judging import Counted
from keysteward.rules.pack_text import write as write_pack
from keysteward.rules.policy import Policy
from keysteward.rules.told_calls import facts_of

FORMAT = 1
PAPER = "paper"
MOST_BYTES = 16_777_216
NUMBERS = (
    "calls_needed",
    "call_window",
    "polling_gap",
    "review_life",
    "types_for_a_person",
    "upstream_errors_count",
)
"""The numbers of a policy that reviews go by; the others say nothing of a verdict."""

Document = dict[str, Any]
Outline = Any
"""A document with the digest of each value in its place; an entry of a list is one value."""


class Subject(NamedTuple):
    """A settled review with all that was judged, and by what."""

    app: str
    review: Review
    policy: Policy
    rules_version: int
    calls: tuple[Counted, ...]
    papers: tuple[tuple[str, str | None], ...] = ()


class Manifest(msgspec.Struct, frozen=True):
    """What is signed: which review this is, and the digest of each part of the bundle."""

    review: str
    key: str
    verdict: str
    outline: dict[str, Any]


def document_of(subject: Subject, environment: str, issuer: str, made_at: datetime) -> Document:
    """A bundle without its paper: nothing in it is secret, and nothing in it is executed."""
    said = {
        "bundle": {"format": FORMAT, "environment": environment, "issuer": issuer, "made_at": made_at},
        "review": _review(subject),
        "policy": _policy(subject.policy),
        "rules": _rules(subject),
        "calls": [facts_of(each) for each in subject.calls],
        "promotion": [{"ticket": ticket, "receipt": receipt} for ticket, receipt in subject.papers],
    }
    return msgspec.json.decode(msgspec.json.encode(said), type=dict[str, Any])


def rendered(document: Mapping[str, object]) -> bytes:
    """The one form of a bundle."""
    return msgspec.json.format(msgspec.json.encode(document, order="sorted"), indent=2) + b"\n"


def outline_of(value: object) -> Outline:
    """The digests of a document's values, in the document's own shape."""
    if isinstance(value, dict):
        return {str(name): outline_of(each) for name, each in value.items()}
    return [_digest(each) for each in value] if isinstance(value, list) else _digest(value)


def manifest_of(document: Document) -> Manifest:
    """What is signed of a bundle."""
    review = document["review"]
    outline = outline_of({name: value for name, value in document.items() if name != PAPER})
    return Manifest(review["id"], review["key"], review["verdict"], outline)


def differences(signed: Outline, found: Outline, place: str = "") -> list[str]:
    """Where a bundle says something else than what was signed, one sentence for each place."""
    if isinstance(signed, dict) and isinstance(found, dict):
        names = [*signed, *(name for name in found if name not in signed)]
        return [said for name in names for said in _member(signed, found, name, f"{place}.{name}" if place else name)]
    if isinstance(signed, list) and isinstance(found, list):
        return _entries(signed, found, place)
    return [] if signed == found else [f"{place} is not as it was signed."]


def first_odd_byte(raw: bytes, document: Mapping[str, object]) -> int | None:
    """The first byte, counted from 0, that is not as a bundle is written; None where all are."""
    expected = rendered(document)
    if raw == expected:
        return None
    pairs = enumerate(zip(raw, expected, strict=False))
    return next((at for at, (one, other) in pairs if one != other), min(len(raw), len(expected)))


def _member(signed: Mapping[str, Outline], found: Mapping[str, Outline], name: str, place: str) -> list[str]:
    if name not in found:
        return [f"{place} was removed."]
    if name not in signed:
        return [f"{place} was added: nobody signed it."]
    return differences(signed[name], found[name], place)


def _entries(signed: Sequence[str], found: Sequence[str], place: str) -> list[str]:
    steps = SequenceMatcher(None, signed, found, autojunk=False).get_opcodes()
    return [
        said for step in steps if step[0] != "equal" for said in _changed(range(*step[1:3]), range(*step[3:5]), place)
    ]


def _changed(was: range, now: range, place: str) -> list[str]:
    """What became of the entries `was` of what was signed, where the entries `now` stand; counted from 1 aloud."""
    both = min(len(was), len(now))
    changed = [f"{place}, entry {at + 1}, is not as it was signed." for at in now[:both]]
    removed = [f"{place}, entry {at + 1} of what was signed, was removed." for at in was[both:]]
    added = [f"{place}, entry {at + 1}, was added: nobody signed it." for at in now[both:]]
    return changed + removed + added


def _review(subject: Subject) -> Document:
    review = subject.review
    said: Document = {name: getattr(review, name) for name in (
        "id", "key", "started_at", "requester", "requester_email", "cut_sequence", "settled_at", "verdict", "run",
        "findings", "evidence_digest", "pending_since", "ruling",
    )}  # fmt: skip
    return said | {"app": subject.app}


def _policy(policy: Policy) -> Document:
    written = policy_text.write(policy)
    routes = [
        {"name": route.name, "path": route.path, "countable": route.countable, "polled": route.polled}
        for route in policy.routes
    ]
    return {"version": policy.version, "numbers": {name: written[name] for name in NUMBERS}, "routes": routes}


def _rules(subject: Subject) -> Document:
    asked = REVIEWS[subject.rules_version]
    told = [{"code": rule.code, "asks": rule.asks, "source": rule.source} for rule in asked]
    packs = [write_pack(pack) for pack in subject.policy.packs]
    return {"built_in": {"version": subject.rules_version, "rules": told}, "packs": packs}


def _digest(value: object) -> str:
    return hashlib.sha256(msgspec.json.encode(value, order="sorted")).hexdigest()
