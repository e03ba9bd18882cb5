"""Does a settled review prove itself, whatever becomes of keys, rules and calls?"""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from keysteward.actions import bundles, evidence, golive, keys, packs, policy, promotion, receipts
from keysteward.actions.bundles import Verdict
from keysteward.actions.context import Context
from keysteward.crypto.papers import write_manifest
from keysteward.crypto.signing import PublicKey, new_signing_key, public_keys_of
from keysteward.rules.bundles import manifest_of, rendered
from keysteward.rules.golive import RULES_VERSION, Review
from keysteward.rules.refusals import (
    EVIDENCE_GONE,
    NO_SUCH_KEY,
    NO_SUCH_OBJECT,
    REVIEW_NOT_SETTLED,
    REVIEWS_ARE_IN_DEMO,
)
from keysteward.rules.rerun import Rerun
from tests.cast import ADA, MALLORY, SAM, UNKNOWN, Made, Town, refused
from tests.packs import ENVELOPES, a_document

SAID = {"author": "Olga", "reason": "Our API."}
CHECK = {"kind": "check", "code": "c", "check": "sla", "distribution": "acme", "distribution_version": "1.2"}
SAME = Rerun("same")


def published(ctx: Context) -> dict[str, PublicKey]:
    """The paper keys as `/.well-known/keysteward-papers` answers them."""
    return public_keys_of({"keys": promotion.paper_keys(ctx)})


def bundle(town: Town, made: Made, review: Review) -> bytes:
    """The bundle as Ada downloads it."""
    return bundles.bundle_of(town.demo, town.actor(ADA), made.key, review.id)


def signed_anew(town: Town, raw: bytes, path: str, value: object) -> Verdict:
    """What is found of a bundle that says something else, and that the environment's own key signed."""
    document = msgspec.json.decode(raw, type=dict[str, Any])
    del document["paper"]
    *way, last = path.split(".")
    holder: Any = document
    for step in way:
        holder = holder[int(step)] if step.isdigit() else holder[step]
    holder[last] = value
    paper = write_manifest(manifest_of(document), town.demo.paper_key, town.demo.issuer, town.demo.now)
    return bundles.verify(rendered(document | {"paper": paper}), published(town.demo))


# ── what it holds ───────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_passed_review_proves_itself(town: Town, made: Made) -> None:
    """Signed with the paper key; judged again with nothing but the file and the published keys, it is the same."""
    review = town.pass_review(made)
    verdict = bundles.verify(bundle(town, made, review), published(town.demo))

    assert (verdict.broken, verdict.again, verdict.signed_by) == ((), SAME, town.demo.paper_key.kid)
    assert (verdict.manifest.review, verdict.manifest.key, verdict.manifest.verdict) == (review.id, made.key, "passed")


def test_a_failed_review_proves_itself(town: Town, made: Made) -> None:
    """With every finding, polling too, for which the read before is told."""
    town.call(made, status=400)
    town.call(made, 2, method="GET", below="/envelopes/e1", status=200, every=timedelta(minutes=3))
    review = town.review(made)
    raw = bundle(town, made, review)
    document = msgspec.json.decode(raw)

    assert [each["rule"] for each in document["review"]["findings"]] == ["calls-in-a-row", "no-errors", "no-polling"]
    assert document["calls"][0]["previous_same_get"] == document["calls"][1]["at"]
    assert bundles.verify(raw, published(town.demo)).again == SAME


def test_it_says_what_was_judged_and_by_what(town: Town, made: Made) -> None:
    """Every part has its place; nobody's id, no query value and no secret is in it."""
    town.call(made, 20, below="/envelopes?email=sam@acme.example&code=hush")
    packs.install(town.demo, a_document(), **SAID)
    raw = bundle(town, made, town.review(made))
    document = msgspec.json.decode(raw)

    assert list(document) == ["bundle", "calls", "paper", "policy", "promotion", "review", "rules"]
    assert (document["bundle"]["environment"], document["bundle"]["issuer"]) == ("demo", town.demo.issuer)
    assert (document["review"]["requester_email"], document["review"]["app"]) == (ADA.email, made.app.name)
    assert (document["policy"]["version"], document["policy"]["numbers"]["calls_needed"]) == (2, 20)
    assert document["rules"]["built_in"]["version"] == RULES_VERSION
    assert document["rules"]["packs"] == [a_document()]
    assert document["calls"][0]["url"].endswith("/envelopes?email=…&code=…")
    assert not any(word in raw.decode() for word in (SAM.demo, "hush", made.secret, "sample"))


def test_promotion_papers_come_along(town: Town, made: Made) -> None:
    """The ticket once it was exchanged, and the receipt once it came, each as it was signed."""
    review = town.pass_review(made)
    handle = town.present(made)
    assert msgspec.json.decode(bundle(town, made, review))["promotion"] == []
    town.promote(handle)
    (exchanged,) = msgspec.json.decode(bundle(town, made, review))["promotion"]
    receipts.deliver_receipts(town.production)
    raw = bundle(town, made, review)
    (both,) = msgspec.json.decode(raw)["promotion"]

    assert (exchanged["receipt"], both["ticket"]) == (None, exchanged["ticket"])
    assert both["receipt"].count(".") == 2
    assert bundles.verify(raw, published(town.demo)).again == SAME


