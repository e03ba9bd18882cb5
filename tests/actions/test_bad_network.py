"""Does a promotion end once and whole, whatever the network between the environments does?"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from keysteward.actions import keys, receipts
from tests.actions.wired import Wired, demand_whole, run_through, wired
from tests.cast import ACME, ADA, BO, Made
from tests.conftest import Founded
from tests.peers.bad_network import Fate
from tests.tickets import mix_up_tickets

SEEDS = [pytest.param(seed, marks=() if seed < 3 else pytest.mark.long, id=f"seed {seed}") for seed in range(100)]


@pytest.fixture(scope="module")
def on(founded: Founded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wired]:
    """A town whose environments ask each other over HTTP."""
    folder: Path = tmp_path_factory.mktemp("wired") / "town"
    town = founded.copy(folder)
    with wired(town) as both:
        yield both
    town.close()


@pytest.fixture
def made(on: Wired, request: pytest.FixtureRequest) -> Made:
    """A new app whose review has passed; no receipt of another test is under way that a given fate could hit."""
    assert on.deliver()
    return on.passed(f"For {request.node.name}"[:100])


@pytest.mark.parametrize("seed", SEEDS)
def test_a_bad_network_breaks_nothing(on: Wired, seed: int) -> None:
    """At every moment the key is in production wholly or not at all, and once the network is good it arrives, once."""
    run_through(on, seed)


@pytest.mark.parametrize("fate", ["request is lost", "request is cut", "somebody else answers 404"])
def test_a_request_that_did_not_arrive_costs_nothing(on: Wired, made: Made, fate: Fate) -> None:
    """Demo never saw the handle, so the same one is good once the network is."""
    handle = on.press(made)
    on.to_demo.give("passes", fate)

    assert on.promote(handle) == "other-environment-silent"
    assert on.promote(handle) == ACME.production


@pytest.mark.parametrize("fate", ["answer is lost", "answer is cut", "connection is reset"])
def test_a_ticket_that_was_lost_is_asked_for_anew(on: Wired, made: Made, fate: Fate) -> None:
    """The handle is burnt and its ticket gone: the next attempt says so, and pressing again costs nothing."""
    handle = on.press(made)
    on.to_demo.give("passes", fate)

    assert on.promote(handle) == "other-environment-silent"
    assert on.promote(handle) == "handle-not-good"
    assert on.promote(on.press(made)) == ACME.production


def test_a_handle_that_comes_twice_is_exchanged_once(on: Wired, made: Made) -> None:
    """Whoever hears the second answer is told that the handle is used."""
    handle = on.press(made)
    on.to_demo.give("passes", "comes twice, the second is answered")

    assert on.promote(handle) == "handle-not-good"
    assert on.told(on.demo, "TicketExchanged", made.key) == 1
    demand_whole(on, made)


@pytest.mark.parametrize("fate", ["request is lost", "answer is lost", "answer is cut", "somebody else answers 404"])
def test_a_receipt_or_its_acknowledgement_that_was_lost_goes_again(on: Wired, made: Made, fate: Fate) -> None:
    """Demo hears it once, however often it is told."""
    on.promote(on.press(made))
    on.to_demo.give(fate)

    assert not on.deliver()
    assert on.deliver()
    assert (on.is_live(made), on.told(on.demo, "ReceiptAccepted", made.key)) == (True, 1)


def test_demo_may_be_away_for_a_day(on: Wired, made: Made) -> None:
    """The receipt waits, and arrives with the first attempt after that."""
    on.promote(on.press(made))
    on.to_demo.give("request is lost", "somebody else answers 502")
    assert not on.deliver()
    on.town.clock.advance(days=1)
    assert not on.deliver()

    assert on.deliver()
    assert on.is_live(made)


def test_production_may_be_silent_while_demo_checks_a_receipt(on: Wired, made: Made) -> None:
    """Where demo cannot ask for the keys that signed it, it is neither believed nor refused for good."""
    on.promote(on.press(made))
    on.to_production.give("answer is cut")

    assert not on.deliver()
    assert on.deliver()


def test_one_receipt_that_fails_keeps_no_other_waiting(on: Wired, made: Made) -> None:
    """What demo does not answer is left for the next round; the others arrive in this one."""
    other = on.passed("The other one")
    for each in (made, other):
        on.promote(on.press(each))
    on.to_demo.give("connection is reset")

    assert not on.deliver()
    assert [on.told(on.production, "ReceiptDelivered", each.key) for each in (made, other)] in ([0, 1], [1, 0])
    assert on.deliver()


def test_a_receipt_that_demo_refuses_for_good_ends_and_can_be_sent_again(on: Wired, made: Made) -> None:
    """Demo mixed up its tickets: the refusal is recorded, and nothing is sent until somebody says so.

    Once demo has mended them the receipt arrives.
    """
    on.promote(on.press(made))
    other = on.town.create_app(name="Other").key
    mix_up_tickets(on.demo, made.key, other)
    assert on.deliver()
    passages = len(on.to_demo.passed)
    assert on.deliver()
    assert len(on.to_demo.passed) == passages
    told = [event.name for event in keys.view(on.production, on.town.actor(BO, on.production), made.key).events]
    assert told[:1] == ["ReceiptRefused"]

    mix_up_tickets(on.demo, other, made.key)
    for _ in range(2):
        receipts.send_again(on.production, on.town.actor(ADA, on.production), made.key)
    assert on.deliver()
    assert on.is_live(made)
    assert on.told(on.production, "ReceiptSentAgain", made.key) == 1
