"""How does a settled review prove itself, and how is such a proof checked with nothing running?"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from keysteward.actions import bundled_papers
from keysteward.actions.bundled_papers import BundledPaper
from keysteward.actions.context import Context
from keysteward.actions.golive import load_review
from keysteward.crypto.papers import read_manifest, unverified_manifest, write_manifest
from keysteward.crypto.signing import BadToken, PublicKey
from keysteward.rules.access import Actor
from keysteward.rules.bundles import (
    MOST_BYTES,
    PAPER,
    Manifest,
    Subject,
    differences,
    document_of,
    first_odd_byte,
    manifest_of,
    outline_of,
    rendered,
)
from keysteward.rules.golive import Review
from keysteward.rules.judging import Evidence, digest_of
from keysteward.rules.keys import App
from keysteward.rules.policy import Policy
from keysteward.rules.refusals import EVIDENCE_GONE, REVIEW_NOT_SETTLED, Refusal
from keysteward.rules.rerun import Rerun, rerun
from keysteward.store import checks, golive, judged, policy
from keysteward.store.database import Connection
from keysteward.store.judged import JudgedCalls

_MOST_SAID = 20
_FIRST_RULES = 1  # what judged before the version was kept


class Unreadable(Exception):
    """The file is no bundle of a review. The message says why."""


class Verdict(NamedTuple):
    """What was found of a bundle. `signed_by` is empty where no key was there to check the signature with."""

    manifest: Manifest
    signed_by: str
    broken: tuple[str, ...]
    again: Rerun | None
    calls: int
    papers: tuple[BundledPaper, ...] = ()


def bundle_of(ctx: Context, actor: Actor, key: str, review: str) -> bytes:
    """The bundle of a settled review, signed with the paper key that signs now."""
    app, found = load_review(ctx, actor, key, review)
    if found.verdict is None:
        raise Refusal(REVIEW_NOT_SETTLED)
    with ctx.database.reading() as tx:
        subject = _subject(ctx, tx, app, found)
    document = document_of(subject, ctx.environment, ctx.issuer, ctx.now)
    paper = write_manifest(manifest_of(document), ctx.paper_key, ctx.issuer, ctx.now)
    return rendered(document | {PAPER: paper})


def verify(raw: bytes, keys: Mapping[str, PublicKey] | None) -> Verdict:
    """Hold a bundle against its signature, then ask its rules again; without keys the signature is not checked."""
    document = _read(raw)
    try:
        kid, manifest = unverified_manifest(document[PAPER])
        broken = [] if keys is None else _bad_signature(document[PAPER], keys)
        broken += _bad_parts(raw, document, manifest)
    except BadToken as error:
        raise Unreadable(f"its paper cannot be read: {error}") from None
    except RecursionError:
        raise Unreadable("its parts lie too deep in one another") from None
    signed_by, calls = "" if keys is None else kid, len(document.get("calls", ()))
    if broken:
        return Verdict(manifest, signed_by, tuple(broken[:_MOST_SAID]), None, calls)
    papers, wrong = bundled_papers.check(document, keys or {})
    again = None if wrong else rerun(document, checks.installed_for)
    return Verdict(manifest, signed_by, wrong, again, calls, papers)


def _subject(ctx: Context, tx: Connection, app: App, review: Review) -> Subject:
    named = policy.find(tx, review.policy_version)
    numbers = named.policy if named else ctx.policy
    kept = judged.find(tx, review.id) or _still_on_record(tx, review, numbers)
    papers = tuple((paper.ticket, paper.receipt) for paper in judged.list_papers(tx, review.id))
    return Subject(app.name, review, numbers, kept.rules_version, kept.calls, papers)


def _still_on_record(tx: Connection, review: Review, numbers: Policy) -> JudgedCalls:
    """The calls of a review that was settled before they were kept with it, if they are there as they were."""
    cut = (review.started_at, review.cut_sequence)
    evidence: Evidence = golive.load_evidence(tx, review.key, numbers.calls_needed, *cut)
    if digest_of(evidence) != review.evidence_digest:
        raise Refusal(EVIDENCE_GONE)
    return JudgedCalls(_FIRST_RULES, evidence.calls)


def _read(raw: bytes) -> dict[str, Any]:
    if len(raw) > MOST_BYTES:
        raise Unreadable("it is longer than any bundle")
    try:
        document = msgspec.json.decode(raw, type=dict[str, Any])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Unreadable(f"it is not JSON: {error}") from None
    if not isinstance(document.get(PAPER), str):
        raise Unreadable("it carries no signed paper")
    return document


def _bad_signature(paper: str, keys: Mapping[str, PublicKey]) -> list[str]:
    try:
        read_manifest(paper, keys)
    except BadToken as error:
        return [f"paper: the signature is not good: {error}."]
    return []


def _bad_parts(raw: bytes, document: dict[str, Any], manifest: Manifest) -> list[str]:
    parts = {name: value for name, value in document.items() if name != PAPER}
    broken = differences(manifest.outline, outline_of(parts))
    odd = first_odd_byte(raw, document)
    if not broken and odd is not None:
        line = raw[:odd].count(b"\n") + 1
        broken = [f"Line {line}, byte {odd + 1} of the file, is written in another way, though it says the same."]
    return broken
