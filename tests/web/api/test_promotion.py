"""Can a program bring a key from demo to production?"""

from datetime import datetime, timedelta

import pytest

from keysteward.actions import accounts, receipts
from keysteward.outgoing.https import Peer, Refused
from tests.cast import ACME, ADA, BO, CALLBACK, MALLORY, SAM, SMALL, STRANGE, UNKNOWN
from tests.web.api.program import House, Program


@pytest.fixture
def passed(house: House) -> House:
    """The house, after Ada's app passed its review."""
    house.town.pass_review(house.made)
    return house


def handle_of(house: House, body: dict[str, str] | None = None) -> str:
    """Press Go Live by program."""
    return str(house.program().make(f"/keys/{house.made.key}/tickets", body or {})["handle"])


def in_production(house: House) -> Program:
    """Ada's program in production."""
    return house.program(ctx=house.town.production)


def test_two_calls_take_a_key_to_production(passed: House) -> None:
    """A handle in demo, an account in production; then the receipt shows the key as live in demo."""
    demo, production, key = passed.program(), in_production(passed), f"/keys/{passed.made.key}"
    ticket = demo.make(f"{key}/tickets", {})
    answer = production.ask("POST", "/promotions", {"handle": ticket["handle"], "account": ACME.production})
    promoted = answer.json()

    assert ticket["expires_at"] == "2026-11-20T09:40:01Z"
    assert ticket["production_url"].startswith(f"{passed.town.production.origin}/go-live?handle=ksh_")
    assert (answer.status_code, answer.headers["Location"]) == (201, f"/api/v1{key}")
    assert (promoted["key"], promoted["account"]) == (passed.made.key, ACME.production)
    assert demo.get(f"{key}/readiness")["status"] == "Review Passed"
    receipts.deliver_receipts(passed.town.production)
    assert demo.get(f"{key}/readiness")["status"] == "Live"
    assert demo.get(key)["live_account"] == "Acme (Business Pro)"
    assert demo.refused("POST", f"{key}/tickets", {}) == (409, "already-live", "")


def test_a_promoted_key_has_no_settings_and_says_what_is_missing(passed: House) -> None:
    """The settings of demo are shown beside it, and none is copied."""
    production, key = in_production(passed), f"/keys/{passed.made.key}"
    production.make("/promotions", {"handle": handle_of(passed), "account": ACME.production})
    after = production.get(f"{key}/after-go-live")

    assert production.get(key)["grants"] == []
    assert production.get(f"{key}/redirect-uris") == {"redirect_uris": []}
    assert (after["key"], after["missing"]) == (passed.made.key, ["grants", "redirect_uris", "secrets", "keypairs"])
    assert after["sheet"]["redirect_uris"] == [CALLBACK]
    assert after["sheet"]["grants"] == ["confidential_code", "implicit", "jwt", "public_code"]
    assert len(after["sheet"]["thumbprints"]) == 1
    production.ask("PATCH", key, {"grants": ["confidential_code", "jwt"]})
    assert production.get(f"{key}/after-go-live")["missing"] == ["redirect_uris", "secrets", "keypairs"]


def test_a_promotion_done_once_answers_the_same_again(passed: House) -> None:
    """A program that lost the answer asks again with the same handle and gets the same receipt."""
    body = {"handle": handle_of(passed), "account": ACME.production}
    first, second = (in_production(passed).make("/promotions", body) for _ in range(2))

    assert first == second


def test_who_left_the_account_is_not_answered_again(passed: House) -> None:
    """An answer that was kept for its Idempotency-Key is said again only to whoever may still promote there."""
    body, once = {"handle": handle_of(passed), "account": ACME.production}, {"Idempotency-Key": "promotion-1"}
    ada, production = in_production(passed), passed.town.production
    assert ada.make("/promotions", body, **once) == ada.make("/promotions", body, **once)
    accounts.close_membership(production, ACME.production, ADA.production, BO.email)

    assert ada.refused("POST", "/promotions", body, headers=once) == (404, "no-such-account", "")


def test_a_handle_is_good_once_and_the_newest_only(passed: House) -> None:
    """A newer handle replaces the older one."""
    older, newer = handle_of(passed), handle_of(passed)
    production = in_production(passed)

    refused = production.refused("POST", "/promotions", {"handle": older, "account": ACME.production})
    assert refused == (410, "handle-not-good", "")
    assert production.make("/promotions", {"handle": newer, "account": ACME.production})["key"] == passed.made.key


@pytest.mark.parametrize("handle", ["ksh_unknown", "x", "ksh_" + "0" * 49])
def test_an_unknown_handle_is_refused(passed: House, handle: str) -> None:
    """Whatever the handle looks like, the refusal is the same."""
    refused = in_production(passed).refused("POST", "/promotions", {"handle": handle, "account": ACME.production})

    assert refused == (410, "handle-not-good", "")


def test_an_expired_handle_is_refused(passed: House) -> None:
    """Ten minutes after Go Live the handle is over."""
    handle = handle_of(passed)
    passed.town.clock.advance(minutes=10)
    refused = in_production(passed).refused("POST", "/promotions", {"handle": handle, "account": ACME.production})

    assert refused == (410, "handle-not-good", "")


def test_a_key_that_did_not_pass_gets_no_handle(house: House) -> None:
    """Without a passed review, or after it expired, demo makes no ticket."""
    ada, tickets = house.program(), f"/keys/{house.made.key}/tickets"
    assert ada.refused("POST", tickets, {}) == (409, "review-not-passed", "")
    house.town.pass_review(house.made)
    house.town.clock.advance(days=91)

    assert house.program().refused("POST", tickets, {}) == (409, "review-expired", "")


