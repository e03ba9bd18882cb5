"""Does the console say by which rules it judges, and hand out the proof?"""

import tomllib
from pathlib import Path

from keysteward.actions import bundles, golive, packs, promotion
from keysteward.crypto.signing import public_keys_of
from keysteward.rules.golive import REVIEW
from keysteward.rules.refusals import REVIEW_NOT_SETTLED
from keysteward.rules.rerun import Rerun
from tests.cast import ADA, UNKNOWN, Made, Town
from tests.packs import ENVELOPES, LISTING, a_document
from tests.web.pages.browsing import Browser, Street

SAMPLE = Path(__file__).parents[3] / "docs" / "guides" / "orders-pack.toml"
SAID = {"author": "Olga", "reason": "Our API."}


def test_the_rules_are_there_for_everybody(street: Street) -> None:
    """The built-in ones with their sources and version, and that there are no others."""
    page = street.browser().open("/help/rules")

    assert (page.status, page.heading) == (200, "Rules")
    assert all(rule.asks in page.main.text and rule.source in page.main.text for rule in REVIEW)
    assert "Built-in rules, version 1" in page.main.text
    assert "No rule pack is in force here" in page.main.text


def test_every_rule_of_every_pack_is_there(street: Street, town: Town) -> None:
    """With what it looks for, its source, its examples; those that are gone apart. Nobody learns who installed it."""
    packs.install(town.demo, tomllib.loads(SAMPLE.read_text()), author="Olga Operator", reason="Our API.")
    packs.install(town.demo, a_document(), **SAID)
    packs.remove(town.demo, "envelopes", **SAID)
    text = street.browser().open("/help/rules").main.text

    assert "orders, version 1" in text.split("No longer in force")[0]
    assert "envelopes, version 1" in text.split("No longer in force")[1]
    for words in ("orders/creates-orders", "At most 50 percent of the newest 20 calls are GET /orders",
                  "Orders API, reading an order: 404 is an answer", "a success is 200-399 or 404",
                  "50 × POST /orders/v1/accounts/{id}/orders → 200", "A review finds nothing wrong."):  # fmt: skip
        assert words in text, words
    assert "Olga Operator" not in text


def test_packs_speak_on_the_pages_of_a_key(ada: Browser, town: Town, made: Made) -> None:
    """Before the review, and in its results: what a pack asks is found, named and sourced."""
    packs.install(town.demo, a_document(), **SAID)
    packs.install(
        town.demo, a_document({"kind": "forbidden", "code": "no-lists", "operations": [LISTING]}, name="strict"), **SAID
    )
    town.call(made, 20, method="GET", status=200)
    before = ada.open(f"/apps/{made.key}/go-live")
    review = town.review(made)
    after = ada.open(f"/apps/{made.key}/reviews/{review.id}")

    assert [finding.rule for finding in review.findings[:2]] == ["envelopes/creates", "strict/no-lists"]
    assert f"0 of the newest 20 calls are {ENVELOPES}; at least 1 must be." in before.main.text
    assert f"0 of the newest 20 calls are {ENVELOPES}; at least 1 must be." in after.main.text
    assert "20 of the newest 20 calls broke this rule." in after.main.text
    assert "Built in, envelopes 1, strict 1" in after.main.text


def test_a_review_s_page_shows_the_rules_of_its_start(ada: Browser, town: Town, made: Made) -> None:
    """What came into force later was never asked, and what went was."""
    asked = {"kind": "share", "code": "s", "asks": "Few lists", "operations": [LISTING], "most_percent": 90}
    packs.install(town.demo, a_document(asked), **SAID)
    review = town.pass_review(made)
    packs.remove(town.demo, "envelopes", **SAID)
    packs.install(town.demo, a_document(asked | {"asks": "Fewer lists"}, name="later"), **SAID)
    text = ada.open(f"/apps/{made.key}/reviews/{review.id}").main.text

    assert ("Few lists" in text, "Fewer lists" in text) == (True, False)


def test_a_review_s_page_hands_out_its_bundle(street: Street, ada: Browser, town: Town, made: Made) -> None:
    """A link once there is a verdict; the file proves itself."""
    started = golive.start_review(town.demo, town.actor(ADA), made.key)
    at = f"/apps/{made.key}/reviews/{started.id}"
    assert "Download the review bundle" not in ada.open(at).main.text
    early = ada.open(f"{at}/bundle")
    assert (early.status, REVIEW_NOT_SETTLED.sentence in early.main.text) == (409, True)
    town.clock.advance(seconds=1)
    golive.settle_due(town.demo)
    assert "Download the review bundle" in ada.open(at).main.text
    cookies = "; ".join(f"{name}={value}" for name, value in ada.cookies.items())
    answer = street.ask("GET", f"{at}/bundle", Cookie=cookies)
    verdict = bundles.verify(answer.content, public_keys_of({"keys": promotion.paper_keys(town.demo)}))

    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert answer.headers["content-disposition"] == f'attachment; filename="review-{started.id}.json"'
    assert (verdict.broken, verdict.again) == ((), Rerun("same"))
    assert ada.open(f"/apps/{made.key}/reviews/{UNKNOWN}/bundle").status == 404
