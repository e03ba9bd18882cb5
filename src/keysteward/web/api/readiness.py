"""How is it said to a program where a key stands before its review?"""

from collections.abc import Mapping

from keysteward.actions.readiness import Outlook
from keysteward.rules import judging, pace
from keysteward.rules import readiness as rules
from keysteward.rules.calls import Call
from keysteward.rules.fitness import Remark as Said
from keysteward.rules.refusals import Kind, Refusal
from keysteward.web.api.golive_shapes import (
    CountedCall,
    Finding,
    JudgedCall,
    Peak,
    Plan,
    Read,
    Readiness,
    ReadResource,
    Reason,
    Remark,
    Rest,
    RuleState,
    UncountedCall,
)


def readiness_of(found: Outlook) -> Readiness:
    """Everything that the Go-Live page shows."""
    ready, durations = found.ready, found.durations
    return Readiness(
        key=ready.app.key,
        status=ready.status,
        run=ready.run,
        needed=ready.policy.calls_needed,
        policy_version=ready.policy.version,
        calls=[_counted(cell, durations) for cell in reversed(found.cells)],
        uncounted=[_uncounted(call, durations) for call in ready.newest_calls if not call.countable],
        findings=[finding_of(finding) for finding in ready.findings],
        rules=[_state(state) for state in found.rules],
        plan=_plan(found.plan),
        polling=[_resource(timeline) for timeline in found.timelines],
        peaks=[_peak(peak) for peak in found.peaks],
        security=[_remark(said) for said in found.security],
        custody=[_remark(said) for said in found.custody],
        calls_looked_at=found.calls_looked_at,
        why_not_start=_reason(ready.why_not_start),
    )


def finding_of(finding: judging.Finding) -> Finding:
    """A finding, with its call where it names one."""
    call = None
    if finding.call is not None:
        call = JudgedCall(finding.call, finding.method, finding.url, finding.status, finding.at)
    return Finding(finding.rule, finding.sentence, finding.next_step, call, f"/help/findings/{finding.rule}")


def _counted(cell: rules.Cell, durations: Mapping[str, int]) -> CountedCall:
    call, broken = cell.counted.call, cell.broken_rule
    return CountedCall(
        call.sequence, call.method, call.operation, call.url, call.status, call.at, not broken, broken or None,
        cell.place, durations.get(call.trace),
    )  # fmt: skip


def _uncounted(call: Call, durations: Mapping[str, int]) -> UncountedCall:
    return UncountedCall(
        call.sequence, call.method, call.operation, call.url, call.status, call.at, call.why_not,
        durations.get(call.trace),
    )  # fmt: skip


def _state(state: rules.RuleState) -> RuleState:
    rule, measure = state.rule, state.measure
    return RuleState(
        rule.code, rule.asks, rule.source, measure.limit, measure.observed, measure.margin, measure.until,
        state.verdict, list(state.calls),
    )  # fmt: skip


def _plan(plan: rules.Plan) -> Plan:
    return Plan(
        calls=plan.calls,
        calls_by=plan.calls_by,
        start_by=plan.start_by,
        mend=[finding_of(finding) for finding in plan.mend],
        rests=[Rest(each.method, each.url, each.free_from) for each in plan.rests],
        unmet=[finding_of(finding) for finding in plan.unmet],
    )


def _resource(timeline: pace.Timeline) -> ReadResource:
    reads = [
        Read(each.sequence, each.at, None if each.after is None else each.after.total_seconds(), each.too_soon)
        for each in timeline.reads
    ]
    return ReadResource(timeline.method, timeline.url, timeline.free_from, reads)


def _peak(peak: pace.Peak) -> Peak:
    seconds = int(peak.window.total_seconds())
    return Peak(peak.name, peak.calls, peak.limit, seconds, peak.since, peak.at_least, peak.verdict)


def _remark(said: Said) -> Remark:
    return Remark(said.topic, said.verdict, said.sentence, said.next_step)


def _reason(kind: Kind | None) -> Reason | None:
    if kind is None:
        return None
    refusal = Refusal(kind)
    return Reason(kind.code, refusal.sentence, refusal.next_step)
