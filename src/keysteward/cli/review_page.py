"""How does a verdict over logs become one page that needs nothing else?"""

from itertools import groupby
from typing import Any

from keysteward.cli.report_page import report_page
from keysteward.cli.review_terminal import about, instant, where
from keysteward.rules.foreign_logs.judging import Judged, Shown
from keysteward.rules.foreign_logs.report import verdict_of
from keysteward.rules.judging import Finding
from keysteward.rules.readiness import RuleState
from keysteward.rules.words import many

_MARKS = {"counts": "✓", "broken": "✗", "spent": "·"}


def page(judged: Judged, again: list[str]) -> str:
    """The report as HTML, with its style in it and no request to anywhere."""
    return report_page("review.html", _values(judged, again), instant=instant)


def _values(judged: Judged, again: list[str]) -> dict[str, Any]:
    needed = judged.policy.calls_needed
    return {
        "passed": judged.verdict == "passed",
        "provisional": judged.is_provisional,
        "run": judged.run,
        "needed": needed,
        "about": about(judged),
        "cells": [_cell(cell.place, judged.shown[cell.counted.call.sequence]) for cell in judged.cells],
        "missing": max(0, needed - len(judged.cells)),
        "rules": [_rule(state, verdict_of(state, judged)) for state in judged.states],
        "findings": [_findings(list(same), judged) for _, same in groupby(judged.findings, key=lambda each: each.rule)],
        "reasons": judged.reasons.most_common(),
        "uncounted": [_row(shown) for shown in judged.uncounted],
        "silences": judged.silences,
        "files": judged.files,
        "again": again,
        "duplicates": judged.duplicates,
        "many": many,
    }


def _cell(place: str, shown: Shown) -> dict[str, Any]:
    return {"place": place, "mark": _MARKS[place], **_row(shown)}


def _row(shown: Shown) -> dict[str, Any]:
    call = shown.call
    return {
        "method": call.method,
        "operation": call.operation.removeprefix(call.method).strip(),
        "url": call.url,
        "status": call.status or "unknown",
        "error_code": call.error_code,
        "at": instant(shown.at).removesuffix(" UTC"),
        "took": f"{shown.took.total_seconds() * 1000:,.0f} ms" if shown.took is not None else "",
        "where": f"{shown.file}, {shown.place}" if shown.place else shown.file,
        "why": shown.why_not,
    }


def _rule(state: RuleState, verdict: str) -> dict[str, Any]:
    return {
        "asks": state.rule.asks,
        "source": state.rule.source,
        "limit": state.measure.limit,
        "observed": state.measure.observed,
        "verdict": verdict,
        "code": verdict.replace(" ", "-"),
    }


def _findings(found: list[Finding], judged: Judged) -> dict[str, Any]:
    return {
        "each": [{"sentence": finding.sentence, "where": where(finding, judged)} for finding in found],
        "next": found[0].next_step,
    }
