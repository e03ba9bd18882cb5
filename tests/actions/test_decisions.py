"""What do calls prove that a proxy carries, before and after it says how they ended?"""

from datetime import timedelta

import pytest

from keysteward.actions import golive
from keysteward.rules.calls import Call
from keysteward.rules.decisions import AWAITED, NO_OUTCOME, WAIT
from keysteward.rules.refusals import NO_SUCH_DECISION, OUTCOME_KNOWN, OUTCOME_LATE
from keysteward.rules.words import new_guid
from keysteward.store.golive import digest_of, load_evidence
from tests.cast import ADA, Made, Town
from tests.checked import decide, edge, ended, refuse, tell
from tests.peers.databases import on_both, rows

MOMENT = timedelta(microseconds=1)


def run(town: Town, made: Made) -> int:
    """The n of a key."""
    return golive.readiness(town.demo, town.actor(ADA), made.key).run


def newest(town: Town, made: Made) -> Call:
    """The newest call of a key."""
    return golive.readiness(town.demo, town.actor(ADA), made.key).newest_calls[0]


@on_both
def test_a_call_counts_once_its_outcome_is_known(town: Town, made: Made) -> None:
    """Before that it has its place in the sequence, no status, and does not count; sizes and duration come along."""
    gateway = edge(town.demo).gateway
    (decision,) = decide(town, made, gateway)
    waiting = newest(town, made)
    assert (waiting.trace, waiting.status, waiting.countable, waiting.why_not) == (decision, NO_OUTCOME, False, AWAITED)
    assert run(town, made) == 0

    taken = tell(town.demo, gateway, [ended(decision)])

    known = newest(town, made)
    assert (taken.taken, taken.repeated, taken.unwanted) == (1, 0, ())
    assert (known.sequence, known.status, known.countable, known.why_not) == (waiting.sequence, 201, True, "")
    assert (known.gateway, known.outcome_at, run(town, made)) == (gateway.id, town.clock.now, 1)
    measured = "SELECT duration_microseconds, request_bytes, answer_bytes FROM outcomes"
    assert rows(town.demo.database, measured) == [(1_500, 100, 200)]


@on_both
def test_the_first_outcome_stays(town: Town, made: Made) -> None:
    """The same again is a repetition; another one changes nothing, and is named."""
    gateway = edge(town.demo).gateway
    (decision,) = decide(town, made, gateway)
    told = [tell(town.demo, gateway, [ended(decision, status)]) for status in (404, 404, 201)]

    assert [(each.taken, each.repeated) for each in told] == [(1, 0), (0, 1), (0, 0)]
    assert [each.kind for each in told[2].unwanted] == [OUTCOME_KNOWN]
    assert (newest(town, made).status, newest(town, made).countable) == (404, True)


def test_another_gateway_s_calls_are_out_of_reach(town: Town, made: Made) -> None:
    """Whoever asked for a decision says how its call ended, and nobody else; it looks as if it were not there."""
    mine, other = edge(town.demo).gateway, edge(town.demo, "another").gateway
    (decision,) = decide(town, made, mine)
    town.call(made)
    forwarded = newest(town, made).trace
    told = tell(town.demo, other, [ended(decision), ended(forwarded), ended(new_guid())])

    assert [(each.place, each.kind) for each in told.unwanted] == [(place, NO_SUCH_DECISION) for place in range(3)]
    assert tell(town.demo, mine, [ended(forwarded, 500)]).unwanted[0].kind == NO_SUCH_DECISION
    assert run(town, made) == 1


def test_an_outcome_that_comes_late_is_unknown_for_ever(town: Town, made: Made) -> None:
    """Ten minutes after the decision nothing comes in any more, good or bad."""
    gateway = edge(town.demo).gateway
    first, second = decide(town, made, gateway, 2)
    town.clock.advance(seconds=WAIT.total_seconds())
    assert tell(town.demo, gateway, [ended(first)]).taken == 1
    town.clock.now += MOMENT

    assert [each.kind for each in tell(town.demo, gateway, [ended(second)]).unwanted] == [OUTCOME_LATE]
    assert (run(town, made), newest(town, made).why_not) == (1, AWAITED)


def test_calls_stand_in_the_order_of_their_decisions(town: Town, made: Made) -> None:
    """However their outcomes come in: a failure breaks the run where it was asked for."""
    gateway = edge(town.demo).gateway
    asked = decide(town, made, gateway, 5)
    for position in (4, 0, 3, 2, 1):
        tell(town.demo, gateway, [ended(asked[position], 404 if position == 1 else 201)])

    calls = golive.readiness(town.demo, town.actor(ADA), made.key).newest_calls
    assert [call.trace for call in reversed(calls)] == asked
    assert run(town, made) == 3


def test_a_refusal_is_its_own_outcome(town: Town, made: Made) -> None:
    """A call that was refused here failed, and no line makes it good; the line that says the same is a repetition."""
    gateway = edge(town.demo).gateway
    decision = refuse(town, made, gateway)
    told = tell(town.demo, gateway, [ended(decision, 429), ended(decision, 200)])

    assert (told.repeated, [each.kind for each in told.unwanted]) == (1, [OUTCOME_KNOWN])
    assert (newest(town, made).status, newest(town, made).countable, run(town, made)) == (429, True, 0)


