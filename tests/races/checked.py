"""Who races over calls that proxies carry: over their credentials, and over how calls ended?"""

from collections import Counter
from collections.abc import Generator

from keysteward.actions import decisions, gateways, golive
from tests.cast import ADA
from tests.checked import OLGA, decide, edge, ended, refuse, tell
from tests.peers.databases import rows
from tests.races.course import Came, Ground, Runner, events_of, race, taking_turns

Story = Generator[Runner, Came, None]


@race(gateways.add, gateways.remove)
def a_name_names_one_gateway(on: Ground) -> Story:
    """While operators add and remove one name, at most one gateway has it, and each deed that was done is told."""
    came = yield taking_turns(
        lambda _: gateways.add(on.demo, "edge", OLGA), lambda _: gateways.remove(on.demo, "edge", OLGA)
    )

    assert set(came.refusals) <= {"invalid-field", "no-such-object"}
    added, removed = events_of(on.demo, "GatewayAdded"), events_of(on.demo, "GatewayRemoved")
    assert len(gateways.list_gateways(on.demo)) == added - removed
    assert added - removed in {0, 1}
    assert added + removed == len(came.answers)


@race(decisions.take_outcomes, golive.settle_due)
def a_call_has_one_outcome(on: Ground) -> Story:
    """A hundred tell of the same 20 calls, each another status, while a review is settled: each call ends once."""
    gateway = edge(on.demo).gateway
    asked = decide(on.town, on.made, gateway, 20)
    review = golive.start_review(on.demo, on.ada, on.key)
    on.town.clock.advance(seconds=1)

    def say(number: int) -> tuple[int, int]:
        told = tell(on.demo, gateway, [ended(each, 201 + number) for each in asked])
        return 201 + number, told.taken

    came = yield taking_turns(say, say, say, lambda _: golive.settle_due(on.demo) and (0, 0))
    golive.settle_due(on.demo)

    assert came.refusals == Counter()
    winners = [answer for answer in came.answers if isinstance(answer, tuple) and answer[1]]
    assert [taken for _, taken in winners] == [20]
    assert rows(on.demo.database, "SELECT DISTINCT status FROM calls") == [(winners[0][0],)]
    assert rows(on.demo.database, "SELECT count(*) FROM outcomes") == [(20,)]
    settled = golive.load_review(on.demo, on.town.actor(ADA), on.key, review.id)[1]
    assert (settled.verdict, settled.run) == ("passed", 20)


@race(decisions.allow, decisions.refuse)
def every_decision_is_on_record(on: Ground) -> Story:
    """A hundred decisions at once: each has its own place in the sequence."""
    gateway = edge(on.demo).gateway
    came = yield taking_turns(
        lambda _: decide(on.town, on.made, gateway)[0], lambda _: refuse(on.town, on.made, gateway)
    )

    known = {trace for (trace,) in rows(on.demo.database, "SELECT trace FROM calls")}
    assert set(came.answers) == known
    assert (len(known), came.refusals) == (100, Counter())
