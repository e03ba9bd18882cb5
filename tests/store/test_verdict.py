"""Is the verdict on a key the one that somebody would reach who read its raw calls one by one?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple
from uuid import uuid4

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from keysteward.rules.calls import Call
from keysteward.rules.decisions import AWAITED, NO_OUTCOME, Line
from keysteward.rules.golive import judge
from keysteward.rules.policy import DEFAULT
from keysteward.rules.readiness import cells
from keysteward.store import decisions, golive
from keysteward.store.database import Database
from keysteward.store.recorder import Recorder
from tests.rules.examples import NOW, a_call
from tests.store.conftest import Opening

DAY, GATEWAY = 86_400.0, "9a7e0001-0000-4000-8000-000000000000"
Broken = tuple[str, int | None]


class Step(NamedTuple):
    """A call of a story: whose, what became of it, how long after the one before, and what it read.

    `carried` calls passed through a proxy that says later how they ended; -1 if it never does, else in which order.
    """

    whose: int = 0
    kind: str = "write"
    gap: float = 1.0
    url: str = "a"
    carried: int | None = None


@dataclass(frozen=True, slots=True)
class Raw:
    """A call as somebody reads it in a log."""

    number: int
    at: datetime
    status: int
    counts: bool
    reads: str


KINDS: dict[str, tuple[str, int, bool]] = {
    "write": ("POST", 201, True),
    "read": ("GET", 200, True),
    "error": ("POST", 404, True),
    "bad read": ("GET", 404, True),
    "login": ("POST", 200, False),
}
POLLED = frozenset({"read", "bad read"})
GAPS = st.one_of(
    st.sampled_from([0.0, 1.0, 60.0, 899.999999, 900.0, -60.0, -900.0, DAY, DAY / 19]), st.floats(-99, 999)
)
STEPS = st.builds(
    Step,
    whose=st.integers(0, 1),
    kind=st.sampled_from(["write", "write", "write", "read", "error", "bad read", "login"]),
    gap=GAPS,
    url=st.sampled_from("ab"),
    carried=st.one_of(st.none(), st.none(), st.integers(-1, 3)),
)
TWENTY = [Step()] * 20


@pytest.fixture(scope="module")
def shelf(blank: Opening) -> Iterator[tuple[Database, Recorder]]:
    """A database for many stories; each has keys of its own."""
    with blank() as database:
        recorder = Recorder(database)
        yield database, recorder
        recorder.close()


def test_a_day_between_the_first_and_the_last_is_not_too_much(shelf: tuple[Database, Recorder]) -> None:
    """Exactly 24 h pass, a microsecond more does not."""
    for gap, broken in ((DAY, []), (DAY + 0.000001, ["within-a-day"])):
        found = judged(shelf, [Step(), *[Step()._replace(gap=0)] * 18, Step()._replace(gap=gap)], 0)
        assert [rule for rule, _ in found[0]] == broken


@settings(max_examples=60)
@given(st.lists(STEPS, max_size=60), st.sampled_from([0.0, 60.0, DAY, DAY + 0.000001, -60.0]))
@example([*TWENTY, Step(kind="error")], 0)
@example([Step(kind="error"), *TWENTY], 0)
@example(TWENTY, DAY)
@example([*TWENTY, Step(gap=-DAY)], 0)
@example([Step(whose=number % 2) for number in range(40)], 0)
@example([Step(carried=3 - number % 4) for number in range(24)], 0)
@example([Step(), *[Step(gap=0)] * 18, Step(gap=DAY)], 0)
def test_the_verdict_is_the_one_of_whoever_reads_the_raw_calls(
    shelf: tuple[Database, Recorder], story: list[Step], later: float
) -> None:
    """Two keys interleaved, outcomes out of order, a clock that was set back: the findings are the same."""
    for product, by_hand in both(shelf, story, later):
        assert product == by_hand


def test_ten_thousand_calls_are_judged_like_twenty(shelf: tuple[Database, Recorder]) -> None:
    """What lies further back than the newest twenty changes nothing, but for the read before a read."""
    dice = Random(7)  # noqa: S311 — a story, no secret
    kinds, urls = sorted(KINDS), [str(number) for number in range(400)]
    old = [Step(0, dice.choice(kinds), dice.random() * 3, dice.choice(urls)) for _ in range(9_980)]
    reads = [Step(kind="read", url=url) for url in urls[:20]]

    for product, by_hand in both(shelf, [*old, *reads], 0):
        assert product == by_hand


def both(shelf: tuple[Database, Recorder], story: Sequence[Step], later: float) -> list[tuple[object, object]]:
    """What the product finds for each key, beside what is found by hand."""
    names = [str(uuid4()), str(uuid4())]
    raw, end = play(shelf, names, story)
    now = end + timedelta(seconds=later)
    return [(verdict(shelf[0], key, now), by_hand(raw[key], now)) for key in names]


def judged(shelf: tuple[Database, Recorder], story: Sequence[Step], later: float) -> tuple[list[Broken], list[bool]]:
    """What the product finds for the first key of a story."""
    name = str(uuid4())
    _, end = play(shelf, [name, str(uuid4())], story)
    return verdict(shelf[0], name, end + timedelta(seconds=later))


def verdict(database: Database, key: str, now: datetime) -> tuple[list[Broken], list[bool]]:
    """The findings of the product, and which of the cells it shows are good."""
    with database.reading() as tx:
        evidence = golive.load_evidence(tx, key, DEFAULT.calls_needed, now)
    shown = [not cell.broken_rule for cell in cells(evidence, DEFAULT)]
    return sorted(((each.rule, each.call) for each in judge(evidence, DEFAULT)), key=str), shown


def by_hand(raw: Sequence[Raw], now: datetime) -> tuple[list[Broken], list[bool]]:
    """The same without the product: one call after the other, oldest first."""
    counted = [each for each in raw if each.counts]
    last_read, good = dict[str, datetime](), list[bool]()
    found = list[tuple[str, Raw | None]]()
    for position, each in enumerate(counted):
        is_judged, before = position >= len(counted) - 20, last_read.get(each.reads)
        too_soon = bool(each.reads) and before is not None and abs((each.at - before).total_seconds()) < 900
        if each.reads:
            last_read[each.reads] = each.at
        found += [("no-errors", each)] if is_judged and each.status >= 400 else []
        found += [("no-polling", each)] if is_judged and too_soon else []
        good.append(each.status < 400 and not too_soon)
    run = next((number for number, is_good in enumerate(reversed(good)) if not is_good), len(good))
    newest = counted[-20:]
    if run < 20:
        found.append(("calls-in-a-row", None))
    elif (newest[-1].at - newest[0].at).total_seconds() > DAY:
        found.append(("within-a-day", newest[0]))
    if newest and (now - newest[-1].at).total_seconds() > DAY:
        found.append(("recent", newest[-1]))
    return sorted(((rule, each.number if each else None) for rule, each in found), key=str), good[-20:]


def play(
    shelf: tuple[Database, Recorder], names: list[str], story: Sequence[Step]
) -> tuple[dict[str, list[Raw]], datetime]:
    """Record a story; answer with what stands in the log of each key then, and when it ended."""
    database, recorder = shelf
    at, made, waiting = NOW, list[tuple[Step, Call]](), []
    for step in story:
        at += timedelta(seconds=step.gap)
        call = _call(names[step.whose], at, step)
        made.append((step, call))
        waiting.append(recorder.record(call))
        if len(waiting) % 1_000 == 0:
            waiting[-1].result(30)
    for done in waiting:
        done.result(30)
    numbers = _numbers(database, names, len(story))
    late = [(step, numbers[call.trace]) for step, call in made if step.carried is not None and step.carried >= 0]
    for step, number in sorted(late, key=lambda each: (each[0].carried or 0, -each[1])):
        with database.writing() as tx:
            decisions.take(tx, [_outcome(number, step)], at)
    raw: dict[str, list[Raw]] = {name: [] for name in names}
    for step, call in made:
        _, status, counts = KINDS[step.kind]
        reads = step.url if step.kind in POLLED else ""
        raw[call.key].append(Raw(numbers[call.trace], call.at, status, counts and step.carried != -1, reads))
    return raw, at


def _call(key: str, at: datetime, step: Step) -> Call:
    method, status, counts = KINDS[step.kind]
    call = a_call(key=key, at=at, method=method, status=status, countable=counts, polled=step.kind in POLLED,
                  url_digest=step.url if step.kind in POLLED else "", trace=str(uuid4()))  # fmt: skip
    if step.carried is None:
        return call
    return replace(call, gateway=GATEWAY, status=NO_OUTCOME, countable=False, why_not=AWAITED if counts else "login")


def _outcome(number: int, step: Step) -> decisions.Outcome:
    _, status, counts = KINDS[step.kind]
    return decisions.Outcome(
        number, Line(str(uuid4()), status, "", 1, 1, 1, completed=True, by_upstream=True), counts, ""
    )


def _numbers(database: Database, names: list[str], most: int) -> dict[str, int]:
    with database.reading() as tx:
        return {call.trace: call.sequence for name in names for call in golive.list_newest_calls(tx, name, most)}