@pytest.mark.parametrize(
    ("status", "by_upstream", "countable"),
    [(200, True, True), (404, True, True), (429, False, True), (500, True, False), (502, False, False),
     (504, False, False), (499, False, False)],
)  # fmt: skip
def test_failures_that_are_not_the_app_s_do_not_count(
    town: Town, made: Made, status: int, by_upstream: bool, countable: bool
) -> None:
    """The API's own 5xx, a proxy that could not reach it and a caller who left are judged as at the gateway."""
    gateway = edge(town.demo).gateway
    (decision,) = decide(town, made, gateway)
    tell(town.demo, gateway, [ended(decision, status, by_upstream=by_upstream)])

    assert (newest(town, made).status, newest(town, made).countable) == (status, countable)


def test_polling_is_seen_between_checked_calls(town: Town, made: Made) -> None:
    """The second GET of a polled route within 15 minutes is the violation, wherever the calls were carried."""
    gateway = edge(town.demo).gateway
    for _ in range(2):
        (decision,) = decide(town, made, gateway, method="GET", below="/envelopes/1")
        tell(town.demo, gateway, [ended(decision, 200)])
        town.clock.advance(seconds=899)

    findings = golive.readiness(town.demo, town.actor(ADA), made.key).findings
    assert [finding.rule for finding in findings] == ["calls-in-a-row", "no-polling"]


# ── reviews ─────────────────────────────────────────────────────────────────────────────────────────────────────────
@on_both
def test_a_verdict_waits_for_outcomes_of_calls_before_the_cut(town: Town, made: Made) -> None:
    """No call of the evidence is judged before it is known how it ended; what failed before the 20 harms none."""
    gateway, ada = edge(town.demo).gateway, town.actor(ADA)
    (slow,) = decide(town, made, gateway)
    tell(town.demo, gateway, [ended(each) for each in decide(town, made, gateway, 20)])
    review = golive.start_review(town.demo, ada, made.key)
    town.clock.advance(seconds=60)
    assert golive.settle_due(town.demo) == 0
    town.clock.advance(seconds=60)
    tell(town.demo, gateway, [ended(slow, 404)])

    assert golive.settle_due(town.demo) == 1
    settled = golive.load_review(town.demo, ada, made.key, review.id)[1]
    assert (settled.verdict, settled.run) == ("passed", 20)


@on_both
def test_a_failure_among_the_newest_calls_is_not_outrun(town: Town, made: Made) -> None:
    """Start pressed while a failed call's outcome is on its way: the verdict knows of it."""
    gateway, ada = edge(town.demo).gateway, town.actor(ADA)
    tell(town.demo, gateway, [ended(each) for each in decide(town, made, gateway, 10)])
    (slow,) = decide(town, made, gateway)
    tell(town.demo, gateway, [ended(each) for each in decide(town, made, gateway, 10)])
    review = golive.start_review(town.demo, ada, made.key)
    tell(town.demo, gateway, [ended(slow, 404)])
    town.clock.advance(seconds=1)
    golive.settle_due(town.demo)

    settled = golive.load_review(town.demo, ada, made.key, review.id)[1]
    assert (settled.verdict, settled.run) == ("failed", 10)
    assert [finding.rule for finding in settled.findings] == ["calls-in-a-row", "no-errors"]


@on_both
def test_a_verdict_goes_on_without_an_outcome_that_never_comes(town: Town, made: Made) -> None:
    """After ten minutes an unknown outcome neither counts nor holds up; then nothing changes what was judged."""
    gateway, ada = edge(town.demo).gateway, town.actor(ADA)
    tell(town.demo, gateway, [ended(each) for each in decide(town, made, gateway, 19)])
    (lost,) = decide(town, made, gateway)
    review = golive.start_review(town.demo, ada, made.key)
    town.clock.advance(seconds=WAIT.total_seconds())
    assert golive.settle_due(town.demo) == 0
    town.clock.now += MOMENT
    assert golive.settle_due(town.demo) == 1

    settled = golive.load_review(town.demo, ada, made.key, review.id)[1]
    assert (settled.verdict, settled.run) == ("failed", 19)
    town.clock.now -= WAIT  # a clock that is set back opens nothing again
    assert [each.kind for each in tell(town.demo, gateway, [ended(lost)]).unwanted] == [OUTCOME_LATE]


def test_what_was_judged_can_be_judged_again(town: Town, made: Made) -> None:
    """Lines that come after a verdict change neither its evidence nor the digest that names it."""
    gateway, ada = edge(town.demo).gateway, town.actor(ADA)
    asked = decide(town, made, gateway, 20)
    tell(town.demo, gateway, [ended(each) for each in asked])
    first = town.review(made)
    tell(town.demo, gateway, [ended(each, 404) for each in asked])
    tell(town.demo, gateway, [ended(each, 404) for each in decide(town, made, gateway, 3)])

    with town.demo.database.reading() as tx:
        again = load_evidence(tx, made.key, 20, first.started_at, first.cut_sequence)
    assert digest_of(again) == first.evidence_digest
    assert golive.load_review(town.demo, ada, made.key, first.id)[1] == first
