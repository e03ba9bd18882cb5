"""How are calls, requirements and findings shown?"""

from itertools import groupby
from typing import Any

from keysteward.actions.golive import Readiness
from keysteward.rules.calls import Call, operation_of
from keysteward.rules.golive import REVIEW, Counted, Finding, Review, Rule
from keysteward.rules.policy import Policy
from keysteward.rules.routes import route_of
from keysteward.web.pages.words import as_sentence, many, spoken

Shown = dict[str, Any]

_WHEN_ENOUGH = {"calls-in-a-row", "within-a-day"}


def call(made: Call, *, ok: bool, why: str = "") -> Shown:
    """A call as the templates take it."""
    return {
        "method": made.method,
        "operation": made.operation.removeprefix(made.method).strip(),
        "path": made.url,
        "status": made.status or "unknown",
        "at": made.at,
        "ok": ok,
        "why": why,
    }


def progress(ready: Readiness, sentence: str) -> Shown:
    """The calls in a row, and what broke the run before them."""
    run = ready.evidence.run(ready.policy)
    before = ready.evidence.calls[len(run) :]
    return {
        "calls": [call(counted.call, ok=True) for counted in reversed(run)],
        "count": ready.run,
        "needed": ready.policy.calls_needed,
        "sentence": sentence,
        "broken_by": _broken(before[0], ready.findings) if before else None,
    }


def uncounted(ready: Readiness) -> list[Shown]:
    """The newest calls that do not count, each with the reason."""
    newest = [each for each in ready.newest_calls if not each.countable]
    return [call(each, ok=each.succeeded, why=as_sentence(each.why_not)) for each in newest]


def requirements(ready: Readiness) -> list[Shown]:
    """Every rule, with what is observed and whether it is met right now."""
    observed = _observed(ready)
    return [
        {"rule": rule.asks, "source": rule.source, "observed": observed[rule.code], "verdict": _now(rule, ready)}
        for rule in REVIEW
    ]


def findings(review: Review, policy: Policy) -> list[Shown]:
    """The findings of a review, one for each rule that was broken, with every call that broke it."""
    ordered = sorted(review.findings, key=_position)
    return [_finding(list(group), policy) for _, group in groupby(ordered, key=_position)]


def verdicts(review: Review) -> list[Shown]:
    """Every rule that was asked, and the answer."""
    broken = {finding.rule for finding in review.findings}
    return [
        {"rule": rule.asks, "verdict": "waiting" if review.verdict is None else _met(rule.code not in broken)}
        for rule in REVIEW
    ]


def _broken(counted: Counted, found: tuple[Finding, ...]) -> Shown:
    finding = next(each for each in found if each.call == counted.call.sequence)
    return {"call": call(counted.call, ok=False), "sentence": finding.sentence, "next": finding.next_step}


def _observed(ready: Readiness) -> dict[str, str]:
    calls, needed = ready.evidence.calls, ready.policy.calls_needed
    errors = sum(not counted.call.succeeded for counted in calls)
    polls = sum(counted.polls(ready.policy) for counted in calls)
    none = "No call yet"
    observed = {
        "calls-in-a-row": f"{ready.run} of {needed}",
        "no-errors": many(errors, "error", "errors") if errors else "No error" if calls else none,
        "no-polling": many(polls, "read too soon", "reads too soon") if polls else "None" if calls else none,
        "within-a-day": f"Known after {needed} calls in a row",
        "recent": f"{spoken(ready.evidence.cut_at - calls[0].call.at)} old" if calls else none,
    }
    if ready.run >= needed:
        observed["within-a-day"] = f"Within {spoken(calls[0].call.at - calls[needed - 1].call.at)}"
    return observed


def _now(rule: Rule, ready: Readiness) -> str:
    if not ready.evidence.calls or (rule.code in _WHEN_ENOUGH and ready.run < ready.policy.calls_needed):
        return "waiting"
    return _met(rule.code not in {finding.rule for finding in ready.findings})


def _met(is_met: bool) -> str:  # noqa: FBT001 — the verdict itself
    return "met" if is_met else "not_met"


def _position(finding: Finding) -> int:
    return next(position for position, rule in enumerate(REVIEW) if rule.code == finding.rule)


def _finding(found: list[Finding], policy: Policy) -> Shown:
    first, rule = found[0], REVIEW[_position(found[0])]
    several = len(found) > 1
    sentence = f"{len(found)} of the newest {policy.calls_needed} calls broke this rule." if several else first.sentence
    return {
        "code": first.rule,
        "sentence": sentence,
        "rule": rule.asks,
        "source": rule.source,
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
