"""Who races over calls, reviews and promotions?"""

from collections import Counter
from collections.abc import Generator

from keysteward.actions import accounts, calls, golive, keys, promotion, receipts, reminders, smoke
from keysteward.actions.calls import Answered, Asked, Outcome
from keysteward.rules.refusals import Refusal
from keysteward.rules.words import new_guid
from tests.cast import ACME, ADA, BO, ROBIN, SAM
from tests.peers.databases import rows
from tests.races.course import Came, Ground, Runner, events_of, race, taking_turns
from tests.tickets import mix_up_tickets

Story = Generator[Runner, Came, None]


# ── calls and reviews ───────────────────────────────────────────────────────────────────────────────────────────────
@race(calls.record, calls.complete, golive.start_review, golive.settle_due)
def a_review_counts_what_came_before_it(on: Ground) -> Story:
    """While calls arrive one review starts, and is settled once: every call is kept once."""
    on.town.call(on.made, 20)
    caller = on.town.caller(on.demo, on.made, SAM)

    def call(_: int) -> str:
        trace = new_guid()
        asked = Asked("POST", f"/restapi/v2.1/accounts/{ACME.demo}/envelopes", "", "Python", trace, on.demo.now)
        calls.record(on.demo, caller, asked, Answered(201, "", ACME.demo, by_upstream=True)).result(30)
        calls.complete(on.demo, Outcome(trace, 1, 2, 3, completed=True))
        return trace

    came = yield taking_turns(
        call, lambda _: golive.start_review(on.demo, on.ada, on.key), lambda _: golive.settle_due(on.demo)
    )

    traces = [answer for answer in came.answers if isinstance(answer, str)]
    found = [trace for (trace,) in rows(on.demo.database, "SELECT trace FROM calls")]
    assert (len(traces), len(found), set(traces) <= set(found)) == (34, 54, True)
    assert came.refusals == Counter({"already-under-review": 32})
    on.town.clock.advance(seconds=1)
    assert (golive.settle_due(on.demo), events_of(on.demo, "ReviewSettled")) == (1, 1)


@race(golive.start_review)
def one_review_starts(on: Ground) -> Story:
    """A hundred who start a review start one."""
    came = yield lambda _: golive.start_review(on.demo, on.ada, on.key)

    came.once("already-under-review")


@race(golive.settle_due)
def a_review_is_settled_once(on: Ground) -> Story:
    """A hundred who settle what is due settle it once."""
    golive.start_review(on.demo, on.ada, on.key)
    on.town.clock.advance(seconds=1)
    came = yield lambda _: golive.settle_due(on.demo)

    assert (sum(came.answers), events_of(on.demo, "ReviewSettled")) == (1, 1)


# ── out of demo ─────────────────────────────────────────────────────────────────────────────────────────────────────
@race(promotion.present)
def the_newest_handle_is_the_good_one(on: Ground) -> Story:
    """Of a hundred handles that were made at once one can be exchanged."""
    on.town.pass_review(on.made)
    came = yield lambda _: promotion.present(on.demo, on.ada, on.key, None)

    assert len(set(came.answers)) == 100
    assert sum(_is_exchanged(on, handle) for handle in came.answers) == 1


@race(promotion.exchange)
def a_handle_is_exchanged_once(on: Ground) -> Story:
    """Of a hundred who bring one handle one gets the ticket."""
    on.town.pass_review(on.made)
    handle = on.town.present(on.made)
    came = yield lambda _: promotion.exchange(on.demo, handle)

    came.once("handle-not-good")


@race(promotion.exchange, promotion.present, keys.delete)
def a_deleted_key_hands_out_no_ticket(on: Ground) -> Story:
    """While a key is deleted its handle is exchanged once or not at all; afterwards no ticket and no handle is made."""
    on.town.pass_review(on.made)
    handle = on.town.present(on.made)

    def delete_once(number: int) -> object:
        return (
            keys.delete(on.demo, on.ada, on.key) if number == 50 else promotion.present(on.demo, on.ada, on.key, None)
        )

    came = yield taking_turns(delete_once, lambda _: promotion.exchange(on.demo, handle))

    order = [name for (name,) in rows(on.demo.database, "SELECT name FROM events ORDER BY sequence")]
    assert not {"TicketMade", "TicketExchanged"} & set(order[order.index("KeyDeleted") :])
    assert events_of(on.demo, "TicketExchanged") <= 1
    assert set(came.refusals) <= {"handle-not-good", "key-deleted"}


def _is_exchanged(on: Ground, handle: str) -> bool:
    try:
        promotion.exchange(on.demo, handle)
    except Refusal:
        return False
    return True


# ── into production ─────────────────────────────────────────────────────────────────────────────────────────────────
def passed(on: Ground) -> str:
    """A handle of a key that passed."""
    on.town.pass_review(on.made)
    return on.town.present(on.made)


@race(promotion.open_promotion)
def a_ticket_is_fetched_once(on: Ground) -> Story:
    """A hundred who bring one handle to production all find its ticket, which was fetched once."""
    handle = passed(on)
    came = yield lambda _: promotion.open_promotion(on.production, handle)

    assert (len(came.answers), len({ticket.id for ticket in came.answers})) == (100, 1)
    assert events_of(on.demo, "TicketExchanged") == events_of(on.production, "TicketReceived") == 1


