"""Can a program learn by which rules keys are judged, and take a review's proof along?"""

from keysteward.actions import bundles, packs, promotion
from keysteward.crypto.signing import public_keys_of
from keysteward.rules.golive import REVIEW
from keysteward.rules.rerun import Rerun
from tests.cast import MALLORY
from tests.packs import ENVELOPES, a_document
from tests.web.api.program import House, Refused


def test_rules_are_listed_with_every_pack(house: House) -> None:
    """Those that are in force and those that reviews may name, each as it was written."""
    for version in (1, 2):
        packs.install(house.town.demo, a_document(version=version), author="Olga", reason="Our API.")
    found = house.program().get("/rules")

    assert (found["policy_version"], found["built_in"]["version"]) == (3, 1)
    assert [rule["code"] for rule in found["built_in"]["rules"]] == [rule.code for rule in REVIEW]
    assert [(each["name"], each["version"], each["in_force"]) for each in found["packs"]] == [
        ("envelopes", 2, True), ("envelopes", 1, False),
    ]  # fmt: skip
    assert found["packs"][0]["document"] == a_document(version=2)
    assert [rule["code"] for rule in found["packs"][0]["rules"]] == ["envelopes/creates"]


def test_a_bundle_is_taken_along_and_verified(house: House) -> None:
    """With nothing but what the environment publishes; the review names its packs."""
    packs.install(house.town.demo, a_document(), author="Olga", reason="Our API.")
    house.town.call(house.made, 20)
    review = house.town.review(house.made)
    at = f"/keys/{house.made.key}/reviews/{review.id}"
    answer = house.program().ask("GET", f"{at}/bundle")
    verdict = bundles.verify(answer.content, public_keys_of({"keys": promotion.paper_keys(house.town.demo)}))

    assert (answer.status_code, verdict.broken, verdict.again) == (200, (), Rerun("same"))
    assert answer.json()["calls"][0]["operation"] == ENVELOPES
    assert house.program().get(at)["packs"] == ["envelopes 1"]


def test_a_bundle_is_for_whoever_sees_the_key(house: House) -> None:
    """To others there is no such key; and without a verdict there is no bundle."""
    at = f"/keys/{house.made.key}/reviews"
    started = house.program().make(at, {})
    early = house.program().refused("GET", f"{at}/{started['id']}/bundle")
    foreign = house.program(MALLORY).refused("GET", f"{at}/{started['id']}/bundle")

    assert (early, foreign) == (Refused(409, "review-not-settled", ""), Refused(404, "no-such-key", ""))
