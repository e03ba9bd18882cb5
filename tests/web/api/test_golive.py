"""Can a program see where a key stands, and take it to a passed review?"""

from datetime import timedelta

from keysteward.actions import golive
from tests.cast import ACME, ADA, UNKNOWN
from tests.web.api.program import House

ENVELOPES = f"/restapi/v2.1/accounts/{ACME.demo}/envelopes"


def test_readiness_shows_the_run_and_the_calls_behind_it(house: House) -> None:
    """N counts back to the first failure, and every countable call is shown with the rule that it breaks."""
    house.town.call(house.made, 2)
    house.town.call(house.made, status=400)
    house.town.call(house.made, 3)
    ready = house.program().get(f"/keys/{house.made.key}/readiness")

    assert (ready["status"], ready["run"], ready["needed"]) == ("not ready", 3, 20)
    assert [(call["ok"], call["broken_rule"]) for call in ready["calls"]] == [
        (True, None), (True, None), (True, None), (False, "no-errors"), (True, None), (True, None),
    ]  # fmt: skip
    assert {(call["method"], call["url"]) for call in ready["calls"]} == {("POST", ENVELOPES)}
    assert ready["calls"][0]["operation"] == "POST /restapi/v2.1/accounts/{id}/envelopes"
    assert [(each["rule"], each["call"] and each["call"]["status"]) for each in ready["findings"]] == [
        ("calls-in-a-row", None), ("no-errors", 400),
    ]  # fmt: skip
    assert ready["why_not_start"] is None


def test_readiness_says_the_rules_the_plan_and_what_to_look_at(house: House) -> None:
    """What the page shows: each rule with limit, observed, margin and evidence, the shortest way, reads and peaks."""
    house.town.call(house.made, status=404)
    house.town.call(house.made, method="GET", below=f"/envelopes/{UNKNOWN}", status=200)
    house.town.call(house.made, 2, status=502, by_upstream=False)
    ready = house.program().get(f"/keys/{house.made.key}/readiness")

    assert [call["place"] for call in ready["calls"]] == ["counts", "broken"]
    assert [call["why"] for call in ready["uncounted"]] == ["the gateway could not reach the API"] * 2
    assert ready["rules"][1] == {
        "code": "no-errors", "asks": "No error among the newest 20 calls", "limit": "0 errors", "observed": "1 error",
        "source": "FAQs: integration keys and Go-Live: What constitutes 20+ successful calls?",
        "margin": "gone after 19 good calls", "until": None, "verdict": "not_met", "calls": [1],
    }  # fmt: skip
    assert (ready["plan"]["calls"], ready["plan"]["calls_by"]) == (19, "2026-11-21T09:30:00Z")
    assert [each["until"] for each in ready["plan"]["rests"]] == ["2026-11-20T09:45:00Z"]
    assert [len(each["reads"]) for each in ready["polling"]] == [1]
    assert [(each["name"], each["calls"], each["limit"]) for each in ready["peaks"]] == [
        ("hourly", 4, 3_000), ("burst", 4, 500),
    ]  # fmt: skip
    assert {each["topic"] for each in ready["security"]} >= {"grants", "legacy", "pkce", "secrets", "redirect_uris"}
    assert (ready["custody"], ready["calls_looked_at"]) == ([], 4)


def test_a_polled_resource_is_shown_with_its_rule(house: House) -> None:
    """The second read of the same resource within 15 minutes carries the violation."""
    house.town.call(house.made, 2, method="GET", below=f"/envelopes/{UNKNOWN}", status=200, every=timedelta(seconds=1))
    ready = house.program().get(f"/keys/{house.made.key}/readiness")

    assert [(call["ok"], call["broken_rule"]) for call in ready["calls"]] == [(False, "no-polling"), (True, None)]
    assert ready["run"] == 0


def test_a_review_passes(house: House) -> None:
    """From ready over Under Review to Review Passed, with the day on which the pass expires."""
    house.town.call(house.made, 20)
    ada, key = house.program(), f"/keys/{house.made.key}"
    assert ada.get(f"{key}/readiness")["status"] == "ready"
    answer = ada.ask("POST", f"{key}/reviews", {})
    started = answer.json()

    assert (answer.status_code, started["status"], started["requester"]) == (201, "Under Review", ADA.email)
    assert answer.headers["Location"] == f"/api/v1{key}/reviews/{started['id']}"
    assert ada.get(f"{key}/readiness")["why_not_start"]["code"] == "already-under-review"
    assert ada.refused("POST", f"{key}/reviews", {}) == (409, "already-under-review", "")
    house.town.clock.advance(seconds=1)
    golive.settle_due(house.town.demo)
    settled = ada.get(f"{key}/reviews/{started['id']}")
    assert (settled["status"], settled["run"], settled["findings"]) == ("Review Passed", 20, [])
    assert settled["expires_at"] == "2027-02-18T09:30:01Z"
    assert len(settled["evidence_digest"]) == 64
    assert ada.get(f"{key}/reviews") == {"reviews": [settled]}
    assert ada.refused("POST", f"{key}/reviews", {}) == (409, "already-passed", "")


def test_a_review_fails_with_every_finding(house: House) -> None:
    """Each finding names its rule, says what to do next, and shows the call where one is to blame."""
    house.town.call(house.made, 18)
    house.town.call(house.made, status=404)
    review = house.town.review(house.made)
    found = house.program().get(f"/keys/{house.made.key}/reviews/{review.id}")

    assert (found["status"], found["expires_at"]) == ("Review Failed", None)
    assert [finding["rule"] for finding in found["findings"]] == ["calls-in-a-row", "no-errors"]
    assert all(finding["sentence"] and finding["next_step"] for finding in found["findings"])
    assert [finding["help"] for finding in found["findings"]] == [
        "/help/findings/calls-in-a-row", "/help/findings/no-errors",
    ]  # fmt: skip
    assert found["findings"][1]["call"] == {
        "sequence": 19, "method": "POST", "url": ENVELOPES, "status": 404, "at": "2026-11-20T09:30:00Z",
    }  # fmt: skip


def test_a_pass_expires(house: House) -> None:
    """After 90 days the review says so."""
    review = house.town.pass_review(house.made)
    house.town.clock.advance(days=90)
    ada = house.program()

    assert ada.get(f"/keys/{house.made.key}/reviews/{review.id}")["status"] == "Review Expired"
    assert ada.get(f"/keys/{house.made.key}/readiness")["status"] == "Review Expired"


def test_a_review_of_another_key_is_not_there(house: House) -> None:
    """Another key's review and an unknown one get the same refusal."""
    review = house.town.review(house.made)
    other = house.town.create_app()

    for there in (review.id, UNKNOWN, "x"):
        refused = house.program().refused("GET", f"/keys/{other.key}/reviews/{there}")
        assert refused == (404, "no-such-object", "")
