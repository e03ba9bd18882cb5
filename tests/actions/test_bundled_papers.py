"""Are the ticket and the receipt in a bundle looked at by themselves?"""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from keysteward.actions import bundles, receipts
from keysteward.actions.bundled_papers import BundledPaper
from keysteward.actions.context import Context
from keysteward.crypto.papers import (
    unverified_receipt,
    unverified_ticket,
    write_manifest,
    write_receipt,
    write_ticket,
)
from keysteward.crypto.signing import SigningKey
from keysteward.rules.bundles import manifest_of, rendered
from keysteward.rules.rerun import Rerun
from tests.actions.test_bundles import bundle, published
from tests.cast import Made, Town

Papers = dict[str, str]


def promoted(town: Town, made: Made) -> bytes:
    """The bundle of a review whose key is live."""
    review = town.pass_review(made)
    town.promote(town.present(made))
    receipts.deliver_receipts(town.production)
    return bundle(town, made, review)


def papers_of(raw: bytes) -> Papers:
    """The two papers of a bundle."""
    (found,) = msgspec.json.decode(raw)["promotion"]
    return dict(found)


def signed_anew(town: Town, raw: bytes, papers: Papers) -> bytes:
    """A bundle with other papers in it, signed by the environment itself."""
    document = msgspec.json.decode(raw, type=dict[str, Any])
    del document["paper"]
    document["promotion"] = [papers]
    paper = write_manifest(manifest_of(document), town.demo.paper_key, town.demo.issuer, town.demo.now)
    return rendered(document | {"paper": paper})


def somebody(of: Context) -> SigningKey:
    """A key that calls itself as an environment's own does."""
    return SigningKey(of.paper_key.kid, "EdDSA", Ed25519PrivateKey.generate())


def test_each_is_checked_with_the_keys_of_its_environment(town: Town, made: Made) -> None:
    """The ticket with demo's; the receipt with production's, and without them it is said that it was not."""
    raw = promoted(town, made)
    demo, production = town.demo.paper_key.kid, town.production.paper_key.kid
    alone = bundles.verify(raw, published(town.demo))
    both = bundles.verify(raw, published(town.demo) | published(town.production))

    assert alone.papers == (BundledPaper("ticket", demo, True), BundledPaper("receipt", production, False))
    assert both.papers == (BundledPaper("ticket", demo, True), BundledPaper("receipt", production, True))
    assert [(each.broken, each.again) for each in (alone, both)] == [((), Rerun("same"))] * 2


def of_another(town: Town, _: Papers) -> Papers:
    """The papers of another key."""
    return papers_of(promoted(town, town.create_app(name="Other")))


def another_receipt(town: Town, papers: Papers) -> Papers:
    """The receipt of another key."""
    return papers | {"receipt": of_another(town, papers)["receipt"]}


def forged_ticket(town: Town, papers: Papers) -> Papers:
    """A ticket with the right words."""
    ticket, whose = unverified_ticket(papers["ticket"])[1], town.demo
    return papers | {"ticket": write_ticket(ticket, somebody(whose), whose.issuer, town.production.issuer)}


def forged_receipt(town: Town, papers: Papers) -> Papers:
    """A receipt with the right words."""
    receipt, whose = unverified_receipt(papers["receipt"])[1], town.production
    paper = write_receipt(receipt, somebody(whose), whose.issuer, town.demo.issuer, town.demo.now)
    return papers | {"receipt": paper}


def no_paper(_: Town, papers: Papers) -> Papers:
    """A text."""
    return papers | {"receipt": "It is live."}


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        (of_another, "the ticket is of another review"),
        (another_receipt, "the receipt answers another ticket"),
        (forged_ticket, "the signature is wrong"),
        (forged_receipt, "the signature is wrong"),
        (no_paper, "not a compact JWS"),
    ],
)
def test_a_paper_that_is_not_good_is_named(
    town: Town, made: Made, changed: Callable[[Town, Papers], Papers], sentence: str
) -> None:
    """Also where the environment signed a bundle with it."""
    raw = promoted(town, made)
    raw = signed_anew(town, raw, changed(town, papers_of(raw)))
    verdict = bundles.verify(raw, published(town.demo) | published(town.production))

    assert (verdict.broken, verdict.again) == ((f"promotion, entry 1: {sentence}.",), None)
