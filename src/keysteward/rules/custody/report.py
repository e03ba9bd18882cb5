"""What does a custody report say? One plain value, from which pages, terminals and JSON are made."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from keysteward.rules.custody.audit import Unjudged, judge, unjudged
from keysteward.rules.custody.findings import SEVERITIES, Finding, Severity
from keysteward.rules.custody.inventory import Inventory
from keysteward.rules.custody.score import Scores, scores_of
from keysteward.rules.custody.ways import Outlook, Way, outlooks
from keysteward.rules.custody.what_if import Answer, Change, Consequence, what_if
from keysteward.rules.policy import Policy


@dataclass(frozen=True, slots=True)
class Report:
    """An audit: the findings, the outlook of every key, scores, what was not judged, and what if."""

    inventory: Inventory
    policy: Policy
    findings: tuple[Finding, ...]
    outlooks: tuple[Outlook, ...]
    unjudged: tuple[Unjudged, ...]
    scores: Scores
    answer: Answer | None = None

    @property
    def counts(self) -> dict[Severity, int]:
        """How many findings of each severity there are."""
        found = Counter(finding.severity for finding in self.findings)
        return {severity: found[severity] for severity in SEVERITIES}

    @property
    def unmanageable(self) -> tuple[Outlook, ...]:
        """The keys that nobody can manage."""
        return tuple(each for each in self.outlooks if not each.is_manageable)


def report_of(inventory: Inventory, policy: Policy, changes: tuple[Change, ...] = ()) -> Report:
    """Judge an inventory, and answer what would happen if changes came."""
    findings = judge(inventory, policy)
    return Report(
        inventory,
        policy,
        findings,
        tuple(outlooks(inventory, policy)) if {"keys", "people"} <= inventory.says else (),
        unjudged(inventory),
        scores_of(inventory, findings),
        what_if(inventory, changes, policy) if changes else None,
    )


def document(report: Report) -> dict[str, Any]:
    """The report as plain values."""
    inventory, scores = report.inventory, report.scores
    said = {
        "at": inventory.at.isoformat(),
        "policy_version": report.policy.version,
        "score": scores.whole,
        "counts": report.counts,
        "findings": [finding_document(finding) for finding in report.findings],
        "keys": [{**outlook_document(each), "score": scores.keys[each.key.key]} for each in report.outlooks],
        "accounts": [
            {"account": each.id, "name": each.name, "score": scores.accounts[each.id]}
            for each in inventory.management_accounts
        ],
        "organizations": [
            {"organization": each.id, "name": each.name, "score": scores.organizations[each.id]}
            for each in inventory.organizations
        ],
        "not_judged": [{"rule": each.rule.code, "missing": list(each.missing)} for each in report.unjudged],
    }
    return said if report.answer is None else {**said, "what_if": answer_document(report.answer)}


def finding_document(finding: Finding) -> dict[str, Any]:
    """One finding."""
    return {
        "code": finding.code,
        "severity": finding.severity,
        "about": finding.kind,
        "subject": finding.subject,
        "account": finding.account or None,
        "organization": finding.organization or None,
        "keys": list(finding.keys),
        "sentence": finding.sentence,
        "who": finding.who,
        "next_step": finding.step,
        "source": finding.source,
    }


def outlook_document(each: Outlook) -> dict[str, Any]:
    """Who can manage a key, and its ways back."""
    return {
        "key": each.key.key,
        "name": each.key.name,
        "account": each.account.id,
        "managers": [person.email for person in each.managers],
        "ways": [way_document(way) for way in each.ways],
    }


def way_document(way: Way) -> dict[str, Any]:
    """One way back."""
    return {"way": way.name, "open": way.is_open, "why_not": list(way.why_not), "next_step": way.next_step}


def answer_document(answer: Answer) -> dict[str, Any]:
    """What would happen."""
    return {
        "consequences": [consequence_document(each) for each in answer.consequences],
        "unknown": [change._asdict() for change in answer.unknown],
    }


def consequence_document(each: Consequence) -> dict[str, Any]:
    """What would become of one key."""
    return {
        "key": each.key.key,
        "name": each.key.name,
        "account": each.account,
        "effect": each.effect,
        "sentence": each.sentence,
        "because": [change._asdict() for change in each.because],
        "ways": [way_document(way) for way in each.ways],
    }
