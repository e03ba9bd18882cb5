"""What would a review say now, call by call and rule by rule, and what is the shortest way to pass?

Nothing here decides anything: `rules/golive.py` judges, and this says how it came to that and what is left to do.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from keysteward.rules.calls import Call
from keysteward.rules.golive import judge
from keysteward.rules.judging import Counted, Evidence, Finding, Rule, gathered
from keysteward.rules.pace import Timeline, resting
from keysteward.rules.packs import Window, span
from keysteward.rules.policy import Policy
from keysteward.rules.words import many, spoken

Place = Literal["counts", "broken", "spent"]
Ruled = Literal["met", "not_met", "waiting"]

MOST_RESTS = 10
_MOST_TRIED = 20


class Cell(NamedTuple):
    """A call of the evidence, and what it is for the run: it counts, it broke a rule, or it lies before the break."""

    counted: Counted
    place: Place
    broken_rule: str


class Measure(NamedTuple):
    """What a rule allows, what is there, and how much is left; `until` is a moment that the margin speaks of."""

    limit: str
    observed: str
    margin: str = ""
    until: datetime | None = None


class RuleState(NamedTuple):
    """A rule as it stands now, with the calls that broke it by their sequence numbers."""

    rule: Rule
    measure: Measure
    verdict: Ruled
    findings: tuple[Finding, ...]

    @property
    def calls(self) -> tuple[int, ...]:
        """The evidence: the calls that the findings are about, oldest first."""
        return tuple(sorted({finding.call for finding in self.findings if finding.call is not None}))


@dataclass(frozen=True, slots=True)
class Plan:
    """The shortest way to pass: so many good calls, the last at `calls_by`, then Start.

    Without `calls_by` the calls must only lie within the window of each other; `start_by` is known once no call is
    missing. `mend` is what broke the run, `rests` is not to be read again yet, and `unmet` is what no number of further
    good calls will change.
    """

    calls: int
    calls_by: datetime | None
    start_by: datetime | None
    mend: tuple[Finding, ...]
    rests: tuple[Timeline, ...]
    unmet: tuple[Finding, ...]


def broken_rule(counted: Counted, policy: Policy) -> str:
    """The rule that a call breaks; empty where it breaks none."""
    if counted.fails(policy):
        return "no-errors"
    return "no-polling" if counted.polls(policy) else ""


def cells(evidence: Evidence, policy: Policy) -> tuple[Cell, ...]:
    """The calls of the evidence, oldest first."""
    run = len(evidence.run(policy))
    placed = [
        Cell(counted, "broken" if broken else "counts" if position < run else "spent", broken)
        for position, counted in enumerate(evidence.calls)
        for broken in (broken_rule(counted, policy),)
    ]
    return tuple(reversed(placed))


# ── each rule as it stands ──────────────────────────────────────────────────────────────────────────────────────────
def rule_states(evidence: Evidence, policy: Policy, rules: Sequence[Rule]) -> tuple[RuleState, ...]:
    """Every rule with its limit, what is observed, the margin and the verdict, in the order of the rules."""
    return tuple(_state(rule, evidence, policy) for rule in rules)


def _state(rule: Rule, evidence: Evidence, policy: Policy) -> RuleState:
    findings = tuple(rule.check(evidence, policy))
    measured = _MEASURES.get(rule.code)
    measure = measured(evidence, policy) if measured else _measured_by(findings)
    waits = not evidence.calls or (rule.code in _KNOWN_WHEN_ENOUGH and _missing(evidence, policy) > 0)
    return RuleState(rule, measure, "waiting" if waits else "not_met" if findings else "met", findings)


def _of_the_run(evidence: Evidence, policy: Policy) -> Measure:
    missing = _missing(evidence, policy)
    margin = f"{many(missing, 'call', 'calls')} short" if missing else "none missing"
    observed = f"{policy.calls_needed - missing} of {policy.calls_needed}"
    return Measure(f"{policy.calls_needed} calls", observed, margin)


def _of_errors(evidence: Evidence, policy: Policy) -> Measure:
    failed = [position for position, counted in enumerate(evidence.calls) if counted.fails(policy)]
    observed = many(len(failed), "error", "errors") if failed else "no error" if evidence.calls else "no call yet"
    return Measure("0 errors", observed, _gone_after(failed, policy))


def _of_polling(evidence: Evidence, policy: Policy) -> Measure:
    polls = [position for position, counted in enumerate(evidence.calls) if counted.polls(policy)]
    limit = f"{spoken(policy.polling_gap)} between two reads"
    if polls:
        return Measure(limit, many(len(polls), "read too soon", "reads too soon"), _gone_after(polls, policy))
    pauses = [
        abs(counted.call.at - counted.previous_same_get)
        for counted in evidence.calls
        if counted.call.polled and counted.previous_same_get is not None
    ]
    if not pauses:
        return Measure(limit, "nothing read twice" if evidence.calls else "no call yet")
    return Measure(limit, f"{spoken(min(pauses))} at least", _left(min(pauses) - policy.polling_gap))


def _of_the_span(evidence: Evidence, policy: Policy) -> Measure:
    run, limit = evidence.run(policy), f"{_hours(policy)} from the first to the last"
    if not run:
        return Measure(limit, "no call in a row yet")
    oldest = run[: policy.calls_needed][-1].call.at
    span = abs(run[0].call.at - oldest)
    if len(run) < policy.calls_needed:
        margin = "the oldest falls out of the window at"
        return Measure(limit, f"{spoken(span)} so far", margin, oldest + policy.call_window)
    return Measure(limit, spoken(span), _left(policy.call_window - (run[0].call.at - oldest)))


def _of_the_newest(evidence: Evidence, policy: Policy) -> Measure:
    limit = f"{_hours(policy)} before the start"
    if not evidence.calls:
        return Measure(limit, "no call yet")
    age = evidence.cut_at - evidence.calls[0].call.at
    until = evidence.calls[0].call.at + policy.call_window
    margin = "too old since" if age > policy.call_window else f"{_left(policy.call_window - age)}, until"
    return Measure(limit, f"{spoken(max(age, timedelta()))} old", margin, until)


_MEASURES: dict[str, Callable[[Evidence, Policy], Measure]] = {
    "calls-in-a-row": _of_the_run,
    "no-errors": _of_errors,
    "no-polling": _of_polling,
    "within-a-day": _of_the_span,
    "recent": _of_the_newest,
}
_KNOWN_WHEN_ENOUGH = frozenset({"calls-in-a-row", "within-a-day"})


def _measured_by(findings: tuple[Finding, ...]) -> Measure:
    """A rule that says no numbers of its own is measured by what it found."""
    if not findings:
        return Measure("", "nothing against it")
    return Measure("", findings[0].sentence if len(findings) == 1 else many(len(findings), "finding", "findings"))


def _missing(evidence: Evidence, policy: Policy) -> int:
    return max(0, policy.calls_needed - len(evidence.run(policy)))


def _gone_after(positions: list[int], policy: Policy) -> str:
    """When what broke a rule is no longer among the newest calls; positions count from the newest."""
    if not positions:
        return ""
    return f"gone after {many(policy.calls_needed - min(positions), 'good call', 'good calls')}"


def _left(span: timedelta) -> str:
    if span < timedelta():
        return f"{spoken(-span)} too many"
    return f"{spoken(span)} left" if span else "nothing left"


def _hours(policy: Policy) -> str:
    return f"{int(policy.call_window.total_seconds() // 3600)} h"


# ── the shortest way to pass ────────────────────────────────────────────────────────────────────────────────────────
def plan(evidence: Evidence, policy: Policy, rules: Sequence[Rule], reads: Iterable[Timeline] = ()) -> Plan:
    """The least number of good calls with which a review passes, and until when; whoever follows it passes.

    It is found by judging the evidence as it would be, so it knows every rule that the judge knows. Where packs look at
    very many calls, it may be a few calls too long.
    """
    most, tried = policy.calls_looked_at, _tried(evidence, policy)
    found = next((more for more in tried if not judge(ahead(evidence, more, policy), policy, rules)), None)
    more = most if found is None else found
    return Plan(
        calls=more,
        calls_by=_latest(evidence, more, policy) if more and found is not None else None,
        start_by=evidence.calls[0].call.at + policy.call_window if more == 0 else None,
        mend=_broke_the_run(evidence, policy, rules) if more else (),
        rests=resting(reads, evidence.cut_at)[:MOST_RESTS],
        unmet=judge(ahead(evidence, most, policy), policy, rules) if found is None else (),
    )


def ahead(evidence: Evidence, more: int, policy: Policy) -> Evidence:
    """The evidence after so many further good calls, made now."""
    good = _good_call(evidence)
    made = [Counted(replace(good, sequence=good.sequence + number)) for number in range(more, 0, -1)]
    return gathered((*made, *evidence.every)[: policy.calls_looked_at], evidence.cut_at, policy)


def _tried(evidence: Evidence, policy: Policy) -> Iterable[int]:
    """The numbers of further calls to try: each that could do, or some of them where they are many."""
    least, most = _missing(evidence, policy), policy.calls_looked_at
    return (*range(least, most, max(1, (most - least) // _MOST_TRIED)), most)


def _latest(evidence: Evidence, more: int, policy: Policy) -> datetime | None:
    """Until when the last of so many further calls lies within every window with the calls that are there."""
    asked = [rule for pack in policy.packs for rule in pack.rules if isinstance(rule, Window)]
    windows = [(policy.calls_needed, policy.call_window)]
    windows += [(rule.calls or policy.calls_needed, span(rule.within)) for rule in asked]
    return min((evidence.every[many - more - 1].call.at + window for many, window in windows if more < many),
               default=None)  # fmt: skip


def _broke_the_run(evidence: Evidence, policy: Policy, rules: Sequence[Rule]) -> tuple[Finding, ...]:
    """What stands against the newest call that broke the run."""
    breaking = {counted.call.sequence for counted in evidence.calls[len(evidence.run(policy)) :][:1]}
    return tuple(finding for finding in judge(evidence, policy, rules) if finding.call in breaking)


def _good_call(evidence: Evidence) -> Call:
    """The newest call as if it were made now and went well; any call where there is none."""
    if evidence.calls:
        newest, at = evidence.calls[0].call, evidence.cut_at
        return replace(newest, at=at, status=200, error_code="", countable=True, polled=False, why_not="")
    return Call(
        key="", user="", account="", at=evidence.cut_at, method="GET", url="", url_digest="", route="", operation="",
        status=200, error_code="", countable=True, polled=False, why_not="", sdk="", trace="",
    )  # fmt: skip