# ── whatever happens later ──────────────────────────────────────────────────────────────────────────────────────────
def test_a_bundle_outlives_everything(town: Town, made: Made) -> None:
    """Another paper key, other numbers, packs that went, calls that were forgotten, the key deleted."""
    packs.install(town.demo, a_document({"kind": "calls-needed", "code": "many", "calls": 30}), **SAID)
    town.call(made, 25)
    review = town.review(made)
    before = bundle(town, made, review)
    packs.remove(town.demo, "envelopes", **SAID)
    policy.apply(town.demo, {"calls_needed": 40}, **SAID)
    _forget_calls(town)
    keys.delete(town.demo, town.actor(ADA), made.key)
    rotated = new_signing_key("EdDSA")
    known = published(town.demo) | {rotated.kid: rotated.public}
    after = bundles.bundle_of(replace(town.demo, paper_key=rotated), town.actor(ADA), made.key, review.id)

    for raw in (before, after):
        verdict = bundles.verify(raw, known)
        assert (verdict.broken, verdict.again, verdict.calls) == ((), SAME, 25)
    assert msgspec.json.decode(before)["calls"] == msgspec.json.decode(after)["calls"]


def test_a_review_from_before_is_proved_while_its_calls_are_there(town: Town, made: Made) -> None:
    """One that was settled before calls were kept with it; without them it is refused, and nothing is made up."""
    town.call(made, 19)
    review = town.review(made)
    with town.demo.database.writing() as tx:
        tx.exec_driver_sql("DELETE FROM judged_calls")
    assert bundles.verify(bundle(town, made, review), published(town.demo)).again == SAME
    _forget_calls(town)

    with refused(EVIDENCE_GONE):
        bundle(town, made, review)


# ── who may have it, and when ───────────────────────────────────────────────────────────────────────────────────────
def test_only_who_sees_the_key_gets_it(town: Town, made: Made) -> None:
    """Foreign and unknown are one refusal; production has no reviews."""
    review = town.pass_review(made)
    with refused(NO_SUCH_KEY):
        bundles.bundle_of(town.demo, town.actor(MALLORY), made.key, review.id)
    with refused(NO_SUCH_OBJECT):
        bundles.bundle_of(town.demo, town.actor(ADA), made.key, UNKNOWN)
    with refused(REVIEWS_ARE_IN_DEMO):
        bundles.bundle_of(town.production, town.actor(ADA, town.production), made.key, review.id)


def test_without_a_verdict_there_is_nothing_to_prove(town: Town, made: Made) -> None:
    """A review that runs says so."""
    started = golive.start_review(town.demo, town.actor(ADA), made.key)
    with refused(REVIEW_NOT_SETTLED):
        bundle(town, made, started)


# ── signed, but the rules find otherwise, or cannot be asked ────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("path", "value", "result", "why"),
    [
        ("review.verdict", "failed", "other", "The rules find that the review passed, and the bundle says failed."),
        ("review.run", 21, "other", "The rules count 20 calls in a row, and the bundle says 21."),
        ("calls.3.status", 500, "other", "The digest of the calls is not the one that the verdict names."),
        ("calls.3.polled", "yes", "not run", "This program cannot read a part of the bundle: "),
        ("calls.3.user", SAM.demo, "not run", "This program cannot read a part of the bundle: "),
        ("rules.built_in.version", 99, "not run", "It was judged by version 99 of the built-in rules, and "),
        ("bundle.format", 2, "not run", "The bundle has format 2, and this program knows 1."),
        ("policy.numbers.moon_phase", 3, "not run", "This program does not know moon_phase of the policy."),
        ("policy.numbers.calls_needed", -1, "not run", "This program cannot read a part of the bundle: calls_needed"),
        ("rules.packs", [a_document(CHECK)], "not run", "The check sla of acme 1.2 is not installed here."),
        ("rules.packs", [a_document({"kind": "forbidden", "code": "f", "operations": [ENVELOPES]})], "other",
         "The rules find that the review failed, and the bundle says passed."),
    ],
)  # fmt: skip
def test_what_is_signed_is_judged_again(
    town: Town, made: Made, path: str, value: object, result: str, why: str
) -> None:
    """A good signature alone is not believed; what this program cannot ask, it says."""
    verdict = signed_anew(town, bundle(town, made, town.pass_review(made)), path, value)

    assert (verdict.broken, verdict.again and verdict.again.result) == ((), result)
    assert verdict.again
    assert verdict.again.why.startswith(why)


def _forget_calls(town: Town) -> None:
    for minutes in (20, 20):
        evidence.sum_calls(town.demo)
        town.clock.advance(minutes=minutes)
    evidence.sum_calls(town.demo)
    town.clock.advance(days=200)
    assert evidence.forget_old_calls(town.demo) > 0