@race(promotion.promote)
def one_key_is_made(on: Ground) -> Story:
    """A hundred who promote with one handle make one key, and all hold a receipt of it."""
    handle = passed(on)
    came = yield lambda _: on.town.promote(handle)

    assert (len(came.answers), {(each.key, each.account) for each in came.answers}) == (
        100,
        {(on.key, ACME.production)},
    )
    assert events_of(on.production, "KeyPromoted") == 1


@race(promotion.promote)
def two_tickets_make_one_key(on: Ground) -> Story:
    """Two people with a ticket each, fifty times at once: one of the two makes the key."""
    handles = []
    for person in (ADA, BO):
        handles.append(passed(on) if person is ADA else on.town.present(on.made, by=BO))
        promotion.open_promotion(on.production, handles[-1])
    came = yield lambda number: on.town.promote(handles[number % 2], by=(ADA, BO)[number % 2])

    assert (len(came.answers), came.refusals) == (50, Counter({"key-exists": 50}))
    assert events_of(on.production, "KeyPromoted") == 1


@race(promotion.promote, accounts.close_membership, accounts.change_account)
def an_account_that_may_not_gets_no_key(on: Ground) -> Story:
    """While the presenter leaves and the plan sinks, the key is made before both or not at all."""
    handle = passed(on)
    promotion.open_promotion(on.production, handle)

    def change(number: int) -> None:
        if number == 49:
            accounts.change_account(on.production, ACME.production, "operator", plan="Standard")
        elif number == 51:
            accounts.close_membership(on.production, ACME.production, ADA.production, "x")

    came = yield taking_turns(lambda _: on.town.promote(handle), change)

    order = [name for (name,) in rows(on.production.database, "SELECT name FROM events ORDER BY sequence")]
    assert "KeyPromoted" not in order[order.index("AccountChanged") :]
    assert "KeyPromoted" not in order[order.index("UserClosed") :]
    assert set(came.refusals) <= {"wrong-plan", "no-such-account", "not-an-admin"}


@race(receipts.deliver_receipts, receipts.accept_receipt)
def a_receipt_arrives_once(on: Ground) -> Story:
    """A hundred deliveries of one receipt show the key as live once."""
    receipt = on.town.promote(passed(on)).receipt
    came = yield taking_turns(
        lambda _: receipts.deliver_receipts(on.production), lambda _: receipts.accept_receipt(on.demo, receipt)
    )

    assert (len(came.answers), came.refusals) == (100, Counter())
    assert (events_of(on.demo, "ReceiptAccepted"), events_of(on.production, "ReceiptDelivered")) == (1, 1)
    assert keys.view(on.demo, on.ada, on.key).app.live_at is not None


@race(receipts.deliver_receipts, receipts.send_again)
def a_refused_receipt_ends_once(on: Ground) -> Story:
    """While a hundred deliver what demo refuses for good, and ask to send it again, each round ends in one refusal."""
    on.town.promote(passed(on))
    other = on.town.create_app(name="Other").key
    mix_up_tickets(on.demo, on.key, other)
    actor = on.town.actor(ADA, on.production)
    came = yield taking_turns(
        lambda _: receipts.deliver_receipts(on.production),
        lambda _: receipts.send_again(on.production, actor, on.key),
    )

    assert (len(came.answers), came.refusals) == (100, Counter())
    refused, again = (events_of(on.production, name) for name in ("ReceiptRefused", "ReceiptSentAgain"))
    assert 0 <= refused - again <= 1
    mix_up_tickets(on.demo, other, on.key)
    receipts.send_again(on.production, actor, on.key)
    assert receipts.deliver_receipts(on.production)
    assert events_of(on.production, "ReceiptDelivered") == events_of(on.demo, "ReceiptAccepted") == 1


@race(smoke.keep)
def every_smoke_test_is_kept(on: Ground) -> Story:
    """A hundred who keep a smoke test keep a hundred, each with its event."""
    on.town.promote(passed(on))
    actor = on.town.actor(ADA, on.production)
    came = yield lambda _: smoke.keep(on.production, actor, on.key)

    assert (len({test.id for test in came.answers}), came.refusals) == (100, Counter())
    assert events_of(on.production, "SmokeTestKept") == 100


@race(reminders.remind)
def admins_are_reminded_once(on: Ground) -> Story:
    """A hundred workers who remind of a key that waits write to each of its admins once."""
    passed(on)
    on.town.clock.advance(days=14)
    came = yield lambda _: reminders.remind(on.demo)

    assert (sum(came.answers), events_of(on.demo, "Reminded")) == (1, 1)
    written = rows(on.demo.database, "SELECT recipient FROM mails WHERE about = 'unpromoted'")
    assert sorted(written) == [(person.email,) for person in (ADA, BO, ROBIN)]


@race(receipts.accept_receipt, keys.change, keys.stop)
def a_receipt_arrives_among_changes(on: Ground) -> Story:
    """A receipt that arrives while the key is changed undoes no change, and no change undoes it."""
    receipt = on.town.promote(passed(on)).receipt
    came = yield taking_turns(
        lambda _: receipts.accept_receipt(on.demo, receipt),
        lambda number: keys.change(on.demo, on.ada, on.key, keys.Change(name=f"Name {number}")),
        lambda _: keys.stop(on.demo, on.ada, on.key),
    )

    app = keys.view(on.demo, on.ada, on.key).app
    assert (len(came.answers), app.live_account, app.stopped_at) == (100, "Acme (Business Pro)", on.demo.now)
    assert app.name.startswith("Name ")
