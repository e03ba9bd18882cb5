"""Is what an answer says of a key what a review would judge at that moment?"""

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from random import Random

import pytest

from keysteward.actions.context import Context
from keysteward.rules.golive import Evidence, judge
from keysteward.rules.policy import DEFAULT
from keysteward.store import golive
from keysteward.store.recorder import Recorder
from tests.rules.examples import KEY, NOW, a_call

KINDS = {
    "read": {"method": "GET", "status": 200, "polled": True},
    "write": {"method": "POST", "status": 201},
    "error": {"method": "POST", "status": 400},
    "uncounted": {"method": "GET", "status": 503, "countable": False},
}
WEIGHTS = (6, 20, 1, 2)


@pytest.fixture
def workers(demo: Context) -> Iterator[tuple[Recorder, Recorder]]:
    """Two recorders of one environment, as two workers have them."""
    both = Recorder(demo.database), Recorder(demo.database)
    yield both
    for recorder in both:
        recorder.close()


def ended_by(evidence: Evidence, run: int) -> int:
    """The number of the call that ended the run, 0 where none did."""
    return evidence.calls[run].call.sequence if run < len(evidence.calls) else 0


def test_it_is_what_a_review_would_find(demo: Context, workers: tuple[Recorder, Recorder]) -> None:
    """Whichever worker answers, after each call: the same run, and a rule that the review would name."""
    dice, at, told_apart = Random(7), NOW, set[str]()  # noqa: S311 — a story, not a secret
    for number in range(120):
        at += timedelta(seconds=dice.choice([1, 60, 899, 900, 4_000]))
        kind = dice.choices(list(KINDS), WEIGHTS)[0]
        digest = hashlib.sha256(dice.choice("abcd").encode()).hexdigest()
        call = a_call(at=at, url_digest=digest, trace=str(number), **KINDS[kind])
        told = workers[dice.randrange(2)].record(call, DEFAULT).result(10)
        with demo.database.reading() as tx:
            evidence = golive.load_evidence(tx, KEY, DEFAULT.calls_needed, at)
        told_apart.add(told[KEY].partition("; ")[2])
        run, findings = len(evidence.run(DEFAULT)), judge(evidence, DEFAULT)
        broken_by = [each.rule for each in findings if each.call is not None and each.call == ended_by(evidence, run)]
        rule = next(iter(broken_by or [finding.rule for finding in findings]), "").removeprefix("no-")

        assert told == {KEY: f"{run}/20; rule={rule}" if rule else f"{run}/20"}

    assert {"", "rule=errors", "rule=polling", "rule=calls-in-a-row"} <= told_apart


def test_calls_that_are_recorded_together_are_told_the_same(workers: tuple[Recorder, Recorder]) -> None:
    """Each learns of all that became durable with it, and of its own key alone."""
    waiting = [workers[0].record(a_call(key=f"key {number % 2}", trace=str(number)), DEFAULT) for number in range(40)]
    waiting += [workers[0].record(a_call(key="nobody asks", trace="40"))]
    last = [done.result(10) for done in waiting][-2]

    assert last["key 1"] == "20/20"
    assert "nobody asks" not in last
