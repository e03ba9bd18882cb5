"""Does whoever follows the shortest way to pass pass, and does every rule say how it stands?"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keysteward.rules.golive import REVIEW, judge, rules_of
from keysteward.rules.judging import Counted, Evidence, gathered
from keysteward.rules.pace import Sight, timelines
from keysteward.rules.packs import CallsNeeded, Gap, Pack, Required, Window
from keysteward.rules.policy import DEFAULT, Policy
from keysteward.rules.readiness import Plan, Ruled, ahead, cells, plan, rule_states
from tests.rules.examples import NOW, a_call

DAY, GAP = DEFAULT.call_window, DEFAULT.polling_gap
MICROSECOND = timedelta(microseconds=1)


@dataclass
class Log:
    """The calls of a key as they come, and when each resource was last read."""

    counted: list[Counted] = field(default_factory=list)
    last_read: dict[str, datetime] = field(default_factory=dict)

    def write(self, at: datetime, status: int = 201, operation: str = "POST /envelopes") -> None:
        """Make a call that does not poll."""
        call = a_call(at=at, sequence=len(self.counted) + 1, status=status, operation=operation)
        self.counted.append(Counted(call))

    def read(self, at: datetime, url: str, status: int = 200) -> None:
        """Read a polled resource."""
        call = a_call(
            at=at, sequence=len(self.counted) + 1, method="GET", polled=True, status=status, url=url, url_digest=url,
            operation="GET /envelopes/{id}",
        )  # fmt: skip
        self.counted.append(Counted(call, self.last_read.get(url)))
        self.last_read[url] = at

    def evidence(self, at: datetime, policy: Policy = DEFAULT) -> Evidence:
        """What a review would judge that started then."""
        return gathered(tuple(reversed(self.counted))[: policy.calls_looked_at], at, policy)

    def plan(self, at: datetime, policy: Policy = DEFAULT) -> Plan:
        """The shortest way to pass."""
        sights = [Sight(*(getattr(each.call, name) for name in Sight._fields)) for each in self.counted]
        return plan(self.evidence(at, policy), policy, rules_of(policy), timelines(sights, policy))


gaps = st.one_of(st.sampled_from([0.0, 60.0, 900.0, -3_600.0, 3_600.0, 30_000.0, 86_400.0]), st.floats(-100, 5_000))
stories = st.lists(
    st.tuples(st.sampled_from(["write", "write", "read", "error", "bad read"]), gaps, st.sampled_from("ab")),
    max_size=45,
)
shares = st.floats(0, 1)


def played(story: Sequence[tuple[str, float, str]]) -> tuple[Log, datetime]:
    """Play a story of calls; the clock may go back."""
    log, at = Log(), NOW
    for kind, gap, url in story:
        at += timedelta(seconds=gap)
        if kind.endswith("read"):
            log.read(at, url, 404 if kind.startswith("bad") else 200)
        else:
            log.write(at, 404 if kind == "error" else 201)
    return log, at


def follow(log: Log, told: Plan, now: datetime, choices: st.DataObject) -> datetime:
    """Make the calls that a plan asks for, at any time and of any kind that it leaves; answer with a time to start."""
    until = told.calls_by or now + DAY
    rests = {each.url: each.free_from for each in told.rests}
    moments = [now + (until - now) * choices.draw(shares) for _ in range(told.calls)]
    for at in sorted(moments):
        url = choices.draw(st.sampled_from("abc"))
        is_free = at >= rests.get(url, at) and abs(at - log.last_read.get(url, at - GAP)) >= GAP
        if is_free and choices.draw(st.booleans()):
            log.read(at, url)
        else:
            log.write(at)
    begin = max(moments, default=now)
    latest = told.start_by or begin + DAY
    return begin + (latest - begin) * choices.draw(shares)


@settings(max_examples=300)
@given(stories, st.floats(0, 100_000), st.data())
def test_whoever_follows_the_plan_passes(
    story: list[tuple[str, float, str]], later: float, choices: st.DataObject
) -> None:
    """After whatever came before: as many good calls as it says, in its time, and the review has nothing to find."""
    log, at = played(story)
    now = at + timedelta(seconds=later)
    told = log.plan(now)
    start = follow(log, told, now, choices)

    assert told.unmet == ()
    assert judge(log.evidence(start), DEFAULT) == ()


@given(stories, st.floats(0, 100_000))
def test_no_shorter_way_passes(story: list[tuple[str, float, str]], later: float) -> None:
    """One call less does not pass, and neither does a last call or a start after the time that is named."""
    log, at = played(story)
    now = at + timedelta(seconds=later)
    evidence, told = log.evidence(now), log.plan(now)

    if told.calls:
        assert judge(ahead(evidence, told.calls - 1, DEFAULT), DEFAULT)
    if told.calls_by:
        late = Evidence(evidence.calls, told.calls_by + MICROSECOND)
        assert judge(ahead(late, told.calls, DEFAULT), DEFAULT)
    if told.start_by:
        assert judge(Evidence(evidence.calls, told.start_by + MICROSECOND), DEFAULT)


# ── plans ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def a_log(calls: int, *, apart: timedelta = timedelta(minutes=1)) -> Log:
    """Good calls, the last one now."""
    log = Log()
    for number in range(calls):
        log.write(NOW - apart * (calls - 1 - number))
    return log


def test_thirteen_calls_need_seven_more_before_the_oldest_is_too_old() -> None:
    """The plan says how many, and until when the last of them helps."""
    told = a_log(13).plan(NOW)

    assert (told.calls, told.calls_by, told.start_by) == (7, NOW - timedelta(minutes=12) + DAY, None)
    assert (told.mend, told.rests, told.unmet) == ((), (), ())


def test_twenty_calls_need_a_start_within_a_day() -> None:
    """Nothing is missing but to press Start."""
    told = a_log(20).plan(NOW + timedelta(hours=1))

    assert (told.calls, told.calls_by, told.start_by) == (0, None, NOW + DAY)


def test_no_call_needs_twenty_within_a_day_of_each_other() -> None:
    """There is no moment yet that anything must be done by."""
    told = Log().plan(NOW)

    assert (told.calls, told.calls_by, told.start_by) == (20, None, None)


def test_calls_that_are_too_old_are_made_again() -> None:
    """As many as lie too far back, and no more."""
    log = a_log(20, apart=timedelta(hours=2))

    assert log.plan(NOW).calls == 7
    assert judge(ahead(log.evidence(NOW), 7, DEFAULT), DEFAULT) == ()


def test_what_broke_the_run_is_to_be_mended() -> None:
    """The newest break is named, older ones are not: they go with it."""
    log = a_log(2)
    log.write(NOW, 400)
    log.write(NOW, 404)
    log.write(NOW)
    told = log.plan(NOW)

    assert ([each.call for each in told.mend], told.calls) == ([4], 19)


def test_a_resource_rests_until_its_gap_is_over() -> None:
    """What was just read is named with the moment from which on it may be read again."""
    log = Log()
    log.read(NOW - GAP, "old")
    log.read(NOW - timedelta(minutes=5), "new")
    (rest,) = log.plan(NOW).rests

    assert (rest.url, rest.free_from) == ("new", NOW + timedelta(minutes=10))


# ── packs ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def packed(*rules: Required | CallsNeeded | Window | Gap) -> Policy:
    """The policy with a pack of some rules."""
    pack = Pack(name="orders", version=1, author="Ada", says="Orders.", rules=rules, examples=())
    return replace(DEFAULT, packs=(pack,))


def test_a_pack_that_needs_more_calls_lengthens_the_plan() -> None:
    """The plan is judged by every rule that the review has."""
    policy = packed(CallsNeeded(code="more", asks="25 calls", source="us", calls=25))

    assert a_log(13).plan(NOW, policy).calls == 12


def test_a_pack_that_narrows_the_window_brings_the_end_nearer() -> None:
    """The last call must lie within the shorter window too."""
    policy = packed(Window(code="window", asks="within an hour", source="us", within="1h"))

    assert a_log(13).plan(NOW, policy).calls_by == NOW + timedelta(minutes=48)


def test_a_pack_may_keep_a_resource_resting_for_longer() -> None:
    """Its gap applies to the operations that it names."""
    policy = packed(Gap(code="gap", asks="hourly", source="us", operations=("GET /envelopes/*",), gap="1h"))
    log = Log()
    log.read(NOW, "a")

    assert [each.free_from for each in log.plan(NOW, policy).rests] == [NOW + timedelta(hours=1)]


def test_what_more_calls_do_not_mend_is_said() -> None:
    """A call that a pack requires is asked for in its own words."""
    policy = packed(Required(code="order", asks="An order", source="us", operations=("POST /orders",)))
    told = a_log(20).plan(NOW, policy)

    assert [each.rule for each in told.unmet] == [rule.code for rule in rules_of(policy)[-1:]]
    assert told.calls_by is None


# ── cells and rules ─────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_cell_says_what_its_call_is_for_the_run() -> None:
    """What lies before the break no longer counts, the break names its rule, and what came after counts."""
    log = a_log(1)
    log.read(NOW, "a")
    log.read(NOW, "a")
    log.write(NOW, 400)
    log.write(NOW)
    found = cells(log.evidence(NOW), DEFAULT)

    assert [(each.place, each.broken_rule) for each in found] == [
        ("spent", ""), ("spent", ""), ("broken", "no-polling"), ("broken", "no-errors"), ("counts", ""),
    ]  # fmt: skip


def said(log: Log, code: str, at: datetime = NOW) -> tuple[str, str, str, datetime | None, Ruled]:
    """How one rule stands."""
    state = next(each for each in rule_states(log.evidence(at), DEFAULT, REVIEW) if each.rule.code == code)
    return (*state.measure, state.verdict)


def failing() -> Log:
    """Five calls, an error, and two calls."""
    log = a_log(5)
    log.write(NOW, 400)
    log.write(NOW)
    log.write(NOW)
    return log


def polling() -> Log:
    """A resource that was read again after three minutes."""
    log = Log()
    log.read(NOW - timedelta(minutes=3), "a")
    log.read(NOW, "a")
    return log


def patient() -> Log:
    """A resource that was read again after 20 minutes."""
    log = Log()
    log.read(NOW - timedelta(minutes=20), "a")
    log.read(NOW, "a")
    return log


GAP_SAID, DAY_SAID, START_SAID = "15 min between two reads", "24 h from the first to the last", "24 h before the start"
STATES = [
    (Log(), "calls-in-a-row", ("20 calls", "0 of 20", "20 calls short", None, "waiting")),
    (a_log(19), "calls-in-a-row", ("20 calls", "19 of 20", "1 call short", None, "waiting")),
    (a_log(20), "calls-in-a-row", ("20 calls", "20 of 20", "none missing", None, "met")),
    (Log(), "no-errors", ("0 errors", "no call yet", "", None, "waiting")),
    (a_log(1), "no-errors", ("0 errors", "no error", "", None, "met")),
    (failing(), "no-errors", ("0 errors", "1 error", "gone after 18 good calls", None, "not_met")),
    (a_log(1), "no-polling", (GAP_SAID, "nothing read twice", "", None, "met")),
    (patient(), "no-polling", (GAP_SAID, "20 min at least", "5 min left", None, "met")),
    (polling(), "no-polling", (GAP_SAID, "1 read too soon", "gone after 20 good calls", None, "not_met")),
    (Log(), "within-a-day", (DAY_SAID, "no call in a row yet", "", None, "waiting")),
    (a_log(3), "within-a-day",
     (DAY_SAID, "2 min so far", "the oldest falls out of the window at", NOW + DAY - timedelta(minutes=2), "waiting")),
    (a_log(20), "within-a-day", (DAY_SAID, "19 min", "23 h 41 min left", None, "met")),
    (a_log(20, apart=timedelta(hours=2)), "within-a-day", (DAY_SAID, "1 d 14 h", "14 h too many", None, "not_met")),
    (Log(), "recent", (START_SAID, "no call yet", "", None, "waiting")),
    (a_log(1), "recent", (START_SAID, "less than a second old", "1 d left, until", NOW + DAY, "met")),
]  # fmt: skip


@pytest.mark.parametrize(("log", "code", "expected"), STATES, ids=[f"{each[1]}, {each[2][1]}" for each in STATES])
def test_each_rule_says_its_limit_what_is_there_and_what_is_left(
    log: Log, code: str, expected: tuple[str, str, str, datetime | None, Ruled]
) -> None:
    """In words that need no table of numbers beside them."""
    assert said(log, code) == expected


def test_a_newest_call_that_is_too_old_says_since_when() -> None:
    """The margin names the moment at which it became too old."""
    late = NOW + DAY + timedelta(hours=1)

    assert said(a_log(20), "recent", late) == (START_SAID, "1 d 1 h old", "too old since", NOW + DAY, "not_met")


def test_evidence_of_a_rule_are_the_calls_that_broke_it() -> None:
    """By their sequence numbers, oldest first."""
    log = failing()
    log.write(NOW, 404)
    states = {state.rule.code: state for state in rule_states(log.evidence(NOW), DEFAULT, REVIEW)}

    assert (states["no-errors"].calls, states["calls-in-a-row"].calls) == ((6, 9), ())


def test_rules_of_packs_stand_in_the_table() -> None:
    """Without numbers of their own, they show what they found."""
    policy = packed(Required(code="order", asks="An order", source="us", operations=("POST /orders",)))
    state = rule_states(a_log(20).evidence(NOW, policy), policy, rules_of(policy))[-1]

    assert (state.rule.asks, state.verdict, state.measure.observed) == (
        "An order",
        "not_met",
        state.findings[0].sentence,
    )
