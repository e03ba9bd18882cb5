"""How is a verdict over logs said to a program? `VERSION` grows when a field changes its meaning or goes."""

from datetime import datetime
from typing import Any

from keysteward.rules.foreign_logs.judging import Judged, Shown
from keysteward.rules.judging import Finding
from keysteward.rules.readiness import Cell, RuleState

FORMAT = "keysteward-review"
VERSION = 1

Said = dict[str, Any]


def document(judged: Judged) -> Said:
    """The whole report as JSON has it."""
    policy = judged.policy
    return {
        "format": FORMAT,
        "version": VERSION,
        "verdict": judged.verdict,
        "provisional": judged.is_provisional,
        "key": judged.key or None,
        "run": judged.run,
        "needed": policy.calls_needed,
        "starts_at": _instant(judged.starts_at),
        "policy": {"version": policy.version, "packs": [pack.headline for pack in policy.packs]},
        "files": [
            {
                "name": file.name,
                "kind": file.kind,
                "calls": file.calls,
                "other_lines": file.others,
                "unread": file.unread,
            }
            for file in judged.files
        ],
        "duplicates": judged.duplicates,
        "calls": [_cell(cell, judged) for cell in judged.cells],
        "rules": [_rule(state, judged) for state in judged.states],
        "findings": [_finding(finding, judged) for finding in judged.findings],
        "not_counted": [{"why": why, "calls": calls} for why, calls in judged.reasons.most_common()],
        "uncounted_calls": [_call(shown) | {"why": shown.why_not} for shown in judged.uncounted],
        "not_said": [
            {"code": silence.code, "sentence": silence.sentence, "changes_verdict": silence.matters}
            for silence in judged.silences
        ],
    }


def verdict_of(state: RuleState, judged: Judged) -> str:
    """Whether a rule is met, not met, waits for more calls, or cannot be judged by these logs."""
    if state.rule.code in judged.unjudged:
        return "not judged"
    return "not met" if state.findings else state.verdict


def _cell(cell: Cell, judged: Judged) -> Said:
    call = _call(judged.shown[cell.counted.call.sequence])
    return call | {"place": cell.place, "broken_rule": cell.broken_rule or None}


def _call(shown: Shown) -> Said:
    call = shown.call
    return {
        "number": call.sequence,
        "file": shown.file,
        "in_file": shown.place,
        "at": _instant(shown.at),
        "method": call.method,
        "operation": call.operation,
        "url": call.url,
        "status": call.status,
        "error_code": call.error_code,
        "seconds": shown.took.total_seconds() if shown.took is not None else None,
        "trace": call.trace,
    }


def _rule(state: RuleState, judged: Judged) -> Said:
    measure, rule = state.measure, state.rule
    return {
        "code": rule.code,
        "asks": rule.asks,
        "source": rule.source,
        "limit": measure.limit,
        "observed": measure.observed,
        "margin": measure.margin,
        "until": _instant(measure.until),
        "verdict": verdict_of(state, judged),
        "calls": list(state.calls),
    }


def _finding(finding: Finding, judged: Judged) -> Said:
    shown = judged.shown.get(finding.call) if finding.call is not None else None
    return {
        "rule": finding.rule,
        "sentence": finding.sentence,
        "next_step": finding.next_step,
        "call": finding.call,
        "method": finding.method,
        "url": finding.url,
        "status": finding.status,
        "at": _instant(shown.at if shown else None),
        "file": shown.file if shown else None,
        "in_file": shown.place if shown else None,
    }


def _instant(at: datetime | None) -> str | None:
    return at.isoformat().replace("+00:00", "Z") if at else None
