"""How are calls, and the rules and findings of a review, shown?"""

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from keysteward.rules.calls import Call, operation_of
from keysteward.rules.golive import Finding, Review, Rule, rules_of
from keysteward.rules.policy import Policy
from keysteward.rules.routes import route_of
from keysteward.web.pages.words import as_sentence

Shown = dict[str, Any]


def call(made: Call, *, ok: bool, why: str = "", duration: int | None = None) -> Shown:
    """A call as the templates take it; `duration` in microseconds, where it is known."""
    return {
        "number": made.sequence,
        "method": made.method,
        "operation": made.operation.removeprefix(made.method).strip(),
        "path": made.url,
        "status": made.status or "unknown",
        "duration": "" if duration is None else took(duration),
        "at": made.at,
        "ok": ok,
        "why": why,
    }


def took(microseconds: int) -> str:
    """How long a call took."""
    milliseconds = microseconds / 1_000
    if milliseconds < 1:
        return "under 1 ms"
    return f"{milliseconds:,.0f} ms" if milliseconds < 1_000 else f"{milliseconds / 1_000:,.1f} s"


def uncounted(calls: Iterable[Call], durations: dict[str, int]) -> list[Shown]:
    """Those calls that do not count, each with the reason."""
    left_out = [each for each in calls if not each.countable]
    return [
        call(each, ok=each.succeeded, why=as_sentence(each.why_not), duration=durations.get(each.trace))
        for each in left_out
    ]


def findings(review: Review, policy: Policy) -> list[Shown]:
    """The findings of a review, one for each rule that was broken, with every call that broke it."""
    rules = {rule.code: rule for rule in rules_of(policy)}
    order = {code: position for position, code in enumerate(rules)}
    ordered = sorted(review.findings, key=lambda each: (order.get(each.rule, len(order)), each.rule))
    return [_finding(list(group), rules.get(code), policy) for code, group in groupby(ordered, key=lambda it: it.rule)]


def verdicts(review: Review, policy: Policy) -> list[Shown]:
    """Every rule that was asked, and the answer."""
    broken = {finding.rule for finding in review.findings}
    return [
        {
            "rule": rule.asks,
            "verdict": "waiting" if review.verdict is None else "not_met" if rule.code in broken else "met",
        }
        for rule in rules_of(policy)
    ]


def _finding(found: list[Finding], rule: Rule | None, policy: Policy) -> Shown:
    first, several = found[0], len(found) > 1
    sentence = f"{len(found)} of the newest {policy.calls_needed} calls broke this rule." if several else first.sentence
    return {
        "code": first.rule,
        "sentence": sentence,
        "rule": rule.asks if rule else first.rule,
        "source": rule.source if rule else "a rule that the policy had then",
        "next": first.next_step,
        "calls": [_called(each, policy, why=each.sentence if several else "") for each in found if each.at is not None],
    }


def _called(finding: Finding, policy: Policy, why: str) -> Shown:
    path = finding.url.partition("?")[0]
    operation = operation_of(finding.method, path, route_of(policy, path)).removeprefix(finding.method).strip()
    return {
        "method": finding.method,
        "operation": operation,
        "path": finding.url,
        "status": finding.status,
        "at": finding.at,
        "ok": False,
        "why": why,
    }
