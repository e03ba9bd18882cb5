"""How does a custody report become one page that needs nothing else?"""

from itertools import groupby
from typing import Any

from keysteward.cli.report_page import report_page
from keysteward.rules.custody.findings import Finding
from keysteward.rules.custody.report import Report
from keysteward.rules.custody.what_if import EFFECTS, EVENTS, Answer
from keysteward.rules.custody.written import Sheet
from keysteward.rules.words import many


def page(report: Report, sheets: list[Sheet]) -> str:
    """The report as HTML, with its style in it and no request to anywhere."""
    return report_page("custody.html", _values(report, sheets))


def _values(report: Report, sheets: list[Sheet]) -> dict[str, Any]:
    scores = report.scores.keys
    found = groupby(report.findings, key=lambda finding: (finding.severity, finding.code))
    outlooks = sorted(report.outlooks, key=lambda each: (each.is_manageable, scores[each.key.key]))
    return {
        "score": report.scores.whole,
        "worst": next((severity for severity, count in report.counts.items() if count), ""),
        "counts": [(severity, count) for severity, count in report.counts.items() if count],
        "at": f"{report.inventory.at:%-d %B %Y}",
        "policy": report.policy.version,
        "findings": [_same(list(same)) for _, same in found],
        "keys": [{"outlook": each, "score": scores[each.key.key]} for each in outlooks],
        "what_if": _what_if(report.answer) if report.answer else None,
        "unjudged": report.unjudged,
        "sheets": sheets,
        "many": many,
    }


def _same(found: list[Finding]) -> dict[str, Any]:
    first = found[0]
    return {
        "severity": first.severity,
        "sentences": [finding.sentence for finding in found],
        "who": first.who,
        "step": first.step,
        "source": first.source,
    }


def _what_if(answer: Answer) -> dict[str, Any]:
    return {
        "groups": [
            {"says": EFFECTS[effect], "effect": effect, "keys": list(same)}
            for effect, same in groupby(answer.consequences, key=lambda each: each.effect)
        ],
        "unknown": answer.unknown,
        "events": EVENTS,
    }