def test_each_unfit_account_has_its_own_refusal(passed: House) -> None:
    """A plan that is too small and an account of others are told apart; the handle stays good."""
    handle, production = handle_of(passed), in_production(passed)

    def refused(account: str) -> object:
        return production.refused("POST", "/promotions", {"handle": handle, "account": account})

    assert refused(SMALL.production) == (409, "wrong-plan", "")
    assert refused(STRANGE.production) == refused(UNKNOWN) == (404, "no-such-account", "")
    assert production.make("/promotions", {"handle": handle, "account": ACME.production})["key"] == passed.made.key


def test_whoever_is_no_admin_brings_no_key(passed: House) -> None:
    """A sender of the account and a stranger are refused."""
    body, production = {"handle": handle_of(passed), "account": ACME.production}, passed.town.production

    assert passed.program(SAM, production).refused("POST", "/promotions", body) == (403, "not-an-admin", "")
    assert passed.program(MALLORY, production).refused("POST", "/promotions", body) == (404, "no-such-account", "")


def test_another_admin_needs_the_account_to_be_named(passed: House) -> None:
    """Somebody else's handle is refused unless the presenter named this account in demo."""
    bo = passed.program(BO, passed.town.production)
    account = ACME.production
    refused = bo.refused("POST", "/promotions", {"handle": handle_of(passed), "account": account})
    named = handle_of(passed, {"account": account.upper()})

    assert refused == (403, "not-the-presenter", "")
    assert bo.make("/promotions", {"handle": named, "account": account})["account"] == account


def test_each_environment_does_its_own_part(passed: House) -> None:
    """Reviews and tickets are demo's; promotions and what follows are production's."""
    demo, production, key = passed.program(), in_production(passed), f"/keys/{passed.made.key}"
    body = {"handle": handle_of(passed), "account": ACME.demo}

    assert demo.refused("POST", "/promotions", body) == (409, "promotions-are-in-production", "")
    assert demo.refused("GET", f"{key}/after-go-live") == (409, "promotions-are-in-production", "")
    assert production.refused("POST", f"{key}/tickets", {}) == (409, "reviews-are-in-demo", "")
    assert production.refused("POST", f"{key}/reviews", {}) == (409, "reviews-are-in-demo", "")


def test_the_environments_understand_each_other_over_the_wire(passed: House) -> None:
    """Production's own client exchanges a handle and delivers a receipt, without signing in."""
    peer = Peer(passed.address_of(passed.town.demo))
    receipt = in_production(passed).make("/promotions", {"handle": handle_of(passed), "account": ACME.production})

    assert peer.post("/api/v1/receipts", {"receipt": receipt["receipt"]}) == {}
    assert peer.post("/api/v1/receipts", {"receipt": receipt["receipt"]}) == {}
    assert passed.program().get(f"/keys/{passed.made.key}/readiness")["status"] == "Live"


def test_a_handle_is_exchanged_once_over_the_wire(passed: House) -> None:
    """The second who brings it learns nothing."""
    peer, handle = Peer(passed.address_of(passed.town.demo)), handle_of(passed)

    assert peer.post("/api/v1/tickets/exchange", {"handle": handle})["ticket"].count(".") == 2
    with pytest.raises(Refused) as caught:
        peer.post("/api/v1/tickets/exchange", {"handle": handle})
    assert (caught.value.status, caught.value.code) == (410, "handle-not-good")


@pytest.mark.parametrize("receipt", ["x", "a.b.c", "e30.e30.e30", "." * 16_000])
def test_a_receipt_that_production_did_not_sign_is_refused(house: House, receipt: str) -> None:
    """Anybody may post here, so what is posted must prove itself."""
    assert house.stranger().refused("POST", "/receipts", {"receipt": receipt}) == (410, "ticket-not-good", "")


def test_a_silent_environment_is_said_to_be_silent(passed: House) -> None:
    """What cannot be asked now can be asked again: the handle is still good."""
    handle, production = handle_of(passed), in_production(passed)
    body = {"handle": handle, "account": ACME.production}
    passed.town.wire_is_cut = True
    assert production.refused("POST", "/promotions", body) == (502, "other-environment-silent", "")
    passed.town.wire_is_cut = False
    receipt = {"receipt": production.make("/promotions", body)["receipt"]}
    passed.town.wire_is_cut = True
    assert passed.stranger().refused("POST", "/receipts", receipt) == (502, "other-environment-silent", "")
    passed.town.wire_is_cut = False

    assert passed.stranger().ask("POST", "/receipts", receipt).json() == {}


def test_production_takes_the_implicit_grant_with_a_waiver_only(passed: House) -> None:
    """An admin's reason and end date go on the key; a date beyond a year is refused at its field."""
    production, key = in_production(passed), f"/keys/{passed.made.key}"
    production.make("/promotions", {"handle": handle_of(passed), "account": ACME.production})
    now = passed.town.clock.now
    until, too_late = (now + timedelta(days=days) for days in (30, 366))
    waiver = {"reason": "The old client is replaced by March.", "until": until.isoformat()}
    waived = production.ask("PUT", f"{key}/implicit-waiver", waiver)
    refused = production.refused("PUT", f"{key}/implicit-waiver", waiver | {"until": too_late.isoformat()})

    assert waived.status_code == 200
    assert datetime.fromisoformat(waived.json()["implicit_until"]) == until
    assert refused == (422, "invalid-field", "until")
