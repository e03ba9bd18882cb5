"""Who races over the sums of calls, and over what is forgotten of them?"""

from collections.abc import Generator

from keysteward.actions import calls, evidence
from tests.cast import ACME, SAM
from tests.peers.databases import rows
from tests.races.course import Came, Ground, Runner, race, taking_turns

Story = Generator[Runner, Came, None]


@race(evidence.sum_calls, evidence.forget_old_calls, evidence.forget_old_hours, calls.record, times=40)
def every_call_is_summed_once(on: Ground) -> Story:
    """While many sum, and forget what is old, and calls arrive: each call is summed once."""
    on.town.call(on.made, 30)
    evidence.sum_calls(on.demo)
    on.town.clock.advance(days=200)
    caller = on.town.caller(on.demo, on.made, SAM)
    asked = calls.Asked("POST", f"/restapi/v2.1/accounts/{ACME.demo}/envelopes", "", "Python", "", on.demo.now)

    def call(number: int) -> None:
        answered = calls.Answered(201, "", ACME.demo, by_upstream=True)
        calls.record(on.demo, caller, asked._replace(trace=f"trace {number}"), answered).result(30)

    came = yield taking_turns(
        call,
        lambda _: evidence.sum_calls(on.demo),
        lambda _: evidence.forget_old_calls(on.demo),
        lambda _: evidence.forget_old_hours(on.demo),
    )

    evidence.forget_old_calls(on.demo)
    left, summed = rows(on.demo.database, "SELECT count(*) FROM calls"), "SELECT sum(calls) FROM call_hours"
    assert (len(came.answers), left, int(rows(on.demo.database, summed)[0][0])) == (40, [(10,)], 30)
    on.town.clock.advance(minutes=15)
    evidence.sum_calls(on.demo)
    on.town.clock.advance(minutes=15)
    evidence.sum_calls(on.demo)
    assert int(rows(on.demo.database, summed)[0][0]) == 40
